"""Charts: what is drawn where, 340 units wide; templatetags/figures.py draws it, alike in page and PDF.

Every chart says all it shows three times: in its title, on its marks, and in its table.
"""

import textwrap
from dataclasses import dataclass

from escalation import periods

WIDTH = 340
LABEL = 150  # the width left to the names of bars
NUMBER = 56  # and to the numbers after them
LINE, SECOND_LINE = 28, 15
LONGEST = 21  # letters in a line of a name


@dataclass(frozen=True)
class Table:
    """The figures of a chart, or a plain table: a caption, the heads of its columns, its rows."""

    caption: str
    head: tuple
    rows: tuple

    @property
    def is_empty(self):
        return not self.rows


@dataclass(frozen=True)
class Chart:
    """One chart: how it is drawn, what it shows, its full title, and its marks."""

    key: str
    kind: str
    heading: str
    about: str
    title: str
    marks: tuple
    table: Table
    height: int
    width: int = WIDTH


@dataclass(frozen=True)
class Bar:
    """A bar with its name before it, in one line or two, and its number after it."""

    lines: tuple
    number: str
    y: float
    height: float
    width: float
    x: float = LABEL

    @property
    def named_at(self):
        """Where the name stands, each line with its height."""
        first = self.y + self.height / 2 + 5 - (len(self.lines) - 1) * SECOND_LINE / 2
        return [(line, first + place * SECOND_LINE) for place, line in enumerate(self.lines)]

    @property
    def text_y(self):
        return self.y + self.height / 2 + 5

    @property
    def end(self):
        return self.x + self.width


def bars(key, heading, about, rows, head, *, shown=str):
    """Bars, one for each (name, number); `shown` puts a number into words, None too."""
    longest = max((number or 0 for _, number in rows), default=0) or 1
    marks, y = [], 2
    for name, number in rows:
        lines = tuple(textwrap.wrap(name, LONGEST)[:3])
        height = LINE - 6 + (len(lines) - 1) * SECOND_LINE
        width = round((number or 0) / longest * (WIDTH - LABEL - NUMBER), 1)
        marks.append(Bar(lines, shown(number), y, height, width))
        y += height + 6
    words = tuple((name, shown(number)) for name, number in rows)
    title = f"{about}: {', '.join(f'{name} {number}' for name, number in words)}"
    return Chart(key, "bars", heading, about, title, tuple(marks), Table(about, head, words), height=y)


@dataclass(frozen=True)
class Stack:
    """What is within target and what is past it at one stage, side by side."""

    name: str
    within: int
    past: int
    y: float
    within_width: float
    past_width: float
    x: float = 84

    @property
    def middle(self):
        return self.x + self.within_width / 2

    @property
    def text_y(self):
        return self.y + 19

    @property
    def past_x(self):
        return self.x + self.within_width

    @property
    def end(self):
        return self.past_x + self.past_width

    @property
    def has_room(self):
        """Whether the number fits on the bar."""
        return self.within_width > 9 * len(str(self.within)) + 4


def stacks(key, heading, about, rows):
    """Open disputes within and past their target, one bar for each (name, within, past)."""
    longest = max((within + past for _, within, past in rows), default=0) or 1
    unit = (WIDTH - 84 - 66) / longest
    marks = tuple(
        Stack(name, within, past, 32 + place * 38, round(within * unit, 1), round(past * unit, 1))
        for place, (name, within, past) in enumerate(rows)
    )
    told = "; ".join(f"{name}, {within} within target and {past} past target" for name, within, past in rows)
    table = Table(
        about,
        ("Stage", "Within target", "Past target", "All"),
        tuple((name, within, past, within + past) for name, within, past in rows),
    )
    return Chart(key, "stacks", heading, about, f"{about}: {told}", marks, table, height=34 + 38 * len(rows))


@dataclass(frozen=True)
class Column:
    """The share of one month, as a column with its number on it; `share` is None where nothing ended."""

    name: str
    share: int | None
    is_under_way: bool
    x: float
    width: float

    TALLEST = 130
    FLOOR = 152

    @property
    def height(self):
        return round((self.share or 0) / 100 * self.TALLEST, 1)

    @property
    def y(self):
        return self.FLOOR - self.height

    @property
    def middle(self):
        return round(self.x + self.width / 2, 1)

    @property
    def text_y(self):
        return self.y - 5


def columns(key, heading, about, months, *, under_way=None, fewest=0):
    """The share of each (month, ended, within) in a hundred; the month under way is dashed.

    A month in which fewer than `fewest` ended is not told apart.
    """
    step = WIDTH / max(len(months), 1)
    marks = tuple(
        Column(
            periods.month_name(month, short=True),
            share(within, number) if number >= fewest else None,
            month == under_way,
            round(place * step + 3, 1),
            round(step - 6, 1),
        )
        for place, (month, number, within) in enumerate(months)
    )
    words = [
        (periods.month_name(month), number, within, percent(within, number))
        if number >= fewest
        else (periods.month_name(month), f"fewer than {fewest}", "–", "–")
        for month, number, within in months
    ]
    told = ", ".join(f"{name} {percentage}" for name, _, _, percentage in words)
    table = Table(about, ("Month", "Ended", "Within one week", "Share"), tuple(words))
    return Chart(key, "columns", heading, about, f"{about}: {told}", marks, table, height=176)


def share(part, whole):
    """How many in a hundred, a half rounded up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def percent(part, whole):
    """The share in words: '62%', or 'none ended'."""
    return f"{share(part, whole)}%" if whole else "none ended"
