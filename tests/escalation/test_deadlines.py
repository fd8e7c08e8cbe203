"""The clock (R4, R25, R49), at the edges where clocks change, years turn and people are off."""

import datetime as dt
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from escalation import deadlines

LONDON = ZoneInfo("Europe/London")
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
# Any instant of the years these rules will see; the zone is UTC, as the database gives it.
instants = st.integers(0, 12 * 366 * 86_400).map(lambda seconds: START + dt.timedelta(seconds=seconds))
dates = st.dates(dt.date(2024, 1, 1), dt.date(2035, 12, 20))
quick = settings(deadline=None, max_examples=150)


def london(text, fold=0):
    """The instant at which London's clocks show this, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).astimezone(dt.UTC)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def on(text):
    return dt.date.fromisoformat(text)


class TestTarget:
    """R4: seven calendar days, same wall-clock time in Europe/London."""

    @pytest.mark.parametrize(
        ("raised", "expected"),
        [
            ("2026-05-20T14:15", "2026-05-27T13:15"),
            # Clocks go back on 25 October 2026: the week has an hour more.
            ("2026-10-20T14:15", "2026-10-27T14:15"),
            # Clocks go forward on 29 March 2026: an hour less.
            ("2026-03-25T14:15", "2026-04-01T13:15"),
            # Across a leap day, and into a year without one.
            ("2028-02-22T23:30", "2028-02-29T23:30"),
            ("2028-02-29T09:00", "2028-03-07T09:00"),
            ("2026-02-22T09:00", "2026-03-01T09:00"),
            # Christmas and New Year are days like others.
            ("2026-12-25T12:00", "2027-01-01T12:00"),
            # Midnight and its neighbours.
            ("2026-05-20T00:00", "2026-05-26T23:00"),
            ("2026-05-20T23:59", "2026-05-27T22:59"),
        ],
    )
    def test_target_is_a_week_later_by_the_clock(self, raised, expected):
        assert deadlines.target(london(raised)) == utc(expected)

    @pytest.mark.parametrize(
        ("raised", "expected"),
        [
            # 1:30am comes twice on 25 October: the first counts, in summer time.
            ("2026-10-18T01:30", "2026-10-25T00:30"),
            # 1:30am does not come on 29 March: 2:30am in summer time.
            ("2026-03-22T01:30", "2026-03-29T01:30"),
        ],
    )
    def test_target_at_a_time_that_comes_twice_or_never(self, raised, expected):
        assert deadlines.target(london(raised)) == utc(expected)

    @pytest.mark.parametrize("fold", [0, 1])
    def test_target_of_either_hour_that_came_twice(self, fold):
        assert deadlines.target(london("2026-10-25T01:30", fold=fold)) == utc("2026-11-01T01:30")

    def test_target_of_a_part_of_a_second_keeps_it(self):
        assert deadlines.target(utc("2026-05-20T13:15:30.000001")) == utc("2026-05-27T13:15:30.000001")

    def test_target_takes_another_number_of_days(self):
        assert deadlines.target(london("2026-05-20T14:15"), days=3) == london("2026-05-23T14:15")

    def test_target_refuses_an_instant_without_a_zone(self):
        with pytest.raises(ValueError, match="time zone"):
            deadlines.target(dt.datetime(2026, 5, 20, 14, 15))  # noqa: DTZ001 - that it is refused

    @quick
    @given(instants)
    def test_target_has_the_wall_time_of_raising(self, raised_at):
        target_at = deadlines.target(raised_at)
        wall = raised_at.astimezone(LONDON).replace(tzinfo=None) + dt.timedelta(days=7)
        there = wall.replace(tzinfo=LONDON)
        assume(there.astimezone(dt.UTC).astimezone(LONDON).replace(tzinfo=None) == wall)
        assert target_at.astimezone(LONDON).replace(tzinfo=None) == wall
        assert target_at.tzinfo is dt.UTC

    @quick
    @given(instants)
    def test_target_is_a_week_give_or_take_an_hour(self, raised_at):
        hours = (deadlines.target(raised_at) - raised_at) / dt.timedelta(hours=1)
        assert 167 <= hours <= 169


class TestDue:
    """R4: a shorter needed-by date."""

    @pytest.mark.parametrize(
        ("needed_by", "expected"),
        [("2026-05-22", "2026-05-22T16:00"), ("2026-12-01", "2026-12-01T17:00"), ("2026-10-25", "2026-10-25T17:00")],
    )
    def test_needed_by_is_the_end_of_the_working_day(self, needed_by, expected):
        assert deadlines.needed_by_at(on(needed_by)) == utc(expected)

    @pytest.mark.parametrize(
        ("needed_by", "expected"),
        [
            (None, "2026-05-27T14:15"),
            ("2026-05-26", "2026-05-26T17:00"),
            ("2026-05-27", "2026-05-27T14:15"),
            ("2026-05-28", "2026-05-27T14:15"),
        ],
    )
    def test_due_is_the_earlier(self, needed_by, expected):
        assert deadlines.due_at(london("2026-05-27T14:15"), needed_by and on(needed_by)) == london(expected)

    def test_due_without_a_target(self):
        assert deadlines.due_at(None, on("2026-05-26")) == london("2026-05-26T17:00")
        assert deadlines.due_at(None) is None


class TestWorkingDays:
    @pytest.mark.parametrize(
        "holiday",
        [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-04",
            "2026-05-25",
            "2026-08-31",
            "2026-12-25",
            "2026-12-28",
            "2027-12-27",
            "2027-12-28",
            "2028-01-03",
        ],
    )
    def test_bank_holidays_of_england(self, holiday):
        assert not deadlines.is_working_day(on(holiday))
        assert deadlines.is_bank_holiday(on(holiday))

    def test_they_are_those_of_the_library(self):
        """Which is asked for one country alone."""
        for year in range(1995, 2061):
            assert deadlines.bank_holidays(year) == dict(holidays.country_holidays("GB", subdiv="ENG", years=year))

    # Scotland's and Northern Ireland's, and the days between Christmas and New Year.
    @pytest.mark.parametrize(
        "day", ["2026-01-02", "2026-03-17", "2026-07-13", "2026-11-30", "2026-12-24", "2026-12-29"]
    )
    def test_other_days_are_worked(self, day):
        assert deadlines.is_working_day(on(day))

    def test_weekdays_of_2026_that_nobody_works(self):
        year = [on("2026-01-01") + dt.timedelta(days=n) for n in range(365)]
        off = [day.isoformat() for day in year if day.weekday() < 5 and not deadlines.is_working_day(day)]
        assert off == [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-04",
            "2026-05-25",
            "2026-08-31",
            "2026-12-25",
            "2026-12-28",
        ]

    def test_an_instant_counts_for_its_date_in_london(self):
        # Still Friday in UTC, already Saturday in London.
        assert not deadlines.is_working_day(utc("2026-05-22T23:30"))

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("2026-05-20T14:15", "2026-05-21T14:15"),
            ("2026-05-20T20:40", "2026-05-21T20:40"),
            # A Friday before a bank holiday.
            ("2026-05-22T16:05", "2026-05-26T16:05"),
            # A day off counts from 9am of the next working day.
            ("2026-05-23T11:00", "2026-05-27T09:00"),
            ("2026-05-25T23:59", "2026-05-27T09:00"),
            ("2026-05-16T00:00", "2026-05-19T09:00"),
            # Easter.
            ("2026-04-02T10:00", "2026-04-07T10:00"),
            ("2026-04-03T10:00", "2026-04-08T09:00"),
            # Christmas, with a substitute day.
            ("2026-12-24T15:00", "2026-12-29T15:00"),
            ("2026-12-26T15:00", "2026-12-30T09:00"),
            ("2026-12-31T15:00", "2027-01-04T15:00"),
            # Over both changes of clocks.
            ("2026-10-23T16:00", "2026-10-26T16:00"),
            ("2026-10-25T01:30", "2026-10-27T09:00"),
            ("2026-03-27T16:00", "2026-03-30T16:00"),
            ("2026-03-29T03:00", "2026-03-31T09:00"),
            # A leap day is a working day.
            ("2028-02-28T12:00", "2028-02-29T12:00"),
            ("2028-02-29T12:00", "2028-03-01T12:00"),
        ],
    )
    def test_working_day_later(self, asked, expected):
        assert deadlines.working_day_later(london(asked)) == london(expected)

    @quick
    @given(instants)
    def test_working_day_later_is_worked_and_later(self, at):
        later = deadlines.working_day_later(at)
        assert deadlines.is_working_day(later)
        assert later > at

    @pytest.mark.parametrize(
        ("day", "expected"),
        [("2026-05-26", "2026-05-26"), ("2026-05-25", "2026-05-22"), ("2026-01-01", "2025-12-31")],
    )
    def test_working_day_on_or_before(self, day, expected):
        assert deadlines.working_day_on_or_before(on(day)) == on(expected)

    @quick
    @given(dates)
    def test_working_days_around_a_date(self, day):
        before, after = deadlines.working_day_on_or_before(day), deadlines.next_working_day(day)
        assert deadlines.is_working_day(before)
        assert deadlines.is_working_day(after)
        assert before <= day < after

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-05-26T08:59:59", False),
            ("2026-05-26T09:00", True),
            ("2026-05-26T16:59:59", True),
            ("2026-05-26T17:00", False),
            ("2026-05-26T00:00", False),
            ("2026-05-23T10:00", False),
            ("2026-05-25T10:00", False),
            ("2026-12-25T10:00", False),
            ("2026-12-28T10:00", False),
            ("2026-03-30T09:00", True),
            ("2026-10-26T09:00", True),
        ],
    )
    def test_office_hours_r49(self, at, expected):
        assert deadlines.is_office_hours(london(at)) is expected


class TestWayRound:
    """R25: a silent manager stalls nothing."""

    @pytest.mark.parametrize(
        ("asked", "target", "needed_by", "urgent", "expected"),
        [
            # One working day is first.
            ("2026-05-20T14:15", "2026-05-27T14:15", None, False, "2026-05-21T14:15"),
            # Half of the 20 hours left.
            ("2026-05-26T18:15", "2026-05-27T14:15", None, False, "2026-05-27T04:15"),
            # Half the time left to the needed-by date.
            ("2026-05-20T13:00", "2026-05-27T13:00", "2026-05-20", False, "2026-05-20T15:00"),
            # At a weekend, half the time left comes before a working day.
            ("2026-05-23T09:00", "2026-05-27T09:00", None, False, "2026-05-25T09:00"),
            # Half of what really passes, when the clocks go back: 25 hours.
            ("2026-10-24T12:00", "2026-10-25T12:00", None, False, "2026-10-24T23:30+00:00"),
            # At once.
            ("2026-05-20T14:15", "2026-05-27T14:15", None, True, "2026-05-20T14:15"),
            ("2026-05-27T14:15", "2026-05-27T14:15", None, False, "2026-05-27T14:15"),
            ("2026-05-30T10:00", "2026-05-27T14:15", None, False, "2026-05-30T10:00"),
            ("2026-05-22T17:01", "2026-05-27T14:15", "2026-05-22", False, "2026-05-22T17:01"),
            # No target runs.
            ("2026-05-22T16:00", None, None, False, "2026-05-26T16:00"),
        ],
    )
    def test_way_round_opens_at_the_earliest(self, asked, target, needed_by, urgent, expected):
        opens = deadlines.way_round_at(london(asked), target and london(target), needed_by and on(needed_by), urgent)
        expected = dt.datetime.fromisoformat(expected)
        assert opens == (expected if expected.tzinfo else london(expected.isoformat()))

    def test_way_round_does_not_depend_on_the_zone_it_is_told_in(self):
        asked, target = london("2026-10-24T12:00"), london("2026-10-25T12:00")
        in_london = deadlines.way_round_at(asked.astimezone(LONDON), target.astimezone(LONDON))
        assert in_london == deadlines.way_round_at(asked, target)

    @quick
    @given(instants, instants, st.none() | dates, st.booleans())
    def test_way_round_never_before_asking_nor_after_one_working_day(self, asked, target, needed_by, urgent):
        opens = deadlines.way_round_at(asked, target, needed_by, urgent)
        assert asked <= opens <= deadlines.working_day_later(asked)

    @quick
    @given(instants, st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=7)))
    def test_way_round_leaves_half_the_time(self, asked, left):
        assert deadlines.way_round_at(asked, asked + left) - asked <= left / 2


RAISED = london("2026-05-20T14:15")
TARGET = london("2026-05-27T14:15")


class TestClock:
    """R4: days used, days left and "past target", by calendar date."""

    @pytest.mark.parametrize(
        ("at", "used", "left", "past", "words", "tone"),
        [
            ("2026-05-20T14:15", 0, 7, 0, "7 days left", ""),
            ("2026-05-20T23:59", 0, 7, 0, "7 days left", ""),
            ("2026-05-21T00:00", 1, 6, 0, "6 days left", ""),
            ("2026-05-24T10:30", 4, 3, 0, "3 days left", ""),
            ("2026-05-25T23:59", 5, 2, 0, "2 days left", ""),
            ("2026-05-26T10:30", 6, 1, 0, "1 day left", "yellow"),
            ("2026-05-27T00:00", 7, 0, 0, "due today, 2:15pm", "yellow"),
            ("2026-05-27T14:15", 7, 0, 0, "due today, 2:15pm", "yellow"),
            ("2026-05-27T14:15:01", 7, 0, 0, "past target since 2:15pm today", "red"),
            ("2026-05-28T00:00", 8, 0, 1, "1 day past target", "red"),
            ("2026-05-29T09:00", 9, 0, 2, "2 days past target", "red"),
        ],
    )
    def test_clock_of_the_target(self, at, used, left, past, words, tone):
        clock = deadlines.clock(RAISED, TARGET, None, london(at))
        assert (clock.days_used, clock.days_left, clock.days_past) == (used, left, past)
        assert (clock.words, clock.tone) == (words, tone)
        assert clock.is_past is (tone == "red")
        assert clock.is_today is words.startswith("due today")
        assert (clock.needed_words, clock.needed_tone, clock.needed_by_at) == ("", "", None)

    @pytest.mark.parametrize(
        ("at", "words", "tone"),
        [
            ("2026-05-20T15:00", "needed in 2 days", ""),
            ("2026-05-21T15:00", "needed in 1 day", "yellow"),
            ("2026-05-22T17:00", "needed by 5pm today", "yellow"),
            ("2026-05-22T17:01", "was needed by 5pm today", "red"),
            ("2026-05-23T00:00", "was needed 1 day ago", "red"),
            ("2026-05-24T10:00", "was needed 2 days ago", "red"),
        ],
    )
    def test_clock_of_the_needed_by_date(self, at, words, tone):
        clock = deadlines.clock(RAISED, TARGET, on("2026-05-22"), london(at))
        assert (clock.needed_words, clock.needed_tone, clock.needed_is_past) == (words, tone, tone == "red")
        assert clock.is_past is False

    @pytest.mark.parametrize(
        ("ended", "words", "past"),
        [
            ("2026-05-20T15:40", "took 1 hour 25 minutes", 0),
            ("2026-05-22T16:00", "took 2 days", 0),
            ("2026-05-27T16:00", "took 7 days", 0),
            ("2026-05-29T09:00", "took 9 days, 2 past target", 2),
        ],
    )
    def test_clock_stands_still_once_ended(self, ended, words, past):
        clock = deadlines.clock(RAISED, TARGET, on("2026-05-21"), london("2026-07-01T09:00"), london(ended))
        assert (clock.words, clock.tone, clock.days_past) == (words, "", past)
        assert (clock.needed_words, clock.needed_tone) == ("", "")
        assert clock.ended
        assert not clock.is_today

    def test_clock_over_the_night_the_clocks_go_back(self):
        raised = london("2026-10-20T00:30")
        clock = deadlines.clock(raised, deadlines.target(raised), None, london("2026-10-26T23:30"))
        assert (clock.days_used, clock.days_left, clock.words) == (6, 1, "1 day left")

    def test_clock_without_a_target_r48(self):
        clock = deadlines.clock(RAISED, None, None, london("2026-06-20T10:00"))
        assert (clock.words, clock.tone, clock.is_past, clock.days_left) == ("no target", "", False, 0)

    @quick
    @given(instants, instants, st.none() | dates, st.none() | instants)
    def test_clock_is_never_negative_and_adds_up(self, raised, at, needed_by, ended):
        clock = deadlines.clock(raised, deadlines.target(raised), needed_by, at, ended)
        assert min(clock.days_used, clock.days_left, clock.days_past) >= 0
        assert 0 in (clock.days_left, clock.days_past)
        assert 0 in (clock.needed_days_left, clock.needed_days_past)
        assert "-" not in clock.words + clock.needed_words
        if at >= raised and (ended is None or ended >= raised):
            assert clock.days_used + clock.days_left - clock.days_past == 7

    @quick
    @given(instants, st.timedeltas(dt.timedelta(), dt.timedelta(days=20)))
    def test_past_means_the_same_as_in_a_query(self, raised, later):
        target = deadlines.target(raised)
        clock = deadlines.clock(raised, target, None, raised + later)
        assert clock.is_past is (target < raised + later)
        assert (clock.tone == "red") is clock.is_past


class TestTimeTaken:
    """R20 and R21: worked out, not typed."""

    @pytest.mark.parametrize(
        ("raised", "ended", "words"),
        [
            ("2026-05-20T14:15", "2026-05-20T14:15:59", "less than a minute"),
            ("2026-05-20T14:15", "2026-05-20T14:16", "1 minute"),
            ("2026-05-20T14:15", "2026-05-20T15:40", "1 hour 25 minutes"),
            ("2026-05-20T14:15", "2026-05-20T16:15", "2 hours"),
            ("2026-05-20T23:50", "2026-05-21T00:10", "20 minutes"),
            ("2026-05-20T14:15", "2026-05-21T14:15", "1 day"),
            ("2026-05-20T14:15", "2026-05-22T09:00", "2 days"),
            # The clock was put back: never negative.
            ("2026-05-20T14:15", "2026-05-20T14:10", "less than a minute"),
            ("2026-05-20T14:15", "2026-05-18T14:10", "less than a minute"),
            # A day of 25 hours, and a day and night of 23.
            ("2026-10-25T00:10", "2026-10-25T23:50", "24 hours 40 minutes"),
            ("2026-03-28T12:00", "2026-03-29T12:00", "23 hours"),
        ],
    )
    def test_time_taken(self, raised, ended, words):
        assert deadlines.time_taken(london(raised), london(ended)) == words

    def test_time_taken_does_not_depend_on_the_zone_it_is_told_in(self):
        raised, ended = london("2026-10-25T00:10"), london("2026-10-25T23:50")
        assert deadlines.time_taken(raised.astimezone(LONDON), ended.astimezone(LONDON)) == "24 hours 40 minutes"

    @pytest.mark.parametrize(
        ("at", "words"),
        [
            ("2026-05-20T16:00", "0 of 7 days"),
            ("2026-05-22T16:05", "2 of 7 days"),
            ("2026-05-27T23:00", "7 of 7 days"),
            ("2026-05-29T09:00", "9 days, 2 past target"),
        ],
    )
    def test_days_of_target(self, at, words):
        assert deadlines.days_of_target(RAISED, TARGET, london(at)) == words

    def test_days_of_no_target(self):
        assert deadlines.days_of_target(RAISED, None, london("2026-05-21T16:00")) == "1 day"
