"""The register: every dispute that reached stage three, for the Board; filtered, in an order, by pages (R28, R42).

A page is found by the last row of the page before it, not by counting rows: any page costs what the first one costs.
Where open and ended disputes stand one after the other, each part is read in the order of its own index.
"""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, Func, IntegerField, OuterRef, Q, Subquery, Value

from escalation import names, written
from escalation.models import BoardAct, BoardActKind, Dispute, Party
from escalation.moments import LONDON, in_utc
from escalation.stages import StageNumber

PAGE = 50
COUNTED = 1000  # beyond it "more than" is as good
NOT_INFORMED = "not_informed"
LONGEST_KEY = 100


# Who reads it


def is_of_the_board(standing):
    return standing.is_board_manager or standing.is_chair


def may_read(user, at):
    """The Board Manager, the Independent Chair, and who stands in for one of them."""
    return any(map(is_of_the_board, (user.standing, *(person.standing for person in user.covered(at)))))


def seen_by(user, at):
    """The disputes of the register that this person may see: a deputy none that concerns the deputy's own agency."""
    if not may_read(user, at):
        return Dispute.objects.none()
    disputes = Dispute.objects.visible_to(user, at).filter(stage__gte=StageNumber.THREE)
    if not is_of_the_board(user.standing):
        own = Party.objects.filter(agency__in=user.standing.agencies).order_by().values("dispute")
        disputes = disputes.exclude(pk__in=own)
    return disputes


# Filters


def found(disputes, filters, at):
    """Those of the disputes that the filters let through: texts by name, as an address has them, judged by a form."""
    match filters.get("state"):
        case "open":
            disputes = disputes.open()
        case "past":
            disputes = disputes.past_target(at)
        case "ended":
            disputes = disputes.ended()
    for name in ("stage", "category", "urgency", "outcome"):
        if filters.get(name):
            disputes = disputes.filter(**{name: filters[name]})
    if filters.get("agency"):
        disputes = disputes.filter(parties__agency=filters["agency"])
    if filters.get("chair") == NOT_INFORMED:
        disputes = disputes.filter(~Exists(informed()))
    for column in ("raised", "ended"):
        # Both days count
        if filters.get(f"{column}_from"):
            disputes = disputes.filter(**{f"{column}_at__gte": midnight(filters[f"{column}_from"])})
        if filters.get(f"{column}_to"):
            disputes = disputes.filter(**{f"{column}_at__lt": midnight(filters[f"{column}_to"], dt.timedelta(days=1))})
    return written.search(names.search(disputes, filters.get("words")), filters.get("written"))


def midnight(day, later=dt.timedelta()):
    return in_utc(dt.datetime.combine(dt.date.fromisoformat(day) + later, dt.time(), tzinfo=LONDON))


def informed():
    return BoardAct.objects.filter(dispute=OuterRef("pk"), kind=BoardActKind.CHAIR_INFORMED)


def leaves(filters):
    """Which parts the filters leave something of: open ones, ended ones."""
    is_ended = filters.get("state") == "ended" or any(filters.get(n) for n in ("outcome", "ended_from", "ended_to"))
    is_open = filters.get("state") in ("open", "past")
    return (not is_ended, not is_open)


# Order


@dataclass(frozen=True)
class Part:
    """Some of the rows, and the column by which they stand."""

    which: Q
    column: str
    descending: bool = False

    def order(self, backward=False):
        sign = "-" if self.descending != backward else ""
        return f"{sign}{self.column}", f"{sign}pk"

    def beyond(self, value, pk, backward=False):
        """What comes after a row; the first bound is the one an index takes."""
        way = "lt" if self.descending != backward else "gt"
        further = Q(**{f"{self.column}__{way}": value}) | Q(**{self.column: value, f"pk__{way}": pk})
        return Q(**{f"{self.column}__{way}e": value}) & further


OPEN, ENDED = Q(ended_at=None), Q(ended_at__isnull=False)
BY_TARGET, LATEST_END = Part(OPEN, "target_at"), Part(ENDED, "ended_at", descending=True)
SORTS = {
    "time": (BY_TARGET, LATEST_END),
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
    has_open, has_ended = leaves(filters)
    left = [part for part in SORTS[sort] if not (part.which == OPEN and not has_open)]
    return [part for part in left if not (part.which == ENDED and not has_ended)]


# Where a page begins


@dataclass(frozen=True)
class Place:
    """A row as a place in an order: the part it stands in, its value there, its id."""

    part: int
    value: dt.datetime
    pk: int

    @property
    def key(self):
        """As an address has it."""
        micros = (self.value - EPOCH) // dt.timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{self.part}.{micros}.{self.pk}".encode()).decode().rstrip("=")


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def place(key, number_of_parts):
    """The place that an address names, or None for anything else."""
    if len(key) > LONGEST_KEY:
        return None
    try:
        text = base64.urlsafe_b64decode((key + "=" * (-len(key) % 4)).encode("ascii")).decode("ascii")
        part, micros, pk = map(int, text.split("."))
        at = Place(part, EPOCH + dt.timedelta(microseconds=micros), pk)
    except (ValueError, OverflowError, binascii.Error):
        return None
    return at if 0 <= part < number_of_parts and 0 < pk < 2**63 else None


@dataclass
class Page:
    """A page of rows, and where those before and after it begin."""

    rows: list = field(default_factory=list)
    before: str = ""
    after: str = ""
    total: int = 0

    @property
    def is_more(self):
        return self.total > COUNTED


class Register:
    """The disputes that one person may see under some filters, in an order."""

    def __init__(self, user, filters, at, sort=DEFAULT):
        self.user, self.filters, self.at = user, filters, at
        self.sort = sort if sort in SORTS else DEFAULT

    @cached_property
    def disputes(self):
        return found(seen_by(self.user, self.at), self.filters, self.at)

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
        """The rows after a place, or before one, or the last; an address that names none begins at the start."""
        start = place(after or before, len(self.parts)) if after or before else None
        backward = is_last or bool(before and start)
        taken = self._take(start, backward, size + 1)
        if backward and start and len(taken) <= size:
            return self.page(size=size)  # rows have come in between: the first page, whole
        has_more, taken = len(taken) > size, taken[:size]
        if backward:
            taken.reverse()
        page = Page([dispute for _, dispute in taken])
        if taken:
            page.total = page.rows[0].total
            is_after, is_before = (bool(start), has_more) if backward else (has_more, bool(start))
            page.before = self._place(*taken[0]).key if is_before else ""
            page.after = self._place(*taken[-1]).key if is_after else ""
        elif start:
            return self.page(size=size)  # what stood after it is there no longer
        return page

    def _place(self, number, dispute):
        return Place(number, getattr(dispute, self.parts[number].column), dispute.pk)

    def _take(self, start, backward, most):
        """Up to so many (number of the part, dispute) from a place on: one statement for each part that is touched."""
        taken = []
        numbers = range(len(self.parts))
        for number in reversed(numbers) if backward else numbers:
            if start and (number > start.part if backward else number < start.part):
                continue
            part = self.parts[number]
            rows = self.rows.filter(part.which).order_by(*part.order(backward))
            if start and number == start.part:
                rows = rows.filter(part.beyond(start.value, start.pk, backward))
            taken += [(number, dispute) for dispute in rows[: most - len(taken)]]
            if len(taken) == most:
                break
        return taken

    @property
    def rows(self):
        """Each with its raising agency, when the Chair was informed, and how many there are, to a bound."""
        counted = self.disputes.order_by().values(one=Value(1))[: COUNTED + 1]
        total = Func(
            Subquery(counted), template="(SELECT COUNT(*) FROM %(expressions)s AS counted)", output_field=IntegerField()
        )
        return self.described.annotate(total=total)

    @property
    def described(self):
        return self.disputes.select_related("raising_agency").annotate(
            chair_informed_at=Subquery(informed().values("done_at")[:1])
        )

    def batches(self, size):
        """All rows in their order, some at a time, as they stand when each is read."""
        for number, part in enumerate(self.parts):
            rows, last = self.described.filter(part.which).order_by(*part.order()), None
            while True:
                beyond = Q() if last is None else part.beyond(last.value, last.pk)
                batch = list(rows.filter(beyond)[:size])
                if not batch:
                    break
                yield batch
                if len(batch) < size:
                    break
                last = self._place(number, batch[-1])


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
