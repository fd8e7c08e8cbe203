"""Notices sent over a real mail server: at least once, never lost, and no name in any of them."""

import logging
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from django.core.mail import get_connection
from django.db import connection, transaction

from agencies import outbox
from agencies.models import Membership, Notice, Role, User
from tests.mail_server import free_port, mail_server, silent_server

WEDNESDAY = datetime(2026, 5, 20, 10, 0, tzinfo=UTC)  # 11am in London
SATURDAY = datetime(2026, 5, 23, 10, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def server(settings):
    with mail_server() as server:
        use(settings, server.port)
        yield server


def use(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


@pytest.fixture
def people(db):
    return [User.objects.create_user(f"person{n}@test.example", full_name=f"Person {n}") for n in range(5)]


def notice(recipient=None, event="event", at=WEDNESDAY, **fields):
    values = {
        "event": event,
        "kind": "act",
        "recipient": recipient,
        "reference": "4729-1836",
        "title": "A dispute waits for you",
        "stage": "Stage two, between managers",
        "address": "/disputes/4729-1836/",
        "due_at": at + timedelta(days=7),
        "written_at": at,
        "send_after": at,
    }
    new = outbox.new(**{**values, **fields})
    outbox.write([new], nudge=False)
    return new


def send(at=WEDNESDAY):
    return outbox.send_due(lambda: at)


def states():
    """Whether each notice was sent, refused, or waits, by event."""
    return {
        each.event: "sent" if each.sent_at else "refused" if each.refused_at else "waits"
        for each in Notice.objects.all()
    }


# The mail


def test_a_mail_says_reference_stage_what_and_by_when_with_a_link_in_text_and_html(server, people, settings):
    settings.BASE_URL = "https://resolve.example"
    written = notice(people[0])

    assert send() == {"sent": 1, "refused": 0, "failed": 0}

    [mail] = server.to("person0@test.example")
    assert mail["Subject"] == "4729-1836: A dispute waits for you"
    assert mail["Message-ID"] == written.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    assert set(parts) == {"text/plain", "text/html"}
    for words in parts.values():
        for expected in (
            "A dispute waits for you",
            "Reference: 4729-1836, Stage two, between managers",
            "By: Wed 27 May 2026, 11am",
            "https://resolve.example/disputes/4729-1836/",
        ):
            assert expected in words
        assert "Person 0" not in words


def test_a_line_break_reaches_no_header(server, people):
    notice(people[0], title="Waits\r\nBcc: thief@test.example", reference="")
    send()
    [mail] = server.to("person0@test.example")
    assert mail["Subject"] == "Waits Bcc: thief@test.example"
    assert mail["Bcc"] is None

    notice(None, event="address", mailbox="a@test.example\nBcc: thief@test.example")
    notice(people[1], event="next")
    send()
    assert states() == {"event": "sent", "address": "waits", "next": "sent"}
    assert [to for to, _ in server.arrived] == ["person0@test.example", "person1@test.example"]


def test_what_cannot_be_written_as_a_mail_holds_up_no_other(server, people, monkeypatch, caplog):
    def poisoned(name, context):
        if context["notices"][0].event == "poison":
            raise ValueError("Margaret Whitworth")
        return "words"

    monkeypatch.setattr(outbox, "render_to_string", poisoned)
    notice(people[0], event="poison")
    notice(people[1], event="after")

    assert send() == {"sent": 1, "refused": 0, "failed": 1}
    assert states() == {"poison": "waits", "after": "sent"}
    assert "Margaret" not in caplog.text


# Together


def test_three_leave_alone_and_four_leave_as_one(server, people):
    for number in range(3):
        notice(people[0], event=f"a{number}")
    for number in range(4):
        notice(people[1], event=f"b{number}", title=f"Number {number}")
    send()

    assert len(server.to("person0@test.example")) == 3
    [mail] = server.to("person1@test.example")
    assert mail["Subject"] == "Resolve: 4 messages"
    assert all(f"Number {n}" in mail.get_body(("plain",)).get_content() for n in range(4))


def test_many_for_each_of_many_leave_as_one_mail_for_each(server, people):
    """However they were written: a batch takes with a notice all others of its address."""
    for number in range(30):
        for person in people:
            notice(person, event=f"event{number}")
    assert send()["sent"] == 150
    assert Counter(to for to, _ in server.arrived) == {person.email: 1 for person in people}


def test_a_digest_leaves_as_one_and_what_is_urgent_beside_it(server, people):
    eight = WEDNESDAY + 21 * HOUR  # 8am on Thursday
    notice(people[0], event="a", in_digest=True, in_hours=True, send_after=eight, title="First")
    notice(people[0], event="b", in_digest=True, in_hours=True, send_after=eight, title="Second")
    notice(people[0], event="duty", is_duty=True)

    assert send() == {"sent": 1, "refused": 0, "failed": 0}
    assert send(eight - MINUTE)["sent"] == 0
    assert send(eight)["sent"] == 2
    assert [mail["Subject"] for mail in server.to("person0@test.example")] == [
        "4729-1836: A dispute waits for you",
        "Resolve: 2 messages",
    ]


def test_a_mailbox_without_an_account_gets_its_copy(server, db):
    notice(None, mailbox="board@test.example")
    send()
    assert len(server.to("board@test.example")) == 1


def test_a_notice_is_written_once_for_each_event_and_recipient(people):
    notice(people[0])
    notice(people[0])
    notice(people[1])
    notice(None, mailbox="board@test.example")
    notice(None, mailbox="board@test.example")
    assert Notice.objects.count() == 3


# At least once


def test_a_sender_that_dies_before_marking_sends_again_with_the_same_message_id(server, people, monkeypatch):
    for number in range(4):
        notice(people[0], event=f"a{number}")
    notice(people[1])

    class Died(BaseException):
        pass

    def die(*arguments):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_mark", die)
        with pytest.raises(Died):
            send()
    assert len(server.arrived) == 1
    notice(people[0], event="written meanwhile")

    assert send(WEDNESDAY + outbox.LEASE) == {"sent": 1, "refused": 0, "failed": 0}  # what was written meanwhile
    assert send(WEDNESDAY + outbox.LEASE + MINUTE) == {"sent": 5, "refused": 0, "failed": 0}
    first, other, again, last = (mail for _, mail in server.arrived)
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Subject"] == again["Subject"] == "Resolve: 4 messages"
    assert len({mail["Message-ID"] for mail in (first, other, last)}) == 3
    assert set(states().values()) == {"sent"}


def test_the_message_id_stays_over_retries(server, people):
    written = notice(people[0])
    server.data_answers["person0@test.example"] = "451 try later"
    at = WEDNESDAY
    for _ in range(3):
        assert send(at)["failed"] == 1
        at += 2 * HOUR
    server.data_answers.clear()
    send(at)
    assert [mail["Message-ID"] for mail in server.to("person0@test.example")] == [written.message_id]
    assert Notice.objects.get().attempts == 4


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_share_no_notice(server):
    """Real connections of their own: 400 notices, two senders, one mail for each address."""
    people = [User.objects.create_user(f"p{n}@test.example", full_name="P") for n in range(100)]
    for person in people:
        for number in range(4):
            notice(person, event=f"event{number}", at=WEDNESDAY)
    start = threading.Barrier(4)
    counts, errors = Counter(), []

    def run():
        try:
            start.wait()
            counts.update(send())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert counts == {"sent": 400, "refused": 0, "failed": 0}
    assert Counter(to for to, _ in server.arrived) == {person.email: 1 for person in people}


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_marked_when_the_database_is_back(server, monkeypatch):
    """A restart of the database between sending and marking causes no double, as long as the sender lives."""
    notice(User.objects.create_user("person0@test.example", full_name="Person 0"))
    mark, broken = outbox._mark, []

    def break_once(*arguments):
        if not broken:
            broken.append(connection.connection.get_backend_pid())
            there = connection.connection.info.dsn_parameters
            other = psycopg2.connect(**{name: there[name] for name in ("host", "port", "user", "dbname")})
            other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", broken)
            other.close()
        mark(*arguments)

    monkeypatch.setattr(outbox, "_mark", break_once)

    assert send() == {"sent": 1, "refused": 0, "failed": 0}
    assert states() == {"event": "sent"}
    assert broken


@pytest.mark.django_db(transaction=True)
def test_what_another_sender_holds_is_passed_by(people):
    notice(people[0])
    with transaction.atomic():
        assert len(outbox.claim(WEDNESDAY)) == 1
        claimed = []

        def other():
            claimed.extend(outbox.claim(WEDNESDAY))
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
    assert claimed == []
    assert outbox.claim(WEDNESDAY + MINUTE) == []
    assert len(outbox.claim(WEDNESDAY + outbox.LEASE + MINUTE)) == 1


def test_a_sender_whose_lease_was_taken_over_sends_no_more(server, people):
    """It hung for longer than the lease; the other one sends, and the first finds that out before its next mail."""
    notice(people[0], event="a")
    slow = outbox.claim(WEDNESDAY)
    assert send(WEDNESDAY + outbox.LEASE + MINUTE)["sent"] == 1

    counts = Counter(sent=0, refused=0, failed=0)
    assert outbox._send_batch(slow, lambda: WEDNESDAY + outbox.LEASE + 2 * MINUTE, counts)
    assert (counts["sent"], len(server.arrived)) == (0, 1)


# Refused, later, away


def test_a_permanent_refusal_of_one_address_is_final_at_once_and_holds_up_nobody(server, people):
    server.answers["person1@test.example"] = "550 5.1.1 no such person Margaret"
    for number, person in enumerate(people):
        notice(person, event=str(number))

    assert send() == {"sent": 4, "refused": 1, "failed": 0}
    assert states() == {"0": "sent", "1": "refused", "2": "sent", "3": "sent", "4": "sent"}
    refused = Notice.objects.get(event="1")
    assert (refused.failure, refused.attempts) == ("refused by the server", 1)
    assert send(WEDNESDAY + timedelta(days=3)) == {"sent": 0, "refused": 0, "failed": 0}


@pytest.mark.parametrize("answer", ["450 busy", "451 greylisted", "421 too many", "530 sign in first"])
def test_what_is_no_permanent_refusal_is_tried_again_and_holds_up_nobody(server, people, answer):
    server.answers["person1@test.example"] = answer
    for number, person in enumerate(people):
        notice(person, event=str(number))

    assert send() == {"sent": 4, "refused": 0, "failed": 1}
    server.answers.clear()
    assert send(WEDNESDAY + 2 * MINUTE)["sent"] == 1
    assert Counter(to for to, _ in server.arrived) == {person.email: 1 for person in people}


def test_a_connection_that_breaks_over_one_mail_holds_up_that_one(server, people):
    server.drops.add("person1@test.example")
    for number, person in enumerate(people):
        notice(person, event=str(number))
    assert send() == {"sent": 4, "refused": 0, "failed": 1}
    assert states()["1"] == "waits"


def test_times_of_retries_double_to_an_hour_with_jitter_and_do_not_end(server, people):
    """For 72 hours of refusal: each wait is the step's, a quarter more or less, and there is always a next."""
    server.answers["person0@test.example"] = "451 later"
    notice(people[0])
    at, waits = WEDNESDAY, []
    while at < WEDNESDAY + 72 * HOUR:
        assert send(at) == {"sent": 0, "refused": 0, "failed": 1}
        later = Notice.objects.get().send_after
        waits.append((later - at) / MINUTE)
        assert send(later - timedelta(seconds=1)) == {"sent": 0, "refused": 0, "failed": 0}
        at = later

    steps = [1, 2, 4, 8, 16, 32] + [60] * (len(waits) - 6)
    assert all(step * 0.75 <= wait <= step * 1.25 for step, wait in zip(steps, waits, strict=True))
    assert len(set(waits)) > len(waits) / 2
    assert 60 < len(waits) < 110

    server.answers.clear()
    assert send(at)["sent"] == 1


@pytest.mark.parametrize("kind", ["away", "hangs", "hangs over a mail"])
def test_a_server_that_is_away_or_hangs_delays_and_loses_nothing(settings, people, server, kind, caplog):
    for number in range(30):
        notice(people[number % 5], event=str(number))
    with silent_server() as silent:
        if kind == "hangs over a mail":
            server.hangs = True
        else:
            use(settings, free_port() if kind == "away" else silent)
        began = datetime.now(UTC)
        counts = send()
        assert (counts["sent"], counts["refused"], counts["failed"]) == (0, 0, 30)
        assert datetime.now(UTC) - began < timedelta(seconds=4)
    assert set(states().values()) == {"waits"}
    assert "mail server away" in caplog.text

    server.hangs = False
    use(settings, server.port)
    send(WEDNESDAY + 2 * MINUTE)
    assert set(states().values()) == {"sent"}
    assert Counter(to for to, _ in server.arrived) == {person.email: 1 for person in people}


def test_reminders_leave_in_their_hours_alone_however_late(server, people):
    """One that could not leave on Friday leaves on Tuesday at 8am, after the bank holiday; what is none at any hour."""
    friday = datetime(2026, 5, 22, 16, 50, tzinfo=UTC)
    tuesday = datetime(2026, 5, 26, 7, 0, tzinfo=UTC)  # 8am
    notice(people[0], event="reminder", at=friday, in_hours=True)
    notice(people[1], event="act", at=friday)
    assert send(SATURDAY)["sent"] == 1
    assert states() == {"reminder": "waits", "act": "sent"}
    assert send(datetime(2026, 5, 25, 10, 0, tzinfo=UTC))["sent"] == 0  # the bank holiday
    assert send(tuesday - timedelta(seconds=1))["sent"] == 0
    assert send(tuesday)["sent"] == 1


# Nothing waits unsent


def test_the_nightly_check_tells_the_board_manager_and_administrators_once_a_day(people, caplog):
    for person, role in ((people[1], Role.BOARD_MANAGER), (people[2], Role.ADMINISTRATOR)):
        Membership.objects.create(user=person, role=role)
    night = WEDNESDAY + 16 * HOUR
    notice(people[0], event="new", at=night - 50 * MINUTE)
    notice(people[0], event="digest", at=WEDNESDAY, send_after=night + HOUR)
    assert outbox.check(night) == 0
    assert "unsent" not in caplog.text

    notice(people[0], event="old", at=night - 2 * HOUR)
    with caplog.at_level(logging.ERROR):
        assert outbox.check(night) == 1
        assert outbox.check(night + MINUTE) == 1
    assert "1 notices" in caplog.text
    told = Notice.objects.filter(kind="unsent").order_by("pk")
    assert [each.recipient for each in told] == [people[1], people[2]]
    outbox.check(night + timedelta(days=1))
    assert told.all().count() == 4


def test_the_check_counts_what_was_tried_and_put_off(people):
    notice(people[0], at=WEDNESDAY, attempts=3, send_after=WEDNESDAY + 5 * HOUR)
    assert outbox.check(WEDNESDAY + 59 * MINUTE) == 0
    assert outbox.check(WEDNESDAY + 61 * MINUTE) == 1


def test_sending_nothing_asks_once(people, django_assert_num_queries):
    with django_assert_num_queries(3):  # a transaction's savepoint round one question
        assert send() == {"sent": 0, "refused": 0, "failed": 0}


def test_the_tests_use_a_real_server(server):
    assert get_connection().__class__.__module__ == "django.core.mail.backends.smtp"
