"""What happens next, in one sentence, for whoever reads it."""

import pytest

from escalation.case import Case
from escalation.next_step import next_step
from escalation.permissions import Position
from tests import cast as casting
from tests.cast import RAISED
from tests.escalation.test_offers import PEOPLE, SITUATIONS, whole


def read(cast, situation, name):
    """What somebody reads there, or None for whoever may not see it."""
    stage, happens, later = SITUATIONS[situation]
    dispute = casting.at_stage(cast, stage, concerned_agencies=[cast.trust])
    happens(cast, dispute)
    return step_of(cast, dispute, name, RAISED + later)


def step_of(cast, dispute, name, at):
    user = getattr(cast, name)
    seen = whole(dispute, at, user)
    return next_step(Case(seen, Position(user, seen), at)) if seen else None


@pytest.mark.parametrize(
    ("situation", "name", "words", "button"),
    [
        (
            "one",
            "hospital_practitioner",
            "You read this dispute, and talk to Council Practitioner, Adult Social Care.",
            "Record a discussion",
        ),
        (
            "one, talked",
            "council_practitioner",
            "You can ask to take it to stage two, propose a resolution, or talk again.",
            "Ask to escalate to stage two",
        ),
        (
            "one, asked",
            "council_manager",
            "You decide whether to take this dispute to stage two. Council Practitioner asked today, 4:15pm.",
            "Approve or decline: to stage two",
        ),
        (
            "one, asked, a day later",
            "council_practitioner",
            "You can now go to Council Lead or Second Lead: the request you made on Wed 20 May has not been answered.",
            "Go to the safeguarding lead",
        ),
        (
            "one, with the lead for a working day",
            "council_practitioner",
            "You can go on to stage two: nobody has answered the request you made on Wed 20 May.",
            "Go on to stage two: nobody answered",
        ),
        (
            "one, proposed",
            "council_practitioner",
            "Hospital Practitioner agrees or refuses the proposed resolution.",
            None,
        ),
        (
            "one, agreed, a day later",
            "council_practitioner",
            "You record that it is resolved: each agency whose agreement is needed has agreed.",
            "Record that it is resolved",
        ),
        (
            "three",
            "board_manager",
            "You inform the Independent Chair that this dispute has reached stage three.",
            "Inform the Independent Chair",
        ),
        (
            "three",
            "chair",
            "Council Lead, Hospital Lead and Trust Lead talk, senior manager to senior manager.",
            None,
        ),
        ("four", "council_lead", "The Independent Chair convenes a Resolution Panel.", None),
        (
            "four, withdrawing",
            "chair",
            "You consent to the withdrawal, or refuse it. Council Lead asked on Thu 21 May, 2:15pm.",
            "Consent to the withdrawal, or refuse it",
        ),
        (
            "ended",
            "hospital_lead",
            "Clarified no practice issue, or action already under way, on Wed 20 May, 3:15pm, at stage one.",
            "Record what was learned",
        ),
    ],
)
def test_it_says_who_does_what(cast, situation, name, words, button):
    step = read(cast, situation, name)

    assert (f"{step.who} {step.words}", step.offer and step.offer.title) == (words, button)


def test_what_is_left_from_before_does_not_hide_where_it_stands(cast):
    step = read(cast, "four", "hospital_practitioner")

    assert step.words.startswith("write your own entry for the discussion")
    assert step.meanwhile == "Meanwhile: The Independent Chair convenes a Resolution Panel."


@pytest.mark.parametrize("situation", SITUATIONS)
def test_there_is_a_sentence_for_everybody(cast, situation):
    stage, happens, later = SITUATIONS[situation]
    dispute = casting.at_stage(cast, stage, concerned_agencies=[cast.trust])
    happens(cast, dispute)
    at = RAISED + later

    for name in (*PEOPLE, "board_manager"):
        user = getattr(cast, name)
        seen = whole(dispute, at, user)
        if seen is None:
            continue
        case = Case(seen, Position(user, seen), at)
        step = next_step(case)
        assert step.who[:1].isupper()
        assert step.words.endswith((".", "?"))
        assert step.offer is None or step.offer in case.offers
