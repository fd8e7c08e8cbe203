"""The pages of a dispute in each of its states, and home for each role, in Chromium: what axe finds."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from escalation import actions
from tests import cast as casting
from tests.cast import SAFE
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import pages_of

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def gone_round(cast, began):
    """Declined by the manager, and taken to the lead."""
    dispute = casting.raise_dispute(cast, began)
    by = {"by": cast.council_practitioner, "at": began + HOUR}
    request = actions.ask_escalation(dispute=dispute, reason="Stuck.", **by, **SAFE)
    actions.decline(request=request, by=cast.council_manager, at=began + HOUR, reason="Talk again.")
    actions.take_to_lead(request=request, reason="They will not.", **by)
    return dispute


def resolved(cast, began):
    """At stage three, with an action."""
    dispute = casting.at_stage(cast, 3, began)
    by, at = cast.council_lead, began + 5 * HOUR
    asked = [(cast.hospital, "Assess")]
    proposal = actions.propose(
        dispute=dispute, by=by, at=at, resolution="Assess her.", rationale="Safer.", actions=asked
    )
    return actions.agree(proposal=proposal, by=cast.hospital_lead, at=at + HOUR)


def with_the_chair(cast, began):
    """At stage four, with a withdrawal that waits."""
    dispute = casting.at_stage(cast, 4, began)
    actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=began + 7 * HOUR, reason="It is settled.")
    return dispute


def after_a_death(cast, began):
    dispute = casting.raise_dispute(cast, began)
    actions.record_death(
        dispute=dispute, by=cast.council_practitioner, at=began + HOUR, died_on=timezone.localdate(began),
        stop_target=True, review_considered="",
    )  # fmt: skip
    return actions.withdraw(dispute=dispute, by=cast.council_practitioner, at=began + HOUR, reason="She has died.")


@pytest.mark.parametrize(
    ("reached", "who"),
    [
        (gone_round, "council_practitioner"),
        (resolved, "hospital_practitioner"),
        (with_the_chair, "chair"),
        (after_a_death, "council_lead"),
    ],
)
def test_the_pages_of_a_dispute_in_each_state(cast, desk, reached, who):
    dispute = reached(cast, timezone.now() - timedelta(hours=30))
    viewer = desk(getattr(cast, who))
    *pages, _ = pages_of(dispute.reference)

    for path in ("/", *pages):
        assert viewer.status(path) == 200
        viewer.open(path)
        assert (path, faults_at_each_width(viewer.page)) == (path, [])


@pytest.mark.parametrize("who", ["council_practitioner", "council_lead", "chair", "administrator"])
def test_home_and_lists_while_there_is_nothing(cast, desk, who):
    viewer = desk(getattr(cast, who))

    for path in ("/", reverse("disputes"), reverse("approvals"), "/disputes/0000-0000/"):
        viewer.open(path)
        assert (path, faults_at_each_width(viewer.page)) == (path, [])


def test_the_page_of_a_refusal(cast, desk):
    """Given somebody who may see a dispute but not act on it, and a request that was answered meanwhile."""
    dispute = casting.at_stage(cast, 2, timezone.now() - timedelta(hours=30))
    viewer = desk(cast.council_practitioner)
    for name, status in (("name_representative", 403), ("suggest_representative", 409)):
        path = reverse(name, kwargs={"reference": dispute.reference})
        assert (name, viewer.status(path)) == (name, status)
        viewer.open(path)
        assert (path, faults_at_each_width(viewer.page)) == (path, [])
