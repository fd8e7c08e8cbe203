"""The pages of who acts for whom, who may see it, and for which agency one acts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Membership, Role
from escalation import actions
from escalation.models import Participant, Representative, Sight
from tests import cast as casting
from tests.escalation.act_pages import now

EARLIER = timedelta(hours=12)


def address(name, dispute, query="", **ids):
    return reverse(name, kwargs={"reference": dispute.reference, **ids}) + query


def text_of(response):
    return response.content.decode()


@pytest.fixture
def dispute(cast):
    return casting.raise_dispute(cast, at=now() - EARLIER)


def test_only_people_whose_role_fits_the_stage_are_offered(cast, client, dispute):
    """R24, R26: at one anybody of the agency, at two managers and leads, at three leads; nobody of another agency."""
    client.force_login(cast.hospital_lead)

    offered = {
        stage: set(client.get(address("name_representative", dispute, f"?stage={stage}")).context["form"]
                   .fields["person"].queryset)
        for stage in (1, 2, 3)
    }  # fmt: skip

    assert offered == {
        1: {cast.hospital_practitioner, cast.hospital_manager, cast.hospital_lead},
        2: {cast.hospital_manager, cast.hospital_lead},
        3: {cast.hospital_lead},
    }


def test_somebody_who_is_not_offered_is_refused(cast, client, dispute):
    client.force_login(cast.hospital_lead)

    answer = client.post(
        address("name_representative", dispute, "?stage=3"), {"who": "account", "person": cast.council_lead.pk}
    )

    assert "Choose one of the answers offered" in text_of(answer)
    assert Representative.objects.filter(stage=3).count() == 0


@pytest.mark.parametrize("stage", ["0", "4", "-1", "two", "99999999999999999999", "", "١"])
def test_a_stage_that_is_none_is_the_present_one(cast, client, dispute, stage):
    client.force_login(cast.hospital_lead)

    answer = client.get(address("name_representative", dispute, f"?stage={stage}"))

    assert answer.status_code == 200
    assert "at stage one?" in text_of(answer)


def test_one_person_at_two_stages_is_warned_of_and_not_barred(cast, client, dispute):
    """Readings: warn, do not block."""
    client.force_login(cast.hospital_lead)
    sent = {"who": "account", "person": cast.hospital_lead.pk}
    client.post(address("name_representative", dispute, "?stage=2"), sent)

    said = client.post(address("name_representative", dispute, "?stage=3"), sent, follow=True)

    assert "Hospital Lead also acts at stage two" in text_of(said)
    assert Representative.objects.filter(person=cast.hospital_lead, replaced_at=None).count() == 2


def test_a_typed_name_sees_nothing(cast, client, dispute):
    client.force_login(cast.hospital_manager)

    client.post(
        address("name_representative", dispute),
        {"who": "typed", "name": "Beth Ogden", "job_title": "sister", "phone": "01632 960 001",
         "person": cast.hospital_lead.pk},
    )  # fmt: skip

    named = Representative.objects.get(replaced_at=None)
    assert (named.name, named.phone, named.person) == ("Beth Ogden", "01632 960 001", None)
    assert not Sight.objects.filter(person=cast.hospital_lead).exists()


def test_the_raiser_suggests_until_the_agency_has_named(cast, client, dispute):
    client.force_login(cast.council_practitioner)
    page = address("suggest_representative", dispute)
    sent = {"who": "account", "person": cast.hospital_manager.pk}

    client.post(page, sent)
    suggested = Representative.objects.get(replaced_at=None)
    actions.name_representative(
        dispute=dispute, by=cast.hospital_lead, at=now(), stage=1, person=cast.hospital_practitioner
    )
    late = client.post(page, sent)

    assert (suggested.person, suggested.is_suggestion) == (cast.hospital_manager, True)
    assert late.status_code == 409


def test_the_page_of_the_people_tells_who_acts_and_who_sees(cast, client, dispute):
    """R44, rules: per agency and stage, telephone numbers, and why each may see it."""
    cast.hospital_practitioner.phone = "01632 960 042"
    cast.hospital_practitioner.save()
    client.force_login(cast.council_practitioner)

    shown = text_of(client.get(address("dispute_people", dispute)))

    for words in ("Hospital Practitioner", "01632 960 042", "Suggested by Council Practitioner", "raised it",
                  "Hospital Manager", "Who can see this dispute"):  # fmt: skip
        assert words in shown
    assert "Police Lead" not in shown


@pytest.mark.parametrize("agencies", [1, 2])
def test_the_page_of_the_people_takes_the_same_queries(cast, client, agencies, django_assert_num_queries):
    more = [cast.trust, cast.police][: agencies - 1]
    dispute = casting.raise_dispute(cast, at=now() - EARLIER, concerned_agencies=more)
    client.force_login(cast.council_practitioner)

    with django_assert_num_queries(PEOPLE):
        client.get(address("dispute_people", dispute))


@pytest.fixture
def of_two(cast):
    """Somebody who works for both sides."""
    Membership.objects.create(user=cast.hospital_lead, agency=cast.council, role=Role.LEAD)
    return cast.hospital_lead


def test_who_belongs_to_two_chooses_once_and_goes_on(cast, client, dispute, of_two):
    """Rules: a person acts on one dispute for one agency only."""
    client.force_login(of_two)
    view = address("state_view", dispute)
    refused = client.get(view)
    choose = address("choose_agency", dispute, f"?next={view}")

    chosen = client.post(choose, {"agency": cast.hospital.pk})

    assert refused.status_code == 403
    assert f'href="{choose}"' in text_of(refused)
    assert (chosen.status_code, chosen.url) == (302, view)
    assert Participant.objects.get(person=of_two).agency == cast.hospital
    assert client.get(view).status_code == 200
    assert client.get(choose).status_code == 409


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "dispute", "%00", "a b"])
def test_choosing_leads_nowhere_else(cast, client, dispute, of_two, elsewhere):
    """Nor to a fault: what is no address of ours may be taken for the name of a page."""
    client.force_login(of_two)
    there = f"/disputes/{dispute.reference}/"

    answer = client.post(address("choose_agency", dispute, f"?next={elsewhere}"), {"agency": cast.council.pk})

    assert (answer.status_code, answer.url) == (302, there)


def test_an_agency_that_is_not_one_s_own_cannot_be_chosen(cast, client, dispute, of_two):
    client.force_login(of_two)

    answer = client.post(address("choose_agency", dispute), {"agency": cast.police.pk})

    assert "Choose one of the answers offered" in text_of(answer)
    assert not Participant.objects.filter(person=of_two).exists()


def test_who_belongs_to_one_has_nothing_to_choose(cast, client, dispute):
    client.force_login(cast.hospital_lead)
    assert client.get(address("choose_agency", dispute)).status_code == 409
    client.force_login(cast.police_lead)
    assert client.get(address("choose_agency", dispute)).status_code == 404


PEOPLE = 10
