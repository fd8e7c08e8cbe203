"""The timers: each a sweep over what is due, safe to run twice, and at once on two machines.

A sweep takes its instant once and writes new rows only: flags, acts of the trail, notices, and when to look again; it
changes no tracked row. A unique flag says that the work is done for a dispute, so a rerun writes nothing, and of two
sweeps at once each dispute falls to one. When the service was away, what its return still finds due is told once, as
it stands now. Each timer reads what it must look at now from one index (watches.py): where that is nothing, it asks one
question of the database, however many disputes are open.
"""

import logging
from collections import defaultdict
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.base import ModelState
from django.utils import timezone

from agencies import audit, outbox, rows
from agencies.models import Role
from escalation import deadlines, notices, watches
from escalation.circle import Circle
from escalation.models import Beat, Clock, Dispute, Duty, DutyKind, Flag, FlagKind, Watch

logger = logging.getLogger(__name__)

BATCH = 2_500  # in one transaction
FEW = 20  # times to look again, for which a statement each costs less than one that says the time of every row
VERBS = {
    FlagKind.PAST_TARGET: "flagged past target",
    FlagKind.TWO_DAYS: "reminded of the target",
    FlagKind.MORNING: "reminded of the target",
    FlagKind.NO_MOVEMENT: "reminded that nothing moved",
}
# What is read of a dispute and of a person: the texts stay where they are
OF_DISPUTE = (
    "id", "reference", "stage", "urgency", "target_at", "target_stopped", "moved_at", "ended_at", "raising_agency_id",
    "raised_by_id",
)  # fmt: skip
OF_DUTY = (
    *(field.name for field in Duty._meta.concrete_fields),
    *(f"dispute__{name.removesuffix('_id')}" for name in OF_DISPUTE),
    *(f"person__{name}" for name in ("full_name", "email", "is_active", "wants_digest")),
)  # fmt: skip


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
    beat = {"began_at": at, "ended_at": timezone.now(), "counts": counts}
    if not Beat.objects.filter(timer="sweep").update(**beat):
        Beat.objects.bulk_create([Beat(timer="sweep", **beat)], ignore_conflicts=True)
    return counts


class Look(NamedTuple):
    """A watch, as far as a timer needs it, and its dispute."""

    pk: int
    dispute: Dispute


def _in_batches(looks, at, work, read):
    """Run work on what must be looked at now, in batches; gives how much was due. Each batch is one transaction.

    What an act or another sweep holds at this moment is left to the next sweep.
    """
    looks, total = looks.filter(look_at__lte=at).order_by("look_at"), 0
    # In order, and not whether there is any: the index is read whatever the database believes of how many there are
    while looks.values("look_at").first():
        with transaction.atomic():
            batch = read(looks)
            if batch:
                total += work(batch)
        if len(batch) < BATCH:
            break
    return total


def _watched(clock):
    return Watch.objects.filter(clock=clock)


def _watches(looks):
    """A batch of watches, both they and their disputes held."""
    held = looks.select_for_update(skip_locked=True, no_key=True)
    columns = held.values_list("pk", *(f"dispute__{name}" for name in OF_DISPUTE))[:BATCH]
    return [Look(pk, _dispute(values)) for pk, *values in columns]


def _dispute(values):
    """A dispute of these columns: to leave out the sixty others of so many takes Django as long as to read them."""
    dispute = Dispute.__new__(Dispute)
    dispute._state = ModelState()
    dispute._state.adding, dispute._state.db = False, DEFAULT_DB_ALIAS
    dispute.__dict__.update(zip(OF_DISPUTE, values, strict=True))
    return dispute


def _duties(looks):
    return list(looks.select_for_update(of=("self", "dispute"), skip_locked=True, no_key=True)[:BATCH])


def _is_running(dispute):
    return dispute.ended_at is None and not dispute.target_stopped


def _look_later(batch, clock, look_at):
    """Write down when to look at each again: what has no such time is watched no longer."""
    looks = [(watch, look_at(watch.dispute) if _is_running(watch.dispute) else None) for watch in batch]
    over = [watch.pk for watch, later in looks if later is None]
    if over:
        Watch.objects.filter(pk__in=over).delete()
    Watch.objects.bulk_create(
        [Watch(dispute_id=watch.dispute.pk, clock=clock, look_at=later) for watch, later in looks if later],
        update_conflicts=True,
        unique_fields=["dispute", "clock"],
        update_fields=["look_at"],
    )


def _first(kind, disputes, about, at):
    """Flag disputes; gives those that were not flagged before for the same instant."""
    ids = [dispute.pk for dispute in disputes]
    told = set(Flag.objects.filter(kind=kind, dispute__in=ids).values_list("dispute_id", "about_at"))
    disputes = [dispute for dispute in disputes if (dispute.pk, about(dispute)) not in told]
    rows.add_if_new(
        Flag, [{"dispute_id": dispute.pk, "kind": kind, "about_at": about(dispute), "at": at} for dispute in disputes]
    )
    return disputes


def target(at):
    """Remind two days before the target and on its morning; flag what has passed it (R4).

    A dispute is told of as it stands now: what has passed by the time of a late sweep is not reminded of any more.
    """
    two_days, morning = deadlines.reminded_until(at)
    until = {FlagKind.PAST_TARGET: at, FlagKind.MORNING: morning, FlagKind.TWO_DAYS: two_days}

    def stands(dispute):
        return next((kind for kind, instant in until.items() if dispute.target_at < instant), None)

    def next_look(dispute):
        if dispute.target_at < at:
            return None
        return next(look_at for look_at in watches.target_looks(dispute) if look_at > at)

    def work(batch):
        due = {kind: [] for kind in until}
        for watch in batch:
            if _is_running(watch.dispute) and (kind := stands(watch.dispute)):
                due[kind].append(watch.dispute)
        count = 0
        for kind, disputes in due.items():
            disputes = _first(kind, disputes, lambda dispute: dispute.target_at, at) if disputes else []
            is_past = kind == FlagKind.PAST_TARGET
            _tell(kind, disputes, at, lambda dispute: dispute.target_at, leads=is_past, board=is_past)
            count += len(disputes)
        _look_later(batch, Clock.TARGET, next_look)
        return count

    return _in_batches(_watched(Clock.TARGET), at, work, _watches)


def no_movement(at):
    """Tell who acts where nothing has moved for two working days; once for each standstill."""
    before, gap_from, gap_until = deadlines.working_days_ago(at, watches.STANDS_STILL)
    again = watches.standstill_look(at)

    def is_still(dispute):
        return dispute.moved_at < before and not gap_from <= dispute.moved_at < gap_until

    def work(batch):
        still = [watch.dispute for watch in batch if _is_running(watch.dispute) and is_still(watch.dispute)]
        disputes = _first(FlagKind.NO_MOVEMENT, still, lambda dispute: dispute.moved_at, at) if still else []
        _tell(FlagKind.NO_MOVEMENT, disputes, at, lambda dispute: dispute.moved_at)
        _look_later(
            batch, Clock.STANDSTILL, lambda d: again if is_still(d) else watches.standstill_look(d.moved_at, after=at)
        )
        return len(disputes)

    return _in_batches(_watched(Clock.STANDSTILL), at, work, _watches)


def waiting(at):
    """Tell whose duty begins now (R25: a request unanswered in its time), and remind of what is overdue.

    A reminder comes once, when the time has passed or, where there is none, a working day after it was told; what the
    Board owes, what a panel decided and what must be conveyed is asked for again each working day until it is done
    (R28, R29, R33, R35). That a panel's action is past its date is told to the Chair and the Board Manager once.
    """
    duties = Duty.objects.filter(done_at=None, lapsed_at=None).select_related("dispute", "person").only(*OF_DUTY)

    def work(batch):
        due = [
            duty
            for duty in batch
            if (look_at := watches.duty_look(duty, duty.dispute.target_stopped)) and look_at <= at
        ]
        begun = [duty for duty in due if duty.told_at is None]
        late = [duty for duty in due if duty.told_at is not None]
        if late:
            lapsed = [d for d in late if d.kind == DutyKind.DO_ACTION and d.chased_at is None and d.due_at < at]
            notices.actions_late(lapsed, at=at)
            audit.record_many("flagged a late action", {d.dispute_id: d.dispute for d in lapsed}.values(), at=at)
        _write_down("told_at", begun, at)
        _write_down("chased_at", late, at)
        if begun:
            notices.of_duties(begun, at=at, by_timer=True)
            notices.unanswered([duty for duty in begun if duty.kind == DutyKind.GO_ROUND], at=at)
        if late:
            notices.of_duties(late, at=at, chased=deadlines.in_london(at).date().isoformat(), by_timer=True)
        _look_at_duties_later(batch)
        return len(due)

    return _in_batches(duties, at, work, _duties)


def _write_down(name, duties, at):
    """Set an instant of duties, here and in the database."""
    for duty in duties:
        setattr(duty, name, at)
    if duties:
        Duty.objects.filter(pk__in=[duty.pk for duty in duties]).update(**{name: at})


def _look_at_duties_later(duties):
    """Write down when to look at each again: mostly a few times, each of many duties."""
    by_time = defaultdict(list)
    for duty in duties:
        duty.look_at = watches.duty_look(duty, duty.dispute.target_stopped)
        by_time[duty.look_at].append(duty.pk)
    if len(by_time) > FEW:
        Duty.objects.bulk_update(duties, ["look_at"], batch_size=500)
        return
    for look_at, ids in by_time.items():
        Duty.objects.filter(pk__in=ids).update(look_at=look_at)


def _tell(kind, disputes, at, about, *, leads=False, board=False):
    """Write the notices and the trail of a timer for many disputes at once."""
    if not disputes:
        return
    circle = Circle(disputes, at=at)
    told = []
    for dispute in disputes:
        people = circle.all_actors(dispute) + (circle.all_leads(dispute) if leads else [])
        if board and dispute.stage >= 3:
            people += circle.board(Role.BOARD_MANAGER)
        told.append((dispute, people, about(dispute).isoformat()))
    outbox.write(notices.for_timer(kind, told, at=at, to_board=board))
    audit.record_many(VERBS[kind], disputes, at=at)


TIMERS = {
    "one-week target": target,
    "standstill": no_movement,
    "duty reminder": waiting,
}
