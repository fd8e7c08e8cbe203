"""The day strip (R4): the target day by day, its notes and its sentence."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import day_strip, deadlines

LONDON = ZoneInfo("Europe/London")
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
instants = st.integers(0, 12 * 366 * 86_400).map(lambda seconds: START + dt.timedelta(seconds=seconds))


def london(text):
    """The instant at which London's clocks show this, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(dt.UTC)


def on(text):
    return dt.date.fromisoformat(text)


RAISED = london("2026-05-20T14:15")
TARGET = london("2026-05-27T14:15")


def drawn(strip):
    """A strip as rows of date, classes and note, to hold against the page."""
    return [(cell.on and f"{cell.weekday} {cell.on.day} {cell.month}", cell.css, cell.note) for cell in strip.cells]


def test_strip_the_day_before_the_target():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-05-26T10:30"))
    assert drawn(strip) == [
        ("Wed 20 May", "is-used", "Raised"),
        ("Thu 21 May", "is-used", ""),
        ("Fri 22 May", "is-used", ""),
        ("Sat 23 May", "is-used is-rest", "Weekend"),
        ("Sun 24 May", "is-used is-rest", "Weekend"),
        ("Mon 25 May", "is-used is-rest", "Bank holiday"),
        ("Tue 26 May", "is-used is-today", "Today"),
        ("Wed 27 May", "is-target", "Target 2:15pm"),
    ]
    assert strip.sentence == ("Raised Wed 20 May, 2:15pm. 6 days used, 1 left. Today and tomorrow are working days.")
    assert strip.label == "One-week target, day by day"
    assert not strip.is_long


def test_strip_past_target():
    raised = london("2026-05-17T16:40")
    strip = day_strip.strip(raised, deadlines.target(raised), None, london("2026-05-26T10:30"))
    rows = drawn(strip)
    assert len(rows) == 10
    assert rows[0] == ("Sun 17 May", "is-used is-rest", "Raised")
    assert rows[-3:] == [
        ("Sun 24 May", "is-used is-rest is-target", "Target"),
        ("Mon 25 May", "is-over is-rest", "Bank holiday"),
        ("Tue 26 May", "is-over is-today", "Today"),
    ]
    assert strip.sentence == (
        "Raised Sun 17 May, 4:40pm. 9 days used. "
        "Nothing closes when the target passes: the dispute goes on until it ends."
    )
    assert strip.label == "One-week target and the days since"
    assert strip.is_long


def test_strip_past_ten_cells_is_shortened():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-06-09T10:30"))
    assert drawn(strip) == [
        ("Wed 20 May", "is-used", "Raised"),
        (None, "is-used", "… 6 days"),
        ("Wed 27 May", "is-used is-target", "Target"),
        (None, "is-over", "… 12 days"),
        ("Tue 9 Jun", "is-over is-today", "Today"),
    ]


def test_strip_shortened_keeps_the_needed_by_date_and_single_days():
    strip = day_strip.strip(RAISED, TARGET, on("2026-05-25"), london("2026-05-31T10:30"))
    assert drawn(strip) == [
        ("Wed 20 May", "is-used", "Raised"),
        (None, "is-used", "… 4 days"),
        ("Mon 25 May", "is-used is-rest is-target", "Needed by, bank holiday"),
        ("Tue 26 May", "is-used", ""),
        ("Wed 27 May", "is-used is-target", "Target"),
        (None, "is-over", "… 3 days"),
        ("Sun 31 May", "is-over is-rest is-today", "Today"),
    ]


def test_strip_on_the_day_of_raising():
    strip = day_strip.strip(RAISED, TARGET, on("2026-05-22"), RAISED)
    assert drawn(strip)[:3] == [
        ("Wed 20 May", "is-used is-today", "Raised, today"),
        ("Thu 21 May", "", ""),
        ("Fri 22 May", "is-target", "Needed by"),
    ]
    assert strip.sentence == (
        "Raised today, 2:15pm. 0 days used, 7 left. Needed by Fri 22 May. Today and tomorrow are working days."
    )


def test_strip_on_the_day_of_the_target():
    before = day_strip.strip(RAISED, TARGET, None, london("2026-05-27T09:00"))
    after = day_strip.strip(RAISED, TARGET, None, london("2026-05-27T15:00"))
    assert drawn(before)[-1] == ("Wed 27 May", "is-used is-today is-target", "Today, target 2:15pm")
    assert drawn(after)[-1] == ("Wed 27 May", "is-used is-today is-target", "Today, target")
    assert "7 days used, due today." in before.sentence
    assert "7 days used. Nothing closes" in after.sentence


def test_strip_of_an_ended_dispute_stops_counting_at_its_end():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-07-01T09:00"), london("2026-05-22T16:00"))
    assert drawn(strip)[2:4] == [("Fri 22 May", "is-used", "Ended"), ("Sat 23 May", "is-rest", "Weekend")]
    assert drawn(strip)[-1] == ("Wed 27 May", "is-target", "Target 2:15pm")
    assert not any(cell.is_today for cell in strip.cells)
    assert strip.sentence == "Raised Wed 20 May, 2:15pm. Ended Fri 22 May, 4pm, after 2 days."


def test_strip_of_a_dispute_ended_past_target():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-07-01T09:00"), london("2026-05-28T16:00"))
    assert drawn(strip)[-2:] == [
        ("Wed 27 May", "is-used is-target", "Target"),
        ("Thu 28 May", "is-over", "Ended"),
    ]


def test_strip_of_a_dispute_ended_on_its_first_day():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-05-20T18:00"), london("2026-05-20T15:40"))
    assert drawn(strip)[0] == ("Wed 20 May", "is-used", "Raised, ended")
    assert strip.sentence == "Raised today, 2:15pm. Ended today, 3:40pm, after 1 hour 25 minutes."


def test_strip_without_a_target_r48():
    strip = day_strip.strip(RAISED, None, None, london("2026-05-22T10:00"))
    assert [css for _, css, _ in drawn(strip)] == ["is-used", "is-used", "is-used is-today"]
    assert "No target runs." in strip.sentence


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2026-05-20T15:00", "Today and tomorrow are working days."),
        ("2026-05-22T15:00", "Today is a working day, the next is Tue 26 May."),
        ("2026-05-23T15:00", "The next working day is Tue 26 May."),
        ("2026-05-25T15:00", "Tomorrow is a working day, today is not."),
    ],
)
def test_strip_says_which_days_are_worked(at, sentence):
    assert day_strip.strip(RAISED, TARGET, None, london(at)).sentence.endswith(sentence)


@settings(deadline=None, max_examples=150)
@given(
    instants,
    st.timedeltas(dt.timedelta(days=-3), dt.timedelta(days=400)),
    st.none() | st.integers(-2, 9),
    st.booleans(),
)
def test_strip_accounts_for_every_date_in_ten_cells(raised, later, needed_in, has_ended):
    at = raised + later
    needed_by = None if needed_in is None else raised.date() + dt.timedelta(days=needed_in)
    strip = day_strip.strip(raised, deadlines.target(raised), needed_by, at, at if has_ended else None)
    shown = [cell.on for cell in strip.cells if cell.on]
    hidden = sum(int(cell.note.split()[1]) for cell in strip.cells if not cell.on)
    assert len(strip.cells) <= 10
    assert shown == sorted(shown)
    assert len(shown) + hidden == (shown[-1] - shown[0]).days + 1
    assert sum(cell.is_today for cell in strip.cells) == (0 if has_ended else 1)
    assert not any(cell.is_used and cell.is_over for cell in strip.cells)
