"""After the sign-off: each agency concerned acknowledges, and the actions are followed to their end (R33)."""

from escalation import duties
from escalation.actions.door import take_part
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


def refuse_acknowledged(decision, agency):
    """Refuse a second acknowledgement of one agency."""
    before = decision.acknowledgements.filter(agency=agency).select_related("by").first()
    if before:
        raise Conflict(f"{before.by} acknowledged the decision for {agency} on {moment(before.at)}.")


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
