"""Whether a sitting can decide: worked out from who attends, in words (R31). No database.

Counted are agencies, not people, however they attend: in the room, by video, by telephone, or by a deputy named the
same day. The Chair is no agency, and so is never among them.
"""

from dataclasses import dataclass

LEAST = 3
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def agencies(number):
    """'Three agencies', 'No agency', '12 agencies'."""
    words = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{words} {'agency' if number < 2 else 'agencies'}"


@dataclass(frozen=True)
class Quorum:
    """What attendance comes to; the agencies are whatever the caller counts by, in the caller's order."""

    present: tuple
    absent: tuple  # concerned, and not there

    @property
    def is_met(self):
        return not self.absent and len(self.present) >= LEAST

    @property
    def attended(self):
        """'Four agencies attended'."""
        return f"{agencies(len(self.present))} attended"

    @property
    def reasons(self):
        """Why the panel cannot decide, a sentence each; none where it can."""
        found = [f"{agency} is concerned and absent." for agency in self.absent]
        if len(self.present) < LEAST:
            are = "are" if len(self.present) > 1 else "is"
            found.append(f"{agencies(len(self.present))} {are} there, and a panel needs three at least.")
        return tuple(found)


def of(concerned, attending):
    """The quorum of a sitting: `concerned` must all be there, and three at least of `attending` count."""
    present = tuple(dict.fromkeys(attending))
    return Quorum(present, tuple(agency for agency in dict.fromkeys(concerned) if agency not in present))
