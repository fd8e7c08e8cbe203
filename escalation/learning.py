"""What was learned from disputes (R42): gathered for the Board, without names.

Of a dispute that reached stage three the Board Manager and the Chair see everything, so its points stand here with
their reference. Of one that ended below they see counts only (R44): the point itself, which was written for them
without names, stands here without reference, agencies, author and kind of disagreement (one of a kind in a quarter
would be a count as small as the dashboard withholds), and with no date finer than a quarter.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min

from agencies.models import User
from agencies.worded import Worded
from escalation import named, periods
from escalation.models import Dispute, LearningPoint
from escalation.moments import london_date
from escalation.stages import StageNumber

QUARTERS = {1: "January to March", 4: "April to June", 7: "July to September", 10: "October to December"}


@dataclass(frozen=True)
class Point:
    """One point as the Board may read it; what it may not see is empty."""

    text: str
    began_on: date  # the first day of its quarter
    category: str = ""
    reference: str = ""
    agency: str = ""
    on: date | None = None

    @property
    def quarter(self):
        return quarter_words(self.began_on)

    @property
    def is_in_full(self):
        return bool(self.reference)


def points(start, end):
    """What was learned from `start` up to, and without, `end`, two instants: the newest quarter first (R34, R42)."""
    return in_order(_point(row) for row in _learned(start=start, end=end))


def seen_by(people, at, start, end):
    """The same for these holders of the Board's roles: in full only where one of them sees the dispute."""
    seen = set()
    for person in people:
        reached = Dispute.objects.visible_to(person, at).filter(stage__gte=StageNumber.THREE)
        reached = reached.filter(learning_points__at__gte=start, learning_points__at__lt=end)
        seen |= set(reached.values_list("pk", flat=True))
    return in_order(_point(row, row.dispute_id in seen) for row in _learned(start=start, end=end))


@Worded
def _learned(start, end):
    """The rows, with what is told of their disputes alone: whole ones hold long texts."""
    rows = LearningPoint.objects.filter(at__gte=start, at__lt=end).select_related("dispute", "agency")
    return rows.only("text", "at", "dispute__stage", "dispute__category", "dispute__reference", "agency__name")


def years():
    """The Board's years in which anything was learned, the newest first."""
    bounds = LearningPoint.objects.aggregate(first=Min("at"), last=Max("at"))
    if bounds["first"] is None:
        return []
    return list(range(periods.year_of(bounds["last"]), periods.year_of(bounds["first"]) - 1, -1))


def readers(user, at):
    """Who of the person and whoever they cover is Board Manager or Chair: as whom they may read what was learned."""
    held = [user, *user.covered(at)]
    return [each for each in held if each.standing.is_of_board]


def _point(row, is_seen=True):
    dispute, began_on = row.dispute, quarter_of(row.at)
    if dispute.stage < StageNumber.THREE or not is_seen:
        return Point(row.text, began_on)
    agency = str(row.agency) if row.agency else ""
    return Point(row.text, began_on, dispute.get_category_display(), dispute.reference, agency, london_date(row.at))


def in_order(found):
    """Quarters the newest first; in each the points in full by their date, then the others by their words.

    No order of those others may tell when in the quarter they were written.
    """
    return sorted(
        found,
        key=lambda p: (-p.began_on.toordinal(), not p.is_in_full, -p.on.toordinal() if p.on else 0, p.text),
    )


def by_quarter(found):
    """The points under the words of their quarter."""
    quarters = defaultdict(list)
    for point in found:
        quarters[point.began_on].append(point)
    return [(quarter_words(began_on), each) for began_on, each in quarters.items()]


def quarter_of(instant):
    """The first day of the quarter, by the calendar in London."""
    on = london_date(instant)
    return date(on.year, on.month - (on.month - 1) % 3, 1)


def quarter_words(began_on):
    """'April to June 2026'."""
    return f"{QUARTERS[began_on.month]} {began_on.year}"


def names_of(dispute):
    """The names of the adult and of everybody who took part or is named, as far as they are known."""
    d = dispute
    there = User.objects.filter(pk__in=d.sights.values("person")) | User.objects.filter(acts__thread=d.pk)
    accounts = there.distinct().order_by("pk").values_list("full_name", flat=True)
    return [
        *named.people(d.adult_name, d.for_name, d.supporter_name, *accounts),
        *named.people(*d.representatives.values_list("name", flat=True)),
        *named.typed(d.speaks_for_adult, d.discussed_by, d.discussed_with, d.capacity_assessed_by),
        *named.typed(*d.consultations.values_list("consulted", flat=True)),
        *named.typed(*d.conveyances.values_list("to", flat=True)),
    ]


def names_in(text, dispute):
    """The words of a text that look like the name of the adult or of somebody who took part."""
    return named.names_in(text, names_of(dispute))
