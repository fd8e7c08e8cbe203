"""Where disputes stand today: what is read for the dashboard, in nine statements at most, and who is shown which of it.

The Board Manager and the Chair see all disputes from stage three on, and counts below (R44). A number under five is
not told where it could point at somebody below stage three: beside the name of an agency. A lead sees the agency's
own, whatever the stage, and every number, for a lead may open each of them.

Nothing is kept from one request to the next: figures are worked out for whoever asks, from what stands now.
"""

from dataclasses import dataclass
from functools import cache, cached_property, partial

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from agencies.models import Role
from agencies.worded import Worded, numbered
from escalation import figures, health, listing, paging
from escalation.case import clock_of
from escalation.figures import UPPER, Scope
from escalation.models import Dispute, Duty, DutyKind, Party, Side, Urgency
from escalation.models.dispute import Scope as Seen
from escalation.models.duty import held_by, owned_as, owned_by
from escalation.moments import london_date
from panels.following import late_actions
from panels.models import Sitting, SittingState
from panels.suppression import FEWEST

MOST_WAITS, MOST_ROWS, MOST_SITTINGS = 6, 12, 10
MOST_COUNTED = 1000  # beyond it "more than" is as good
# What the Board sees of what waits: as visible_to would say, at a fraction of its cost
FOR_THE_BOARD = Q(dispute__stage__gte=UPPER)
OF_A_DUTY = Dispute.objects.filter(pk=OuterRef("dispute"))
# What the page shows of each, and nothing else: whole disputes hold long texts
OF_A_DISPUTE = (
    "reference", "adult_name", "stage", "urgency", "raised_at", "target_at", "target_stopped", "needed_by_on",
    "ended_at", "is_after_event",
)  # fmt: skip


@dataclass(frozen=True)
class Viewer:
    """Whose figures a person may see: the Board's, those of the agencies they lead, or both."""

    is_board: bool
    own: frozenset
    without: frozenset  # a deputy of the Board sees nothing that concerns the deputy's own agency

    @property
    def is_anybody(self):
        return self.is_board or bool(self.own)

    def may_choose(self, agency_id):
        return agency_id in self.own or (self.is_board and agency_id not in self.without)


def viewer(user, at):
    """Whose figures this person may see now, for themselves or for somebody they stand in for."""
    held = [user.standing, *(person.standing for person in user.covered(at))]
    board = [standing for standing in held if standing.is_of_board]
    leads = frozenset(pk for standing in held for pk in standing.agencies_as(Role.LEAD))
    is_deputy = bool(board) and user.standing not in board
    return Viewer(bool(board), leads, frozenset(user.standing.agencies) if is_deputy else frozenset())


class Dashboard:
    """The figures for one person at one instant, over one period, of all agencies or one."""

    def __init__(self, user, viewer, period, at, agency=None):
        self.user, self.viewer, self.period, self.at, self.agency = user, viewer, period, at, agency
        self.scope = self._scope()

    def _scope(self):
        if self.agency:
            is_own = self.agency.pk in self.viewer.own
            return Scope(frozenset([self.agency.pk]), frozenset() if is_own else self.viewer.without)
        if self.viewer.is_board:
            return Scope(None, self.viewer.without)
        return Scope(self.viewer.own)

    @property
    def is_in_full(self):
        """Whether every number may be told, and every dispute opened: of the person's own agency."""
        return self.agency.pk in self.viewer.own if self.agency else not self.viewer.is_board

    @property
    def is_board(self):
        """Whether these are the Board's figures, and below stage three nothing but counts."""
        return not self.is_in_full

    @property
    def hides_small(self):
        """Whether a small number below stage three could point at somebody: beside an agency's name."""
        return self.is_board and self.agency is not None

    # What waits

    @cached_property
    def duties(self):
        """What waits, most urgent first; what waits after an end last, and only if there is room."""
        user, at, is_board = self.user, self.at, self.viewer.is_board
        if user.covered(at):
            mine = Duty.objects.waiting(at).filter(owned_by(user, at))
            if is_board:
                mine = Scope(None, self.viewer.without).cut(mine.filter(FOR_THE_BOARD), "dispute")
            else:
                mine = mine.filter(Exists(OF_A_DUTY.visible_to(user, at, each=True)))
            read = list(_foremost(mine, Duty.objects.owned(user, at), at))
        else:
            held, seen = held_by(user), Seen.of(user)
            held_in = [pk for _, agencies in held for pk in agencies]
            ids = numbered([user.pk] if is_board else seen.ids.values()) | numbered(held_in, "held")
            roles = tuple((role, len(agencies)) for role, agencies in held)
            read = _foremost_worded(roles, None if is_board else seen.shape)(at=at, **ids)
        read.sort(key=lambda duty: (*listing.pressing(duty, self.at), duty.pk))
        found = [duty for duty in read if duty.dispute.is_open]
        found += sorted((duty for duty in read if not duty.dispute.is_open), key=lambda duty: (duty.since, duty.pk))
        return found[: MOST_WAITS + 1]

    @cached_property
    def waits(self):
        """What waits for this person, most urgent first."""
        return [listing.wait(duty, None, self.at) for duty in self.duties[:MOST_WAITS]]

    @property
    def has_more_waits(self):
        return len(self.duties) > MOST_WAITS

    # What is open

    @cached_property
    def open(self):
        return figures.open_by_stage(self.scope, self.at)

    @property
    def open_shown(self):
        """The stages that may be told apart."""
        return [each for each in self.open if each.stage >= UPPER] if self.hides_small else self.open

    @property
    def number_open(self):
        return sum(each.number for each in self.open_shown)

    @property
    def number_past(self):
        return sum(each.past for each in self.open_shown)

    def at_stage(self, stage):
        return self.open[stage - 1]

    @cached_property
    def rows(self):
        """Open disputes that this person may see in full: urgent ones first, then the longest without movement."""
        today = london_date(self.at)
        return [
            Row(dispute, clock_of(dispute, self.at), (today - london_date(dispute.moved_at)).days)
            for dispute in _open_ones(self.scope, is_board=self.is_board)
        ]

    # The period

    @cached_property
    def ended(self):
        [ended] = figures.ended(self.scope, self.period)
        return ended

    @property
    def ended_below(self):
        """How many ended below stage three."""
        return sum(number for stage, number in self.ended.by_stage.items() if stage < UPPER)

    @property
    def tells_ended(self):
        """Whether enough ended to tell how: what ended from stage three on is told, so not by the difference either."""
        return self.ended_below >= FEWEST if self.hides_small else self.ended.number > 0

    @cached_property
    def raised(self):
        [raised] = figures.raised(self.scope, self.period)
        return raised

    @cached_property
    def agencies(self):
        """Every agency that may be chosen, by name; with those whose names are needed for what was raised with whom."""
        return figures.agencies()

    # What is ahead, and what is late

    @cached_property
    def sittings(self):
        """The sittings of panels that are arranged, the next first."""
        return _sittings(self.scope, self.at)

    @cached_property
    def tally(self):
        """Late actions and records not filed by agency, refused emails, and what moved this week: one statement."""
        times = self.at, self.at - figures.WEEK, london_date(self.at)
        tells_refused = health.may_see(self.user, self.at)
        return figures.tally(_tally(self.scope, *times, is_in_full=self.is_in_full, tells_refused=tells_refused))

    @property
    def week(self):
        return figures.week_of(self.tally)

    @property
    def late(self):
        """(agency, number) of binding actions past their date."""
        return [(agency.name, number) for agency, number in self._by_agency("late")]

    @property
    def unfiled(self):
        return min(sum(self.tally.get("unfiled", {}).values()), MOST_COUNTED)

    @property
    def has_more_unfiled(self):
        return sum(self.tally.get("unfiled", {}).values()) > MOST_COUNTED

    @property
    def refused(self):
        return sum(self.tally.get("refused", {}).values())

    def _by_agency(self, what):
        numbers = self.tally.get(what, {})
        return [(agency, numbers[agency.pk]) for agency in self.agencies if agency.pk in numbers]


@dataclass(frozen=True)
class Row:
    """An open dispute that the person may see: its clock, and the days since it last moved."""

    dispute: object
    clock: object
    days: int

    @property
    def stage(self):
        return listing.STAGES[self.dispute.stage]

    @property
    def agencies(self):
        return f"{self.dispute.raising_agency.name} with {self.dispute.disputed_name}"

    @property
    def urgency(self):
        return "Urgent" if self.dispute.is_urgent else ""

    outcome = ""  # it is open

    @property
    def moved(self):
        match self.days:
            case 0:
                return "today"
            case 1:
                return "1 day ago"
        return f"{self.days} days ago"


# What is asked, worded once for whoever asks the same


@cache
def _foremost_worded(held, seen):
    """For whoever holds these roles in so many agencies, covers nobody, and sees by such a scope; the Board by none."""

    @partial(Worded, is_prepared=True)
    def ask(at, **ids):
        ids, number = list(ids.values()), sum(many for _, many in held)
        ids, agencies = ids[: len(ids) - number], iter(ids[len(ids) - number :])
        owned = owned_as(ids[0], [(role, [next(agencies) for _ in range(many)]) for role, many in held])
        is_seen = Exists(OF_A_DUTY.seen_in(Seen.made(seen, ids), at)) if seen else FOR_THE_BOARD
        return _foremost(Duty.objects.waiting(at).filter(owned, is_seen), Duty.objects.all(), at)

    return ask


def _foremost(mine, duties, at):
    """Of what waits for somebody the most urgent, and where there is room for more what waits after an end.

    Of the latter there may be very much: it is not put in an order to be chosen. Chosen are narrow rows, so that whole
    disputes are read of the chosen alone.
    """
    most = MOST_WAITS + 1
    before, after = (mine.order_by().filter(dispute__ended_at__isnull=is_open) for is_open in (True, False))
    after = after.filter(~Exists(before[MOST_WAITS:most]))
    chosen = [each.values("pk")[:most] for each in (before.order_by(*listing.most_urgent_first(at)), after)]
    return duties.filter(paging.among(chosen)).select_related("dispute", "agency").only(*listing.OF_A_WAIT).order_by()


@figures.worded
def _open_ones(scope, *, is_board):
    """As the rows show them; found by narrow ones, in an order that stands in no index."""
    disputes = scope.disputes().open()
    if is_board:
        disputes = disputes.filter(stage__gte=UPPER)
    order = Case(When(urgency=Urgency.URGENT, then=Value(0)), default=Value(1)), "moved_at", "pk"
    disputed = Party.objects.filter(dispute=OuterRef("pk"), side=Side.DISPUTED).order_by().values("agency__name")
    found = Dispute.objects.filter(paging.first_of([disputes.order_by(*order)], MOST_ROWS))
    found = found.annotate(disputed_name=Subquery(disputed)).select_related("raising_agency").order_by(*order)
    return found.only(*OF_A_DISPUTE, "moved_at", "raising_agency__name")


@partial(figures.worded, is_prepared=True)
def _sittings(scope, at):
    ahead = Sitting.objects.filter(state=SittingState.ARRANGED, starts_at__gte=at)
    ahead = scope.cut(ahead, "panel__dispute").select_related("panel__dispute").order_by("starts_at", "pk")
    ahead = ahead.only("starts_at", "panel_id", "panel__dispute__reference", "panel__dispute__adult_name")
    return ahead[:MOST_SITTINGS]


@partial(figures.worded, is_prepared=True)
def _tally(scope, at, since, today, *, is_in_full, tells_refused):
    late = late_actions(today).select_related(None)
    # In the order of the index of kinds, by which alone few of them are found soon
    unfiled = Duty.objects.filter(kind=DutyKind.FILE, done_at=None, lapsed_at=None).order_by("kind", "agency_id")
    if is_in_full:
        late, unfiled = (rows.filter(agency__in=scope.only) for rows in (late, unfiled))
    else:
        late, unfiled = scope.cut(late, "decision__panel__dispute"), scope.cut(unfiled, "dispute")
    rows = [
        *figures.week_rows(scope, at, since),
        figures.counted(late, "late", F("agency_id")),
        figures.counted(Duty.objects.filter(pk__in=unfiled.values("pk")[: MOST_COUNTED + 1]), "unfiled"),
    ]
    if tells_refused:
        rows.append(figures.counted(health.refused_notices(), "refused"))
    return figures.united(*rows)
