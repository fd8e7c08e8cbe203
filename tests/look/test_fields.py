from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.models import Agency
from escalation.fields import Choice, Choices, Day, Moment, Pick, Picks, Prose, ProtocolForm, Text, Tick, YesNo
from tests.look.sample import Sample

ANY_TEXT = st.text(st.characters(), max_size=60)
NAMES = [
    *("problem", "aim", "name", "reference", "phone", "how", "category", "spoken", "spoken_to", "why_not", "evidence"),
    *("which", "agency", "told", "lead", "sure", "seen_stage", "needed_by-day", "needed_by-month", "needed_by-year"),
    *("held_at-day", "held_at-month", "held_at-year", "held_at-time", "spoken_at-day", "spoken_at-time", "stage"),
]
HOSTILE = [
    *(
        "",
        " ",
        "\x00",
        "\u202eabc",
        "\ud800",
        "abc",
        "-1",
        "0",
        "1",
        "9" * 25,
        "9" * 5000,
        "1e5",
        "1.5",
        "None",
        "null",
    ),
    *("٣", "½", "[]", "{}", "' OR 1=1 --", "<script>alert(1)</script>", "{{ form }}", "%s", "../..", "x" * 100_000),
]


def one(field, **data):
    """A form with this field alone, bound to what was posted."""
    posted = QueryDict(mutable=True)
    for name, value in data.items():
        posted.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return type("One", (ProtocolForm,), {"it": field})(posted)


def message(form):
    return form.errors["it"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("value", HOSTILE)
def test_no_field_falls_over_what_is_posted(value):
    form = Sample(dict.fromkeys(NAMES, value))
    form.is_valid()
    for bound in form:
        bound.value()
    assert set(form.errors) <= {*form.fields, "__all__"}


@pytest.mark.django_db
@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(ANY_TEXT, max_size=3)))
def test_no_form_falls_over_what_is_posted(posted):
    data = QueryDict(mutable=True)
    for name, values in posted.items():
        data.setlist(name, values)
    form = Sample(data)
    form.is_valid()
    again = Sample(as_typed=form.as_typed())
    assert str(form["problem"].value() or "") == str(again["problem"].value() or "")


def test_an_empty_field_says_what_it_asks():
    assert message(one(Text(label="Name", required_message="Give the name"), it=" \u200b ")) == "Give the name"
    assert message(one(Prose(label="Why?"))) == "Fill in “Why?”"
    assert message(one(Day(label="When?", required_message="Give the day"), it__day=" ")) == "Give the day"
    assert message(one(Moment(label="When?"))) == "Give the day and time: “When?”"
    assert message(one(Choice(label="How?", choices=[("a", "A")]))) == "Choose an answer: “How?”"
    assert message(one(Choices(label="Which?", choices=[("a", "A")], required_message="Choose one or more"))) == (
        "Choose one or more"
    )
    assert message(one(Tick(label="I have read it", required_message="Read it first"))) == "Read it first"
    assert message(one(Text(label="Name", error_messages={"required": "Give the name"}))) == "Give the name"


def test_a_text_that_is_too_long_says_so_and_is_shown_again():
    form = one(Prose(label="Your reason", max_length=20_000), it="x" * 3_000_000)
    assert message(form) == "Your reason must be 20,000 characters or fewer (it has 3,000,000)"
    assert form["it"].value() == "x" * 3_000_000
    assert message(one(Text(label="Why?", max_length=5), it="123456")) == (
        "Your answer must be 5 characters or fewer (it has 6)"
    )
    assert one(Text(max_length=3), it="e\u0301" * 3).is_valid()  # counted as it is kept


def test_what_was_typed_is_shown_again_without_traps():
    form = one(Text(label="Name", max_length=3), it="ab\x00c\u202ed")
    assert form["it"].value() == "abcd"


def test_a_day_names_the_box_at_fault():
    form = one(Day(called="The needed-by date"), it__day="31", it__month="2", it__year="2026")
    assert message(form) == "The needed-by date must be a real date"
    assert form.errors.as_data()["it"][0].code == "day"
    assert form["it"].value() == {"day": "31", "month": "2", "year": "2026"}
    form = one(Day(), it__day="31", it__month="2")
    assert message(form) == "The date must include a year"
    assert one(Day(), it__day="5", it__month="6", it__year="2026").fields["it"].clean(date(2026, 6, 5)) == date(
        2026, 6, 5
    )


def test_a_moment_names_what_is_wrong():
    typed = {"it__day": "26", "it__month": "5", "it__year": "2026"}
    assert message(one(Moment(), **typed)) == "The day and time must include a time"
    assert message(one(Moment(), **typed, it__time="25:00")) == "The time must be a real time, like 9:30am or 14:15"
    assert message(one(Moment(), **typed, it__time="3")) == "The time must say am or pm, like 3pm"
    form = one(Moment(), **typed, it__time="9.30")
    assert form.is_valid()
    assert form.cleaned_data["it"].isoformat() == "2026-05-26T09:30:00+01:00"


def test_an_answer_that_was_not_offered_is_refused_without_repeating_it():
    for value in ("drop table", "\x00", "9" * 5000):
        form = one(Choice(label="How?", choices=[("a", "A")]), it=value)
        assert message(form) == "Choose one of the answers offered"
        form = one(Choices(label="How?", choices=[("a", "A")]), it=["a", value])
        assert message(form) == "Choose one of the answers offered"


def test_yes_and_no_are_true_and_false():
    for posted, expected in (("yes", True), ("no", False)):
        form = one(YesNo(label="Told?"), it=posted)
        assert form.is_valid()
        assert form.cleaned_data["it"] is expected
    form = one(YesNo(label="Told?", required=False))
    assert form.is_valid()
    assert form.cleaned_data["it"] is None


@pytest.mark.django_db
def test_junk_in_place_of_an_id_is_not_offered():
    agency = Agency.objects.create(name="Police")
    for value in ("abc", "-1", "0", "٣", str(2**63), "9" * 5000, "\x00", "1.0", f" {agency.pk}x", "None"):
        assert message(one(Pick(Agency.objects.all()), it=value)) == "Choose one of the answers offered"
        assert (
            message(one(Picks(Agency.objects.all()), it=[str(agency.pk), value])) == "Choose one of the answers offered"
        )
    form = one(Pick(Agency.objects.all()), it=str(agency.pk))
    assert form.is_valid()
    assert form.cleaned_data["it"] == agency
    form = one(Picks(Agency.objects.all()), it=[str(agency.pk)])
    assert form.is_valid()
    assert list(form.cleaned_data["it"]) == [agency]


class Asked(ProtocolForm):
    follow_ups = {"spoken": {"yes": ["to", "at"], "no": ["why"]}, "why": {}}

    spoken = YesNo(label="Spoken?")
    to = Text(label="To", required_message="Say to whom")
    at = Day(label="When", required=False)
    why = Prose(label="Why not", max_length=5, required_message="Say why not")


def test_a_field_under_an_answer_is_required_with_that_answer_alone():
    assert Asked({"spoken": "yes"}).errors == {"to": ["Say to whom"]}
    assert Asked({"spoken": "no"}).errors == {"why": ["Say why not"]}
    assert set(Asked({}).errors) == {"spoken"}


def test_what_stands_under_another_answer_is_set_aside():
    form = Asked({"spoken": "no", "why": "busy", "to": "Beth", "at-day": "99"})
    assert form.is_valid()
    assert form.cleaned_data == {"spoken": False, "to": "", "at": None, "why": "busy"}
    form = Asked({"spoken": "yes", "to": "Beth", "why": "far too long"})
    assert form.is_valid()
    assert form.cleaned_data["why"] == ""


def test_a_draft_shows_what_was_typed_and_judges_nothing():
    posted = QueryDict("it-day=31&it-month=2&stage=4")
    kept = type("One", (ProtocolForm,), {"it": Day(label="When")})(posted).as_typed()
    assert kept == {"it-day": ["31"], "it-month": ["2"]}
    draft = one(Day(label="When")).__class__(as_typed=kept)
    assert draft["it"].value() == {"day": "31", "month": "2", "year": ""}
    assert not draft.errors
