"""Pages on the way to the next stage, and to the end."""

from django.db.models import Prefetch

from escalation import actions
from escalation.actions.escalating import ready_to_ask, ready_to_go_round, refuse_without_attempt
from escalation.forms import moves
from escalation.models import (
    Decision,
    EscalationRequest,
    Proposal,
    Response,
    Withdrawal,
)
from escalation.models.copies import of_link
from escalation.moments import moment
from escalation.permissions import leads_of, must_agree
from escalation.readiness import is_ready_to_settle
from escalation.stages import Who, stage_name
from escalation.views.asking import Page

REQUESTS = Prefetch(
    "requests",
    EscalationRequest.objects.select_related("asked_by", "agency").prefetch_related(
        Prefetch("decisions", Decision.objects.select_related("by", "on_behalf_of"))
    ),
)
PROPOSALS = Prefetch(
    "proposals",
    Proposal.objects.select_related("by", "agency").prefetch_related(
        "actions__agency", Prefetch("responses", Response.objects.select_related("by", "agency", *of_link("link")))
    ),
)
WITHDRAWALS = Prefetch("withdrawals", Withdrawal.objects.select_related("asked_by", "decided_by"))


def escalate(request, reference):
    """Ask to escalate; or take it to the next stage oneself, where one need not ask."""
    page = Page(request, reference, REQUESTS, "stages", "entries")
    acting = page.position.for_(Who.ACTOR)
    alone = acting is not None and acting.takes_up_alone
    page.check("take_up" if alone else "ask_escalation")
    with page.keeping():
        ready_to_ask(page.position)
    if aside := page.ask(moves.Escalate):
        return aside
    following = stage_name(page.dispute.stage + 1)
    if page.is_answered():
        result = page.act(
            actions.take_up if alone else actions.ask_escalation,
            dispute=page.dispute,
            reason=page.form.cleaned_data["reason"],
            seen_stage=page.seen_stage,
            **page.form.safety_given(),
        )
        return page.done(f"The dispute is at {following} now." if alone else asked_words(result, page.at))
    title = f"Take it to {following}" if alone else f"Ask to escalate to {following}"
    return page.show("escalate", title=title, alone=alone, following=following, **not_yet_done(page.dispute))


def not_yet_done(dispute):
    """What is worth doing before: hints, never a bar (R23)."""
    stage = next(stage for stage in dispute.stages.all() if stage.number == dispute.stage)
    return {
        "nothing_discussed": all(entry.stage != dispute.stage for entry in dispute.entries.all()),
        "no_meeting_considered": not stage.mdt,
    }


def asked_words(request, at):
    """Until when the answer is due, and which way opens then (R25)."""
    until = moment(request.way_round_at, at)
    if request.is_with_lead:
        return f"Your request is with the safeguarding leads. If none has answered by {until}, you can go on."
    if request.way_round_at <= at:
        return "Your manager is asked. You need not wait: you can go to the safeguarding lead at once."
    return f"Your manager has until {until} to answer. After that you can go to the safeguarding lead."


def send_to_chair(request, reference):
    """Send the dispute to the Independent Chair, once the leads’ attempt is recorded."""
    page = Page(request, reference, "entries")
    page.check("send_to_chair")
    with page.keeping():
        refuse_without_attempt(page.dispute)
    if aside := page.ask(moves.SendToChair):
        return aside
    if page.is_answered():
        page.act(
            actions.send_to_chair,
            dispute=page.dispute,
            reason=page.form.cleaned_data["reason"],
            seen_stage=page.seen_stage,
            **page.form.safety_given(),
        )
        return page.done("The dispute is with the Independent Chair, who convenes a Resolution Panel.")
    return page.show(
        "escalate",
        title="Send it to the Independent Chair",
        lede="The Independent Chair convenes a Resolution Panel. The leads may still agree until it has decided.",
    )


def decide_request(request, reference, request_id):
    """Approve a request to escalate, or decline it with a reason."""
    page = Page(request, reference, REQUESTS, "stages", "entries__agency")
    asked = page.find(page.dispute.requests.all(), request_id)
    page.check("approve", asked)
    with page.keeping():
        actions.escalating.still_open(asked)
    if aside := page.ask(moves.Decide, asked):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        if given["decision"] == "approve":
            page.act(actions.approve, request=asked, reason=given["approve_reason"])
            whose = f"{page.position.covered}’s" if page.position.covered else "yours"
            return page.done(
                f"You approved it. The dispute is at {stage_name(asked.next_stage)} now, and it is {whose}."
            )
        page.act(actions.decline, request=asked, reason=given["decline_reason"])
        return page.done(f"You declined it. {asked.asked_by} sees your reason.")
    entries = [entry for entry in page.dispute.entries.all() if entry.stage == asked.stage]
    return page.show(
        "decide",
        title=f"Take this dispute to {stage_name(asked.next_stage)}?",
        asked=asked,
        declined=declined_before(page.dispute, asked),
        entries=entries,
        stage=next(stage for stage in page.dispute.stages.all() if stage.number == asked.stage),
        leads=leads_of(asked.agency_id).order_by("full_name").distinct(),
        others=[party.agency for pk, party in page.position.parties.items() if pk != asked.agency_id],
    )


def declined_before(dispute, asked):
    """The manager's answer to the request that this one takes to the lead (R25)."""
    before = [request for request in dispute.requests.all() if request.pk == asked.after_id]
    return [decision for request in before for decision in request.decisions.all()]


def go_round(request, reference, request_id):
    """Take a request round whoever declined it or does not answer: to the lead, and in the end without one."""
    page = Page(request, reference, REQUESTS)
    asked = page.find(page.dispute.requests.all(), request_id)
    move = "open_unanswered" if asked.is_with_lead else "take_to_lead"
    page.check(move, asked)
    with page.keeping():
        ready_to_go_round(asked, page.dispute, page.position)
    context = {
        "asked": asked,
        "following": stage_name(asked.next_stage),
        "declined": declined_before(page.dispute, asked),
        "leads": leads_of(asked.agency_id).exclude(pk=asked.asked_by_id).order_by("full_name").distinct(),
    }
    if asked.is_open and page.at < asked.way_round_at and not page.is_post:
        return page.show("way_round_later", title="The way round opens later", **context)
    if aside := page.ask(moves.GoOn if asked.is_with_lead else moves.GoToLead, asked):
        return aside
    if page.is_answered() and asked.is_with_lead:
        page.act(actions.open_unanswered, request=asked)
        return page.done(f"The dispute is at {context['following']} now, marked “not answered”.")
    if page.is_answered():
        taken = page.act(actions.take_to_lead, request=asked, reason=page.form.cleaned_data["reason"])
        return page.done(asked_words(taken, page.at))
    title = f"Go on to {context['following']}" if asked.is_with_lead else "Go to the safeguarding lead"
    return page.show("way_round", title=title, **context)


def clarify(request, reference):
    """End as clarified: no practice issue, or action already under way."""
    page = Page(request, reference)
    page.check("clarify")
    if aside := page.ask(moves.Clarify):
        return aside
    if page.is_answered():
        page.act(actions.clarify, dispute=page.dispute, reason=page.form.reason(), seen_stage=page.seen_stage)
        return page.done("The dispute has ended as clarified.")
    return page.show(title="End as clarified", lede=ENDS_FOR_GOOD)


ENDS_FOR_GOOD = "This ends the dispute for good. If it comes up again, raise a new one that refers to it."


def withdraw(request, reference):
    """Withdraw, or at stage four ask the Chair’s consent to it."""
    page = Page(request, reference, WITHDRAWALS)
    if page.dispute.stage == 4:
        return ask_withdrawal(page)
    page.check("withdraw")
    if aside := page.ask(moves.Withdraw):
        return aside
    if page.is_answered():
        page.act(
            actions.withdraw,
            dispute=page.dispute,
            reason=page.form.cleaned_data["reason"],
            seen_stage=page.seen_stage,
        )
        return page.done("The dispute is withdrawn.")
    return page.show(title="Withdraw the dispute", lede=ENDS_FOR_GOOD)


def ask_withdrawal(page):
    page.check("ask_withdrawal")
    with page.keeping():
        actions.ending.refuse_second_withdrawal(page.dispute)
    if aside := page.ask(moves.AskWithdrawal):
        return aside
    if page.is_answered():
        page.act(actions.ask_withdrawal, dispute=page.dispute, reason=page.form.cleaned_data["reason"])
        return page.done("The Independent Chair is asked to consent to the withdrawal.")
    return page.show(
        title="Ask to withdraw the dispute",
        lede="At stage four a dispute is withdrawn with the Independent Chair’s consent. Until then it goes on.",
    )


def decide_withdrawal(request, reference, withdrawal_id):
    """The Chair consents to a withdrawal, or refuses it with a reason."""
    page = Page(request, reference, WITHDRAWALS)
    withdrawal = page.find(page.dispute.withdrawals.all(), withdrawal_id)
    page.check("consent_withdrawal")
    with page.keeping():
        actions.ending.refuse_decided(withdrawal)
    if aside := page.ask(moves.DecideWithdrawal, withdrawal):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        if given["decision"] == "consent":
            page.act(actions.consent_withdrawal, withdrawal=withdrawal, reason=given["consent_reason"])
            return page.done("You consented. The dispute is withdrawn.")
        page.act(actions.refuse_withdrawal, withdrawal=withdrawal, reason=given["refuse_reason"])
        return page.done("You refused the withdrawal. The dispute goes on.")
    return page.show("withdrawal", title="Consent to the withdrawal?", withdrawal=withdrawal)


def propose(request, reference):
    """Propose a resolution, with its rationale and actions."""
    page = Page(request, reference, PROPOSALS)
    page.check("propose")
    with page.keeping():
        actions.ending.refuse_while_one_waits(page.dispute)
    if aside := page.ask(moves.Propose):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        page.act(
            actions.propose,
            dispute=page.dispute,
            resolution=given["resolution"],
            rationale=given["rationale"],
            actions=page.form.actions(),
            seen_stage=page.seen_stage,
        )
        return page.done("Your proposal is with the other agencies. Your own agency has agreed by making it.")
    return page.show("propose", title="Propose a resolution")


def answer_proposal(request, reference, proposal_id):
    """Agree to a proposed resolution or refuse it; and record the end once its time has come."""
    page = Page(request, reference, PROPOSALS)
    proposal = page.find(page.dispute.proposals.all(), proposal_id)
    page.check("agree", proposal)
    with page.keeping():
        actions.ending.refuse_closed(proposal)
    proposal.needed = must_agree(page.dispute, proposal)
    has_answered = any(response.agency_id == page.position.agency_id for response in proposal.responses.all())
    is_ripe = is_ready_to_settle(page.dispute, proposal, page.at)
    context = {"proposal": proposal, "replies": replies(page.position, proposal)}
    if has_answered and not is_ripe and not page.is_post:
        return page.show("proposal_waits", title="A resolution is proposed", **context)
    form_class = moves.Settle if is_ripe and (has_answered or "settle" in request.POST) else moves.AnswerProposal
    if aside := page.ask(form_class, proposal):
        return aside
    if page.is_answered():
        return answered(page, proposal)
    title = "Record that it is resolved" if form_class is moves.Settle else "Answer the proposed resolution"
    return page.show("proposal", title=title, is_ripe=is_ripe, **context)


def answered(page, proposal):
    """Make the move that the answer means, and say what came of it."""
    if isinstance(page.form, moves.Settle):
        page.act(actions.settle, proposal=proposal)
        return page.done("The dispute is resolved.")
    if page.form.cleaned_data["answer"] == "refuse":
        page.act(actions.refuse, proposal=proposal, reason=page.form.cleaned_data["reason"])
        return page.done("Your answer is recorded, and the proposal is closed. Anyone who acts can propose again.")
    dispute = page.act(actions.agree, proposal=proposal)
    if dispute.ended_at:
        return page.done("Your agency has agreed. The dispute is resolved.")
    return page.done("Your agency has agreed. It stands once the others have answered, or their time has passed.")


def replies(position, proposal):
    """Each agency concerned with its answer, or what silence means."""
    given = {response.agency_id: response for response in proposal.responses.all()}
    return [
        {"party": party, "response": given.get(pk), "must_agree": pk in proposal.needed}
        for pk, party in position.parties.items()
    ]
