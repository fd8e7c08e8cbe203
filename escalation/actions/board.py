"""The Board's part, and the outcome conveyed (R28, R29, R35)."""

from escalation import duties, notices
from escalation.actions.door import action, begin, note
from escalation.models import (
    BoardAct,
    BoardActKind,
    Conveyance,
    ConveyedHow,
    Dispute,
    DutyKind,
)
from escalation.permissions import Conflict


@action
def inform_chair(*, dispute, by, at, done_at=None, how=""):
    """Tell the Independent Chair, and record it: one act (R28); `done_at` where it was done by other means before."""
    return _board_act("inform_chair", BoardActKind.CHAIR_INFORMED, DutyKind.INFORM_CHAIR, dispute, by, at, done_at, how)


@action
def record_involvement(*, dispute, by, at, done_at=None, how):
    """Record how the Board Manager was involved when a dispute that reached stage three was resolved (R29)."""
    if dispute.is_open:
        raise Conflict("This is recorded when the dispute has ended.")
    return _board_act("record_involvement", BoardActKind.INVOLVED, DutyKind.BE_INVOLVED, dispute, by, at, done_at, how)


def _board_act(move, kind, duty, dispute, by, at, done_at, how):
    dispute, position = begin(move, dispute, by=by, at=at)
    if BoardAct.objects.filter(dispute=dispute, kind=kind).exists():
        raise Conflict("This is recorded already.")
    act = BoardAct.objects.create(
        dispute=dispute, kind=kind, by=by, done_at=min(done_at or at, at), how=how, recorded_at=at
    )
    duties.done(dispute, duty, by=by, at=at)
    if kind == BoardActKind.CHAIR_INFORMED:
        notices.tell("chair informed", dispute, at=at)
    note(
        "informed the Chair" if kind == BoardActKind.CHAIR_INFORMED else "recorded the involvement",
        dispute, position, at=at, subject=act, text=how,
    )  # fmt: skip
    return act


@action
def convey(*, dispute, by, at, to, how, conveyed_at=None):
    """Record that the outcome was conveyed to the referrer: to whom, when, how (R35)."""
    dispute, position = begin("convey", dispute, by=by, at=at)
    if dispute.is_open:
        raise Conflict("There is no outcome yet.")
    conveyance = Conveyance.objects.create(
        dispute=dispute, to=to, how=how, conveyed_at=min(conveyed_at or at, at), by=by, recorded_at=at
    )
    duties.done(dispute, DutyKind.CONVEY, by=by, at=at)
    note("conveyed the outcome", dispute, position, at=at, subject=conveyance, text=to, how=how)
    return conveyance


@action
def read_outcome(*, dispute, by, at):
    """The referrer has opened the outcome: at stages one and two that counts as conveyed (R35)."""
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=dispute.pk)
    if dispute.is_open or dispute.raised_by_id != by.pk or dispute.for_name or dispute.conveyances.exists():
        return None
    conveyance = Conveyance.objects.create(
        dispute=dispute, to=by.full_name, how=ConveyedHow.READ, conveyed_at=at, by=by, recorded_at=at
    )
    duties.done(dispute, DutyKind.CONVEY, by=by, at=at)
    return conveyance
