"""A deputy does what waits for the person covered, as "A for B", and nothing else (R25, R44)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import own
from agencies.models import Act, Notice, Role, User
from escalation import actions, appendix_b, duties
from escalation.case import Case
from escalation.listing import foremost, waits
from escalation.models import Dispute, Duty, Participant, Representative
from escalation.next_step import next_step
from escalation.offers import offers
from escalation.permissions import NotPermitted, Position
from tests.cast import RAISED, SAFE, at_stage, person, raise_dispute, record_discussion

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = RAISED + 2 * HOUR


def away(person, deputy, at=RAISED, days=9):
    return own.name_deputy(by=person, at=at, deputy=deputy, starts_at=at, ends_at=at + days * DAY)


def again(person):
    return User.objects.get(pk=person.pk)


def asked(cast, by=None):
    """A request of the council that waits for a manager."""
    dispute = raise_dispute(cast)
    record_discussion(dispute, cast.council_practitioner, RAISED)
    return actions.ask_escalation(
        dispute=dispute, by=by or cast.council_practitioner, at=RAISED + HOUR, reason="No agreement.", **SAFE
    )


def offered(dispute, person, at=NOW):
    dispute = Dispute.objects.get(pk=dispute.pk)
    person = again(person)
    return [offer.move for offer in offers(Position(person, dispute, at), at)]


@pytest.fixture
def deputy(cast):
    """Somebody of the council who is no manager, and raised nothing."""

    return person("deputy.council", "Dora Deputy", (Role.PRACTITIONER, cast.council), job_title="Deputy manager")


def test_the_deputy_approves_and_the_record_says_for_whom(cast, deputy):
    """R25: trail, decision, Appendix B; the person covered owns the next stage."""
    request = asked(cast)
    away(cast.council_manager, deputy)

    dispute = actions.approve(request=request, by=again(deputy), at=NOW, reason="Needed.")

    act = Act.objects.get(verb="approved the escalation")
    assert (act.by, act.on_behalf_of, act.role) == (deputy, cast.council_manager, "manager")
    assert request.decisions.get().who == "Dora Deputy for Council Manager"
    named = Representative.objects.get(dispute=dispute, agency=cast.council, stage=2)
    assert named.person == cast.council_manager
    record = dispute.stages.get(number=1).record
    decided = [step for step in record.data["steps"][0]["acts"] if step["what"] == "Approved by"]
    assert decided[0]["who"]["name"] == "Dora Deputy for Council Manager"
    asked_for = [step for step in record.data["steps"][0]["acts"] if step["what"] == "Asked for by"]
    assert asked_for[0]["who"]["name"] == "Council Practitioner"


def test_what_waits_for_the_person_waits_for_the_deputy_too(cast, deputy):
    """Home, approvals and the count in the navigation; before and after the cover nothing."""
    asked(cast)
    assert duties.counts(again(deputy), NOW)["approvals"] == 0
    cover = away(cast.council_manager, deputy)

    assert [duty.kind for duty in duties.approvals_for(again(deputy), NOW)] == ["approve"]
    assert duties.counts(again(deputy), NOW)["approvals"] == 1
    assert duties.counts(again(cast.council_manager), NOW)["approvals"] == 1
    assert duties.counts(again(deputy), cover.ends_at)["approvals"] == 0


def test_what_waits_for_somebody_covered_says_so(cast, deputy):
    """Beside what waits for the deputy."""
    asked(cast)
    away(cast.council_manager, deputy)
    away(cast.council_manager_2, cast.council_lead)

    def lines(person):
        return [wait.about for wait in waits(duties.approvals_for(again(person), NOW), NOW)]

    assert [line.split(" Margaret")[0] for line in lines(deputy)] == ["As deputy."]
    assert [line.split(" Margaret")[0] for line in lines(cast.council_lead)] == ["As deputy."]
    assert [line.startswith("Margaret") for line in lines(cast.council_manager)] == [True]


def test_for_whom_it_waits_is_read_at_once(cast, deputy):
    """However much waits for somebody covered by name, it asks the same."""
    away(cast.council_manager, deputy)
    user, told, numbers = again(deputy), {"since": RAISED, "starts_at": RAISED, "address": "/"}, set()
    assert user.covered(NOW) == [cast.council_manager]
    for number in (1, 3):
        dispute = raise_dispute(cast)
        for subject_id in range(number):
            Duty.objects.create(
                dispute=dispute, kind="act", stage=1, person=cast.council_manager, subject_id=subject_id, **told
            )
        with CaptureQueriesContext(connection) as captured:
            lines = [wait.about for wait in waits(foremost(user, NOW), NOW)]
        numbers.add(len(captured))
        assert [line.startswith("For Council Manager. ") for line in lines] == [True] * (1 if number == 1 else 4)
    assert len(numbers) == 1


def test_the_acts_offered_are_those_of_the_person_covered_too(cast, deputy):
    request = asked(cast)
    assert "approve" not in offered(request.dispute, deputy)
    away(cast.council_manager, deputy)
    assert "approve" in offered(request.dispute, deputy)
    assert "approve" not in offered(request.dispute, deputy, RAISED + 10 * DAY)


def test_nobody_decides_a_request_of_their_own_as_a_deputy(cast):
    """Neither the asker as the manager's deputy, nor the manager for whom a deputy asked."""
    request = asked(cast)
    away(cast.council_manager, cast.council_practitioner)

    person = again(cast.council_practitioner)
    with pytest.raises(NotPermitted):
        actions.approve(request=request, by=person, at=NOW, reason="Needed.")
    assert "approve" not in offered(request.dispute, person)
    assert not duties.approvals_for(person, NOW)


def test_a_deputy_who_asked_for_somebody_does_not_decide_it_as_lead(cast):
    """At stage two a lead is deputy of the manager who acts: what is asked so is decided by another lead."""
    dispute = at_stage(cast, 2)
    record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
    away(cast.council_manager, cast.council_lead, at=RAISED + 3 * HOUR)
    at = RAISED + 4 * HOUR

    request = actions.ask_escalation(dispute=dispute, by=again(cast.council_lead), at=at, reason="?", **SAFE)

    assert (request.asked_by, request.deputy) == (cast.council_manager, cast.council_lead)
    with pytest.raises(NotPermitted):
        actions.approve(request=request, by=again(cast.council_lead), at=at, reason="Mine.")
    assert actions.approve(request=request, by=cast.council_lead_2, at=at, reason="Yes.").stage == 3


def test_what_a_deputy_declined_the_person_does_not_decide_again(cast, deputy):
    """It was their decision: another lead is asked, and they are not."""
    dispute = at_stage(cast, 2)
    record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
    at = RAISED + 4 * HOUR
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=at, reason="?", **SAFE)
    away(cast.council_lead, deputy, at=at)

    actions.decline(request=request, by=again(deputy), at=at, reason="Talk again.")

    waiting = Duty.objects.waiting(at).filter(kind="approve", dispute=dispute)
    assert [duty.person for duty in waiting] == [cast.council_lead_2]
    with pytest.raises(NotPermitted):
        actions.approve(request=request, by=cast.council_lead, at=at, reason="I change my mind.")


def test_a_deputy_sees_during_cover_and_later_what_they_acted_on(cast, deputy):
    """R44."""
    acted_on, only_seen = asked(cast), asked(cast)
    away(cast.council_manager, deputy)
    actions.approve(request=acted_on, by=again(deputy), at=NOW, reason="Needed.")

    def seen(at):
        return set(Dispute.objects.visible_to(again(deputy), at))

    both = {acted_on.dispute, only_seen.dispute}
    assert (seen(RAISED - HOUR), seen(NOW), seen(RAISED + 10 * DAY)) == (set(), both, {acted_on.dispute})
    assert Participant.objects.get(person=deputy).agency == cast.council


def test_the_chairs_deputy_decides_for_the_chair_unless_their_agency_is_concerned(cast):
    """Any account holder whose agency is not concerned; nothing of the others is seen, offered or told."""
    dispute = at_stage(cast, 3)
    record_discussion(dispute, cast.council_lead, RAISED + 5 * HOUR)
    away(cast.chair, cast.police_practitioner)
    away(cast.board_manager, cast.trust_lead)
    at = RAISED + 6 * HOUR
    dispute = actions.send_to_chair(dispute=dispute, by=cast.council_lead, at=at, reason="?", **SAFE)
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=at, reason="Moot.")

    actions.refuse_withdrawal(withdrawal=withdrawal, by=again(cast.police_practitioner), at=at, reason="It matters.")

    act = Act.objects.get(verb="refused the withdrawal")
    assert (act.by, act.on_behalf_of, act.role) == (cast.police_practitioner, cast.chair, "chair")
    after_cover = RAISED + 20 * DAY
    assert dispute in Dispute.objects.visible_to(again(cast.police_practitioner), after_cover)
    assert Notice.objects.filter(recipient=cast.police_practitioner, kind="convene", on_behalf_of=cast.chair).exists()


def test_a_deputy_of_the_board_whose_agency_is_concerned_learns_nothing(cast):
    away(cast.chair, cast.hospital_practitioner)
    away(cast.board_manager, cast.police_practitioner)
    dispute = at_stage(cast, 4, suggested=None)
    at = RAISED + 7 * HOUR

    hospital = again(cast.hospital_practitioner)
    assert dispute not in Dispute.objects.visible_to(hospital, at)
    assert not Notice.objects.filter(recipient=hospital, on_behalf_of__isnull=False, thread=dispute.pk).exists()
    assert not Duty.objects.waiting(at).of(hospital, at).filter(role="chair").exists()
    assert Duty.objects.waiting(at).of(again(cast.police_practitioner), at).filter(role="board_manager").exists()
    assert Notice.objects.filter(recipient=cast.police_practitioner, kind="inform_chair").exists()


def test_a_deputy_takes_it_up_as_the_manager_and_the_record_says_so(cast, deputy):
    """The page, the act and Appendix B agree on whose move it is."""
    dispute = at_stage(cast, 2)
    record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
    away(cast.council_manager, deputy, at=RAISED + 3 * HOUR)
    at = RAISED + 4 * HOUR

    entry = record_discussion(dispute, again(deputy), at)
    request = actions.ask_escalation(dispute=dispute, by=again(deputy), at=at, reason="?", **SAFE)
    dispute = actions.approve(request=request, by=cast.council_lead, at=at, reason="Yes.")

    contents = appendix_b.contents(dispute, dispute.stages.get(number=2), at=at)
    by = [each["by"]["name"] for talk in contents["evidence"]["stages"][1]["discussions"] for each in talk["entries"]]
    assert entry.author == deputy
    assert "Dora Deputy for Council Manager" in by
    assert "Council Manager" in by


def test_a_case_costs_no_more_for_each_thing_a_deputy_may_do(cast, deputy, django_assert_max_num_queries):
    """The dispute's page is read once for both."""
    request = asked(cast)
    away(cast.council_manager, deputy)
    person = again(deputy)
    dispute = Dispute.objects.get(pk=request.dispute_id)
    with django_assert_max_num_queries(11):
        case = Case(dispute, Position(person, dispute, NOW), NOW)
    assert case.offer("approve")


def test_the_page_says_who_is_away_and_who_stands_in(cast, deputy):
    """So that the other side rings somebody who is there."""
    dispute = at_stage(cast, 2)
    away(cast.council_manager, deputy, at=NOW)
    away(cast.hospital_manager, None, at=NOW)

    def notes(person, at):
        read = Dispute.objects.get(pk=dispute.pk)
        return [acting.note for acting in Case(read, Position(again(person), read, at), at).acting]

    assert notes(cast.trust_lead, NOW + HOUR) == [
        "Council Manager is away until Fri 29 May: Dora Deputy stands in.",
        "Hospital Manager is away until Fri 29 May: nobody stands in.",
    ]
    assert notes(cast.council_manager, NOW + HOUR)[0] == ""
    assert notes(cast.trust_lead, NOW + 9 * DAY) == ["", ""]


def test_a_deputy_is_told_what_to_do_as_the_person_would_be(cast, deputy):
    """Where nothing waits by name, what can be done next is said all the same."""
    dispute = at_stage(cast, 2)
    record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
    away(cast.council_manager, deputy, at=RAISED + 3 * HOUR)
    at = RAISED + 4 * HOUR
    read = Dispute.objects.get(pk=dispute.pk)

    step = next_step(Case(read, Position(again(deputy), read, at), at))

    assert (step.who, step.offer.move) == ("You", "ask_escalation")
