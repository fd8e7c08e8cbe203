import pytest
from django.db import connection
from django.db.utils import OperationalError

from config import views

UNREACHABLE = "redis://127.0.0.1:1/0"
NOTHING_RAN = {
    "oldest_unsent_notice_seconds": None,
    "last_sweep_seconds": None,
    "oldest_unchecked_file_seconds": None,
}


def test_healthz_answers_without_a_query(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_reports_database_and_broker(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "ok", **NOTHING_RAN})


@pytest.mark.django_db
def test_readyz_does_not_depend_on_the_broker(client, settings):
    settings.REDIS_URL = UNREACHABLE

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "no answer", **NOTHING_RAN})


@pytest.mark.django_db
def test_readyz_is_not_ready_without_the_database(client, monkeypatch):
    def refuse():
        raise OperationalError("no answer")

    monkeypatch.setattr(connection, "cursor", refuse)

    response = client.get("/readyz")

    assert (response.status_code, response.json()["database"]) == (503, "no answer")


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers(client):
    headers = client.get("/accounts/login/").headers

    assert set(headers["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_the_page_for_our_own_fault_needs_no_database(rf, settings):
    response = views.server_error(rf.get("/"))

    assert response.status_code == 500
    assert settings.SAFEGUARDING_TEAM_PHONE in response.content.decode()
