"""A double click, and two windows of one draft, each over a connection of its own (PostgreSQL alone)."""

import pytest
from django.db import connection
from django.test import Client

from escalation.models import Dispute, Draft
from tests import cast as casting
from tests.escalation.raise_pages import at, page, required_of
from tests.escalation.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clients(transactional_db):
    assert connection.vendor == "postgresql"
    cast = casting.make()
    clients = [Client(), Client(), Client()]
    for client in clients:
        client.force_login(cast.council_practitioner)
    for name, answers in required_of(cast).items():
        clients[0].post(page(name), answers)
    return clients


def test_a_double_click_raises_once(clients):
    answers = at_once(*(lambda client=client: client.post(at("raise_check")) for client in clients))

    assert [answer.url for answer in answers] == [at("raise_done")] * 3
    assert Dispute.objects.count() == 1


def test_two_windows_of_a_draft_lose_nothing_of_each_other(clients):
    """Pages are kept side by side: the later of two does not overwrite what the other typed."""
    posts = [("impact", {"impact": "A fall."}), ("views", {"adult_views": "Home."}), ("kind", {"category": "delay"})]

    at_once(*(lambda c=c, p=p: c.post(page(p[0]), p[1]) for c, p in zip(clients, posts, strict=True)))

    kept = Draft.objects.get().data
    assert (kept["impact"]["impact"], kept["views"]["adult_views"], kept["kind"]["category"]) == (
        ["A fall."],
        ["Home."],
        ["delay"],
    )


def test_two_first_clicks_begin_one_draft(clients):
    key = "n" * 16

    at_once(*(lambda client=client: client.post(page("adult", key), {"adult_name": "Joan"}) for client in clients))

    assert Draft.objects.filter(key=key).count() == 1
