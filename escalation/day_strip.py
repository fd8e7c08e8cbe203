"""The day strip: a cell for each date from raising to target and on, and the same in a sentence (R4)."""

import datetime as dt
from dataclasses import dataclass

from escalation.deadlines import (
    ONE_DAY,
    TARGET_DAYS,
    clock,
    is_bank_holiday,
    is_working_day,
    next_working_day,
    time_taken,
)
from escalation.moments import MONTHS, WEEKDAYS, clock_time, counted, day, in_utc, london_date, moment

MOST_CELLS = 10


@dataclass(frozen=True)
class Cell:
    """One date of the day strip, or "… 12 days" where `on` is None."""

    on: dt.date | None = None
    note: str = ""
    is_used: bool = False
    is_over: bool = False
    is_rest: bool = False
    is_today: bool = False
    is_target: bool = False
    is_needed_by: bool = False
    is_raised: bool = False
    is_ended: bool = False

    @property
    def weekday(self):
        return WEEKDAYS[self.on.weekday()]

    @property
    def month(self):
        return MONTHS[self.on.month - 1][:3]

    @property
    def css(self):
        """The classes the style sheet knows; a needed-by date takes the target's border."""
        shown = {
            "is-used": self.is_used,
            "is-over": self.is_over,
            "is-rest": self.is_rest,
            "is-today": self.is_today,
            "is-target": self.is_target or self.is_needed_by,
        }
        return " ".join(name for name, applies in shown.items() if applies)


@dataclass(frozen=True)
class Strip:
    """The day strip: its cells, its name for screen readers, and the same in a sentence."""

    cells: tuple[Cell, ...]
    label: str
    sentence: str

    @property
    def is_long(self):
        return len(self.cells) > TARGET_DAYS + 1


def strip(raised_at, target_at, needed_by_on, at, ended_at=None):
    """One cell for each date from raising to target, and on to today, or to the end, once past (R4).

    Past ten cells only the dates that mean something stay, and what lies between them is counted.
    """
    until_at = in_utc(min(at, ended_at) if ended_at else at)
    raised_on = london_date(raised_at)
    until = max(london_date(until_at), raised_on)
    target_on = london_date(target_at) if target_at else None
    dates = [raised_on + n * ONE_DAY for n in range((max(until, target_on or until) - raised_on).days + 1)]
    is_past = target_at is not None and until_at > target_at

    def cell(on):
        words = []
        if on == raised_on:
            words.append("raised")
        if on == until:
            words.append("ended" if ended_at else "today")
        if on == needed_by_on:
            words.append("needed by")
        if on == target_on:
            # Once past, the time stands in the heading, and the cells are narrow.
            words.append("target" if is_past else f"target {clock_time(target_at)}")
        if is_bank_holiday(on):
            words.append("bank holiday")
        elif not is_working_day(on) and not words:
            words.append("weekend")
        note = ", ".join(words)
        return Cell(
            on=on,
            note=note[:1].upper() + note[1:],
            is_used=on <= until and (target_on is None or on <= target_on),
            is_over=target_on is not None and target_on < on <= until,
            is_rest=not is_working_day(on),
            is_today=on == until and not ended_at,
            is_target=on == target_on,
            is_needed_by=on == needed_by_on,
            is_raised=on == raised_on,
            is_ended=on == until and bool(ended_at),
        )

    cells = [cell(on) for on in dates]
    if len(cells) > MOST_CELLS:
        cells = _shortened(cells)
    return Strip(
        cells=tuple(cells),
        label=_label(dates, target_on, until),
        sentence=_sentence(raised_at, target_at, needed_by_on, at, ended_at),
    )


def _shortened(cells):
    """The cells that mean something, with "… 12 days" for each run of others."""
    shown, run = [], []

    def close():
        shown.extend(
            run if len(run) < 2 else [Cell(note=f"… {len(run)} days", is_used=run[0].is_used, is_over=run[0].is_over)]
        )
        run.clear()

    for cell in cells:
        if cell.is_raised or cell.is_target or cell.is_needed_by or cell.is_today or cell.is_ended:
            close()
            shown.append(cell)
        else:
            run.append(cell)
    close()
    return shown


def _label(dates, target_on, until):
    if target_on is None:
        return "Days since raising"
    days = (target_on - dates[0]).days
    name = "One-week target" if days == TARGET_DAYS else f"Target of {counted(days, 'day')}"
    return f"{name} and the days since" if until > target_on else f"{name}, day by day"


def _sentence(raised_at, target_at, needed_by_on, at, ended_at):
    """What the strip shows, for those who hear it or read it on a phone."""
    raised = f"Raised {moment(raised_at, at)}."
    if ended_at:
        return f"{raised} Ended {moment(ended_at, at)}, after {time_taken(raised_at, ended_at)}."
    now = clock(raised_at, target_at, needed_by_on, at)
    used = f"{counted(now.days_used, 'day')} used"
    needed = f" Needed by {day(needed_by_on, at)}." if needed_by_on else ""
    if now.is_past:
        return f"{raised} {used}.{needed} Nothing closes when the target passes: the dispute goes on until it ends."
    if target_at is None:
        return f"{raised} {used}.{needed} No target runs. {_working_days(at)}"
    left = "due today" if now.is_today else f"{now.days_left} left"
    return f"{raised} {used}, {left}.{needed} {_working_days(at)}"


def _working_days(at):
    """Whether people work today and tomorrow, since much of a week can be days off."""
    today = london_date(at)
    match is_working_day(today), is_working_day(today + ONE_DAY):
        case True, True:
            return "Today and tomorrow are working days."
        case True, False:
            return f"Today is a working day, the next is {day(next_working_day(today), at)}."
        case False, True:
            return "Tomorrow is a working day, today is not."
    return f"The next working day is {day(next_working_day(today), at)}."
