"""When things happened in the demo, counted back from the day it is seeded.

Told in a few words, so that a story reads as one:

- `-3 14:15`: the third working day before today; `+2`: the second after it (as a date)
- `8d 18:40`: eight calendar days ago
- `sat 10:20`: a Saturday whose Monday is over; `sat+1 9:30`: the first working day after it
- `due 7d`: at a time still to come today, so many days ago: the target is today
- `office 40`: forty minutes ago, or before the offices closed; `recent 50`: the same for who works late
- `1938-02-14`: that date
"""

import datetime as dt

from escalation import deadlines
from escalation.moments import LONDON, in_london

LATER_TODAY = (dt.time(16, 40), dt.time(21, 35), dt.time(23, 55))
HALF_AN_HOUR = dt.timedelta(minutes=30)


class DemoCalendar:
    """The days around one instant, as working days in England."""

    def __init__(self, now):
        self.now = in_london(now)
        self.today = self.now.date()

    def instant(self, words):
        """The instant these words mean, never after now."""
        days, _, rest = words.partition(" ")
        match days:
            case "due":
                return self.at(self.today - dt.timedelta(days=int(rest.rstrip("d"))), self.later_today())
            case "office":
                return self.before(self.office_clock(int(rest)), int(rest))
            case "recent":
                return self.before(self.waking_clock(), int(rest))
        return self.at(self.date(days), dt.time.fromisoformat(rest.zfill(5)))

    def date(self, words):
        """The date these words mean."""
        days = words.partition(" ")[0]
        if days.startswith(("-", "+")) and "d" not in days:
            return self.working_day(self.today, int(days))
        if days.startswith("sat"):
            saturday = self.saturday()
            return self.working_day(saturday, int(days[4:])) if days[3:] else saturday
        if days.endswith("d"):
            return self.today - dt.timedelta(days=int(days[:-1]))
        if days in ("due", "office", "recent"):
            return self.instant(words).date()
        return dt.date.fromisoformat(days)

    def at(self, on, time):
        return dt.datetime.combine(on, time, tzinfo=LONDON).astimezone(dt.UTC)

    def working_day(self, start, count):
        """So many working days after a date, or before it where negative."""
        step = dt.timedelta(days=1 if count > 0 else -1)
        on = start
        for _ in range(abs(count)):
            on += step
            while not deadlines.is_working_day(on):
                on += step
        return on

    def saturday(self):
        """The latest Saturday after which a working day has passed."""
        on = self.today
        while on.weekday() != 5 or self.working_day(on, 1) >= self.today:
            on -= dt.timedelta(days=1)
        return on

    def later_today(self):
        """A time of today that is still to come."""
        soon = (self.now + HALF_AN_HOUR).replace(tzinfo=None)
        return next((time for time in LATER_TODAY if dt.datetime.combine(self.today, time) > soon), LATER_TODAY[-1])

    def office_clock(self, minutes):
        """Now, while the offices are open and have been for that long; else when they last closed."""
        opened = self.at(self.today, deadlines.OPENS) + dt.timedelta(minutes=minutes)
        if deadlines.is_working_day(self.today) and self.now >= opened:
            return min(self.now, self.at(self.today, deadlines.CLOSES))
        return self.at(self.working_day(self.today, -1), deadlines.CLOSES)

    def waking_clock(self):
        """Now, between eight in the morning and nine at night; else nine last night."""
        if self.now.hour < 8:
            return self.at(self.today - dt.timedelta(days=1), dt.time(21))
        return min(self.now, self.at(self.today, dt.time(21)))

    def before(self, clock, minutes):
        """So many minutes before, on a full five minutes."""
        clock = clock.astimezone(dt.UTC)
        clock = clock.replace(minute=clock.minute - clock.minute % 5, second=0, microsecond=0)
        return clock - dt.timedelta(minutes=minutes)
