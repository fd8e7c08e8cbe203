"""Hostile input over every field of raising: never a fault of ours, a clear message, nothing lost."""

import pytest

from escalation.fields import DayBoxes
from escalation.forms.raising import PAGES
from escalation.models import Dispute, Draft
from tests.escalation.raise_pages import at, page

HOSTILE = {
    "empty": "",
    "spaces": " \t\n\u3000\u200b ",
    "control": "a\x00b\x07c\x1b[31m\x7f",
    "bidi": "\u202egnirts\u2066 \u200f",
    "markup": "<script>alert(1)</script>\"'>{{ 7 }}{% csrf_token %}",
    "sql": "'; DROP TABLE escalation_dispute; --",
    "number": "99999999999999999999",
    "negative": "-1",
    "not offered": "no_such_answer",
    "list": ["1", "1", "no", "\x00"],
    "marks": "e" + "\u0301" * 5000,
    "megabyte": "x" * 1_000_000,
}
DATES = {
    "31 2": ("31", "2", "2026", "10:00"),
    "huge": ("99999999999999999999", "1", "2026", "10:00"),
    "year 0": ("1", "1", "0", "10:00"),
    "year 99999": ("1", "1", "99999", "10:00"),
    "half": ("1", "", "", ""),
    "words": ("first", "Fruit", "²⁰²⁶", "tea time"),
    "control": ("3\x001", "2\u202e", "2026", "25:61"),
    "to come": ("1", "1", "2100", "10:00"),
    "megabyte": ("1" * 1_000_000, "1", "2026", "1" * 1_000_000),
}


def fields_of(name):
    return PAGES[name].form.base_fields.items()


def posted(name, kind, value):
    """A post in which every field of a page has this value; days have it in every box."""
    data = {}
    for field_name, field in fields_of(name):
        if isinstance(field.widget, DayBoxes):
            data |= {f"{field_name}-{box}": value for box in field.widget.boxes}
        else:
            data[field_name] = value
    return data


# Answers that open what belongs under them, so that it is judged too
OPEN = [
    {
        "raised_for": "another",
        "was_discussed": "yes",
        "safety": "in_place",
        "category": "closure",
        "adult_told": "objects",
    },
    {"was_discussed": "no", "category": "capacity"},
]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_in_every_field_is_answered_plainly_and_kept(raiser, send, name, kind):
    send()

    # A long text takes its time: once is enough
    for opened in OPEN[:1] if kind == "megabyte" else ({}, *OPEN):
        data = posted(name, kind, HOSTILE[kind])
        data |= {field: answer for field, answer in opened.items() if field in data}
        answers = [raiser.post(page(name), data), raiser.post(page(name), {**data, "raise_now": "1"})]

        assert {answer.status_code for answer in answers} <= {200, 302}
        assert_kept_or_raised(kind, name, answers)
        if Dispute.objects.exists():
            break
    again = [page(name), page(name, query="?check=1&again=1"), at("raise_check")]
    assert {raiser.get(address).status_code for address in again} <= {200, 302}


def assert_kept_or_raised(kind, name, answers):
    """What was typed stands in the draft, or in the dispute that took it."""
    draft = Draft.objects.get()
    if draft.dispute_id:
        assert draft.data == {}
        return
    assert name in draft.data
    shown = answers[0].text if answers[0].status_code == 200 else ""
    if shown:
        assert "There is a problem" in shown
        assert "<script>alert" not in shown
        for character in "\x00\x07\x1b\u202e\u2066":
            assert character not in shown
    if kind == "megabyte":
        texts = [text for texts in draft.data[name].values() for text in texts]
        assert "x" * 1_000_000 in texts


@pytest.mark.parametrize(
    "name", [name for name in PAGES if any(isinstance(f.widget, DayBoxes) for _, f in fields_of(name))]
)
@pytest.mark.parametrize("kind", DATES)
def test_a_day_that_is_none_is_refused_and_kept(raiser, send, required, name, kind):
    send()
    before = dict(Draft.objects.get().data.get(name, {}))
    day = dict(zip(("day", "month", "year", "time"), DATES[kind], strict=True))
    data = {**required.get(name, {}), **{key: value for opened in reversed(OPEN) for key, value in opened.items()}}
    data["category"] = "capacity"
    data |= {
        f"{field_name}-{box}": day[box]
        for field_name, field in fields_of(name)
        if isinstance(field.widget, DayBoxes)
        for box in field.widget.boxes
    }

    response = raiser.post(page(name), {**data, "raise_now": "1"})

    assert response.status_code == 200
    assert "There is a problem" in response.text
    assert Draft.objects.get().data[name] != before
    assert not Dispute.objects.exists()
