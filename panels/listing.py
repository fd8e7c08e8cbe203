"""Panels as lists show them, in a fixed number of statements; and which acts of a sitting are offered."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch
from django.urls import reverse

from escalation import listing
from escalation.listing import between
from escalation.models import Dispute, Duty, DutyKind, Party
from escalation.moments import london_date, moment
from panels.following import late_actions
from panels.models import Panel, Sitting, SittingState
from panels.sittings import is_ahead, state_words


@dataclass(frozen=True)
class Row:
    """A panel in a list."""

    panel: object
    dispute: object
    agencies: str
    sitting: object
    state: str
    is_ahead: bool
    late: int  # how many of the actions it decided on are past their date


def rows(user, at):
    """The panels of disputes this person may see: those that sit next, then undecided ones, then the latest ended."""
    seen = Dispute.objects.visible_to(user, at)
    disputes = Dispute.objects.select_related("raising_agency").prefetch_related(
        Prefetch("parties", Party.objects.select_related("agency"))
    )
    panels = Panel.objects.filter(dispute__in=seen.values("pk")).select_related("decision").prefetch_related(
        Prefetch("dispute", disputes), Prefetch("sittings", Sitting.objects.order_by("number"))
    )  # fmt: skip
    late = Counter(late_actions(at).filter(decision__panel__in=panels).values_list("decision__panel", flat=True))
    return sorted((row(panel, at, late[panel.pk]) for panel in panels), key=order)


def row(panel, at, late=0):
    sittings = list(panel.sittings.all())
    latest = sittings[-1] if sittings else None
    dispute = panel.dispute
    ahead = latest is not None and is_ahead(latest, dispute)
    return Row(panel, dispute, between(dispute), latest, words(panel, latest, ahead, at), ahead, late)


def words(panel, sitting, ahead, at):
    """How a panel stands, in words."""
    dispute, decision = panel.dispute, getattr(panel, "decision", None)
    if decision and decision.signed_off_at:
        return f"Decided {moment(decision.signed_off_at, at)}"
    if not dispute.is_open:
        return (
            f"Sits no more: the dispute ended {moment(dispute.ended_at, at)} ({dispute.get_outcome_display().lower()})"
        )
    if decision:
        return "Decision recorded, not yet signed off"
    if ahead:
        return f"Sits {moment(sitting.starts_at, at)}"
    if sitting:
        return f"{state_words(sitting, dispute)} {moment(sitting.closed_at, at)}. No sitting is arranged"
    return "No sitting is arranged"


def order(row):
    """Ahead first, the nearest first; then open ones; then ended ones, the latest first."""
    if row.is_ahead:
        return 0, row.sitting.starts_at.timestamp()
    if row.dispute.is_open:
        return 1, row.panel.convened_at.timestamp()
    return 2, -row.dispute.ended_at.timestamp()


def to_convene(user, at):
    """The disputes that wait for this person to convene a panel."""
    waiting = Duty.objects.waiting(at).filter(kind=DutyKind.CONVENE).of(user, at)
    return listing.waits(listing.most_urgent(waiting, at), at)


# Which acts of a sitting are offered


def address(panel, name, ids=None):
    return reverse(name, kwargs={"panel_id": panel.pk, **(ids or {})})


def may_attend(place, sitting):
    """From its day until it is adjourned, or the decision signed off."""
    return bool(
        sitting
        and sitting.state in (SittingState.ARRANGED, SittingState.HELD)
        and london_date(place.at) >= london_date(sitting.starts_at)
        and place.may("record_attendance")
    )


def may_adjourn(place, sitting):
    return may_attend(place, sitting) and place.decision is None and place.may("adjourn")


def may_arrange(place, sitting):
    closed = sitting is None or sitting.state in (SittingState.ADJOURNED, SittingState.CANCELLED)
    return closed and place.decision is None and place.may("arrange")
