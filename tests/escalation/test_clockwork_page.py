"""The health of the clockwork: for the Board Manager and administrators, without any dispute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.models import Notice
from escalation import health
from escalation.models import Beat
from tests.cast import RAISED, raise_dispute

PAGE = "/clockwork/"
CANARY = "Quillfeather"
MINUTE = timedelta(minutes=1)
LATE = "The timers have stood still"


def swept(at):
    """That the timers ran last at this instant."""
    Beat.objects.create(timer="sweep", began_at=at, ended_at=at)


@pytest.mark.parametrize("who", ["council_practitioner", "council_manager", "police_lead", "chair"])
def test_it_is_for_two_roles_alone(cast, client, who):
    client.force_login(getattr(cast, who))
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/").text


@pytest.mark.parametrize("who", ["board_manager", "administrator"])
def test_it_is_readable_when_nothing_has_run(cast, client, who):
    client.force_login(getattr(cast, who))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "The timers have not run yet." in page.text
    assert f'href="{PAGE}"' in client.get("/").text


@pytest.mark.parametrize("who", ["board_manager", "administrator"])
def test_it_says_what_waits_and_which_address_was_refused(cast, client, who):
    """Addresses and times; no reference, name or story of a dispute."""
    dispute = raise_dispute(cast, at=timezone.now() - 90 * MINUTE, adult_name=CANARY, problem=CANARY)
    swept(timezone.now() - 6 * MINUTE)
    refused = Notice.objects.filter(recipient=cast.hospital_lead)
    assert refused.update(refused_at=timezone.now()) == 1
    client.force_login(getattr(cast, who))

    page = client.get(PAGE).text

    assert LATE in page
    assert "An email has waited for more than an hour" in page
    assert "lead.hospital@test.example" in page
    assert (f'href="/people/{cast.hospital_lead.pk}/"' in page) == (who == "administrator")
    assert CANARY not in page
    assert dispute.reference not in page


def test_an_address_that_was_reached_since_is_not_shown(cast):
    raise_dispute(cast)
    mine = Notice.objects.filter(recipient=cast.hospital_lead)
    mine.update(refused_at=RAISED)
    assert [each.address for each in health.refused()] == ["lead.hospital@test.example"]

    raise_dispute(cast, at=RAISED + 9 * MINUTE)
    mine.filter(refused_at=None).update(sent_at=RAISED + 10 * MINUTE)

    assert health.refused() == []


def test_ages_count_from_when_a_notice_could_have_been_sent(cast):
    """A reminder put off to the morning is not late; one that has failed has waited all the same."""
    raise_dispute(cast)
    assert health.queue(RAISED + 59 * MINUTE).is_notice_late is False
    assert health.queue(RAISED + 61 * MINUTE).is_notice_late is True
    Notice.objects.update(send_after=RAISED + timedelta(days=1))
    assert health.queue(RAISED + 61 * MINUTE).oldest_waits is None
    Notice.objects.update(attempts=3)
    assert health.queue(RAISED + 61 * MINUTE).oldest_waits == 61 * MINUTE
    Notice.objects.update(sent_at=RAISED)
    assert health.queue(RAISED + 61 * MINUTE).waiting == 0


def test_a_sweep_of_five_minutes_ago_is_no_alarm(cast):
    swept(RAISED)
    ages = (4, 5, 6)
    assert [health.queue(RAISED + minutes * MINUTE).is_sweep_late for minutes in ages] == [False, False, True]


def test_the_page_costs_the_same_however_many(cast, client, django_assert_num_queries):
    """Session, person, standing, counts; the beat, the queue, the addresses."""
    client.force_login(cast.administrator)
    for more in (1, 3):
        for _ in range(more):
            raise_dispute(cast)
        Notice.objects.update(refused_at=RAISED)
        with django_assert_num_queries(8):
            client.get(PAGE)


def test_readyz_tells_the_age_of_the_queue_apart_from_readiness(cast, client):
    raise_dispute(cast, at=timezone.now() - 90 * MINUTE)
    swept(timezone.now() - 10 * MINUTE)

    report = client.get("/readyz")

    assert report.status_code == 200
    assert 5395 <= report.json()["oldest_unsent_notice_seconds"] <= 5460
    assert 595 <= report.json()["last_sweep_seconds"] <= 660
