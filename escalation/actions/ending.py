"""To the end: resolved by agreement, clarified, or withdrawn (R7, R13, R15)."""

from agencies.models import Role
from escalation import appendix_b, deadlines, duties, notices, readiness
from escalation.actions.door import action, begin, note
from escalation.models import (
    AgreedAction,
    DutyKind,
    Proposal,
    ProposalState,
    Reply,
    RequestState,
    Response,
    Stage,
    StageEnd,
    Withdrawal,
)
from escalation.moments import moment
from escalation.permissions import Conflict, must_agree, open_proposal, open_requests
from escalation.stages import Outcome


@action
def propose(*, dispute, by, at, resolution, rationale, actions=(), seen_stage=None):
    """Propose an outcome, with actions for agencies; whoever proposes agrees for their own agency.

    `actions` are pairs or triples (agency, what, due_on).
    """
    dispute, position = begin("propose", dispute, by=by, at=at, seen_stage=seen_stage)
    refuse_while_one_waits(dispute)
    proposal = Proposal.objects.create(
        dispute=dispute,
        stage=dispute.stage,
        agency=position.agency,
        by=by,
        at=at,
        resolution=resolution,
        rationale=rationale,
        object_by=deadlines.working_day_later(at),
    )
    for agency, what, *due_on in actions:
        if agency.pk not in position.parties:
            raise Conflict(f"{agency} is not concerned in this dispute.")
        AgreedAction.objects.create(proposal=proposal, agency=agency, what=what, due_on=due_on[0] if due_on else None)
    Response.objects.create(proposal=proposal, agency=position.agency, by=by, at=at, reply=Reply.AGREES)
    duties.write(
        *(
            duties.new(
                DutyKind.ANSWER_PROPOSAL, dispute, at=at, subject_id=proposal.pk, due_at=proposal.object_by,
                to=("proposals", proposal.pk), **duties.owner_at(position, agency_id, min(dispute.stage, 3)),
            )
            for agency_id in position.parties
            if agency_id != position.agency_id
        )
    )  # fmt: skip
    note(
        "proposed a resolution", dispute, position, at=at, subject=proposal, text=resolution,
        also=[what for _, what, *_ in actions],
    )  # fmt: skip
    notices.tell("proposed", dispute, at=at, subject_id=proposal.pk)
    return proposal


@action
def agree(*, proposal, by, at):
    """Agree for one's agency; the dispute is resolved when every agency that must agree has agreed."""
    dispute, position = _answer("agree", proposal, by, at)
    return accept(dispute, position, proposal, at=at, by=by)


def accept(dispute, position, proposal, *, at, by=None, link=None):
    """An agency agrees, by a person or by a link; gives the dispute, which that may have resolved."""
    Response.objects.create(proposal=proposal, agency=position.agency, by=by, link=link, at=at, reply=Reply.AGREES)
    note("agreed", dispute, position, at=at, subject=proposal)
    if readiness.outstanding(dispute, proposal):
        return dispute
    if at >= proposal.object_by or not readiness.silent(dispute, proposal):
        return _resolve(dispute, position, proposal, at)
    _wait_out(dispute, position, proposal, at)
    return dispute


@action
def refuse(*, proposal, by, at, reason):
    """Refuse, or object where one's agreement is not needed; the reason ends the proposal."""
    dispute, position = _answer("refuse", proposal, by, at)
    return turn_down(dispute, position, proposal, at=at, reason=reason, by=by)


def turn_down(dispute, position, proposal, *, at, reason, by=None, link=None):
    """An agency refuses or objects, by a person or by a link, and the proposal is closed."""
    Response.objects.create(
        proposal=proposal, agency=position.agency, by=by, link=link, at=at, reply=Reply.REFUSES, reason=reason
    )
    proposal.state, proposal.closed_at = ProposalState.REFUSED, at
    proposal.save()
    duties.lapse(dispute, DutyKind.ANSWER_PROPOSAL, DutyKind.SETTLE, at=at)
    note("refused", dispute, position, at=at, subject=proposal, text=reason)
    notices.tell("refused", dispute, at=at, subject_id=proposal.pk)
    return dispute


@action
def settle(*, proposal, by, at):
    """Record the resolution once all who must agree have, and the others have let their working day pass."""
    dispute, position = begin("settle", proposal.dispute, by=by, at=at, subject=proposal)
    refuse_closed(proposal)
    missing = readiness.outstanding(dispute, proposal)
    if missing:
        raise Conflict("It is not agreed yet: an agency that must agree has not answered.")
    if readiness.silent(dispute, proposal) and at < proposal.object_by:
        raise Conflict(f"The other agencies concerned have until {moment(proposal.object_by)} to object.")
    return _resolve(dispute, position, proposal, at)


def _answer(move, proposal, by, at):
    dispute, position = begin(move, proposal.dispute, by=by, at=at, subject=proposal)
    answer(dispute, position, proposal, move, at=at)
    return dispute, position


def answer(dispute, position, proposal, move, *, at):
    """Refuse an answer that is too late or the agency's second; else what waited for it is done."""
    refuse_closed(proposal)
    if proposal.responses.filter(agency=position.agency_id).exists():
        raise Conflict("Your agency has answered already.")
    if move == "refuse" and at >= proposal.object_by and position.agency_id not in must_agree(dispute, proposal):
        raise Conflict(f"Your agency had until {moment(proposal.object_by)} to object. Record an entry instead.")
    duties.done(
        dispute, DutyKind.ANSWER_PROPOSAL, by=position.by, at=at, agency=position.agency_id, subject_id=proposal.pk
    )


def refuse_while_one_waits(dispute):
    """Refuse a second proposal while one waits."""
    waiting = open_proposal(dispute)
    if waiting:
        raise Conflict(f"{waiting.by} proposed a resolution on {moment(waiting.at)}. Answer that one first.")


def refuse_closed(proposal):
    """Refuse an answer to a proposal that has closed."""
    if not proposal.is_open:
        raise Conflict(f"This proposal closed on {moment(proposal.closed_at)}: {proposal.get_state_display().lower()}.")


def _wait_out(dispute, position, proposal, at):
    """All who must agree have agreed; the rest have until `object_by`, then anybody who acts records the end."""
    duties.write(
        duties.new(
            DutyKind.SETTLE, dispute, at=at, subject_id=proposal.pk, starts_at=proposal.object_by,
            to=("proposals", proposal.pk),
            **duties.owner_at(position, dispute.raising_agency_id, min(dispute.stage, 3)),
        )
    )  # fmt: skip


def _resolve(dispute, position, proposal, at):
    proposal.state, proposal.closed_at = ProposalState.AGREED, at
    proposal.save()
    return end(dispute, position, at=at, outcome=Outcome.RESOLVED, reason=proposal.resolution)


@action
def clarify(*, dispute, by, at, reason, seen_stage=None):
    """End as clarified: no practice issue, or action already under way (R7)."""
    dispute, position = begin("clarify", dispute, by=by, at=at, seen_stage=seen_stage)
    return end(dispute, position, at=at, outcome=Outcome.CLARIFIED, reason=reason)


@action
def withdraw(*, dispute, by, at, reason, seen_stage=None):
    """Withdraw: the referrer at stage one, from two the owner for the raising agency."""
    dispute, position = begin("withdraw", dispute, by=by, at=at, seen_stage=seen_stage)
    return end(dispute, position, at=at, outcome=Outcome.WITHDRAWN, reason=reason)


@action
def ask_withdrawal(*, dispute, by, at, reason):
    """At stage four: ask the Independent Chair to let the dispute be withdrawn."""
    dispute, position = begin("ask_withdrawal", dispute, by=by, at=at)
    refuse_second_withdrawal(dispute)
    withdrawal = Withdrawal.objects.create(dispute=dispute, asked_by=by, asked_at=at, reason=reason)
    duties.write(
        duties.new(
            DutyKind.CONSENT, dispute, at=at, role=Role.CHAIR, subject_id=withdrawal.pk,
            to=("withdrawals", withdrawal.pk),
        )
    )  # fmt: skip
    note("asked to withdraw", dispute, position, at=at, subject=withdrawal, text=reason)
    return withdrawal


def refuse_second_withdrawal(dispute):
    """Refuse to ask the Chair twice."""
    if readiness.open_withdrawal(dispute):
        raise Conflict("The Independent Chair has been asked already.")


@action
def consent_withdrawal(*, withdrawal, by, at, reason=""):
    """The Chair consents, and the dispute ends as withdrawn."""
    dispute, position = _decide_withdrawal("consent_withdrawal", withdrawal, by, at, True, reason)
    return end(dispute, position, at=at, outcome=Outcome.WITHDRAWN, reason=withdrawal.reason)


@action
def refuse_withdrawal(*, withdrawal, by, at, reason):
    """The Chair does not consent, with the reason, and the dispute goes on."""
    dispute, _ = _decide_withdrawal("refuse_withdrawal", withdrawal, by, at, False, reason)
    return dispute


@action
def decide(*, dispute, by, at, decision):
    """The Chair signs off what the panel decided, in words: the dispute ends as decided by panel (R33).

    Whether the panel may decide is for `panels` to say, which calls this in the transaction of the sign-off.
    """
    dispute, position = begin("decide", dispute, by=by, at=at)
    return end(dispute, position, at=at, outcome=Outcome.DECIDED, reason=decision)


def _decide_withdrawal(move, withdrawal, by, at, consented, reason):
    dispute, position = begin(move, withdrawal.dispute, by=by, at=at, subject=withdrawal)
    refuse_decided(withdrawal)
    withdrawal.decided_by, withdrawal.decided_at, withdrawal.consented = by, at, consented
    withdrawal.decision_reason = reason
    withdrawal.save()
    duties.done(dispute, DutyKind.CONSENT, by=by, at=at, subject_id=withdrawal.pk)
    verb = "consented to the withdrawal" if consented else "refused the withdrawal"
    note(verb, dispute, position, at=at, subject=withdrawal, text=reason)
    return dispute, position


def refuse_decided(withdrawal):
    """Refuse a second decision on a withdrawal."""
    if withdrawal.decided_at:
        raise Conflict(f"This was decided on {moment(withdrawal.decided_at)}.")


def end(dispute, position, *, at, outcome, reason):
    """End the dispute for good and seal the record of its last stage (R22)."""
    proposal = open_proposal(dispute)
    if proposal:
        proposal.state, proposal.closed_at = ProposalState.VOID, at
        proposal.save()
    for request in open_requests(dispute):
        request.state, request.closed_at = RequestState.LAPSED, at
        request.save()
    duties.lapse(dispute, at=at)
    stage = Stage.objects.get(dispute=dispute, number=dispute.stage)
    stage.ended_at, stage.end = at, StageEnd.ENDED
    stage.save()
    dispute.ended_at, dispute.outcome, dispute.outcome_reason = at, outcome, reason
    dispute.save()
    note("ended", dispute, position, at=at, text=reason, outcome=outcome)
    duties.on_end(dispute, position, at)
    notices.tell("ended", dispute, at=at)
    notices.tell("panel closed", dispute, at=at)
    appendix_b.seal(stage, at=at)
    return dispute
