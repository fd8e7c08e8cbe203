"""The years of the Board and other stretches of time that are counted, by London's calendar. No database (R34)."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from escalation.moments import LONDON, MONTHS, in_london, in_utc, london_date

MONTHS_SHOWN = 12
YEARS_OFFERED = 5


@dataclass(frozen=True)
class Period:
    """A stretch of time: from `start` on, before `end`, both instants; `key` names it in an address."""

    key: str
    start: dt.datetime
    end: dt.datetime
    words: str

    def __contains__(self, instant):
        return self.start <= instant < self.end

    @property
    def months(self):
        """The months it touches, each as its first date."""
        first, last = london_date(self.start), london_date(self.end - dt.timedelta(microseconds=1))
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        return [month_after(first, number) for number in range(count)]


def month_after(on, number):
    """The first of the month so many months after a date's own."""
    months = on.year * 12 + on.month - 1 + number
    return dt.date(months // 12, months % 12 + 1, 1)


def month_name(on, *, short=False):
    return MONTHS[on.month - 1][:3] if short else f"{MONTHS[on.month - 1]} {on.year}"


def first_day(year):
    """The day on which a year of the Board begins: 1 April, as set."""
    return dt.date.fromisoformat(f"{year:04}-{settings.YEAR_BEGINS}")


def midnight(on):
    """The first instant of a date in London."""
    return in_utc(dt.datetime.combine(on, dt.time(), tzinfo=LONDON))


def board_year(year):
    """The year of the Board that begins in this calendar year."""
    first, after = first_day(year), first_day(year + 1)
    return Period(str(year), midnight(first), midnight(after), f"{long(first)} to {long(after - dt.timedelta(days=1))}")


def year_of(at):
    """The calendar year in which the Board's year of this instant began."""
    today = in_london(at).date()
    return today.year if today >= first_day(today.year) else today.year - 1


def last_months(at):
    """The twelve months that end with the present one."""
    today = london_date(at)
    first = month_after(today, 1 - MONTHS_SHOWN)
    words = f"1 {month_name(first)} to today"
    return Period("months", midnight(first), midnight(month_after(today, 1)), words)


def offered(at):
    """What a page lets one choose: the last twelve months, and the Board's years."""
    year = year_of(at)
    return [last_months(at), *(board_year(each) for each in range(year, year - YEARS_OFFERED, -1))]


def long(on):
    """'1 April 2026'."""
    return f"{on.day} {month_name(on)}"
