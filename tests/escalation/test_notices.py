"""Who is told what (R19, R27, R29): a row for each recipient, written with the act that causes it."""

from datetime import timedelta

import pytest
from django.db import transaction

from agencies.models import Notice
from escalation import actions, timers
from escalation.models import Flag
from tests.cast import RAISED, SAFE, raise_dispute, record_discussion

HOUR = timedelta(hours=1)


def told(dispute=None, **filters):
    """Who was told of what, as pairs of name and title."""
    notices = Notice.objects.filter(**filters).order_by("pk").select_related("recipient")
    return sorted((str(notice.recipient or notice.mailbox), notice.title) for notice in notices)


def test_raising_tells_the_suggested_person_and_the_contact_and_not_every_manager(cast):
    """R19: one who was suggested, and the leads of the other agency."""
    raise_dispute(cast)

    assert told() == [
        ("Hospital Lead", "Give your agency’s view of a dispute"),
        ("Hospital Practitioner", "A dispute was raised with your agency: read it, and talk"),
    ]


def test_stage_three_tells_the_board_manager(cast, at_stage, settings):
    """R27: by email and in the application, and in the Board's shared mailbox where there is one."""
    settings.BOARD_MAILBOX = "board@test.example"
    at_stage(3)

    assert told(kind="inform_chair") == [
        ("Helen Goddard", "Stage three was reached: inform the Independent Chair"),
        ("board@test.example", "Stage three was reached: inform the Independent Chair"),
    ]


def test_no_notice_of_what_was_rolled_back(cast):
    """A message is a row of the same transaction."""
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 - the error ends the transaction
        raise_dispute(cast)
        raise RuntimeError
    assert not Notice.objects.exists()


def test_past_target_is_flagged_once_neither_early_nor_late(cast):
    """R4: by the same instant that the page shows."""
    dispute = raise_dispute(cast)
    timers.sweep(dispute.target_at)
    assert not Flag.objects.filter(kind="past_target").exists()

    after = dispute.target_at + timedelta(seconds=1)
    assert timers.sweep(after)["one-week target"] == 1
    assert timers.sweep(after + HOUR)["one-week target"] == 0
    assert [str(person) for person in {n.recipient for n in Notice.objects.filter(kind="past_target")}]


def test_a_silent_manager_is_told_of_once(cast):
    """R25: the worker and the lead."""
    dispute = raise_dispute(cast)
    record_discussion(dispute, cast.council_practitioner, RAISED)
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="?", **SAFE)
    Notice.objects.all().delete()

    for hours in (24, 25, 26):
        timers.sweep(RAISED + hours * HOUR)

    assert told(kind__in=["go_round", "unanswered"]) == [
        ("Council Lead", "A request to escalate has not been answered"),
        ("Council Practitioner", "Your request to escalate has not been answered: choose another way"),
        ("Second Lead", "A request to escalate has not been answered"),
    ]
