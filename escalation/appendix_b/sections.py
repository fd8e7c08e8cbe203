"""The sections of a record: the adult, the reason, the evidence, the copies, the time taken (R20)."""

from escalation import deadlines
from escalation.appendix_b.parts import by_link, given, iso, part, person
from escalation.models import Category, How, Mark, Safety, StageEnd
from escalation.moments import elapsed
from escalation.stages import BETWEEN, Outcome, stage_name


def details(dispute):
    """The adult, beside the name (R20, R47)."""
    return [
        part("name", "Name", dispute.adult_name),
        *given(
            part("born", "Date of birth", on=dispute.adult_born_on),
            part("died", "Died", on=dispute.adult_died_on),
            part("whereabouts", "Where the adult is", dispute.adult_whereabouts),
            part("speaks", "Who speaks for the adult", dispute.speaks_for_adult),
            part("section_42", "Section 42 enquiry reference", dispute.section_42_reference),
            part("provider", "Provider-concerns process open", lead=dispute.get_provider_concerns_display()),
        ),
    ]


def summary(dispute):
    """The reason for the dispute (R2, R6, R9, R10, R38)."""
    d = dispute
    is_closure = d.category == Category.CLOSURE
    assessed = ", ".join(filter(None, ("Assessed" if d.capacity_assessed_on else "", d.capacity_assessed_by)))
    why = f"Not recorded: {d.adult_views_why}" if d.adult_views_why and not d.adult_views else d.adult_views_why
    return [
        part("problem", "The problem", d.problem),
        part("disagreement", "What exactly is disagreed", d.disagreement),
        part("aim", "What the referrer aims to achieve", d.aim),
        *given(
            part("category", "Category", lead=d.get_category_display()),
            part(
                "outcome_achieved",
                "Has the adult’s desired outcome been achieved?",
                d.desired_outcome_detail,
                lead=d.get_desired_outcome_achieved_display() or ("Not answered" if is_closure else ""),
            ),
            part(
                "duty_met",
                "Has the duty of care under the Care Act been met?",
                d.duty_of_care_detail,
                lead=d.get_duty_of_care_met_display() or ("Not answered" if is_closure else ""),
            ),
            part("impact", "Likely impact on the adult", d.impact),
            part("urgency", "Urgency", lead=d.get_urgency_display()),
            part("capacity", "Mental capacity: which decision", d.capacity_decision),
            part("capacity_assessed", "Mental capacity assessment", assessed, on=d.capacity_assessed_on),
            part("capacity_result", "Result of the assessment", d.capacity_result),
            part("adult_views", "The adult’s views", "\n".join(filter(None, (d.adult_views, why)))),
        ),
        talk(d),
    ]


def talk(dispute):
    """The talk before raising, or why it could not be held (R2)."""
    if not dispute.was_discussed:
        return part("talk", "Talk before raising", dispute.not_discussed_why, lead="Not held")
    who = f"{dispute.discussed_by or dispute.referrer_name} with {dispute.discussed_with}"
    return part("talk", "Talk before raising", dispute.discussed_result, lead=who, at=dispute.discussed_at)


def views(dispute):
    """Every agency's own view, those missing too (R14)."""
    return [
        part(
            f"view {party.agency_id}",
            f"View of {party.agency.name}",
            party.view,
            by=viewer(party),
            # Nobody is asked after the event
            at=party.view_at or (None if dispute.is_after_event else party.added_at),
        )
        for party in dispute.parties.all()
    ]


def viewer(party):
    """Who gave an agency's view: a person, or somebody without an account by a link."""
    if party.view_link:
        return by_link(party.view_link)
    return person(party.view_by.full_name, party.view_by.job_title) if party.view_by else None


def safety(dispute, cast):
    """What keeps the adult safe meanwhile (R37)."""
    lead = "" if dispute.safety == Safety.IN_PLACE and dispute.safety_detail else dispute.get_safety_display()
    if dispute.is_after_event and dispute.safety == Safety.UNKNOWN:
        return [part("safety", "What kept the adult safe meanwhile", lead="The paper record does not say")]
    by, at = cast.of(dispute.safety_confirmed_by, at=dispute.safety_confirmed_at), dispute.safety_confirmed_at
    return [part("safety", "What is keeping the adult safe meanwhile", dispute.safety_detail, lead=lead, by=by, at=at)]


def notes(dispute, cast):
    """Everything else that the form has no row for (R4, R5, R40, R45, R46, R48)."""
    d = dispute
    entered = ""
    if d.is_after_event:
        by = cast.of(d.raised_by)
        who = ", ".join(filter(None, (by["name"], by["job_title"], by["agency"])))
        entered = f"Entered after the event from a paper record by {who}"
    elif d.for_name:
        entered = f"Raised by {d.for_name}; entered for {d.for_name} by {d.raised_by.full_name}"
    entered_at = d.entered_at if d.entered_at != d.raised_at else None
    return given(
        part("light", "How it came to light", ", ".join(d.came_to_light_words)),
        part("told", "Whether the adult was told", d.adult_objection, lead=d.get_adult_told_display()),
        part("supporter", "Supporter of the referrer", d.supporter.full_name if d.supporter else d.supporter_name),
        part(
            "entered",
            "How it was raised",
            entered or ("Entered later than it was raised" if entered_at else ""),
            lead="" if d.is_after_event else d.get_for_how_display(),
            at=entered_at,
        ),
        part("needed_by", "Needed by", d.needed_by_reason, on=d.needed_by_on),
        part("continues", "Refers to an earlier dispute", d.continues.reference if d.continues else ""),
        part("review", "Whether a Safeguarding Adults Review was considered", d.review_considered),
    )


def evidence(dispute, stage, cast):
    """The discussions of a stage with each professional's entry, consultations, and the meeting (R8, R11, R23)."""
    return {
        "stage": stage.number,
        "between": BETWEEN[stage.number],
        "discussions": [
            discussion(dispute, row, stage, cast) for row in dispute.discussions.all() if row.stage == stage.number
        ],
        "consultations": [
            {
                "by": cast.of(row.by, row.agency, row.recorded_at),
                "consulted": person(row.consulted, row.consulted_role),
                "on": iso(row.consulted_on),
                "at": iso(row.recorded_at),
                "advice": row.advice,
            }
            for row in dispute.consultations.all()
            if row.stage == stage.number
        ],
        "meeting": part(
            "meeting",
            "Multi-disciplinary meeting",
            stage.mdt_why,
            lead=stage.get_mdt_display(),
            on=stage.mdt_on,
            by=cast.of(stage.mdt_by, at=stage.mdt_recorded_at),
            at=stage.mdt_recorded_at,
        ),
    }


def discussion(dispute, row, stage, cast):
    entries = list(row.entries.all())
    written = {entry.agency_id for entry in entries}
    return {
        "how": How(row.how).label,
        "happened_at": iso(row.happened_at),
        "entries": [entry(e, stage, cast) for e in entries],
        "missing": [p.agency.name for p in dispute.parties.all() if row.was_held and p.agency_id not in written],
    }


def entry(row, stage, cast):
    return {
        "by": by_link(row.link, row.agency.name) if row.link else cast.of(row.author, row.agency, row.recorded_at),
        "at": iso(row.recorded_at),
        "after_stage": bool(stage.ended_at and row.recorded_at > stage.ended_at),
        "statements": [{"mark": mark.value, "word": Mark(mark).label, "text": text} for mark, text in row.statements],
        "outcome": row.get_outcome_display(),
        "reason": row.outcome_reason,
        "again_on": iso(row.again_on),
    }


def concerns(dispute):
    """New concerns reported to the Safeguarding Adults Team in the usual manner (R37)."""
    return [
        {
            "on": iso(row.referred_on),
            "reference": row.team_reference,
            "at": iso(row.recorded_at),
            "by": person(row.by.full_name, row.by.job_title, row.agency.name if row.agency else ""),
        }
        for row in dispute.concerns.all()
    ]


def held_for(dispute, number, cast):
    """The agencies concerned, on whose records a copy is to be held, with the people who acted for each."""
    people = {party.agency_id: {} for party in dispute.parties.all()}
    referrer = person(dispute.referrer_name, dispute.referrer_job_title)
    people.setdefault(dispute.raising_agency_id, {})[referrer["name"]] = referrer
    for row in sorted(dispute.participants.all(), key=lambda row: (row.since, row.pk)):
        if row.agency_id in people:
            people[row.agency_id].setdefault(row.person.full_name, person(row.person.full_name, row.person.job_title))
    for rep in dispute.representatives.all():
        if rep.stage <= number and rep.agency_id in people:
            shown = person(rep.display_name, rep.display_job_title)
            people[rep.agency_id].setdefault(shown["name"], shown)
    return [
        {
            "agency": party.agency.name,
            "side": party.get_side_display(),
            "people": list(people[party.agency_id].values()),
        }
        for party in dispute.parties.all()
    ]


def copies(dispute):
    """Who has a copy: person, job title, agency, when, how (R19, R20)."""
    return [
        {
            "to": person(row.name, row.job_title, row.agency.name if row.agency else row.organisation),
            "on": iso(row.copied_at),
            "how": row.get_how_display(),
        }
        for row in dispute.copies.all()
    ]


def resolution(dispute, stage, at):
    """At which stage it was resolved and how long that took: worked out, never typed, never negative (R21)."""
    until = dispute.ended_at or stage.ended_at or at
    target_at = None if dispute.target_stopped else dispute.target_at
    outcome = dispute.outcome if stage.end == StageEnd.ENDED else ""
    where = f"{stage_name(stage.number).capitalize()}, {BETWEEN[stage.number]}"
    words = {
        "": f"Not resolved at {stage_name(stage.number)}" if stage.end else "Not yet resolved",
        Outcome.WITHDRAWN: f"No resolution was agreed: withdrawn at {stage_name(stage.number)}",
        Outcome.CLARIFIED: f"{where} (clarified)",
    }
    return {
        "stage": words.get(outcome, where),
        "is_reached": bool(outcome),
        "ended_at": iso(dispute.ended_at if outcome else stage.ended_at),
        "took": deadlines.time_taken(dispute.raised_at, until) if outcome else "",
        "took_minutes": max(int(elapsed(dispute.raised_at, until).total_seconds() // 60), 0),
        "days": deadlines.days_of_target(dispute.raised_at, target_at, until),
        "raised_at": iso(dispute.raised_at),
        "target_at": iso(target_at),
    }
