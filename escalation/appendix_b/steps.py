"""What came of a stage: the outcome agreed, or who asked, who answered how, and who acts next (R15, R25)."""

from agencies.audit import Act
from agencies.models import Role
from escalation.appendix_b.parts import by_link, iso, person
from escalation.models import Reply, RequestState, StageEnd
from escalation.stages import BETWEEN, Outcome, stage_name

HEADLINES = {
    Outcome.RESOLVED: "Resolved at {stage}.",
    Outcome.CLARIFIED: "Clarified at {stage}: no practice issue, or action already under way.",
    Outcome.DECIDED: "Decided by the Resolution Panel.",
    Outcome.WITHDRAWN: "Withdrawn at {stage}.",
}


def step(dispute, stages, number, cast):
    """What was agreed at a stage, or how it went to the next: who asked, who decided, who acts next (R15, R25)."""
    stage = stages[number]
    onward = stages.get(number + 1)
    headline, reason = headline_of(dispute, stage)
    acts = request_acts(dispute, number, onward, cast) + withdrawal_acts(dispute, number, cast)
    if onward and not any(act["is_way"] for act in acts):
        what = "Sent to the Independent Chair" if onward.number == 4 else f"Taken to {stage_name(onward.number)}"
        what += " by" if onward.escalated_by else ""  # a paper record may not say who
        who = cast.of(onward.escalated_by, at=onward.began_at)
        acts.append(act(what, who, onward.began_at, onward.escalation_reason, is_way=True))
    if dispute.outcome in (Outcome.CLARIFIED, Outcome.WITHDRAWN) and stage.end == StageEnd.ENDED:
        ended = Act.objects.filter(thread=dispute.pk, verb="ended").select_related("by", "agency").last()
        if ended:
            who = cast.of(ended.by, ended.agency, ended.at)
            acts.append(act(f"{dispute.get_outcome_display()} by", who, ended.at))
    return {
        "stage": number,
        "between": BETWEEN[number],
        "headline": headline,
        "reason": reason,
        "proposals": [proposal(dispute, row) for row in dispute.proposals.all() if row.stage == number],
        "acts": sorted(acts, key=lambda act: act["at"]),
        "next": next_people(dispute, onward) if onward else [],
    }


def headline_of(dispute, stage):
    """How a stage ended in a sentence, and the reason where no other row gives it."""
    name = stage_name(stage.number)
    if stage.end == StageEnd.ENDED:
        is_in_proposal = dispute.outcome == Outcome.RESOLVED and not dispute.is_after_event
        reason = "" if is_in_proposal else dispute.outcome_reason
        return HEADLINES[dispute.outcome].format(stage=name), reason
    if not stage.end:
        return f"Not yet resolved: {name} is under way.", ""
    onward = f"{stage_name(stage.number + 1)}, {BETWEEN[stage.number + 1]}"
    if stage.end == StageEnd.UNANSWERED:
        return f"Not resolved. The request was not answered; it went on to {onward}.", ""
    return f"Not resolved. Escalated to {onward}.", ""


def act(what, who, at, reason="", *, is_way=False):
    """One act on the way to the next stage; `is_way` marks the one that led there."""
    return {"what": what, "who": who, "at": iso(at), "reason": reason, "is_way": is_way}


def request_acts(dispute, number, onward, cast):
    """Who asked to escalate, who answered how, and who did not (R25)."""
    acts = []
    for request in dispute.requests.all():
        if request.stage != number:
            continue
        if not request.after_id:
            who = cast.of(request.asked_by, request.agency, request.asked_at)
            acts.append(act("Asked for by", who, request.asked_at, request.reason))
        silent = bool(request.to_lead_at) and not request.after_id and request.to_lead_at > request.asked_at
        if request.after_id or silent:
            what = "No manager answered in time. Taken" if silent else "Taken"
            who = cast.of(request.to_lead_by, request.agency, request.to_lead_at)
            acts.append(act(f"{what} to the safeguarding lead by", who, request.to_lead_at, request.to_lead_reason))
        for decision in request.decisions.all():
            what = "Approved by" if decision.approved else "Declined by"
            who = cast.of(decision.by, request.agency, decision.at)
            acts.append(act(what, who, decision.at, decision.reason, is_way=decision.approved))
        match request.state:
            case RequestState.UNANSWERED:
                who = cast.of(onward.escalated_by, request.agency, onward.began_at) if onward else None
                what = f"Not answered in time. Taken to {stage_name(number + 1)} by"
                acts.append(act(what, who, request.closed_at, is_way=True))
            case RequestState.LAPSED:
                acts.append(act("The request lapsed, not answered", None, request.closed_at))
            case RequestState.OPEN:
                acts.append(act("The request waits for an answer", None, request.asked_at))
    return acts


def withdrawal_acts(dispute, number, cast):
    """At stage four: who asked to withdraw, and what the Independent Chair answered."""
    if number != 4:
        return []
    acts = []
    for row in dispute.withdrawals.all():
        acts.append(act("Withdrawal asked for by", cast.of(row.asked_by, at=row.asked_at), row.asked_at, row.reason))
        if row.decided_at:
            what = "Consented to by" if row.consented else "Withdrawal refused by"
            who = person(row.decided_by.full_name, row.decided_by.job_title or Role.CHAIR.label)
            acts.append(act(what, who, row.decided_at, row.decision_reason))
    return acts


def next_people(dispute, onward):
    """Who acts for each agency at the next stage; at stage four the Independent Chair."""
    if onward.number == 4:
        return [person("", Role.CHAIR.label)]
    named = {rep.agency_id: rep for rep in dispute.representatives.all() if rep.stage == onward.number}
    people = []
    for party in dispute.parties.all():
        rep = named.get(party.agency_id)
        name, title = (rep.display_name, rep.display_job_title) if rep else ("", "")
        people.append(person(name, title, party.agency.name))
    return people


def proposal(dispute, row):
    """A proposed resolution with each agency's reply; silence is "no reply", never agreement."""
    replies = {response.agency_id: response for response in row.responses.all()}
    return {
        "by": person(row.by.full_name, row.by.job_title, row.agency.name),
        "at": iso(row.at),
        "state": row.get_state_display(),
        "resolution": row.resolution,
        "rationale": row.rationale,
        "actions": [{"agency": a.agency.name, "what": a.what, "due_on": iso(a.due_on)} for a in row.actions.all()],
        "replies": [
            reply(party.agency.name, replies.get(party.agency_id))
            for party in dispute.parties.all()
        ],
        "reports": [
            {
                "by": by_link(report.link, report.link.agency.name), "at": iso(report.sent_at),
                "state": report.get_action_state_display(), "text": report.action_report,
            }
            for report in row.reports.all()
        ],
    }  # fmt: skip


def reply(agency, response):
    if response is None:
        return {"agency": agency, "reply": "No reply", "by": None, "at": "", "reason": ""}
    link = response.link
    by = by_link(link) if link else person(response.by.full_name, response.by.job_title)
    word = Reply(response.reply).label
    return {"agency": agency, "reply": word, "by": by, "at": iso(response.at), "reason": response.reason}
