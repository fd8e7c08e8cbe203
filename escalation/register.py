"""The register: every dispute that reached stage three, for the Board; filtered, in an order, by pages (R28, R42).

What the Board sees is a condition of the indexes that it is read by (`paging.py` says how).
"""

from functools import cached_property

from django.db.models import Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from escalation import listing
from escalation.filters import NOT_INFORMED, informed, letting_through, wanted
from escalation.models import Dispute, NameWord
from escalation.moments import LONDON
from escalation.names import SAME
from escalation.paging import BY_TARGET, ENDED, LATEST_END, OPEN, OPEN_FIRST, PAGE, Paged, Part, Question, left_of

COUNTED, SAME_COUNTED = 1000, 20  # beyond it "more than" is as good
FOUND_COUNTED = 100  # of what was searched for in texts: each is asked for its words


# Who reads it


def may_read(user, at):
    """The Board Manager, the Independent Chair, and who stands in for one of them."""
    return any(person.standing.is_of_board for person in (user, *user.covered(at)))


def seen_by(user, at):
    """The disputes of the register that this person may see: a deputy none that concerns the deputy's own agency."""
    return Dispute.objects.visible_for_the_board(user, at)


# Filters


def leaves(filters):
    """Which parts the filters leave something of: open ones, ended ones."""
    is_ended = filters.get("state") == "ended" or any(filters.get(n) for n in ("outcome", "ended_from", "ended_to"))
    is_open = filters.get("state") in ("open", "past")
    return (not is_ended, not is_open)


# Order


SORTS = {
    "time": OPEN_FIRST,
    "-time": (Part(OPEN, "target_at", descending=True), LATEST_END),
    "raised": (Part(Q(), "raised_at"),),
    "-raised": (Part(Q(), "raised_at", descending=True),),
    "ended": (Part(ENDED, "ended_at"), BY_TARGET),
    "-ended": (LATEST_END, BY_TARGET),
}
DEFAULT = "time"
LATEST = "-raised"  # of what was searched for
WORDS = {
    "time": "open ones first, the nearest target first",
    "-time": "open ones first, the furthest target first",
    "raised": "raised longest ago first",
    "-raised": "raised latest first",
    "ended": "ended longest ago first",
    "-ended": "ended latest first",
}


def parts(sort, filters):
    """The parts of an order that the filters leave something of."""
    return left_of(SORTS[sort], *leaves(filters))


# The register


class Register:
    """The disputes that one person may see under some filters, in an order."""

    def __init__(self, user, filters, at, sort=DEFAULT):
        self.user, self.filters, self.at = user, filters, at
        self.sort = sort if sort in SORTS else DEFAULT

    @cached_property
    def disputes(self):
        return seen_by(self.user, self.at).filter(letting_through(self.wanted.key, self.at, self.wanted.values))

    @cached_property
    def wanted(self):
        return wanted(self.filters)

    @property
    def counted(self):
        """Up to how many are counted."""
        return FOUND_COUNTED if self.filters.get("written") else COUNTED

    @cached_property
    def parts(self):
        return parts(self.sort, self.filters)

    @property
    def order(self):
        """The order in words."""
        words = WORDS[self.sort]
        return words.removeprefix("open ones first, the ") if self.parts == [SORTS[self.sort][0]] else words

    def count(self, most=None):
        disputes = self.disputes.order_by()
        return disputes.values("pk")[:most].count() if most else disputes.count()

    def page(self, after="", before="", is_last=False, size=PAGE):
        """A page of it, and how many there are, to a bound."""
        if question := self.question:
            paged = Paged(None, self.parts, question=question)
        else:
            shown = _shown(self.disputes, seen_by(self.user, self.at), self.counted)
            paged = Paged([self.disputes], self.parts, shown)
        page = paged.page(after, before, is_last, size)
        page.total = page.rows[0].total if page.rows else 0
        page.bound, page.is_more = self.counted, page.total > self.counted
        return page

    @property
    def question(self):
        """What asks for it, the same for all of the Board; None for a deputy, whose question is their own."""
        if self.user.covered(self.at) or not self.user.standing.is_of_board or not self.user.is_active:
            return None
        at = {"at": self.at} if self.filters.get("state") == "past" else {}
        key, values = (self.wanted.key, self.counted), self.wanted.values
        return Question(_of_the_board, key, {**at, **values}, is_prepared=not values)

    def batches(self, size, columns):
        """All rows in their order with some of their columns, some at a time, as they stand when each is read."""
        return Paged([self.disputes], self.parts, lambda rows: self.described(rows).only(*columns)).batches(size)

    @staticmethod
    def described(disputes):
        """Disputes with the name of their raising agency, and when the Chair was informed."""
        when = informed().filter(dispute=OuterRef("pk")).values("done_at")
        return listing.named(disputes).annotate(chair_informed_at=Subquery(when[:1]))


def _of_the_board(key, at=None, **values):
    """The register under some filters, as all of the Board see it."""
    filters, counted = key
    seen = Dispute.objects.for_the_board()
    disputes = seen.filter(letting_through(filters, at, values))
    return [disputes], _shown(disputes, seen, counted)


def _shown(disputes, seen, counted):
    """What a row shows of its dispute, and in each row how many there are altogether, to a bound."""

    def shown(rows):
        rows = Register.described(rows).annotate(total=bounded(disputes, counted + 1), same_name=same_name(seen))
        return listing.shown(rows, "chair_informed_at", "total", "same_name")

    return shown


def same_name(seen):
    """How many others of the disputes that somebody sees are about an adult of the same name, to a bound."""
    name = NameWord.objects.filter(Exact(Left("word", 1), SAME), dispute=OuterRef(OuterRef("pk")))
    of_this = name.values("word")[:1]
    others = NameWord.objects.filter(word=Subquery(of_this), dispute__in=seen).exclude(dispute=OuterRef("pk"))
    return bounded(others, SAME_COUNTED + 1)


def bounded(rows, most):
    """How many rows there are, counted no further than a bound."""
    one = Subquery(rows.order_by().values(one=Value(1))[:most])
    return Func(one, template="(SELECT COUNT(*) FROM %(expressions)s AS counted)", output_field=IntegerField())


# Views that everybody has


def built_in(at):
    """(name, filters) of the views that are there for everybody."""
    year = at.astimezone(LONDON).year
    return [
        ("All open", {"state": "open"}),
        ("Past target", {"state": "past"}),
        ("Chair not yet informed", {"state": "open", "chair": NOT_INFORMED}),
        ("Ended this year", {"ended_from": f"{year}-01-01", "ended_to": f"{year}-12-31"}),
    ]
