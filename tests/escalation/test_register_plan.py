"""How PostgreSQL reads the register: in the order of an index, from the middle as from the start (R44)."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from agencies.models import User
from escalation.register import Register
from tests import bulk
from tests.cast import RAISED

pytestmark = pytest.mark.django_db
AT = RAISED + timedelta(days=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_a_page_is_read_in_the_order_of_an_index(cast):
    """What the Board sees is a condition of the index itself; nothing is sorted, nothing counted through."""
    row = {
        "raising_agency": cast.council, "disputed_agency": cast.hospital, "target_at": RAISED, "ended_at": None,
        "outcome": "",
    }  # fmt: skip
    times = [RAISED - DAY * 90 + HOUR * place for place in range(2000)]
    rows = [
        {**row, "raised_at": at, "target_at": at + 7 * DAY, "stage": 1 + n % 4, "reference": f"0000-{n:04}"}
        for n, at in enumerate(times)
    ]
    for each in rows[:1400]:
        each.update(ended_at=each["raised_at"] + DAY, outcome="resolved")
    bulk.write(rows, cast.council_practitioner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # What other tests left in the tables must not make another way cheaper; one without an index is seen still
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    user = User.objects.get(pk=cast.board_manager.pk)

    for sort, filters, index in (
        ("time", {"state": "open"}, "register_by_target|dispute_open_target"),
        ("raised", {}, "register_by_raised"),
        ("-raised", {}, "register_by_raised"),
        ("-ended", {"state": "ended"}, "register_by_end"),
    ):
        register = Register(user, filters, AT, sort)
        middle = register.page(after=register.page().after).rows[-1]
        part = register.parts[0]
        beyond = part.beyond(getattr(middle, part.column), middle.pk)
        for rows in (register.described(register.disputes), register.described(register.disputes.filter(beyond))):
            plan = rows.filter(part.which).order_by(*part.order())[:51].explain()
            assert re.search(index, plan), plan
            assert "Seq Scan on escalation_dispute" not in plan, plan
            assert not re.search(r"(^|-> +)Sort  ", plan), plan
