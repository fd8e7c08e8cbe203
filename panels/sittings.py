"""What a sitting comes to: its quorum from who attended, and how it stands in words."""

from panels import quorum
from panels.models import Coming, SittingState


def quorum_of(sitting, parties):
    """The quorum of a sitting, its agencies as rows (R31)."""
    return quorum.of([party.agency for party in parties], [row.agency for row in sitting.attendance.all()])


def expected(members, answers, parties):
    """The quorum if everybody came who has not said no; `answers` by member."""
    coming = [m.agency for m in members if m.pk not in answers or answers[m.pk].coming != Coming.NO]
    return quorum.of([party.agency for party in parties], coming)


def is_ahead(sitting, dispute):
    """Whether a sitting is still to be held; one that was ahead when the dispute ended is not."""
    return sitting.state == SittingState.ARRANGED and dispute.is_open


def state_words(sitting, dispute):
    """'Arranged', 'Held', 'Adjourned', 'Cancelled'; and that the end of the dispute cancelled it."""
    if sitting.state == SittingState.ARRANGED and not dispute.is_open:
        return "Cancelled: the dispute ended"
    return sitting.get_state_display()
