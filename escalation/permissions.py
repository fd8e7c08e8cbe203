"""Who may do what, for one person and one dispute (rules of the table in stages.py made concrete).

`visible_to` comes first: to whoever is not concerned a dispute does not exist. These rules then tell "may see" from
"may do" (403), and "may do" from "too late" (409), each with a plain sentence.
"""

from django.utils import timezone
from django.utils.functional import cached_property

from agencies.models import Membership, Role, Standing, User
from escalation import stages
from escalation.models import RequestState, Side
from escalation.moments import moment
from escalation.stages import MOVES, Who, stage_name


class Refused(Exception):
    """A move was not made; the text is a sentence for whoever tried."""


class NotPermitted(Refused):
    """The person may see the dispute but not do this (403)."""


class Conflict(Refused):
    """The dispute stands elsewhere by now, or somebody was quicker (409)."""


class Position:
    """Where one person stands in one dispute: for which agency, with which roles, and whether acting now."""

    link = None  # by which somebody without an account acts (ByLink)
    peopled = frozenset()  # the agencies of which it is known that somebody has an account

    def __init__(self, user, dispute, at=None, deputy=None):
        """Where `user` stands; `deputy` is who acts for them, if somebody does. Cover counts at `at`, or now."""
        self.user = user
        self.by = deputy or user
        self.at = at or timezone.now()
        self.dispute = dispute
        self.standing = user.standing
        self.parties = {party.agency_id: party for party in dispute.parties.all()}
        self.named = {
            (rep.agency_id, rep.stage): rep for rep in dispute.representatives.all() if rep.replaced_at is None
        }
        self._somebody = {}
        self._still_there = None
        self.seats = self._seats()
        self.agency_id = self.seats[0] if len(self.seats) == 1 else None
        self.roles = self.standing.roles_in(self.agency_id) if self.agency_id else set()

    @property
    def covered(self):
        """The person acted for, where a deputy acts."""
        return self.user if self.by != self.user else None

    @cached_property
    def as_deputy(self):
        """Where those stand whom the person covers now."""
        if self.covered:
            return []
        found = [Position(person, self.dispute, self.at, deputy=self.user) for person in self.user.covered(self.at)]
        # Whoever has acted for one agency does not act for another as a deputy
        acted = {p.agency_id for p in self.dispute.participants.all() if p.person_id == self.user.pk} if found else ()
        return [each for each in found if not acted or each.agency_id is None or each.agency_id in acted]

    @property
    def stands_in_for(self):
        """Whom the person covers who could act here: for an agency concerned, or for the Board."""
        board = (Who.CHAIR, Who.BOARD_MANAGER)
        return [each.user for each in self.as_deputy if each.agency_id or any(each._is(who, None) for who in board)]

    def _seats(self):
        """The agencies the person could act for: one, once it is fixed or plain."""
        possible = [agency_id for agency_id in self.parties if agency_id in self.standing.agencies]
        if not possible:
            return possible
        # Whoever has acted for one agency, and works for another by now, does not change sides
        fixed = [p.agency_id for p in self.dispute.participants.all() if p.person_id == self.user.pk]
        return [agency_id for agency_id in possible if agency_id in fixed] if fixed else possible

    @property
    def agency(self):
        return self.parties[self.agency_id].agency if self.agency_id else None

    @property
    def is_raiser(self):
        return self.dispute.raised_by_id == self.user.pk

    @property
    def is_for_raising_agency(self):
        return self.agency_id == self.dispute.raising_agency_id

    @property
    def is_contact(self):
        agency = self.agency
        return bool(agency) and agency.safeguarding_contact_id == self.user.pk

    @property
    def is_lead(self):
        """A lead, or the safeguarding contact of an agency that has no lead (R50)."""
        if Role.LEAD in self.roles:
            return True
        return self.is_contact and not self._agency_has(Role.LEAD)

    def _agency_has(self, role):
        """Whether the person's agency has anyone in this role; asked once."""
        if role not in self._somebody:
            self._somebody[role] = has_somebody(self.agency_id, role)
        return self._somebody[role]

    @property
    def is_manager(self):
        return Role.MANAGER in self.roles

    @property
    def role(self):
        """The role in which the person acts here, for the trail: the highest held."""
        if not self.agency_id and self.standing.is_chair:
            return Role.CHAIR
        return self.standing.highest_role(self.agency_id)

    def is_actor_at(self, stage):
        """Whether the person acts at this stage: named, or holding its role while nobody is named."""
        if not self.agency_id:
            return False
        if stage == 4:
            return self.acts_as_lead
        if stage == 1 and self.is_raiser and self.is_for_raising_agency:
            return True
        named = self.named.get((self.agency_id, stage))
        if named and named.person_id == self.user.pk:
            return True
        if named and not named.is_suggestion and self.is_still_there(named):
            return False
        if stage == 1:
            return bool(self.roles)
        if stage == 2:
            return self.is_manager or (self.is_lead and not self._agency_has(Role.MANAGER))
        return self.is_lead

    def is_still_there(self, named):
        """Whether who was named still works for the agency, with an account; else its role-holders act again (R50)."""
        if named.person_id is None:
            return False
        if self._still_there is None:
            people = [rep.person_id for rep in self.named.values() if rep.person_id]
            there = Membership.objects.with_account().filter(user__in=people, agency__in=self.parties)
            self._still_there = set(there.values_list("user_id", "agency_id"))
        return (named.person_id, named.agency_id) in self._still_there

    def know(self, memberships):
        """Spare the position its own questions: all managers and leads of the agencies, and whoever is named."""
        for each in self.as_deputy:
            each.know(memberships)
        self._still_there = {(membership.user_id, membership.agency_id) for membership in memberships}
        self.peopled = frozenset(membership.agency_id for membership in memberships)
        roles = {membership.role for membership in memberships if membership.agency_id == self.agency_id}
        self._somebody = {role: role in roles for role in (Role.MANAGER, Role.LEAD)}

    @property
    def acts_as_lead(self):
        """A lead, or who was named to act for the agency at stage three, senior manager to senior manager (R26)."""
        named = self.named.get((self.agency_id, 3))
        return self.is_lead or bool(named and named.person_id == self.user.pk)

    @property
    def is_actor(self):
        return self.is_actor_at(self.dispute.stage)

    def is_actor_for(self, subject):
        """Whether the person acts now, or acted at the stage of the discussion, request or proposal in question."""
        return self.is_actor or (subject is not None and self.is_actor_at(subject.stage))

    @property
    def takes_up_alone(self):
        """A manager who acts at stage one, and a lead at stage two, need not ask."""
        if not self.is_actor:
            return False
        return self.is_lead or (self.dispute.stage == 1 and self.is_manager)

    def may_decide(self, request):
        """Whether an open request waits for this person: never one's own, never twice."""
        return request.is_open and self.could_decide(request)

    def could_decide(self, request):
        """The same, or that it waited for this person, who was too late."""
        # Nobody decides a request of their own, nor as deputy, nor lets a deputy decide it
        selves = {self.user.pk, self.by.pk}
        if request.agency_id != self.agency_id or request.askers & selves:
            return False
        decisions = request.decisions.all() if request.is_open else ()
        decided = {pk for decision in decisions for pk in decision.deciders}
        if decided & selves:
            return False
        if request.is_with_lead and self.is_lead:
            return True
        # A manager may still answer what went to the leads, until the first of all has decided
        return request.stage == 1 and request.after_id is None and self.is_manager and not decided

    def is_asker_of(self, request):
        if request.agency_id != self.agency_id:
            return False
        return request.asked_by_id == self.user.pk or self.is_actor_for(request)

    def is_(self, who, subject=None):
        """Whether the person, or somebody covered, is what a move asks for; `subject` is what it is about."""
        return self.for_(who, subject) is not None

    def for_(self, who, subject=None):
        """The position in which the move may be made: one's own first, else that of somebody covered, else None."""
        return next((each for each in (self, *self.as_deputy) if each._is(who, subject)), None)

    def _is(self, who, subject):
        match who:
            case Who.ACTOR:
                return self.is_actor_for(subject)
            case Who.RAISING_ACTOR:
                return self.is_actor and self.is_for_raising_agency
            case Who.RAISER:
                if self.is_for_raising_agency:
                    return self.is_raiser or (self.entered_from_outside and self.is_actor)
                # Entered for somebody else (R45), unless against one's own agency
                return self.is_raiser and self.entered_from_outside and not self.seats
            case Who.OWNER:
                if self.dispute.stage == 1:
                    return self._is(Who.RAISER, subject)
                return self.is_actor and self.is_for_raising_agency
            case Who.PARTY:
                return self.agency_id is not None
            case Who.ADDER:
                return subject is not None and subject.agency_id == self.agency_id
            case Who.NAMER:
                return self.is_manager or self.is_lead
            case Who.MANAGER_ACTOR:
                return self.takes_up_alone
            case Who.APPROVER:
                return any(self.could_decide(r) for r in ([subject] if subject else open_requests(self.dispute)))
            case Who.ASKER:
                return any(self.is_asker_of(r) for r in ([subject] if subject else askable_requests(self.dispute)))
            case Who.LEAD:
                return self.acts_as_lead
            case Who.CHAIR:
                return self.standing.is_chair and self._is_not_concerned
            case Who.BOARD_MANAGER:
                return self.standing.is_board_manager and self._is_not_concerned
            case Who.SHARER:
                return self.is_manager or self.is_lead or self._is(Who.BOARD_MANAGER, subject)
            case Who.LEARNER:
                board = (Who.BOARD_MANAGER, Who.CHAIR)
                return self.agency_id is not None or any(self._is(who, subject) for who in board)
            case Who.MAKER:
                return subject is not None and self.agency_id == subject.made_for_id
            case Who.CONFIRMER:
                replies = [subject] if subject else unconfirmed(self.dispute)
                of_agency = any(self.agency_id and self.agency_id == reply.link.agency_id for reply in replies)
                return of_agency or self._is(Who.BOARD_MANAGER, subject)
            case Who.CONVEYOR:
                of_raising_agency = self.is_for_raising_agency and (self.is_actor or self.is_raiser)
                return of_raising_agency or self._is(Who.BOARD_MANAGER, subject)
        return False

    @property
    def _is_not_concerned(self):
        """For the Board acts nobody whose own agency is concerned, as deputy either."""
        return self.covered is None or not any(pk in self.parties for pk in self.by.standing.agencies)

    @property
    def entered_from_outside(self):
        """Entered for somebody of an agency to which the person who entered it does not belong (R45)."""
        return bool(self.dispute.for_name) and not any(
            p.person_id == self.dispute.raised_by_id and p.agency_id == self.dispute.raising_agency_id
            for p in self.dispute.participants.all()
        )


class ByLink(Position):
    """Where the person of a reply link stands: for one agency, without an account and without a role."""

    def __init__(self, link, dispute, at):
        self.link, self.dispute, self.at = link, dispute, at
        self.user = self.by = None
        self.standing = Standing([])
        self.parties = {party.agency_id: party for party in dispute.parties.all()}
        self.named = {
            (rep.agency_id, rep.stage): rep for rep in dispute.representatives.all() if rep.replaced_at is None
        }
        self._somebody, self._still_there, self.as_deputy = {}, None, []
        self.seats, self.agency_id, self.roles = [link.agency_id], link.agency_id, set()


def unconfirmed(dispute):
    """What was given by a link, and nobody has confirmed yet."""
    replies = (getattr(link, "reply", None) for link in dispute.links.all())
    return [reply for reply in replies if reply and reply.confirmed_at is None]


def has_somebody(agency_id, role, besides=None):
    """Whether an agency has anyone, with an account, in this role."""
    people = Membership.objects.with_account().filter(agency=agency_id, role=role)
    return people.exclude(user=besides).exists() if besides else people.exists()


def works_for(person, agency):
    """Whether somebody holds a role in an agency at present, with an account."""
    return Membership.objects.with_account().filter(user=person, agency=agency).exists()


def leads_of(agency_id):
    """The people with an account who are leads of an agency."""
    return User.objects.filter(
        is_active=True, memberships__agency=agency_id, memberships__role=Role.LEAD, memberships__ended_at=None
    )


def open_requests(dispute):
    return [request for request in dispute.requests.all() if request.state == RequestState.OPEN]


def askable_requests(dispute):
    """Requests of the present stage that are open, or were declined by a manager and not taken further."""
    requests = [request for request in dispute.requests.all() if request.stage == dispute.stage]
    taken_further = {request.after_id for request in requests}
    return [
        request
        for request in requests
        if request.state == RequestState.OPEN
        or (request.state == RequestState.DECLINED and not request.is_with_lead and request.pk not in taken_further)
    ]


def open_proposal(dispute):
    """The proposal that waits for agreement, or None."""
    return next((proposal for proposal in dispute.proposals.all() if proposal.is_open), None)


def must_agree(dispute, proposal):
    """Ids of the agencies without whose agreement a proposal does not stand."""
    needed = {party.agency_id for party in dispute.parties.all() if party.side in (Side.RAISING, Side.DISPUTED)}
    return needed | {action.agency_id for action in proposal.actions.all()}


def check(user, name, dispute, subject=None, seen_stage=None, at=None):
    """Refuse a move that the table does not permit now (409) or not to this person (403); else the position."""
    if dispute.ended_at and not MOVES[name].after_end:
        raise Conflict(
            f"This dispute ended on {moment(dispute.ended_at)} ({dispute.get_outcome_display().lower()}). "
            "It is not opened again: raise a new dispute that refers to it."
        )
    if seen_stage and int(seen_stage) != dispute.stage:
        raise Conflict(f"This dispute moved to {stage_name(dispute.stage)} meanwhile. Nothing was changed by you.")
    if not stages.permits(name, dispute.stage, ended=dispute.ended_at is not None):
        raise Conflict(f"This cannot be done at {stage_name(dispute.stage)}, where the dispute stands now.")
    position = Position(user, dispute, at)
    allowed = position.for_(MOVES[name].who, subject)
    if allowed is None:
        raise NotPermitted(refusal(name, position))
    return allowed


def refusal(name, position):
    """One plain sentence on why this person may not make this move."""
    who = MOVES[name].who
    if len(position.seats) > 1 and position.agency_id is None:
        return "You belong to more than one agency concerned. Choose first for which of them you act."
    if who == Who.APPROVER:
        return "A request is decided by a manager or lead of the agency that asks, and never by the person who asked."
    return f"This can be done by {who.label}."


def can(user, name, dispute, subject=None):
    """Whether a person may make a move now."""
    try:
        check(user, name, dispute, subject)
    except Refused:
        return False
    return True
