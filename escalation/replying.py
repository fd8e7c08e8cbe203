"""What an agency without accounts may answer by a link now: its view, an entry, a proposal, its actions."""

from dataclasses import dataclass

from escalation.filing import without_accounts
from escalation.models import ProposalState
from escalation.permissions import open_proposal
from escalation.readiness import answered


@dataclass(frozen=True)
class Asked:
    """What is still to be answered for an agency; None or False for what is not."""

    view: bool
    discussion: object
    proposal: object
    reported: object  # the proposal of which the agency has actions
    actions: tuple

    @property
    def is_nothing(self):
        return not (self.view or self.discussion or self.proposal or self.actions)

    @property
    def mark(self):
        """What the page showed, in short: another mark means that the dispute has moved on."""
        rows = (self.discussion, self.proposal, self.reported)
        return "-".join([str(int(self.view)), *(str(row.pk) if row else "0" for row in rows)])


def asked(position):
    """What is still to be answered for the agency at this position."""
    dispute, agency_id = position.dispute, position.agency_id
    written = {entry.discussion_id for entry in dispute.entries.all() if entry.agency_id == agency_id}
    held = [each for each in dispute.discussions.all() if each.was_held and each.pk not in written]
    proposal = open_proposal(dispute) if dispute.is_open else None
    if proposal and agency_id in answered(proposal):
        proposal = None
    reported, actions = _actions(dispute, agency_id)
    return Asked(
        view=dispute.is_open and not position.parties[agency_id].view,
        discussion=max(held, key=lambda each: (each.stage, each.happened_at, each.pk), default=None),
        proposal=proposal,
        reported=reported,
        actions=actions,
    )


def to_ask(position, at):
    """The other agencies concerned in which nobody has an account, and which have no working link yet."""
    asked = {link.agency_id for link in position.dispute.links.all() if link.is_working(at)}
    others = {pk for pk in position.parties if pk != position.agency_id and pk not in asked} - position.peopled
    nobody = without_accounts(others) if others else ()
    return [position.parties[pk].agency for pk in position.parties if pk in nobody]


def _actions(dispute, agency_id):
    """The actions of an agency under what is proposed or agreed, and of which proposal they are."""
    standing = [p for p in dispute.proposals.all() if p.state in (ProposalState.OPEN, ProposalState.AGREED)]
    for proposal in reversed(standing):
        actions = tuple(action for action in proposal.actions.all() if action.agency_id == agency_id)
        if actions:
            return proposal, actions
    return None, ()
