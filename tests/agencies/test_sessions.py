"""Who is signed in, asked for in queries that are worded once: one person’s session is never another’s."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def person(name):
    return User.objects.create_user(f"{name.lower()}@test.example", full_name=name)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def who(client):
    """The name that a page shows, or None where it asks to sign in."""
    answer = client.get(reverse("home"))
    return answer.context["user"].full_name if answer.status_code == 200 else None


def test_each_is_themselves_again_and_again():
    clients = {name: signed_in(person(name)) for name in ("Ann", "Ben", "Cat")}
    for _ in range(3):
        assert {name: who(client) for name, client in clients.items()} == {name: name for name in clients}


def test_a_session_that_is_over_or_unknown_is_nobodys():
    ann, ben = signed_in(person("Ann")), signed_in(person("Ben"))
    assert (who(ann), who(ben)) == ("Ann", "Ben")
    key = ann.cookies["sessionid"].value
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert (who(ann), who(ben)) == (None, "Ben")
    ben.cookies["sessionid"] = "x" * 32
    assert who(ben) is None


def test_whoever_has_no_account_any_more_is_signed_in_no_longer():
    ann = person("Ann")
    client = signed_in(ann)
    assert who(client) == "Ann"
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert who(client) is None


def test_a_password_that_was_changed_ends_every_session():
    ann = person("Ann")
    client = signed_in(ann)
    assert who(client) == "Ann"
    ann.set_password("another, and a long one")
    ann.save()
    assert who(client) is None
