"""R25, R40, R50: a manager decides and cannot stall; what opens, when, for whom."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agencies.models import Membership, Role, User
from escalation import actions, duties
from escalation.models import Dispute, RequestState
from escalation.permissions import Conflict, NotPermitted
from tests.cast import RAISED, SAFE, at_stage, person, raise_dispute, record_discussion

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NEEDED = {"needed_by_on": date(2026, 5, 21), "needed_by_reason": "Discharge."}
# Thursday 5pm is 25 hours 45 minutes after the asking, Wednesday 3:15pm; half of that
HALF_TO_NEEDED = datetime(2026, 5, 21, 3, 7, 30, tzinfo=UTC)
WHY = {"reason": "No agreement.", **SAFE}


def asked(cast, at=RAISED + HOUR, **changes):
    return actions.ask_escalation(dispute=raise_dispute(cast, **changes), by=cast.council_practitioner, at=at, **WHY)


def fresh(someone):
    return User.objects.get(pk=someone.pk)


def waits(someone, at):
    """The kinds of duty that wait for somebody."""
    return sorted(duty.kind for duty in duties.waiting_for(fresh(someone), at))


def nobody_in(agency, *roles):
    Membership.objects.filter(agency=agency, role__in=roles).update(ended_at=RAISED)


@pytest.mark.parametrize(
    ("changes", "after", "opens_at"),
    [
        ({}, HOUR, datetime(2026, 5, 21, 14, 15, tzinfo=UTC)),  # a working day: Thu 3:15pm
        ({"urgency": "urgent"}, HOUR, RAISED + HOUR),  # at once
        (NEEDED, HOUR, HALF_TO_NEEDED),
        # Asked a day before the target: half the time left, not the working day
        ({}, timedelta(days=6), RAISED + timedelta(days=6, hours=12)),
        # Asked on the Saturday before the bank holiday: counts from 9am of Tuesday, so half the time left is sooner
        ({}, timedelta(days=3), RAISED + timedelta(days=5)),
        # Past the target nothing is left
        ({}, timedelta(days=9), RAISED + timedelta(days=9)),
    ],
)  # fmt: skip
def test_the_way_round_a_silent_manager_opens(cast, changes, after, opens_at):
    """After one working day, at half the time left to target or needed-by, or at once where urgent: the first."""
    request = asked(cast, RAISED + after, **changes)

    assert request.way_round_at == opens_at
    if opens_at > RAISED + after:
        with pytest.raises(Conflict, match="Your manager has until"):
            actions.take_to_lead(request=request, by=cast.council_practitioner, at=opens_at - timedelta(seconds=1))
    assert "go_round" in waits(cast.council_practitioner, opens_at)
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=opens_at)
    request.refresh_from_db()
    assert (request.to_lead_at, request.to_lead_by) == (opens_at, cast.council_practitioner)
    assert waits(cast.council_lead, opens_at).count("approve") == 1


def test_amending_to_urgent_opens_the_way_and_it_stays_open(cast):
    """Whoever changes it back, the other side too, does not close a way that is open."""
    request = asked(cast)
    dispute = request.dispute
    assert "go_round" not in waits(cast.council_practitioner, RAISED + 2 * HOUR)

    actions.amend(dispute=dispute, by=cast.council_practitioner, at=RAISED + 2 * HOUR, changes={"urgency": "urgent"})
    assert "go_round" in waits(cast.council_practitioner, RAISED + 2 * HOUR)
    actions.amend(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + 3 * HOUR, changes={"urgency": "week"})

    actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 3 * HOUR)


def test_amending_an_unopened_way_moves_it(cast):
    request = asked(cast)
    actions.amend(dispute=request.dispute, by=cast.council_practitioner, at=RAISED + 2 * HOUR, changes=NEEDED)

    request.refresh_from_db()
    assert request.way_round_at == HALF_TO_NEEDED


def test_the_manager_may_answer_after_the_way_has_opened(cast):
    """The first decision counts, whoever gives it."""
    request = asked(cast, urgency="urgent")
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 2 * HOUR)

    dispute = actions.approve(request=request, by=cast.council_manager, at=RAISED + 3 * HOUR, reason="Needed.")

    assert dispute.stage == 2
    with pytest.raises(Conflict, match="Council Manager approved this request"):
        actions.decline(request=request, by=cast.council_lead, at=RAISED + 4 * HOUR, reason="No.")


def test_a_manager_who_declines_late_does_not_hold_up_the_leads(cast):
    """The leads keep their working day: a late decline neither takes the request from them nor gives them longer."""
    request = asked(cast, urgency="urgent")
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 2 * HOUR)
    due = request.lead_answer_due_at

    actions.decline(request=request, by=cast.council_manager, at=RAISED + 20 * HOUR, reason="Not yet.")

    request.refresh_from_db()
    assert (request.state, request.lead_answer_due_at) == (RequestState.OPEN, due)
    assert "approve" not in waits(cast.council_manager_2, RAISED + 20 * HOUR)
    with pytest.raises(NotPermitted):
        actions.approve(request=request, by=cast.council_manager_2, at=RAISED + 21 * HOUR, reason="Yes.")
    dispute = actions.open_unanswered(request=request, by=cast.council_practitioner, at=due)
    assert dispute.stages.get(number=1).end == "unanswered"


def test_after_one_leads_decline_another_decides(cast):
    """And what waits, waits for the other alone, for a working day from then."""
    request = asked(cast)
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Not yet.")
    request = actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 3 * HOUR)
    actions.decline(request=request, by=cast.council_lead, at=RAISED + 4 * HOUR, reason="No.")

    request.refresh_from_db()
    assert (request.state, request.lead_answer_due_at) == (RequestState.OPEN, RAISED + 4 * HOUR + DAY)
    assert "approve" not in waits(cast.council_lead, RAISED + 5 * HOUR)
    assert waits(cast.council_lead_2, RAISED + 5 * HOUR).count("approve") == 1
    with pytest.raises(NotPermitted):
        actions.approve(request=request, by=cast.council_lead, at=RAISED + 5 * HOUR, reason="After all.")
    assert actions.approve(request=request, by=cast.council_lead_2, at=RAISED + 6 * HOUR, reason="Yes.").stage == 2


def test_after_the_last_leads_silence_the_stage_opens(cast):
    """Marked "not answered", and nobody owns it who has not answered."""
    request = asked(cast)
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Not yet.")
    request = actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 3 * HOUR)
    actions.decline(request=request, by=cast.council_lead, at=RAISED + 4 * HOUR, reason="No.")
    due = RAISED + 4 * HOUR + DAY
    with pytest.raises(Conflict, match="The safeguarding lead has until Thu 21 May"):
        actions.open_unanswered(request=request, by=cast.council_practitioner, at=due - HOUR)
    assert "go_round" in waits(cast.council_practitioner, due)

    dispute = actions.open_unanswered(request=request, by=cast.council_practitioner, at=due)

    assert (dispute.stage, dispute.stages.get(number=1).end) == (2, "unanswered")
    assert not dispute.representatives.filter(stage=2).exists()
    assert "act" in waits(cast.council_manager, due)


def test_after_the_last_leads_decline_one_asks_again_with_a_new_entry(cast):
    nobody_in(cast.council, Role.MANAGER)
    Membership.objects.filter(user=cast.council_lead_2).update(ended_at=RAISED)
    request = asked(cast)
    actions.decline(request=request, by=cast.council_lead, at=RAISED + 2 * HOUR, reason="No.")
    request.refresh_from_db()
    assert request.state == RequestState.DECLINED
    ask = {"dispute": request.dispute, "by": cast.council_practitioner, **WHY}
    with pytest.raises(Conflict, match="Record a new discussion first"):
        actions.ask_escalation(at=RAISED + 3 * HOUR, **ask)

    record_discussion(request.dispute, cast.council_practitioner, RAISED + 4 * HOUR)

    assert actions.ask_escalation(at=RAISED + 5 * HOUR, **ask).is_open


def test_asking_again_leaves_no_stale_duty(cast):
    request = asked(cast)
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Not yet.")
    assert waits(cast.council_practitioner, RAISED + 2 * HOUR).count("go_round") == 1
    record_discussion(request.dispute, cast.council_practitioner, RAISED + 3 * HOUR)

    actions.ask_escalation(dispute=request.dispute, by=cast.council_practitioner, at=RAISED + 4 * HOUR, **WHY)

    assert "go_round" not in waits(cast.council_practitioner, RAISED + 5 * HOUR)


def test_a_colleague_cannot_take_up_what_the_agency_has_asked_or_had_declined(cast):
    """The first decision counts: another manager decides the request, or waits for a new entry."""
    request = asked(cast)
    take_up = {"dispute": request.dispute, "by": cast.council_manager_2, "seen_stage": 1, **WHY}
    with pytest.raises(Conflict, match="Your agency has asked already"):
        actions.take_up(at=RAISED + 2 * HOUR, **take_up)
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Not yet.")

    with pytest.raises(Conflict, match="Your request was declined"):
        actions.take_up(at=RAISED + 3 * HOUR, **take_up)


def test_a_manager_who_raised_takes_it_up_and_does_not_ask(cast):
    dispute = raise_dispute(cast, by=cast.council_manager)
    with pytest.raises(NotPermitted, match="You need not ask"):
        actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, **WHY)

    dispute = actions.take_up(dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, **WHY)

    assert (dispute.stage, dispute.stages.get(number=2).escalated_by) == (2, cast.council_manager)
    assert not dispute.requests.exists()


def test_nobody_decides_what_they_asked(cast):
    """Not even who became a manager, or a lead, meanwhile."""
    request = asked(cast)
    for role in (Role.MANAGER, Role.LEAD):
        Membership.objects.create(user=cast.council_practitioner, agency=cast.council, role=role)

    for decide in (actions.approve, actions.decline):
        with pytest.raises(NotPermitted, match="never by the person who asked"):
            decide(request=request, by=fresh(cast.council_practitioner), at=RAISED + 2 * HOUR, reason="Yes.")


def test_managers_of_the_other_side_decide_nothing(cast):
    request = asked(cast)

    for someone in (cast.hospital_manager, cast.hospital_lead, cast.council_lead):
        with pytest.raises(NotPermitted):
            actions.approve(request=request, by=someone, at=RAISED + 2 * HOUR, reason="Yes.")


def test_without_a_manager_the_leads_are_asked_at_once(cast):
    nobody_in(cast.council, Role.MANAGER)

    request = asked(cast)

    assert request.to_lead_at == request.asked_at
    assert waits(cast.council_lead, RAISED + HOUR).count("approve") == 1
    assert actions.approve(request=request, by=cast.council_lead, at=RAISED + 2 * HOUR, reason="Yes.").stage == 2


def test_without_a_lead_the_safeguarding_contact_decides(cast):
    """R50."""
    nobody_in(cast.council, Role.MANAGER, Role.LEAD)
    contact = person("contact", "The Contact", (Role.PRACTITIONER, cast.council))
    cast.council.safeguarding_contact = contact
    cast.council.save()

    request = asked(cast)

    assert waits(contact, RAISED + HOUR) == ["approve"]
    assert actions.approve(request=request, by=fresh(contact), at=RAISED + 2 * HOUR, reason="Yes.").stage == 2


def test_with_nobody_at_all_the_stage_opens_after_a_working_day(cast):
    """R50: an agency that has no manager or lead stalls nothing."""
    nobody_in(cast.council, Role.MANAGER, Role.LEAD)
    request = asked(cast)
    with pytest.raises(Conflict, match="until Thu 21 May"):
        actions.open_unanswered(request=request, by=cast.council_practitioner, at=RAISED + 2 * HOUR)

    dispute = actions.open_unanswered(request=request, by=cast.council_practitioner, at=RAISED + HOUR + DAY)

    assert (dispute.stage, dispute.stages.get(number=1).end) == (2, "unanswered")


def test_a_request_of_the_other_side_lapses_when_the_stage_opens(cast):
    """One open request for each agency; a move lapses the others, and what waited for their managers."""
    request = asked(cast)
    other = actions.ask_escalation(dispute=request.dispute, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR, **WHY)
    with pytest.raises(Conflict, match="Your agency has asked already"):
        actions.ask_escalation(dispute=request.dispute, by=cast.hospital_practitioner, at=RAISED + 3 * HOUR, **WHY)
    actions.approve(request=request, by=cast.council_manager, at=RAISED + 3 * HOUR, reason="Needed.")

    other.refresh_from_db()
    assert (other.state, other.closed_at) == (RequestState.LAPSED, RAISED + 3 * HOUR)
    assert "approve" not in waits(cast.hospital_manager, RAISED + 4 * HOUR)
    with pytest.raises(Conflict, match="lapsed"):
        actions.approve(request=other, by=cast.hospital_manager, at=RAISED + 4 * HOUR, reason="Yes.")


def test_a_late_agreement_to_what_lapsed_is_a_lost_race(cast):
    """409 with what happened, though the practitioner acts no longer at stage two."""
    request = asked(cast)
    proposal = actions.propose(
        dispute=request.dispute, by=cast.council_practitioner, at=RAISED + HOUR, resolution="A", rationale="B"
    )
    actions.approve(request=request, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Needed.")

    with pytest.raises(Conflict, match="This proposal closed on .*void: the dispute moved on"):
        actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 3 * HOUR)


def test_either_leads_attempt_is_enough_for_the_chair(cast):
    """R26: a silent lead stalls nothing; without any entry it is not sent."""
    dispute = at_stage(cast, 3)
    send = {"dispute": dispute, "by": cast.council_lead, "at": RAISED + 9 * HOUR, **WHY}
    with pytest.raises(Conflict, match="Record the discussion first"):
        actions.send_to_chair(**send)
    record_discussion(dispute, cast.hospital_lead, RAISED + 8 * HOUR, how="not_held", outcome="")

    assert actions.send_to_chair(**send).stage == 4
    assert waits(cast.chair, RAISED + 9 * HOUR) == ["convene"]


def test_whoever_was_named_for_stage_three_acts_as_its_lead(cast):
    """R26: an operations manager without the role, in an agency without leads."""
    dispute = at_stage(cast, 2)
    nobody_in(cast.hospital, Role.LEAD)
    actions.name_representative(
        dispute=dispute, by=cast.hospital_manager, at=RAISED + 3 * HOUR, stage=3, person=cast.hospital_manager
    )
    record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=RAISED + 3 * HOUR, **WHY)
    actions.approve(request=request, by=cast.council_lead, at=RAISED + 4 * HOUR, reason="Needed.")
    record_discussion(dispute, cast.hospital_manager, RAISED + 5 * HOUR)

    dispute = actions.send_to_chair(dispute=dispute, by=cast.hospital_manager, at=RAISED + 6 * HOUR, **WHY)

    assert Dispute.objects.get(pk=dispute.pk).stage == 4
