"""R44: to whoever is not concerned a dispute does not exist, at any of its addresses and by any method."""

import re

import pytest
from django.urls import NoReverseMatch, reverse

from escalation.urls import urlpatterns
from tests import cast as casting

pytestmark = pytest.mark.django_db

IDS = {
    "discussion_id": 1,
    "request_id": 1,
    "proposal_id": 1,
    "withdrawal_id": 1,
    "stage": 1,
    "section": "adult",
    "evidence_id": 1,
    "file_id": 1,
    "link_id": 1,
    "reply_id": 1,
}


def addresses(reference):
    """Every address below a dispute."""
    found = [*urlpatterns, *urlpatterns[-1].url_patterns]
    for pattern in found:
        for wanted in ({}, *({name: value} for name, value in IDS.items())):
            try:
                yield reverse(pattern.name, kwargs={"reference": reference, **wanted})
            except (AttributeError, NoReverseMatch):
                continue


def seen(response, reference):
    """All that the answer tells, but for the token of the page's forms and the reference asked for."""
    body = re.sub(r'value="\w{64}"', "", response.text).replace(reference, "")
    return response.status_code, body, {**response.headers, "Content-Length": ""}


@pytest.mark.parametrize("who", ["police_lead", "chair", "administrator"])
def test_a_dispute_that_is_hidden_answers_like_one_that_is_not_there(cast, client, who):
    dispute = casting.at_stage(cast, 2)
    client.force_login(getattr(cast, who))
    hidden, absent = (list(addresses(reference)) for reference in (dispute.reference, "0000-0000"))
    assert len(hidden) > 25

    for pair in zip(hidden, absent, strict=True):
        for method in (client.get, client.post, client.head, client.options):
            there, nowhere = (
                seen(method(path), reference)
                for path, reference in zip(pair, (dispute.reference, "0000-0000"), strict=True)
            )
            assert there == nowhere, pair
            assert there[0] in (404, 405), pair
