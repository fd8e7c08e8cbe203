"""Disputes and duties as lists show them: a line each, in words, with a fixed number of statements however many."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, CharField, F, Q, Value, When

from agencies.models import Role
from agencies.worded import Worded, numbered, padded
from escalation import deadlines
from escalation.case import clock_of
from escalation.filters import EVERYTHING, letting_through
from escalation.models import (
    Category,
    Discussion,
    Dispute,
    Duty,
    DutyKind,
    EscalationRequest,
    Party,
    Proposal,
    RequestState,
    Side,
    Urgency,
    Withdrawal,
)
from escalation.models.dispute import Scope
from escalation.models.duty import which_of
from escalation.moments import moment, on_day, on_moment, waited
from escalation.paging import OPEN_FIRST, Paged, Question, narrowed
from escalation.stages import Outcome, StageNumber, stage_name

MOST_WAITS, MOST_READ = 200, 1000
HOLDERS = {
    Role.PRACTITIONER: "somebody",
    Role.MANAGER: "a manager",
    Role.LEAD: "a lead",
    Role.CHAIR: "the Independent Chair",
    Role.BOARD_MANAGER: "the Board Manager",
}
# Of several things that wait on a dispute, those of the first group present are what it waits for
WAITED_FOR = (
    {DutyKind.CONSENT, DutyKind.APPROVE, DutyKind.ANSWER_PROPOSAL, DutyKind.SETTLE, DutyKind.GO_ROUND},
    {
        DutyKind.ACT,
        DutyKind.ANSWER_DISPUTE,
        DutyKind.NAME_SOMEBODY,
        DutyKind.CONVENE,
        DutyKind.PANEL_SITTING,
        DutyKind.PANEL_ARRANGE,
        DutyKind.PANEL_SIGN_OFF,
    },
    {DutyKind.WRITE_ENTRY},
    {DutyKind.GIVE_VIEW},
)
KINDS = sorted(set().union(*WAITED_FOR))


# Disputes

# What a line of a list shows, and nothing else: whole disputes hold long texts
SHOWN = (
    "pk", "reference", "adult_name", "is_after_event", "stage", "category", "urgency", "raised_at", "target_at",
    "target_stopped", "needed_by_on", "ended_at", "outcome", "raising_name",
)  # fmt: skip


class Around(NamedTuple):
    """An agency concerned in a dispute, its side for a kind, or something that waits, with the names of for whom."""

    pk: int
    dispute_id: int
    kind: str
    role: str
    agency_id: int | None
    agency: str | None
    person_id: int | None
    person: str | None
    stood_at: object


@dataclass(frozen=True)
class Row:
    """A dispute in a list."""

    dispute: object
    clock: object
    others: list
    waits_for: str

    @property
    def adult(self):
        return self.dispute.adult_name

    @property
    def raising(self):
        return self.dispute.raising_name

    @property
    def agencies(self):
        """'Adult Social Care with Rother Valley Hospital, Police'."""
        return f"{self.raising} with {', '.join(self.others)}"

    @property
    def stage(self):
        return STAGES[self.dispute.stage]

    @property
    def category(self):
        return CATEGORIES.get(self.dispute.category, "")

    @property
    def outcome(self):
        return OUTCOMES.get(self.dispute.outcome, "")

    @property
    def urgency(self):
        return "" if self.dispute.ended_at else URGENCIES.get(self.dispute.urgency, "")


STAGES = {number: label.capitalize() for number, label in StageNumber.choices}
CATEGORIES, OUTCOMES = dict(Category.choices), dict(Outcome.choices)
URGENCIES = {Urgency.URGENT: "Urgent", Urgency.SOON: "Soon"}


def named(disputes):
    """Disputes with the name of the agency that raised each."""
    return disputes.annotate(raising_name=F("raising_agency__name"))


def shown(disputes, *more):
    """What lines show of disputes, and no more; `more` are names of what is annotated besides."""
    return named(disputes).values_list(*SHOWN, *more, named=True)


def paged(user, at, parts=OPEN_FIRST, wanted=EVERYTHING):
    """The disputes this person may see that are wanted."""
    if question := question_of(user, at, wanted):
        return Paged(None, parts, question=question)
    condition = letting_through(wanted.key, at, wanted.values)
    return Paged([each.filter(condition) for each in Dispute.objects.visible_apart(user, at)], parts, shown)


def question_of(user, at, wanted):
    """What asks for all that a person may see and wants: the same for all who see by as many reasons.

    None for a deputy, whose question is their own.
    """
    if not user.is_active or user.covered(at) or not user.standing.memberships:
        return None
    scope = Scope.of(user)
    return Question(_all_seen, (scope.shape, wanted.key), {"at": at, **scope.ids, **wanted.values})


def _all_seen(key, at, **values):
    shape, filters = key
    ids = [value for name, value in values.items() if name.startswith("id_")]
    condition = letting_through(filters, at, values)
    return [narrowed(each, condition) for each in Dispute.objects.apart_in(Scope.made(shape, ids), at)], shown


def lines(disputes, user, at):
    """Disputes as lines, with one more statement for all of them; without a user nobody is "you"."""
    others, waiting = around(disputes, user, at)
    return [
        Row(dispute, clock_of(dispute, at), others[dispute.pk], waits_for(dispute, waiting[dispute.pk]))
        for dispute in disputes
    ]


def around(disputes, user, at):
    """By dispute, in one statement: the names of the other agencies, and what waits on it, each with for whom."""
    others, waiting = defaultdict(list), defaultdict(list)
    if not disputes:
        return others, waiting
    found = [Around(*row) for row in _around(at=at, **numbered(padded(dispute.pk for dispute in disputes)))]
    for row in sorted((row for row in found if row.kind in SIDES), key=attrgetter("stood_at", "pk")):
        others[row.dispute_id].append(row.agency)
    duties = sorted((row for row in found if row.kind not in SIDES), key=attrgetter("pk"))
    mine = which_of(duties, user, at) if user and duties else ()
    for row in duties:
        waiting[row.dispute_id].append((row.kind, "you" if row.pk in mine else owner(row)))
    return others, waiting


@partial(Worded, is_prepared=True)
def _around(at, **ids):
    ids, nobody, blank = list(ids.values()), Value(None, BigIntegerField()), Value("", CharField())
    parties = Party.objects.filter(dispute__in=ids).exclude(side=Side.RAISING).order_by()
    parties = parties.annotate(kind=F("side"), role=blank, whom_id=nobody, whom=blank)
    duties = Duty.objects.waiting(at).filter(dispute__in=ids, kind__in=KINDS)
    duties = duties.annotate(whom_id=F("person"), whom=F("person__full_name"))
    return parties.values_list(*COLUMNS, "added_at").union(duties.values_list(*COLUMNS, "since"), all=True)


COLUMNS = ("pk", "dispute_id", "kind", "role", "agency_id", "agency__name", "whom_id", "whom")
SIDES = frozenset(Side.values)  # no kind of duty is called like one


def between(dispute):
    """'Adult Social Care with Rother Valley Hospital, Police', of a dispute read with its parties."""
    others = [str(party.agency) for party in dispute.parties.all() if party.side != Side.RAISING]
    return f"{dispute.raising_agency} with {', '.join(others)}"


def waits_for(dispute, waiting):
    """Whom the dispute waits for: a person, or whoever holds a role."""
    if dispute.ended_at:
        return ""
    for kinds in WAITED_FOR:
        owners = list(dict.fromkeys(name for kind, name in waiting if kind in kinds))
        if owners:
            owners.sort(key=lambda name: name != "you")
            words = owners[0] if len(owners) == 1 else f"{owners[0]} and {owners[1]}"
            if len(owners) > 2:
                words = f"{owners[0]}, {owners[1]} and others"
            return words[:1].upper() + words[1:]
    return "The Resolution Panel" if dispute.stage == StageNumber.FOUR else dispute.raising_name


def owner(duty):
    """Whom a duty waits for, in words."""
    if duty.person:
        return f"{duty.person} ({duty.agency})" if duty.agency else duty.person
    holder = HOLDERS.get(duty.role, "")
    if not duty.agency:
        return holder
    return f"{holder} of {duty.agency}" if holder else duty.agency


# What waits for one person


@dataclass(frozen=True)
class Wait:
    """Something that waits for a person: what is to be done, about whom, since when, until when."""

    href: str
    title: str
    about: str
    since: str
    due: str
    is_overdue: bool
    clock: object


def foremost(user, at, most=MOST_WAITS):
    """What waits for this person: the most urgent, and where there is room what waits after an end. A bounded number.

    Of the latter there may be very much, for whoever answers for many disputes: it is not put in an order to be chosen.
    """
    waiting = Duty.objects.waiting(at).only(*OF_A_WAIT)
    first, *others = [seen.open().values("pk") for seen in Dispute.objects.visible_apart(user, at)] or [
        Dispute.objects.none()
    ]
    still_open = first.union(*others, all=True) if others else first
    found = most_urgent(waiting.owned(user, at, of_few=True).filter(dispute__in=still_open), at, most)
    if room := most - len(found):
        some = Duty.objects.waiting(at).owned(user, at).order_by().values("pk")[:MOST_READ]
        ended = waiting.owned(user, at, of_few=True).filter(
            pk__in=some, dispute__in=Dispute.objects.visible_to(user, at).ended().values("pk")
        )
        found += ended.select_related("dispute", "agency").order_by("pk")[:room]
    return found


# What a wait shows of a duty and its dispute
OF_A_WAIT = (
    "kind", "address", "since", "due_at", "subject_id", "person__full_name", "agency__name",
    *(
        f"dispute__{name}"
        for name in (
            "reference", "adult_name", "stage", "urgency", "raised_at", "target_at", "target_stopped", "needed_by_on",
            "ended_at",
        )
    ),
)  # fmt: skip


def most_urgent(duties, at, most=MOST_WAITS):
    """Overdue first, then the urgent, then the nearest target; what waits after an end last. A bounded number."""
    found = duties.select_related("dispute", "agency").order_by(*most_urgent_first(at))
    return sorted(found[:most], key=lambda duty: (*pressing(duty, at), duty.pk))


def most_urgent_first(at):
    """The same order for the database, as near as it can tell."""
    ended = Case(When(dispute__ended_at=None, then=Value(0)), default=Value(1))
    overdue = Case(When(due_at__lt=at, then=Value(0)), default=Value(1))
    urgent = Case(When(Q(dispute__urgency=Urgency.URGENT), then=Value(0)), default=Value(1))
    return ended, overdue, urgent, "dispute__target_at", "pk"


def pressing(duty, at):
    dispute = duty.dispute
    is_overdue = duty.due_at is not None and duty.due_at < at
    due_at = deadlines.due_at(dispute.target_at, dispute.needed_by_on)
    return (dispute.ended_at is not None, not is_overdue, not dispute.is_urgent, due_at)


def waits(duties, at):
    """The duties as lines, with one more statement for each kind of thing they are about."""
    subjects = {kind: about(rows, duties, kind) for kind, rows in ABOUT.items()}
    return [wait(duty, subjects.get(duty.kind, {}).get(duty.subject_id), at) for duty in duties]


ABOUT = {
    DutyKind.APPROVE: EscalationRequest.objects.select_related("asked_by"),
    DutyKind.GO_ROUND: EscalationRequest.objects.all(),
    DutyKind.WRITE_ENTRY: Discussion.objects.all(),
    DutyKind.ANSWER_PROPOSAL: Proposal.objects.select_related("by"),
    DutyKind.CONSENT: Withdrawal.objects.select_related("asked_by"),
}


def about(rows, duties, kind):
    ids = {duty.subject_id for duty in duties if duty.kind == kind}
    return rows.in_bulk(ids) if ids else {}


def wait(duty, subject, at):
    """One duty in words."""
    dispute = duty.dispute
    is_overdue = duty.due_at is not None and duty.due_at < at
    title, detail = said(duty, subject, at)
    clock = clock_of(dispute, at)
    place = f"{stage_name(dispute.stage).capitalize()}, {dispute.between}."
    since = f"{dispute.reference}. Waiting {waited(duty.since, at)}."
    what = "Filing" if duty.kind == DutyKind.FILE else "Answer"
    if duty.due_at:
        since += (
            f" {what} was due {on_moment(duty.due_at, at)}." if is_overdue else f" {what} by {moment(duty.due_at, at)}."
        )
    due = "Urgent. " if dispute.is_urgent else ""
    due += f"Target {moment(dispute.target_at, at)}" if clock.target_at and not dispute.ended_at else ""
    # What waits for somebody covered says so
    as_deputy = "" if getattr(duty, "is_own", True) else f"For {duty.person}." if duty.person else "As deputy."
    parts = (as_deputy, f"{dispute.adult_name}.", detail, place)
    return Wait(duty.address, title, " ".join(filter(None, parts)), since, due.strip(), is_overdue, clock)


def said(duty, subject, at):
    """The title of a duty, and who or what is behind it."""
    following = stage_name(min(duty.dispute.stage + 1, 4))
    if subject is None:
        titles = {
            DutyKind.GIVE_VIEW: f"Give the view of {duty.agency}",
            DutyKind.NAME_SOMEBODY: f"Name who acts for {duty.agency}",
        }
        return titles.get(duty.kind, duty.title), ""
    match duty.kind:
        case DutyKind.APPROVE:
            return f"Approve or decline: take it to {following}", f"Asked by {subject.asked_by}."
        case DutyKind.GO_ROUND if subject.state == RequestState.DECLINED:
            return "You can now go to the safeguarding lead: your request was declined", ""
        case DutyKind.GO_ROUND if subject.is_with_lead:
            return f"You can now go on to {following}: nobody has answered your request", ""
        case DutyKind.GO_ROUND:
            return "You can now go to the safeguarding lead: your request has not been answered", ""
        case DutyKind.WRITE_ENTRY:
            return f"Write your entry for the discussion {on_day(subject.happened_at, at)}", ""
        case DutyKind.ANSWER_PROPOSAL:
            return "Agree or refuse the proposed resolution", f"Proposed by {subject.by}."
        case DutyKind.CONSENT:
            return duty.title, f"Asked by {subject.asked_by}."
    return duty.title, ""
