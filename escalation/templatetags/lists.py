"""The rows of lists of disputes, marked up.

Here and not in a template: fifty rows of a dozen values each would take longer than all the rest of a page. Every value
is escaped as it is put in (`_fill`).
"""

import re
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from escalation.forms.search import WORDS
from escalation.moments import counted, day, in_london, moment
from escalation.register import SAME_COUNTED
from escalation.templatetags.moments import keep_dates_whole

register = template.Library()

ANY_REFERENCE = "0000-0000"
LIST = ("Stage", "Agencies and category", "Who acts next", "Time", "Target")
REGISTER = ("Stage", "Agencies and category", "Raised", "Time", "Independent Chair", "Ended, or waits for")
OPEN = ("Stage", "Agencies", "Last moved", "Time")


def _markup(labels):
    """A row, to be filled in with the address, the name, the reference, what stands beside it, and its cells."""
    cells = [f'<td class="govuk-table__cell" role="cell" data-label="{label}">{{}}</td>' for label in labels]
    return (
        '<tr class="govuk-table__row" role="row"><th scope="row" class="govuk-table__header r-long" role="rowheader">'
        '<a class="govuk-link" href="{}">{}</a><br>'
        '<span class="r-quiet govuk-!-font-weight-regular r-nowrap">{}</span>{}</th>'
        f"{''.join(cells)}</tr>\n"
    )


FILTER = '<div class="govuk-form-group{}{}"><label class="govuk-label" for="{}">{}</label>\n{}{}\n{}</div>'
HINT = '<div class="govuk-hint" id="{}_helptext">{}</div>\n'
WRONG = '<p class="govuk-error-message" id="{}_error"><span class="govuk-visually-hidden">Error:</span> {}</p>'
ROW, REGISTER_ROW, OPEN_ROW = _markup(LIST), _markup(REGISTER), _markup(OPEN)
AFTER_EVENT = SafeString('<br><span class="r-quiet govuk-!-font-weight-regular">Entered after the event</span>')
SAME_NAME = (
    '<form method="post" action="{}" class="govuk-!-font-weight-regular">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    '<input type="hidden" name="words" value="{}"><button type="submit" class="r-link govuk-!-text-align-left">'
    "{} with this name"
    '<span class="govuk-visually-hidden">: {}</span></button></form>'
)
QUIET = '<span class="r-quiet">{}</span>'
QUIET_LINE = '{}<br><span class="r-quiet">{}</span>'
STRONG = "<strong>{}</strong>"
ON_ONE_LINE = '<span class="r-nowrap">{}</span>'
TAG = '<strong class="govuk-tag govuk-tag--{}">{}</strong>'
PLAIN = '<strong class="r-nowrap">{}</strong>'
WAIT = (
    '<li><div><h{0}><a class="govuk-link" href="{1}">{2}</a></h{0}>\n<p>{3}</p>\n<p class="{4}">{5}</p></div>\n'
    '<p class="r-waits__time">{6}{7}</p></li>'
)
DUE = '<br><span class="r-quiet">{}</span>'
TIME = '<time datetime="{}" class="r-nowrap">{}</time>'


SPECIAL = re.compile("[&<>\"']")


def _fill(markup, *values):
    """The markup with each value escaped, unless it is markup itself."""
    values = [value if type(value) is SafeString or not SPECIAL.search(value) else escape(value) for value in values]
    return SafeString(markup.format(*values))


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
def filters(fields):
    """The filters of a form, each with its label, its hint and what is wrong with it."""
    return SafeString("".join(map(_filter, fields)))


def _filter(field):
    called = field.auto_id
    return _fill(
        FILTER,
        " govuk-form-group--error" if field.errors else "",
        " r-filters__words" if field.name in WORDS else "",
        field.id_for_label,
        field.label,
        _fill(HINT, called, field.help_text) if field.help_text else "",
        SafeString("".join([_fill(WRONG, called, error) for error in field.errors])),
        SafeString(field),
    )


@register.simple_tag
def dispute_rows(rows, at):
    """The rows of a list: stage, agencies, who acts next, time, target."""
    at = in_london(at)
    return _rows(ROW, rows, lambda row: _cells(row, at))


def _rows(markup, rows, cells_of, beside=lambda row: ""):
    address = reverse("dispute", kwargs={"reference": ANY_REFERENCE})
    return SafeString("".join([_row(markup, row, cells_of(row), address, beside(row)) for row in rows]))


def _row(markup, row, cells, address, beside):
    dispute = row.dispute
    beside = SafeString(f"{AFTER_EVENT if dispute.is_after_event else ''}{beside}")
    href = address.replace(ANY_REFERENCE, dispute.reference)
    return _fill(markup, href, dispute.adult_name, dispute.reference, beside, *cells)


def _cells(row, at):
    ended_at, target_at = row.dispute.ended_at, row.clock.target_at
    goes_on = _fill(QUIET, f"Ended {day(ended_at, at)}") if ended_at else _next(row)
    return row.stage, _agencies(row), goes_on, _time(row), _when(target_at, at) if target_at else "No target"


@register.simple_tag
def open_rows(rows):
    """The rows of the dashboard: stage, agencies, when it last moved, time."""
    return _rows(OPEN_ROW, rows, lambda row: (row.stage, row.agencies, row.moved.capitalize(), _time(row)))


@register.simple_tag
def waits_items(waits, level=2):
    """What waits for somebody (listing.Wait), as the items of ol.r-waits; `level` is that of their headings."""
    return SafeString("".join([_wait(wait, str(level)) for wait in waits]))


def _wait(wait, level):
    look, due = "r-past" if wait.is_overdue else "r-quiet", keep_dates_whole(wait.due)
    about, since = keep_dates_whole(wait.about), keep_dates_whole(wait.since)
    due = _fill(DUE, due) if due else ""
    return _fill(WAIT, level, wait.href, wait.title, about, look, since, time_left(wait.clock), due)


def _agencies(row):
    return _fill(QUIET_LINE, row.agencies, row.category) if row.category else row.agencies


def _next(row):
    return _fill(STRONG, "You") if row.waits_for == "You" else row.waits_for


def _time(row):
    left = time_left(row.clock, row.outcome)
    return SafeString(f"{_fill(STRONG, row.urgency)}<br>{left}") if row.urgency else left


def _when(instant, at):
    instant = in_london(instant)
    words = moment(instant, at)
    return _fill(TIME, instant.isoformat(timespec="minutes"), words[:1].upper() + words[1:])


@register.simple_tag(takes_context=True)
def register_rows(context, rows, at):
    """The rows of the register: stage, agencies, when raised, time, whether the Chair knows, how it goes on."""
    at, token, address = in_london(at), str(context.get("csrf_token", "")), reverse("register")
    return _rows(
        REGISTER_ROW,
        rows,
        lambda row: _register_cells(row, at),
        lambda row: _same_name(row.dispute, address, token) if row.dispute.same_name else "",
    )


def _same_name(dispute, address, token):
    """How many others of the register have this name, which leads to them: sent, since no name stands in an address."""
    number = dispute.same_name
    more = f"More than {SAME_COUNTED} other disputes" if number > SAME_COUNTED else counted(number, "other dispute")
    return _fill(SAME_NAME, address, token, dispute.adult_name, more, dispute.adult_name)


def _register_cells(row, at):
    dispute = row.dispute
    raised = day(dispute.raised_at, at)
    if dispute.chair_informed_at:
        informed = SafeString(f"Informed {_fill(ON_ONE_LINE, day(dispute.chair_informed_at, at))}")
    else:
        informed = "Not informed" if dispute.ended_at else _fill(STRONG, "Not yet informed")
    ended = dispute.ended_at and SafeString(f"Ended {_fill(ON_ONE_LINE, day(dispute.ended_at, at))}")
    return (
        row.stage,
        _agencies(row),
        _fill(ON_ONE_LINE, raised[:1].upper() + raised[1:]),
        _time(row),
        informed,
        _fill(QUIET, ended) if ended else _next(row),
    )
