"""Other disputes about an adult of the same name: told to whoever may see them, and to nobody else (R44).

One statement, from the name as it is kept for searching; a bounded number.
"""

from dataclasses import dataclass
from functools import cache, partial

from django.db.models import Subquery
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from agencies.worded import Worded
from escalation.models import Dispute, NameWord
from escalation.models.dispute import Scope
from escalation.names import SAME, fold, whole

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


COLUMNS = ("reference", "adult_name", "adult_born_on", "stage", "ended_at", "raised_at", "outcome")


def others(user, at, name, born_on=None, besides=None):
    """The other disputes about an adult of this name, and of the same date of birth where both are known."""
    words = fold(name)
    if not words:
        return Others([], 0)
    of_name = NameWord.objects.filter(word=whole(words)).exclude(dispute=besides)
    disputes = Dispute.objects.filter(pk__in=of_name.values("dispute_id")).visible_to(user, at, each=True)
    return of_adult(disputes.only(*COLUMNS).order_by("-raised_at", "pk")[:MOST_READ], name, born_on)


def with_others(user, at, reference):
    """The dispute of this reference, if the person may see it, and others with the same name: only COLUMNS of them."""
    rows = list(_seen(user, at, reference))
    this = next((dispute for dispute in rows if dispute.reference == reference), None)
    rows.sort(key=lambda dispute: dispute.raised_at, reverse=True)
    return this, [dispute for dispute in rows if dispute is not this]


def _seen(user, at, reference):
    """The dispute and its namesakes that the person may see, in one statement."""
    if not user.is_active:
        return []
    if user.covered(at):
        return _named(reference).visible_to(user, at, each=True).only(*COLUMNS)
    scope = Scope.of(user)
    return _worded(scope.shape)(reference=reference, at=at, **scope.ids) if scope.has_role else []


@cache
def _worded(shape):
    """The question, for whoever sees by a scope of this shape."""

    @partial(Worded, is_prepared=True)
    def ask(reference, at, **ids):
        return _named(reference).seen_in(Scope.made(shape, ids.values()), at).only(*COLUMNS)

    return ask


def _named(reference):
    """The dispute of this reference and all that have the same name, whoever may see them."""
    this = Dispute.objects.filter(reference=reference).order_by()
    # By the dispute, not by the words that begin so: of those there is one for every dispute. One value each, so that
    # PostgreSQL finds them first, whatever it knows of its tables
    name = NameWord.objects.filter(Exact(Left("word", 1), SAME), dispute=Subquery(this.values("pk")))
    same = NameWord.objects.filter(word=Subquery(name.values("word")[:1]))
    ids = this.values("pk").union(same.values("dispute_id"), all=True)
    return Dispute.objects.filter(pk__in=ids)


def of_adult(disputes, name, born_on):
    """Those of some disputes that are about an adult of this name, and not of another date of birth."""
    words = fold(name)
    # Words in another order, or one more of them, are another name
    same = [dispute for dispute in disputes if words and fold(dispute.adult_name) == words]
    same = [each for each in same if not (born_on and each.adult_born_on) or each.adult_born_on == born_on][:MOST_READ]
    return Others(same[:MOST_SHOWN], len(same))
