"""What is counted, for the dashboard and the annual submission: one home for every figure (R34, R42).

- A dispute belongs to a period by the instant it was raised, or by the instant it ended: never by both.
- Time taken is counted by calendar date in London, as everywhere; "within one week" is by the instant of the target.
- The median and the 90th percentile are the time within which at least so many of a hundred ended (nearest rank).
- Each function is one statement, whatever the number of rows, and reads the open ones or the period's alone.
- What is counted and for whom is a `Scope`; who may see which figures, and small numbers, are settled by its makers.
- Django words each statement once for every shape of a scope (`worded`); what it finds is counted anew each time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial, wraps
from itertools import chain

from django.db.models import CharField, Count, DateTimeField, Exists, F, Func, IntegerField, Min, OuterRef, Q, Value
from django.db.models.functions import TruncDate

from agencies.models import Agency
from agencies.worded import Worded, numbered
from escalation.models import Dispute, Filing, Party, Side, Stage, StageEnd, Urgency
from escalation.moments import LONDON
from escalation.periods import midnight
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

    @property
    def shape(self):
        """How many agencies there are of each: scopes of one shape are counted in the same words."""
        return None if self.only is None else len(self.only), len(self.without)

    @property
    def ids(self):
        """The agencies, those of `only` first."""
        return [*(self.only or ()), *self.without]

    @classmethod
    def made(cls, shape, ids):
        """The scope of this shape with these agencies."""
        only, _ = shape
        # In their order: that of a set depends on which they are, and a query worded once may not
        return cls(None, tuple(ids)) if only is None else cls(tuple(ids[:only]), tuple(ids[only:]))


def _of(agencies):
    return Party.objects.filter(agency__in=agencies).order_by().values("dispute")


EVERYTHING = Scope()


class AsGiven(IntegerField):
    """A number as the database gives it: Django would make an integer of each integer, once more for every row."""

    def get_internal_type(self):
        return "AsGiven"


AS_GIVEN = AsGiven()


def worded(build, is_prepared=False):
    """What a function asks of a scope and some values: its rows, worded once for each shape of them.

    Each value stands in the query; whatever else it depends on is given by name. `is_prepared` as for `Worded`.
    """

    @cache
    def question(shape, number, **named):
        @partial(Worded, is_prepared=is_prepared)
        def ask(**values):
            values = list(values.values())
            return build(Scope.made(shape, values[number:]), *values[:number], **named)

        return ask

    @wraps(build)
    def asked(scope, *values, **named):
        return question(scope.shape, len(values), **named)(**numbered([*values, *scope.ids]))

    return asked


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
    found = {row["stage"]: Open(**row) for row in _open_by_stage(scope, at)}
    return [found.get(stage, Open(stage)) for stage in StageNumber.values]


@worded
def _open_by_stage(scope, at):
    return scope.disputes().open().values("stage").annotate(
        number=Count("stage"),
        past=Count("stage", filter=Q(target_at__lt=at, target_stopped=False)),
        urgent=Count("stage", filter=Q(urgency=Urgency.URGENT)),
        oldest_at=Min("raised_at"),
    )  # fmt: skip


@worded
def _open_on(scope, *instants):
    rows = []
    for number, instant in enumerate(instants):
        there = scope.disputes().filter(raised_at__lt=instant)
        # Apart, so that each is answered from its own index
        rows += [
            counted(there.filter(ended_at=None), "still", Value(number, IntegerField())),
            counted(there.filter(ended_at__gte=instant), "then", Value(number, IntegerField())),
        ]
    return united(*rows)


def open_on(scope, *instants):
    """How many were open at each of some instants that are over."""
    found = tally(_open_on(scope, *instants))
    return [sum(found.get(what, {}).get(number, 0) for what in ("still", "then")) for number in range(len(instants))]


@dataclass(frozen=True)
class Week:
    """What moved in the last seven days: raised, reached each later stage, ended."""

    reached: dict = field(default_factory=dict)
    ended: int = 0


def week_rows(scope, at, since):
    """What moved in the week from `since` on: the stages that began, and those that were the last, for `tally`."""
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


def united(first, *others):
    """Several of what is `counted`, in one statement."""
    return first.union(*others, all=True)


def tally(rows):
    """What is `counted`: for each what, the number by key."""
    found = {}
    for what, key, number in rows:
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
    found = [Ended() for _ in periods]
    spans = _in_order(periods)
    months = [
        (max(midnight(month), period.start), number, month) for number, period in spans for month in period.months
    ]
    values = _bounds(periods), _begin(period for _, period in spans), [start for start, _, _ in months[1:]]
    for span, stage, how, days, number, soon in _ended(scope, *chain(*values), periods=len(periods)):
        if not how:
            each = found[spans[span][0]]
            _add(each.times_by_stage.setdefault(stage, Times()).days, days, number)
            continue
        _, place, month = months[span]
        each = found[place]
        _add(each.by_stage, stage, number)
        _add(each.by_outcome, how, number)
        _add(each.by_month, month, number)
        _add(each.within_by_month, month, soon)
    return found


@worded
def _ended(scope, first, last, *begin, periods):
    """By stage, outcome and month; and by stage, days and period."""
    within = scope.disputes().filter(ended_at__gte=first, ended_at__lt=last)
    columns = ("span", "stage", "how", "days", "number", "soon")
    by_how = within.annotate(span=begun("ended_at", begin[periods - 1 :]), how=F("outcome"), days=Value(-1, AS_GIVEN))
    by_days = within.annotate(
        span=begun("ended_at", begin[: periods - 1]),
        how=Value("", CharField()),
        days=DaysBetween(_date("ended_at"), _date("raised_at")),
    )
    counts = (
        Count("stage", output_field=AS_GIVEN),
        Count("stage", filter=Q(ended_at__lte=F("target_at")), output_field=AS_GIVEN),
    )
    rows = [
        each.values(*columns[:4]).annotate(number=number, soon=soon).values_list(*columns)
        for each, number, soon in ((by_how, *counts), (by_days, counts[0], Value(0, AS_GIVEN)))
    ]
    return united(*rows)


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
    return sum(number for _, _, number in _not_filed(scope, period.start, period.end))


@worded
def _not_filed(scope, start, end):
    filed = Filing.objects.filter(
        record__stage__dispute=OuterRef("dispute"),
        record__stage__number=OuterRef("dispute__stage"),
        agency=OuterRef("agency"),
        filed_on__isnull=False,
    )
    parties = Party.objects.order_by().filter(
        dispute__ended_at__gte=start, dispute__ended_at__lt=end, dispute__is_after_event=False
    )
    return counted(scope.cut(parties, "dispute").filter(~Exists(filed)), "not filed")


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
    found, spans = [Raised() for _ in periods], _in_order(periods)
    values = _bounds(periods), _begin(period for _, period in spans)
    for span, raising, disputed, kind, number in _raised(scope, *chain(*values)):
        each = found[spans[span][0]]
        if raising:
            each.by_pair[raising, disputed] = number
        else:
            each.by_category[kind] = number
    return found


@worded
def _raised(scope, first, last, *begin):
    within = scope.disputes().filter(raised_at__gte=first, raised_at__lt=last)
    within = within.annotate(span=begun("raised_at", begin))
    columns = ("span", "raising", "disputed", "kind", "number")
    nobody, nothing = Value(0, AS_GIVEN), Value("", CharField())
    categories = within.annotate(raising=nobody, disputed=nobody, kind=F("category"))
    pairs = within.filter(parties__side=Side.DISPUTED).annotate(
        raising=F("raising_agency_id"), disputed=F("parties__agency_id"), kind=nothing
    )
    # Pairs first: it is by the first of them that Django takes columns for those of a model, which need no conversion
    return united(_grouped(pairs, columns), _grouped(categories, columns))


def _grouped(rows, columns):
    *groups, _ = columns
    return rows.values(*groups).annotate(number=Count("raised_at", output_field=AS_GIVEN)).values_list(*columns)


def first_raised_at():
    """When the first dispute of all was raised; None of none."""
    return next(iter(_first_raised()), None)


@Worded
def _first_raised():
    return Dispute.objects.order_by("raised_at").values_list("raised_at", flat=True)[:1]


@Worded
def agencies():
    """Every agency, by name."""
    return Agency.objects.order_by("name")


# Periods and sums


def _in_order(periods):
    """Periods that meet, as they come one after the other, each with its number."""
    return sorted(enumerate(periods), key=lambda each: each[1].start)


def _bounds(periods):
    return min(period.start for period in periods), max(period.end for period in periods)


def _begin(periods):
    """When each of the periods but the first begins."""
    return [period.start for period in periods][1:]


def begun(name, instants):
    """How many of some instants, one after the other, had come by the instant of a column."""
    if not instants:
        return Value(0, AS_GIVEN)
    return Begun(name, *(Value(instant, DateTimeField()) for instant in instants))


class Begun(Func):
    """A column, and the instants that may have come by then."""

    output_field = AS_GIVEN

    def as_sql(self, compiler, connection, **context):
        (column, none), *others = map(compiler.compile, self.get_source_expressions())
        instants = ", ".join(sql for sql, _ in others)
        return f"WIDTH_BUCKET({column}, ARRAY[{instants}])", [*none, *(each for _, given in others for each in given)]

    def as_sqlite(self, compiler, connection, **context):
        (column, none), *others = map(compiler.compile, self.get_source_expressions())
        sums = " + ".join(f"({column} >= {sql})" for sql, _ in others)
        return f"({sums})", [each for _, given in others for each in (*none, *given)]


def _add(sums, key, number):
    sums[key] = sums.get(key, 0) + number


def _sums(pairs):
    sums = {}
    for key, number in pairs:
        _add(sums, key, number)
    return sums
