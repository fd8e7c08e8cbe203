"""The trail of a dispute in words: who did what, as what, when, and what stood before and after (R43).

The trail itself holds verbs, ids and times. The texts are those of the rows it names; what changed is read from their
history, where the version that an act made bears the act's time.
"""

from dataclasses import dataclass

from agencies.models import Act, Role
from escalation.models import (
    BoardAct,
    CameToLight,
    CommissioningNote,
    Consultation,
    Conveyance,
    Copy,
    Decision,
    Dispute,
    Entry,
    EscalationRequest,
    Evidence,
    Filing,
    LearningPoint,
    Link,
    Party,
    Proposal,
    ReferredConcern,
    Representative,
    Response,
    Stage,
    StoredFile,
    Withdrawal,
)
from escalation.moments import day
from escalation.sayings import LABELS, SAY, quoted

PAGE = 100
SHOWN = {"": "Everything", "people": "What people did", "changes": "Changes", "decisions": "Decisions"}
CONSEQUENCES = ("entered the stage",)
BY_LINK = "link"  # what the trail has in the place of a person without an account
CHANGES = (
    "changed details",
    "changed statements",
    "changed the view",
    "recorded the death",
    "considered a meeting",
    "named",
    "suggested",
    "added an agency",
    "removed evidence",
)
DECISIONS = (
    "approved the escalation",
    "declined the escalation",
    "took it up",
    "opened the stage unanswered",
    "sent it to the Chair",
    "entered the stage",
    "proposed a resolution",
    "agreed",
    "refused",
    "consented to the withdrawal",
    "refused the withdrawal",
    "signed off the panel’s decision",
    "ended",
)
ROLES = {Role.LEAD: "lead", **{role: Role(role).label for role in Role if role != Role.LEAD}}
# What the history of the dispute shows for each act: all that changed, or what is asked anew at each escalation
SAFETY = ("safety", "safety_detail")
OF_DISPUTE = {
    "changed details": None,
    "changed statements": ("problem", "disagreement", "aim"),
    "recorded the death": ("adult_died_on", "target_stopped", "review_considered"),
    "asked to escalate": SAFETY,
    "took it up": SAFETY,
    "sent it to the Chair": SAFETY,
}
OF_PARTY = {"changed the view": ("view",)}
OF_STAGE = {"considered a meeting": ("mdt", "mdt_on", "mdt_why")}


@dataclass(frozen=True)
class Item:
    """One act as the page shows it."""

    title: str
    at_time: object
    is_machine: bool
    agency: str
    text: str
    changes: tuple = ()


@dataclass(frozen=True)
class Change:
    what: str
    before: str
    after: str


def items(dispute, position, at, *, show="", page=1):
    """A page of acts, the newest first, and whether there are more."""
    acts = Act.objects.filter(thread=dispute.pk).select_related("by", "on_behalf_of", "agency")
    if show == "people":
        acts = acts.exclude(verb__in=CONSEQUENCES).filter(timer__in=("", BY_LINK))
    elif show in ("changes", "decisions"):
        acts = acts.filter(verb__in=CHANGES if show == "changes" else DECISIONS)
    start = (page - 1) * PAGE
    acts = list(acts.order_by("-at", "-pk")[start : start + PAGE + 1])
    shown = acts[:PAGE]
    told = Told(dispute, position, shown, at)
    return [told.item(act) for act in shown], len(acts) > PAGE


class Told:
    """What the rows behind some acts say, read with a statement for each kind of row."""

    ROWS = {
        "entry": Entry.objects.select_related("discussion"),
        "escalationrequest": EscalationRequest.objects.all(),
        "proposal": Proposal.objects.all(),
        "withdrawal": Withdrawal.objects.all(),
        "representative": Representative.objects.select_related("person"),
        "consultation": Consultation.objects.all(),
        "referredconcern": ReferredConcern.objects.all(),
        "stage": Stage.objects.all(),
        "boardact": BoardAct.objects.all(),
        "conveyance": Conveyance.objects.all(),
        "copy": Copy.objects.select_related("agency"),
        "filing": Filing.objects.select_related("filed_by"),
        "evidence": Evidence.objects.all(),
        "learningpoint": LearningPoint.objects.all(),
        "commissioningnote": CommissioningNote.objects.defer("content"),
        "storedfile": StoredFile.objects.all(),
    }

    def __init__(self, dispute, position, acts, at):
        self.dispute, self.position, self.at = dispute, position, at
        self.agencies = {party.pk: party for party in position.parties.values()}
        ids = {}
        for act in acts:
            ids.setdefault(act.subject_type, set()).add(act.subject_id)
        self.rows = {name: rows.in_bulk(ids[name]) for name, rows in self.ROWS.items() if name in ids}
        links = {act.facts.get("link") for act in acts if act.timer == BY_LINK} | ids.get("link", set())
        found = Link.objects.filter(pk__in=links) if links else ()
        self.links = {link.pk: link for link in found and found.select_related("agency", "copy__agency")}
        self.decisions = self.of(Decision, "request", ids.get("escalationrequest"))
        self.responses = self.of(Response, "proposal", ids.get("proposal"))
        self.reasons = dict(Stage.objects.filter(dispute=dispute).values_list("number", "escalation_reason"))
        self.versions = {
            "dispute": self.history(Dispute, acts, OF_DISPUTE, id=dispute.pk),
            "party": self.history(Party, acts, OF_PARTY, dispute_id=dispute.pk),
            "stage": self.history(Stage, acts, OF_STAGE, dispute_id=dispute.pk),
        }

    def of(self, model, subject, ids):
        """Answers by (subject, who gave it)."""
        found = model.objects.filter(**{f"{subject}__in": ids}) if ids else ()
        return {(getattr(row, f"{subject}_id"), giver_of(row)): row for row in found}

    def history(self, model, acts, verbs, **of):
        """The versions of the rows up to the newest of these acts, the oldest first, by row."""
        told = [act.at for act in acts if act.verb in verbs]
        if not told:
            return {}
        found = {}
        versions = model.history.filter(**of, history_date__lte=max(told))
        for version in versions.order_by("-history_date", "-history_id")[: 3 * PAGE]:
            found.setdefault(version.id, []).insert(0, version)
        return found

    def item(self, act):
        """An act as a sentence, with its text and what it changed."""
        link = self.links.get(act.facts.get("link")) if act.timer == BY_LINK else None
        who = f"the timer “{act.timer}”" if act.by is None else str(act.by)
        if link:
            who = f"{link.name}, by link,"
        if act.by and act.on_behalf_of:
            who = f"{act.by} for {act.on_behalf_of}"
        is_machine = (bool(act.timer) and link is None) or act.verb in CONSEQUENCES
        words, text = self.said(act)
        title = words if act.verb in CONSEQUENCES else f"{who} {words}"
        role = ROLES.get(act.role, "")
        agency = ", ".join(filter(None, (str(act.agency) if act.agency else "", role.lower() if act.agency else role)))
        agency = agency or (link.whose if link else "")
        changes = tuple(self.changes(act))
        return Item(title[:1].upper() + title[1:], act.at, is_machine, "" if is_machine else agency, text, changes)

    def said(self, act):
        """What was done, and in whose words why."""
        row = self.rows.get(act.subject_type, {}).get(act.subject_id)
        say = SAY.get(act.verb)
        return say(self, act, row) if say else (act.verb, "")

    def reason(self, act):
        """Why the stage after this act's was entered."""
        return quoted(self.reasons.get(act.facts.get("stage", 0) + 1, ""))

    def changes(self, act):
        """What stood before and after, from the version this act made and the one before it."""
        for name, verbs in (("dispute", OF_DISPUTE), ("party", OF_PARTY), ("stage", OF_STAGE)):
            if act.verb not in verbs:
                continue
            pk = self.dispute.pk if name == "dispute" else act.subject_id
            versions = self.versions[name].get(pk, [])
            after = [v for v in versions if v.history_date == act.at and v.history_user_id == act.by_id]
            before = [v for v in versions if v.history_date < act.at]
            if after and before:
                yield from self.differences(before[-1], after[-1], verbs[act.verb] or LABELS)

    def differences(self, before, after, fields):
        for name in fields:
            if hasattr(after, name) and getattr(before, name) != getattr(after, name):
                yield Change(LABELS[name], self.worded(before, name), self.worded(after, name))

    def worded(self, version, name):
        """The answer of a field as a page shows it."""
        value = getattr(version, name)
        if name == "came_to_light":
            return ", ".join(CameToLight(each).label for each in value if each in CameToLight.values)
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if hasattr(version, f"get_{name}_display"):
            return getattr(version, f"get_{name}_display")()
        if hasattr(value, "year"):
            return day(value, self.at)
        return str(value or "")


def giver_of(row):
    """What tells apart who gave an answer: the person, or the link by which it came."""
    return row.by_id or ("link", getattr(row, "link_id", None))
