"""Proposals, agreement and silence; amending; who acts; entries; and the endings (R9, R11, R13 to R15, R24)."""

from datetime import timedelta

import pytest

from agencies.models import Agency, Membership, Role, User
from escalation import actions, duties
from escalation.models import ProposalState, Stage
from escalation.permissions import Conflict, NotPermitted
from tests.cast import RAISED, SAFE, at_stage, person, raise_dispute, record_discussion

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WHY = {"reason": "No agreement.", **SAFE}
TERMS = {"resolution": "Assess her first.", "rationale": "The nights in April."}


def fresh(someone):
    return User.objects.get(pk=someone.pk)


def waits(someone, at):
    return sorted(duty.kind for duty in duties.waiting_for(fresh(someone), at))


def proposed(cast, **changes):
    """A dispute of three agencies, and a proposal of the one that raised it."""
    dispute = raise_dispute(cast, concerned_agencies=[cast.trust])
    return actions.propose(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, **TERMS, **changes)


def test_silence_of_others_is_waited_out_and_never_agreement(cast):
    """It stands when those who must have agreed; others have one working day; then it may be recorded."""
    proposal = proposed(cast)
    assert proposal.object_by == RAISED + HOUR + DAY
    dispute = actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR)
    assert dispute.is_open
    with pytest.raises(Conflict, match="have until Thu 21 May"):
        actions.settle(proposal=proposal, by=cast.council_practitioner, at=proposal.object_by - HOUR)

    dispute = actions.settle(proposal=proposal, by=cast.council_practitioner, at=proposal.object_by)

    assert dispute.outcome == "resolved"
    assert set(proposal.responses.values_list("agency", flat=True)) == {cast.council.pk, cast.hospital.pk}


def test_the_others_agreement_ends_the_wait(cast):
    proposal = proposed(cast)
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR)

    assert actions.agree(proposal=proposal, by=cast.trust_lead, at=RAISED + 3 * HOUR).outcome == "resolved"


def test_an_agreement_after_the_others_time_resolves_at_once(cast):
    proposal = proposed(cast)

    dispute = actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=proposal.object_by + HOUR)

    assert dispute.outcome == "resolved"


def test_an_agency_with_an_action_must_agree(cast):
    """Its silence holds the resolution up, for as long as it is silent."""
    proposal = proposed(cast, actions=[(cast.trust, "Visit her")])
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR)
    with pytest.raises(Conflict, match="an agency that must agree has not answered"):
        actions.settle(proposal=proposal, by=cast.council_practitioner, at=RAISED + 5 * DAY)

    assert actions.agree(proposal=proposal, by=cast.trust_lead, at=RAISED + 5 * DAY).outcome == "resolved"


def test_an_objection_in_time_ends_the_proposal(cast):
    """With its reason; another may be proposed then."""
    proposal = proposed(cast)
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR)
    dispute = actions.refuse(proposal=proposal, by=cast.trust_lead, at=RAISED + 3 * HOUR, reason="No bed with us.")

    proposal.refresh_from_db()
    assert (proposal.state, dispute.is_open) == (ProposalState.REFUSED, True)
    assert proposal.responses.get(agency=cast.trust).reason == "No bed with us."
    assert not dispute.duties.filter(kind__in=("answer_proposal", "settle"), done_at=None, lapsed_at=None).exists()
    actions.propose(dispute=dispute, by=cast.trust_lead, at=RAISED + 4 * HOUR, **TERMS)


def test_an_objection_after_the_working_day_comes_too_late(cast):
    """Those whose agreement it needs may refuse at any time."""
    proposal = proposed(cast)
    with pytest.raises(Conflict, match="Your agency had until Thu 21 May"):
        actions.refuse(proposal=proposal, by=cast.trust_lead, at=proposal.object_by, reason="No.")

    actions.refuse(proposal=proposal, by=cast.hospital_practitioner, at=proposal.object_by, reason="No.")


def test_one_open_proposal_and_none_for_an_agency_not_concerned(cast):
    proposal = proposed(cast)
    with pytest.raises(Conflict, match="Council Practitioner proposed a resolution"):
        actions.propose(dispute=proposal.dispute, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR, **TERMS)
    actions.refuse(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR, reason="No.")

    with pytest.raises(Conflict, match="Police is not concerned"):
        actions.propose(
            dispute=proposal.dispute, by=cast.hospital_practitioner, at=RAISED + 3 * HOUR, **TERMS,
            actions=[(cast.police, "Visit")],
        )  # fmt: skip
    assert proposal.dispute.proposals.count() == 1


def test_a_move_to_the_next_stage_voids_the_proposal(cast):
    proposal = proposed(cast)

    actions.take_up(dispute=proposal.dispute, by=cast.council_manager, at=RAISED + 2 * HOUR, **WHY)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.closed_at) == (ProposalState.VOID, RAISED + 2 * HOUR)
    assert "answer_proposal" not in waits(cast.hospital_practitioner, RAISED + 3 * HOUR)


def test_an_agency_added_meanwhile_has_its_working_day_too(cast):
    """To object to what waits."""
    proposal = proposed(cast)
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + 2 * HOUR)
    at = proposal.object_by - HOUR
    actions.add_agency(dispute=proposal.dispute, by=cast.council_practitioner, at=at, agency=cast.police)

    with pytest.raises(Conflict, match="have until Fri 22 May"):
        actions.settle(proposal=proposal, by=cast.council_practitioner, at=proposal.object_by + HOUR)
    assert "answer_proposal" in waits(cast.police_lead, at)


def test_at_stage_four_the_leads_may_still_agree(cast):
    dispute = at_stage(cast, 4)
    proposal = actions.propose(dispute=dispute, by=cast.hospital_lead, at=RAISED + 8 * HOUR, **TERMS)

    dispute = actions.agree(proposal=proposal, by=cast.council_lead, at=RAISED + 9 * HOUR)

    assert (dispute.outcome, dispute.stage) == ("resolved", 4)
    assert waits(cast.chair, RAISED + 9 * HOUR) == []


def test_at_stage_four_a_discussion_is_recorded_still(cast):
    """The leads talk on while the Chair convenes; the other lead is asked for an entry."""
    dispute = at_stage(cast, 4)

    record_discussion(dispute, cast.council_lead, RAISED + 8 * HOUR)

    assert "write_entry" in waits(cast.hospital_lead, RAISED + 8 * HOUR)


def test_the_chair_may_refuse_a_withdrawal_and_the_dispute_goes_on(cast):
    dispute = at_stage(cast, 4)
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=RAISED + 8 * HOUR, reason="Moot.")
    with pytest.raises(Conflict, match="has been asked already"):
        actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=RAISED + 8 * HOUR, reason="Moot.")
    assert waits(cast.chair, RAISED + 8 * HOUR) == ["consent", "convene"]

    dispute = actions.refuse_withdrawal(
        withdrawal=withdrawal, by=cast.chair, at=RAISED + 9 * HOUR, reason="It matters."
    )

    assert dispute.is_open
    assert waits(cast.chair, RAISED + 9 * HOUR) == ["convene"]
    with pytest.raises(Conflict, match="This was decided"):
        actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=RAISED + 9 * HOUR)


def test_the_statements_stand_once_another_agency_has_given_its_view(cast):
    """R9: until then the raiser may change them; the raising agency's own view does not count."""
    dispute = raise_dispute(cast)
    change = {"dispute": dispute, "by": cast.council_practitioner, "changes": {"aim": "Another aim."}}
    actions.state_view(dispute=dispute, by=cast.council_lead, at=RAISED + HOUR, view="Ours.")
    assert actions.amend_statements(at=RAISED + HOUR, **change).aim == "Another aim."
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=RAISED + 2 * HOUR, view="Theirs.")

    with pytest.raises(Conflict, match="Another agency has given its view"):
        actions.amend_statements(at=RAISED + 3 * HOUR, **{**change, "changes": {"aim": "Third."}})


def test_amending_reaches_the_details_and_nothing_else(cast):
    """Fields that are not details, the stage and the target among them, are left alone."""
    dispute = raise_dispute(cast)
    changes = {"impact": "A fall.", "stage": 3, "target_at": RAISED, "raised_by": cast.hospital_lead, "aim": "Mine."}

    changed = actions.amend(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + HOUR, changes=changes)

    changed.refresh_from_db()
    assert (changed.impact, changed.stage, changed.target_at) == ("A fall.", 1, dispute.target_at)
    assert (changed.raised_by, changed.aim) == (cast.council_practitioner, dispute.aim)


def test_raising_is_never_dated_ahead(cast):
    """R45: raised earlier on paper, the clock starts then; a date ahead of now counts as now."""
    earlier = raise_dispute(cast, raised_at=RAISED - 3 * HOUR)
    ahead = raise_dispute(cast, raised_at=RAISED + 3 * HOUR)

    assert (earlier.raised_at, earlier.entered_at, ahead.raised_at) == (RAISED - 3 * HOUR, RAISED, RAISED)
    assert earlier.target_at == RAISED - 3 * HOUR + 7 * DAY
    assert Stage.objects.get(dispute=earlier).began_at == RAISED - 3 * HOUR


def test_raising_with_an_agency_named_twice(cast):
    dispute = raise_dispute(cast, concerned_agencies=[cast.trust, cast.trust, cast.hospital, cast.council])

    assert dispute.parties.count() == 3


def test_a_suggestion_from_elsewhere_is_refused(cast):
    """It would wait for somebody who sees nothing."""
    with pytest.raises(NotPermitted, match="has no account with Rother Valley Hospital"):
        raise_dispute(cast, suggested=cast.police_lead)


@pytest.mark.parametrize("who", ["police_practitioner", "hospital_practitioner"])
def test_only_those_who_could_act_are_named(cast, who):
    """Naming somebody else would leave the agency without anybody who acts."""
    dispute = raise_dispute(cast)

    with pytest.raises(Conflict, match="has no account with Adult Social Care"):
        actions.name_representative(
            dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, stage=2, person=getattr(cast, who)
        )


def test_whoever_acted_for_one_agency_is_not_named_for_another(cast):
    """A person acts on one dispute for one agency only, fixed at the first act."""
    dispute = raise_dispute(cast)
    Membership.objects.create(user=cast.council_practitioner, agency=cast.hospital, role=Role.PRACTITIONER)

    with pytest.raises(Conflict, match="has acted for another agency"):
        actions.name_representative(
            dispute=dispute,
            by=cast.hospital_manager,
            at=RAISED + HOUR,
            stage=1,
            person=fresh(cast.council_practitioner),
        )


def test_nobody_changes_sides_by_changing_employer(cast):
    """Who raised it for the council, and leads the hospital now, sees it and does nothing."""
    dispute = raise_dispute(cast)
    Membership.objects.filter(user=cast.council_practitioner).update(agency=cast.hospital, role=Role.LEAD)

    for move in (actions.withdraw, actions.clarify):
        with pytest.raises(NotPermitted):
            move(dispute=dispute, by=fresh(cast.council_practitioner), at=RAISED + HOUR, reason="Moot.")
    with pytest.raises(NotPermitted):
        actions.state_view(dispute=dispute, by=fresh(cast.council_practitioner), at=RAISED + HOUR, view="Theirs.")


def test_whoever_belongs_to_both_agencies_chooses_once(cast):
    both = person("both", "Both Sides", (Role.MANAGER, cast.council), (Role.MANAGER, cast.hospital))
    dispute = raise_dispute(cast)
    with pytest.raises(NotPermitted, match="Choose first"):
        actions.state_view(dispute=dispute, by=both, at=RAISED + HOUR, view="Ours.")
    actions.choose_agency(dispute=dispute, by=both, at=RAISED + HOUR, agency=cast.hospital)

    party = actions.state_view(dispute=dispute, by=both, at=RAISED + 2 * HOUR, view="Ours.")

    assert party.agency == cast.hospital
    with pytest.raises(NotPermitted):
        actions.choose_agency(dispute=dispute, by=both, at=RAISED + 3 * HOUR, agency=cast.council)


def test_a_named_person_takes_over_what_waits(cast):
    """And gives it up when another is named; a typed name leaves it to those who hold the role."""
    other = person("ward", "Ward Sister", (Role.PRACTITIONER, cast.hospital))
    dispute = raise_dispute(cast)
    record_discussion(dispute, cast.council_practitioner, RAISED + HOUR)
    mine = ["write_entry"]  # they have talked: only the entry waits
    assert waits(cast.hospital_practitioner, RAISED + HOUR) == mine
    name = {"dispute": dispute, "by": cast.hospital_manager, "stage": 1}

    actions.name_representative(person=other, at=RAISED + 2 * HOUR, **name)
    assert (waits(other, RAISED + 2 * HOUR), waits(cast.hospital_practitioner, RAISED + 2 * HOUR)) == (mine, [])
    with pytest.raises(NotPermitted):
        record_discussion(dispute, cast.hospital_lead, RAISED + 2 * HOUR)

    actions.name_representative(name="Bank Nurse", at=RAISED + 3 * HOUR, **name)
    assert waits(other, RAISED + 3 * HOUR) == []
    assert {*mine} <= {*waits(cast.hospital_lead, RAISED + 3 * HOUR)}
    record_discussion(dispute, cast.hospital_lead, RAISED + 3 * HOUR)


def test_the_first_person_named_is_asked_to_read_it(cast):
    """Where nobody was suggested, the contact names somebody, and that somebody finds it waiting."""
    dispute = raise_dispute(cast, suggested=None)
    assert "name_somebody" in waits(cast.hospital_lead, RAISED)

    actions.name_representative(
        dispute=dispute, by=cast.hospital_lead, at=RAISED + HOUR, stage=1, person=cast.hospital_practitioner
    )

    assert waits(cast.hospital_practitioner, RAISED + HOUR) == ["answer_dispute"]
    assert "name_somebody" not in waits(cast.hospital_lead, RAISED + HOUR)


def test_a_named_person_who_left_stalls_nothing(cast):
    """R50: those who hold the role act again."""
    dispute = at_stage(cast, 2)
    Membership.objects.filter(user=cast.council_manager).update(ended_at=RAISED)

    assert record_discussion(dispute, fresh(cast.council_manager_2), RAISED + 9 * HOUR).agency == cast.council


def test_an_agency_without_managers_is_acted_for_by_its_lead(cast):
    """At stage two; what waits is the lead's as well (R50)."""
    Membership.objects.filter(user=cast.hospital_manager).update(ended_at=RAISED)
    dispute = at_stage(cast, 2)

    assert "act" in waits(cast.hospital_lead, RAISED + 3 * HOUR)
    record_discussion(dispute, cast.hospital_lead, RAISED + 3 * HOUR)
    assert "act" not in waits(cast.hospital_lead, RAISED + 3 * HOUR)


def test_an_entry_still_missing_from_an_earlier_stage_is_welcome(cast):
    """R11: each professional in a discussion writes an entry, who acted then too; what waits now is not done by it."""
    dispute = raise_dispute(cast)
    entry = record_discussion(dispute, cast.council_practitioner, RAISED + HOUR)
    dispute = actions.take_up(dispute=dispute, by=cast.council_manager, at=RAISED + 2 * HOUR, **WHY)
    late = {"discussion": entry.discussion, "seen_stage": 1}

    written = record_discussion(dispute, cast.hospital_practitioner, RAISED + 3 * HOUR, **late)

    assert (written.stage, written.is_late) == (1, False)
    assert "act" in waits(cast.hospital_manager, RAISED + 3 * HOUR)
    with pytest.raises(NotPermitted):
        record_discussion(dispute, cast.hospital_practitioner, RAISED + 3 * HOUR)
    with pytest.raises(Conflict, match="already written your entry"):
        record_discussion(dispute, cast.hospital_practitioner, RAISED + 4 * HOUR, **late)


def test_an_entry_goes_to_its_own_dispute_alone(cast):
    """A discussion of another dispute is not found here."""
    one, other = raise_dispute(cast), raise_dispute(cast)
    entry = record_discussion(one, cast.council_practitioner, RAISED + HOUR)

    with pytest.raises(type(one).DoesNotExist):
        record_discussion(other, cast.hospital_practitioner, RAISED + HOUR, discussion=entry.discussion)


def test_who_entered_it_against_their_own_agency_does_not_withdraw_it(cast):
    """R45: a nurse who writes down the care worker's dispute with the hospital acts for the hospital."""
    care = Agency.objects.create(name="Care at Home")
    dispute = raise_dispute(
        cast, by=cast.hospital_practitioner, raising_agency=care, for_name="Rosa Bell", for_how="telephone",
        suggested=None,
    )  # fmt: skip

    for move in (actions.withdraw, actions.clarify):
        with pytest.raises(NotPermitted):
            move(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + HOUR, reason="Moot.")


def test_who_entered_it_for_somebody_may_withdraw_it(cast):
    """R45: the care worker telephones again."""
    care = Agency.objects.create(name="Care at Home")
    dispute = raise_dispute(
        cast, by=cast.council_practitioner, raising_agency=care, for_name="Rosa Bell", for_how="telephone"
    )

    dispute = actions.withdraw(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="Settled.")

    assert dispute.outcome == "withdrawn"


def test_an_end_leaves_nothing_waiting(cast):
    """A request, a proposal, entries and views: an ending lapses all; what is left is to file the record (R16)."""
    proposal = proposed(cast)
    dispute = proposal.dispute
    record_discussion(dispute, cast.council_practitioner, RAISED + HOUR)
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, **WHY)
    actions.withdraw(dispute=dispute, by=cast.council_practitioner, at=RAISED + 2 * HOUR, reason="Settled.")

    request.refresh_from_db()
    proposal.refresh_from_db()
    assert (request.state, proposal.state) == ("lapsed", "void")
    assert set(dispute.duties.filter(done_at=None, lapsed_at=None).values_list("kind", flat=True)) == {"file"}
    late = record_discussion(dispute, cast.hospital_practitioner, RAISED + 3 * HOUR)
    assert late.is_late
    assert set(dispute.duties.filter(done_at=None, lapsed_at=None).values_list("kind", flat=True)) == {"file"}
