"""The passages of a dispute that can be shared with commissioning (R36); nothing is shared here.

A passage is a statement, a view, one paragraph of an entry with its mark (R12), an outcome or an action: what somebody
wrote, as it stands. Its key says where it stands and nothing of what it says. What is shared is frozen as plain data,
and printed from that alone.
"""

import json
from dataclasses import asdict, dataclass

from django.conf import settings

from escalation.appendix_b.parts import iso, person
from escalation.models import Mark, ProposalState, digest_of
from escalation.models.copies import of_link
from escalation.models.record import canonical
from escalation.stages import stage_name

FORM = 1  # the shape of the data, for whoever prints it years later
STATEMENTS = (
    ("problem", "What the problem is"),
    ("disagreement", "What exactly is disagreed about"),
    ("aim", "What is to be achieved"),
    ("impact", "Likely impact on the adult"),
)


@dataclass(frozen=True)
class Passage:
    """Something that was written: under which heading and title, by whom, when, and the words."""

    key: str
    heading: str
    title: str
    text: str
    by: str = ""
    agency: str = ""
    at: str = ""  # in ISO form
    mark: str = ""

    @property
    def group(self):
        """What of the dispute it belongs to: one group of boxes on the page."""
        kind, *more = self.key.split("-")
        if kind == "entry":
            return f"entry_{more[0]}"
        return {"view": "views", "outcome": "ended", "action": "ended"}.get(kind, "about")


def of(dispute):
    """Everything that can be chosen, in the order of the dispute's page."""
    return [passage for part in (statements, views, entries, outcome) for passage in part(dispute) if passage.text]


def in_groups(dispute):
    """The same in groups, each with its name: what it is about, the views, each entry, how it ended."""
    groups = {}
    for passage in of(dispute):
        groups.setdefault(passage.group, []).append(passage)
    return list(groups.items())


def statements(dispute):
    author = {"by": dispute.referrer_name, "agency": dispute.raising_agency.name, "at": iso(dispute.raised_at)}
    for name, title in STATEMENTS:
        yield Passage(name, "What it is about", title, getattr(dispute, name), **author)


def views(dispute):
    for party in dispute.parties.select_related("agency", "view_by", *of_link("view_link")):
        if party.view:
            agency = party.agency.name
            author = {"by": party.view_giver, "agency": agency, "at": iso(party.view_at)}
            yield Passage(f"view-{party.pk}", "What each agency says", f"The view of {agency}", party.view, **author)


def entries(dispute):
    rows = dispute.entries.select_related("author", "agency", "discussion", *of_link("link"))
    for entry in rows.order_by("stage", "discussion__happened_at", "recorded_at", "pk"):
        heading = f"{stage_name(entry.stage).capitalize()}: as recorded by {entry.writer}, {entry.agency}"
        author = {"by": entry.writer, "agency": entry.agency.name, "at": iso(entry.recorded_at)}
        for number, (mark, text) in enumerate(entry.statements, start=1):
            title = f"{Mark(mark).label}, paragraph {number}"
            yield Passage(f"entry-{entry.pk}-{number}", heading, title, text, mark=str(mark), **author)
        outcome = f"Outcome: {entry.get_outcome_display().lower()}"
        yield Passage(f"entry-{entry.pk}-outcome", heading, outcome, entry.outcome_reason, **author)


def outcome(dispute):
    agreed = dispute.proposals.filter(state=ProposalState.AGREED).select_related("by", "agency").first()
    heading = "How it ended"
    if dispute.ended_at:
        title = f"{dispute.get_outcome_display()} at {stage_name(dispute.stage)}"
        yield Passage("outcome", heading, title, dispute.outcome_reason, at=iso(dispute.ended_at))
    if agreed:
        author = {"by": agreed.by.full_name, "agency": agreed.agency.name, "at": iso(agreed.at)}
        yield Passage("outcome-why", heading, "Why it was agreed", agreed.rationale, **author)
        for action in agreed.actions.select_related("agency"):
            title = f"Action for {action.agency}"
            yield Passage(f"action-{action.pk}", heading, title, action.what, agency=action.agency.name)


def chosen(dispute, keys):
    """The passages of these keys that stand on the dispute, in its order."""
    keys = set(keys)
    return [passage for passage in of(dispute) if passage.key in keys]


def mark(found):
    """A mark of passages as they stand, so that it is noticed where one changed after it was looked over."""
    return digest_of(canonical([asdict(passage) for passage in found]))[:16]


def contents(dispute, position, found, *, at, shared_with, contract, reason):
    """What is shared, as plain data: no name of the adult besides what the passages themselves say."""
    who = position.by
    return {
        "form": FORM,
        "board": settings.BOARD_NAME,
        "reference": dispute.reference,
        "at": iso(at),
        "by": person(who.full_name, who.job_title, position.agency.name if position.agency else ""),
        "for": position.covered.full_name if position.covered else "",
        "shared_with": shared_with,
        "contract": contract,
        "reason": reason,
        "passages": [asdict(passage) for passage in found],
    }


def read(note):
    """What a note says, as it was frozen."""
    return json.loads(note.content)


def is_intact(note):
    """Whether what is kept of a note still matches its digest."""
    return digest_of(note.content) == note.digest


def keys_of(note):
    return [passage["key"] for passage in read(note)["passages"]]
