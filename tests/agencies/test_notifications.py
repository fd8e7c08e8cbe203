"""One's own notifications: newest first, marked as read when opened, and nobody else's."""

from datetime import timedelta

import pytest

from agencies import own
from agencies.models import Notice, User
from tests.cast import RAISED, at_stage, raise_dispute

CANARY = "Quillfeather"
HOSTILE = ["", " ", "0", "-1", "x", "99999999999999999999", "٣", "1; DROP", "\x00", "9" * 100_000]


def notices(person):
    return Notice.objects.filter(recipient=person)


@pytest.fixture
def lead(cast, client):
    """Somebody who has been told of a dispute."""
    raise_dispute(cast, adult_name=f"Canary {CANARY}", problem=f"{CANARY} fell.", aim=CANARY)
    client.force_login(cast.hospital_lead)
    return client


def test_what_one_was_told_stands_there_without_name_or_story(cast, lead):
    page = lead.get("/notifications/").text

    assert "Give your agency’s view of a dispute" in page
    assert Notice.objects.first().reference in page
    assert CANARY not in page
    assert '<span class="r-count">1<' in page


def test_opening_one_marks_it_as_read_and_leads_on(cast, lead):
    notice = notices(cast.hospital_lead).get()

    answer = lead.get(f"/notifications/{notice.pk}/")

    assert (answer.status_code, answer.url) == (302, f"/disputes/{notice.reference}/view/")
    read_at = notices(cast.hospital_lead).get().read_at
    assert read_at
    lead.get(f"/notifications/{notice.pk}/")
    assert notices(cast.hospital_lead).get().read_at == read_at  # the first time counts
    assert "r-count" not in lead.get("/notifications/").text


def test_anothers_is_not_found_and_stays_unread(cast, lead):
    """R44."""
    theirs = notices(cast.hospital_practitioner).get()
    assert lead.get(f"/notifications/{theirs.pk}/").status_code == 404
    assert lead.post("/notifications/read/", {"newest": theirs.pk + 1000}).status_code == 302
    assert notices(cast.hospital_practitioner).get().read_at is None


def test_marking_all_leaves_what_came_meanwhile(cast, lead):
    page = lead.get("/notifications/")
    raise_dispute(cast, at=RAISED + timedelta(hours=1))

    lead.post("/notifications/read/", {"newest": page.context["newest"]})

    assert notices(cast.hospital_lead).unread().count() == 1


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_marks_nothing_and_breaks_nothing(cast, lead, typed):
    assert lead.post("/notifications/read/", {"newest": typed}).status_code == 302
    assert lead.get("/notifications/", {"page": typed[:1000]}).status_code == 200
    assert lead.post("/notifications/settings/", {"wants_digest": typed}).status_code == 200
    assert notices(cast.hospital_lead).unread().count() == 1
    assert not User.objects.get(pk=cast.hospital_lead.pk).wants_digest


def test_an_id_that_nothing_has_is_not_found(lead):
    for pk in (0, 2**63, 10**30):
        assert lead.get(f"/notifications/{pk}/").status_code == 404
    assert lead.post("/notifications/1/").status_code == 405
    assert lead.get("/notifications/read/").status_code == 405


def test_a_visitor_signs_in_first(client, db):
    for page in ("/notifications/", "/notifications/1/", "/notifications/settings/", "/clockwork/", "/people/cover/"):
        assert client.get(page).headers["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("who", ["council_practitioner", "police_lead", "board_manager", "chair", "administrator"])
def test_everybody_has_the_page(cast, client, who):
    """Whoever was told nothing reads so."""
    client.force_login(getattr(cast, who))
    page = client.get("/notifications/")
    assert (page.status_code, "Nothing has happened" in page.text) == (200, True)


def test_a_deputy_reads_for_whom(cast, client):
    at = RAISED - timedelta(days=1)
    own.name_deputy(
        by=cast.board_manager, at=at, deputy=cast.police_practitioner, starts_at=at, ends_at=at + timedelta(days=30)
    )
    dispute = at_stage(cast, 3)
    client.force_login(cast.police_practitioner)

    page = client.get("/notifications/").text

    assert "For Helen Goddard." in page
    assert dispute.reference in page
    assert dispute.adult_name not in page


def test_fifty_to_a_page_and_the_same_number_of_queries(cast, lead, django_assert_num_queries):
    """Session, person, standing, what is unread, the notices."""
    with django_assert_num_queries(5):
        lead.get("/notifications/")
    first = notices(cast.hospital_lead).get()
    for number in range(60):
        first.pk, first.event, first.message_id = None, f"e{number}", f"<{number}@x>"
        first.save(force_insert=True)
    with django_assert_num_queries(5):
        page = lead.get("/notifications/")
    second = lead.get("/notifications/?page=2")

    assert (len(page.context["notices"]), len(second.context["notices"])) == (50, 11)
    assert "Older notifications" in page.text
    assert "Newer notifications" in second.text


def test_emails_come_as_one_chooses(cast, lead):
    """A digest for what is not theirs to act on."""
    assert lead.post("/notifications/settings/", {"wants_digest": "digest"}).status_code == 302
    assert User.objects.get(pk=cast.hospital_lead.pk).wants_digest
    assert 'value="digest"' in lead.get("/notifications/settings/").text
    lead.post("/notifications/settings/", {"wants_digest": "at_once"})
    assert not User.objects.get(pk=cast.hospital_lead.pk).wants_digest
