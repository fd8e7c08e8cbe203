"""What stands many times on a page, drawn here: a template takes five times as long over each.

Whatever somebody typed goes through `format_html`, which escapes it.
"""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from escalation.models import Mark
from escalation.templatetags.moments import when

register = template.Library()

LATE = mark_safe(". <strong>After the end: outside the sealed record</strong>")


@register.simple_tag(takes_context=True)
def entry(context, written):
    """What one professional wrote of a discussion: each statement with its mark, and the outcome (R12, R13)."""
    statements = "".join(_statement(mark, text) for mark, text in written.statements)
    again = format_html(" Again on {}.", when(context, written.again_on)) if written.again_on else ""
    return format_html(
        '<div class="r-entry"><p class="govuk-body-s"><strong>{}</strong>, {}, wrote {}{}</p>\n'
        '{}<p class="govuk-body-s r-outcome r-long"><strong>Outcome: {}.</strong> {}{}</p></div>',
        written.writer,
        written.agency,
        when(context, written.recorded_at),
        LATE if written.is_late else "",
        # Safe: put together from what is escaped
        mark_safe(f'<ul class="r-statements">{statements}</ul>\n') if statements else "",
        written.get_outcome_display().lower(),
        linebreaksbr(written.outcome_reason),
        again,
    )


def _statement(mark, text):
    css = "r-mark r-mark--opinion" if mark == Mark.OPINION else "r-mark"
    return format_html(
        '<li><span class="{}">{}</span><div><p class="r-long">{}</p></div></li>\n', css, mark.label, text
    )


@register.simple_tag
def day_cell(cell):
    """One date of the day strip, or how many days are left out."""
    css = cell.css
    opening = format_html(
        "<li{}{}>",
        format_html(' class="{}"', css) if css else "",
        mark_safe(' aria-current="date"') if cell.is_today else "",
    )
    if not cell.on:
        return format_html("{}<b>{}</b></li>", opening, cell.note)
    return format_html(
        '{}<span>{}<span class="r-days__tail">{}</span></span> <b>{}<span class="r-days__month"> {}</span></b>{}</li>',
        opening,
        cell.weekday[:1],
        cell.weekday[1:],
        cell.on.day,
        cell.month,
        format_html(' <span class="r-days__note">{}</span>', cell.note) if cell.note else "",
    )
