"""What the protocol asks of stage one and of the words beside the fields."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import actions
from tests import cast as casting
from tests.cast import SAFE, record_discussion

HOUR = timedelta(hours=1)


@pytest.fixture
def dispute(cast):
    return casting.raise_dispute(cast, at=timezone.now() - 3 * HOUR)


def test_a_meeting_is_considered_and_never_compulsory(cast, client, dispute):
    """R23: consulted, attempted, a meeting considered; none of it stands between a worker and the next stage."""
    client.force_login(cast.council_practitioner)
    assert "multi-disciplinary meeting" in client.get(f"/disputes/{dispute.reference}/escalate/").text

    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=timezone.now() - 2 * HOUR, reason="No agreement.", **SAFE
    )
    dispute = actions.approve(request=request, by=cast.council_manager, at=timezone.now() - HOUR, reason="Needed.")

    assert dispute.stage == 2


def test_what_was_considered_at_stage_one_stands_in_its_record(cast, dispute):
    """R23: who was consulted, what was attempted, and why no meeting was needed."""
    at, by = timezone.now() - 2 * HOUR, cast.council_practitioner
    actions.record_consultation(
        dispute=dispute, by=by, at=at, consulted="Rukhsana Malik", consulted_role="safeguarding lead",
        consulted_on=at.date(), advice="Ask for the night chart.",
    )  # fmt: skip
    actions.record_mdt(dispute=dispute, by=by, at=at, mdt="not_needed", mdt_why="Only one question is open.")
    record_discussion(dispute, by, at, facts="The chart shows two nights. (Chart)")
    dispute = actions.clarify(dispute=dispute, by=by, at=timezone.now() - HOUR, reason="Action is under way.")

    content = dispute.stages.get(number=1).record.content

    for text in ("Rukhsana Malik", "Ask for the night chart.", "Only one question is open.", "The chart shows two"):
        assert text in content


@pytest.mark.parametrize(
    ("form", "words"),
    [("entries/new/", "Speak of the practice, not of the person"), ("statements/", "Practice, not the person")],
)
def test_guidance_stands_beside_the_fields(cast, client, dispute, form, words):
    """R39: challenge is to practice, not to the person."""
    client.force_login(cast.council_practitioner)

    assert words in client.get(f"/disputes/{dispute.reference}/{form}").text
