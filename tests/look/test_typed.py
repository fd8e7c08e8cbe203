import time as clock
import unicodedata
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies import texts
from escalation import typed
from escalation.moments import LONDON, clock_time

ANY_TEXT = st.text(st.characters(), max_size=80)
NASTY = "".join(chr(number) for number in range(32)) + "\x7f\x85\u2028\u202e\u2066\u2069\ufffe\ud800\udfff"


def test_a_text_loses_what_nobody_types_on_purpose():
    assert (
        texts.clean_prose(f"She \u202efell\u202c at\x00 home{NASTY}.\tTwice")
        == "She fell at home\n\n\n\n\n\n\n\n\n.\tTwice"
    )
    assert texts.clean_line("one\r\ntwo\u2028three \t four\x00") == "one two three four"


def test_line_ends_become_newlines_and_paragraphs_stay():
    assert texts.clean_prose("  First. \r\n\r\nSecond.\rThird.\n\n") == "First.\n\nSecond.\nThird."


@pytest.mark.parametrize(
    "blank", ["", "   ", "\n\t\r\n", "\u200b\u200d\ufeff", "\u00a0\u2003", "\u2800\u3164", "\x00\x01"]
)
def test_a_text_that_shows_nothing_is_empty(blank):
    assert texts.clean_prose(blank) == ""
    assert texts.clean_line(blank) == ""


def test_names_keep_their_accents_and_apostrophes_in_one_form():
    assert texts.clean_line("Zoe\u0308 O’Bria\u0301in") == "Zoë O’Briáin"
    assert texts.clean_line("Wiśniewski 👩‍👩‍👧") == "Wiśniewski 👩‍👩‍👧"


@given(ANY_TEXT)
def test_cleaning_settles_at_once_and_always_can_be_stored(text):
    cleaned = texts.clean_prose(text)
    assert texts.clean_prose(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert "\x00" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


def test_a_run_of_marks_does_not_hold_the_server_up():
    text = "a" + "\u0301\u0327" * 100_000
    began = clock.monotonic()
    texts.clean_prose(text)
    texts.clean_prose(" " * 500_000 + "x" + " " * 500_000)
    assert clock.monotonic() - began < 5


@pytest.mark.parametrize(
    ("boxes", "day"),
    [
        (("27", "5", "2026"), date(2026, 5, 27)),
        (("07", "05", "2026"), date(2026, 5, 7)),
        ((" 1 ", "May", "2026"), date(2026, 5, 1)),
        (("1", "sept", "2026"), date(2026, 9, 1)),
        (("29", "february", "2028"), date(2028, 2, 29)),
        (("１", "１２", "２０２６"), date(2026, 12, 1)),
    ],
)
def test_days_as_people_type_them(boxes, day):
    assert typed.read_day(*boxes) == (day, [], "")


@pytest.mark.parametrize(
    ("boxes", "at_fault", "fault"),
    [
        (("", "5", "2026"), ["day"], "must include a day"),
        (("5", " ", ""), ["month", "year"], "must include a month and a year"),
        (("31", "2", "2026"), ["day"], "must be a real date"),
        (("32", "1", "2026"), ["day"], "must be a real date"),
        (("0", "1", "2026"), ["day"], "must be a real date"),
        (("-1", "1", "2026"), ["day"], "must be a real date"),
        (("99999999999999999999", "1", "2026"), ["day"], "must be a real date"),
        (("9" * 5000, "1", "2026"), ["day"], "must be a real date"),
        (("1", "13", "2026"), ["month"], "must be a real date"),
        (("1", "ma", "2026"), ["month"], "must be a real date"),
        (("1", "5", "26"), ["year"], "must have a year of 4 numbers, like 2026"),
        (("1", "5", "20266"), ["year"], "must have a year of 4 numbers, like 2026"),
        (("1", "5", "1899"), ["year"], "must have a year between 1900 and 2100"),
        (("1", "5", "2101"), ["year"], "must have a year between 1900 and 2100"),
    ],
)
def test_what_is_wrong_with_a_day(boxes, at_fault, fault):
    assert typed.read_day(*boxes) == (None, at_fault, fault)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_day_of_anything_is_a_date_or_a_fault(day, month, year):
    read, boxes, fault = typed.read_day(day, month, year)
    assert (read is None) == bool(fault) == bool(boxes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:30am", time(9, 30)),
        ("9.30", time(9, 30)),
        ("9.30 a.m.", time(9, 30)),
        ("14:15", time(14, 15)),
        ("2pm", time(14)),
        ("2 PM", time(14)),
        ("02:15", time(2, 15)),
        ("0905", time(9, 5)),
        ("1415", time(14, 15)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("12:30am", time(0, 30)),
        ("noon", time(12)),
        ("Midday", time(12)),
        ("12 noon", time(12)),
        ("midnight", time(0)),
        ("9", time(9)),
        ("23:59", time(23, 59)),
    ],
)
def test_times_as_people_type_them(text, expected):
    assert typed.read_time(text) == (expected, "")


@pytest.mark.parametrize(
    "text", ["24:00", "9:60", "13am", "half nine", "9:3", "-1", "1:2:3", "99999999999", "9" * 5000, "٩"]
)
def test_a_time_that_is_none(text):
    assert typed.read_time(text) == (None, "must be a real time, like 9:30am or 14:15")


def test_a_time_that_could_be_night_or_afternoon_is_asked_about():
    assert typed.read_time("2.30") == (None, "must say am or pm, like 2:30pm")
    assert typed.read_time("4") == (None, "must say am or pm, like 4pm")


@given(ANY_TEXT)
def test_a_time_of_anything_is_a_time_or_a_fault(text):
    read, fault = typed.read_time(text)
    assert (read is None) == bool(fault)


@given(st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_time_shown_is_read_as_itself(at):
    shown = clock_time(datetime.combine(date(2026, 1, 5), at, tzinfo=LONDON))
    assert typed.read_time(shown) == (at, "")


def test_a_time_that_the_clocks_skip_moves_forward_and_a_doubled_one_is_the_first():
    assert typed.instant(date(2026, 3, 29), time(1, 30)).isoformat() == "2026-03-29T02:30:00+01:00"
    assert typed.instant(date(2026, 10, 25), time(1, 30)).isoformat() == "2026-10-25T01:30:00+01:00"
