"""The dashboard's figures as headlines, charts and tables, with addresses of the lists behind them."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.utils.http import urlencode

from escalation import charts
from escalation.charts import Table, percent
from escalation.figures import UPPER
from escalation.models import Category
from escalation.moments import counted, london_date
from escalation.periods import midnight, month_after
from escalation.stages import StageNumber
from panels.annual_charts import days_words
from panels.suppression import FEWEST, Told, protect, tell, together

REGISTER, DISPUTES = "/register/", "/disputes/"
PAIRS_SHOWN = 15
FEWER = f"fewer than {FEWEST}"
UNTOLD = "not told"
CATEGORIES = [*Category.choices, ("", "Not given")]


@dataclass(frozen=True)
class Cell:
    """A figure, and where the list behind it is, if there is one."""

    words: object
    href: str = ""

    def __str__(self):
        return str(self.words)


@dataclass(frozen=True)
class Headline:
    """A figure that leads the page, and the words after it."""

    number: object
    words: str
    href: str = ""
    link: str = ""
    is_past: bool = False


class Shown:
    """What a page shows of a dashboard."""

    def __init__(self, board):
        self.board = board

    def address(self, **filters):
        """The list behind a figure: the register for the Board, one's own disputes for a lead."""
        filters = {name: value for name, value in filters.items() if value}
        if self.board.agency:
            filters["agency"] = self.board.agency.pk
        if self.board.is_board:
            return f"{REGISTER}?{urlencode(filters)}"
        past, is_open = filters.pop("past_target", None), filters.pop("open", None)
        state = "past" if past else "open" if is_open else "ended"
        kept = {name: value for name, value in filters.items() if name in ("stage", "agency", "urgency", "category")}
        return f"{DISPUTES}?{urlencode({'state': state, **kept})}"

    def link(self, number, stage, **filters):
        """A figure with its list, at a stage that the person may see in full; else the figure alone."""
        is_seen = stage >= UPPER or self.board.is_in_full
        return Cell(number, self.address(stage=int(stage), **filters) if number and is_seen else "")

    def small(self, number):
        """A number below stage three, not told where it is small and could point at somebody."""
        return FEWER if self.board.hides_small and number < FEWEST else number

    @property
    def headlines(self):
        board = self.board
        at = "" if not board.hides_small else " at stages three and four"
        three, four = board.at_stage(3), board.at_stage(4)
        upper_past = three.past + four.past
        yield Headline(
            board.number_past,
            f"past target, of {board.number_open} open{at}.",
            self.address(past_target=1, open=1) if upper_past or (board.is_in_full and board.number_past) else "",
            f"{counted(upper_past, 'dispute')} at stages three and four" if board.is_board else "See them",
            is_past=bool(board.number_past),
        )
        for each in (three, four):
            yield Headline(
                each.number,
                f"at stage {StageNumber(each.stage).label}.",
                self.address(stage=each.stage, open=1) if each.number else "",
                "See it" if each.number == 1 else "See them",
            )
        if not board.tells_ended:
            yield Headline("–", f"{FEWER if board.hides_small else 'none'} ended in this period")
            return
        ended = board.ended
        yield Headline(percent(ended.within, ended.number), f"ended within one week ({ended.within} of {ended.number})")
        yield Headline(days_words(ended.times.median), "or less for half of those that ended")

    @property
    def charts(self):
        """The charts, those left out that would show nothing."""
        board = self.board
        stages = [(f"Stage {StageNumber(each.stage).label}", each.within, each.past) for each in board.open_shown]
        if board.number_open:
            yield charts.stacks(
                "open", f"{board.number_past} of {board.number_open} open are past target",
                "Open disputes by stage, within and past their target", stages,
            )  # fmt: skip
        if board.tells_ended:
            ended = board.ended
            months = [
                (month, ended.by_month.get(month, 0), ended.within_by_month.get(month, 0))
                for month in board.period.months
                if midnight(month) <= board.at
            ]
            if not board.hides_small or any(number >= FEWEST for _, number, _ in months):
                yield charts.columns(
                    "months", f"{percent(ended.within, ended.number)} ended within one week",
                    f"Share that ended within one week, %, by month: {board.period.words}", months,
                    under_way=month_after(london_date(board.at), 0), fewest=FEWEST if board.hides_small else 0,
                )  # fmt: skip
        if any(number is not None for _, number in self.categories):
            yield charts.bars(
                "categories", "What they are about", f"Disputes raised, by category: {board.period.words}",
                self.categories, ("Category", "Raised"), shown=lambda number: UNTOLD if number is None else str(number),
            )  # fmt: skip

    @cached_property
    def categories(self):
        """(category, number), the most frequent first; None where it is not told."""
        numbers = self.board.raised.by_category
        rows = [(label, numbers.get(value, 0)) for value, label in CATEGORIES]
        if self.board.hides_small:
            # What the agency raised is known in all, so that a small one must not be what the others leave of it
            shown = protect(number for _, number in rows).cells
            rows = [(label, number) for (label, _), number in zip(rows, shown, strict=True)]
        else:
            rows = [row for row in rows if row[1]]
        return sorted(rows, key=lambda row: -(row[1] or 0))

    @property
    def open_table(self):
        """Open by stage: how many, urgent, past target, and how long the oldest is open."""
        rows = []
        for each in self.board.open:
            is_small = each.stage < UPPER and self.board.hides_small
            oldest = (london_date(self.board.at) - london_date(each.oldest_at)).days if each.oldest_at else None
            rows.append(
                (
                    f"Stage {StageNumber(each.stage).label}",
                    self.link(self.small(each.number) if is_small else each.number, each.stage, open=1),
                    self.link(
                        self.small(each.urgent) if is_small else each.urgent, each.stage, open=1, urgency="urgent"
                    ),
                    self.link(self.small(each.past) if is_small else each.past, each.stage, open=1, past_target=1),
                    "–" if oldest is None or is_small else counted(oldest, "day"),
                )
            )
        return Table("Open now", ("Stage", "Open", "Urgent", "Past target", "Oldest"), tuple(rows))

    @property
    def week(self):
        """What moved in the last seven days, in words."""
        week = self.board.week
        moved = [
            (week.reached.get(stage.value, 0), f"reached stage {stage.label}" if stage > 1 else "raised", stage)
            for stage in StageNumber
        ]
        rows = [
            (words, FEWER if self.board.hides_small and stage < UPPER and number < FEWEST else number)
            for number, words, stage in moved
        ]
        rows.append(("ended", self.small(week.ended)))
        return [f"{number} {words}" for words, number in rows]

    @property
    def times(self):
        """Median and 90th percentile by the stage at which they ended."""
        ended, period = self.board.ended, self.board.period
        # The list takes both days in
        since, until = london_date(period.start), london_date(period.end - timedelta(microseconds=1))
        rows, stages = [], list(StageNumber)
        if self.board.hides_small:
            # Together, so that neither can be worked out from all that ended
            together, stages = ended.times_of(StageNumber.ONE, StageNumber.TWO), stages[2:]
            told = (together.number, days_words(together.median), days_words(together.ninetieth))
            rows.append(("Stages one and two", *(told if together.number >= FEWEST else (FEWER, "–", "–"))))
        for stage in stages:
            times = ended.times_of(stage)
            shown = self.link(times.number, stage, ended_from=since.isoformat(), ended_to=until.isoformat())
            rows.append((f"Stage {stage.label}", shown, days_words(times.median), days_words(times.ninetieth)))
        head = ("Ended at", "Disputes", "Half ended within", "Nine in ten ended within")
        return Table(f"Time to the end: {period.words}", head, tuple(rows))

    # Who raised with whom: a plain table, without a verdict

    @cached_property
    def told(self):
        """How many each agency raised with which, as it is told by their ids; nothing where not even that may be told.

        The Board is told how many were raised in all (by category, and in other ways), so that no small number may be
        what the others leave of it.
        """
        numbers, board = self.board.raised.by_pair, self.board
        if not board.is_board:
            return {pair: Told(number, number) for pair, number in numbers.items()}
        is_total_known = not board.hides_small or board.raised.number >= FEWEST
        told = tell(numbers.values(), is_total_known)
        return dict(zip(numbers, told, strict=True)) if told else {}

    @cached_property
    def pairs(self):
        names = {agency.pk: agency.name for agency in self.board.agencies}
        rows = heapq.nsmallest(
            PAIRS_SHOWN,
            ((-told.least if told.is_exact else 0, names[one], names[other], told)
             for (one, other), told in self.told.items()),
        )  # fmt: skip
        shown = tuple((f"{one} with {other}", told) for _, one, other, told in rows)
        return Table(f"Who raised with whom: {self.board.period.words}", ("Raised by, and with", "Disputes"), shown)

    @property
    def more_pairs(self):
        return max(len(self.told) - PAIRS_SHOWN, 0)

    @cached_property
    def by_agency(self):
        """What each agency raised and what was raised with it, those that raised none among them."""
        raised, received = defaultdict(list), defaultdict(list)
        for (one, other), told in self.told.items():
            raised[one].append(told)
            received[other].append(told)
        one_agency, is_told = self.board.scope.only, bool(self.told) or not self.board.raised.by_pair
        rows = []
        for agency in self.board.agencies if is_told else ():
            numbers = raised.get(agency.pk), received.get(agency.pk)
            if (one_agency is None and agency.is_active) or any(numbers) or agency.pk in (one_agency or ()):
                rows.append((agency.name, *(together(each) if each else "none" for each in numbers)))
        head = ("Agency", "Raised", "Raised with it")
        return Table(f"By agency: {self.board.period.words}", head, tuple(rows))
