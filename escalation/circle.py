"""Who stands round disputes: worked out for many at once, in a constant number of queries, for notices and timers."""

from collections import defaultdict
from functools import partial
from typing import NamedTuple

from django.db.models import BooleanField, Exists, OuterRef, Value

from agencies.models import Cover, Membership, Role, User
from agencies.worded import Worded, numbered
from escalation.models import Party, Representative, Sight, Why

FEW = 8  # agencies, as they stand round one dispute


class Seat(NamedTuple):
    """An agency concerned in a dispute, and its safeguarding contact."""

    dispute_id: int
    agency_id: int
    side: str
    contact_id: int | None


def _seat(party):
    return Seat(party.dispute_id, party.agency_id, party.side, party.agency.safeguarding_contact_id)


class Account:
    """As much of a person as notices need, equal to the person: in place of hundreds whom nobody is told of."""

    __slots__ = ("is_active", "is_away", "pk", "wants_digest")

    def __init__(self, pk, wants_digest, is_away):
        self.pk, self.wants_digest, self.is_away, self.is_active = pk, wants_digest, is_away, True

    def __eq__(self, other):
        return isinstance(other, Account | User) and self.pk == other.pk

    def __hash__(self):
        return hash(self.pk)


def _with_account(memberships, at=None):
    """Who of these has an account, in order, by role; at an instant also whether they are away, else taken for that."""
    away = Exists(Cover.objects.at(at).filter(person=OuterRef("user"))) if at else Value(True, BooleanField())
    people = memberships.with_account().order_by("pk")
    return people.values_list("user_id", "agency_id", "role", "team_id", "user__wants_digest", away)


@partial(Worded, is_prepared=True)
def _members(at=None, **agency_ids):
    return _with_account(Membership.objects.filter(agency__in=agency_ids.values()), at)


@partial(Worded, is_prepared=True)
def _board(at=None):
    return _with_account(Membership.objects.filter(agency=None), at)


class Circle:
    """The people of the agencies concerned in some disputes, and of the Board."""

    def __init__(self, disputes, at=None, parties=None, named=None, besides=None):
        """`parties` and `named` are those of the disputes, where the caller has them; at `at` is known who is away.

        Of the agency `besides`, nobody is told anything.
        """
        self.disputes = {dispute.pk: dispute for dispute in disputes}
        self.at = at
        self.parties, self.contact_of = defaultdict(list), {}
        for party in self._parties() if parties is None else map(_seat, parties):
            self.parties[party.dispute_id].append(party)
            self.contact_of[party.agency_id] = party.contact_id
        if named is None:
            named = Representative.objects.filter(dispute__in=self.disputes, replaced_at=None).order_by()
            named = named.values_list("dispute_id", "agency_id", "stage", "person_id", named=True)
        self.named = {(rep.dispute_id, rep.agency_id, rep.stage): rep.person_id for rep in named}
        self.users, self.roles, self.members = {}, defaultdict(list), defaultdict(set)
        self.team_of, self.managed = defaultdict(set), defaultdict(list)
        self._load([agency_id for agency_id in self.contact_of if agency_id != besides])
        self._has_board = False
        self._teams = None

    def _parties(self):
        columns = ("dispute_id", "agency_id", "side", "agency__safeguarding_contact_id")
        return map(Seat._make, Party.objects.filter(dispute__in=self.disputes).values_list(*columns))

    def _load(self, agency_ids):
        """Everybody with an account in these agencies, or in none for the Board, by agency and role."""
        when = {"at": self.at} if self.at else {}
        if agency_ids is None:
            people = _board(**when)
        elif 0 < len(agency_ids) <= FEW:
            people = _members(**when, **numbered(agency_ids))
        else:
            people = _with_account(Membership.objects.filter(agency__in=agency_ids), **when)
        for user_id, agency_id, role, team_id, wants_digest, is_away in people:
            self.users[user_id] = Account(user_id, wants_digest, is_away)
            self.roles[agency_id, role].append(user_id)
            self.members[agency_id].add(user_id)
            if team_id:
                self.team_of[agency_id, user_id].add(team_id)
            if role == Role.MANAGER:
                self.managed[agency_id].append((user_id, team_id))

    def people(self, ids):
        """The accounts of these ids, each once, in order."""
        return [self.users[pk] for pk in dict.fromkeys(ids) if pk in self.users]

    def known(self, person):
        """The person as read here, where they work for an agency concerned: then it is known whether they are away."""
        return self.users.get(person.pk, person) if person else None

    def board(self, role):
        self._load_board()
        return self.people(self.roles[None, role])

    def _load_board(self):
        if not self._has_board:
            self._load(None)
            self._has_board = True

    def _account(self, person_id):
        """The account of a person of an agency concerned, or of the Board."""
        if person_id not in self.users:
            self._load_board()
        return self.people([person_id])

    def panel(self, dispute):
        """Who sits on the panel of a dispute, of whatever agency."""
        sitting = Sight.objects.filter(dispute=dispute, why=Why.PANEL, until=None)
        return list(User.objects.filter(pk__in=sitting.values("person")))

    def leads(self, agency_id):
        return self.people(self.roles[agency_id, Role.LEAD]) or self.contacts(agency_id)

    def contacts(self, agency_id):
        """The safeguarding contact, by default the leads; where there is nobody, the managers (R50)."""
        contact = self.contact_of.get(agency_id)
        if contact in self.members[agency_id]:
            return self.people([contact])
        return self.people(self.roles[agency_id, Role.LEAD] or self.roles[agency_id, Role.MANAGER])

    def managers(self, dispute_id, agency_id):
        """The managers who see the dispute: of the team's people, or of an agency without teams (R44)."""
        managed = self.managed[agency_id]
        if any(self.team_of[agency_id, person] for person in self.members[agency_id]):
            if self._teams is None:
                self._load_teams()
            ids = [person for person, team in managed if team in self._teams[dispute_id, agency_id]]
        else:
            ids = [person for person, _ in managed]
        return self.people(ids) or self.leads(agency_id)

    def _load_teams(self):
        self._teams = defaultdict(set)
        sights = Sight.objects.filter(dispute__in=self.disputes, until=None).exclude(agency=None)
        for dispute_id, agency_id, person_id in sights.values_list("dispute_id", "agency_id", "person_id"):
            self._teams[dispute_id, agency_id] |= self.team_of[agency_id, person_id]

    def actors(self, dispute, agency_id):
        """Who acts for an agency now: whoever is named, else whoever holds the stage's role (R50: else the contact)."""
        named = self.named.get((dispute.pk, agency_id, min(dispute.stage, 3)))
        if dispute.stage < 4 and named in self.members[agency_id]:
            return self.people([named])
        if dispute.stage == 1:
            if agency_id == dispute.raising_agency_id and dispute.raised_by_id in self.members[agency_id]:
                return self.people([dispute.raised_by_id])
            return self.contacts(agency_id)
        if dispute.stage == 2:
            return self.managers(dispute.pk, agency_id)
        return self.leads(agency_id)

    def all_actors(self, dispute, besides=None):
        """Who acts now, for every agency concerned, or for all but one."""
        ids = [party.agency_id for party in self.parties[dispute.pk] if party.agency_id != besides]
        return [person for agency_id in ids for person in self.actors(dispute, agency_id)]

    def all_contacts(self, dispute, besides=None):
        """The safeguarding contacts of every agency concerned, or of all but one."""
        ids = [party.agency_id for party in self.parties[dispute.pk] if party.agency_id != besides]
        return [person for agency_id in ids for person in self.contacts(agency_id)]

    def all_leads(self, dispute):
        return [person for party in self.parties[dispute.pk] for person in self.leads(party.agency_id)]

    def owners(self, duty):
        """For whom a duty waits: the person, the role in the agency, the safeguarding contact, or the Board."""
        if duty.person_id:
            # Who sits on a panel may be of an agency that is not concerned
            return self._account(duty.person_id) or self.contacts(duty.agency_id) or [duty.person]
        if duty.agency_id is None:
            return self.board(duty.role)
        if duty.role == Role.MANAGER:
            return self.managers(duty.dispute_id, duty.agency_id)
        if duty.role == Role.LEAD:
            return self.leads(duty.agency_id)
        return self.contacts(duty.agency_id)
