"""The timers: each a sweep over what is due, safe to run twice, and at once on two machines.

A sweep takes its instant once and writes new rows only: flags, acts of the trail, notices; it changes no tracked row.
A unique flag says that the work is done for a dispute, so a rerun writes nothing, and of two sweeps at once each
dispute falls to one. When the service was away, what its return still finds due is told once, as it stands now.
Each timer asks one question of the database; where nothing is due, that is all it does.
"""

import logging

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from agencies import audit, outbox
from agencies.models import Role
from escalation import deadlines, notices
from escalation.circle import Circle
from escalation.models import Beat, Dispute, Duty, DutyKind, Flag, FlagKind

logger = logging.getLogger(__name__)

BATCH = 500
UNTIL_DONE = (
    DutyKind.INFORM_CHAIR, DutyKind.BE_INVOLVED, DutyKind.CONVEY,
    DutyKind.ACKNOWLEDGE, DutyKind.TELL_PARTY, DutyKind.DO_ACTION, DutyKind.WRITE_REPORT,
)  # fmt: skip
VERBS = {
    FlagKind.PAST_TARGET: "flagged past target",
    FlagKind.TWO_DAYS: "reminded of the target",
    FlagKind.MORNING: "reminded of the target",
    FlagKind.NO_MOVEMENT: "reminded that nothing moved",
}


def sweep(at):
    """Every timer, now; gives how many of each kind were newly due. One that fails stops no other."""
    counts, failure = {}, None
    for name, timer in TIMERS.items():
        try:
            with audit.acting(timer=name, at=at):
                counts[name] = timer(at)
        except Exception as error:
            logger.error("the timer %r failed: %s", name, type(error).__name__)
            failure = failure or error
    if failure:
        raise failure
    Beat.objects.bulk_create(
        [Beat(timer="sweep", began_at=at, ended_at=timezone.now(), counts=counts)],
        update_conflicts=True,
        unique_fields=["timer"],
        update_fields=["began_at", "ended_at", "counts"],
    )
    return counts


def _in_batches(find, work):
    """Run work on batches until nothing is due; each batch is one transaction."""
    total = 0
    while True:
        with transaction.atomic():
            batch = list(find().select_for_update(of=("self",), skip_locked=True)[:BATCH])
            if batch:
                work(batch)
        total += len(batch)
        if len(batch) < BATCH:
            return total


def _first(kind, disputes, about, at):
    """Flag disputes; gives those of which no other sweep was quicker.

    The rows are locked, but a sweep that held them before may have flagged them since this one looked.
    """
    flags = [Flag(dispute=dispute, kind=kind, about_at=about(dispute), at=at) for dispute in disputes]
    before = set(Flag.objects.filter(kind=kind, dispute__in=disputes).values_list("dispute_id", "about_at"))
    Flag.objects.bulk_create(flags, ignore_conflicts=True)
    return [dispute for dispute in disputes if (dispute.pk, about(dispute)) not in before]


def target(at):
    """Remind two days before the target and on its morning; flag what has passed it (R4).

    A dispute is told of as it stands now: what has passed by the time of a late sweep is not reminded of any more.
    """
    two_days, morning = deadlines.reminded_until(at)
    stands = Case(
        When(target_at__lt=at, then=Value(FlagKind.PAST_TARGET)),
        When(target_at__lt=morning, then=Value(FlagKind.MORNING)),
        default=Value(FlagKind.TWO_DAYS),
    )

    def find():
        told = Flag.objects.filter(dispute=OuterRef("pk"), kind=OuterRef("stands"), about_at=OuterRef("target_at"))
        due = Dispute.objects.open().filter(target_stopped=False, target_at__lt=max(two_days, morning, at))
        return due.annotate(stands=stands).exclude(Exists(told)).order_by("target_at", "pk")

    def work(batch):
        for kind in (FlagKind.PAST_TARGET, FlagKind.MORNING, FlagKind.TWO_DAYS):
            disputes = [dispute for dispute in batch if dispute.stands == kind]
            if disputes:
                disputes = _first(kind, disputes, lambda dispute: dispute.target_at, at)
                is_past = kind == FlagKind.PAST_TARGET
                _tell(kind, disputes, at, lambda dispute: dispute.target_at, leads=is_past, board=is_past)

    return _in_batches(find, work)


def no_movement(at):
    """Tell who acts where nothing has moved for two working days; once for each standstill."""
    before, gap_from, gap_until = deadlines.working_days_ago(at, 2)

    def find():
        told = Flag.objects.filter(
            dispute=OuterRef("pk"), kind=FlagKind.NO_MOVEMENT, about_at=OuterRef("moved_at")
        )  # fmt: skip
        still = Dispute.objects.open().filter(target_stopped=False, moved_at__lt=before)
        still = still.exclude(moved_at__gte=gap_from, moved_at__lt=gap_until)
        return still.exclude(Exists(told)).order_by("pk")

    def work(batch):
        disputes = _first(FlagKind.NO_MOVEMENT, batch, lambda dispute: dispute.moved_at, at)
        _tell(FlagKind.NO_MOVEMENT, disputes, at, lambda dispute: dispute.moved_at)

    return _in_batches(find, work)


def waiting(at):
    """Tell whose duty begins now (R25: a request unanswered in its time), and remind of what is overdue.

    A reminder comes once, when the time has passed or, where there is none, a working day after it was told; what the
    Board owes, what a panel decided and what must be conveyed is asked for again each working day until it is done
    (R28, R29, R33, R35). That a panel's action is past its date is told to the Chair and the Board Manager once.
    """
    before, gap_from, gap_until = deadlines.working_days_ago(at, 1)

    def a_day_ago(field):
        return Q(**{f"{field}__lt": before}) & ~Q(**{f"{field}__gte": gap_from, f"{field}__lt": gap_until})

    overdue = Q(due_at__lt=at, due_at__gt=F("told_at")) | (
        (Q(due_at=None) | Q(due_at__lte=F("told_at"))) & a_day_ago("told_at")
    )
    once = Q(chased_at=None) & overdue
    again = Q(kind__in=UNTIL_DONE) & a_day_ago("chased_at")

    def find():
        due = Duty.objects.waiting(at).filter(Q(told_at=None) | (Q(dispute__target_stopped=False) & (once | again)))
        return due.select_related("dispute", "person").order_by("pk")

    def work(batch):
        begun = [duty for duty in batch if duty.told_at is None]
        late = [duty for duty in batch if duty.told_at is not None]
        if begun:
            Duty.objects.filter(pk__in=[duty.pk for duty in begun]).update(told_at=at)
            notices.of_duties(begun, at=at, by_timer=True)
            notices.unanswered([duty for duty in begun if duty.kind == DutyKind.GO_ROUND], at=at)
        if late:
            lapsed = [d for d in late if d.kind == DutyKind.DO_ACTION and d.chased_at is None and d.due_at < at]
            notices.actions_late(lapsed, at=at)
            audit.record_many("flagged a late action", {d.dispute_id: d.dispute for d in lapsed}.values(), at=at)
            Duty.objects.filter(pk__in=[duty.pk for duty in late]).update(chased_at=at)
            notices.of_duties(late, at=at, chased=deadlines.in_london(at).date().isoformat(), by_timer=True)

    return _in_batches(find, work)


def _tell(kind, disputes, at, about, *, leads=False, board=False):
    """Write the notices and the trail of a timer for many disputes at once."""
    if not disputes:
        return
    circle = Circle(disputes)
    rows = []
    for dispute in disputes:
        people = circle.all_actors(dispute) + (circle.all_leads(dispute) if leads else [])
        if board and dispute.stage >= 3:
            people += circle.board(Role.BOARD_MANAGER)
        rows.append((dispute, people, about(dispute).isoformat()))
    outbox.write(notices.for_timer(kind, rows, at=at, to_board=board))
    audit.record_many(VERBS[kind], disputes, at=at)


TIMERS = {
    "one-week target": target,
    "standstill": no_movement,
    "duty reminder": waiting,
}
