"""What is counted is read from its indexes alone, without a look at the disputes themselves."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import Agency
from escalation import figures, periods
from escalation.figures import EVERYTHING

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
YEAR = periods.board_year(2025)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "indexes"),
    [
        (lambda: figures.open_by_stage(EVERYTHING, AT), {"dispute_open_figures"}),
        (lambda: figures.ended(EVERYTHING, YEAR), {"dispute_ended_figures"}),
        (lambda: figures.raised(EVERYTHING, YEAR), {"dispute_raised_figures"}),
        (lambda: figures.open_on(EVERYTHING, YEAR.end), {"dispute_open_figures", "dispute_ended_figures"}),
        (lambda: figures.this_week(EVERYTHING, AT), {"stage_began", "stage_was_last"}),
    ],
)
def test_each_figure_is_one_statement_over_its_index(count, indexes):
    Agency.objects.create(name="Council")
    with connection.cursor() as cursor:
        # A table of a few rows is read whole, and rightly: the plan of a large one is asked for
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as asked:
            count()
        [statement] = [query["sql"] for query in asked]
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert {name for name in indexes if f"Index Only Scan using {name}" in plan} == indexes
    assert "Seq Scan" not in plan
