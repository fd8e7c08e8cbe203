"""The pages on the way to the next stage and to the end: what they show, promise and refuse."""

from datetime import timedelta

import pytest
from django.urls import reverse

from escalation import actions
from escalation.models import Decision, Dispute, Proposal, RequestState
from tests import cast as casting
from tests.cast import SAFE, record_discussion
from tests.escalation.act_pages import SAFETY, boxes, now

EARLIER = timedelta(hours=12)
LONG_AGO = timedelta(days=12)


def address(name, dispute, **ids):
    return reverse(name, kwargs={"reference": dispute.reference, **ids})


def text_of(response):
    return response.content.decode()


def ask(cast, dispute, at=None, by=None):
    by = by or cast.council_practitioner
    return actions.ask_escalation(dispute=dispute, by=by, at=at or now(), reason="No agreement.", **SAFE)


@pytest.fixture
def dispute(cast):
    return casting.raise_dispute(cast, at=now() - EARLIER)


# Asking


def test_asking_tells_until_when_the_manager_has(cast, client, dispute):
    """R25: until when the answer is due, and that the way to the lead opens then."""
    client.force_login(cast.council_practitioner)

    shown = text_of(client.get(address("escalate", dispute)))
    said = text_of(client.post(address("escalate", dispute), {"reason": "Stuck.", **SAFETY}, follow=True))

    assert "A manager of Adult Social Care decides" in shown
    assert "No discussion is recorded at this stage yet" in shown
    assert "whether a multi-disciplinary meeting would help" in shown
    assert "Your manager has until" in said
    assert "After that you can go to the safeguarding lead" in said


def test_asking_when_urgent_says_that_one_need_not_wait(cast, client):
    dispute = casting.raise_dispute(cast, at=now() - EARLIER, urgency="urgent")
    client.force_login(cast.council_practitioner)

    said = text_of(client.post(address("escalate", dispute), {"reason": "Stuck.", **SAFETY}, follow=True))

    assert "You need not wait: you can go to the safeguarding lead at once" in said


def test_a_manager_takes_it_up_without_asking(cast, client, dispute):
    """Rules: a manager who acts at stage one need not ask, and the page says so."""
    client.force_login(cast.council_manager)

    shown = text_of(client.get(address("escalate", dispute)))
    client.post(address("escalate", dispute), {"reason": "Stuck.", **SAFETY})

    assert "You need not ask" in shown
    assert Dispute.objects.get().stage == 2


def test_what_keeps_the_adult_safe_must_be_confirmed(cast, client, dispute):
    """R37: the last answer is shown, and nobody passes it on unread."""
    client.force_login(cast.council_practitioner)

    shown = text_of(client.get(address("escalate", dispute)))
    answer = client.post(address("escalate", dispute), {"reason": "Stuck.", **SAFETY, "is_right_today": ""})

    assert "She stays on Ward B4" in shown
    assert "tick that it is right today" in text_of(answer)


def test_who_has_asked_is_told_so_before_typing_again(cast, client, dispute):
    ask(cast, dispute)
    client.force_login(cast.council_practitioner)

    answer = client.get(address("escalate", dispute))

    assert answer.status_code == 409
    assert "Your agency has asked already" in text_of(answer)


def test_the_chair_is_sent_nothing_before_an_attempt_is_recorded(cast, client):
    """R26: the leads' attempt first, and the page says so before anybody types."""
    dispute = casting.at_stage(cast, 3, at=now() - EARLIER)
    client.force_login(cast.council_lead)

    assert "Record the discussion first" in text_of(client.get(address("send_to_chair", dispute)))
    record_discussion(dispute, cast.hospital_lead, now())
    assert client.get(address("send_to_chair", dispute)).status_code == 200


# Deciding


def test_the_request_is_read_where_it_is_decided(cast, client, dispute):
    """R17, R25: why, what is disagreed, what keeps the adult safe, the outcome so far, and the other way."""
    record_discussion(dispute, cast.council_practitioner, now())
    request = ask(cast, dispute)
    client.force_login(cast.council_manager)

    shown = text_of(client.get(address("decide_request", dispute, request_id=request.pk)))

    for words in (
        "Council Practitioner asks you", "No agreement.", "The decision of 19 May", "She stays on the ward.",
        "we do not agree", "For the reasons given by Council Practitioner.", "Council Lead", "Answer by",
    ):  # fmt: skip
        assert words in shown


def test_approving_may_leave_the_reason_as_it_stands(cast, client, dispute):
    request = ask(cast, dispute)
    client.force_login(cast.council_manager)

    client.post(
        address("decide_request", dispute, request_id=request.pk),
        {"decision": "approve", "approve_reason": "For the reasons given by Council Practitioner."},
    )

    assert Decision.objects.get().reason == "For the reasons given by Council Practitioner."
    assert Dispute.objects.get().stage == 2


@pytest.mark.parametrize("reason", ["", "For the reasons given by Council Practitioner."])
def test_declining_needs_a_reason_of_its_own(cast, client, dispute, reason):
    """R25: the worker sees why."""
    request = ask(cast, dispute)
    client.force_login(cast.council_manager)

    answer = client.post(
        address("decide_request", dispute, request_id=request.pk),
        {"decision": "decline", "approve_reason": "x", "decline_reason": reason},
    )

    assert answer.status_code == 200
    assert "There is a problem" in text_of(answer)
    assert not Decision.objects.exists()


def test_the_second_manager_is_told_who_was_quicker(cast, client, dispute):
    """The first decision counts; the page of the other says what happened meanwhile."""
    request = ask(cast, dispute)
    actions.decline(request=request, by=cast.council_manager_2, at=now(), reason="Not yet.")
    client.force_login(cast.council_manager)
    page = address("decide_request", dispute, request_id=request.pk)

    for answer in (client.get(page), client.post(page, {"decision": "decline", "decline_reason": "Words of mine."})):
        assert answer.status_code == 409
        assert "Second Manager declined this request" in text_of(answer)
    assert "Words of mine." in text_of(answer)


def test_nobody_decides_a_request_of_their_own(cast, client, dispute):
    dispute = casting.at_stage(cast, 2, at=now() - EARLIER)
    request = ask(cast, dispute, by=cast.council_manager)
    client.force_login(cast.council_manager)

    assert client.get(address("decide_request", dispute, request_id=request.pk)).status_code == 403


# Going round


def test_the_way_round_says_when_it_opens(cast, client, dispute):
    """R25: before its time a plain page, and what is sent all the same is refused."""
    request = ask(cast, dispute)
    client.force_login(cast.council_practitioner)
    page = address("go_round", dispute, request_id=request.pk)

    early = client.get(page)
    forced = client.post(page, {"reason": "Now."})

    assert (early.status_code, forced.status_code) == (200, 409)
    assert "The way round opens later" in text_of(early)
    assert "Your manager has until" in text_of(forced)


def test_after_a_decline_the_reason_and_the_lead_stand_there(cast, client, dispute):
    """R25, R40: the manager's reason, and who can be gone to now."""
    request = ask(cast, dispute)
    actions.decline(request=request, by=cast.council_manager, at=now(), reason="Talk once more.")
    client.force_login(cast.council_practitioner)
    page = address("go_round", dispute, request_id=request.pk)

    shown = text_of(client.get(page))
    said = text_of(client.post(page, {"reason": ""}, follow=True))

    assert "Talk once more." in shown
    assert "Council Lead" in shown
    assert "Your request is with the safeguarding leads" in said
    assert client.get(page).status_code == 409


def test_after_the_leads_silence_the_stage_opens(cast, client):
    """R25: a silent lead stalls nothing, and the stage is marked."""
    dispute = casting.raise_dispute(cast, at=now() - LONG_AGO)
    request = ask(cast, dispute, at=now() - timedelta(days=11))
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=now() - timedelta(days=8))
    client.force_login(cast.council_practitioner)

    client.post(address("go_round", dispute, request_id=request.pk), {})

    request.refresh_from_db()
    assert (Dispute.objects.get().stage, request.state) == (2, RequestState.UNANSWERED)


# Resolving


def test_a_proposal_takes_up_to_five_actions(cast, client, dispute):
    """Each an agency, what, and by when if known; half an action is asked about."""
    client.force_login(cast.council_practitioner)
    page = address("propose", dispute)
    whole = {"resolution": "Assess first.", "rationale": "The nights."}

    half = client.post(page, {**whole, "what_4": "Assess her", **boxes("due_4", now() - timedelta(days=3))})
    stranger = client.post(page, {**whole, "agency_1": cast.police.pk, "what_1": "Patrol"})
    client.post(
        page,
        {**whole, "agency_1": cast.hospital.pk, "what_1": "Assess", "agency_5": cast.council.pk, "what_5": "Visit"},
    )

    assert "Choose the agency of action 4" in text_of(half)
    assert "The date of action 4 must be today or later" in text_of(half)
    assert '<details class="govuk-details r-measure" open' in text_of(half)
    assert "Choose one of the answers offered" in text_of(stranger)
    assert [(a.agency, a.what) for a in Proposal.objects.get().actions.all()] == [
        (cast.hospital, "Assess"), (cast.council, "Visit"),
    ]  # fmt: skip


def test_a_resolution_cannot_be_proposed_without_its_reasons(cast, client, dispute):
    """R15"""
    client.force_login(cast.council_practitioner)

    answer = client.post(address("propose", dispute), {"resolution": "Assess first.", "rationale": " "})

    assert "Give the reasons for it" in text_of(answer)
    assert not Proposal.objects.exists()


def test_a_proposal_waits_for_those_who_may_object_and_is_then_settled(cast, client):
    """Rules: others concerned have one working day; then whoever acts records that it is resolved."""
    dispute = casting.raise_dispute(cast, at=now() - LONG_AGO, concerned_agencies=[cast.trust])
    at = now() - timedelta(minutes=5)
    proposal = propose(cast, dispute, at)
    client.force_login(cast.hospital_practitioner)
    page = address("answer_proposal", dispute, proposal_id=proposal.pk)
    asked = text_of(client.get(page))
    said = text_of(client.post(page, {"answer": "agree"}, follow=True))
    waits = text_of(client.get(page))
    early = client.post(page, {"answer": "agree"})
    Proposal.objects.update(object_by=now())

    ripe = text_of(client.get(page))
    client.post(page, {})

    assert "May object until" in asked
    assert "Your agency has agreed. It stands once" in said
    assert "Your agency has answered" in waits
    assert early.status_code == 409
    assert "Record that it is resolved" in ripe
    assert Dispute.objects.get().outcome == "resolved"


def propose(cast, dispute, at):
    return actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=at, resolution="Assess first.", rationale="The nights."
    )


def test_a_refusal_has_its_reason(cast, client, dispute):
    proposal = propose(cast, dispute, now())
    client.force_login(cast.hospital_practitioner)
    page = address("answer_proposal", dispute, proposal_id=proposal.pk)

    bare = client.post(page, {"answer": "refuse", "reason": ""})
    client.post(page, {"answer": "refuse", "reason": "It is too late for that."})

    assert "Say why your agency does not agree" in text_of(bare)
    assert client.get(page).status_code == 409
    assert Dispute.objects.get().ended_at is None


def test_both_sides_agreed_ends_it(cast, client, dispute):
    """R7, R13"""
    proposal = propose(cast, dispute, now())
    client.force_login(cast.hospital_practitioner)

    said = client.post(address("answer_proposal", dispute, proposal_id=proposal.pk), {"answer": "agree"}, follow=True)

    assert "The dispute is resolved" in text_of(said)
    assert Dispute.objects.get().outcome == "resolved"


def test_clarified_says_which_and_why(cast, client, dispute):
    """R7: something else than resolved or withdrawn."""
    client.force_login(cast.council_practitioner)

    client.post(address("clarify", dispute), {"which": "under_way", "why": "A visit is booked."})

    ended = Dispute.objects.get()
    assert (ended.outcome, ended.outcome_reason) == ("clarified", "Action is already under way. A visit is booked.")


def test_the_responding_agency_neither_clarifies_nor_withdraws(cast, client, dispute):
    client.force_login(cast.hospital_practitioner)

    for name in ("clarify", "withdraw"):
        assert client.get(address(name, dispute)).status_code == 403


def test_the_chair_consents_to_a_withdrawal(cast, client):
    """Rules: at four with the Chair's consent; the page is the Chair's alone."""
    dispute = casting.at_stage(cast, 4, at=now() - EARLIER)
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=now(), reason="Settled.")
    page = address("decide_withdrawal", dispute, withdrawal_id=withdrawal.pk)
    client.force_login(cast.board_manager)
    assert client.get(page).status_code == 403
    client.force_login(cast.chair)

    shown = text_of(client.get(page))
    client.post(page, {"decision": "consent"})

    assert "Settled." in shown
    assert Dispute.objects.get().outcome == "withdrawn"


# Queries


@pytest.mark.parametrize("rows", [1, 3])
def test_deciding_takes_the_same_queries_for_one_and_three(cast, client, dispute, rows, django_assert_num_queries):
    for _ in range(rows):
        record_discussion(dispute, cast.council_practitioner, now())
    request = ask(cast, dispute)
    client.force_login(cast.council_manager)

    with django_assert_num_queries(DECIDING):
        client.get(address("decide_request", dispute, request_id=request.pk))


@pytest.mark.parametrize("rows", [1, 3])
def test_answering_takes_the_same_queries_for_one_and_three(cast, client, rows, django_assert_num_queries):
    dispute = casting.raise_dispute(cast, at=now() - EARLIER, concerned_agencies=[cast.trust, cast.police][: rows - 1])
    proposal = actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=now(), resolution="Assess.", rationale="The nights.",
        actions=[(cast.hospital, "Assess")] * rows,
    )  # fmt: skip
    client.force_login(cast.hospital_practitioner)

    with django_assert_num_queries(ANSWERING):
        client.get(address("answer_proposal", dispute, proposal_id=proposal.pk))


# Session, person, roles; the dispute with its parties and people; the rest of the page; the count of approvals
DECIDING = 15
ANSWERING = 13
