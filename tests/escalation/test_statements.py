"""What the database is asked: by raising, by an act, and by the sweep, however much is due and however much is open."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.audit import Act
from agencies.models import Notice
from escalation import timers, watches
from escalation.models import Clock, Dispute, Duty, DutyKind, Flag, FlagKind, Watch
from tests import bulk
from tests.asked import statements
from tests.cast import raise_dispute
from tests.escalation.raise_pages import KEY, at, required_of

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NUMBER = 1_200

pytestmark = pytest.mark.django_db


def asked(function, *arguments):
    """The statements of a call, and what it gave."""
    with CaptureQueriesContext(connection) as captured:
        given = function(*arguments)
    return statements(captured), given


@pytest.fixture
def many(cast):
    """Open disputes long past their target, and as many long told duties, of which no timer knows yet."""
    raised_at = AT - 30 * DAY
    row = {
        "raising_agency": cast.council,
        "disputed_agency": cast.hospital,
        "ended_at": None,
        "outcome": "",
        "stage": 1,
    }
    disputes = bulk.write(
        [
            {**row, "raised_at": raised_at, "target_at": raised_at + 7 * DAY, "reference": f"0000-{number:04}"}
            for number in range(NUMBER)
        ],
        cast.council_practitioner,
    )
    about = {"kind": DutyKind.GIVE_VIEW, "agency": cast.hospital, "stage": 1, "address": "/"}
    times = dict.fromkeys(("since", "starts_at", "told_at", "look_at"), raised_at)
    Duty.objects.bulk_create(Duty(dispute=dispute, **about, **times) for dispute in disputes)
    assert watches.find_unwatched() == NUMBER
    return disputes


def test_raising_asks_at_most_ten_statements(client, cast):
    """R3: the dispute, its history, the trail, the duties, the notices and the words searched for, in one commit."""
    client.force_login(cast.council_practitioner)
    for name, typed in required_of(cast).items():
        client.post(f"/disputes/new/{KEY}/{name}/", typed)
    others = {"concerned_agencies": [cast.trust.pk], "supporter_name": "Ann Friend"}
    client.post(f"/disputes/new/{KEY}/others/", others)

    statements, answer = asked(client.post, at("raise_check"))

    assert answer.url == at("raise_done")
    dispute = Dispute.objects.get()
    assert len(statements) <= 8, "\n".join(statements)  # and one each to open and close the transaction
    assert dispute.history.count() == 1
    assert {party.history.get().history_user for party in dispute.parties.all()} == {cast.council_practitioner}
    assert dispute.stages.get().history.get().history_date == dispute.entered_at
    assert Act.objects.get(thread=dispute.pk).verb == "raised"
    assert Notice.objects.filter(thread=dispute.pk).count() == dispute.duties.count() > 3
    assert {watch.clock for watch in dispute.watches.all()} == set(Clock)


def test_a_sweep_of_many_asks_few_statements_and_one_of_nothing_at_most_five(many):
    statements, counts = asked(timers.sweep, AT)

    assert counts == {"one-week target": NUMBER, "standstill": NUMBER, "duty reminder": NUMBER}
    assert Flag.objects.filter(kind=FlagKind.PAST_TARGET).count() == NUMBER
    assert Act.objects.filter(verb="flagged past target").count() == NUMBER
    assert len(statements) <= 60, len(statements)
    statements, counts = asked(timers.sweep, AT + HOUR)
    assert counts == dict.fromkeys(timers.TIMERS, 0)
    assert len(statements) <= 5, "\n".join(statements)


def test_each_timer_reads_one_index_whatever_is_open(many):
    """With 1,200 disputes past their target and told of, none of which is looked at again."""
    timers.sweep(AT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalation_watch, escalation_duty, escalation_dispute")
    statements, _ = asked(timers.sweep, AT + HOUR)

    plans = {}
    with connection.cursor() as cursor:
        for statement in statements:
            if statement.startswith("SELECT"):
                cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}")
                plans[statement] = "\n".join(row[0] for row in cursor.fetchall())
    indexes = [re.findall(r"using (\w+)", plan) for plan in plans.values()]
    assert sorted(indexes) == [["duty_to_look_at"], ["watch_to_look_at"], ["watch_to_look_at"]], plans
    assert not any("Seq Scan" in plan or "Rows Removed by Filter" in plan for plan in plans.values()), plans


def test_a_target_that_is_moved_is_told_of_anew(many):
    """Whatever moves it has the timers look again; what was flagged for the target before stays so."""
    timers.sweep(AT)
    moved, same = many[0], many[1]
    moved.target_at = AT + 3 * DAY
    moved.save()
    for dispute in (moved, same):
        watches.again(dispute, AT)

    assert timers.sweep(AT + HOUR)["one-week target"] == 0
    assert timers.sweep(AT + 4 * DAY)["one-week target"] == 1
    flagged = Flag.objects.filter(dispute=moved, kind=FlagKind.PAST_TARGET).order_by("about_at")
    assert [flag.about_at for flag in flagged] == [AT - 23 * DAY, AT + 3 * DAY]
    assert Flag.objects.filter(dispute=same, kind=FlagKind.PAST_TARGET).count() == 1


def test_a_dispute_that_ended_is_watched_no_longer(many):
    ended = many[0]
    ended.ended_at, ended.outcome = AT, "resolved"
    ended.save()
    timers.sweep(AT + HOUR)
    assert not Watch.objects.filter(dispute=ended).exists()
    assert not Flag.objects.filter(dispute=ended).exists()


def test_the_command_finds_what_no_timer_knows(cast, capsys):
    """As each night: what came by other means than an act is told of by the same sweep."""
    dispute = raise_dispute(cast)
    Watch.objects.all().delete()
    call_command("sweep")
    assert not dispute.flags.exists()

    call_command("sweep", "--unwatched")

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["unwatched"] == 1
    assert dispute.flags.exists()
