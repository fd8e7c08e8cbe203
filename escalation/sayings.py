"""What each act of the trail is called, and in whose words why: a sentence for every verb (R43).

A saying is given what the rows behind the acts say (`timeline.Told`), the act, and the row it names, if that is read.
"""

from escalation.models import Mark
from escalation.moments import counted, day, moment, on_day
from escalation.stages import Outcome, stage_name

LABELS = {
    "adult_name": "Name of the adult",
    "adult_born_on": "Date of birth",
    "adult_whereabouts": "Where the adult is",
    "speaks_for_adult": "Who speaks for the adult",
    "section_42_reference": "Section 42 enquiry",
    "provider_concerns": "Is a provider-concerns process open?",
    "adult_died_on": "Date of death",
    "review_considered": "Safeguarding Adults Review",
    "target_stopped": "Is the target stopped?",
    "problem": "What the problem is",
    "disagreement": "What exactly is disagreed about",
    "aim": "What is to be achieved",
    "category": "Category",
    "came_to_light": "How it came to light",
    "desired_outcome_achieved": "Has the adult’s desired outcome been achieved?",
    "desired_outcome_detail": "More on the desired outcome",
    "duty_of_care_met": "Has the duty of care been met?",
    "duty_of_care_detail": "More on the duty of care",
    "capacity_decision": "Which decision the capacity is about",
    "capacity_assessed_on": "Capacity assessed on",
    "capacity_assessed_by": "Capacity assessed by",
    "capacity_result": "Result of the assessment",
    "impact": "Likely impact",
    "urgency": "Urgency",
    "needed_by_on": "Needed by",
    "needed_by_reason": "Why it is needed by then",
    "adult_views": "The adult’s views",
    "adult_views_why": "Why, or why not, the views were asked for",
    "adult_told": "Whether the adult knows of this dispute",
    "adult_objection": "The adult’s objection",
    "safety": "What is keeping the adult safe",
    "safety_detail": "More on what is keeping the adult safe",
    "view": "View",
    "mdt": "Multi-disciplinary meeting",
    "mdt_on": "Date of the meeting",
    "mdt_why": "Reason",
}


def quoted(text):
    return f"“{text}”" if text else ""


def _raised(told, act, row):
    with_ids = [pk for pk in act.facts.get("agencies", ()) if pk != told.dispute.raising_agency_id]
    others = [str(told.position.parties[pk].agency) for pk in with_ids if pk in told.position.parties]
    earlier = act.at != told.dispute.raised_at
    when = f"Raised {moment(told.dispute.raised_at, told.at)}, entered now." if earlier else ""
    words = f"With {' and '.join(others)}." if others else ""
    return "raised the dispute", f"{words} {when}".strip()


def _entered_after(told, act, row):
    dispute, at = told.dispute, told.at
    words = f"Raised {moment(dispute.raised_at, at)}, ended {moment(dispute.ended_at, at)}, both on paper."
    return "entered the dispute after the event, from a paper record", words


def _entry(told, act, row):
    if row is None:
        return "wrote an entry", ""
    marks = [mark for mark, _ in row.statements]
    facts, opinions = marks.count(Mark.FACT), marks.count(Mark.OPINION)
    late = " Written after the end, outside the sealed record." if row.is_late else ""
    written = f"{counted(facts, 'fact')}, {counted(opinions, 'opinion')}. " if marks else ""
    text = f"{written}{row.get_outcome_display()}.{late}"
    return f"wrote an entry for the discussion {on_day(row.discussion.happened_at, told.at)}", text


def _decided(told, act, row):
    decision = told.decisions.get((act.subject_id, act.by_id))
    verb = "approved" if act.verb.startswith("approved") else "declined"
    to = f" to {stage_name(row.next_stage)}" if row else ""
    return f"{verb} the escalation{to}", quoted(decision.reason) if decision else ""


def _asked(told, act, row):
    return (f"asked to escalate to {stage_name(row.next_stage)}", quoted(row.reason)) if row else (act.verb, "")


def _lead(told, act, row):
    return "took the request to the safeguarding lead", quoted(row.to_lead_reason) if row else ""


def _took_up(told, act, row):
    return f"took the dispute to {stage_name(act.facts['stage'] + 1)}", told.reason(act)


def _to_chair(told, act, row):
    return "sent the dispute to the Independent Chair", told.reason(act)


def _entered(told, act, row):
    left = act.facts.get("left", act.facts["stage"] - 1)
    target = "" if told.dispute.target_stopped else f" The target stays {moment(told.dispute.target_at, told.at)}."
    words = f"{stage_name(left + 1).capitalize()} began. The record of {stage_name(left)} was sealed.{target}"
    return words, ""


def _giver(act):
    return act.by_id or ("link", act.facts.get("link"))


def _replied(told, act, row):
    response = told.responses.get((act.subject_id, _giver(act)))
    words = "agreed to the proposed resolution" if act.verb == "agreed" else "did not agree to the proposed resolution"
    return words, quoted(response.reason) if response else ""


def _ended(told, act, row):
    outcome = Outcome(act.facts["outcome"])
    words = {
        Outcome.RESOLVED: "completed the agreement: the dispute is resolved",
        Outcome.CLARIFIED: "ended the dispute as clarified",
        Outcome.WITHDRAWN: "ended the dispute as withdrawn",
        Outcome.DECIDED: "recorded the panel’s decision",
    }
    return words[outcome], quoted(told.dispute.outcome_reason)


def _withdrawal_decided(told, act, row):
    return act.verb, quoted(row.decision_reason) if row else ""


def _named(told, act, row):
    if row is None:
        return act.verb, ""
    verb = "suggested" if row.is_suggestion else "named"
    return f"{verb} {row.display_name} to act at {stage_name(row.stage)}", ""


def _added(told, act, row):
    party = told.agencies.get(act.subject_id)
    return f"added {party.agency} as an agency concerned" if party else act.verb, ""


def _consulted(told, act, row):
    if row is None:
        return act.verb, ""
    who = ", ".join(filter(None, (row.consulted, row.consulted_role)))
    return "recorded a consultation", f"With {who}, {on_day(row.consulted_on, told.at)}."


def _meeting(told, act, row):
    return "recorded whether a multi-disciplinary meeting is needed", ""


def _concern(told, act, row):
    if row is None:
        return act.verb, ""
    reference = f", reference {row.team_reference}" if row.team_reference else ""
    return "recorded that a concern was reported", f"Reported {day(row.referred_on, told.at)}{reference}."


def _evidence_added(told, act, row):
    if row is None:
        return act.verb, ""
    files = counted(len(act.facts.get("files", ())), "file")
    late = " Added after the end, outside the sealed record." if row.is_late else ""
    return f"added evidence: {row.get_kind_display().lower()}", f"With {files}.{late}"


def _evidence_removed(told, act, row):
    if row is None:
        return act.verb, ""
    return f"removed evidence: {row.get_kind_display().lower()}", quoted(row.removal_reason)


def _file(row):
    """Evidence by its name; what was given to a panel is for the panel to name."""
    return f"“{row.name}”" if row and row.evidence_id else "a file"


def _file_downloaded(told, act, row):
    return f"downloaded “{row.name}” of the evidence" if row else act.verb, ""


def _death(told, act, row):
    return "recorded that the adult has died", ""


def board_words(told, row):
    """When it was done, where that is not when it was recorded; and how."""
    if row is None:
        return ""
    before = f"Done {moment(row.done_at, told.at)}. " if row.done_at < row.recorded_at else ""
    return f"{before}{quoted(row.how)}".strip()


def _conveyed(told, act, row):
    if row is None:
        return act.verb, ""
    words = f"To {row.to}, {row.how_words}, {moment(row.conveyed_at, told.at)}."
    return "recorded that the outcome was conveyed", words


def _represented(told, act, row):
    """Who gave a representation to the panel, or declined; late ones are so marked (R32)."""
    whose = "the person who raised it" if act.facts.get("of_referrer") else act.agency
    words = {
        "recorded a representation": f"recorded the representation of {whose}",
        "gave a representation": f"gave the representation of {whose}",
        "declined to represent": f"declined to give a representation for {whose}",
        "recorded a refusal": f"recorded that {whose} declines to give a representation",
    }
    return words[act.verb], "After the date that was set." if act.facts.get("is_late") else ""


def _downloaded(told, act, row):
    return f"downloaded the record of {stage_name(row.number)}" if row else act.verb, ""


def _filed(told, act, row):
    """Which records, in which agency, by whom, under which reference."""
    party = told.position.parties.get(act.facts.get("of_agency"))
    stages = " and ".join(stage_name(number) for number in act.facts.get("records", ()))
    verb = "corrected what is recorded of" if act.verb.startswith("corrected") else "recorded"
    words = f"{verb} the filing of {stages} at {party.agency}" if party else act.verb
    if row is None or not row.is_filed:
        return words, ""
    reference = f", under {row.local_reference}" if row.local_reference else ""
    return words, f"Filed {on_day(row.filed_on, told.at)} by {row.who}{reference}."


def _changed(told, act, row):
    labels = [LABELS[name] for name in act.facts.get("fields", ()) if name in LABELS]
    return act.verb, f"{'; '.join(labels)}." if labels else "Nothing differs."


def _copied(told, act, row):
    if row is None:
        return act.verb, ""
    whose = row.agency or row.organisation
    return "recorded who has a copy", f"{row.name}, {whose}. {row.get_how_display()}, {day(row.copied_at, told.at)}."


def _of_link(words):
    """What was done with a link, and whose it is."""

    def said(told, act, row):
        link = told.links.get(act.subject_id)
        if link is None:
            return act.verb, ""
        return words, f"For {', '.join(filter(None, (link.name, link.job_title, link.whose)))}."

    return said


def _replied_by_link(told, act, row):
    return f"sent the reply of {act.agency}", "It is marked as given by link until somebody confirms it."


def _taken_by_link(told, act, row):
    return f"downloaded the record of {stage_name(act.facts['of_stage'])}", ""


SAY = {
    "recorded a copy": _copied,
    "made a link": _of_link("gave somebody a copy by a link"),
    "asked for a reply": _of_link("asked an agency without accounts to reply by a link"),
    "withdrew a link": _of_link("withdrew a link"),
    "confirmed the reply": _of_link("confirmed what was given by a link"),
    "asked for a code": lambda told, act, row: ("asked for a code", ""),
    "entered a wrong code": lambda told, act, row: ("entered a wrong code", ""),
    "opened the link": lambda told, act, row: ("opened the link", ""),
    "downloaded the record by link": _taken_by_link,
    "replied by link": _replied_by_link,
    "changed details": _changed,
    "changed statements": _changed,
    "raised": _raised,
    "entered after the event": _entered_after,
    "wrote an entry": _entry,
    "gave the view": lambda told, act, row: (f"gave the view of {act.agency}", ""),
    "changed the view": lambda told, act, row: (f"changed the view of {act.agency}", ""),
    "recorded a consultation": _consulted,
    "considered a meeting": _meeting,
    "reported a concern": _concern,
    "added evidence": _evidence_added,
    "removed evidence": _evidence_removed,
    "downloaded evidence": _file_downloaded,
    "checked a file": lambda told, act, row: (f"checked {_file(row)} for viruses: none was found", ""),
    "removed a file with a virus": lambda told, act, row: (
        f"removed {_file(row)}: a virus was found in it", act.facts.get("virus", "")
    ),
    "recorded the death": _death,
    "asked to escalate": _asked,
    "approved the escalation": _decided,
    "declined the escalation": _decided,
    "went to the lead": _lead,
    "took it up": _took_up,
    "opened the stage unanswered": lambda told, act, row: ("went on, as nobody had answered the request", ""),
    "sent it to the Chair": _to_chair,
    "entered the stage": _entered,
    "proposed a resolution": lambda told, act, row: (act.verb, quoted(row.resolution) if row else ""),
    "agreed": _replied,
    "refused": _replied,
    "ended": _ended,
    "asked to withdraw": lambda told, act, row: ("asked to withdraw the dispute", quoted(row.reason) if row else ""),
    "consented to the withdrawal": _withdrawal_decided,
    "refused the withdrawal": _withdrawal_decided,
    "named": _named,
    "suggested": _named,
    "added an agency": _added,
    "chose an agency": lambda told, act, row: (f"chose to act for {act.agency}", ""),
    "downloaded the record": _downloaded,
    "downloaded the pack": lambda told, act, row: ("downloaded everything to file", ""),
    "downloaded the report": lambda told, act, row: ("downloaded the report to the next manager", ""),
    "filed the record": _filed,
    "corrected the filing": _filed,
    "informed the Chair": lambda told, act, row: ("informed the Independent Chair", board_words(told, row)),
    "recorded the involvement": lambda told, act, row: (
        "recorded the Board Manager’s involvement in the resolution", board_words(told, row)
    ),
    "conveyed the outcome": _conveyed,
    "read the outcome": lambda told, act, row: ("read how it ended, which counts as conveyed", ""),
    "recorded what was learned": lambda told, act, row: (act.verb, quoted(row.text) if row else ""),
    "shared passages": lambda told, act, row: (
        "shared passages with commissioning", f"With {row.shared_with}. {quoted(row.reason)}" if row else ""
    ),
    "downloaded what was shared": lambda told, act, row: ("downloaded what was shared with commissioning", ""),
    "flagged past target": lambda told, act, row: ("flagged it: the one-week target has passed", ""),
    "reminded of the target": lambda told, act, row: ("reminded whoever acts of the target", ""),
    "reminded that nothing moved": lambda told, act, row: ("told whoever acts that nothing has moved", ""),
    "invited representations": lambda told, act, row: ("invited each party to give a representation", ""),
    "gave a representation": _represented,
    "declined to represent": _represented,
    "recorded a refusal": _represented,
    "recorded a representation": _represented,
    "acknowledged the decision": lambda told, act, row: (f"acknowledged the panel’s decision for {act.agency}", ""),
    "recorded an acknowledgement": lambda told, act, row: (
        f"recorded that {act.agency} acknowledges the panel’s decision", ""
    ),
    "recorded an action done": lambda told, act, row: ("recorded that an action of the panel is done", ""),
    "recorded what was decided again": lambda told, act, row: ("recorded what was decided again", ""),
    "flagged a late action": lambda told, act, row: ("flagged it: an action of the panel is past its date", ""),
    "wrote the report": lambda told, act, row: ("wrote the panel’s report", ""),
    "sealed the report": lambda told, act, row: ("sealed the panel’s report", ""),
    "downloaded the bundle": lambda told, act, row: ("downloaded the panel’s bundle", ""),
    "downloaded a file of a representation": lambda told, act, row: (
        f"downloaded “{row.name}” of a representation" if row else act.verb, ""
    ),
    "downloaded the panel’s report": lambda told, act, row: ("downloaded the panel’s report", ""),
}  # fmt: skip
