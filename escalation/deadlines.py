"""The clock: target and needed-by dates, working days, and what is left of them in words (R4, R25, R49).

- Pure functions. Instants come in aware, in any zone, and go out in UTC; `at` is always the caller's.
- The target keeps its wall-clock time in Europe/London across a change of clocks. A time that the clocks
  going back show twice is the first of the two (zoneinfo with fold=0); one that the clocks going forward leave
  out moves on by that hour, so 1:30am becomes 2:30am.
- A needed-by date is the end of that working day, 5pm.
- Days are counted by calendar date in London. At the very instant of the target it is still due, and past
  after it: the same as `target_at < at` in a query.
- Nothing here closes or refuses anything. Without a target (stopped after the adult's death, R48) nothing is
  overdue.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import holidays

from escalation.moments import (
    LONDON,
    clock_time,
    counted,
    elapsed,
    in_london,
    in_utc,
    length,
    london_date,
)

TARGET_DAYS = 7
OPENS = dt.time(9)
CLOSES = dt.time(17)
SENDS_FROM, SENDS_UNTIL = dt.time(8), dt.time(18)
ONE_DAY = dt.timedelta(days=1)


def _instant(on, wall_time):
    """The instant at which London's clocks show this time on this date, in UTC."""
    local = dt.datetime.combine(on, wall_time.replace(tzinfo=None, fold=0), tzinfo=LONDON)
    return local.astimezone(dt.UTC)


# Target and needed-by date


def target(raised_at, days=TARGET_DAYS):
    """The same wall-clock time in London so many calendar days after raising (R4)."""
    raised = in_london(raised_at)
    return _instant(raised.date() + dt.timedelta(days=days), raised.time())


def needed_by_at(needed_by_on):
    """The instant a needed-by date falls due: the end of that working day, 5pm."""
    return _instant(needed_by_on, CLOSES)


def day_over_at(on):
    """The instant at which a date is over in London: what is due on it is late from then on."""
    return _instant(on + dt.timedelta(days=1), dt.time.min)


def due_at(target_at, needed_by_on=None):
    """The target or the needed-by date, whichever comes first; None where there is neither."""
    return min((due for due in (target_at, needed_by_on and needed_by_at(needed_by_on)) if due), default=None)


# Working days


@lru_cache
def bank_holidays(year):
    """England's bank holidays of a year, by date, with their names."""
    return dict(_united_kingdom().UnitedKingdom(subdiv="ENG", years=year))


@cache
def _united_kingdom():
    """The library's module for one country, by its file: by its name it brings two hundred others, and 8 MiB."""
    path = Path(holidays.__file__).with_name("countries") / "united_kingdom.py"
    if not path.is_file():  # another version of the library
        return holidays
    spec = spec_from_file_location("holidays_of_the_united_kingdom", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_bank_holiday(on):
    """Whether this is one of England's bank holidays."""
    return london_date(on) in bank_holidays(london_date(on).year)


def is_working_day(on):
    """Monday to Friday, except bank holidays."""
    return london_date(on).weekday() < 5 and not is_bank_holiday(on)


def next_working_day(on):
    """The first working day after this date."""
    on = london_date(on) + ONE_DAY
    while not is_working_day(on):
        on += ONE_DAY
    return on


def working_day_on_or_before(on):
    """This date if people work on it, else the last working day before."""
    on = london_date(on)
    while not is_working_day(on):
        on -= ONE_DAY
    return on


def working_day_later(at):
    """The same clock time on the next working day; what is asked on a day off counts from 9am of the next."""
    local = in_london(at)
    if is_working_day(local.date()):
        return _instant(next_working_day(local.date()), local.time())
    return _instant(next_working_day(next_working_day(local.date())), OPENS)


def next_sending_time(at):
    """When a reminder written now may leave: between 8am and 6pm on a working day."""
    local = in_london(at)
    if is_working_day(local.date()) and SENDS_FROM <= local.time() < SENDS_UNTIL:
        return at
    before_hours = is_working_day(local.date()) and local.time() < SENDS_FROM
    return _instant(local.date() if before_hours else next_working_day(local.date()), SENDS_FROM)


def next_digest_time(at):
    """When the next digest leaves: at 8am of this working day, or of the next."""
    local = in_london(at)
    is_to_come = is_working_day(local.date()) and local.time() < SENDS_FROM
    return _instant(local.date() if is_to_come else next_working_day(local.date()), SENDS_FROM)


def reminders_at(target_at):
    """When the two reminders of a target leave: at 9am two days before, and at 8am on its morning."""
    on = in_london(target_at).date()
    two_days = working_day_on_or_before(on - 2 * ONE_DAY)
    return _instant(two_days, OPENS), _instant(working_day_on_or_before(on), SENDS_FROM)


def reminded_until(at):
    """Which targets have been reminded of: those before these two instants, as `reminders_at` has it."""
    on = in_london(at).date()
    until = [on, on]
    for which in (0, 1):
        while reminders_at(_instant(until[which], CLOSES))[which] <= at:
            until[which] += ONE_DAY
    return tuple(_instant(day_, dt.time()) for day_ in until)


def working_days_later(at, days):
    """So many working days later, each as `working_day_later`."""
    for _ in range(days):
        at = working_day_later(at)
    return in_utc(at)


def working_days_ago(at, days):
    """What lies so many working days back: an instant, and a gap before it, as (before, gap_from, gap_until).

    An earlier instant is that long ago where it is before `before` and not in the gap, and then only: that is where
    `working_days_later` gives an instant before `at`. The gap is days off, which count from 9am.
    """
    local = in_london(at)
    on, wall_time = local.date(), local.time()
    is_off = not is_working_day(on)
    on = working_day_on_or_before(on)
    for _ in range(days):
        on = working_day_on_or_before(on - ONE_DAY)
    if is_off:
        before = _instant(on + ONE_DAY, dt.time())
        return before, before, before
    gap_until = _instant(on, dt.time())
    if wall_time > OPENS:
        return _instant(on, wall_time), gap_until, gap_until
    gap_from = _instant(working_day_on_or_before(on - ONE_DAY) + ONE_DAY, dt.time())
    return _instant(on, wall_time), gap_from, gap_until


def is_office_hours(at):
    """Whether the offices are open: 9am to 5pm on working days (R49)."""
    local = in_london(at)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def way_round_at(asked_at, target_at, needed_by_on=None, urgent=False):
    """When the way round a silent manager opens (R25).

    One working day after asking, or at half the time left to the target or needed-by date, or at once where
    urgent or nothing is left, whichever is first.
    """
    asked_at = in_utc(asked_at)
    later = working_day_later(asked_at)
    due = due_at(target_at, needed_by_on)
    if urgent:
        return asked_at
    if due is None:
        return later
    return min(later, asked_at + max(elapsed(asked_at, due), dt.timedelta()) / 2)


# Days used, left and past


def days_between(earlier, later):
    """Calendar days in London from one to the other, never negative."""
    return max((london_date(later) - london_date(earlier)).days, 0)


def time_taken(raised_at, ended_at):
    """How long it took: "2 days" by calendar date, "1 hour 25 minutes" within a day and night (R20, R21)."""
    days = days_between(raised_at, ended_at)
    took = elapsed(raised_at, ended_at)
    # Both are asked: the day the clocks go back has 25 hours.
    if days == 0 or took < ONE_DAY:
        return length(took)
    return counted(days, "day")


def days_of_target(raised_at, target_at, at):
    """Appendix B's count: "2 of 7 days", "9 days, 2 past target"; "9 days" where no target runs."""
    used = days_between(raised_at, at)
    if target_at is None:
        return counted(used, "day")
    total = days_between(raised_at, target_at)
    if used <= total:
        return f"{used} of {counted(total, 'day')}"
    return f"{counted(used, 'day')}, {used - total} past target"


def _target_words(target_at, at):
    if target_at is None:
        return "no target"
    left, past = _left_and_past(target_at, at)
    if past:
        return f"{counted(past, 'day')} past target"
    if left:
        return f"{counted(left, 'day')} left"
    if at > target_at:
        return f"past target since {clock_time(target_at)} today"
    return f"due today, {clock_time(target_at)}"


def _needed_words(needed_at, at):
    left, past = _left_and_past(needed_at, at)
    if past:
        return f"was needed {counted(past, 'day')} ago"
    if left:
        return f"needed in {counted(left, 'day')}"
    by = f"needed by {clock_time(needed_at)} today"
    return f"was {by}" if at > needed_at else by


def _left_and_past(due, at):
    """The days until it is due, and since it was."""
    days = (london_date(due) - london_date(at)).days
    return max(days, 0), max(-days, 0)


def _tone(due, at):
    if due is None:
        return ""
    if at > due:
        return "red"
    return "yellow" if days_between(at, due) <= 1 else ""


@dataclass(frozen=True)
class Clock:
    """What a page says about a dispute's time at one instant; it stands still once the dispute has ended.

    A tone is "", "yellow" or "red", the colour of the tag; the words always say the same. Each is worked out when it is
    asked for: a line of a list shows few of them.
    """

    raised_at: dt.datetime
    target_at: dt.datetime | None
    needed_by_at: dt.datetime | None
    at: dt.datetime
    ended: bool

    @property
    def days_used(self):
        return days_between(self.raised_at, self.at)

    @property
    def days_left(self):
        return days_between(self.at, self.target_at) if self.target_at else 0

    @property
    def days_past(self):
        return days_between(self.target_at, self.at) if self.target_at else 0

    @property
    def is_past(self):
        return self.target_at is not None and self.at > self.target_at

    @property
    def is_today(self):
        is_running = self.target_at is not None and not self.is_past and not self.ended
        return is_running and london_date(self.target_at) == london_date(self.at)

    @property
    def words(self):
        if not self.ended:
            return _target_words(self.target_at, self.at)
        past = self.days_past
        return f"took {time_taken(self.raised_at, self.at)}" + (f", {past} past target" if past else "")

    @property
    def tone(self):
        return "" if self.ended else _tone(self.target_at, self.at)

    @property
    def needed_days_left(self):
        return days_between(self.at, self.needed_by_at) if self.needed_by_at else 0

    @property
    def needed_days_past(self):
        return days_between(self.needed_by_at, self.at) if self.needed_by_at else 0

    @property
    def needed_is_past(self):
        return self.needed_by_at is not None and self.at > self.needed_by_at

    @property
    def needed_words(self):
        return _needed_words(self.needed_by_at, self.at) if self.needed_by_at and not self.ended else ""

    @property
    def needed_tone(self):
        return "" if self.ended else _tone(self.needed_by_at, self.at)


def clock(raised_at, target_at, needed_by_on, at, ended_at=None):
    """Days used, left and past, and their words, for wherever the dispute is shown (R4)."""
    at = in_utc(min(at, ended_at) if ended_at else at)
    return Clock(raised_at, target_at, needed_by_at(needed_by_on) if needed_by_on else None, at, bool(ended_at))
