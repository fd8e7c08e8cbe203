"""The same work as bare SQL, and as bare WeasyPrint: what no way of writing the application could undercut by much."""

import os
import statistics
import time
from pathlib import Path

from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from escalation import appendix_b, periods
from escalation.models import Dispute
from tests.bench.measure import processor_seconds

# Every page of raising that is required, as it is typed
ANSWERS = {
    "adult": {"adult_name": ["Joan Pickersgill"], "disputed_agency": [], "raised_for": []},
    "statements": {
        "problem": ["The ward plans to send her home on Friday with two calls a day."],
        "disagreement": ["The decision to discharge before the overnight risk has been assessed."],
        "aim": ["Discharge waits until an occupational therapist has seen her at home."],
    },
    "talk": {"was_discussed": ["no"], "not_discussed_why": ["Nobody could be reached since 5pm."]},
    "safety": {"safety": ["in_place"], "safety_detail": ["She stays on the ward."]},
}
# A row more like one that is there, its unique columns apart
CHANGED = {
    "escalation_flag": {"about_at": "about_at + interval '1 hour' * %(turn)s"},
    "agencies_notice": {"event": "event || '+%(turn)s'", "message_id": "message_id || '+%(turn)s'"},
}
RAISED = "raised_at >= %(since)s AND raised_at < %(until)s"
ENDED = "ended_at >= %(since)s AND ended_at < %(until)s"
CATEGORIES = f"SELECT category, count(*) FROM escalation_dispute WHERE {RAISED} GROUP BY 1"
PAIRS = (
    "SELECT d.raising_agency_id, p.agency_id, count(*) FROM escalation_dispute d JOIN escalation_party p"
    " ON p.dispute_id = d.id AND p.side = 'disputed' WHERE d.raised_at >= %(since)s AND d.raised_at < %(until)s"
    " GROUP BY 1, 2"
)
TIMES = (
    "SELECT stage, count(*), percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY"
    " (ended_at AT TIME ZONE 'Europe/London')::date - (raised_at AT TIME ZONE 'Europe/London')::date)"
    f" FROM escalation_dispute WHERE {ENDED} GROUP BY 1"
)
MONTHS = (
    "SELECT date_trunc('month', ended_at AT TIME ZONE 'Europe/London'), count(*),"
    f" count(*) FILTER (WHERE ended_at <= target_at) FROM escalation_dispute WHERE {ENDED} GROUP BY 1"
)
OUTCOMES = f"SELECT stage, outcome, count(*) FROM escalation_dispute WHERE {ENDED} GROUP BY 1, 2"
STILL_OPEN = (
    "SELECT count(*) FROM escalation_dispute WHERE raised_at < %(until)s"
    " AND (ended_at IS NULL OR ended_at >= %(until)s)"
)
NOT_FILED = (
    "SELECT count(*) FROM escalation_party p JOIN escalation_dispute d ON d.id = p.dispute_id"
    f" WHERE {ENDED} AND NOT is_after_event AND NOT EXISTS (SELECT 1 FROM escalation_filing f"
    " JOIN escalation_record r ON r.id = f.record_id JOIN escalation_stage s ON s.id = r.stage_id"
    " WHERE f.agency_id = p.agency_id AND f.filed_on IS NOT NULL AND s.dispute_id = d.id AND s.number = d.stage)"
)
# What the dashboard tells of its period; what the annual page tells of its year, and of the year before
OF_A_PERIOD = (CATEGORIES, PAIRS, TIMES, MONTHS)
OF_A_YEAR = (*OF_A_PERIOD, OUTCOMES, STILL_OPEN)


def insert(written):
    """Write so many rows to each of these tables, in one statement each and one durable commit."""
    turn = time.time_ns() // 1_000_000 % 10**9
    with transaction.atomic(), connection.cursor() as cursor:
        for table, number in written.items():
            if not number:
                continue
            columns = _columns(cursor, table)
            changed = CHANGED.get(table, {})
            values = [changed.get(name, f'"{name}"').replace("%(turn)s", str(turn)) for name in columns]
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM "
                f"(SELECT * FROM {table} ORDER BY id DESC LIMIT {number}) newest"
            )


def _columns(cursor, table):
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND column_name <> 'id'",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def server():
    """The process of the database server, which all that work for it descend from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return int(Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1])


def cost(work, times=1, seconds=0.0):
    """What some work costs, in ms: the median that elapses, the mean of processor time, here and in the database."""
    everybody = [os.getpid(), server()]
    taken, began, processor = [], time.monotonic(), processor_seconds(everybody)
    while len(taken) < times or time.monotonic() - began < seconds:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    spent = processor_seconds(everybody) - processor
    return {
        "elapsed_ms": round(statistics.median(taken) * 1000, 2),
        "processor_ms": round(spent / len(taken) * 1000, 2),
    }


def breakdowns(*asked):
    """What bare statements cost, each given with its parameters."""

    def ask():
        with connection.cursor() as cursor:
            for statement, parameters in asked:
                cursor.execute(statement, parameters)
                cursor.fetchall()

    ask()
    return cost(ask, times=7, seconds=2)


# Rows to be flagged that are nobody's: as many as there are disputes, each to have its history
TO_FLAG = """
DROP TABLE IF EXISTS bench_case, bench_case_history;
CREATE TABLE bench_case AS SELECT id, reference, stage, target_at, false AS is_flagged FROM escalation_dispute;
ALTER TABLE bench_case ADD PRIMARY KEY (id);
CREATE TABLE bench_case_history AS SELECT *, now() AS at FROM bench_case WITH NO DATA;
CREATE INDEX ON bench_case_history (id);
ANALYZE bench_case;
"""
FLAG = """
WITH flagged AS (UPDATE bench_case SET is_flagged = true WHERE id %% 20 = %s RETURNING *)
INSERT INTO bench_case_history SELECT *, now() FROM flagged
"""
TWENTIETHS = 5  # of the rows, each flagged once


def flagging():
    """One statement that flags 5 % of as many rows as there are disputes, each with a row of history; durable."""
    turns = iter(range(TWENTIETHS))
    with connection.cursor() as cursor:
        cursor.execute(TO_FLAG)
        found = cost(lambda: cursor.execute(FLAG, [next(turns)]), times=TWENTIETHS)
        cursor.execute("DROP TABLE bench_case, bench_case_history")
    return found


def pdf(stage=1):
    """What bare WeasyPrint costs for the HTML of a record as it stands."""
    dispute = Dispute.objects.filter(ended_at=None, stage=stage).first()
    row = dispute.stages.get(number=stage)
    data = appendix_b.contents(dispute, row, at=timezone.now())
    page, fonts = render_to_string("pdfs/appendix_b.html", {"data": data}), FontConfiguration()

    def draw():
        HTML(string=page).write_pdf(pdf_variant="pdf/ua-1", font_config=fonts)

    draw()
    return cost(draw, times=9)


def span(period):
    return {"since": period.start, "until": period.end}


def figures(is_whole=1):
    """The bare cost of the dashboard's period; of the annual figures of one year of ten, of a PDF, and of flagging."""
    now = timezone.now()
    found = {"B": breakdowns(*((statement, span(periods.last_months(now))) for statement in OF_A_PERIOD))}
    if is_whole:
        this, before = span(periods.board_year(now.year - 3)), span(periods.board_year(now.year - 4))
        year = [(statement, each) for each in (this, before) for statement in OF_A_YEAR]
        found |= {"G": breakdowns(*year, (NOT_FILED, this)), "P": pdf(), "U": flagging()}
    return found
