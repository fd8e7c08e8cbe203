"""Who stands round disputes: worked out for many at once, in a constant number of queries, for notices and timers."""

from collections import defaultdict

from agencies.models import Membership, Role, User
from escalation.models import Party, Representative, Side, Sight, Why


class Circle:
    """The people of the agencies concerned in some disputes, and of the Board."""

    def __init__(self, disputes):
        self.disputes = {dispute.pk: dispute for dispute in disputes}
        self.parties = defaultdict(list)
        for party in Party.objects.filter(dispute__in=self.disputes).select_related("agency"):
            self.parties[party.dispute_id].append(party)
        self.named = {
            (rep.dispute_id, rep.agency_id, rep.stage): rep
            for rep in Representative.objects.filter(dispute__in=self.disputes, replaced_at=None)
        }
        self.agencies = {party.agency_id: party.agency for parties in self.parties.values() for party in parties}
        self._load_members()
        self._teams = None

    def _load_members(self):
        """Everybody with an account in these agencies, and the Board, by agency and role."""
        self.users, self.roles, self.members = {}, defaultdict(list), defaultdict(set)
        self.team_of, self.managed = defaultdict(set), defaultdict(list)
        people = Membership.objects.with_account().select_related("user").order_by("pk")
        for each in list(people.filter(agency__in=self.agencies)) + list(people.filter(agency=None)):
            self.users[each.user_id] = each.user
            self.roles[each.agency_id, each.role].append(each.user_id)
            self.members[each.agency_id].add(each.user_id)
            if each.team_id:
                self.team_of[each.agency_id, each.user_id].add(each.team_id)
            if each.role == Role.MANAGER:
                self.managed[each.agency_id].append((each.user_id, each.team_id))

    def people(self, ids):
        """The accounts of these ids, each once, in order."""
        return [self.users[pk] for pk in dict.fromkeys(ids) if pk in self.users]

    def board(self, role):
        return self.people(self.roles[None, role])

    def panel(self, dispute):
        """Who sits on the panel of a dispute, of whatever agency."""
        sitting = Sight.objects.filter(dispute=dispute, why=Why.PANEL, until=None)
        return list(User.objects.filter(pk__in=sitting.values("person")))

    def leads(self, agency_id):
        return self.people(self.roles[agency_id, Role.LEAD]) or self.contacts(agency_id)

    def contacts(self, agency_id):
        """The safeguarding contact, by default the leads; where there is nobody, the managers (R50)."""
        contact = self.agencies[agency_id].safeguarding_contact_id if agency_id in self.agencies else None
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
        if dispute.stage < 4 and named and named.person_id in self.members[agency_id]:
            return self.people([named.person_id])
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
            return self.people([duty.person_id]) or self.contacts(duty.agency_id) or [duty.person]
        if duty.agency_id is None:
            return self.board(duty.role)
        if duty.role == Role.MANAGER:
            return self.managers(duty.dispute_id, duty.agency_id)
        if duty.role == Role.LEAD:
            return self.leads(duty.agency_id)
        return self.contacts(duty.agency_id)

    def disputed_agency_id(self, dispute):
        return next(party.agency_id for party in self.parties[dispute.pk] if party.side == Side.DISPUTED)
