"""What is counted, for the dashboard and the annual submission: one home for every figure (R34, R42).

- A dispute belongs to a period by the instant it was raised, or by the instant it ended: never by both.
- Time taken is counted by calendar date in London, as everywhere; "within one week" is by the instant of the target.
- The median and the 90th percentile are the time within which at least so many of a hundred ended (nearest rank).
- Each function is one statement, whatever the number of rows, and reads the open ones or the period's alone.
- What is counted and for whom is a `Scope`; who may see which figures, and small numbers, are settled by its makers.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import TruncDate, TruncMonth

from escalation.models import Dispute, Filing, Party, Side, Stage, StageEnd, Urgency
from escalation.moments import LONDON
from escalation.stages import StageNumber

WEEK = timedelta(days=7)
UPPER = StageNumber.THREE  # from here on the Board sees disputes in full


@dataclass(frozen=True)
class Scope:
    """Which disputes are counted: all, those of some agencies, or all but those that concern some."""

    only: frozenset | None = None
    without: frozenset = frozenset()

    def disputes(self):
        """The disputes, as a query that the database answers from its indexes where nothing is left out."""
        return self.cut(Dispute.objects.order_by())

    def cut(self, rows, key="pk"):
        """Those rows whose dispute is counted."""
        if self.only is not None:
            rows = rows.filter(**{f"{key}__in": _of(self.only)})
        return rows.exclude(**{f"{key}__in": _of(self.without)}) if self.without else rows


def _of(agencies):
    return Party.objects.filter(agency__in=agencies).order_by().values("dispute")


EVERYTHING = Scope()


# What is open


@dataclass(frozen=True)
class Open:
    """What is open at a stage."""

    stage: int
    number: int = 0
    past: int = 0
    urgent: int = 0
    oldest_at: object = None

    @property
    def within(self):
        return self.number - self.past


def open_by_stage(scope, at):
    """What is open at each of the four stages, in order."""
    rows = scope.disputes().open().values("stage").annotate(
        number=Count("stage"),
        past=Count("stage", filter=Q(target_at__lt=at, target_stopped=False)),
        urgent=Count("stage", filter=Q(urgency=Urgency.URGENT)),
        oldest_at=Min("raised_at"),
    )  # fmt: skip
    found = {row["stage"]: Open(**row) for row in rows}
    return [found.get(stage, Open(stage)) for stage in StageNumber.values]


def open_on(scope, *instants):
    """How many were open at each of some instants that are over."""
    rows = []
    for number, instant in enumerate(instants):
        there = scope.disputes().filter(raised_at__lt=instant)
        # Apart, so that each is answered from its own index
        rows += [
            counted(there.filter(ended_at=None), "still", Value(number, IntegerField())),
            counted(there.filter(ended_at__gte=instant), "then", Value(number, IntegerField())),
        ]
    found = tally(*rows)
    return [sum(found.get(what, {}).get(number, 0) for what in ("still", "then")) for number in range(len(instants))]


@dataclass(frozen=True)
class Week:
    """What moved in the last seven days: raised, reached each later stage, ended."""

    reached: dict = field(default_factory=dict)
    ended: int = 0


def week_rows(scope, at):
    """What moved in the seven days before: the stages that began, and those that were the last, as rows for `tally`."""
    since = at - WEEK
    stages = scope.cut(Stage.objects.order_by(), "dispute")
    began = stages.filter(began_at__gt=since, began_at__lte=at)
    ended = stages.filter(ended_at__gt=since, ended_at__lte=at, end=StageEnd.ENDED)
    return counted(began, "began", F("number")), counted(ended, "ended", F("number"))


def week_of(found):
    """The same as it was tallied."""
    return Week(found.get("began", {}), sum(found.get("ended", {}).values()))


def counted(rows, what, key=None):
    """How many rows there are for each key, as rows for `tally`."""
    key = Value(0, IntegerField()) if key is None else key
    # Names that no model has
    rows = rows.order_by().annotate(counted_as=Value(what, CharField()), counted_by=key)
    rows = rows.values("counted_as", "counted_by").annotate(counted_many=Count("*"))
    return rows.values_list("counted_as", "counted_by", "counted_many")


def tally(first, *others):
    """What `counted` counts, in one statement: for each what, the number by key."""
    found = {}
    for what, key, number in first.union(*others, all=True):
        found.setdefault(what, {})[key] = number
    return found


# What ended


@dataclass
class Times:
    """Times taken, in calendar days, each with how many took it."""

    days: dict = field(default_factory=dict)

    @property
    def number(self):
        return sum(self.days.values())

    def within(self, percent):
        """The days within which at least so many of a hundred ended; None of none."""
        wanted, so_far = -(-self.number * percent // 100), 0
        for days in sorted(self.days):
            so_far += self.days[days]
            if so_far >= wanted:
                return days
        return None

    @property
    def median(self):
        return self.within(50)

    @property
    def ninetieth(self):
        return self.within(90)

    def between(self, first, last=None):
        """How many took from so many to so many days."""
        return sum(number for days, number in self.days.items() if first <= days and (last is None or days <= last))


@dataclass
class Ended:
    """What ended in a period."""

    by_stage: dict = field(default_factory=dict)
    by_outcome: dict = field(default_factory=dict)
    by_month: dict = field(default_factory=dict)
    within_by_month: dict = field(default_factory=dict)
    times_by_stage: dict = field(default_factory=dict)

    @property
    def number(self):
        return sum(self.by_stage.values())

    @property
    def within(self):
        """How many ended within one week, by the instant of their target (R4)."""
        return sum(self.within_by_month.values())

    @property
    def times(self):
        """The times taken at all stages together."""
        return self.times_of(*self.times_by_stage)

    def times_of(self, *stages):
        """The times taken by what ended at some stages."""
        together = Times()
        for stage in stages:
            for days, number in self.times_by_stage.get(stage, Times()).days.items():
                _add(together.days, days, number)
        return together


def ended(scope, *periods):
    """What ended in each of the periods: by stage, outcome and month, how much within one week, and the times taken."""
    within = _in_periods(scope, "ended_at", periods)
    columns = ("period", "stage", "how", "month", "days", "number", "soon")
    by_how = within.annotate(
        how=F("outcome"),
        month=TruncMonth("ended_at", output_field=DateField(), tzinfo=LONDON),
        days=Value(-1, IntegerField()),
    )
    by_days = within.annotate(
        how=Value("", CharField()),
        month=Value(None, DateField()),
        days=DaysBetween(_date("ended_at"), _date("raised_at")),
    )
    soon = Count("stage", filter=Q(ended_at__lte=F("target_at")))
    rows = [
        each.values(*columns[:5]).annotate(number=Count("stage"), soon=soon).values_list(*columns)
        for each in (by_how, by_days)
    ]
    found = [Ended() for _ in periods]
    for period, stage, how, month, days, number, soon in rows[0].union(rows[1], all=True):
        each = found[period]
        if not how:
            _add(each.times_by_stage.setdefault(stage, Times()).days, days, number)
            continue
        _add(each.by_stage, stage, number)
        _add(each.by_outcome, how, number)
        _add(each.by_month, month, number)
        _add(each.within_by_month, month, soon)
    return found


def _date(name):
    return TruncDate(name, tzinfo=LONDON)


class DaysBetween(Func):
    """The number of days from one date to another, the later one given first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        (last, last_params), (first, first_params) = map(compiler.compile, self.get_source_expressions())
        sql = f"CAST(JULIANDAY({last}) - JULIANDAY({first}) AS INTEGER)"
        return sql, (*last_params, *first_params)


def not_filed(scope, period):
    """How often an agency concerned has not filed the latest record of what ended in a period (R16).

    What was worked through on paper has its record there.
    """
    filed = Filing.objects.filter(
        record__stage__dispute=OuterRef("dispute"),
        record__stage__number=OuterRef("dispute__stage"),
        agency=OuterRef("agency"),
        filed_on__isnull=False,
    )
    parties = Party.objects.order_by().filter(
        dispute__ended_at__gte=period.start, dispute__ended_at__lt=period.end, dispute__is_after_event=False
    )
    return scope.cut(parties, "dispute").filter(~Exists(filed)).count()


# What was raised


@dataclass
class Raised:
    """What was raised in a period: by category, and by which agency with which (their ids)."""

    by_category: dict = field(default_factory=dict)
    by_pair: dict = field(default_factory=dict)

    @property
    def number(self):
        return sum(self.by_category.values())

    @property
    def by_agency(self):
        """How many each agency raised."""
        return _sums((raising, number) for (raising, _), number in self.by_pair.items())

    @property
    def with_agency(self):
        """How many were raised with each agency, whose decision, action or inaction was disputed."""
        return _sums((disputed, number) for (_, disputed), number in self.by_pair.items())


def raised(scope, *periods):
    """What was raised in each of the periods: by category, and by which agency with which."""
    within = _in_periods(scope, "raised_at", periods)
    columns = ("period", "raising", "disputed", "kind", "number")
    nobody, nothing = Value(0, IntegerField()), Value("", CharField())
    categories = within.annotate(raising=nobody, disputed=nobody, kind=F("category"))
    pairs = within.filter(parties__side=Side.DISPUTED).annotate(
        raising=F("raising_agency_id"), disputed=F("parties__agency_id"), kind=nothing
    )
    rows = _grouped(categories, columns).union(_grouped(pairs, columns), all=True)
    found = [Raised() for _ in periods]
    for period, raising, disputed, kind, number in rows:
        if raising:
            found[period].by_pair[raising, disputed] = number
        else:
            found[period].by_category[kind] = number
    return found


def _grouped(rows, columns):
    *groups, _ = columns
    return rows.values(*groups).annotate(number=Count("raised_at")).values_list(*columns)


def first_raised_at():
    """When the first dispute of all was raised; None of none."""
    return Dispute.objects.order_by("raised_at").values_list("raised_at", flat=True).first()


# Periods and sums


def _in_periods(scope, name, periods):
    """The disputes whose instant of this name is in one of the periods, which meet; each with its period's number."""
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    rows = scope.disputes().filter(**{f"{name}__gte": first, f"{name}__lt": last})
    if len(periods) == 1:
        return rows.annotate(period=Value(0, IntegerField()))
    cases = [
        When(**{f"{name}__gte": period.start, f"{name}__lt": period.end}, then=Value(number))
        for number, period in enumerate(periods)
    ]
    return rows.annotate(period=Case(*cases, output_field=IntegerField()))


def _add(sums, key, number):
    sums[key] = sums.get(key, 0) + number


def _sums(pairs):
    sums = {}
    for key, number in pairs:
        _add(sums, key, number)
    return sums
