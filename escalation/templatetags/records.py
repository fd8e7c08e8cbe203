"""The words of a sealed record: its instants and dates stand in ISO form, its texts as they were typed."""

import datetime as dt
import re

from django import template
from django.utils.html import format_html

from escalation import moments, stages

register = template.Library()
register.filter("stage_name", stages.stage_name)


@register.filter
def instant(value):
    """An instant of a record as "Wed 20 May 2026, 2:15pm", on one line."""
    return _whole(moments.moment_full(dt.datetime.fromisoformat(value))) if value else ""


@register.filter
def on_date(value):
    """A date, or the date in London of an instant, as "Wed 20 May 2026", on one line."""
    return _whole(moments.day_full(_read(value))) if value else ""


@register.filter
def born_on(value):
    """A date of birth as "14 February 1938", on one line."""
    return _whole(moments.day_long(_read(value))) if value else ""


@register.filter
def tidy(text):
    """A text as it was typed, without runs of empty lines that would fill pages with nothing."""
    text = re.sub(r"\n\s*\n\s*", "\n\n", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return ENDLESS.sub(_with_places_to_break, text)


# A word of 20,000 letters took 15 seconds to break over lines; at a place to break it takes none
ENDLESS = re.compile(r"\S{300,}")


def _with_places_to_break(word):
    return "\u200b".join(re.findall(r".{1,60}", word[0]))


@register.filter
def at_place(values, number):
    """The value at this place of a list, counted from nought; None past its end."""
    return values[number] if number < len(values) else None


@register.filter
def called(person):
    """A person as "Denise Hartley, team manager, Adult Social Care", as far as known."""
    return ", ".join(filter(None, (person["name"], person["job_title"], person["agency"]))) if person else ""


def _read(value):
    return dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)


def _whole(words):
    return format_html('<span class="b-whole">{}</span>', words)
