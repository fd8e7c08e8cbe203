"""The timers: each a sweep over what is due, safe to run twice, and at once on two machines.

A sweep takes its instant once and writes new rows only: flags, acts of the trail, notices; it changes no tracked row.
A unique flag says that the work is done for a dispute, so a rerun writes nothing, and of two sweeps at once each
dispute falls to one. When the service was away, what its return still finds due is told once, as it stands now.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agencies import audit, outbox
from agencies.models import Role
from escalation import deadlines, notices
from escalation.circle import Circle
from escalation.models import Beat, Dispute, Duty, DutyKind, Flag, FlagKind

BATCH = 1000
UNTIL_DONE = (DutyKind.INFORM_CHAIR, DutyKind.BE_INVOLVED, DutyKind.CONVEY)
VERBS = {
    FlagKind.PAST_TARGET: "flagged past target",
    FlagKind.TWO_DAYS: "reminded of the target",
    FlagKind.MORNING: "reminded of the target",
    FlagKind.NO_MOVEMENT: "reminded that nothing moved",
}


def sweep(at):
    """Every timer, now; gives how many of each kind were newly due."""
    counts = {}
    for name, timer in TIMERS.items():
        with audit.acting(timer=name, at=at):
            counts[name] = timer(at)
    Beat.objects.update_or_create(timer="sweep", defaults={"began_at": at, "ended_at": at, "counts": counts})
    return counts


def _flag(kind, disputes, at, key=lambda dispute: ""):
    """Flag disputes of which no other sweep was quicker; gives those that are ours to tell of."""
    flags = [Flag(dispute=dispute, kind=kind, key=key(dispute), at=at) for dispute in disputes]
    keys = {flag.dispute_id: flag.key for flag in flags}
    before = set(Flag.objects.filter(kind=kind, dispute__in=disputes).values_list("dispute_id", "key"))
    Flag.objects.bulk_create(flags, ignore_conflicts=True)
    return [dispute for dispute in disputes if (dispute.pk, keys[dispute.pk]) not in before]


def _due(at):
    """Open disputes whose clock runs."""
    return Dispute.objects.open().filter(target_stopped=False).select_related("raised_by")


def _without(disputes, kind):
    return disputes.exclude(Exists(Flag.objects.filter(dispute=OuterRef("pk"), kind=kind)))


def _locked(disputes):
    """A batch, each row locked against another sweep, which passes it by."""
    return list(disputes.order_by("target_at", "pk").select_for_update(of=("self",), skip_locked=True)[:BATCH])


def _in_batches(find, work):
    """Run work on batches until nothing is due; each batch is one transaction."""
    total = 0
    while True:
        with transaction.atomic():
            batch = find()
            if batch:
                work(batch)
        total += len(batch)
        if len(batch) < BATCH:
            return total


def past_target(at):
    """Flag what has passed the one-week target (R4); tell who acts, their leads, from three the Board Manager."""

    def find():
        return _locked(_without(_due(at).filter(target_at__lt=at), FlagKind.PAST_TARGET))

    def work(batch):
        disputes = _flag(FlagKind.PAST_TARGET, batch, at)
        # What was reminded of and has passed by now is not reminded of any more
        Flag.objects.bulk_create(
            [Flag(dispute=d, kind=kind, at=at) for d in disputes for kind in (FlagKind.TWO_DAYS, FlagKind.MORNING)],
            ignore_conflicts=True,
        )
        _tell(FlagKind.PAST_TARGET, disputes, at, leads=True, board=True)

    return _in_batches(find, work)


def reminders(at):
    """Remind two days before the target, and on its morning (R4)."""
    soon = at + timedelta(days=10)  # the longest run of days off, and two days

    def count(kind, which):
        candidates = _without(_due(at).filter(target_at__gte=at, target_at__lt=soon), kind).order_by("target_at", "pk")
        due = [dispute for dispute in candidates if deadlines.reminders_at(dispute.target_at)[which] <= at]
        for start in range(0, len(due), BATCH):
            with transaction.atomic():
                _tell(kind, _flag(kind, due[start : start + BATCH], at), at)
        return len(due)

    morning = count(FlagKind.MORNING, 1)
    with transaction.atomic():
        done = Flag.objects.filter(kind=FlagKind.MORNING, at=at).values_list("dispute_id", flat=True)
        Flag.objects.bulk_create(
            [Flag(dispute_id=pk, kind=FlagKind.TWO_DAYS, at=at) for pk in done], ignore_conflicts=True
        )
    return morning + count(FlagKind.TWO_DAYS, 0)


def no_movement(at):
    """Tell who acts where nothing has moved for two working days; once for each standstill."""
    since = deadlines.working_days_before(at, 2)

    def find():
        told = Flag.objects.filter(dispute=OuterRef("pk"), kind=FlagKind.NO_MOVEMENT, at__gt=OuterRef("moved_at"))
        still = Dispute.objects.open().filter(moved_at__lt=since, target_stopped=False).exclude(Exists(told))
        return _locked(still.select_related("raised_by"))

    def work(batch):
        _tell(
            FlagKind.NO_MOVEMENT,
            _flag(FlagKind.NO_MOVEMENT, batch, at, key=lambda dispute: dispute.moved_at.isoformat()),
            at,
            key=lambda dispute: dispute.moved_at.isoformat(),
        )

    return _in_batches(find, work)


def duties_begun(at):
    """Tell whose duty begins now: a request unanswered in its time (R25), a resolution nobody objected to."""

    def find():
        return _locked_duties(Duty.objects.waiting(at).filter(told_at=None).order_by("starts_at", "pk"))

    def work(batch):
        Duty.objects.filter(pk__in=[duty.pk for duty in batch]).update(told_at=at)
        notices.of_duties(batch, at=at)
        notices.unanswered([duty for duty in batch if duty.kind == DutyKind.GO_ROUND], at=at)

    return _in_batches(find, work)


def duties_chased(at):
    """Remind of what is overdue: once, but what the Board owes until it is done (R28, R29, R35)."""
    a_day_ago = deadlines.working_days_before(at, 1)

    def find():
        overdue = Duty.objects.waiting(at).filter(
            Q(due_at__lt=at) | Q(due_at=None, starts_at__lt=a_day_ago), dispute__target_stopped=False
        )
        once = Q(chased_at=None)
        again = Q(kind__in=UNTIL_DONE, chased_at__lt=a_day_ago)
        return _locked_duties(overdue.filter(once | again).order_by("pk"))

    def work(batch):
        Duty.objects.filter(pk__in=[duty.pk for duty in batch]).update(chased_at=at)
        notices.of_duties(batch, at=at, chased=deadlines.in_london(at).date().isoformat())

    return _in_batches(find, work)


def _locked_duties(duties):
    return list(
        duties.select_related("dispute__raised_by", "person").select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )


def _tell(kind, disputes, at, *, leads=False, board=False, key=lambda dispute: ""):
    """Write the notices and the trail of a timer for many disputes at once."""
    if not disputes:
        return
    circle = Circle(disputes)
    rows = []
    for dispute in disputes:
        people = circle.all_actors(dispute) + (circle.all_leads(dispute) if leads else [])
        if board and dispute.stage >= 3:
            people += circle.board(Role.BOARD_MANAGER)
        rows.append((dispute, people, key(dispute)))
    outbox.write(notices.for_timer(kind, rows, at=at, to_board=board))
    audit.record_many(VERBS[kind], disputes, at=at)


TIMERS = {
    "one-week target": past_target,
    "target reminder": reminders,
    "standstill": no_movement,
    "duty begins": duties_begun,
    "duty reminder": duties_chased,
}
