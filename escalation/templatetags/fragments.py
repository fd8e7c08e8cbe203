"""What stands many times on a page, drawn here: a template takes five times as long over each.

Whatever somebody typed goes through `escape` or a filter that escapes; the rest are words of ours.
"""

from html import escape

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.safestring import mark_safe

from escalation.models import Mark
from escalation.templatetags.moments import when

register = template.Library()

LATE = ". <strong>After the end: outside the sealed record</strong>"


@register.simple_tag(takes_context=True)
def entry(context, written):
    """What one professional wrote of a discussion: each statement with its mark, and the outcome (R12, R13)."""
    statements = "".join(_statement(mark, text) for mark, text in written.statements)
    statements = f'<ul class="r-statements">{statements}</ul>\n' if statements else ""
    again = f" Again on {when(context, written.again_on)}." if written.again_on else ""
    late = LATE if written.is_late else ""
    return mark_safe(
        f'<div class="r-entry"><p class="govuk-body-s"><strong>{escape(written.writer)}</strong>, '
        f"{escape(str(written.agency))}, wrote {when(context, written.recorded_at)}{late}</p>\n"
        f'{statements}<p class="govuk-body-s r-outcome r-long">'
        f"<strong>Outcome: {escape(written.get_outcome_display().lower())}.</strong> "
        f"{linebreaksbr(written.outcome_reason)}{again}</p></div>"
    )


def _statement(mark, text):
    css = "r-mark r-mark--opinion" if mark == Mark.OPINION else "r-mark"
    return f'<li><span class="{css}">{mark.label}</span><div><p class="r-long">{escape(text)}</p></div></li>\n'


@register.simple_tag
def day_cell(cell):
    """One date of the day strip, or how many days are left out."""
    css = f' class="{cell.css}"' if cell.css else ""
    opening = f'<li{css} aria-current="date">' if cell.is_today else f"<li{css}>"
    if not cell.on:
        return mark_safe(f"{opening}<b>{escape(cell.note)}</b></li>")
    day, tail = cell.weekday[:1], cell.weekday[1:]
    note = f' <span class="r-days__note">{escape(cell.note)}</span>' if cell.note else ""
    return mark_safe(
        f'{opening}<span>{day}<span class="r-days__tail">{tail}</span></span> '
        f'<b>{cell.on.day}<span class="r-days__month"> {cell.month}</span></b>{note}</li>'
    )
