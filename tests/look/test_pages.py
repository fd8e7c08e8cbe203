from datetime import UTC, datetime

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from escalation import context
from tests.look.conftest import PASSWORD
from tests.look.reading import NO_FAULTS, Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_pages")]
IN_OFFICE_HOURS = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
BANK_HOLIDAY = datetime(2026, 5, 25, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", ["/guidance/", "/accessibility/", "/privacy/", "/accounts/login/", "/accounts/password/reset/"]
)
def test_what_is_open_to_all_needs_no_account(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert Page(response).faults == NO_FAULTS
    assert "If an adult is at immediate risk, call 999." in response.content.decode()


def test_a_person_signs_in_and_out(client, manager):
    response = client.post("/accounts/login/", {"login": manager.email, "password": PASSWORD})
    assert (response.status_code, response.url) == (302, "/")
    assert "Denise Hartley" in client.get("/guidance/").content.decode()
    assert client.post("/accounts/logout/").url == "/accounts/login/"
    assert "Denise Hartley" not in client.get("/guidance/").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, ["Enter your email address", "Enter your password"]),
        ({"login": "nobody", "password": "x"}, ["Enter an email address like name@example.org"]),
        ({"login": "nobody@x.example", "password": "x\x00"}, []),
        ({"login": "nobody@x.example", "password": "x"}, ["The email address or the password is not right"]),
        ({"login": "x" * 10_000 + "@x.example", "password": "x"}, ["Enter an email address like name@example.org"]),
    ],
)
def test_signing_in_says_what_is_wrong(client, typed, said):
    response = client.post("/accounts/login/", typed)
    assert response.status_code == 200
    text = response.content.decode()
    assert [each for each in said if each not in text] == []
    assert Page(response).faults == NO_FAULTS
    assert Page(response).summary_links


def test_nobody_makes_an_account(client):
    assert client.get("/accounts/signup/").status_code in (302, 404)


def test_a_forgotten_password_is_replaced_by_email(client, manager):
    response = client.post("/accounts/password/reset/", {"email": manager.email})
    assert response.status_code == 302
    assert "Check your email" in client.get(response.url).content.decode()
    (message,) = mail.outbox
    assert message.subject == "Choose a new password for Resolve"
    link = next(line for line in message.body.splitlines() if line.startswith("http")).split("testserver")[1]
    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    assert Page(form).faults == NO_FAULTS
    short = client.post(form.redirect_chain[-1][0], {"password1": "short", "password2": "other"})
    assert Page(short).faults == NO_FAULTS
    assert Page(short).summary_links
    done = client.post(
        form.redirect_chain[-1][0],
        {"password1": "otters under bridges", "password2": "otters under bridges"},
        follow=True,
    )
    assert "Your new password is saved" in done.content.decode()
    assert "The link no longer works" in client.get(link, follow=True).content.decode()


def test_a_person_changes_the_password(client, manager):
    client.force_login(manager)
    response = client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": "", "password2": ""})
    assert "This is not your password now" in response.content.decode()
    assert Page(response).faults == NO_FAULTS


def test_a_page_that_is_not_there(client, manager):
    client.force_login(manager)
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert Page(response).faults == NO_FAULTS
    assert "There is nothing at this address, or it is not open to you." in response.content.decode()


def test_a_form_that_was_not_ours(manager):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    response = client.post("/look/sample/", {"problem": "x"})
    assert response.status_code == 403
    assert "Nothing was saved." in response.content.decode()


def test_too_much_at_once_is_said_and_not_a_fault(client, manager, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
    client.force_login(manager)
    response = client.post("/look/sample/", "problem=" + "x" * 3_000_000, "application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert "larger than Resolve takes in one go: 2 MB" in response.content.decode()
    response = client.post(
        "/look/sample/", "&".join(f"a{n}=" for n in range(2000)), "application/x-www-form-urlencoded"
    )
    assert response.status_code == 413
    assert "Nothing was saved." in response.content.decode()
    response = client.post("/look/sample/", {"problem": "x" * 3_000_000})
    assert response.status_code == 413


def test_a_text_of_a_megabyte_comes_back_with_a_message(client, manager):
    client.force_login(manager)
    response = client.post("/look/sample/", {"problem": "é" * 1_000_000})
    assert response.status_code == 200
    text = response.content.decode()
    assert "What the problem is must be 20,000 characters or fewer (it has 1,000,000)" in text
    assert "é" * 1_000_000 in text


def test_a_fault_of_ours_has_a_page_without_the_database(client):
    client.raise_request_exception = False
    response = client.get("/look/broken/")
    assert response.status_code == 500
    assert Page(response).faults == NO_FAULTS
    assert "Emergency Duty Team" in response.content.decode()


def test_a_refusal_says_why(client, manager):
    request = RequestFactory().get("/")
    request.user = manager
    sentence = "Denise Hartley approved it at 4:05pm."
    assert sentence in render_to_string("409.html", {"sentence": sentence}, request)
    assert sentence in render_to_string("403.html", {"sentence": sentence}, request)
    assert "Too many tries" in render_to_string("429.html", {}, request)


@pytest.mark.parametrize(("at", "team"), [(IN_OFFICE_HOURS, "usual way: "), (BANK_HOLIDAY, "Emergency Duty Team: ")])
def test_the_safety_line_gives_the_number_that_answers_now(at, team, settings):
    request = RequestFactory().get("/")
    request.at = at
    line = render_to_string("components/safety.html", context.frame(request))
    assert team in line
    assert settings.SAFEGUARDING_TEAM_PHONE in line
    assert (settings.EMERGENCY_DUTY_TEAM_PHONE in line) == (at == BANK_HOLIDAY)


def test_the_frame_asks_the_database_twice(client, manager, django_assert_num_queries):
    request = RequestFactory().get("/disputes/4729-1836/")
    request.user = manager
    with django_assert_num_queries(2):  # the person’s roles; what is unread and waits for approval
        frame = context.frame(request)
    assert [item["label"] for item in frame["navigation"]] == [
        "Home", "Approvals", "Disputes", "Notifications", "People", "Guidance",
    ]  # fmt: skip


def test_the_policy_of_the_page_allows_no_inline_code(client):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "default-src 'none'" in policy
