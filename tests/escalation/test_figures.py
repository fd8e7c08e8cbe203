"""Every figure equals a slow, plain recount over random disputes; and the years' boundaries (R34)."""

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Agency
from escalation import figures, periods
from escalation.figures import EVERYTHING, Scope
from escalation.models import Dispute, Party, Stage
from escalation.moments import LONDON
from tests import bulk
from tests.cast import person

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
YEARS = (periods.board_year(2025), periods.board_year(2024))
TRY = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def agencies():
    return [Agency.objects.create(name=name) for name in ("Council", "Hospital", "Police", "Housing")]


@pytest.fixture
def somebody():
    return person("somebody", "Somebody")


def days(dispute):
    return (dispute.ended_at.astimezone(LONDON).date() - dispute.raised_at.astimezone(LONDON).date()).days


def nearest_rank(values, percent):
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1] if values else None


def counted(values):
    return dict(Counter(values))


@figures.worded
def week_rows(scope, at, since):
    return figures.united(*figures.week_rows(scope, at, since))


def check(scope, disputes, pairs):
    """Hold every figure against a recount of these disputes."""
    open_now = [each for each in disputes if each.ended_at is None]
    for found in figures.open_by_stage(scope, AT):
        there = [each for each in open_now if each.stage == found.stage]
        past = [each for each in there if each.target_at < AT and not each.target_stopped]
        urgent = [each for each in there if each.urgency == "urgent"]
        assert (found.number, found.past, found.urgent) == (len(there), len(past), len(urgent))
        assert found.oldest_at == min((each.raised_at for each in there), default=None)
    instants = (YEARS[0].end, YEARS[1].end)
    for instant, found in zip(instants, figures.open_on(scope, *instants), strict=True):
        there = [each for each in disputes if each.raised_at < instant]
        assert found == sum(not each.ended_at or each.ended_at >= instant for each in there)

    for year, ended in zip(YEARS, figures.ended(scope, *YEARS), strict=True):
        there = [each for each in disputes if each.ended_at and year.start <= each.ended_at < year.end]
        soon = [each for each in there if each.ended_at <= each.target_at]
        assert (ended.number, ended.within) == (len(there), len(soon))
        assert ended.by_stage == counted(each.stage for each in there)
        assert ended.by_outcome == counted(each.outcome for each in there)
        month = lambda each: each.ended_at.astimezone(LONDON).date().replace(day=1)  # noqa: E731
        assert ended.by_month == counted(map(month, there))
        assert {key: number for key, number in ended.within_by_month.items() if number} == counted(map(month, soon))
        assert set(ended.by_month) <= set(year.months)
        for stage in (1, 2, 3, 4):
            taken = [days(each) for each in there if each.stage == stage]
            found = ended.times_by_stage.get(stage, figures.Times())
            assert (found.number, found.median) == (len(taken), nearest_rank(taken, 50))
            assert found.ninetieth == nearest_rank(taken, 90)
        assert ended.times.median == nearest_rank([days(each) for each in there], 50)
        assert ended.times.between(4, 7) == sum(4 <= days(each) <= 7 for each in there)
        assert ended.times.between(8) == sum(days(each) >= 8 for each in there)

    for year, raised in zip(YEARS, figures.raised(scope, *YEARS), strict=True):
        there = [each for each in disputes if year.start <= each.raised_at < year.end]
        assert raised.number == len(there)
        assert raised.by_category == counted(each.category for each in there)
        assert raised.by_pair == counted(pairs[each.pk] for each in there)
        assert raised.by_agency == counted(pairs[each.pk][0] for each in there)
        assert raised.with_agency == counted(pairs[each.pk][1] for each in there)

    week = figures.week_of(figures.tally(week_rows(scope, AT, AT - figures.WEEK)))
    new = [each for each in disputes if each.raised_at > AT - timedelta(days=7)]
    assert week.reached == counted(number for each in new for number in range(1, each.stage + 1))
    assert week.ended == sum(bool(each.ended_at) and each.ended_at > AT - timedelta(days=7) for each in disputes)


@TRY
@given(data=st.data())
def test_every_figure_equals_a_recount(data, agencies, somebody):
    """Over all disputes, those of one agency, and those that do not concern one."""
    for model in (Stage, Party, Dispute):
        model.objects.all()._raw_delete("default")
    rows = data.draw(bulk.rows(agencies, AT))
    made = bulk.write(rows, somebody)
    pairs = {
        each.pk: (row["raising_agency"].pk, row["disputed_agency"].pk) for each, row in zip(made, rows, strict=True)
    }
    one = agencies[0].pk

    check(EVERYTHING, made, pairs)
    check(Scope(only=frozenset([one])), [each for each in made if one in pairs[each.pk]], pairs)
    check(Scope(without=frozenset([one])), [each for each in made if one not in pairs[each.pk]], pairs)


def test_figures_of_very_many_agencies():
    """However many: marks stand in the order of the ids, whatever their number."""
    for number in (62, 63, 127, 500):
        many = frozenset(range(1, number))
        for scope in (Scope(only=many), Scope(without=many)):
            assert sum(each.number for each in figures.open_by_stage(scope, AT)) == 0


@pytest.mark.parametrize(
    ("ended_at", "year"),
    [
        (datetime(2026, 3, 31, 23, 59, tzinfo=LONDON), 2025),
        (datetime(2026, 4, 1, 0, 0, tzinfo=LONDON), 2026),
        (datetime(2026, 4, 1, 0, 1, tzinfo=LONDON), 2026),
        (datetime(2026, 3, 31, 23, 30, tzinfo=UTC), 2026),
        (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), 2025),
    ],
)
def test_a_year_ends_at_midnight_in_london(agencies, somebody, ended_at, year):
    """What ended at 23:59 on 31 March belongs to the old year, at 00:01 on 1 April to the new (R34)."""
    raised_at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    row = {
        "raising_agency": agencies[0], "disputed_agency": agencies[1], "raised_at": raised_at, "stage": 1,
        "target_at": raised_at + timedelta(days=7), "ended_at": ended_at, "outcome": "resolved",
    }  # fmt: skip
    bulk.write([row], somebody)

    found = figures.ended(EVERYTHING, periods.board_year(2026), periods.board_year(2025))

    assert [each.number for each in found] == ([1, 0] if year == 2026 else [0, 1])
    assert periods.year_of(ended_at) == year
    assert list(found[2026 - year].by_month) == [date(2026, 3 if year == 2025 else 4, 1)]
