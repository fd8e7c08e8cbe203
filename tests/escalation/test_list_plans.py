"""How PostgreSQL reads the lists: by an index for whoever sees much and for whoever sees little, never all disputes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import User
from escalation import listing, names
from escalation.models import Dispute, Duty, DutyKind, NameWord, Sight
from escalation.paging import BY_TARGET, LATEST_END, Paged, Place
from escalation.register import LATEST, SORTS, Register
from tests import bulk
from tests.cast import RAISED

pytestmark = pytest.mark.django_db
AT = RAISED + timedelta(days=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NUMBER = 1000


@pytest.fixture
def many(cast):
    """A thousand disputes of four agencies, a third of them open, with somebody's sight of each and what waits."""
    agencies = [cast.council, cast.hospital, cast.police, cast.trust]
    rows = []
    for n in range(NUMBER):
        raised_at = RAISED - 90 * DAY + HOUR * n
        ended_at = raised_at + DAY if n % 3 else None
        pair = agencies[n % 4], agencies[(n + 1 + n // 4 % 3) % 4]
        rows.append(
            {
                "raising_agency": pair[0], "disputed_agency": pair[1], "raised_at": raised_at, "stage": 1 + n // 4 % 4,
                "target_at": raised_at + 7 * DAY, "ended_at": ended_at, "outcome": "resolved" if ended_at else "",
                "reference": f"0000-{n:04}", "adult_name": f"Adult N{n % 500} Of{n % 7}",
            }
        )  # fmt: skip
    made = bulk.write(rows, cast.council_practitioner)
    NameWord.objects.bulk_create([word for dispute in made for word in names.words(dispute)])
    seen = {"agency": cast.council, "why": "raised"}
    Sight.objects.bulk_create(
        Sight(dispute=dispute, person=who, since=dispute.raised_at, **seen)
        for n, dispute in enumerate(made)
        for who, every in ((cast.council_practitioner, 10), (cast.council_manager, 1), (cast.police_lead, 2))
        if n % every == 0
    )
    Duty.objects.bulk_create(
        Duty(dispute=dispute, stage=dispute.stage, since=AT, starts_at=AT - DAY, kind=kind, **of)
        for dispute in made
        for kind, of in (
            (DutyKind.INFORM_CHAIR, {"role": "board_manager"}),
            (DutyKind.FILE, {"agency": dispute.raising_agency}),
            (DutyKind.ACT, {"agency": dispute.raising_agency, "person": cast.council_manager}),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # What other tests left in the tables must not make another way cheaper; one without an index is seen still
        cursor.execute("SET LOCAL enable_seqscan = off")
    return cast


def explained(statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def planned(rows):
    plan = rows.explain()
    assert "Seq Scan on escalation_dispute" not in plan, plan
    assert "Seq Scan on escalation_party" not in plan, plan
    assert "Seq Scan on escalation_sight" not in plan, plan
    assert "Seq Scan on escalation_nameword" not in plan, plan
    return plan


def test_the_lists_are_read_by_their_indexes(many, settings):
    """Of all that is asked for most, in one test: it takes as long to write the rows as to read them."""
    settings.PREPARE_STATEMENTS = False  # of a prepared one the plan is not told by its name
    reads_lists(many)
    reads_an_agency(many)
    reads_names(many)
    reads_same_names(many)
    reads_what_waits(many)


def reads_lists(many):
    """R44: for a lead, for who is named in few disputes, for the Board; from the start, and from the middle."""
    for who, sight in (("council_lead", "party_"), ("council_practitioner", "sight_"), ("board_manager", "_")):
        user = User.objects.get(pk=getattr(many, who).pk)
        apart = Dispute.objects.visible_apart(user, AT)
        for part, index in ((BY_TARGET, "_target"), (LATEST_END, "_end")):
            paged = Paged(apart, [part], listing.shown)
            middle = paged.page(after=paged.page().after).rows[0]
            for place in (None, Place(0, getattr(middle, part.column), middle.pk)):
                plan = planned(paged._rows(part, place, False, 51))
                assert sight in plan, (who, plan)
                assert index in plan or "escalation_dispute_pkey" in plan, plan


def reads_an_agency(many):
    """In the order of what is searched for, from the start and from the middle: no dispute is sorted."""
    user = User.objects.get(pk=many.council_lead.pk)
    paged = listing.paged(user, AT, SORTS[LATEST])
    for after in ("", paged.page().after):
        with CaptureQueriesContext(connection) as captured:
            paged.page(after=after)
        plan = explained(captured[-1]["sql"])
        assert "party_by_raised" in plan, plan


def reads_names(many):
    """By the words of the names."""
    user = User.objects.get(pk=many.council_lead.pk)
    found = [names.search(seen, "n17 of3") for seen in Dispute.objects.visible_apart(user, AT)]

    plan = planned(Paged(found, [BY_TARGET], listing.shown)._rows(BY_TARGET, None, False, 51))

    assert "name_word" in plan or "words_of_name" in plan, plan


def reads_same_names(many):
    """By the whole of the name."""
    register = Register(User.objects.get(pk=many.board_manager.pk), {"stage": "3"}, AT)
    with CaptureQueriesContext(connection) as captured:
        register.page()

    plan = explained(next(each["sql"] for each in captured if "escalation_nameword" in each["sql"]))

    assert "name_word" in plan, plan
    assert "register_counted" in plan, plan


def reads_what_waits(many):
    """R29: of what waits for a role in thousands of ended disputes, no more is read than has room."""
    for who in ("board_manager", "council_lead", "council_manager"):
        user = User.objects.get(pk=getattr(many, who).pk)
        user.standing  # noqa: B018 - read before what is counted
        with CaptureQueriesContext(connection) as captured:
            found = listing.foremost(user, AT)
        assert len(found) == listing.MOST_WAITS
        assert 1 <= len(captured) <= 2
        for each in captured:
            plan = explained(each["sql"])
            assert "Seq Scan on escalation_d" not in plan, plan
            assert "duty_" in plan, plan
