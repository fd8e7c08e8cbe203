"""The decision: recorded by a panel that is quorate, with its actions, and signed off by the Chair (R15, R31, R33)."""

from agencies.texts import clean_line, clean_prose
from escalation import actions as of_dispute
from escalation import duties as waits
from escalation.actions.door import action
from escalation.models import DutyKind
from escalation.moments import london_date, moment
from escalation.permissions import Conflict as Refusal
from escalation.permissions import works_for
from panels import duties, wording
from panels.actions import following
from panels.actions.door import begin, note, said
from panels.models import Body, PanelAction, PanelActionKind, PanelDecision, Sitting, SittingState
from panels.sittings import quorum_of


@action
def record_decision(*, panel, by, at, decision, reasons, points_of_view=""):
    """What the panel decided on the next course of action, and why; a draft until it is signed off."""
    panel, place = begin("record_decision", panel, by=by, at=at)
    sitting = deciding(panel, place, at)
    row = place.decision or PanelDecision(panel=panel, recorded_at=at, recorded_by=by)
    is_first = row.pk is None
    row.sitting = sitting
    row.points_of_view = clean_prose(points_of_view)
    row.decision = said(decision, "Say what the panel decided.")
    row.reasons = said(reasons, "A decision is recorded with its reasons (R15).")
    row.save()
    if sitting.state == SittingState.ARRANGED:
        sitting.state, sitting.closed_at = SittingState.HELD, at
        sitting.save()
    dispute = panel.dispute
    waits.done(dispute, DutyKind.PANEL_SITTING, by=by, at=at, subject_id=sitting.pk)
    waits.lapse(dispute, DutyKind.PANEL_INVITATION, at=at, subject_id=sitting.pk)
    verb = "recorded the panel’s decision as a draft" if is_first else "changed the draft of the panel’s decision"
    note(verb, panel, place.acting, at=at, subject=row, text=decision)
    if is_first:
        duties.sign_off(row, at=at)
    return row


def deciding(panel, place, at):
    """The sitting that decides, as it stands; refused where none is held today or before, or it is not quorate."""
    sitting = the_sitting(panel)
    if sitting is None:
        raise Refusal("No sitting of this panel is held: there is nothing to decide yet.")
    if london_date(at) < london_date(sitting.starts_at):
        raise Refusal(f"The panel sits on {moment(sitting.starts_at)}. Its decision is recorded from that day.")
    refuse_not_quorate(sitting, place)
    return sitting


def the_sitting(panel):
    """The sitting that is held, or arranged; None where the last was adjourned or cancelled."""
    return panel.sittings.filter(state__in=(SittingState.ARRANGED, SittingState.HELD)).order_by("number").last()


def refuse_not_quorate(sitting, place):
    """Refuse to decide without a quorum, in words (R31)."""
    quorum = quorum_of(sitting, place.position.parties.values())
    if not quorum.is_met:
        raise Refusal(f"This panel cannot decide. {' '.join(quorum.reasons)}")


def draft_of(place):
    """The decision, refused where nothing is recorded yet."""
    if place.decision is None:
        raise Refusal("Record the decision first.")
    return place.decision


@action
def add_action(*, panel, by, at, **told):
    """What an agency is to do, who owns it, by when; or that a body is asked to decide again, with reasons."""
    panel, place = begin("add_action", panel, by=by, at=at)
    row = PanelAction(decision=draft_of(place))
    _write(row, place, at, **told)
    note("added an action to the panel’s decision", panel, place.acting, at=at, subject=row, of=row.agency_id)
    return row


@action
def change_action(*, action, by, at, **told):
    """Change an action, before the decision is signed off."""
    panel, place = begin("change_action", action.decision.panel, by=by, at=at)
    row = standing(action)
    _write(row, place, at, **told)
    note("changed an action of the panel’s decision", panel, place.acting, at=at, subject=row, of=row.agency_id)
    return row


@action
def remove_action(*, action, by, at):
    """Take an action out again, before the decision is signed off; the history keeps it."""
    panel, place = begin("remove_action", action.decision.panel, by=by, at=at)
    row = standing(action)
    note("removed an action from the panel’s decision", panel, place.acting, at=at, subject=row, of=row.agency_id)
    row.delete()


def standing(action):
    """The action as it stands; refused where somebody has removed it."""
    row = PanelAction.objects.select_related("agency", "decision").filter(pk=action.pk).first()
    if row is None:
        raise Refusal("This action was removed meanwhile.")
    return row


def _write(
    row, place, at, *, agency, what, due_on, owner=None, owner_name="", kind=PanelActionKind.ACTION, body="", reasons=""
):
    if agency.pk not in place.position.parties:
        raise Refusal(f"{agency} is not concerned in this dispute: the decision does not bind it.")
    if due_on is None or due_on < london_date(at):
        raise Refusal("An action is due today or later.")
    if owner is not None and not works_for(owner, agency):
        raise Refusal(f"{owner} does not work for {agency}.")
    row.agency, row.due_on, row.kind = agency, due_on, PanelActionKind(kind)
    row.owner, row.owner_name = owner, owner.full_name if owner else clean_line(owner_name)
    if not row.owner_name:
        raise Refusal("Say who owns the action.")
    row.what = said(what, "Say what is to be done.")
    row.body = row.reasons = ""
    if row.kind == PanelActionKind.DECIDE_AGAIN:
        if body not in Body.values:
            raise Refusal("Say whose decision it is by law.")
        row.body = body
        row.reasons = said(reasons, "Say why it should be decided again.")
    row.save()


@action
def sign_off(*, panel, by, at, seen=None):
    """The Chair signs the decision off: it binds, and the dispute ends as decided by panel (R33).

    `seen` is what the page showed, as `wording.mark` gives it; a decision that differs by now is not signed.
    """
    panel, place = begin("sign_off", panel, by=by, at=at)
    decision = draft_of(place)
    refuse_not_quorate(Sitting.objects.get(pk=decision.sitting_id), place)
    said(decision.decision, "Say what the panel decided.")
    said(decision.reasons, "A decision is recorded with its reasons (R15).")
    if seen is not None and seen != wording.mark(decision):
        raise Refusal("The decision was changed since you opened this page. Read it again before you sign it off.")
    position = place.acting
    decision.signed_off_at, decision.signed_off_by, decision.signed_off_for = at, by, position.covered
    decision.save()
    waits.done(panel.dispute, DutyKind.PANEL_SIGN_OFF, by=by, at=at)
    note("signed off the panel’s decision", panel, position, at=at, subject=decision, text=decision.decision)
    panel.dispute = of_dispute.decide(dispute=panel.dispute, by=by, at=at, decision=wording.in_words(decision))
    following.bind(panel, decision, place.position, at=at)
    return decision
