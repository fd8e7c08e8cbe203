"""A page never waits for the broker, and never fails because of it."""

import threading
import time

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.urls import reverse
from kombu import pools

from agencies import nudges
from agencies.models import Notice
from escalation import actions
from tests.cast import RAISED, SAFE, at_stage, make, record_discussion
from tests.mail_server import free_port, silent_server

pytestmark = pytest.mark.django_db(transaction=True)
TASK = "agencies.send_notices"


@pytest.fixture
def use():
    """A function that has the application use another broker."""

    def use(url):
        current_app.conf.broker_url = current_app.conf.broker_write_url = url
        pools.reset()
        current_app._pool = current_app.amqp._producer_pool = None

    yield use
    wait_for_nudge()
    use(settings.CELERY_BROKER_URL)


def wait_for_nudge():
    """Let a nudge that is under way come to its end."""
    assert nudges._nudging[TASK].acquire(timeout=20)
    nudges._nudging[TASK].release()


def asked_to_reach_three():
    cast = make()
    dispute = at_stage(cast, 2)
    record_discussion(dispute, cast.council_manager, RAISED)
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=RAISED, reason="?", **SAFE)
    return cast, request


@pytest.mark.parametrize("broker", ["down", "hanging"])
def test_a_page_answers_at_once_while_the_broker_is_away(client, use, broker, caplog):
    cast, request = asked_to_reach_three()
    client.force_login(cast.council_lead)
    page = reverse("decide_request", args=[request.dispute.reference, request.pk])
    wait_for_nudge()
    with silent_server() as silent:
        use(f"redis://127.0.0.1:{free_port() if broker == 'down' else silent}/0")
        client.get(page)  # what is loaded once is not what is measured
        began = time.monotonic()
        response = client.post(page, {"decision": "approve", "approve_reason": "Needed.", "seen_stage": 2})
        took = time.monotonic() - began
        wait_for_nudge()

    assert response.status_code == 302
    assert took < 1
    assert Notice.objects.filter(kind="inform_chair", recipient=cast.board_manager).exists()
    assert "the broker took no nudge: OperationalError" in caplog.text


def test_a_nudge_holds_no_name_nor_text(use):
    """Nothing but the task's name is sent: no argument could hold a word of a dispute."""
    asked_to_reach_three()
    wait_for_nudge()
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        kept = b"".join(
            key + b"".join(broker.lrange(key, 0, -1)) for key in broker.scan_iter() if broker.type(key) == b"list"
        )
        names = b"".join(broker.scan_iter())
    assert b"agencies.send_notices" in kept
    assert b"W1tdLCB7fSw" in kept  # [[], {}, ... in base 64: no arguments
    for canary in (b"Margaret", b"Whitworth", b"ward", b"capacity"):
        assert canary not in kept + names


def test_many_acts_at_once_nudge_one_at_a_time(use):
    with silent_server() as silent:
        use(f"redis://127.0.0.1:{silent}/0")
        before = threading.active_count()
        for _ in range(50):
            nudges.nudge(TASK)
        assert threading.active_count() <= before + 1
        wait_for_nudge()


def test_many_acts_one_after_the_other_nudge_at_once_and_once_at_the_end(use, monkeypatch):
    sent = []
    monkeypatch.setattr(current_app._get_current_object(), "send_task", lambda *args, **kwargs: sent.append(args))
    monkeypatch.setattr(nudges, "_next", {})
    nudges.nudge(TASK)
    wait_for_nudge()
    assert sent == [(TASK,)]
    for _ in range(20):
        nudges.nudge(TASK)
        time.sleep(0.005)
    assert len(sent) == 1
    wait_for_nudge()
    assert len(sent) == 2
