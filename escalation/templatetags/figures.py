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

FIGURE = '<figure class="r-chart"><figcaption>{heading}</figcaption>\n{about}{drawing}\n{table}\n</figure>\n'
ABOUT = '<p class="govuk-body-s">{}</p>\n'
FOLDED = (
    '<details class="govuk-details"><summary class="govuk-details__summary">'
    '<span class="govuk-details__summary-text">Show the figures as a table'
    '<span class="govuk-visually-hidden">: {}</span></span></summary>'
    '<div class="govuk-details__text">{}</div></details>'
)
SCROLLED = '<div class="r-scroll" tabindex="0" role="region" aria-label="{}">{}</div>\n'
DRAWING = (
    '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    ' font-family="arial, Liberation Sans, sans-serif" role="img" aria-labelledby="{key}-t"'
    ' xmlns="http://www.w3.org/2000/svg"><title id="{key}-t">{title}</title>\n{marks}</svg>'
)
DARK, PAST, BLUE = "#0b0c0c", "#942514", "#12436d"
WORD = '<text x="{}" y="{}" font-size="14" fill="#0b0c0c">{}</text>'
STRONG = '<text x="{}" dx="{}" y="{}" font-size="14" font-weight="bold" fill="{}">{}</text>'
BAR = '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>'
COLUMN = '<rect x="{}" y="{}" width="{}" height="{}" {}/>'
FILLED = f'fill="{BLUE}"'
UNDER_WAY = f'fill="#fff" stroke="{BLUE}" stroke-width="2" stroke-dasharray="4 3"'
SHARE = '<text x="{}" y="{}" font-size="13" font-weight="bold" fill="#0b0c0c" text-anchor="middle">{}</text>'
NO_SHARE = '<text x="{}" y="{}" font-size="13" fill="#484949" text-anchor="middle">–</text>'
MONTH = '<text x="{}" y="169" font-size="12" fill="#484949" text-anchor="middle">{}</text>\n'
FLOOR = '<line x1="0" y1="152" x2="{}" y2="152" stroke="#484949" stroke-width="1"/>'
INSIDE = '<text x="{}" y="{}" font-size="14" font-weight="bold" fill="#fff" text-anchor="middle">{}</text>'
LEGEND = (
    '<defs><pattern id="{key}-p" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#942514"/><rect width="1.5" height="6" fill="#fff"/></pattern></defs>\n'
    '<rect x="0" y="3" width="14" height="14" fill="#12436d"/>'
    '<text x="20" y="15" font-size="14" fill="#0b0c0c">within target</text>'
    '<rect x="124" y="3" width="14" height="14" fill="url(#{key}-p)"/>'
    '<text x="144" y="15" font-size="14" fill="#0b0c0c">past target</text>\n'
)


OPTION = '<option value="{}"{}>{}</option>'


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


@register.simple_tag
def agency_options(agencies, chosen=None):
    """Agencies to choose from, by their ids."""
    picked = chosen and chosen.pk
    return SafeString(
        "".join(OPTION.format(each.pk, " selected" if each.pk == picked else "", _text(each.name)) for each in agencies)
    )


@register.simple_tag
def figures_chart(chart, in_print=False):
    """A chart (charts.Chart) with its figures as a table: folded away on a page, beside it in print."""
    if in_print:
        table = figures_table(chart.table)
    else:
        table = SCROLLED.format(_text(chart.table.caption), figures_table(chart.table, quiet_caption=True))
        table = FOLDED.format(_text(chart.about), table)
    drawing = DRAWING.format(
        width=chart.width,
        height=chart.height,
        key=_text(chart.key),
        title=_text(chart.title),
        marks=DRAWN[chart.kind](chart),
    )
    about = ABOUT.format(_text(chart.about)) if chart.about != chart.heading else ""
    return SafeString(FIGURE.format(heading=_text(chart.heading), about=about, drawing=drawing, table=table))


def _bars(chart):
    return "".join(map(_bar, chart.marks))


def _bar(bar):
    lines = "".join(WORD.format(0, y, _text(line)) for line, y in bar.named_at)
    drawn = BAR.format(bar.x, bar.y, bar.width, bar.height, BLUE) if bar.width else ""
    return f"{lines}{drawn}{STRONG.format(bar.end, 6, bar.text_y, DARK, _text(bar.number))}\n"


def _columns(chart):
    return "".join(map(_column, chart.marks)) + FLOOR.format(chart.width)


def _column(column):
    if column.share is None:
        drawn = NO_SHARE.format(column.middle, column.text_y)
    else:
        look = UNDER_WAY if column.is_under_way else FILLED
        drawn = COLUMN.format(column.x, column.y, column.width, column.height, look)
        drawn += SHARE.format(column.middle, column.text_y, column.share)
    return drawn + MONTH.format(column.middle, _text(column.name))


def _stacks(chart):
    return LEGEND.format(key=_text(chart.key)) + "".join(
        _stack(bar, f"url(#{_text(chart.key)}-p)") for bar in chart.marks
    )


def _stack(bar, pattern):
    drawn = WORD.format(0, bar.text_y, _text(bar.name))
    if bar.within:
        drawn += BAR.format(bar.x, bar.y, bar.within_width, 28, BLUE)
        if bar.has_room:
            drawn += INSIDE.format(bar.middle, bar.text_y, bar.within)
    if bar.past:
        drawn += BAR.format(bar.past_x, bar.y, bar.past_width, 28, pattern)
        beside = f"{bar.within} and " if bar.within and not bar.has_room else ""
        drawn += STRONG.format(bar.end, 5, bar.text_y, PAST, f"{beside}{bar.past} past")
    elif not bar.has_room:
        drawn += STRONG.format(bar.end, 5, bar.text_y, DARK, bar.within)
    return f"{drawn}\n"


DRAWN = {"bars": _bars, "columns": _columns, "stacks": _stacks}
