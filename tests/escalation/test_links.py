"""Links for people without an account (R19): what they open, for how long, by which code, and what they never show."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from agencies.models import Act, Notice
from escalation import actions, links
from escalation.actions.links import Over
from escalation.models import Link, LinkCode
from escalation.permissions import Conflict
from tests import cast as casting
from tests.cast import RAISED, record_discussion
from tests.escalation.link_pages import CANARY, DAY, GP, HOUR, code_in, enter, page, to_read, to_reply, to_stage_three

pytestmark = pytest.mark.django_db

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


# What a link opens


def test_it_opens_by_a_code_from_the_mail_and_shows_one_record(cast, client, mailbox):
    """R19: in the page and as PDF, until thirty minutes are over; the next opening asks for a fresh code."""
    link = to_read(cast, adult_name=CANARY)
    closed = client.get(page(link))
    assert CANARY not in closed.content.decode()
    assert "h…@surgery.example" in closed.content.decode()

    opened = enter(client, link, mailbox)
    read = client.get(opened.url)

    text = read.content.decode()
    assert (opened.status_code, opened.url, read.status_code) == (302, page(link), 200)
    assert CANARY in text
    assert "She was found by the ward doors at 2am." in text
    assert client.get(f"{page(link)}records/1.pdf").content.startswith(b"%PDF")
    LinkCode.objects.update(used_at=timezone.now() - links.OPEN_FOR)
    assert CANARY not in client.get(page(link)).content.decode()
    assert client.get(f"{page(link)}records/1.pdf").status_code == 302


def test_it_shows_that_record_and_nothing_since(cast, client, mailbox):
    """What happened after the seal, the other stages and every other page stay shut."""
    link = to_read(cast)
    dispute = link.dispute
    at = timezone.now()
    actions.state_view(dispute=dispute, by=cast.hospital_manager, at=at, view=f"{CANARY} view")
    record_discussion(dispute, cast.council_manager, at, facts=f"{CANARY} fact")
    to_stage_three(cast, dispute, at, reason=f"{CANARY} why")
    enter(client, link, mailbox)

    assert CANARY not in client.get(page(link)).content.decode()
    assert client.get(f"{page(link)}records/1.pdf").status_code == 200
    reference = dispute.reference
    shut = [f"{page(link)}records/2.pdf", page(link, "reply"), page(link, "check")]
    assert [client.get(path).status_code for path in shut] == [404] * 3
    for path in ("", "timeline/", "copies/", "records/1.pdf"):
        assert client.get(f"/disputes/{reference}/{path}").url.startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_of_mail_spends_nothing(cast, client, mailbox, method):
    """Opened by a machine any number of times, no code is sent, used or tried."""
    link = to_read(cast)
    _, code = actions.ask_code(link=link, at=timezone.now())
    acts = Act.objects.count()

    for path in (page(link), page(link, "code"), f"{page(link)}records/1.pdf", page(link, "code") + "?send=1"):
        assert getattr(client, method)(path).status_code in (200, 302)

    assert (Act.objects.count(), LinkCode.objects.count(), len(mailbox)) == (acts, 1, 0)
    assert client.post(page(link, "code"), {"code": code}).status_code == 302


def test_an_unknown_key_is_like_any_other_address(cast, client):
    link = to_read(cast)
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')

    found = [client.get(path) for path in (f"/links/{'x' * 43}/", "/nothing/here/", f"/links/{link.key[:-1]}/")]

    assert [response.status_code for response in found] == [404] * 3
    assert len({token.sub("", response.content.decode()) for response in found}) == 1


def test_it_is_kept_by_nobody_and_found_by_nobody(cast, client, mailbox):
    link = to_read(cast)
    enter(client, link, mailbox)

    for path in (page(link), page(link, "code"), f"{page(link)}records/1.pdf"):
        headers = client.get(path).headers
        assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
        assert headers["Referrer-Policy"] == "same-origin"
    cookie = client.cookies["opening"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (page(link), True, "Strict")


def test_an_opening_is_no_sign_in_and_a_sign_in_no_opening(cast, client, mailbox):
    """Whoever is signed in is nobody on the pages of a link, and the other way round."""
    link, other = to_read(cast), to_read(cast)
    client.force_login(cast.council_practitioner)
    closed = client.get(page(link)).content.decode()
    assert "Council Practitioner" not in closed
    assert "Margaret" not in closed
    enter(client, link, mailbox)
    assert "Council Practitioner, " not in client.get(page(link)).content.decode().partition("<main")[0]
    assert client.get(f"/disputes/{link.dispute.reference}/").status_code == 200
    client.logout()
    assert client.get("/").status_code == 302
    # The cookie of one link opens no other, wherever a browser would send it
    enter(client, link, mailbox)
    assert "Margaret" in client.get(page(link)).content.decode()
    assert "Margaret" not in client.get(page(other)).content.decode()


# How long


@pytest.mark.both_databases
def test_it_works_for_seven_days_to_the_second(cast):
    link = to_read(cast, RAISED)
    last = RAISED + links.LASTS

    assert actions.ask_code(link=link, at=last - SECOND)
    with pytest.raises(Over):
        actions.ask_code(link=link, at=last)
    assert [link.is_working(at) for at in (last - SECOND, last)] == [True, False]
    assert Link.objects.working(last - SECOND).exists()
    assert not Link.objects.working(last).exists()


@pytest.mark.parametrize("ending", ["expired", "withdrawn", "used"])
def test_what_is_over_says_whom_to_ring_and_nothing_else(cast, client, mailbox, ending):
    """410, on every page of it, also in the browser that has it open."""
    link = to_reply(cast, adult_name=CANARY)
    enter(client, link, mailbox)
    assert CANARY in client.get(page(link)).content.decode()
    now = timezone.now()
    if ending == "expired":
        Link.objects.filter(pk=link.pk).update(expires_at=now)
    elif ending == "withdrawn":
        actions.withdraw_link(link=link, by=cast.council_manager, at=now)
    else:
        casting.reply_by_link(link, now, view="Ours.")

    words = {"expired": "Links work for seven days", "withdrawn": "It was withdrawn", "used": "Your reply was sent"}
    for path in (page(link), page(link, "code"), page(link, "reply"), page(link, "check")):
        for response in (client.get(path), client.post(path, {"send": "1", "code": "123456"})):
            text = response.content.decode()
            assert response.status_code == 410
            assert words[ending] in text
            assert "Adult Social Care" in text
            assert "01632 960 000" in text
            for hidden in (CANARY, link.dispute.reference, "Small Home", "Ann Lee", "Rother Valley"):
                assert hidden not in text
    assert len(mailbox) == 1


# Codes


@pytest.mark.both_databases
def test_a_code_is_good_once(cast):
    link = to_read(cast, RAISED)
    _, code = actions.ask_code(link=link, at=RAISED)

    first, _ = actions.open_link(link=link, code=code, at=RAISED + MINUTE)

    assert first.used_at == RAISED + MINUTE
    assert actions.open_link(link=link, code=code, at=RAISED + 2 * MINUTE) == (None, 0)


def test_a_code_is_good_for_ten_minutes(cast):
    link = to_read(cast, RAISED)
    _, code = actions.ask_code(link=link, at=RAISED)

    assert actions.open_link(link=link, code=code, at=RAISED + links.CODE_LASTS) == (None, 0)
    assert actions.open_link(link=link, code=code, at=RAISED + links.CODE_LASTS - SECOND)[0]


def test_after_five_wrong_ones_the_right_one_is_wrong_too(cast, client, mailbox):
    link = to_read(cast)
    client.post(page(link, "code"), {"send": "1"})
    right = code_in(mailbox[-1])
    wrong = f"{(int(right) + 1) % 10**6:06}"

    texts = [client.post(page(link, "code"), {"code": wrong}).content.decode() for _ in range(5)]

    assert ["You can try 4 times more" in texts[0], "You can try once more" in texts[3]] == [True, True]
    assert "used up or out of date" in texts[4]
    assert client.post(page(link, "code"), {"code": right}).status_code == 200
    assert Act.objects.filter(verb="entered a wrong code").count() == 5
    assert not Act.objects.filter(verb="opened the link").exists()


def test_a_fresh_code_takes_the_place_of_the_one_before(cast):
    link = to_read(cast, RAISED)
    _, old = actions.ask_code(link=link, at=RAISED)
    _, new = actions.ask_code(link=link, at=RAISED + MINUTE)

    if old != new:
        assert actions.open_link(link=link, code=old, at=RAISED + 2 * MINUTE)[0] is None
    assert actions.open_link(link=link, code=new, at=RAISED + 2 * MINUTE)[0]


def test_codes_of_another_link_open_nothing(cast):
    link, other = to_read(cast, RAISED), to_read(cast, RAISED)
    _, code = actions.ask_code(link=other, at=RAISED)
    actions.ask_code(link=link, at=RAISED)

    if actions.open_link(link=link, code=code, at=RAISED)[0]:
        pytest.skip("one time in a million both codes are the same")
    assert actions.open_link(link=other, code=code, at=RAISED)[0]


def test_five_codes_an_hour_and_twenty_a_day(cast, client, mailbox):
    link = to_read(cast, RAISED)
    for number in range(20):
        actions.ask_code(link=link, at=RAISED + (number // 5) * HOUR)
        if number % 5 == 4:
            with pytest.raises(Conflict, match="Too many codes"):
                actions.ask_code(link=link, at=RAISED + (number // 5) * HOUR)
    with pytest.raises(Conflict, match="Too many codes"):
        actions.ask_code(link=link, at=RAISED + 23 * HOUR)
    assert actions.ask_code(link=link, at=RAISED + DAY)

    busy = to_read(cast)
    answers = [client.post(page(busy, "code"), {"send": "1"}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mailbox) == 5


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0" * 6, "9" * 5000])
def test_what_is_no_code_is_said_so_and_costs_no_attempt(cast, client, mailbox, typed):
    link = to_read(cast)
    client.post(page(link, "code"), {"send": "1"})

    response = client.post(page(link, "code"), {"code": typed})

    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert LinkCode.objects.get().attempts == 0
    code = code_in(mailbox[-1])
    assert client.post(page(link, "code"), {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_when_the_mail_server_is_away_nobody_waits_for_a_code(cast, client, settings):
    """The page says so, and what nobody has opens nothing."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    link = to_read(cast)

    response = client.post(page(link, "code"), {"send": "1"})

    assert response.status_code == 503
    assert "could not be sent just now" in response.content.decode()
    assert not LinkCode.objects.exists()


# What is kept and what leaves


def test_a_code_stands_in_its_mail_alone(cast, client, mailbox, caplog):
    """Not in a row, a log line, a subject; and the mail names nobody and tells nothing."""
    caplog.set_level(logging.DEBUG)
    link = to_read(cast, adult_name=CANARY)
    enter(client, link, mailbox)
    [message] = mailbox
    code = code_in(message)

    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.startswith(("agencies_", "escalation_"))]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [str(value) for row in cursor.fetchall() for value in row if isinstance(value, str)]
    assert not [value for value in rows if code == value or f" {code}" in value]
    assert code not in caplog.text
    assert code not in message.subject
    assert message.to == [GP["email"]]
    for words in (CANARY, "Zephyrbird", "Gee", "Rother Valley", "Adult Social Care", link.key):
        assert words not in message.body + message.subject
    assert link.dispute.reference in message.subject
    assert "10 minutes" in message.body


def test_the_mail_with_the_link_names_nobody(cast):
    link = to_read(cast, adult_name=CANARY)

    [notice] = Notice.objects.filter(kind="link")

    assert (notice.mailbox, notice.recipient, notice.address) == (GP["email"], None, page(link))
    assert not [value for value in map(str, vars(notice).values()) if CANARY in value or "Gee" in value.title()[:4]]


@pytest.mark.both_databases
def test_every_step_is_in_the_trail_by_the_link(cast, client, mailbox):
    """R43: a named timer where no person with an account acted, and which link; never who is signed in there too."""
    link = to_read(cast)
    client.force_login(cast.police_lead)
    client.post(page(link, "code"), {"send": "1"})
    code = code_in(mailbox[-1])
    client.post(page(link, "code"), {"code": f"{(int(code) + 1) % 10**6:06}"})
    client.post(page(link, "code"), {"code": code})
    client.get(f"{page(link)}records/1.pdf")

    acts = Act.objects.filter(thread=link.dispute_id, timer="link").order_by("pk")

    assert [act.verb for act in acts] == [
        "asked for a code", "entered a wrong code", "opened the link", "downloaded the record by link",
    ]  # fmt: skip
    assert {(act.by, act.facts["link"]) for act in acts} == {(None, link.pk)}
    client.force_login(cast.council_practitioner)
    timeline = client.get(f"/disputes/{link.dispute.reference}/timeline/").content.decode()
    assert "Dr Hugh Gee, by link, opened the link" in timeline
    assert "Dr Hugh Gee, by link, downloaded the record of stage one" in timeline
    copies = client.get(f"/disputes/{link.dispute.reference}/copies/").content.decode()
    assert "Opened <time" in copies
