"""The Board's part, and the outcome conveyed (R28, R29, R35)."""

from agencies.models import Membership, Role
from escalation import duties, notices, readiness
from escalation.actions.door import action, begin, note
from escalation.models import (
    BoardAct,
    BoardActKind,
    Conveyance,
    ConveyedHow,
    Dispute,
    DutyKind,
)
from escalation.permissions import Conflict, Position

READ_COUNTS_UNTIL = 2  # the stage up to which the referrer's opening the outcome counts as conveyed


@action
def inform_chair(*, dispute, by, at, done_at=None, how=""):
    """Tell the Independent Chair, and record it: one act (R28); `done_at` where it was done by other means before."""
    dispute, position = begin("inform_chair", dispute, by=by, at=at)
    refuse_recorded_chair(dispute)
    if done_at is None:
        if not Membership.objects.with_account().filter(role=Role.CHAIR).exists():
            raise Conflict("Nobody is Independent Chair here. Tell the Chair by other means, and record when and how.")
        notices.tell("chair informed", dispute, at=at)
    act = _record(dispute, position, BoardActKind.CHAIR_INFORMED, at, done_at, how)
    duties.done(dispute, DutyKind.INFORM_CHAIR, by=by, at=at)
    note("informed the Chair", dispute, position, at=at, subject=act, text=how)
    return act


@action
def record_involvement(*, dispute, by, at, done_at=None, how):
    """Record how the Board Manager was involved when a dispute that reached stage three was resolved (R29)."""
    dispute, position = begin("record_involvement", dispute, by=by, at=at)
    refuse_recorded_involvement(dispute)
    act = _record(dispute, position, BoardActKind.INVOLVED, at, done_at, how)
    duties.done(dispute, DutyKind.BE_INVOLVED, by=by, at=at)
    note("recorded the involvement", dispute, position, at=at, subject=act, text=how)
    return act


def _record(dispute, position, kind, at, done_at, how):
    return BoardAct.objects.create(
        dispute=dispute,
        kind=kind,
        by=position.by,
        on_behalf_of=position.covered,
        done_at=min(done_at or at, at),
        how=how,
        recorded_at=at,
    )


def refuse_recorded_chair(dispute):
    """Refuse to record twice that the Chair was informed."""
    if readiness.is_chair_informed(dispute):
        raise Conflict("It is recorded already that the Independent Chair is informed.")


def refuse_recorded_involvement(dispute):
    """Refuse before the end, and a second time."""
    if dispute.is_open:
        raise Conflict("This is recorded when the dispute has ended.")
    if dispute.is_after_event:
        raise Conflict("This dispute was entered after the event. There is nothing left to be involved in.")
    if readiness.is_involvement_recorded(dispute):
        raise Conflict("The involvement of the Board Manager is recorded already.")


@action
def convey(*, dispute, by, at, to, how, conveyed_at=None):
    """Record that the outcome was conveyed to the referrer: to whom, when, how (R35)."""
    dispute, position = begin("convey", dispute, by=by, at=at)
    refuse_open(dispute)
    conveyance = Conveyance.objects.create(
        dispute=dispute, to=to, how=how, conveyed_at=min(conveyed_at or at, at), by=by, recorded_at=at
    )
    duties.done(dispute, DutyKind.CONVEY, by=by, at=at)
    note("conveyed the outcome", dispute, position, at=at, subject=conveyance, text=to, how=how)
    return conveyance


def refuse_open(dispute):
    """Refuse to convey what is not settled."""
    if dispute.is_open:
        raise Conflict("There is no outcome yet.")


def counts_as_conveyed(dispute, person):
    """Whether this person's opening the outcome conveys it: the referrer's, at stages one and two (R35)."""
    is_referrer = dispute.raised_by_id == person.pk and not dispute.for_name
    return not dispute.is_open and dispute.stage <= READ_COUNTS_UNTIL and is_referrer


@action
def read_outcome(*, dispute, by, at):
    """The referrer has opened the outcome: at stages one and two that counts as conveyed (R35)."""
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=dispute.pk)
    if not counts_as_conveyed(dispute, by) or readiness.is_conveyed(dispute):
        return None
    conveyance = Conveyance.objects.create(
        dispute=dispute, to=by.full_name, how=ConveyedHow.READ, conveyed_at=at, by=by, recorded_at=at
    )
    duties.done(dispute, DutyKind.CONVEY, by=by, at=at)
    note("read the outcome", dispute, Position(by, dispute, at), at=at, subject=conveyance)
    return conveyance
