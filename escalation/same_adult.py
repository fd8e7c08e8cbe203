"""Other disputes about an adult of the same name: told to whoever may see them, and to nobody else (R44).

One statement, from the words by which names are found; a bounded number.
"""

from dataclasses import dataclass

from django.db.models import Q

from escalation.models import Dispute, NameWord
from escalation.names import MOST_WORDS, fold

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
    disputes = Dispute.objects.visible_to(user, at).exclude(pk=besides)
    for word in words[:MOST_WORDS]:
        disputes = disputes.filter(pk__in=NameWord.objects.filter(word=word).values("dispute_id"))
    if born_on:
        disputes = disputes.filter(Q(adult_born_on=None) | Q(adult_born_on=born_on))
    columns = ("reference", "adult_name", "adult_born_on", "stage", "ended_at", "raised_at", "outcome")
    read = disputes.only(*columns).order_by("-raised_at", "pk")[:MOST_READ]
    # Words in another order, or one more of them, are another name
    same = [dispute for dispute in read if fold(dispute.adult_name) == words]
    return Others(same[:MOST_SHOWN], len(same))
