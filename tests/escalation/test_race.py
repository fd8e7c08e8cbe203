"""Two at once, each over a connection of their own: one wins, the other is told what happened meanwhile.

PostgreSQL alone: SQLite lets one write at a time and would prove nothing, so none of these runs in its pass.
"""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from agencies.models import Act, User
from escalation import actions
from escalation.models import Decision, Dispute, EscalationRequest, Proposal, Record, RequestState, Stage
from escalation.models import dispute as dispute_module
from escalation.permissions import Conflict, NotPermitted
from tests import cast as casting
from tests.cast import DETAILS, RAISED, SAFE, at_stage, raise_dispute, record_discussion

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
LATER = RAISED + 20 * HOUR
WHY = {"reason": "No agreement.", **SAFE}


@pytest.fixture
def cast(transactional_db):
    assert connection.vendor == "postgresql"
    return casting.make()


def at_once(*calls):
    """Make the calls at the same moment; what each gave, or the refusal it met, in their order."""
    barrier = threading.Barrier(len(calls), timeout=20)
    results = [None] * len(calls)

    def run(index, function):
        try:
            barrier.wait()
            results[index] = function()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def verb(action, who, /, **arguments):
    """A call of an action as one request would make it: with the person and the subject read anew."""

    def run():
        fresh = {
            name: type(value).objects.get(pk=value.pk) if name in ("dispute", "request", "proposal") else value
            for name, value in arguments.items()
        }
        return action(by=User.objects.get(pk=who.pk), at=LATER, **fresh)

    return run


def winner_and_loser(results):
    """The index of the one call that went through, and the other's refusal."""
    refusals = [result for result in results if isinstance(result, Exception)]
    assert [type(refusal) for refusal in refusals] == [Conflict], results
    return next(index for index, result in enumerate(results) if not isinstance(result, Exception)), refusals[0]


def asked(cast, **changes):
    dispute = raise_dispute(cast, **changes)
    return actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, **WHY)


def test_of_two_approvals_one_wins_fifty_times(cast):
    """R25: the first decision counts; the second manager is told who made it."""
    for _ in range(50):
        request = asked(cast)
        results = at_once(
            verb(actions.approve, cast.council_manager, request=request, reason="Needed."),
            verb(actions.approve, cast.council_manager_2, request=request, reason="Needed."),
        )

        won, refusal = winner_and_loser(results)
        name = ("Council Manager", "Second Manager")[won]
        assert str(refusal).startswith(f"{name} approved this request on Thu 21 May")
        dispute = Dispute.objects.get(pk=request.dispute_id)
        assert (dispute.stage, Decision.objects.filter(request=request).count()) == (2, 1)
        assert Record.objects.filter(stage__dispute=dispute).count() == 1
        assert list(dispute.stages.values_list("number", flat=True)) == [1, 2]
        verbs = ["approved the escalation", "entered the stage"]
        assert Act.objects.filter(thread=dispute.pk, verb__in=verbs).count() == 2


def test_the_same_person_approving_twice_is_told_so(cast):
    """A form sent twice is a lost race (409), not a lack of permission."""
    for _ in range(5):
        request = asked(cast)
        approve = verb(actions.approve, cast.council_manager, request=request, reason="Needed.")

        winner_and_loser(at_once(approve, approve))


def test_an_entry_sent_twice_is_written_once(cast):
    """R11: nobody could take the second one away again."""
    dispute = raise_dispute(cast)
    talk = {"how": "telephone", "happened_at": RAISED, "outcome": "not_agreed", "outcome_reason": "Stuck."}
    send = verb(actions.add_entry, cast.council_practitioner, dispute=dispute, **talk)

    first, second = at_once(send, send)

    assert first == second
    assert (dispute.entries.count(), dispute.discussions.count()) == (1, 1)


def test_of_approval_and_decline_the_first_counts(cast):
    for _ in range(5):
        request = asked(cast)
        results = at_once(
            verb(actions.approve, cast.council_manager, request=request, reason="Needed."),
            verb(actions.decline, cast.council_manager_2, request=request, reason="Not yet."),
        )

        won, refusal = winner_and_loser(results)
        request.refresh_from_db()
        assert request.state == (RequestState.APPROVED, RequestState.DECLINED)[won]
        assert ("approved", "declined")[won] in str(refusal)


def test_of_approval_and_the_other_side_taking_it_up_one_wins(cast):
    """Both lead to stage two, and the dispute goes there once."""
    for _ in range(5):
        request = asked(cast)
        take_up = verb(actions.take_up, cast.hospital_manager, dispute=request.dispute, seen_stage=1, **WHY)
        approve = verb(actions.approve, cast.council_manager, request=request, reason="Needed.")

        winner_and_loser(at_once(approve, take_up))

        dispute = Dispute.objects.get(pk=request.dispute_id)
        assert (dispute.stage, Stage.objects.filter(dispute=dispute).count()) == (2, 2)
        assert not EscalationRequest.objects.filter(dispute=dispute, state=RequestState.OPEN).exists()


def test_of_two_managers_taking_it_up_one_does(cast):
    for _ in range(5):
        dispute = raise_dispute(cast)
        results = at_once(
            verb(actions.take_up, cast.council_manager, dispute=dispute, seen_stage=1, **WHY),
            verb(actions.take_up, cast.hospital_manager, dispute=dispute, seen_stage=1, **WHY),
        )

        _, refusal = winner_and_loser(results)
        assert "moved to stage two meanwhile" in str(refusal)
        dispute.refresh_from_db()
        assert dispute.stage == 2


def test_two_who_ask_for_one_agency_make_one_request(cast):
    for _ in range(5):
        dispute = raise_dispute(cast)
        ask = verb(actions.ask_escalation, cast.council_practitioner, dispute=dispute, seen_stage=1, **WHY)

        winner_and_loser(at_once(ask, ask))

        assert dispute.requests.count() == 1


def test_two_agencies_agreeing_at_once_resolve_it_once(cast):
    """The last agreement ends it, whichever is last."""
    for _ in range(5):
        dispute = raise_dispute(cast, concerned_agencies=[cast.trust])
        proposal = actions.propose(
            dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, resolution="A", rationale="B",
            actions=[(cast.trust, "Visit her")],
        )  # fmt: skip
        results = at_once(
            verb(actions.agree, cast.hospital_practitioner, proposal=proposal),
            verb(actions.agree, cast.trust_lead, proposal=proposal),
        )

        assert not [result for result in results if isinstance(result, Exception)]
        dispute.refresh_from_db()
        assert (dispute.outcome, Record.objects.filter(stage__dispute=dispute).count()) == ("resolved", 1)


def test_two_of_one_agency_answer_a_proposal_once(cast):
    for _ in range(5):
        dispute = raise_dispute(cast)
        proposal = actions.propose(
            dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, resolution="A", rationale="B"
        )
        winner_and_loser(
            at_once(
                verb(actions.agree, cast.hospital_practitioner, proposal=proposal),
                verb(actions.refuse, cast.hospital_manager, proposal=proposal, reason="No."),
            )
        )
        assert proposal.responses.count() == 2


def test_two_proposals_at_once_leave_one(cast):
    for _ in range(5):
        dispute = raise_dispute(cast)
        what = {"dispute": dispute, "resolution": "A", "rationale": "B", "seen_stage": 1}
        winner_and_loser(
            at_once(
                verb(actions.propose, cast.council_practitioner, **what),
                verb(actions.propose, cast.hospital_practitioner, **what),
            )
        )
        assert Proposal.objects.filter(dispute=dispute).count() == 1


def test_two_leads_declining_at_once_both_count(cast):
    """R25: one lead's decline leaves the other; once both have declined the request is closed, not left open."""
    for _ in range(5):
        dispute = at_stage(cast, 2)
        record_discussion(dispute, cast.council_manager, RAISED + 3 * HOUR)
        request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=RAISED + 3 * HOUR, **WHY)
        results = at_once(
            verb(actions.decline, cast.council_lead, request=request, reason="No."),
            verb(actions.decline, cast.council_lead_2, request=request, reason="No."),
        )

        assert not [result for result in results if isinstance(result, Exception)]
        request.refresh_from_db()
        assert (request.state, request.decisions.count()) == (RequestState.DECLINED, 2)
        assert not dispute.duties.filter(kind="approve", done_at=None, lapsed_at=None).exists()


def test_of_ending_and_escalating_one_wins(cast):
    """R7: what has ended never moves, and what has moved is not ended from the page of the stage before."""
    for _ in range(10):
        request = asked(cast)
        results = at_once(
            verb(actions.clarify, cast.council_practitioner, dispute=request.dispute, seen_stage=1, reason="Moot."),
            verb(actions.approve, cast.council_manager, request=request, reason="Needed."),
        )

        won, _ = winner_and_loser(results)
        dispute = Dispute.objects.get(pk=request.dispute_id)
        assert (dispute.stage, dispute.outcome) == ((1, "clarified"), (2, ""))[won]
        assert Record.objects.filter(stage__dispute=dispute).count() == 1


def test_whoever_is_replaced_while_waiting_acts_no_more(cast):
    """What a person is on a dispute is worked out after the lock, not before."""
    for _ in range(5):
        dispute = at_stage(cast, 2)
        results = at_once(
            verb(
                actions.name_representative, cast.council_lead, dispute=dispute, stage=2, person=cast.council_manager_2
            ),
            verb(actions.clarify, cast.council_manager, dispute=dispute, reason="Moot.", seen_stage=2),
        )

        dispute.refresh_from_db()
        if dispute.outcome:
            assert [type(result) for result in results] == [Conflict, Dispute]
        else:
            assert isinstance(results[1], NotPermitted)


def test_two_who_draw_the_same_reference_both_raise(cast, monkeypatch):
    """A reference is drawn at random; the second to save draws again."""
    drawn = iter(["4729-1836", "4729-1836", "5555-1111", "5555-2222"])
    lock = threading.Lock()

    def draw():
        with lock:
            return next(drawn)

    field = Dispute._meta.get_field("reference")
    monkeypatch.setattr(field, "default", draw)
    monkeypatch.setattr("escalation.actions.raising.new_reference", draw)
    monkeypatch.setattr(dispute_module, "new_reference", draw)
    field.__dict__.pop("_get_default", None)
    what = {"raising_agency": cast.council, "disputed_agency": cast.hospital}
    try:
        results = at_once(
            verb(actions.raise_dispute, cast.council_practitioner, details=dict(DETAILS), **what),
            verb(actions.raise_dispute, cast.council_manager, details=dict(DETAILS), **what),
        )
    finally:
        field.__dict__.pop("_get_default", None)

    assert sorted(dispute.reference for dispute in results) == ["4729-1836", "5555-1111"]
    assert Record.objects.count() == 0
    assert Stage.objects.count() == 2


def test_six_acts_on_one_dispute_at_once_are_all_made(cast):
    """They wait for one another, and none in deadlock."""
    dispute = raise_dispute(cast, concerned_agencies=[cast.trust])
    people = [cast.council_practitioner, cast.council_manager, cast.hospital_practitioner, cast.hospital_lead]

    results = at_once(
        *(verb(actions.state_view, person, dispute=dispute, view="Ours.") for person in people),
        verb(actions.record_mdt, cast.trust_lead, dispute=dispute, mdt="not_needed", mdt_why="Two talk."),
        verb(actions.amend, cast.council_lead, dispute=dispute, changes={"impact": "A fall."}),
    )

    assert not [result for result in results if isinstance(result, Exception)]
    assert Act.objects.filter(thread=dispute.pk).count() == 7


def test_a_code_used_twice_at_once_opens_once(cast):
    """R19: single use, whoever is first."""
    for _ in range(5):
        dispute = at_stage(cast, 2)
        gp = {"name": "Dr Gee", "organisation": "Surgery", "email": "gee@surgery.example"}
        link = actions.make_link(dispute=dispute, by=cast.council_manager, at=LATER, **gp)
        _, code = actions.ask_code(link=link, at=LATER)

        results = at_once(*[lambda: actions.open_link(link=link, code=code, at=LATER)] * 2)  # noqa: B023 - at once

        assert sorted(opening is not None for opening, _ in results) == [False, True]
        assert link.codes.exclude(used_at=None).count() == 1


def test_wrong_codes_at_once_are_each_counted(cast):
    """Five attempts are five, however many come together."""
    link = casting.ask_reply(raise_dispute(cast), cast.council_practitioner, LATER)
    _, code = actions.ask_code(link=link, at=LATER)
    wrong = f"{(int(code) + 1) % 10**6:06}"

    at_once(*[lambda: actions.open_link(link=link, code=wrong, at=LATER)] * 7)

    assert link.codes.get().attempts == 5
    assert actions.open_link(link=link, code=code, at=LATER) == (None, 0)


def test_a_reply_sent_twice_at_once_is_sent_once(cast):
    for _ in range(5):
        link = casting.ask_reply(raise_dispute(cast), cast.council_practitioner, RAISED + HOUR)
        send = partial(casting.reply_by_link, link, LATER, view="Ours.")

        results = at_once(send, send)

        assert sorted(type(result).__name__ for result in results) == ["LinkReply", "Over"]
        assert Act.objects.filter(thread=link.dispute_id, verb="gave the view").count() == 1


def test_of_withdrawing_a_link_and_replying_by_it_one_wins(cast):
    for _ in range(5):
        link = casting.ask_reply(raise_dispute(cast), cast.council_practitioner, RAISED + HOUR)
        mine, manager = type(link).objects.get(pk=link.pk), User.objects.get(pk=cast.council_manager.pk)

        results = at_once(
            partial(actions.withdraw_link, link=mine, by=manager, at=LATER),
            partial(casting.reply_by_link, link, LATER, view="Ours."),
        )

        assert len([result for result in results if isinstance(result, Conflict)]) == 1
        link.refresh_from_db()
        assert (link.used_at is None) != (link.withdrawn_at is None)
