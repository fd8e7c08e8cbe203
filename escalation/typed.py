"""Days and times of day as people type them, read leniently. No database."""

import re
import unicodedata
from datetime import UTC, date, datetime, time

from agencies.texts import INVISIBLE, without_traps
from escalation.moments import LONDON, MONTHS

YEARS = range(1900, 2101)


def read_day(day, month, year):
    """The date in three boxes, or the boxes at fault and what is wrong with them: (date, boxes, fault)."""
    typed = {"day": plain(day), "month": plain(month), "year": plain(year)}
    missing = [box for box, text in typed.items() if not text]
    if missing:
        return None, missing, "must include " + " and ".join(f"a {box}" for box in missing)
    day_number = number(typed["day"], digits=2)
    month_number = number(typed["month"], digits=2) or month_named(typed["month"])
    year_number = number(typed["year"], digits=4)
    if day_number is None or not 1 <= day_number <= 31:
        return None, ["day"], "must be a real date"
    if month_number is None or not 1 <= month_number <= 12:
        return None, ["month"], "must be a real date"
    if year_number is None or len(typed["year"]) != 4:
        return None, ["year"], "must have a year of 4 numbers, like 2026"
    if year_number not in YEARS:
        return None, ["year"], f"must have a year between {YEARS[0]} and {YEARS[-1]}"
    try:
        return date(year_number, month_number, day_number), [], ""
    except ValueError:
        return None, ["day"], "must be a real date"


def read_time(text):
    """The time of day in words or figures, or what is wrong with it: (time, fault)."""
    text = plain(text).lower().replace(" ", "").replace(".", ":").rstrip(":")
    text = re.sub(r"([ap]):?m$", r"\1m", text)
    named = {"noon": time(12), "midday": time(12), "12noon": time(12), "12midday": time(12), "midnight": time(0)}
    if text in named:
        return named[text], ""
    found = re.fullmatch(r"([0-9]{1,2})(?:[:h]?([0-9]{2}))?h?:?(am|pm)?", text)
    if not found:
        return None, "must be a real time, like 9:30am or 14:15"
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if hour > 23 or minute > 59 or (half == "am" and hour > 12):
        return None, "must be a real time, like 9:30am or 14:15"
    if not half and 1 <= hour <= 6 and not found[1].startswith("0"):
        # Nobody who types 2.30 of a telephone call means the night; nor may we guess.
        return None, f"must say am or pm, like {hour}{f':{minute:02}' if minute else ''}pm"
    if half == "am" and hour == 12:
        hour = 0
    if half == "pm" and hour < 12:
        hour += 12
    return time(hour, minute), ""


def instant(day, at):
    """The moment of a day and a time in London; a time that a clock change skips moves forward."""
    local = datetime.combine(day, at, tzinfo=LONDON)  # fold=0: a doubled time is the first of the two
    return local.astimezone(UTC).astimezone(LONDON)


def plain(text):
    """What stands in a small box: full-width figures as ordinary ones, no spaces around; nothing if it is long."""
    if text is None or len(text) > 40:
        return "" if text is None else "too long"
    return INVISIBLE.sub(" ", unicodedata.normalize("NFKC", without_traps(text))).strip()


def number(text, *, digits):
    return int(text) if re.fullmatch(f"[0-9]{{1,{digits}}}", text) else None


def month_named(text):
    text = text.lower().rstrip(".")
    if len(text) < 3:
        return None
    return next((month for month, name in enumerate(MONTHS, 1) if name.lower().startswith(text)), None)
