"""Who may do what with a panel, and while it lasts: one table of acts beside the moves of a dispute.

The dispute's door comes first: to whoever may not see the dispute its panel does not exist. Who is Chair, who stands in
for the Chair and who acts for an agency is settled in `escalation.permissions`; a member is somebody who sits, or who
stands in for such a one while that person is away.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db import models

from escalation.moments import moment
from escalation.permissions import Conflict, NotPermitted, Position
from escalation.stages import Who


class Of(models.TextChoices):
    """Who may make an act; what is meant by each is settled by Place."""

    CHAIR = "chair", "the Independent Chair"
    MEMBER = "member", "whoever sits on the panel"
    BOARD = "board", "the Independent Chair or the Board Manager"
    PARTY = "party", "a lead of an agency concerned"
    INVITED = "invited", "a lead of the agency that is invited; for the referrer, by the person who raised it"
    DOER = "doer", "whoever the action names, a lead of its agency, the Independent Chair or the Board Manager"


class While(models.TextChoices):
    """While what an act may be made."""

    OPEN = "open", "the dispute has not ended"
    DECIDED = "decided", "the panel’s decision is signed off"
    EVER = "ever", "the panel has been convened"


@dataclass(frozen=True)
class Act:
    """One act with a panel: what it is called on its page, by whom, while what."""

    name: str
    title: str
    of: Of
    while_: While = While.OPEN


ACTS = {
    act.name: act
    for act in (
        # Convening (R30, R31)
        Act("add_member", "Add a member", Of.CHAIR),
        Act("stand_down", "Stand a member down", Of.CHAIR),
        Act("declare", "Say whether you have a conflict of interest", Of.MEMBER),
        Act("declare_for", "Record a member’s declaration", Of.CHAIR),
        Act("arrange", "Arrange a sitting", Of.CHAIR),
        Act("rearrange", "Re-arrange the sitting", Of.CHAIR),
        Act("cancel", "Cancel the sitting", Of.CHAIR),
        Act("answer", "Say whether you are coming", Of.MEMBER),
        Act("answer_for", "Record a member’s answer", Of.CHAIR),
        # The sitting (R15, R31, R33)
        Act("record_attendance", "Record who attended", Of.CHAIR),
        Act("adjourn", "Adjourn the sitting", Of.CHAIR),
        Act("record_decision", "Record the decision", Of.CHAIR),
        Act("add_action", "Add an action", Of.CHAIR),
        Act("change_action", "Change an action", Of.CHAIR),
        Act("remove_action", "Remove an action", Of.CHAIR),
        Act("sign_off", "Sign off the decision", Of.CHAIR),
        # Representations (R32)
        Act("give_representation", "Give a representation", Of.INVITED),
        Act("decline_representation", "Decline to give a representation", Of.INVITED),
        Act("record_refusal", "Record that a party declines", Of.CHAIR),
        Act("record_representation", "Record the representation of a party without accounts", Of.CHAIR),
        # Binding, and followed to the end (R33)
        Act("acknowledge", "Acknowledge the decision", Of.PARTY, While.DECIDED),
        Act("acknowledge_for", "Record an acknowledgement", Of.BOARD, While.DECIDED),
        Act("record_done", "Record that an action is done", Of.DOER, While.DECIDED),
        # The brief report (R34)
        Act("write_report", "Write the panel’s report", Of.BOARD, While.DECIDED),
        Act("seal_report", "Seal the panel’s report", Of.BOARD, While.DECIDED),
    )
}


class Place:
    """Where one person stands at one panel."""

    def __init__(self, user, panel, dispute, at):
        self.user, self.panel, self.dispute, self.at = user, panel, dispute, at
        self.position = Position(user, dispute, at)

    @cached_property
    def selves(self):
        """The person, and whoever the person stands in for at present."""
        return [self.user, *self.user.covered(self.at)]

    @cached_property
    def members(self):
        """Those who sit, not those who stood down."""
        return [member for member in self.panel.members.all() if member.stood_down_at is None]

    @cached_property
    def member(self):
        """The seat of this person, or of somebody covered; else None."""
        by_person = {member.person_id: member for member in self.members if member.person_id}
        return next((by_person[each.pk] for each in self.selves if each.pk in by_person), None)

    @cached_property
    def chair(self):
        """The position in which the person is the Chair or the Chair's deputy; else None."""
        return self.position.for_(Who.CHAIR)

    @cached_property
    def board_manager(self):
        return self.position.for_(Who.BOARD_MANAGER)

    @cached_property
    def party(self):
        """The position in which the person acts for an agency concerned, as its lead (R26); else None."""
        return self.position.for_(Who.LEAD)

    @property
    def is_of_panel(self):
        """Whether the person sees what is said among the panel before it has decided."""
        return bool(self.chair or self.board_manager or self.member)

    @property
    def decision(self):
        return getattr(self.panel, "decision", None)

    @property
    def is_decided(self):
        return self.decision is not None and self.decision.signed_off_at is not None

    def _as_member(self):
        """Who sits, or stands in for whoever sits."""
        if self.member is None:
            return None
        positions = (self.position, *self.position.as_deputy)
        return next((each for each in positions if each.user.pk == self.member.person_id), self.position)

    @property
    def reads_report(self):
        """Whether the person may read the panel's report: once it is sealed; before, who writes it (R34)."""
        report = getattr(self.panel, "report", None)
        is_sealed = report is not None and report.sealed_at is not None
        return self.is_decided and (is_sealed or bool(self.chair or self.board_manager))

    def lead_of(self, agency_id):
        """The position in which the person acts as a lead of this agency, concerned in the dispute; else None."""
        each = self.position.for_(Who.LEAD)
        candidates = (each, *self.position.as_deputy) if each else ()
        return next((each for each in candidates if each.agency_id == agency_id and each.acts_as_lead), None)

    def for_(self, of, subject=None):
        """The position in which the person is this, with regard to `subject`; None where they are not."""
        match of:
            case Of.CHAIR:
                return self.chair
            case Of.MEMBER:
                return self._as_member()
            case Of.BOARD:
                return self.chair or self.board_manager
            case Of.PARTY:
                return self.party
            case Of.INVITED:
                return self._invited(subject)
            case Of.DOER:
                return self._doer(subject)
        return None

    def _invited(self, representation):
        """For the agency or, by whoever raised it, for the referrer."""
        if representation.is_of_referrer:
            return self.position.for_(Who.RAISER)
        return self.lead_of(representation.agency_id)

    def _doer(self, action):
        """Whoever owns the action, or follows it for the agency or the Board."""
        if action.owner_id == self.user.pk:
            return self.position
        owner = next((each for each in self.position.as_deputy if each.user.pk == action.owner_id), None)
        return owner or self.lead_of(action.agency_id) or self.chair or self.board_manager

    def may(self, name, subject=None):
        """Whether the person may make this act now."""
        act = ACTS[name]
        return self.is_while(act.while_) and self.for_(act.of, subject) is not None

    def is_while(self, while_):
        match while_:
            case While.OPEN:
                return self.dispute.is_open
            case While.DECIDED:
                return self.is_decided
        return True

    def check(self, name, subject=None):
        """Refuse an act that comes too late or too early (409), or is not this person's (403); else the position."""
        act = ACTS[name]
        if not self.is_while(act.while_):
            raise Conflict(too_late(self.dispute) if self.dispute.ended_at else "The panel has not decided yet.")
        position = self.for_(act.of, subject)
        if position is None:
            raise NotPermitted(f"This can be done by {act.of.label}.")
        return position


def too_late(dispute):
    return (
        f"This dispute ended on {moment(dispute.ended_at)} ({dispute.get_outcome_display().lower()}). "
        "Its panel decides nothing more."
    )
