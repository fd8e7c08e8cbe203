"""What a dispute is about, as questions and answers under headings; what is optional and empty is left out."""

from dataclasses import dataclass

from escalation.models import Answer
from escalation.moments import age, day, day_long, moment


@dataclass(frozen=True)
class Section:
    """Answers under one heading, and the acts by which they are changed."""

    title: str
    rows: list
    changes: tuple = ()


def sections(case):
    """The sections of the dispute's page that are not empty."""
    dispute, at, offered = case.dispute, case.at, case.offered
    death = () if dispute.adult_died_on else ("record_death",)  # once known it stands with the safety line
    found = (
        Section("What it is about", statements(dispute, at), changing(offered, "amend_statements", "amend_about")),
        Section("Impact and urgency", impact(dispute, at), changing(offered, "amend_impact")),
        Section("The adult", adult(dispute, at), changing(offered, "amend_adult", "amend_views", *death)),
        Section("How it was raised", raising(dispute, at)),
    )
    return [section for section in found if section.rows or section.changes]


def changing(offered, *moves):
    return tuple(offered[move] for move in moves if move in offered)


def answers(*pairs):
    """The rows that have an answer."""
    return [{"key": key, "value": value, "href": ""} for key, value in pairs if value]


def answered(choice, detail):
    """An answer with what was added to it: 'No. He wanted his money back.'"""
    label = Answer(choice).label if choice in Answer.values else ""
    return ". ".join(filter(None, (label, detail)))


def statements(dispute, at):
    """The three statements, the category and the questions that follow from it (R9, R10, R47)."""
    assessed = ", ".join(
        filter(
            None,
            (
                day(dispute.capacity_assessed_on, at) if dispute.capacity_assessed_on else "",
                f"by {dispute.capacity_assessed_by}" if dispute.capacity_assessed_by else "",
            ),
        )
    )
    return answers(
        ("What the problem is", dispute.problem),
        ("What exactly is disagreed about", dispute.disagreement),
        ("What is to be achieved", dispute.aim),
        ("Category", dispute.get_category_display()),
        (
            "Has the adult’s desired outcome been achieved?",
            answered(dispute.desired_outcome_achieved, dispute.desired_outcome_detail),
        ),
        (
            "Has the duty of care under the Care Act been met?",
            answered(dispute.duty_of_care_met, dispute.duty_of_care_detail),
        ),
        ("Which decision the capacity is about", dispute.capacity_decision),
        ("Capacity assessed", assessed),
        ("Result of the assessment", dispute.capacity_result),
        ("How it came to light", ", ".join(dispute.came_to_light_words)),
    )


def impact(dispute, at):
    """Impact, urgency and a shorter date (R4, R6)."""
    needed = f"{day(dispute.needed_by_on, at)}. {dispute.needed_by_reason}" if dispute.needed_by_on else ""
    return answers(
        ("Likely impact on the adult", dispute.impact),
        ("How urgent it is", dispute.get_urgency_display()),
        ("Needed by", needed[:1].upper() + needed[1:]),
    )


def adult(dispute, at):
    """The adult's own views, and what is known of the adult (R38, R46, R47)."""
    born = ""
    if dispute.adult_born_on:
        alive_until = dispute.adult_died_on or at
        born = f"{day_long(dispute.adult_born_on)}, aged {age(dispute.adult_born_on, alive_until)}"
    told = ". ".join(filter(None, (dispute.get_adult_told_display(), dispute.adult_objection)))
    return answers(
        ("The adult’s views", dispute.adult_views),
        ("Why, or why not, the adult’s views were asked for", dispute.adult_views_why),
        ("Whether the adult knows of this dispute", told),
        ("Date of birth", born),
        ("Where the adult is", dispute.adult_whereabouts),
        ("Who speaks for the adult", dispute.speaks_for_adult),
        ("Section 42 enquiry", dispute.section_42_reference),
        ("Is a provider-concerns process open?", dispute.get_provider_concerns_display()),
    )


def raising(dispute, at):
    """Who raised it with whom, for whom, when; and the talk before (R2, R40, R45)."""
    who = ", ".join(filter(None, (dispute.referrer_name, dispute.referrer_job_title, str(dispute.raising_agency))))
    entered = ""
    if dispute.for_name or dispute.entered_at != dispute.raised_at:
        how = f", who was asked {dispute.get_for_how_display().lower()}" if dispute.for_how else ""
        how = ", after the event, from a paper record" if dispute.is_after_event else how
        entered = f"{moment(dispute.entered_at, at)}, by {dispute.raised_by}{how}"
    supporter = str(dispute.supporter) if dispute.supporter else dispute.supporter_name
    return answers(
        ("Raised by", who),
        ("Raised", _capital(moment(dispute.raised_at, at))),
        ("Entered", _capital(entered)),
        ("Supported by", supporter),
        ("Talked about before", before(dispute, at)),
        ("Why it was not talked about before", "" if dispute.was_discussed else dispute.not_discussed_why),
    )


def before(dispute, at):
    if not dispute.was_discussed:
        return ""
    who = f"{dispute.discussed_by or dispute.referrer_name} and {dispute.discussed_with}"
    when = f", {moment(dispute.discussed_at, at)}" if dispute.discussed_at else ""
    return f"{who}{when}.\n{dispute.discussed_result}".strip()


def _capital(words):
    return words[:1].upper() + words[1:]
