"""Instants, dates and lengths of time in words, as read in Rotherham.

- Everything is shown in Europe/London, whatever zone the instant came in.
- `at` is the instant of reading. Given it, a date of this year goes without its year, and today is "today".
  Without it nothing can be known to be this year, so the year is written.
- Nobody reads "09:00" or "9:00am" but "9am"; twelve o'clock is "midday" or "midnight" (the day's first minute).
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NAIVE = "An instant must know its time zone."
# Written out, because strftime follows the machine's locale.
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DATES = re.compile(
    rf"\b(?:{'|'.join(WEEKDAYS)}) \d{{1,2}} (?:{'|'.join(name[:3] for name in MONTHS)})(?: \d{{4}})?"
    r"(?:, (?:\d{1,2}(?::\d\d)?[ap]m|midday|midnight))?\b"
    r"|\btoday, (?:\d{1,2}(?::\d\d)?[ap]m|midday|midnight)\b"
)


def in_london(instant):
    """The same instant on London's clocks; a naive one is refused, since it could mean two."""
    if instant.tzinfo is None:
        raise ValueError(NAIVE)
    return instant.astimezone(LONDON)


def in_utc(instant):
    """The same instant in UTC; a naive one is refused."""
    if instant.tzinfo is None:
        raise ValueError(NAIVE)
    return instant.astimezone(dt.UTC)


def elapsed(earlier, later):
    """The time that truly passed; Python subtracts two instants of one zone by their wall clocks."""
    return in_utc(later) - in_utc(earlier)


def london_date(value):
    """The date in London of an instant; a plain date as it is."""
    return in_london(value).date() if isinstance(value, dt.datetime) else value


def clock_time(instant):
    """The time of day: "2:15pm", "9am", "midday" or "midnight"."""
    local = in_london(instant)
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def day(value, at=None):
    """A date as "Wed 27 May", with its year if that is not the year of `at`; or "today"."""
    on = london_date(value)
    today = london_date(at) if at else None
    if on == today:
        return "today"
    short = f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1][:3]}"
    return short if today and today.year == on.year else f"{short} {on.year}"


def day_full(value):
    """A date as "Wed 27 May 2026", for records and at raising."""
    return day(value)


def day_long(value):
    """A date as "14 February 1938", for dates of birth."""
    on = london_date(value)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def moment(instant, at=None):
    """An instant as "Wed 27 May, 2:15pm", with its year if that is not the year of `at`; or "today, 2:15pm"."""
    return f"{day(instant, at)}, {clock_time(instant)}"


def on_day(value, at=None):
    """A date within a sentence: "on Wed 27 May", or "today"."""
    words = day(value, at)
    return words if words == "today" else f"on {words}"


def on_moment(instant, at=None):
    """An instant within a sentence: "on Wed 27 May, 2:15pm", or "today, 2:15pm"."""
    words = moment(instant, at)
    return words if words.startswith("today") else f"on {words}"


def moment_full(instant):
    """An instant as "Wed 27 May 2026, 2:15pm", for records and at raising."""
    return moment(instant)


def counted(number, noun):
    """A number with its noun: "1 day", "2 days"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def length(delta):
    """A length of time as "1 hour 25 minutes"; never negative, in whole minutes."""
    hours, minutes = divmod(max(delta, dt.timedelta()) // dt.timedelta(minutes=1), 60)
    words = [counted(hours, "hour")] if hours else []
    if minutes:
        words.append(counted(minutes, "minute"))
    return " ".join(words) or "less than a minute"


def waited(since, at):
    """How long somebody has waited: "1 hour 25 minutes" today, "since Thu 21 May, 4:20pm" before."""
    if london_date(since) >= london_date(at):
        return length(elapsed(since, at))
    return f"since {moment(since, at)}"


def age(born_on, at):
    """Completed years; whoever was born on 29 February is a year older on 1 March."""
    today = london_date(at)
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
