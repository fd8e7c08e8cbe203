"""The people pages: everyone finds whom to ring; administrators keep the accounts; no dispute shows."""

import pytest

from agencies.models import Agency, Membership, Role, User
from tests.cast import raise_dispute

ADMINISTRATION = (
    "/people/new/",
    "/people/agencies/new/",
    "/people/{p}/",
    "/people/{p}/change/",
    "/people/{p}/roles/new/",
    "/people/agencies/{a}/change/",
    "/people/agencies/{a}/teams/new/",
)
HOSTILE = ["", "   ", "\x00", "\u202eexe", "x" * 1_000_000, "<script>alert(1)</script>", "9" * 20, "-1", "abc"]
FIELDS = ("email", "full_name", "job_title", "phone", "name", "role", "agency", "team", "safeguarding_contact", "words")


def signed_in(client, user):
    client.force_login(user)
    return client


def test_everyone_finds_whom_to_ring(cast, client):
    page = signed_in(client, cast.council_practitioner).get("/people/")
    assert "Rother Valley Hospital" in page.text
    assert "Add a person" not in page.text

    page = client.get(f"/people/agencies/{cast.hospital.pk}/")
    assert ("Hospital Lead" in page.text, "Change this agency" in page.text) == (True, False)


def test_visitors_are_sent_to_sign_in(client, db):
    assert client.get("/people/").headers["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ADMINISTRATION)
@pytest.mark.parametrize("who", ["council_lead", "board_manager", "chair"])
def test_only_administrators_keep_accounts(cast, client, address, who):
    """R44: administration is nobody else's."""
    address = address.format(p=cast.police_lead.pk, a=cast.police.pk)
    assert signed_in(client, getattr(cast, who)).get(address).status_code == 403
    assert client.post(address).status_code == 403


def test_no_dispute_shows_to_an_administrator(cast, client):
    """R44: administrators of accounts see no dispute."""
    raise_dispute(cast, adult_name="Canary Quillfeather")
    signed_in(client, cast.administrator)
    for address in ("/people/", f"/people/{cast.council_practitioner.pk}/", f"/people/agencies/{cast.council.pk}/"):
        page = client.get(address)
        assert (page.status_code, "Quillfeather" in page.text) == (200, False)


def test_an_agency_a_team_a_person_and_a_role(cast, client):
    """An administrator sets an agency up from nothing."""
    signed_in(client, cast.administrator)
    client.post("/people/agencies/new/", {"name": "Larch House Care", "phone": "01632 960 777"})
    agency = Agency.objects.get(name="Larch House Care")
    client.post(f"/people/agencies/{agency.pk}/teams/new/", {"name": "Days"})
    client.post("/people/new/", {"email": "Paul@larch.example", "full_name": "Paul Sykes", "job_title": "Manager"})
    person = User.objects.get(email="paul@larch.example")
    client.post(f"/people/{person.pk}/roles/new/", {"role": "lead", "agency": agency.pk, "team": agency.teams.get().pk})
    client.post(
        f"/people/agencies/{agency.pk}/change/",
        {"name": "Larch House", "phone": "", "safeguarding_contact": person.pk, "is_active": "on"},
    )

    agency.refresh_from_db()
    assert (agency.name, agency.safeguarding_contact, agency.is_active) == ("Larch House", person, True)
    assert Membership.objects.get(user=person).role == Role.LEAD
    assert "Paul Sykes" in client.get(f"/people/agencies/{agency.pk}/").text

    membership = Membership.objects.get(user=person)
    client.post(f"/people/roles/{membership.pk}/end/")
    client.post(f"/people/{person.pk}/close/")
    membership.refresh_from_db(), person.refresh_from_db()
    assert (membership.ended_at is None, person.is_active) == (False, False)
    client.post(f"/people/{person.pk}/reopen/")
    person.refresh_from_db()
    assert person.is_active


@pytest.mark.parametrize(
    ("address", "posted", "message"),
    [
        ("/people/new/", {"email": "lead.police@test.example", "full_name": "X"}, "email address already"),
        ("/people/new/", {"email": "nobody", "full_name": ""}, "like name@example.org"),
        ("/people/agencies/new/", {"name": "police"}, "agency of this name already"),
        ("/people/{p}/roles/new/", {"role": "lead", "agency": ""}, "Choose the agency in which"),
        ("/people/{p}/roles/new/", {"role": "chair", "agency": "{a}"}, "belongs to no agency"),
        ("/people/{p}/roles/new/", {"role": "lead", "agency": "{a}"}, "holds this role already"),
        ("/people/{p}/roles/new/", {"role": "king", "agency": "{a}"}, "Choose one of the roles"),
    ],
)
def test_refusals_keep_what_was_typed(cast, client, address, posted, message):
    """A clear message, and nothing changed."""
    ids = {"p": cast.police_lead.pk, "a": cast.police.pk}
    posted = {name: value.format(**ids) for name, value in posted.items()}
    people, roles = User.objects.count(), Membership.objects.count()

    page = signed_in(client, cast.administrator).post(address.format(**ids), posted)

    assert (page.status_code, message in page.text) == (200, True)
    assert (User.objects.count(), Membership.objects.count()) == (people, roles)


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_is_refused_or_kept(cast, client, typed):
    """Whatever is typed, never a fault of ours."""
    signed_in(client, cast.administrator)
    for address in (*ADMINISTRATION, "/people/"):
        address = address.format(p=cast.police_lead.pk, a=cast.police.pk)
        assert client.post(address, dict.fromkeys(FIELDS, typed)).status_code in (200, 302, 405)


def test_the_last_administrator_is_told_to_stay(cast, client):
    page = signed_in(client, cast.administrator).post(f"/people/{cast.administrator.pk}/close/", follow=True)
    assert "must remain administrator" in page.text


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_however_many(cast, client, django_assert_num_queries, more):
    for number in range(more):
        Agency.objects.create(name=f"Agency {number}")
    signed_in(client, cast.administrator)
    with django_assert_num_queries(6):  # session, person, standing, agencies, the Board, unread notices
        client.get("/people/")
