"""After the sign-off: each agency concerned acknowledges, and the actions are followed to their end (R33)."""

from escalation import duties
from escalation.actions.door import take_part
from escalation.filing import without_accounts
from escalation.models import DutyKind
from escalation.moments import day, moment
from escalation.permissions import Conflict
from panels.actions.door import action, begin, note
from panels.models import Acknowledgement
from panels.owed import on_decided


def bind(panel, decision, position, *, at):
    """Ask everyone for what the decision binds them to; a step of the sign-off, once the dispute has ended."""
    on_decided(panel, decision, position, at=at)


@action
def acknowledge(*, panel, by, at):
    """Acknowledge the binding decision for one's agency: who, when."""
    panel, place = begin("acknowledge", panel, by=by, at=at)
    agency = place.acting.agency
    take_part(panel.dispute, by, agency.pk, at)
    refuse_acknowledged(panel.decision, agency)
    row = Acknowledgement.objects.create(decision=panel.decision, agency=agency, by=place.acting.by, at=at)
    duties.done(panel.dispute, DutyKind.ACKNOWLEDGE, by=by, at=at, agency=agency)
    note("acknowledged the decision", panel, place.acting, at=at, subject=row)
    return row


@action
def acknowledge_for(*, panel, agency, by, at, name, how):
    """The Chair or the Board Manager records the acknowledgement of an agency where nobody has an account (R50)."""
    panel, place = begin("acknowledge_for", panel, by=by, at=at)
    refuse_accounts(place, agency)
    refuse_acknowledged(panel.decision, agency)
    row = Acknowledgement.objects.create(
        decision=panel.decision, agency=agency, by=place.acting.by, at=at, told_by=name, told_how=how
    )
    duties.done(panel.dispute, DutyKind.TELL_PARTY, by=by, at=at, subject_id=agency.pk)
    note("recorded an acknowledgement", panel, place.acting, at=at, subject=row, agency=agency)
    return row


def refuse_accounts(place, agency):
    """Refuse to acknowledge for an agency that is not bound, or that can acknowledge itself."""
    if agency.pk not in place.position.parties:
        raise Conflict(f"{agency} is not concerned in this dispute: the decision does not bind it.")
    if not without_accounts([agency.pk]):
        raise Conflict(f"A lead of {agency} acknowledges the decision.")


def refuse_acknowledged(decision, agency):
    """Refuse a second acknowledgement of one agency."""
    before = decision.acknowledgements.filter(agency=agency).select_related("by").first()
    if before:
        who = before.told_by or before.by
        raise Conflict(f"{who} acknowledged the decision for {agency} on {moment(before.at)}.")


@action
def record_done(*, action, by, at, done_on, shown_by):
    """Record that an action is done, or what a body decided again: on which day, and what shows it."""
    panel, place = begin("record_done", action.decision.panel, by=by, at=at, subject=action)
    refuse_done(action)
    if place.acting.agency_id:
        take_part(panel.dispute, by, place.acting.agency_id, at)
    action.done_on, action.done_by, action.done_recorded_at = done_on, place.acting.by, at
    action.shown_by = shown_by
    action.save()
    duties.done(panel.dispute, DutyKind.DO_ACTION, by=by, at=at, subject_id=action.pk)
    verb = "recorded what was decided again" if action.asks_again else "recorded an action done"
    note(verb, panel, place.acting, at=at, subject=action, text=shown_by, agency=action.agency)
    return action


def refuse_done(action):
    """Refuse to record twice that an action is done."""
    if action.is_done:
        raise Conflict(f"It is recorded already that this was done on {day(action.done_on)}.")
