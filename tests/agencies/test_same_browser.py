"""Two people, one browser: what the first leaves behind."""

import pytest
from django.urls import reverse

from tests import cast as casting

pytestmark = pytest.mark.django_db


@pytest.fixture
def left(cast, client):
    """Somebody acts, and leaves before the page with the message of it is shown."""
    dispute = casting.raise_dispute(cast)
    client.force_login(cast.council_lead)
    address = reverse("add_agency", kwargs={"reference": dispute.reference})
    assert client.post(address, {"agency": cast.trust.pk, "seen_stage": 1}).status_code == 302
    return client


def test_a_message_is_gone_with_the_session(cast, left):
    """R44: it names an agency that is concerned in a dispute."""
    del left.cookies["sessionid"]  # as when it runs out
    left.force_login(cast.police_practitioner)

    assert "is added" not in left.get("/").text


def test_a_message_is_gone_after_signing_out(cast, left):
    signed_out = left.post(reverse("account_logout"), follow=True)

    assert "is added" not in signed_out.text
    left.force_login(cast.police_practitioner)
    assert "is added" not in left.get("/").text


def test_nothing_of_a_dispute_stands_in_a_cookie(cast, left):
    assert set(left.cookies) == {"sessionid"}
