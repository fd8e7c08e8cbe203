"""The rows of lists of disputes, marked up.

Here and not in a template: fifty rows of a dozen values each would take longer than all the rest of a page. Every value
is escaped as it is put in (`_fill`).
"""

from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from escalation.moments import day, in_london, moment

register = template.Library()

ANY_REFERENCE = "0000-0000"
ROW = SafeString(
    '<tr class="govuk-table__row" role="row"><th scope="row" class="govuk-table__header r-long" role="rowheader">'
    '<a class="govuk-link" href="{href}">{adult}</a><br>'
    '<span class="r-quiet govuk-!-font-weight-regular r-nowrap">{reference}</span>{beside}</th>{cells}</tr>\n'
)
CELL = SafeString('<td class="govuk-table__cell" role="cell" data-label="{label}">{value}</td>')
AFTER_EVENT = SafeString('<br><span class="r-quiet govuk-!-font-weight-regular">Entered after the event</span>')
QUIET = SafeString('<span class="r-quiet">{}</span>')
QUIET_LINE = SafeString('{}<br><span class="r-quiet">{}</span>')
STRONG = SafeString("<strong>{}</strong>")
ON_ONE_LINE = SafeString('<span class="r-nowrap">{}</span>')
TAG = SafeString('<strong class="govuk-tag govuk-tag--{}">{}</strong>')
PLAIN = SafeString('<strong class="r-nowrap">{}</strong>')
TIME = SafeString('<time datetime="{}" class="r-nowrap">{}</time>')


def _fill(markup, *values, **named):
    """The markup with each value escaped, unless it is markup itself."""
    values = [value if isinstance(value, SafeString) else escape(str(value)) for value in values]
    named = {name: value if isinstance(value, SafeString) else escape(str(value)) for name, value in named.items()}
    return SafeString(markup.format(*values, **named))


@register.simple_tag
def time_left(clock, outcome=""):
    """What is left of the target and of a needed-by date; `outcome` is the word for a dispute that has ended."""
    if clock.ended:
        return SafeString(f"{_fill(STRONG, outcome or 'Ended')}, {escape(clock.words)}")
    left = _tagged(clock.words, clock.tone)
    return SafeString(f"{left}<br>{_tagged(clock.needed_words, clock.needed_tone)}") if clock.needed_words else left


def _tagged(words, tone):
    return _fill(TAG, tone, words) if tone else _fill(PLAIN, words)


@register.simple_tag
def dispute_rows(rows, at):
    """The rows of a list: stage, agencies, who acts next, time, target."""
    address = reverse("dispute", kwargs={"reference": ANY_REFERENCE})
    return mark_safe("".join([_row(row, address, _cells(row, at)) for row in rows]))  # each is filled in by `_fill`


def _row(row, address, cells, beside=""):
    dispute = row.dispute
    return _fill(
        ROW,
        href=address.replace(ANY_REFERENCE, dispute.reference),
        adult=row.adult,
        reference=dispute.reference,
        beside=SafeString(f"{AFTER_EVENT if dispute.is_after_event else ''}{beside}"),
        cells=SafeString("".join([_fill(CELL, label=label, value=value) for label, value in cells])),
    )


def _cells(row, at):
    yield "Stage", row.stage
    yield "Agencies and category", _agencies(row)
    yield (
        "Who acts next",
        _fill(QUIET, f"Ended {day(row.dispute.ended_at, at)}") if row.dispute.ended_at else _next(row),
    )
    yield "Time", _time(row)
    target_at = row.clock.target_at
    yield "Target", _when(target_at, at) if target_at else "No target"


def _agencies(row):
    return _fill(QUIET_LINE, row.agencies, row.category) if row.category else row.agencies


def _next(row):
    return _fill(STRONG, "You") if row.waits_for == "You" else row.waits_for


def _time(row):
    left = time_left(row.clock, row.outcome)
    return SafeString(f"{_fill(STRONG, row.urgency)}<br>{left}") if row.urgency else left


def _when(instant, at):
    words = moment(instant, at)
    return _fill(TIME, in_london(instant).isoformat(timespec="minutes"), words[:1].upper() + words[1:])


@register.simple_tag
def register_rows(rows, at):
    """The rows of the register: stage, agencies, when raised, time, whether the Chair knows, how it goes on."""
    address = reverse("dispute", kwargs={"reference": ANY_REFERENCE})
    return mark_safe("".join([_row(row, address, _register_cells(row, at)) for row in rows]))  # likewise


def _register_cells(row, at):
    dispute = row.dispute
    yield "Stage", row.stage
    yield "Agencies and category", _agencies(row)
    raised = day(dispute.raised_at, at)
    yield "Raised", _fill(ON_ONE_LINE, raised[:1].upper() + raised[1:])
    yield "Time", _time(row)
    if dispute.chair_informed_at:
        informed = SafeString(f"Informed {_fill(ON_ONE_LINE, day(dispute.chair_informed_at, at))}")
    else:
        informed = "Not informed" if dispute.ended_at else _fill(STRONG, "Not yet informed")
    yield "Independent Chair", informed
    ended = dispute.ended_at and SafeString(f"Ended {_fill(ON_ONE_LINE, day(dispute.ended_at, at))}")
    yield "Ended, or waits for", _fill(QUIET, ended) if ended else _next(row)
