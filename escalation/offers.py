"""The acts that a person may do on a dispute now, each with the page where it is done. Nothing is changed here.

An act is offered exactly where its action would go through: the table of moves and the person's position say who and
at which stage (permissions.py), and READY below says what else an action asks for, such as a time that has come.
"""

from dataclasses import dataclass
from functools import cache, cached_property

from django.urls import reverse

from escalation import filing, readiness, replying, stages
from escalation.models import RequestState
from escalation.moments import on_moment
from escalation.permissions import askable_requests, open_proposal, open_requests, unconfirmed
from escalation.stages import MOVES, Who, stage_name


@dataclass(frozen=True)
class Offer:
    """An act that this person may do now, in words, and the page where it is done."""

    move: str
    title: str
    page: str
    reference: str
    subject: tuple = ()  # (name in the address, id)

    @property
    def key(self):
        """What the page is about; two offers of the same are one."""
        return self.page, self.subject

    @cached_property
    def href(self):
        name, value = self.subject or ("", "")
        return _address(self.page, name).format(self.reference, value)


@cache
def _address(page, subject):
    """The address of a page, with places for the reference and the subject's id."""
    reference, number = "0000-0000", "9876543210"
    about = {subject: number} if subject else {}
    return reverse(page, kwargs={"reference": reference, **about}).replace(reference, "{}").replace(number, "{}")


# Which acts are offered


def offers(position, at):
    """What this person may do on this dispute now, in the order of the table of moves."""
    dispute = position.dispute
    if len(position.seats) > 1:
        return [Offer("choose_agency", "Choose for which agency you act", "choose_agency", dispute.reference)]
    found = {}
    for name in MOVES:
        if not stages.permits(name, dispute.stage, ended=dispute.ended_at is not None):
            continue
        # One's own position first, then those of whoever is covered
        for each in (position, *position.as_deputy):
            for offer in made(name, each, at):
                found.setdefault(offer.key, offer)
    return list(found.values())


def made(name, position, at):
    if name in READY:
        return READY[name](position, at)
    return _if_who(name, position)


def plain(name, position, title, page=None, subject=()):
    return Offer(name, title, page or name, position.dispute.reference, subject)


def _entries(position, at):
    """A discussion of one's own, and the entries still missing of discussions at stages where one acts or acted."""
    dispute = position.dispute
    title = "Add a late entry, outside the sealed record" if dispute.ended_at else "Record a discussion"
    found = [plain("add_entry", position, title)] if position.is_actor else []
    discussions = {entry.discussion_id: entry.discussion for entry in dispute.entries.all()}
    written = {entry.discussion_id for entry in dispute.entries.all() if entry.author_id == position.by.pk}
    own = {entry.discussion_id for entry in dispute.entries.all() if entry.agency_id == position.agency_id}
    for pk, discussion in sorted(discussions.items(), reverse=True):
        if pk in written or not position.is_actor_for(discussion):
            continue
        stage = "" if discussion.stage == dispute.stage else f"{stage_name(discussion.stage)} "
        words = f"the {stage}discussion {on_moment(discussion.happened_at, at)}"
        title = f"Add your own entry for {words}" if pk in own else f"Write your entry for {words}"
        found.append(plain("add_entry", position, title, "add_entry_to", ("discussion_id", pk)))
    return found


def _view(position, at):
    if not position.agency_id:
        return []
    given = position.parties[position.agency_id].view
    return [plain("state_view", position, f"{'Change' if given else 'Give'} your agency’s view")]


def _evidence(position, at):
    if not position.agency_id:
        return []
    title = "Add late evidence, outside the sealed record" if position.dispute.ended_at else MOVES["add_evidence"].title
    return [plain("add_evidence", position, title)]


def _suggestion(position, at):
    dispute = position.dispute
    settled = {agency_id for (agency_id, stage), rep in position.named.items() if stage == 1 and not rep.is_suggestion}
    others = set(position.parties) - settled - {position.agency_id or dispute.raising_agency_id}
    title = MOVES["suggest_representative"].title
    may = position.is_(MOVES["suggest_representative"].who) and others
    return [plain("suggest_representative", position, title)] if may else []


def _amend(position, at):
    if not position.is_actor:
        return []
    sections = {
        "adult": "Change the adult’s details",
        "about": "Change the category and its questions",
        "impact": "Change the impact, urgency or needed-by date",
        "safety": "Change what is keeping the adult safe",
        "views": "Change the adult’s views",
    }
    return [plain("amend", position, title, subject=("section", name)) for name, title in sections.items()]


def _statements(position, at):
    move = MOVES["amend_statements"]
    return (
        [plain(move.name, position, move.title)]
        if position.is_(move.who) and not readiness.statements_stand(position)
        else []
    )


def _death(position, at):
    if not position.agency_id:
        return []
    known = position.dispute.adult_died_on
    title = "Change what is recorded of the death" if known else MOVES["record_death"].title
    return [plain("record_death", position, title)]


def _escalation(position, at):
    if not position.is_actor or readiness.waits_for_answer(position) or readiness.wants_new_entry(position):
        return []
    following = stage_name(position.dispute.stage + 1)
    if position.takes_up_alone:
        return [plain("take_up", position, f"Take it to {following} yourself", "escalate")]
    return [plain("ask_escalation", position, f"Ask to escalate to {following}", "escalate")]


def _decisions(position, at):
    return [
        plain("approve", position, f"Approve or decline: {request}", "decide_request", ("request_id", request.pk))
        for request in open_requests(position.dispute)
        if position.may_decide(request)
    ]


def way_round(request, position, at):
    """Which way round a request is open to whoever asked: "lead", "unanswered" or none (R25)."""
    if not position.is_asker_of(request):
        return ""
    if request.state == RequestState.DECLINED:
        waits = any(r.is_open and r.agency_id == request.agency_id for r in position.dispute.requests.all())
        return "" if waits or request.stage != 1 else "lead"
    if request.is_with_lead:
        return "unanswered" if at >= request.lead_answer_due_at else ""
    return "lead" if at >= request.way_round_at else ""


def _way_round(position, at):
    found = []
    for request in askable_requests(position.dispute):
        way = way_round(request, position, at)
        if way == "lead":
            title = MOVES["take_to_lead"].title
            found.append(plain("take_to_lead", position, title, "go_round", ("request_id", request.pk)))
        elif way:
            title = f"Go on to {stage_name(request.next_stage)}: nobody answered"
            found.append(plain("open_unanswered", position, title, "go_round", ("request_id", request.pk)))
    return found


def _chair(position, at):
    move = MOVES["send_to_chair"]
    may = position.is_(move.who) and readiness.is_attempt_recorded(position.dispute)
    return [plain(move.name, position, move.title)] if may else []


def _proposal(position, at):
    may = position.is_actor and open_proposal(position.dispute) is None
    return [plain("propose", position, MOVES["propose"].title)] if may else []


def _answer(position, at):
    proposal = open_proposal(position.dispute)
    if proposal is None or not position.is_actor_for(proposal) or position.agency_id in readiness.answered(proposal):
        return []
    title = "Agree or refuse the proposed resolution"
    return [plain("agree", position, title, "answer_proposal", ("proposal_id", proposal.pk))]


def _settling(position, at):
    proposal = open_proposal(position.dispute)
    if proposal is None or not position.is_actor_for(proposal):
        return []
    if not readiness.is_ready_to_settle(position.dispute, proposal, at):
        return []
    title = MOVES["settle"].title
    return [plain("settle", position, title, "answer_proposal", ("proposal_id", proposal.pk))]


def _asking_withdrawal(position, at):
    move = MOVES["ask_withdrawal"]
    may = position.is_(move.who) and readiness.open_withdrawal(position.dispute) is None
    return [plain(move.name, position, move.title, "withdraw")] if may else []


def _consent(position, at):
    waits = readiness.open_withdrawal(position.dispute)
    if waits is None or not position.is_(Who.CHAIR):
        return []
    title = "Consent to the withdrawal, or refuse it"
    return [plain("consent_withdrawal", position, title, "decide_withdrawal", ("withdrawal_id", waits.pk))]


def _informing(position, at):
    return [] if readiness.is_chair_informed(position.dispute) else _if_who("inform_chair", position)


def _involvement(position, at):
    dispute = position.dispute
    if dispute.is_open or dispute.is_after_event or readiness.is_involvement_recorded(dispute):
        return []
    return _if_who("record_involvement", position)


def _conveying(position, at):
    if position.dispute.is_open or readiness.is_conveyed(position.dispute):
        return []
    return _if_who("convey", position)


def _learning(position, at):
    if position.dispute.is_open or not position.is_(MOVES["record_learning"].who):
        return []
    is_first = not position.dispute.learning_points.all()
    title = MOVES["record_learning"].title if is_first else "Add another point"
    return [plain("record_learning", position, title)]


def _filing(position, at):
    """For one's own agency; the page of the records offers it for one where nobody has an account."""
    if not position.agency_id or not filing.not_filed(position.dispute, position.agency_id):
        return []
    return [plain("file_record", position, MOVES["file_record"].title)]


def _making_link(position, at):
    sealed = any(stage.ended_at for stage in position.dispute.stages.all())
    return _if_who("make_link", position) if sealed else []


def _asking_reply(position, at):
    move = MOVES["ask_reply"]
    if not position.is_(move.who):
        return []
    return [plain(move.name, position, move.title)] if replying.to_ask(position, at) else []


def _withdrawing_link(position, at):
    return [
        plain("withdraw_link", position, f"Withdraw the link of {link.name}", subject=("link_id", link.pk))
        for link in position.dispute.links.all()
        if link.is_working(at) and position.is_(Who.MAKER, link)
    ]


def _confirming(position, at):
    return [
        plain("confirm_reply", position, f"Confirm the reply of {reply.link.agency}", subject=("reply_id", reply.pk))
        for reply in unconfirmed(position.dispute)
        if position.is_(Who.CONFIRMER, reply)
    ]


def _if_who(name, position):
    move = MOVES[name]
    return [plain(name, position, move.title)] if position.is_(move.who) else []


def _with_another(position, at):
    return []  # stands on the page of the move beside it


READY = {
    "add_entry": _entries,
    "state_view": _view,
    "add_evidence": _evidence,
    "remove_evidence": _with_another,  # beside each item of one's own
    "suggest_representative": _suggestion,
    "amend": _amend,
    "amend_statements": _statements,
    "record_death": _death,
    "ask_escalation": _escalation,
    "take_up": _with_another,
    "approve": _decisions,
    "decline": _with_another,
    "take_to_lead": _way_round,
    "open_unanswered": _with_another,
    "send_to_chair": _chair,
    "propose": _proposal,
    "agree": _answer,
    "refuse": _with_another,
    "settle": _settling,
    "ask_withdrawal": _asking_withdrawal,
    "consent_withdrawal": _consent,
    "refuse_withdrawal": _with_another,
    "decide": _with_another,  # on the pages of the panel
    "inform_chair": _informing,
    "record_involvement": _involvement,
    "convey": _conveying,
    "file_record": _filing,
    "record_learning": _learning,
    "make_link": _making_link,
    "ask_reply": _asking_reply,
    "withdraw_link": _withdrawing_link,
    "confirm_reply": _confirming,
}
