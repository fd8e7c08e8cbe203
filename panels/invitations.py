"""Who was invited to put something to the panel, and how each answered, for one person (R32)."""

from dataclasses import dataclass

from panels.bundle import REPRESENTATIONS
from panels.models import Representation


@dataclass(frozen=True)
class Invitation:
    """One party's invitation as a page shows it, and what this person may do about it."""

    row: Representation
    may_answer: bool
    may_record_refusal: bool
    is_past: bool  # the date has passed, and nobody has answered

    @property
    def is_asked(self):
        """Whether it waits for this person: not so for whoever raised it, who may but need not."""
        return self.may_answer and not self.row.is_answered and not self.row.is_of_referrer

    @property
    def state(self):
        return "given" if self.row.given_at else "declined" if self.row.declined_at else "not yet"


def invitations(place):
    """The invitations of a panel, the agencies' first."""
    rows = list(REPRESENTATIONS.filter(panel=place.panel))
    for row in rows:
        row.panel = place.panel
    return [
        Invitation(
            row,
            may_answer=row.given_at is None and place.may("give_representation", row),
            may_record_refusal=is_asked_of(row, place) and place.may("record_refusal"),
            is_past=not row.is_answered and place.at > row.due_at,
        )
        for row in sorted(rows, key=lambda row: (row.is_of_referrer, row.pk))
    ]


def is_asked_of(row, place):
    """Whether an answer is still to come, which somebody may give by other means: not from who may but need not."""
    return not row.is_answered and (not row.is_of_referrer or bool(place.dispute.for_name))
