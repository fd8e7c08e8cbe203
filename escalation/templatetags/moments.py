"""The words of `escalation.moments` in templates.

The filters give plain text, fit for emails too. In pages `{% when %}` marks the date up and keeps it on one line.
What is missing is shown as nothing.
"""

import datetime as dt
from functools import wraps

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from escalation import moments

register = template.Library()


def _unless_missing(words):
    # Wrapped, so that Django counts the arguments of the function itself.
    @wraps(words)
    def spoken(value, *arguments):
        return words(value, *arguments) if value else ""

    return spoken


# moment, day, waited and age take the instant of reading: {{ dispute.raised_at|moment:at }}
for _name in ("moment", "moment_full", "day", "day_full", "day_long", "clock_time", "waited", "age", "counted"):
    register.filter(_name, _unless_missing(getattr(moments, _name)))


@register.filter(needs_autoescape=True)
def keep_dates_whole(text, autoescape=True):
    """A sentence of ours whose dates never break over two lines."""
    escaped = conditional_escape(text) if autoescape else str(text)
    # Safe: the text is escaped, and what the pattern matches holds only letters, digits, spaces, ":" and ",".
    return mark_safe(moments.DATES.sub(r'<span class="r-nowrap">\g<0></span>', escaped))


@register.simple_tag(takes_context=True)
def when(context, value, year=False, capital=False):
    """An instant or a date as a `<time>` on one line; `year=True` in records, `capital=True` to begin a sentence."""
    if not value:
        return ""
    at = None if year else context.get("at")
    if isinstance(value, dt.datetime):
        words, machine = moments.moment(value, at), moments.in_london(value).isoformat(timespec="minutes")
    else:
        words, machine = moments.day(value, at), value.isoformat()
    if capital:
        words = words[:1].upper() + words[1:]
    # Safe: both are ours, and hold only letters, digits, spaces and punctuation that HTML knows nothing of
    return mark_safe(f'<time datetime="{machine}" class="r-nowrap">{words}</time>')
