"""What is counted is read from its indexes alone, without a look at the disputes themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation import figures, periods
from escalation.figures import EVERYTHING
from tests import bulk

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
YEAR = periods.board_year(2025)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def many(cast):
    """Two thousand disputes over two years, and what PostgreSQL knows of them whatever ran before."""
    times = [AT - 10 * HOUR * place for place in range(1, 2001)]
    row = {"raising_agency": cast.council, "disputed_agency": cast.hospital, "ended_at": None, "outcome": ""}
    rows = [
        {**row, "raised_at": at, "target_at": at + 7 * DAY, "stage": 1 + n % 4, "reference": f"0000-{n:04}"}
        for n, at in enumerate(times)
    ]
    for each in rows[600:]:
        each.update(ended_at=each["raised_at"] + DAY, outcome="resolved")
    with connection.cursor() as cursor:
        # Rows that other tests took back leave the indexes long; a long index is not chosen
        for table in ("dispute", "stage"):
            cursor.execute(f"REINDEX TABLE escalation_{table}")
        bulk.write(rows, cast.council_practitioner)
        cursor.execute("ANALYZE escalation_dispute, escalation_stage, escalation_party")
        # As after VACUUM, which no transaction may hold: without it an index-only scan saves nothing
        cursor.execute(
            "UPDATE pg_class SET relallvisible = relpages"
            " WHERE oid IN ('escalation_dispute'::regclass, 'escalation_stage'::regclass, 'escalation_party'::regclass)"
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "indexes"),
    [
        (lambda: figures.open_by_stage(EVERYTHING, AT), {"dispute_open_figures"}),
        (lambda: figures.ended(EVERYTHING, YEAR), {"dispute_ended_figures"}),
        (lambda: figures.raised(EVERYTHING, YEAR), {"dispute_raised_figures"}),
        (lambda: figures.open_on(EVERYTHING, YEAR.end), {"dispute_open_figures", "dispute_ended_figures"}),
        (
            lambda: list(figures.united(*figures.week_rows(EVERYTHING, AT, AT - figures.WEEK))),
            {"stage_began", "stage_was_last"},
        ),
    ],
)
def test_each_figure_is_one_statement_over_its_index(count, indexes, many):
    with connection.cursor() as cursor:
        # A small table is read whole, and rightly: the plan of a large one is asked for
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as asked:
            count()
        [statement] = [query["sql"] for query in asked]
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert {name for name in indexes if f"Index Only Scan using {name}" in plan} == indexes, plan
    assert "Seq Scan" not in plan
