"""Many disputes at once: as whole as those made by hand, or not at all."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from agencies.models import Act, Notice, User
from config.load.pour import pour
from escalation import actions, written
from escalation.models import Dispute, Duty, DutyKind, Filing, Party, Record, Sight, Stage, Written
from escalation.stages import Outcome
from panels.models import Report
from tests import cast as casting

NUMBER = 80


@pytest.fixture(scope="module")
def load(django_db_setup, django_db_blocker):
    """One load for all that is asked of it: each test looks from a savepoint within its transaction."""
    if connection.vendor != "postgresql":
        pytest.fail("COPY is PostgreSQL's")
    with django_db_blocker.unblock(), transaction.atomic():
        before = structure()
        yield {"written": pour(NUMBER, 40, timezone.now(), "!"), "before": before, "after": structure()}
        transaction.set_rollback(True)


def structure():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2"
        )
        return indexes, cursor.fetchall()


def test_a_load_is_as_whole_as_what_was_made_by_hand(load, db):
    """Stages, entries, histories, sealed records and the trail of each; nothing left of what it was cast from."""
    assert Dispute.objects.count() == NUMBER == load["written"]["Dispute"]
    assert Dispute.objects.filter(ended_at=None).count() == NUMBER * 0.4
    ended = Stage.objects.exclude(ended_at=None)
    assert {stage.pk for stage in ended} == set(Record.objects.values_list("stage", flat=True))
    assert all(record.is_intact and record.data["adult"]["name"] == record.stage.dispute.adult_name
               for record in Record.objects.select_related("stage__dispute"))  # fmt: skip
    for model in (Dispute, Party, Stage):
        rows, histories = model.objects.values_list("pk", flat=True), model.history.values_list("id", flat=True)
        assert set(rows) == set(histories)
    assert Dispute.history.count() > 2 * NUMBER
    assert not [name for name in User.objects.values_list("full_name", flat=True) if "Qperson" in name]
    assert set(Act.objects.values_list("thread", flat=True)) == set(Dispute.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for model in tables():
            cursor.execute(
                f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE t::text ~* %s', ["qa[a-z]+q|qsays|qperson"]
            )
            assert cursor.fetchone() == (0,), model


def tables():
    names = ("escalation", "agencies", "panels")
    return [model for name in names for model in apps.get_app_config(name).get_models()]


def test_the_trail_of_a_load_names_its_texts_by_their_digests(load, db):
    for verb, texts in (
        ("raised", lambda d: "\n".join((d.problem, d.disagreement, d.aim))),
        ("ended", lambda d: d.outcome_reason),
    ):
        for act in Act.objects.filter(verb=verb):
            text = texts(Dispute.objects.get(pk=act.thread))
            assert act.digest == hashlib.sha256((act.salt + text).encode()).hexdigest()
    act = Act.objects.filter(verb="gave the view").first()
    assert act.agency == Party.objects.get(pk=act.subject_id).agency


def test_parties_and_sights_of_a_load_know_of_their_disputes_what_they_are_read_by(load, db):
    assert not Party.objects.exclude(raised_at=F("dispute__raised_at")).exists()
    sights = Sight.objects.annotate(
        is_so=Exists(Party.objects.filter(dispute=OuterRef("dispute"), agency=OuterRef("agency")))
    )
    assert sights.filter(is_of_party=True).exists()
    assert not sights.filter(is_of_party=True, is_so=False).exists()


def test_a_load_keeps_the_order_of_time_and_ends_before_now(load, db):
    now = timezone.now()
    for dispute in Dispute.objects.all():
        instants = list(Act.objects.filter(thread=dispute.pk).order_by("pk").values_list("at", flat=True))
        assert instants == sorted(instants)
        assert dispute.raised_at == instants[0]
        assert instants[-1] <= now
        assert dispute.raised_at > now - timedelta(days=11 * 366)


def test_long_after_the_end_nothing_waits(load, db):
    """What ended longer ago is filed and conveyed, and the Board Manager has done her part; emails have left."""
    long_ago = Dispute.objects.filter(ended_at__lt=timezone.now() - timedelta(days=120))
    assert long_ago.count() > NUMBER / 3
    assert list(Duty.objects.waiting(timezone.now()).filter(dispute__in=long_ago)) == []
    done = set(Duty.objects.filter(dispute__in=long_ago).exclude(done_at=None).values_list("kind", flat=True))
    assert {DutyKind.INFORM_CHAIR, DutyKind.BE_INVOLVED, DutyKind.CONVEY, DutyKind.FILE} <= done
    assert Filing.objects.exclude(filed_on=None).filter(record__stage__dispute__in=long_ago).count() > NUMBER
    assert Notice.objects.count() > NUMBER
    assert list(Notice.objects.unsent()) == []


def test_no_two_disputes_of_a_load_read_alike_and_their_words_are_found(load, db):
    problems = list(Dispute.objects.values_list("problem", "disagreement"))
    assert len(set(problems)) > NUMBER * 0.9
    assert Written.objects.count() == NUMBER
    for dispute in Dispute.objects.select_related("written")[:20]:
        place = written.words_of(dispute.adult_whereabouts)[1]
        assert dispute in written.search(Dispute.objects.all(), place)
        for text in (dispute.problem, dispute.impact):
            assert set(written.words_of(text)) <= set(dispute.written.words.split())
            assert dispute in written.search(Dispute.objects.all(), " ".join(written.words_of(text)[:20]))


def test_indexes_and_keys_stand_again_and_the_next_dispute_follows(load, db, client):
    assert load["before"] == load["after"]

    cast = casting.make()
    dispute = casting.raise_dispute(cast, at=timezone.now())
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=timezone.now(), view="It is met.")
    client.force_login(cast.council_lead)
    assert client.get(f"/disputes/{dispute.reference}/").status_code == 200


def test_a_load_opens_in_the_browser_for_its_people(load, db, client):
    """Every kind of dispute that was cast, with its timeline, its records, and what waits for its people."""
    kinds = {}
    for dispute in Dispute.objects.select_related("raised_by"):
        kinds.setdefault((dispute.stage, dispute.outcome), dispute)
    assert len(kinds) >= 8
    for dispute in kinds.values():
        client.force_login(dispute.raised_by)
        for page in ("", "timeline/", "records/"):
            answer = client.get(f"/disputes/{dispute.reference}/{page}")
            assert answer.status_code == 200
            assert dispute.adult_name in answer.content.decode()
    for duty in Duty.objects.waiting(timezone.now()).exclude(subject_id=0).exclude(person=None)[:3]:
        client.force_login(duty.person)
        assert client.get(duty.address).status_code == 200


def test_a_panel_of_a_load_has_decided(load, db, client):
    """With who sat, what it decided, and its report; another waits for its sitting."""
    decided = Dispute.objects.filter(outcome=Outcome.DECIDED).first()
    waiting = Dispute.objects.filter(ended_at=None, panel__isnull=False).first()
    assert decided.panel.decision.signed_off_at
    assert waiting.panel.sittings.get().state == "arranged"
    client.force_login(User.objects.get(memberships__role="board_manager"))
    for page in ("", "decision/", "report/", "representations/"):
        answer = client.get(f"/panels/{decided.panel.pk}/{page}")
        assert answer.status_code == 200, page
    assert str(decided.panel.decision.actions.get().agency) in decided.outcome_reason
    assert all(report.is_intact for report in Report.objects.all())
    assert client.get(f"/panels/{waiting.panel.pk}/").status_code == 200
    day = re.search(r"by (\w{3} \d+ \w+ \d{4})", decided.outcome_reason).group(1)
    assert f"{decided.panel.decision.actions.get().due_on.day} " in day


@pytest.mark.both_databases
def test_a_load_is_refused_outside_the_demo_and_without_copy(db, settings):
    with pytest.raises(CommandError, match="Give a number" if connection.vendor == "postgresql" else "PostgreSQL"):
        call_command("seed_load", disputes=0)
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo mode only"):
        call_command("seed_load", disputes=10)
