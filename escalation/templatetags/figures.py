"""Tables of figures, and the charts of the same, marked up.

Here and not in a template: a page of figures has hundreds of cells, which would take longer than all the rest of it.
Every value is escaped as it is put in.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString

register = template.Library()

TABLE = (
    '<table class="govuk-table r-table" role="table">\n'
    '<caption class="govuk-table__caption {caption_class}">{caption}</caption>\n'
    '<thead class="govuk-table__head" role="rowgroup"><tr class="govuk-table__row" role="row">{heads}</tr></thead>\n'
    '<tbody class="govuk-table__body" role="rowgroup">{rows}</tbody></table>'
)
SHOWN, HIDDEN = "govuk-table__caption--s", "govuk-visually-hidden"
FIRST_HEAD = '<th scope="col" class="govuk-table__header" role="columnheader">{}</th>'
HEAD = '<th scope="col" class="govuk-table__header govuk-table__header--numeric" role="columnheader">{}</th>'
ROW = (
    '<tr class="govuk-table__row" role="row">'
    '<th scope="row" class="govuk-table__header" role="rowheader">{}</th>{}</tr>\n'
)
CELL = '<td class="govuk-table__cell govuk-table__cell--numeric" role="cell">{}</td>'
LINK = '<a class="govuk-link" href="{}">{}</a>'


def _text(value):
    return str(value) if type(value) is int else escape(str(value))


def _cell(value):
    words, href = _text(value), getattr(value, "href", "")
    return CELL.format(LINK.format(escape(href), words) if href else words)


@register.simple_tag
def figures_table(table, quiet_caption=False):
    """A plain table (charts.Table), those figures as links behind which there is a list."""
    first, *others = table.head
    rows = [ROW.format(_text(first), "".join(map(_cell, others))) for first, *others in table.rows]
    return SafeString(
        TABLE.format(
            caption_class=HIDDEN if quiet_caption else SHOWN,
            caption=_text(table.caption),
            heads=FIRST_HEAD.format(_text(first)) + "".join(HEAD.format(_text(name)) for name in others),
            rows="".join(rows),
        )
    )
