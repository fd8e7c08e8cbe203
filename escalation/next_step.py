"""What happens next on a dispute, in one sentence: what this person is waited for, else whom everybody waits for."""

from dataclasses import dataclass, replace

from escalation.models import DutyKind, EntryOutcome, RequestState
from escalation.moments import moment, on_day, on_moment
from escalation.offers import Offer, way_round
from escalation.permissions import askable_requests, must_agree
from escalation.readiness import answered, is_ready_to_settle
from escalation.stages import Outcome, Who, stage_name


@dataclass(frozen=True)
class Next:
    """The sentence begins with `who`, in bold; `detail` follows it; `offer` is the one button."""

    who: str
    words: str
    detail: str = ""
    offer: Offer | None = None
    meanwhile: str = ""  # what everybody waits for, where this person owes something from before


def next_step(case):
    """What is waited for from this person, else from others."""
    if case.has_two_agencies:
        words = "belong to more than one agency concerned. Choose for which of them you act here: it stays so."
        return Next("You", words, offer=case.offer("choose_agency"))
    if case.dispute.ended_at:
        return ended(case)
    return mine(case) or going_on(case) or others(case)


def ended(case):
    """How it ended, and when."""
    dispute = case.dispute
    words = {
        Outcome.RESOLVED: "by agreement",
        Outcome.CLARIFIED: "no practice issue, or action already under way",
        Outcome.WITHDRAWN: "by the agency that raised it",
        Outcome.DECIDED: "by the Resolution Panel",
    }[dispute.outcome]
    when = on_moment(dispute.ended_at, case.at)
    detail = "It is not opened again. If it comes up again, raise a new dispute that refers to it."
    mine = {duty.kind for duty in case.duties if duty.is_mine}
    offer = next((case.offer(move) for kind, move in AFTER_END if kind in mine and case.offer(move)), None)
    if offer is None and not dispute.learning_points.all():
        offer = case.offer("record_learning")
    return Next(dispute.get_outcome_display(), f"{words}, {when}, at {stage_name(dispute.stage)}.", detail, offer)


# What waits after the end, the most pressing first
AFTER_END = (
    (DutyKind.CONVEY, "convey"),
    (DutyKind.BE_INVOLVED, "record_involvement"),
    (DutyKind.INFORM_CHAIR, "inform_chair"),
    (DutyKind.FILE, "file_record"),
)


# What waits for this person, the most pressing first


def mine(case):
    """The first of this person's duties that can be done now: of the present stage, then what is left from before."""
    duties = [duty for duty in case.duties if duty.is_mine]
    now = [duty for duty in duties if duty.stage == case.dispute.stage]
    before = [duty for duty in duties if duty.stage != case.dispute.stage]
    step = first_of(case, now)
    if step is None and before:
        step = first_of(case, before)
        rest = going_on(case) or others(case)
        step = step and replace(step, meanwhile=f"Meanwhile: {rest.who} {rest.words}")
    return step


def first_of(case, duties):
    proposal = case.open_proposal
    has_answered = proposal is not None and case.position.agency_id in answered(proposal)
    for kind, moves, say in MINE:
        if has_answered and kind in (DutyKind.ACT, DutyKind.ANSWER_DISPUTE):
            continue  # the talk has led to a proposal
        for duty in duties:
            offer = case.offer(*moves, subject=duty.subject_id or None) if duty.kind == kind else None
            if offer:
                return say(case, duty, offer)
    return None


def _request(case, pk):
    return next(request for request in case.dispute.requests.all() if request.pk == pk)


def _decide(case, duty, offer):
    request = _request(case, duty.subject_id)
    words = (
        f"decide whether to take this dispute to {stage_name(request.next_stage)}. "
        f"{request.asked_by} asked {on_moment(request.asked_at, case.at)}."
    )
    return Next("You", words, until(case, request), offer)


def until(case, request):
    """Until when the answer is due, and what opens then (R25)."""
    due = moment(request.way_round_at, case.at)
    if request.is_with_lead:
        way = f"the dispute can go on to {stage_name(request.next_stage)} without an answer"
    else:
        asker = "you" if request.asked_by_id == case.position.user.pk else request.asked_by
        way = f"{asker} can go to the safeguarding lead"
    if request.way_round_at <= case.at:
        return f"Since {due} {way}; an answer still counts."
    return f"If nobody has answered by {due}, {way}."


def _consent(case, duty, offer):
    withdrawal = next(each for each in case.withdrawals if each.pk == duty.subject_id)
    words = f"consent to the withdrawal, or refuse it. {withdrawal.asked_by} asked "
    return Next("You", f"{words}{on_moment(withdrawal.asked_at, case.at)}.", "", offer)


def _reply(case, duty, offer):
    proposal = case.open_proposal
    words = f"agree or refuse the resolution that {proposal.by}, {proposal.agency}, proposed"
    if case.position.agency_id in must_agree(case.dispute, proposal):
        detail = "It stands only when your agency agrees."
    elif case.at < proposal.object_by:
        detail = f"Your agency can object until {moment(proposal.object_by, case.at)}. Silence is not agreement."
    else:
        detail = f"The time to object ended {on_moment(proposal.object_by, case.at)}. Your agency can still agree."
    return Next("You", f"{words} {on_moment(proposal.at, case.at)}.", detail, offer)


def _settle(case, duty, offer):
    return Next("You", "record that it is resolved: each agency whose agreement is needed has agreed.", "", offer)


def _go_round(case, duty, offer):
    request = _request(case, duty.subject_id)
    asked = f"the request you made {on_day(request.asked_at, case.at)}"
    if way_round(request, case.position, case.at) == "unanswered":
        return Next("You", f"can go on to {stage_name(request.next_stage)}: nobody has answered {asked}.", "", offer)
    leads = [person.name for person in case.leads(request.agency) if not person.is_you]
    to = " or ".join(leads) if 0 < len(leads) <= 3 else "the safeguarding lead"
    if request.state == RequestState.DECLINED:
        detail = "Or record a new discussion, and ask your manager again."
        return Next("You", f"can now go to {to}: {asked} was declined.", detail, offer)
    return Next("You", f"can now go to {to}: {asked} has not been answered.", "Your manager may still answer.", offer)


def _write(case, duty, offer):
    entries = [entry for entry in case.dispute.entries.all() if entry.discussion_id == duty.subject_id]
    authors = " and ".join(dict.fromkeys(entry.link.name if entry.link else str(entry.author) for entry in entries))
    when = on_day(entries[0].discussion.happened_at, case.at)
    words = f"write your own entry for the discussion {when}. {authors} {has(entries)} written already."
    return Next("You", words, "", offer)


def has(people):
    return "has" if len(people) == 1 else "have"


def _answer(case, duty, offer):
    words = f"read this dispute, and talk to {case.dispute.referrer_name}, {case.dispute.raising_agency}."
    return Next("You", words, "Each of you then records what was said, and what you agree or do not agree.", offer)


def _talk(case, duty, offer):
    return talk(case, offer)


def _inform(case, duty, offer):
    return Next("You", "inform the Independent Chair that this dispute has reached stage three.", "", offer)


def _name(case, duty, offer):
    words = f"name who acts for {case.position.agency} at {stage_name(case.dispute.stage)}."
    return Next("You", words, "Until then anyone who may act there can: nothing waits for a name.", offer)


def _view(case, duty, offer):
    words = f"give the view of {case.position.agency}: what is the reason for this dispute, as you see it?"
    return Next("You", words, "", offer)


MINE = (
    (DutyKind.INFORM_CHAIR, ("inform_chair",), _inform),
    (DutyKind.CONSENT, ("consent_withdrawal",), _consent),
    (DutyKind.APPROVE, ("approve",), _decide),
    (DutyKind.ANSWER_PROPOSAL, ("agree",), _reply),
    (DutyKind.SETTLE, ("settle",), _settle),
    (DutyKind.GO_ROUND, ("take_to_lead", "open_unanswered"), _go_round),
    (DutyKind.WRITE_ENTRY, ("add_entry",), _write),
    (DutyKind.ACT, ("add_entry",), _talk),
    (DutyKind.ANSWER_DISPUTE, ("add_entry",), _answer),
    (DutyKind.NAME_SOMEBODY, ("name_representative",), _name),
    (DutyKind.GIVE_VIEW, ("state_view",), _view),
)


def talk(case, offer=None):
    """The people who act talk to each other at this stage."""
    you = offer is not None
    people = [acting.words for acting in case.acting if not (you and acting.is_yours)]
    names = [*(["You"] if you else []), *people]
    who = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    detail = "Each of you" if you else "Each of them"
    return Next(
        who[:1].upper() + who[1:],
        f"talk, {case.dispute.between}.",
        f"{detail} records what was said, and what you agree or do not agree."
        if you
        else f"{detail} records what was said, and what they agree or do not agree.",
        offer,
    )


# Nothing waits for this person by name, who can still take it further


def going_on(case):
    """For whoever acts, and whose agency waits for nothing: from what came of the last discussion."""
    dispute, agency_id = case.dispute, case.position.agency_id
    if not case.position.is_(Who.ACTOR) or case.open_proposal or dispute.stage > 3 or acts_beside(case):
        return None
    if any(request.is_open and request.agency_id == agency_id for request in dispute.requests.all()):
        return None
    own = [e for e in dispute.entries.all() if e.agency_id == agency_id and e.stage == dispute.stage]
    if not own:
        return talk(case, case.offer("add_entry"))
    last = max(own, key=lambda entry: (entry.recorded_at, entry.pk))
    said = f"Your agency recorded {on_day(last.recorded_at, case.at)}: {last.get_outcome_display().lower()}."
    if last.outcome == EntryOutcome.AGREED:
        return Next("You", "can propose the resolution that you agree on.", said, case.offer("propose"))
    if last.outcome == EntryOutcome.AGAIN:
        when = f" {on_day(last.again_on, case.at)}" if last.again_on else ""
        return Next("You", f"talk again{when}, and record it.", said, case.offer("add_entry"))
    further = case.offer("take_up", "ask_escalation", "send_to_chair")
    if further is None:
        return Next("You", "can talk again, and record it.", said, case.offer("add_entry"))
    where = "send it to the Independent Chair"
    if dispute.stage < 3:
        verb = "take it" if further.move == "take_up" else "ask to take it"
        where = f"{verb} to {stage_name(dispute.stage + 1)}"
    return Next("You", f"can {where}, propose a resolution, or talk again.", said, further)


def acts_beside(case):
    """Whether somebody else of the agency is who acts, though this person may act too."""
    own = next(acting for acting in case.acting if acting.is_yours)
    somebody = own.people and "Nobody is named" not in own.note
    selves = {position.user.pk for position in (case.position, *case.position.as_deputy)}
    return bool(somebody) and not any(person.pk in selves for person in own.people)


# What everybody waits for


def others(case):
    """Whom the dispute waits for, for whoever cannot do anything about it."""
    dispute = case.dispute
    waits = next((each for each in case.withdrawals if each.decided_at is None), None)
    if waits:
        asked = f"{waits.asked_by} asked {on_moment(waits.asked_at, case.at)}."
        return Next("The Independent Chair", "decides whether this dispute may be withdrawn.", asked)
    if case.open_proposal:
        return on_proposal(case, case.open_proposal)
    requests = [request for request in dispute.requests.all() if request.is_open]
    if requests:
        return on_request(case, requests[0])
    if dispute.stage == 4:
        detail = "Until the panel has decided, the leads may still agree."
        if case.is_convened:
            return Next("The Resolution Panel", "decides the next course of action.", detail)
        if case.position.is_(Who.CHAIR):
            return Next("You", "are asked to convene a Resolution Panel.", detail, case.offer("convene"))
        return Next("The Independent Chair", "convenes a Resolution Panel.", detail)
    declined = [r for r in askable_requests(dispute) if r.state == RequestState.DECLINED]
    if declined:
        request = declined[-1]
        asked = f"the request made {on_day(request.asked_at, case.at)}"
        words = f"can go to the safeguarding lead: {asked} was declined."
        return Next(str(request.asked_by), words, "Or there is a new discussion, and the manager is asked again.")
    if not any(entry.stage == dispute.stage for entry in dispute.entries.all()):
        return talk(case)
    acting = next(each for each in case.acting if each.agency.pk == dispute.raising_agency_id)
    who = acting.words
    further = "send it to the Independent Chair" if dispute.stage == 3 else "take it to the next stage"
    words = f"can talk again, propose a resolution, or {further}."
    return Next(who[:1].upper() + who[1:], words, "Any other agency concerned can do so too.")


def on_proposal(case, proposal):
    """Who has still to agree, or until when others may object."""
    waiting = must_agree(case.dispute, proposal) - answered(proposal)
    said = f"{proposal.by}, {proposal.agency}, proposed a resolution {on_moment(proposal.at, case.at)}."
    if waiting:
        who = " and ".join(each.words for each in case.acting if each.agency.pk in waiting)
        verb = "agree or refuse" if " or " in who or " and " in who or who == "you" else "agrees or refuses"
        return Next(who[:1].upper() + who[1:], f"{verb} the proposed resolution.", said)
    if not is_ready_to_settle(case.dispute, proposal, case.at):
        until_then = f"until {moment(proposal.object_by, case.at)} to object."
        return Next("The other agencies concerned", f"have {until_then}", f"{said} All who must agree have agreed.")
    raising = next(each for each in case.acting if each.agency.pk == case.dispute.raising_agency_id)
    who = raising.words
    return Next(who[:1].upper() + who[1:], "can record that it is resolved.", f"{said} All who must agree have agreed.")


def on_request(case, request):
    """Who decides a request, until when, and which way opens then."""
    who = f"A lead of {request.agency}" if request.is_with_lead else f"A manager of {request.agency}"
    asker = "you" if request.asked_by_id == case.position.user.pk else str(request.asked_by)
    asked = f"{asker} asked {on_moment(request.asked_at, case.at)}."
    words = f"decides whether to take it to {stage_name(request.next_stage)}. {asked[:1].upper()}{asked[1:]}"
    return Next(who, words, until(case, request))
