"""The report to the next manager: one print that is read in two minutes, with nothing typed again (R17).

It says no more than the Appendix B record of the stage, as it stands at this instant; only in another order, for
somebody who has to act now: what keeps the adult safe, what is disagreed, who sees it how, what was tried, facts apart
from opinions (R12), and whom to ring. The sealed records stay the whole story.
"""

from django.conf import settings

from escalation import appendix_b
from escalation.models import Mark
from escalation.stages import stage_name

WHO_READS = {
    2: "Report to the managers at stage two",
    3: "Report to the senior managers at stage three",
    4: "Report to the Independent Chair and the Resolution Panel",
}
STATEMENTS = ("problem", "disagreement", "aim")
MORE = ("category", "impact", "outcome_achieved", "duty_met", "capacity", "capacity_assessed", "capacity_result")


def report(case):
    """The report of a dispute for one person at one instant, as plain data for its template."""
    dispute = case.dispute
    stage = next(stage for stage in dispute.stages.all() if stage.number == dispute.stage)
    data = appendix_b.contents(dispute, stage, at=case.at)
    parts = {part["key"]: part for part in (*data["details"], *data["summary"], *data["notes"])}
    return {
        "data": data,
        "title": title(dispute),
        "has_ended": dispute.ended_at is not None,
        "outcome": dispute.get_outcome_display(),
        "team_phone": settings.SAFEGUARDING_TEAM_PHONE,
        "duty_phone": settings.EMERGENCY_DUTY_TEAM_PHONE,
        "has_died": "died" in parts,
        "adult": [parts[key] for key in ("died", "whereabouts", "speaks") if key in parts],
        "statements": [parts[key] for key in STATEMENTS],
        "more": [parts[key] for key in MORE if key in parts],
        "adult_views": parts.get("adult_views"),
        "urgency": parts.get("urgency"),
        "needed_by": parts.get("needed_by"),
        "clock": case.clock,
        "asked": asked(dispute, data),
        "waiting": waiting(data),
        "entries": entries(data),
        "acting": case.acting,
    }


def title(dispute):
    """To whom it is addressed, by where the dispute stands."""
    if dispute.ended_at:
        return "Report on a dispute that has ended"
    request = next((request for request in dispute.requests.all() if request.is_open), None)
    if request:
        return f"Report to whoever decides whether this goes to {stage_name(request.next_stage)}"
    return WHO_READS.get(dispute.stage, "Report on this dispute, as it stands")


def asked(dispute, data):
    """Who asked for the next stage and why: of the open request, else of the step that led here."""
    if dispute.ended_at:
        return []
    *before, now = data["steps"]
    is_waiting = any(request.is_open for request in dispute.requests.all())
    step = now if is_waiting else before[-1] if before else None
    return [act for act in step["acts"] if act["who"] and act["reason"]] if step else []


def waiting(data):
    """The proposals of the stage under way, each with its replies."""
    return data["steps"][-1]["proposals"]


def entries(data):
    """Who wrote what, the facts apart from the opinions (R12); the stages in their order."""
    found = []
    for stage in data["evidence"]["stages"]:
        for discussion in stage["discussions"]:
            for entry in discussion["entries"]:
                facts, opinions = (
                    [each["text"] for each in entry["statements"] if each["mark"] == mark]
                    for mark in (Mark.FACT, Mark.OPINION)
                )
                if facts or opinions:
                    found.append({"by": entry["by"], "stage": stage["stage"], "facts": facts, "opinions": opinions})
    return found
