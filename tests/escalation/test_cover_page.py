"""The page of cover: one's own, whom one stands in for, and for leads who is away without a deputy."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies import own
from agencies.models import Cover
from escalation.moments import in_london
from tests.cast import at_stage
from tests.escalation.act_pages import boxes

DAY = timedelta(days=1)
PAGE = "/people/cover/"
HOSTILE = ["", "\x00", "x" * 100_000, "-1", "99999999999999999999", "<script>", "٣"]


def dates(first=0, last=3, **more):
    now = timezone.now()
    return {**boxes("first_day", now + first * DAY), **boxes("last_day", now + last * DAY), **more}


def away(person, deputy=None, days=3):
    now = timezone.now()
    return own.name_deputy(by=person, at=now, deputy=deputy, starts_at=now, ends_at=now + days * DAY)


def test_a_manager_names_a_deputy_until_the_end_of_the_last_day(cast, client):
    client.force_login(cast.council_manager)

    answer = client.post(PAGE, dates(deputy=cast.council_practitioner.pk), follow=True)

    cover = Cover.objects.get()
    assert (cover.person, cover.deputy) == (cast.council_manager, cast.council_practitioner)
    assert in_london(cover.ends_at).date() == in_london(timezone.now() + 4 * DAY).date()
    assert (in_london(cover.ends_at).hour, in_london(cover.ends_at).minute) == (0, 0)
    assert "Council Practitioner stands in for you." in answer.text
    assert "End this now" in answer.text

    client.post(f"{PAGE}{cover.pk}/end/")
    cover.refresh_from_db()
    assert cover.ended_at


def test_the_deputy_reads_for_whom_on_the_pages(cast, client):
    away(cast.council_manager, cast.council_practitioner)
    at_stage(cast, 2, at=timezone.now() - DAY)
    client.force_login(cast.council_practitioner)

    for page in (PAGE, "/"):
        text = client.get(page).text
        assert "Council Manager" in text
        assert "stand in for" in text
    assert "Approvals" in client.get("/").text


def test_leads_read_who_is_away_without_a_deputy(cast, client):
    """On their home page too; nobody else does."""
    away(cast.council_manager)
    for who, shown in (("council_lead", True), ("hospital_lead", False), ("council_practitioner", False)):
        client.force_login(getattr(cast, who))
        for page in (PAGE, "/"):
            text = client.get(page).text
            assert ("Council Manager</strong>" in text) == shown, (who, page)


@pytest.mark.parametrize("who", ["council_practitioner", "administrator"])
def test_whoever_answers_for_nothing_names_nobody(cast, client, who):
    client.force_login(getattr(cast, who))
    assert "You stand in for nobody" in client.get(PAGE).text
    assert client.post(PAGE, dates()).status_code == 403
    assert not Cover.objects.exists()


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Give the first day you are away"),
        (dates(first=-1), "The first day must be today or later"),
        (dates(first=4, last=2), "The last day must not be before the first day"),
        (dates(last=500), "The last day must be within a year"),
        (dates(deputy="1234567"), "Choose one of the people offered"),
    ],
)
def test_refusals_say_what_is_wrong(cast, client, sent, message):
    client.force_login(cast.council_manager)
    page = client.post(PAGE, {"deputy": "", **sent} if sent else {"deputy": ""})
    assert (page.status_code, message in page.text) == (200, True)
    assert not Cover.objects.exists()


def test_a_second_cover_in_the_same_time_is_refused(cast, client):
    away(cast.council_manager)
    client.force_login(cast.council_manager)
    assert "away in that time already" in client.post(PAGE, dates(deputy="")).text
    assert Cover.objects.count() == 1


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_breaks_nothing(cast, client, typed):
    client.force_login(cast.council_manager)
    fields = [*dates(), "deputy"]
    assert client.post(PAGE, dict.fromkeys(fields, typed)).status_code == 200
    for name in fields:
        assert client.post(PAGE, {**dates(first=90, last=80, deputy=""), name: typed}).status_code == 200
    assert not Cover.objects.exists()


def test_nobody_ends_anothers(cast, client):
    cover = away(cast.council_manager, cast.council_practitioner)
    for who in (cast.council_practitioner, cast.council_lead, cast.police_lead):
        client.force_login(who)
        assert client.post(f"{PAGE}{cover.pk}/end/").status_code == 404
    assert client.get(f"{PAGE}{cover.pk}/end/").status_code == 405
    assert client.post(f"{PAGE}{10**30}/end/").status_code == 404


def test_administrators_see_all_covers_of_a_person(cast, client):
    away(cast.council_manager, cast.council_practitioner)
    client.force_login(cast.administrator)
    page = client.get(f"/people/{cast.council_manager.pk}/").text
    assert "Council Practitioner</a> stands in" in page


@pytest.mark.parametrize("more", [0, 3])
def test_the_page_costs_the_same_however_many(cast, client, django_assert_num_queries, more):
    """Session, person, standing, counts; the people offered, own covers, whom one covers, who is away."""
    for who in [cast.council_manager, cast.council_manager_2, cast.council_lead_2][:more]:
        away(who)
    client.force_login(cast.council_lead)
    with django_assert_num_queries(8):
        client.get(PAGE)
