"""The same work as bare SQL, and as bare WeasyPrint: what no way of writing the application could undercut by much."""

import statistics
import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from escalation import appendix_b
from escalation.models import Dispute
from escalation.moments import LONDON

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
# The breakdowns of a period: `ended` is the condition on when they ended
BREAKDOWNS = (
    "SELECT stage, outcome, count(*) FROM escalation_dispute WHERE {ended} GROUP BY 1, 2",
    "SELECT category, count(*) FROM escalation_dispute WHERE {ended} GROUP BY 1",
    "SELECT d.raising_agency_id, p.agency_id, count(*) FROM escalation_dispute d JOIN escalation_party p"
    " ON p.dispute_id = d.id AND p.side = 'disputed' WHERE {ended} GROUP BY 1, 2",
    "SELECT stage, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY ended_at - raised_at)"
    " FROM escalation_dispute WHERE {ended} GROUP BY 1",
    "SELECT date_trunc('month', ended_at AT TIME ZONE 'Europe/London'), count(*),"
    " count(*) FILTER (WHERE ended_at <= target_at) FROM escalation_dispute WHERE {ended} GROUP BY 1",
)


def insert(written):
    """Seconds to write so many rows to each of these tables, in one statement each and one durable commit."""
    began, turn = time.perf_counter(), time.time_ns() // 1_000_000 % 10**9
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
    return time.perf_counter() - began


def _columns(cursor, table):
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND column_name <> 'id'",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def breakdowns(since, until):
    """Milliseconds of the bare breakdowns of a period: the median of seven."""
    ended = "ended_at >= %(since)s AND ended_at < %(until)s"
    times = []
    with connection.cursor() as cursor:
        for _ in range(7):
            began = time.perf_counter()
            for statement in BREAKDOWNS:
                cursor.execute(statement.replace("{ended}", ended), {"since": since, "until": until})
                cursor.fetchall()
            times.append(time.perf_counter() - began)
    return round(statistics.median(times) * 1000, 2)


def pdf(stage=1):
    """Milliseconds of bare WeasyPrint for the HTML of a record as it stands: the median of nine."""
    dispute = Dispute.objects.filter(ended_at=None, stage=stage).first()
    row = dispute.stages.get(number=stage)
    data = appendix_b.contents(dispute, row, at=timezone.now())
    page = render_to_string("pdfs/appendix_b.html", {"data": data})
    times, fonts = [], FontConfiguration()
    for _ in range(10):
        began = time.perf_counter()
        HTML(string=page).write_pdf(pdf_variant="pdf/ua-1", font_config=fonts)
        times.append(time.perf_counter() - began)
    return round(statistics.median(times[1:]) * 1000, 2)


def figures():
    """The bare times of the breakdowns of a year ten years deep, of the last twelve months, and of a PDF."""
    year = timezone.now().year - 3
    now = timezone.now()
    return {
        "year_ms": breakdowns(datetime(year, 4, 1, tzinfo=LONDON), datetime(year + 1, 4, 1, tzinfo=LONDON)),
        "period_ms": breakdowns(now - timedelta(days=365), now),
        "pdf_ms": pdf(),
    }
