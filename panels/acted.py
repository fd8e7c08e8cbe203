"""Who had a part in a dispute before its panel: a warning where such a one sits, never a bar (R31)."""

from collections import defaultdict

from agencies.models import Membership, Role
from escalation.models import Decision, Entry, EscalationRequest, Representative
from escalation.stages import StageNumber


class Acted:
    """The stages at which people acted on a dispute, by account and, for those without one, by name and agency."""

    def __init__(self, dispute):
        self.by_person, self.by_name = defaultdict(set), defaultdict(set)
        self.by_person[dispute.raised_by_id].add(1)
        for author, stage in Entry.objects.filter(dispute=dispute).values_list("author", "stage"):
            self.by_person[author].add(stage)
        requests = EscalationRequest.objects.filter(dispute=dispute)
        for asker, stage in requests.values_list("asked_by", "stage"):
            self.by_person[asker].add(stage)
        for decider, stage in Decision.objects.filter(request__dispute=dispute).values_list("by", "request__stage"):
            self.by_person[decider].add(stage)
        named = Representative.objects.filter(dispute=dispute, is_suggestion=False)
        for person, name, agency, stage in named.values_list("person", "name", "agency", "stage"):
            if person:
                self.by_person[person].add(stage)
            else:
                self.by_name[folded(name), agency].add(stage)
        self.escalated = set(dispute.stages.exclude(escalated_by=None).values_list("escalated_by", "number"))
        for person, number in self.escalated:
            self.by_person[person].add(number - 1)

    def stages_of(self, person_id=None, name="", agency_id=None):
        """At which stages somebody acted, in order."""
        if person_id:
            return sorted(self.by_person.get(person_id, ()))
        return sorted(self.by_name.get((folded(name), agency_id), ()))

    def words(self, person_id=None, name="", agency_id=None):
        """'acted at stages two and three', or nothing."""
        return words_of(self.stages_of(person_id, name, agency_id))

    def of(self, member):
        """The same for a member of the panel."""
        return self.words(member.person_id, member.name, member.agency_id)


def folded(name):
    return " ".join(name.casefold().split())


def words_of(stages):
    if not stages:
        return ""
    labels = [StageNumber(stage).label for stage in stages]
    return f"acted at stage{'s' if len(labels) > 1 else ''} {listed(labels)}"


def listed(names):
    """'A', 'A and B', 'A, B and C'."""
    names = [str(name) for name in names]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


RANK = {Role.LEAD: 0, Role.MANAGER: 1, Role.PRACTITIONER: 2}


def people_of(agencies):
    """The people with an account by agency: leads first, then managers, then everybody else, each once."""
    found = defaultdict(dict)
    memberships = Membership.objects.with_account().filter(agency__in=agencies).select_related("user")
    for each in sorted(memberships, key=lambda m: (RANK.get(m.role, len(RANK)), m.user.full_name, m.user_id)):
        each.user.rank = RANK.get(each.role, len(RANK))
        found[each.agency_id].setdefault(each.user_id, each.user)
    return {agency_id: list(people.values()) for agency_id, people in found.items()}
