"""What is typed is kept: by its writer alone, on the page it was typed on, and when the session has ended."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalation import drafts
from escalation.models import Draft
from tests.cast import RAISED, raise_dispute

KEY = "k" * 16


def page(name, key=KEY):
    return reverse("raise_page", kwargs={"key": key, "page": name})


def test_keep_replaces_what_was_kept_and_drop_forgets_it(cast):
    dispute = raise_dispute(cast)
    writer = cast.council_practitioner

    drafts.keep(writer, "add_entry", RAISED, {"facts": ["First"]}, dispute)
    drafts.keep(writer, "add_entry", RAISED + timedelta(minutes=5), {"facts": ["Second"]}, dispute)

    assert Draft.objects.count() == 1
    assert drafts.kept(writer, "add_entry", dispute) == {"facts": ["Second"]}
    assert drafts.kept(writer, "add_entry") == drafts.kept(writer, "propose", dispute) == {}
    drafts.drop(writer, "add_entry", dispute)
    assert drafts.kept(writer, "add_entry", dispute) == {}


def test_a_draft_is_its_writers_alone(cast):
    dispute = raise_dispute(cast)
    drafts.keep(cast.council_practitioner, "add_entry", RAISED, {"facts": ["Canary"]}, dispute)

    assert drafts.kept(cast.council_manager, "add_entry", dispute) == {}
    assert drafts.kept(cast.hospital_practitioner, "add_entry", dispute) == {}


def test_what_is_kept_fits_the_database(cast):
    """Control characters and halves of pairs are refused by PostgreSQL; nobody typed them."""
    writer = cast.council_practitioner

    drafts.keep(writer, "sample", RAISED, {"text": ["a\x00b\ud800c\u202ed"] * 300, "long": ["x" * 3_000_000]})

    kept = drafts.kept(writer, "sample")
    assert (kept["text"][0], len(kept["text"]), len(kept["long"][0])) == ("abcd", 200, 2_000_000)


def test_keep_page_takes_no_key_of_another(cast):
    drafts.keep_page(cast.council_practitioner, KEY, "adult", RAISED, {"adult_name": ["Joan"]})

    assert drafts.keep_page(cast.hospital_practitioner, KEY, "adult", RAISED, {"adult_name": ["Mine"]}) is None
    assert Draft.objects.get().data == {"adult": {"adult_name": ["Joan"]}}


@pytest.fixture
def signed_out():
    return Client()


def slip(person, path):
    return drafts.slip(person, path)


def test_a_form_carries_its_slip(cast, client):
    client.force_login(cast.council_practitioner)

    response = client.get(page("adult"))

    assert f'name="{drafts.SLIP}"' in response.text


def test_what_arrives_signed_out_is_kept_and_shown_after_signing_in(cast, signed_out):
    """An expired session loses nothing."""
    path = page("adult")
    posted = {"adult_name": "Joan Pickersgill", drafts.SLIP: slip(cast.council_practitioner, path), "later": "1"}

    response = signed_out.post(path, {**posted, "new_password": "secret", "csrfmiddlewaretoken": "x"})

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={path}"
    assert "What you typed is kept" in signed_out.get(response.url).text
    assert Draft.objects.get().data == {"adult": {"adult_name": ["Joan Pickersgill"]}}
    signed_out.force_login(cast.council_practitioner)
    assert 'value="Joan Pickersgill"' in signed_out.get(path).text


def test_a_view_sent_after_the_session_ended_stands_on_its_page_after_signing_in(cast, signed_out):
    dispute = raise_dispute(cast, timezone.now())
    path = reverse("state_view", kwargs={"reference": dispute.reference})
    posted = {"view": "Canary of the hospital", drafts.SLIP: slip(cast.hospital_lead, path)}

    assert signed_out.post(path, posted).status_code == 302

    signed_out.force_login(cast.hospital_lead)
    assert "Canary of the hospital" in signed_out.get(path).text


def test_what_arrives_signed_out_on_a_page_of_a_dispute_is_kept_for_that_page(cast, rf):
    """The pages that act on a dispute find it under their own name."""
    dispute = raise_dispute(cast)
    path = f"/disputes/{dispute.reference}/discussions/17/entry/"
    request = rf.post(path, {"facts": "She fell.", drafts.SLIP: slip(cast.council_practitioner, path)})
    match = Match("add_entry_to", {"reference": dispute.reference, "discussion_id": 17})

    assert drafts.rescue(request, match, timezone.now())

    assert drafts.kept(cast.council_practitioner, drafts.form_name(match), dispute) == {"facts": ["She fell."]}


def test_nothing_is_kept_of_a_dispute_one_may_not_see(cast, rf):
    dispute = raise_dispute(cast)
    path = f"/disputes/{dispute.reference}/view/"
    request = rf.post(path, {"view": "Mine", drafts.SLIP: slip(cast.police_practitioner, path)})

    assert not drafts.rescue(request, Match("state_view", {"reference": dispute.reference}), timezone.now())
    assert not Draft.objects.exists()


class Match:
    def __init__(self, url_name, kwargs):
        self.url_name, self.kwargs = url_name, kwargs


def forged(kind, person, path):
    match kind:
        case "nothing":
            return ""
        case "junk":
            return "x" * 10_000
        case "another key":
            return signing.TimestampSigner(salt="draft", key="guessed").sign_object([person.pk, path])
        case "another salt":
            return signing.TimestampSigner(salt="other").sign_object([person.pk, path])
        case "another page":
            return drafts.slip(person, page("talk"))
        case "another shape":
            return signing.TimestampSigner(salt="draft").sign_object({"person": person.pk})


@pytest.mark.parametrize("kind", ["nothing", "junk", "another key", "another salt", "another page", "another shape"])
def test_nobody_writes_a_draft_for_another_without_a_genuine_slip(cast, signed_out, kind):
    path = page("adult")

    response = signed_out.post(
        path, {"adult_name": "Planted", drafts.SLIP: forged(kind, cast.council_practitioner, path)}
    )

    assert response.status_code == 302
    assert not Draft.objects.exists()


def test_an_old_slip_is_no_slip(cast, signed_out, monkeypatch):
    path = page("adult")
    monkeypatch.setattr(drafts, "SLIP_LASTS", -1)

    signed_out.post(path, {"adult_name": "Late", drafts.SLIP: slip(cast.council_practitioner, path)})

    assert not Draft.objects.exists()


def test_the_slip_of_a_person_who_left_is_no_slip(cast, signed_out):
    path = page("adult")
    token = slip(cast.council_practitioner, path)
    cast.council_practitioner.is_active = False
    cast.council_practitioner.save()

    signed_out.post(path, {"adult_name": "Gone", drafts.SLIP: token})

    assert not Draft.objects.exists()


def test_a_form_open_too_long_is_kept_when_its_token_is_refused(cast):
    """Signed in again in another window, the form's token is out of date; its text is not lost."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.council_practitioner)
    path = page("adult")

    response = client.post(path, {"adult_name": "Joan", drafts.SLIP: slip(cast.council_practitioner, path)})

    assert response.status_code == 403
    assert "What you typed is kept" in response.text
    assert Draft.objects.get().data == {"adult": {"adult_name": ["Joan"]}}
