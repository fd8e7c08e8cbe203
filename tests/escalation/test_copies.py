"""Who has a copy of the record (R19, R20): recorded by anyone concerned, and seen by whoever was picked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.models import Role, User
from escalation import actions, appendix_b, pdfs
from escalation.models import Copy, Dispute, Record, Sight
from escalation.permissions import Conflict
from tests import cast as casting
from tests.cast import RAISED, person
from tests.records import printed, text_of

HOUR = timedelta(hours=1)
GP = {"name": "Dr Hugh Gee", "job_title": "GP", "organisation": "Wath Road Surgery", "how": "post"}


def copied(cast, dispute, by=None, at=RAISED + HOUR, **given):
    return actions.record_copy(dispute=dispute, by=by or cast.council_practitioner, at=at, **(given or GP))


def sees(someone, dispute, at=RAISED + 2 * HOUR):
    return Dispute.objects.visible_to(User.objects.get(pk=someone.pk), at).filter(pk=dispute.pk).exists()


@pytest.mark.both_databases
def test_whoever_is_picked_sees_it_and_a_typed_name_does_not(cast):
    """A copy by account grants sight, and says why; neither the person's manager nor a namesake sees anything."""
    dispute = casting.raise_dispute(cast)
    namesake = person("gee", GP["name"], (Role.PRACTITIONER, cast.police))

    [copy] = copied(cast, dispute, people=[cast.police_practitioner])
    copied(cast, dispute)

    assert (copy.name, copy.agency, copy.how, copy.record) == ("Police Practitioner", cast.police, "resolve", None)
    seen = [sees(each, dispute) for each in (cast.police_practitioner, cast.police_lead, namesake)]
    assert seen == [True, False, False]
    assert not sees(cast.police_practitioner, dispute, at=RAISED + HOUR - timedelta(seconds=1))
    assert list(Sight.objects.filter(person=cast.police_practitioner).values_list("why", flat=True)) == ["copy"]


def test_whoever_could_see_it_already_is_given_no_other_sight(cast):
    dispute = casting.raise_dispute(cast)

    copied(cast, dispute, people=[cast.hospital_lead])

    assert not Sight.objects.filter(person=cast.hospital_lead).exists()


def test_the_administrator_of_accounts_is_given_none(cast):
    """R44: administrators of accounts see no dispute."""
    dispute = casting.raise_dispute(cast)

    with pytest.raises(Conflict, match="has no part in disputes"):
        copied(cast, dispute, people=[cast.administrator])

    assert not sees(cast.administrator, dispute)


def test_a_second_click_records_no_second_copy(cast):
    dispute = casting.raise_dispute(cast)
    copied(cast, dispute)
    copied(cast, dispute, at=RAISED + HOUR + timedelta(seconds=20))
    assert Copy.objects.count() == 1


def test_the_record_names_who_it_is_copied_to(cast):
    """R20: person, job title, agency and date, in the record that is sealed next; what is sealed stays as it stood."""
    cast.hospital_lead.job_title = "named nurse"
    cast.hospital_lead.save()
    dispute = casting.raise_dispute(cast)
    copied(cast, dispute, people=[cast.hospital_lead])
    at = RAISED + 2 * HOUR
    dispute = actions.withdraw(dispute=dispute, by=cast.council_practitioner, at=at, reason="Settled.")
    record = Record.objects.get()
    before = record.content

    copied(cast, dispute, by=cast.hospital_manager, at=RAISED + 3 * HOUR)

    text = text_of(printed(record))
    assert "Copied to: Hospital Lead, named nurse, Rother Valley Hospital, Wed 20 May 2026" in text
    assert "Hugh Gee" not in text
    record.refresh_from_db()
    assert (record.content, record.is_intact) == (before, True)
    now = appendix_b.contents(dispute, dispute.stages.get(), at=RAISED + 4 * HOUR)
    assert [row["to"]["name"] for row in now["copies"]] == ["Hospital Lead", "Dr Hugh Gee"]


def test_a_record_without_copies_says_so(cast):
    dispute = casting.raise_dispute(cast)
    text = text_of(pdfs.as_it_stands(dispute, dispute.stages.get(), at=RAISED + HOUR))
    assert "Copied to: nobody is recorded yet." in text


@pytest.fixture
def given(cast, client):
    """A dispute of today with a copy by post, and the page of its copies for whoever signs in."""
    dispute = casting.at_stage(cast, 2, timezone.now() - 24 * HOUR)
    copied(cast, dispute, at=timezone.now())

    def page(someone):
        client.force_login(someone)
        return client.get(f"/disputes/{dispute.reference}/copies/")

    return page


def test_the_page_shows_who_when_and_how_to_those_concerned_alone(cast, given):
    for someone in (cast.council_practitioner, cast.hospital_lead):
        text = given(someone).content.decode()
        for words in ("Dr Hugh Gee", "GP", "Wath Road Surgery", "By post", "Recorded by Council Practitioner"):
            assert words in text
        assert "Give somebody a copy by a link" in text
    for someone in (cast.police_lead, cast.board_manager, cast.administrator):
        assert given(someone).status_code == 404


def test_people_concerned_are_suggested_until_they_have_it(cast, client):
    """R19: one click for whoever acts, is named or leads."""
    dispute = casting.at_stage(cast, 2, timezone.now() - 24 * HOUR)
    address = f"/disputes/{dispute.reference}/copies/new/"
    client.force_login(cast.hospital_lead)
    form = client.get(address).context["form"]
    suggested = list(form.fields["people"].queryset)
    assert cast.council_manager in suggested
    assert cast.hospital_practitioner in suggested
    assert cast.police_practitioner not in suggested
    others = list(form.fields["person"].queryset)
    assert cast.police_practitioner in others
    assert cast.administrator not in others

    today = timezone.localdate()
    sent = {
        "who": "concerned",
        "people": [cast.council_manager.pk, cast.hospital_practitioner.pk],
        "copied_on-day": today.day,
        "copied_on-month": today.month,
        "copied_on-year": today.year,
    }
    done = client.post(address, sent, follow=True)

    assert "It is recorded that Council Manager and Hospital Practitioner have a copy." in done.content.decode()
    left = client.get(address).context["form"].fields["people"].queryset
    assert cast.council_manager not in left
