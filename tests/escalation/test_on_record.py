"""A dispute's page is read in a few statements, whatever is on record and whoever reads it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import User
from escalation import actions, on_record
from escalation.models import Dispute, Entry, Evidence
from tests.asked import statements
from tests.cast import at_stage, record_discussion
from tests.escalation.test_pages_dispute import fill

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
MOST = 8  # of the fourteen that a page of a dispute may ask
CHANGES = re.compile(r"^(INSERT|UPDATE|DELETE)|FOR (NO KEY )?UPDATE", re.IGNORECASE)
ENDS = {1: "council_practitioner", 2: "council_manager", 3: "council_lead", 4: "council_lead"}


@pytest.fixture
def full(cast):
    """A dispute at stage one with several of each thing, ended."""
    dispute = at_stage(cast, 1, at=timezone.now() - 20 * HOUR)
    fill(cast, dispute, 2)
    return dispute


def test_each_row_is_as_the_database_has_it(full):
    """Instants, dates, truth values and texts alike, on both databases; no column but those left out is missing."""
    read = on_record.OnRecord(Dispute.objects.get(pk=full.pk))

    checked = set()
    for model, rows in read.rows.items():
        for row in rows:
            there = model.objects.get(pk=row.pk)
            names = [field.attname for field in on_record._columns(model)]
            assert {name: row.__dict__[name] for name in names} == {name: getattr(there, name) for name in names}
            checked.add(model.__name__)
    assert checked > {"Dispute", "Party", "Stage", "Entry", "Discussion", "Evidence", "Decision", "Response", "Duty"}


def test_rows_stand_where_they_belong(full, django_assert_num_queries):
    """As `prefetch_related` and `select_related` would put them, in the order of their model."""
    plain = Dispute.objects.get(pk=full.pk)
    read = Dispute.objects.get(pk=full.pk)
    on_record.read(read)

    for name in ("parties", "stages", "entries", "requests", "proposals", "evidence", "consultations", "concerns"):
        assert [row.pk for row in getattr(read, name).all()] == [row.pk for row in getattr(plain, name).all()]
    numbers = [item.files.count() for item in Evidence.objects.filter(dispute=full)]
    with django_assert_num_queries(0):
        assert [item.number_of_files for item in read.evidence.all()] == numbers
        assert [str(entry.author) for entry in read.entries.all()] == ["Council Practitioner"] * 2
        assert {decision.request.dispute for each in read.requests.all() for decision in each.decisions.all()} == {read}
        assert [str(each.agency) for p in read.proposals.all() for each in p.actions.all()] == [
            "Rother Valley Hospital"
        ] * 2


def asked(client, person, dispute):
    """The statements of the page, the second time that it is opened."""
    client.force_login(person)
    client.get(f"/disputes/{dispute.reference}/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/disputes/{dispute.reference}/").status_code == 200
    return statements(captured)


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_whoever_reads_it_few_statements_and_no_change(cast, client, stage):
    """For everybody who may see it, while it is open and when it has ended; nothing is written and no row locked."""
    at = timezone.now() - 30 * HOUR
    dispute = at_stage(cast, stage, at=at)
    record_discussion(dispute, getattr(cast, ENDS[stage]), at + 9 * HOUR)
    for ended in (False, True) if stage < 4 else (False,):
        if ended:
            by = getattr(cast, ENDS[stage])
            actions.clarify(dispute=dispute, by=by, at=timezone.now(), reason="Under way already.")
        people = [person for person in vars(cast).values() if isinstance(person, User)]
        for person in people:
            if (
                Dispute.objects.visible_to(User.objects.get(pk=person.pk), timezone.now())
                .filter(pk=dispute.pk)
                .exists()
            ):
                found = asked(client, person, dispute)
                assert len(found) <= MOST
                assert not [sql for sql in found if CHANGES.search(sql)]


def test_the_number_does_not_grow(cast, client):
    """With one entry, with three, with thirty; nor with what else is on record."""
    dispute = at_stage(cast, 1, at=timezone.now() - 20 * HOUR)
    fill(cast, dispute, 1)
    one = len(asked(client, cast.council_lead, dispute))
    entry = Entry.objects.first()
    numbers = []
    for more in (2, 27):
        Entry.objects.bulk_create([Entry(**_copied(entry), discussion=_talk(entry)) for _ in range(more)])
        numbers.append(len(asked(client, cast.council_lead, dispute)))
    assert Entry.objects.count() == 30
    assert numbers == [one, one]


def _talk(entry):
    talk = entry.discussion
    return type(talk).objects.create(dispute=talk.dispute, stage=1, how=talk.how, happened_at=talk.happened_at)


def _copied(entry):
    names = ("dispute_id", "author_id", "agency_id", "stage", "facts", "outcome", "outcome_reason", "recorded_at")
    return {name: getattr(entry, name) for name in names}
