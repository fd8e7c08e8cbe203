"""Many disputes at once: as whole as those made by hand, or not at all."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from agencies.audit import Act
from agencies.models import User
from config.load.pour import pour
from escalation import actions
from escalation.models import Dispute, Party, Record, Stage
from tests import cast as casting

NUMBER = 60


@pytest.fixture
def load(db):
    if connection.vendor != "postgresql":
        pytest.fail("COPY is PostgreSQL's")
    return pour(NUMBER, 40, timezone.now(), "!")


def test_a_load_is_as_whole_as_what_was_made_by_hand(load):
    """Stages, entries, histories, sealed records and the trail of each; nothing left of what it was cast from."""
    assert Dispute.objects.count() == NUMBER == load["Dispute"]
    assert Dispute.objects.filter(ended_at=None).count() == NUMBER * 0.4
    ended = Stage.objects.exclude(ended_at=None)
    assert {stage.pk for stage in ended} == set(Record.objects.values_list("stage", flat=True))
    assert all(record.is_intact and record.data["adult"]["name"] == record.stage.dispute.adult_name
               for record in Record.objects.select_related("stage__dispute"))  # fmt: skip
    for model in (Dispute, Party, Stage):
        rows, histories = model.objects.values_list("pk", flat=True), model.history.values_list("id", flat=True)
        assert set(rows) == set(histories)
    assert not [name for name in User.objects.values_list("full_name", flat=True) if "Qperson" in name]
    assert set(Act.objects.values_list("thread", flat=True)) == set(Dispute.objects.values_list("pk", flat=True))
    statements = [f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE t::text LIKE %s' for model in tables()]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, ["%Qa%q%"])
            assert cursor.fetchone() == (0,)


def tables():
    return [model for name in ("escalation", "agencies") for model in apps.get_app_config(name).get_models()]


def test_the_trail_of_a_load_names_its_texts_by_their_digests(load):
    act = Act.objects.filter(verb="gave the view").first()
    view = Party.objects.get(pk=act.subject_id).view
    assert act.digest == hashlib.sha256((act.salt + view).encode()).hexdigest()


def test_a_load_keeps_the_order_of_time_and_ends_before_now(load):
    now = timezone.now()
    for dispute in Dispute.objects.all():
        instants = list(Act.objects.filter(thread=dispute.pk).order_by("pk").values_list("at", flat=True))
        assert instants == sorted(instants)
        assert dispute.raised_at == instants[0]
        assert instants[-1] <= now
        assert dispute.raised_at > now - timedelta(days=11 * 366)


def test_indexes_and_keys_stand_again_and_the_next_dispute_follows(db, client):
    if connection.vendor != "postgresql":
        pytest.fail("COPY is PostgreSQL's")
    before = structure()
    pour(5, 2, timezone.now(), "!")
    assert structure() == before

    cast = casting.make()
    dispute = casting.raise_dispute(cast, at=timezone.now())
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=timezone.now(), view="It is met.")
    client.force_login(cast.council_lead)
    assert client.get(f"/disputes/{dispute.reference}/").status_code == 200


def structure():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2"
        )
        return indexes, cursor.fetchall()


def test_a_load_opens_in_the_browser_for_its_people(load, client):
    dispute = Dispute.objects.exclude(ended_at=None).filter(stage=3).first()
    client.force_login(dispute.raised_by)
    for page in ("", "timeline/", "records/"):
        answer = client.get(f"/disputes/{dispute.reference}/{page}")
        assert answer.status_code == 200
        assert dispute.adult_name in answer.content.decode()


@pytest.mark.both_databases
def test_a_load_is_refused_outside_the_demo_and_without_copy(db, settings):
    with pytest.raises(CommandError, match="Give a number" if connection.vendor == "postgresql" else "PostgreSQL"):
        call_command("seed_load", disputes=0)
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo mode only"):
        call_command("seed_load", disputes=10)
