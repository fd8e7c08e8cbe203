"""Small numbers held back, so that nobody can work them out from what is published (R34). No database.

What is published is made of tables of one kind only: cells that add up to a known total. A number under five, nought
included, is held back. Others are held back with it, all under the same mark, until two things are true:

1. whoever knows the total, the cells shown, and that a number is never negative cannot tell of any cell held back
   that it is not any of 0, 1, 2, 3 or 4;
2. nor can whoever has learned besides which of the cells held back are under five, and that the others are not,
   say of any cell under five which of these five numbers it is not.

Where that cannot be had, no cell of the table is shown. Where the total itself is under five, the total is held back,
and with it every cell. Whoever knows this very rule, and tries every table it would have published alike, still finds
more than one number for each cell held back: the tests try that for every small table.

Two tables with the same total say nothing of each other, since any two columns that add up to the same total can
stand at the two edges of one table. The one exception is agencies: none raises a dispute with itself, so what an
agency raised and what was raised with it are at most the total together (`tell_of_each_other`). A percentage or a
median is printed only of what is shown whole, and a change since the year before is not printed.

On the dashboard, beside the names of agencies, it is no secret which pairs there are and which of them are small: there
`tell` says of each number as much as leaves every small one anything from one to four.
"""

from dataclasses import dataclass

FEWEST = 5  # a number below this could point at somebody, and is held back


@dataclass(frozen=True)
class Published:
    """A table as it is published: the total and each cell, None where it is held back."""

    total: int | None
    cells: tuple

    @property
    def is_whole(self):
        """Whether nothing of it is held back."""
        return self.total is not None and None not in self.cells


def protect(cells):
    """The table of these cells as it may be published; the order of the cells is kept."""
    cells, total = tuple(cells), sum(cells)
    nothing = (None,) * len(cells)
    if total < FEWEST:
        return Published(None, nothing)
    small = {place for place, number in enumerate(cells) if number < FEWEST}
    held_back = set(small)
    # The smallest of the others first, so that as little as possible is lost; equal ones together, since which of
    # two equal ones was taken would tell which of the rest is small
    while small and not is_safe(cells, small, held_back):
        others = [number for place, number in enumerate(cells) if place not in held_back]
        if not others:
            return Published(total, nothing)
        held_back |= {place for place, number in enumerate(cells) if number == min(others)}
    return Published(total, tuple(None if place in held_back else number for place, number in enumerate(cells)))


def is_safe(cells, small, held_back, least=0):
    """Whether every small cell could be any number from `least` to four, even to whoever knows which ones are small."""
    most = FEWEST - 1
    others = len(held_back) - len(small)
    together = sum(cells[place] for place in held_back)  # known: the total without the cells shown
    could_be_least = others > 0 or together - least <= most * (len(small) - 1)
    could_be_most = together - most >= FEWEST * others + least * (len(small) - 1)
    return len(held_back) > 1 and could_be_least and could_be_most


@dataclass(frozen=True)
class Told:
    """A number as it may be told: exactly, or from `least` to `most`, which is None where nobody is told."""

    least: int
    most: int | None

    @property
    def is_exact(self):
        return self.least == self.most

    def __str__(self):
        if self.is_exact:
            return str(self.least)
        return f"{self.least} or more" if self.most is None else f"{self.least} to {self.most}"


FEW_OF_THEM, MANY_OF_THEM, SOME_OF_THEM = Told(1, FEWEST - 1), Told(FEWEST, None), Told(1, None)


def tell(cells, is_total_known=True):
    """Numbers of at least one, each as it may be told beside the others; None where none of them may be told.

    As `protect` does, but it is no secret which ones are small, nor which are nought: those are not among them.
    """
    cells = tuple(cells)
    small = {place for place, number in enumerate(cells) if number < FEWEST}
    held_back = set(small)
    if small and is_total_known:
        # All of them are one, or there is one alone: the total tells it
        if sum(cells) < FEWEST or sum(cells) == len(cells):
            return None
        while not is_safe(cells, small, held_back, least=1):
            others = [number for place, number in enumerate(cells) if place not in held_back]
            if not others:
                return (SOME_OF_THEM,) * len(cells)
            next_one = min(others)
            held_back |= {place for place, number in enumerate(cells) if number == next_one}
    return tuple(
        FEW_OF_THEM if place in small else MANY_OF_THEM if place in held_back else Told(number, number)
        for place, number in enumerate(cells)
    )


def together(told):
    """The sum of numbers as they are told, which says no more than they do."""
    told = list(told)
    if len(told) == 1:
        return told[0]
    least = sum(each.least for each in told)
    return Told(least, least if all(each.is_exact for each in told) else None)


def tell_of_each_other(first, second):
    """Whether two tables over the same agencies, one of who raised and one of with whom, narrow each other down.

    A cell held back is moved by less than five, and so are those that make up for it; where there is that much room
    between what an agency has in both tables and the total, one table says nothing about the other.
    """
    total = sum(first)
    return any(one + other > total - (FEWEST - 1) for one, other in zip(first, second, strict=True))
