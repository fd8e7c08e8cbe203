"""To the next stage: asked for, approved or declined, taken round whoever is silent, and sent to the Chair."""

from agencies.models import Role
from escalation import appendix_b, deadlines, duties, notices, permissions, readiness
from escalation.actions.door import action, begin, note
from escalation.actions.people import appoint
from escalation.models import (
    Decision,
    DutyKind,
    EscalationRequest,
    ProposalState,
    RequestState,
    Stage,
    StageEnd,
)
from escalation.moments import moment
from escalation.permissions import Conflict, NotPermitted, has_somebody, open_proposal, open_requests
from escalation.stages import stage_name


@action
def ask_escalation(*, dispute, by, at, reason, safety, safety_detail="", seen_stage=None):
    """Ask a manager, from stage two a lead, of one's agency to take the dispute further (R25, R37)."""
    dispute, position = begin("ask_escalation", dispute, by=by, at=at, seen_stage=seen_stage)
    if position.takes_up_alone:
        raise NotPermitted(f"You need not ask: you can take it to {stage_name(dispute.stage + 1)} yourself.")
    ready_to_ask(position)
    _confirm_safety(dispute, by, at, safety, safety_detail)
    duties.lapse(dispute, DutyKind.GO_ROUND, at=at, agency=position.agency_id)
    to_leads = dispute.stage == 2 or not has_somebody(position.agency_id, Role.MANAGER, besides=by)
    request = _request(dispute, position, at, reason, to_leads=to_leads)
    note("asked to escalate", dispute, position, at=at, subject=request, text=reason)
    return request


def ready_to_ask(position):
    """Refuse while the agency waits for an answer, and after a decline until there is a new entry."""
    _no_open_request(position)
    if readiness.wants_new_entry(position):
        raise Conflict("Your request was declined. Record a new discussion first; then you can ask again.")


def _no_open_request(position):
    if readiness.waits_for_answer(position):
        raise Conflict("Your agency has asked already, and waits for the answer.")


def _confirm_safety(dispute, by, at, safety, safety_detail):
    """What keeps the adult safe meanwhile is asked at each escalation (R37)."""
    dispute.safety, dispute.safety_detail = safety, safety_detail
    dispute.safety_confirmed_at, dispute.safety_confirmed_by = at, by
    dispute.save()


def _request(dispute, position, at, reason, *, to_leads, after=None, to_lead_reason=""):
    """Write a request down, and for whom it waits, until when."""
    opens_at = deadlines.way_round_at(at, dispute.target_at, dispute.needed_by_on, dispute.is_urgent)
    lead_due_at = deadlines.working_day_later(at)
    request = EscalationRequest.objects.create(
        dispute=dispute,
        agency=position.agency,
        stage=dispute.stage,
        asked_by=position.user,
        deputy=position.by if position.covered else None,
        asked_at=at,
        reason=reason,
        way_round_at=lead_due_at if to_leads else opens_at,
        to_lead_at=at if to_leads else None,
        to_lead_by=position.user if to_leads else None,
        to_lead_reason=to_lead_reason,
        lead_answer_due_at=lead_due_at if to_leads else None,
        after=after,
    )
    _wait_for_answer(dispute, request, at)
    return request


def _wait_for_answer(dispute, request, at):
    """The duties of an open request: to answer it, and from a certain moment to go on without an answer."""
    role = Role.LEAD if request.is_with_lead else Role.MANAGER
    if request.is_with_lead and not has_somebody(request.agency_id, Role.LEAD, besides=request.asked_by):
        role = ""  # the agency's safeguarding contact (R50)
    duties.lapse(dispute, DutyKind.GO_ROUND, at=at, subject_id=request.pk)
    duties.write(
        duties.new(
            DutyKind.APPROVE, dispute, at=at, agency_id=request.agency_id, role=role, subject_id=request.pk,
            due_at=request.way_round_at, to=("requests", request.pk),
        ),
        duties.new(
            DutyKind.GO_ROUND, dispute, at=at, agency_id=request.agency_id, person_id=request.asked_by_id,
            subject_id=request.pk, starts_at=request.way_round_at, to=("requests", request.pk, "way-round"),
        ),
    )  # fmt: skip


@action
def take_up(*, dispute, by, at, reason, safety, safety_detail="", seen_stage=None):
    """Take the dispute to the next stage without asking: a manager from stage one, a lead from stage two."""
    dispute, position = begin("take_up", dispute, by=by, at=at, seen_stage=seen_stage)
    # What the agency has asked for already is decided, not passed over: the first decision counts
    ready_to_ask(position)
    _confirm_safety(dispute, by, at, safety, safety_detail)
    note("took it up", dispute, position, at=at, text=reason)
    return enter_next_stage(dispute, position, at=at, reason=reason)


@action
def approve(*, request, by, at, reason):
    """Take the dispute to the next stage on the manager's or lead's authority (R25)."""
    dispute, position = begin("approve", request.dispute, by=by, at=at, subject=request)
    still_open(request)
    _decide(request, position, at, approved=True, reason=reason)
    _close(request, RequestState.APPROVED, at)
    duties.done(dispute, DutyKind.APPROVE, by=by, at=at, subject_id=request.pk)
    note("approved the escalation", dispute, position, at=at, subject=request, text=reason)
    notices.tell("approved", dispute, at=at, subject_id=request.pk, asker=request.asked_by)
    return enter_next_stage(dispute, position, at=at, reason=request.reason)


@action
def decline(*, request, by, at, reason):
    """Decline a request, with a reason the asker sees; at stage one the way to the lead stays open (R25)."""
    dispute, position = begin("decline", request.dispute, by=by, at=at, subject=request)
    still_open(request)
    _decide(request, position, at, approved=False, reason=reason)
    note("declined the escalation", dispute, position, at=at, subject=request, text=reason)
    notices.tell("declined", dispute, at=at, subject_id=request.pk, asker=request.asked_by)
    if request.is_with_lead and not position.is_lead:
        # A manager who answers late does not take it from the leads, nor give them more time
        duties.done(dispute, DutyKind.APPROVE, by=by, at=at, subject_id=request.pk, role=Role.MANAGER)
        return request
    others = _other_leads(request) if request.is_with_lead else ()
    if others:
        _ask_others(dispute, request, others, by=by, at=at)
        return request
    _close(request, RequestState.DECLINED, at)
    duties.done(dispute, DutyKind.APPROVE, by=by, at=at, subject_id=request.pk)
    if request.is_with_lead:
        duties.lapse(dispute, DutyKind.GO_ROUND, at=at, subject_id=request.pk)
    else:
        duties.move(dispute, DutyKind.GO_ROUND, at=at, subject_id=request.pk, starts_at=at)
    return request


def _decide(request, position, at, *, approved, reason):
    Decision.objects.create(
        request=request, by=position.by, on_behalf_of=position.covered, at=at, approved=approved, reason=reason
    )


def _other_leads(request):
    """The leads of the agency who have not answered and did not ask, themselves or by a deputy."""
    answered = {pk for decision in Decision.objects.filter(request=request) for pk in decision.deciders}
    return permissions.leads_of(request.agency_id).exclude(pk__in=answered | request.askers)


def _ask_others(dispute, request, leads, *, by, at):
    """Each lead who is left has a working day; the last one's silence opens the stage."""
    request.lead_answer_due_at = request.way_round_at = deadlines.working_day_later(at)
    request.save()
    duties.done(dispute, DutyKind.APPROVE, by=by, at=at, subject_id=request.pk)
    duties.write(
        *(
            duties.new(
                DutyKind.APPROVE, dispute, at=at, agency_id=request.agency_id, person_id=lead.pk,
                subject_id=request.pk, due_at=request.way_round_at, to=("requests", request.pk),
            )
            for lead in leads
        )
    )  # fmt: skip
    duties.move(dispute, DutyKind.GO_ROUND, at=at, subject_id=request.pk, starts_at=request.way_round_at)


def still_open(request):
    """Refuse a second decision, and say what happened meanwhile."""
    if request.is_open:
        return
    decision = Decision.objects.filter(request=request).select_related("by", "on_behalf_of").last()
    if decision:
        raise Conflict(f"{decision.who} {decision} this request on {moment(decision.at)}. The first decision counts.")
    raise Conflict(f"This request closed on {moment(request.closed_at)}: {request.get_state_display().lower()}.")


def _close(request, state, at):
    request.state, request.closed_at = state, at
    request.save()


@action
def take_to_lead(*, request, by, at, reason=""):
    """Go to the designated safeguarding lead, when the manager has declined or has not answered in time (R25, R40)."""
    dispute, position = begin("take_to_lead", request.dispute, by=by, at=at, subject=request)
    ready_to_go_round(request, dispute, position)
    if not request.is_open:
        duties.done(dispute, DutyKind.GO_ROUND, by=by, at=at, subject_id=request.pk)
        request = _request(dispute, position, at, request.reason, to_leads=True, after=request, to_lead_reason=reason)
    else:
        if request.is_with_lead:
            raise Conflict("This request is with the safeguarding lead already.")
        if at < request.way_round_at:
            raise Conflict(f"Your manager has until {moment(request.way_round_at)} to answer. Then this way opens.")
        request.to_lead_at, request.to_lead_by, request.to_lead_reason = at, by, reason
        request.lead_answer_due_at = request.way_round_at = deadlines.working_day_later(at)
        request.save()
        duties.done(dispute, DutyKind.GO_ROUND, by=by, at=at, subject_id=request.pk)
        _wait_for_answer(dispute, request, at)
    note("went to the lead", dispute, position, at=at, subject=request, text=reason)
    return request


def ready_to_go_round(request, dispute, position):
    """Refuse for a request that is closed, unless a manager declined it and it was not taken further."""
    if request.state == RequestState.DECLINED and not request.is_with_lead:
        _no_open_request(position)
        if request.followed_by.exists():
            raise Conflict("This request went to the safeguarding lead already.")
    else:
        still_open(request)


@action
def open_unanswered(*, request, by, at):
    """Enter the next stage after the last lead's working day of silence, marked "not answered" (R25)."""
    dispute, position = begin("open_unanswered", request.dispute, by=by, at=at, subject=request)
    still_open(request)
    if not request.is_with_lead:
        raise Conflict("Go to the safeguarding lead first.")
    if at < request.lead_answer_due_at:
        raise Conflict(f"The safeguarding lead has until {moment(request.lead_answer_due_at)} to answer.")
    _close(request, RequestState.UNANSWERED, at)
    duties.lapse(dispute, DutyKind.APPROVE, at=at, subject_id=request.pk)
    duties.done(dispute, DutyKind.GO_ROUND, by=by, at=at, subject_id=request.pk)
    note("opened the stage unanswered", dispute, position, at=at, subject=request)
    return enter_next_stage(dispute, position, at=at, reason=request.reason, end=StageEnd.UNANSWERED, owns=False)


@action
def send_to_chair(*, dispute, by, at, reason, safety, safety_detail="", seen_stage=None):
    """Send the dispute to the Independent Chair, once an attempt of the leads is recorded (R26, R30)."""
    dispute, position = begin("send_to_chair", dispute, by=by, at=at, seen_stage=seen_stage)
    refuse_without_attempt(dispute)
    _confirm_safety(dispute, by, at, safety, safety_detail)
    note("sent it to the Chair", dispute, position, at=at, text=reason)
    return enter_next_stage(dispute, position, at=at, reason=reason, owns=False)


def refuse_without_attempt(dispute):
    """Refuse stage four until an attempt at stage three is recorded, by either lead (R26)."""
    if not readiness.is_attempt_recorded(dispute):
        raise Conflict("Record the discussion first, or why it could not be held. Either lead’s entry is enough.")


def enter_next_stage(dispute, position, *, at, reason, end=StageEnd.ESCALATED, owns=True):
    """End the present stage, seal its record, and begin the next; the target does not move (R4, R22)."""
    number = dispute.stage
    proposal = open_proposal(dispute)
    if proposal:
        proposal.state, proposal.closed_at = ProposalState.VOID, at
        proposal.save()
    for request in open_requests(dispute):
        _close(request, RequestState.LAPSED, at)
    duties.lapse(
        dispute,
        DutyKind.ACT,
        DutyKind.ANSWER_DISPUTE,
        DutyKind.APPROVE,
        DutyKind.GO_ROUND,
        DutyKind.ANSWER_PROPOSAL,
        DutyKind.SETTLE,
        at=at,
    )
    stage = Stage.objects.get(dispute=dispute, number=number)
    stage.ended_at, stage.end = at, end
    stage.save()
    dispute.stage = number + 1
    dispute.save()
    Stage.objects.create(
        dispute=dispute, number=number + 1, began_at=at, escalated_by=position.user, escalation_reason=reason
    )
    if owns and (position.agency_id, dispute.stage) not in position.named:
        appoint(dispute, position, at=at, agency_id=position.agency_id, stage=dispute.stage, person=position.user)
    duties.on_stage(dispute, position, at)
    appendix_b.seal(stage, at=at)
    note("entered the stage", dispute, position, at=at, subject=stage, left=number, end=end)
    return dispute
