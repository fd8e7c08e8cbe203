"""Changing what stands in a dispute; the history keeps what stood before (R43)."""

from escalation import deadlines, duties, names, readiness
from escalation.actions.door import action, begin, note
from escalation.models import DutyKind
from escalation.permissions import Conflict, open_requests

STATEMENTS = ("problem", "disagreement", "aim")
DETAILS = (
    "adult_name", "adult_born_on", "adult_whereabouts", "speaks_for_adult", "section_42_reference",
    "provider_concerns", "category", "came_to_light", "desired_outcome_achieved", "desired_outcome_detail",
    "duty_of_care_met", "duty_of_care_detail", "capacity_decision", "capacity_assessed_on", "capacity_assessed_by",
    "capacity_result", "impact", "urgency", "needed_by_on", "needed_by_reason", "adult_views", "adult_views_why",
    "adult_told", "adult_objection", "safety", "safety_detail",
)  # fmt: skip


@action
def amend(*, dispute, by, at, changes, seen_stage=None):
    """Change the adult's details, impact, urgency, needed-by date or what keeps them safe (either side's actors)."""
    dispute, position = begin("amend", dispute, by=by, at=at, seen_stage=seen_stage)
    changed = _change(dispute, changes, DETAILS)
    if {"safety", "safety_detail"} & changes.keys():
        dispute.safety_confirmed_at, dispute.safety_confirmed_by = at, by
    dispute.save()
    if "adult_name" in changed:
        names.index(dispute)
    if {"urgency", "needed_by_on"} & set(changed):
        _move_way_round(dispute, at)
    note("changed details", dispute, position, at=at, fields=changed)
    return dispute


@action
def amend_statements(*, dispute, by, at, changes, seen_stage=None):
    """Change the three statements: the raiser's, until another agency has given its view (R9)."""
    dispute, position = begin("amend_statements", dispute, by=by, at=at, seen_stage=seen_stage)
    refuse_where_statements_stand(position)
    changed = _change(dispute, changes, STATEMENTS)
    dispute.save()
    note("changed statements", dispute, position, at=at, fields=changed)
    return dispute


def refuse_where_statements_stand(position):
    """Refuse to change the statements once another agency has given its view of them."""
    if readiness.statements_stand(position):
        raise Conflict("Another agency has given its view of what you wrote, so it stands. Add an entry instead.")


def _change(dispute, changes, allowed):
    """Set the fields that are allowed and differ; gives their names."""
    changed = [name for name in allowed if name in changes and getattr(dispute, name) != changes[name]]
    for name in changed:
        setattr(dispute, name, changes[name])
    return changed


def _move_way_round(dispute, at):
    """What is urgent, or due earlier, opens the way round a silent manager earlier (R25)."""
    for request in open_requests(dispute):
        if request.is_with_lead or request.way_round_at <= at:
            continue  # a way that is open does not close again
        request.way_round_at = deadlines.way_round_at(
            request.asked_at, dispute.target_at, dispute.needed_by_on, dispute.is_urgent
        )
        request.save()
        duties.move(dispute, DutyKind.GO_ROUND, at=at, subject_id=request.pk, starts_at=request.way_round_at)
        duties.move(dispute, DutyKind.APPROVE, at=at, subject_id=request.pk, due_at=request.way_round_at)
