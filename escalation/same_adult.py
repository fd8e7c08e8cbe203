"""Other disputes about an adult of the same name: told to whoever may see them, and to nobody else (R44).

One statement, from the name as it is kept for searching; a bounded number.
"""

from dataclasses import dataclass

from django.db.models import Q

from escalation.models import Dispute, NameWord
from escalation.names import fold, whole

MOST_READ, MOST_SHOWN = 60, 5


@dataclass(frozen=True)
class Others:
    """Other disputes with the same name that a person may see, the latest first."""

    shown: list
    number: int

    @property
    def more(self):
        return self.number - len(self.shown)

    def __bool__(self):
        return bool(self.number)


def others(user, at, name, born_on=None, besides=None):
    """The other disputes about an adult of this name, and of the same date of birth where both are known."""
    words = fold(name)
    if not words:
        return Others([], 0)
    # Words in another order, or one more of them, are another name
    named = NameWord.objects.filter(word=whole(words)).values("dispute_id")
    disputes = Dispute.objects.visible_to(user, at).exclude(pk=besides).filter(pk__in=named)
    if born_on:
        disputes = disputes.filter(Q(adult_born_on=None) | Q(adult_born_on=born_on))
    columns = ("reference", "adult_name", "adult_born_on", "stage", "ended_at", "raised_at", "outcome")
    same = list(disputes.only(*columns).order_by("-raised_at", "pk")[:MOST_READ])
    return Others(same[:MOST_SHOWN], len(same))
