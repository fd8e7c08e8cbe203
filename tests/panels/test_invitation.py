"""The invitation as a calendar file: what it says, to whom, and never the adult's name or story."""

from datetime import UTC, timedelta

import icalendar
import pytest
from django.urls import reverse

from escalation import actions
from panels import calendar
from panels.actions import sittings
from panels.models import Panel
from tests import cast as casting
from tests.panels import pages
from tests.panels.after import CONVENED, DAY, HOUR, SITS, convened

pytestmark = pytest.mark.django_db

CANARY = "Zebedee"
TEXTS = dict.fromkeys(
    ("adult_name", "adult_whereabouts", "problem", "disagreement", "aim", "impact", "safety_detail", "discussed_with"),
    f"{CANARY} Kettlewell",
)


def parsed(panel):
    """The calendar of the latest sitting, as a calendar program reads it."""
    panel = Panel.objects.get(pk=panel.pk)
    file = calendar.invitation(panel.sittings.order_by("number").last(), panel.dispute)
    found = icalendar.Calendar.from_ical(file)
    return file, found, found.events[0]


def test_it_says_when_and_where_and_who_never(cast, settings):
    settings.BASE_URL = "https://resolve.test.example"
    panel = convened(cast, **TEXTS)

    file, found, event = parsed(panel)

    assert CANARY.encode() not in file
    assert found["METHOD"] == "PUBLISH"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (
        f"panel-{panel.pk}-1@resolve.test.example", 0, "CONFIRMED"
    )  # fmt: skip
    assert event["SUMMARY"] == f"Resolution Panel {panel.dispute.reference}"
    assert event["LOCATION"] == "Riverside House"
    assert event["URL"] == f"https://resolve.test.example/panels/{panel.pk}/"
    assert event.start == SITS
    assert (event.start.tzinfo.key, f"{event.start:%d %b %H:%M}") == ("Europe/London", "27 May 14:15")
    assert event.end - event.start == timedelta(hours=2)
    assert [zone.tz_name for zone in found.timezones] == ["Europe/London"]
    assert event["DTSTAMP"].dt == CONVENED.astimezone(UTC)
    assert "ATTENDEE" not in event


def test_a_calendar_moves_what_it_holds_when_the_sitting_is_rearranged(cast):
    panel = convened(cast)
    _, _, before = parsed(panel)

    sittings.rearrange(
        sitting=panel.sittings.get(), by=cast.chair, at=CONVENED + HOUR, starts_at=SITS + DAY, place="Moot; Hall, 2\\n",
        link="https://meet.example/1", reason="No room.",
    )  # fmt: skip
    _, found, after = parsed(panel)

    assert (after["UID"], after["SEQUENCE"], found["METHOD"]) == (before["UID"], 1, "PUBLISH")
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert after.start == SITS + DAY
    assert after["LOCATION"] == "Moot; Hall, 2\\n https://meet.example/1"


def test_a_sitting_that_is_off_takes_itself_out(cast):
    """Cancelled by the Chair, or by the end of the dispute."""
    panel = convened(cast)
    ended = convened(cast, dispute=casting.at_stage(cast, 4))
    sittings.cancel(sitting=panel.sittings.get(), by=cast.chair, at=CONVENED + HOUR, reason="Ill.")
    withdrawal = actions.ask_withdrawal(dispute=ended.dispute, by=cast.council_lead, at=CONVENED, reason="Moot.")
    actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=CONVENED + HOUR)

    for each in (panel, ended):
        _, found, event = parsed(each)
        assert (found["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert event["DTSTAMP"].dt == CONVENED + HOUR


def test_it_is_for_who_sits_and_for_the_board(cast, client):
    panel = pages.convened(cast)
    address = reverse("invitation", kwargs={"panel_id": panel.pk})

    for name, status in (
        ("trust_lead", 200), ("chair", 200), ("board_manager", 200), ("hospital_lead", 403), ("police_lead", 404),
    ):  # fmt: skip
        client.force_login(getattr(cast, name))
        answer = client.get(address)
        assert answer.status_code == status, name
        if status == 200:
            assert answer["Content-Type"] == "text/calendar; charset=utf-8"
            assert answer["Content-Disposition"] == f'attachment; filename="panel-{panel.dispute.reference}.ics"'
