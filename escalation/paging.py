"""Disputes page by page, in an order: a page is found by the last row of the page before it, not by counting rows.

So any page costs what the first one costs. Where open and ended disputes stand one after the other, each part is read
in the order of its own index. What is seen for several reasons is read for each of them by itself and then put
together: a single condition that names them all can be answered by no index.
"""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache, partial

from django.db import connection
from django.db.models import Q

from agencies.worded import Worded
from escalation.models import Dispute

PAGE = 50
LONGEST_KEY = 100
MOST_WORDED = 100  # questions that are kept as they were worded, in each process
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


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
OPEN_FIRST = (BY_TARGET, LATEST_END)  # the nearest target first, then the latest end


def left_of(parts, has_open, has_ended):
    """The parts that a filter leaves something of: one that lets open ones through, or ended ones."""
    left = [part for part in parts if not (part.which == OPEN and not has_open)]
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


# Pages


@dataclass
class Page:
    """A page of rows, and where those before and after it begin."""

    rows: list = field(default_factory=list)
    before: str = ""
    after: str = ""
    total: int = 0  # where it was asked for, to a bound,
    is_more: bool = False  # beyond which there are more
    bound: int = 0


@dataclass(frozen=True)
class Question:
    """What Django words once for all who ask the same: `build` gives sources, and what is shown of a dispute.

    It is given `key`, all that the wording depends on, and the values, on which it does not; it stands in a module.
    Where none of the values tells much from little, the server keeps its plan (`is_prepared`).
    """

    build: object
    key: tuple
    values: dict
    is_prepared: bool = False


class Paged:
    """Disputes in an order made of parts; from several querysets that may overlap, each row once."""

    def __init__(self, sources, parts, described=lambda disputes: disputes, question=None):
        """`described` gives of disputes what a page shows of them: their id, and what the parts stand by, at least.

        With a `question` sources and what is described are its own, built when it is asked for the first time.
        """
        self.sources, self.parts, self.described, self.question = sources, parts, described, question

    def page(self, after="", before="", is_last=False, size=PAGE):
        """The rows after a place, or before one, or the last; an address that names none begins at the start."""
        start = place(after or before, len(self.parts)) if after or before else None
        backward = is_last or bool(before and start)
        taken = self._take(start, backward, size + 1)
        if start and (len(taken) <= size if backward else not taken):
            # Rows have come in between: the first page, whole; or what stood after it is there no longer
            return self.page(size=size)
        has_more, taken = len(taken) > size, taken[:size]
        if backward:
            taken.reverse()
        page = Page([dispute for _, dispute in taken])
        if taken:
            is_after, is_before = (bool(start), has_more) if backward else (has_more, bool(start))
            page.before = self._place(*taken[0]).key if is_before else ""
            page.after = self._place(*taken[-1]).key if is_after else ""
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
            rows = self._rows(self.parts[number], start if start and number == start.part else None, backward, most)
            taken += [(number, dispute) for dispute in rows[: most - len(taken)]]
            if len(taken) == most:
                break
        return taken

    def _rows(self, part, start, backward, most):
        """The first rows of a part, from a place on."""
        if not self.question:
            place = (start.value, start.pk) if start else None
            return _first_rows(self.sources, self.described, part, place, backward, most)
        where = {"start_value": start.value, "start_pk": start.pk} if start else {}
        asked = self.question
        ask = _worded(asked.build, asked.key, part, backward, most, bool(start), asked.is_prepared)
        return ask(**asked.values, **where)

    def batches(self, size):
        """All rows in their order, some at a time, as they stand when each is read."""
        for number, part in enumerate(self.parts):
            last = None
            while True:
                batch = list(self._rows(part, last, False, size))
                if not batch:
                    break
                yield batch
                if len(batch) < size:
                    break
                last = self._place(number, batch[-1])


@lru_cache(maxsize=MOST_WORDED)
def _worded(build, key, part, backward, most, is_from_a_place, is_prepared):
    """The question for the first rows of a part, for all who ask the same."""

    @partial(Worded, is_prepared=is_prepared)
    def ask(start_value=None, start_pk=None, **values):
        sources, described = build(key, **values)
        place = (start_value, start_pk) if is_from_a_place else None
        return _first_rows(sources, described, part, place, backward, most, ids_first=not is_prepared)

    return ask


def _first_rows(sources, described, part, place, backward, most, ids_first=False):
    """The first rows of a part: the first that each source gives, put together.

    With `ids_first` a single source too is asked for ids alone: of many that are passed over no row is read.
    """
    order, beyond = part.order(backward), part.beyond(*place, backward) if place else Q()
    found = [narrowed(source, part.which & beyond, order) for source in sources]
    if len(found) == 1 and found[0].model is Dispute and not ids_first:
        return described(found[0])[:most]
    return described(Dispute.objects.filter(first_of(found, most))).order_by(*order)[:most]


def narrowed(source, condition, order=()):
    """Those of some disputes, or of the parties that stand for them, of which a condition on the dispute is true."""
    if source.model is Dispute:
        return source.filter(condition).order_by(*order)
    names = [_of_party(name.removeprefix("-")) for name in order]
    signs = ["-" if name.startswith("-") else "" for name in order]
    return source.filter(_condition_of_party(condition)).order_by(*map("".join, zip(signs, names, strict=True)))


def _condition_of_party(condition):
    """A condition on a dispute as one on its party: a dispute is looked at only where the party does not know."""
    changed = condition.copy()
    changed.children = [
        _condition_of_party(each) if isinstance(each, Q) else (_of_party(each[0]), each[1])
        for each in condition.children
    ]
    return changed


def _of_party(name):
    column, *lookup = name.split("__", 1)
    known = {"pk": "dispute", "raised_at": "raised_at"}.get(column, f"dispute__{column}")
    return "__".join([known, *lookup])


def first_of(sources, most):
    """The condition that a row is among the first so many of a source: ids alone, which stand in the indexes."""
    ids = [source.values("pk" if source.model is Dispute else "dispute_id")[:most] for source in sources]
    return among(ids)


def among(ids):
    """The condition that the id of a row is one that these queries give."""
    if ids and connection.features.supports_slicing_ordering_in_compound:
        first, *others = ids
        return Q(pk__in=first.union(*others, all=True))
    found = Q(pk__in=[])
    for each in ids:
        found |= Q(pk__in=each)
    return found
