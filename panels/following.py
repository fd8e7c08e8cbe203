"""What a binding decision still waits for: acknowledgements and actions (R33). Nothing is changed here."""

from dataclasses import dataclass

from django.db.models import Prefetch

from escalation.filing import without_accounts
from escalation.moments import london_date
from panels.models import Acknowledgement, PanelAction, PanelDecision

# What is read of a decision to say how far it is followed
FOLLOWED = (
    Prefetch("actions", PanelAction.objects.select_related("agency", "owner", "done_by")),
    Prefetch("acknowledgements", Acknowledgement.objects.select_related("agency", "by")),
)


def late_actions(at):
    """The actions of signed-off decisions whose date has passed, and which are not done, the oldest first.

    The day of the date counts as in time. Each comes with its agency, its panel and its dispute.
    """
    late = PanelAction.objects.filter(
        done_on=None, due_on__lt=london_date(at), decision__signed_off_at__isnull=False
    )  # fmt: skip
    return late.select_related("agency", "owner", "decision__panel__dispute").order_by("due_on", "pk")


@dataclass(frozen=True)
class Followed:
    """An action of the panel as a page shows it."""

    action: PanelAction
    is_late: bool
    may_record: bool

    @property
    def who(self):
        return f"{self.action.agency}: {self.action.owner_name}"


@dataclass(frozen=True)
class Bound:
    """An agency that the decision binds, and its acknowledgement; None where it has not acknowledged yet."""

    agency: object
    acknowledgement: Acknowledgement | None
    is_yours: bool
    may_record: bool  # where nobody of the agency has an account


@dataclass(frozen=True)
class Following:
    """How far a decision is followed."""

    actions: list
    bound: list
    may_acknowledge: bool

    @property
    def acknowledged(self):
        return sum(each.acknowledgement is not None for each in self.bound)

    @property
    def done(self):
        return sum(each.action.is_done for each in self.actions)

    @property
    def late(self):
        return [each for each in self.actions if each.is_late]

    @property
    def late_agencies(self):
        """Whose actions are late, each agency once."""
        return list(dict.fromkeys(each.action.agency for each in self.late))

    @property
    def waits_for(self):
        """The agencies that have not acknowledged."""
        return [each.agency for each in self.bound if each.acknowledgement is None]


def is_late(action, at):
    return not action.is_done and action.due_on < london_date(at)


def follow(place):
    """How far the signed-off decision of a panel is followed, for one person at one instant; None before it binds."""
    if not place.is_decided:
        return None
    decision = PanelDecision.objects.prefetch_related(*FOLLOWED).get(pk=place.decision.pk)
    said = {row.agency_id: row for row in decision.acknowledgements.all()}
    mine = place.party.agency_id if place.party else None
    silent = set(place.position.parties) - set(said) if place.may("acknowledge_for") else ()
    to_record = without_accounts(silent) if silent else ()
    return Following(
        actions=[
            Followed(each, is_late(each, place.at), not each.is_done and place.may("record_done", each))
            for each in decision.actions.all()
        ],
        bound=[
            Bound(party.agency, said.get(pk), pk == mine, pk in to_record)
            for pk, party in place.position.parties.items()
        ],
        may_acknowledge=mine is not None and mine not in said and place.may("acknowledge"),
    )
