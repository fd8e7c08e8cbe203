"""Every verb, through its front door: what it changes, whom it tells, and when it refuses."""

from datetime import timedelta

import pytest

from agencies.models import Act
from escalation import actions
from escalation.models import Dispute, Record, RequestState, Stage
from escalation.permissions import Conflict, NotPermitted
from tests.cast import RAISED, SAFE, raise_dispute, record_discussion

HOUR = timedelta(hours=1)


def test_raise_opens_stage_one_at_once(cast):
    """R3, R4: no approval stands between a worker and an open dispute, and the week runs from raising."""
    dispute = raise_dispute(cast)

    assert (dispute.stage, dispute.ended_at, dispute.target_at) == (1, None, RAISED + timedelta(days=7))
    assert [stage.number for stage in dispute.stages.all()] == [1]
    assert [(act.verb, act.by, act.role) for act in Act.objects.all()] == [
        ("raised", cast.council_practitioner, "practitioner")
    ]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_stages_are_reached_in_order_each_sealing_the_one_before(cast, at_stage, number):
    """R22: exactly one sealed record for each stage that has ended."""
    dispute = at_stage(number)

    assert dispute.stage == number
    assert [record.stage.number for record in Record.objects.order_by("stage__number")] == list(range(1, number))
    assert [stage.ended_at is None for stage in Stage.objects.all()] == [False] * (number - 1) + [True]


def test_resolve_when_all_who_must_have_agreed(cast, at_stage):
    """R7, R13: agreed by both sides, the dispute ends as resolved."""
    dispute = at_stage(3)
    at = RAISED + 10 * HOUR
    proposal = actions.propose(
        dispute=dispute, by=cast.council_lead, at=at, resolution="Assess first.", rationale="The nights in April.",
        actions=[(cast.hospital, "Assess her capacity")],
    )  # fmt: skip

    dispute = actions.agree(proposal=proposal, by=cast.hospital_lead, at=at + HOUR)

    assert (dispute.outcome, dispute.ended_at, dispute.stage) == ("resolved", at + HOUR, 3)
    assert Record.objects.count() == 3


def test_approve_refuses_a_second_decision(cast):
    """R25: the first decision counts, and the second manager is told who was quicker."""
    dispute = raise_dispute(cast)
    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="?", **SAFE
    )
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Not yet.")

    with pytest.raises(Conflict, match="Council Manager declined this request on Wed 20 May 2026, 4:15pm"):
        actions.approve(request=request, by=cast.council_manager_2, at=RAISED + 3 * HOUR, reason="Yes.")

    request.refresh_from_db()
    assert request.state == RequestState.DECLINED


def test_silent_manager_then_silent_leads_cannot_stall(cast):
    """R25: after one working day the way to the lead opens; after the leads' working day the stage opens."""
    dispute = raise_dispute(cast)
    asked = RAISED + HOUR
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=asked, reason="?", **SAFE)
    with pytest.raises(Conflict, match="Your manager has until Thu 21 May 2026, 3:15pm"):
        actions.take_to_lead(request=request, by=cast.council_practitioner, at=asked + HOUR)
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=asked + timedelta(days=1))
    with pytest.raises(Conflict, match="until Fri 22 May 2026, 3:15pm"):
        actions.open_unanswered(request=request, by=cast.council_practitioner, at=asked + timedelta(days=1, hours=1))

    dispute = actions.open_unanswered(request=request, by=cast.council_practitioner, at=asked + timedelta(days=2))

    assert (dispute.stage, dispute.stages.get(number=1).end) == (2, "unanswered")


def test_a_stranger_cannot_act(cast):
    """R44: to whoever is not concerned the dispute does not exist, for actions too."""
    dispute = raise_dispute(cast)

    with pytest.raises(Dispute.DoesNotExist):
        record_discussion(dispute, cast.police_lead, RAISED + HOUR)


def test_the_board_manager_may_see_and_not_act(cast, at_stage):
    """R44: in full from stage three, to read."""
    dispute = at_stage(3)

    with pytest.raises(NotPermitted):
        actions.state_view(dispute=dispute, by=cast.board_manager, at=RAISED + 9 * HOUR, view="Ours")


def test_history_bears_the_instant_of_the_act(cast, at_stage):
    """R43: what an act changed is found by its instant, not by the clock of the machine."""
    dispute = at_stage(2)

    stages = Stage.history.filter(dispute_id=dispute.pk).order_by("history_date", "history_id")

    assert [(row.number, row.history_date - RAISED) for row in stages] == [
        (1, 0 * HOUR),
        (1, 2 * HOUR),
        (2, 2 * HOUR),
    ]
