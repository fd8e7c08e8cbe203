"""Suppression cannot be undone by subtraction (R34): attackers who try every table that fits what is published."""

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panels.suppression import FEWEST, Published, protect, tell, tell_of_each_other, together

UNDER_FIVE = set(range(FEWEST))
TABLES = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 60)), min_size=1, max_size=7)


def what_fits(total, places, low, high):
    """For each place the numbers it can hold, where all add up to a total; by trying each in turn."""

    @cache
    def can(place, left):
        if place == places:
            return left == 0
        return any(can(place + 1, left - number) for number in range(low[place], min(high[place], left) + 1))

    def rest_can(skipped, left):
        sums = {0}
        for place in range(places):
            if place != skipped:
                numbers = range(low[place], min(high[place], left) + 1)
                sums = {one + number for one in sums for number in numbers if one + number <= left}
        return left in sums

    assert can(0, total)
    return [{number for number in range(low[k], min(high[k], total) + 1) if rest_can(k, total - number)}
            for k in range(places)]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_nobody_narrows_down_a_small_number(cells):
    """Neither by subtraction, nor by knowing besides which of the cells held back are small."""
    published = protect(cells)

    assert [shown for shown in published.cells if shown is not None and shown < FEWEST] == []
    if published.total is None:
        assert sum(cells) < FEWEST
        assert set(published.cells) == {None}
        return
    hidden = [number for number, shown in zip(cells, published.cells, strict=True) if shown is None]
    left = published.total - sum(shown for shown in published.cells if shown is not None)
    assert left == sum(hidden)
    if hidden:
        everything = what_fits(left, len(hidden), [0] * len(hidden), [left] * len(hidden))
        assert len(hidden) > 1
        for possible in everything:
            assert possible >= UNDER_FIVE
    if hidden and len(hidden) < len(cells):
        low = [0 if number < FEWEST else FEWEST for number in hidden]
        high = [FEWEST - 1 if number < FEWEST else left for number in hidden]
        for number, possible in zip(hidden, what_fits(left, len(hidden), low, high), strict=True):
            assert number >= FEWEST or possible == UNDER_FIVE


@pytest.mark.parametrize("places", [2, 3, 4])
def test_who_knows_the_rule_itself_learns_no_small_number(places):
    """Of all tables that are published alike, a cell that is small in one is something else in another."""
    most = {2: 30, 3: 16, 4: 11}[places]
    alike = {}
    for cells in product(range(most), repeat=places):
        alike.setdefault(protect(cells), []).append(cells)

    pinned = []
    for published, tables in alike.items():
        # Near the edge of what is tried, the other tables are missing
        if published.total is not None and published.total >= most:
            continue
        for place, shown in enumerate(published.cells):
            possible = {cells[place] for cells in tables}
            if shown is None and min(possible) < FEWEST and len(possible) < 2:
                pinned.append((published, place, possible))

    assert len(alike) > 5
    assert pinned == []


@pytest.mark.parametrize(
    ("cells", "published"),
    [
        ([12, 7, 30], Published(49, (12, 7, 30))),
        ([12, 3, 30], Published(45, (None, None, 30))),
        ([5, 3, 30], Published(38, (None, None, None))),
        ([1, 2, 40], Published(43, (None, None, None))),
        ([4, 4, 4], Published(12, (None, None, None))),
        ([2, 3, 0, 40, 9], Published(54, (None, None, None, 40, 9))),
        ([2, 2], Published(None, (None, None))),
        ([0, 0, 0], Published(None, (None, None, None))),
        ([], Published(None, ())),
    ],
)
def test_what_is_published(cells, published):
    assert protect(cells) == published


def test_a_single_small_number_takes_another_with_it():
    shown = protect([30, 2, 9, 18]).cells

    assert shown == (30, None, None, 18)


@pytest.mark.parametrize(
    ("raised", "raised_with", "tell"),
    [([20, 6, 4], [5, 15, 10], False), ([28, 1, 1], [1, 20, 9], True), ([10, 10, 10], [10, 10, 10], False)],
)
def test_who_raises_most_tells_who_is_disputed_least(raised, raised_with, tell):
    """Nobody raises a dispute with themselves: where one agency raised nearly all, few can be with it."""
    assert tell_of_each_other(raised, raised_with) == tell


# Beside agencies' names on the dashboard, where noughts are no secret (R44)


@pytest.mark.parametrize(("places", "most"), [(1, 20), (2, 20), (3, 13), (4, 8)])
def test_no_small_number_beside_others_is_worked_out(places, most):
    """By whoever knows the sum of all and the rule, and tries every table that would have been told alike."""
    alike, sums = {}, {}
    for cells in product(range(1, most + 1), repeat=places):
        told = tell(cells)
        alike.setdefault((sum(cells), told and tuple(map(str, told))), []).append(cells)
        sums[cells] = told
    for (total, told), tables in alike.items():
        if told is None or total > most:  # of larger sums some tables are left out here
            continue
        for place in range(places):
            numbers = {cells[place] for cells in tables}
            assert len(numbers) > 1 or min(numbers) >= FEWEST, (total, told, tables)
    for cells, told in sums.items():
        for number, each in zip(cells, told or (), strict=bool(told)):
            assert each.least <= number <= (each.most or number)
        if told:
            assert together(told).least <= sum(cells) <= (together(told).most or sum(cells))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((5, 12), ["5", "12"]),
        ((2, 6), ["1 or more", "1 or more"]),
        ((2, 7, 9), ["1 to 4", "5 or more", "9"]),
        ((3, 2), ["1 to 4", "1 to 4"]),
        ((), []),
    ],
)
def test_what_is_told_beside_an_agency(cells, words):
    assert [str(each) for each in tell(cells)] == words


@pytest.mark.parametrize("cells", [(3,), (2, 2), (1, 1, 1, 1, 1)])
def test_where_the_sum_alone_says_it_nothing_is_told(cells):
    assert tell(cells) is None


def test_without_a_known_sum_a_small_number_takes_none_with_it():
    assert [str(each) for each in tell((2, 6), is_total_known=False)] == ["1 to 4", "6"]
    assert str(together(tell((2, 1, 6), is_total_known=False))) == "8 or more"
