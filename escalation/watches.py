"""When the timers must look again: written with the acts that begin, move or end what they wait for, and by each look.

A look may come too early, which costs one more; never too late. So an act that only moves a dispute on writes nothing
here: a standstill that began anew is found by the look that was due for the one before.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from escalation import deadlines
from escalation.models import Clock, Dispute, Duty, DutyKind, Watch
from escalation.moments import london_date

STANDS_STILL = 2  # working days
UNTIL_DONE = (
    DutyKind.INFORM_CHAIR, DutyKind.BE_INVOLVED, DutyKind.CONVEY,
    DutyKind.ACKNOWLEDGE, DutyKind.TELL_PARTY, DutyKind.DO_ACTION, DutyKind.WRITE_REPORT,
)  # fmt: skip
# A deadline has passed after its instant, and not at it
AFTER = timedelta(microseconds=1)


def new(dispute):
    """What watches an open dispute, not yet written."""
    first = {Clock.TARGET: target_looks(dispute)[0], Clock.STANDSTILL: standstill_look(dispute.moved_at)}
    return [Watch(dispute=dispute, clock=clock, look_at=look_at) for clock, look_at in first.items()]


def again(dispute, at):
    """Have every timer look at a dispute anew: its target was moved, stopped, or runs again."""
    Watch.objects.bulk_create(
        new(dispute), update_conflicts=True, unique_fields=["dispute", "clock"], update_fields=["look_at"]
    )
    Duty.objects.filter(dispute=dispute, done_at=None, lapsed_at=None, starts_at__lte=at).update(look_at=at)


def find_unwatched():
    """Watch what came by other means than an act, so that none is forgotten; gives how many."""
    watched = Watch.objects.filter(dispute=OuterRef("pk"), clock=Clock.STANDSTILL)
    found = Dispute.objects.open().filter(Q(target_stopped=False), ~Exists(watched))
    found = list(found.only("target_at", "moved_at"))
    Watch.objects.bulk_create([each for dispute in found for each in new(dispute)], ignore_conflicts=True)
    return len(found)


def end(dispute):
    """Nothing of a dispute that has ended is watched."""
    Watch.objects.filter(dispute=dispute).delete()


def target_looks(dispute):
    """When there is something to tell of a target, in order: two reminders, and that it has passed."""
    return sorted((*deadlines.reminders_at(dispute.target_at), dispute.target_at + AFTER))


def standstill_look(moved_at, after=None):
    """The earliest that a dispute can stand still which moved then, and may have moved again since; later than `after`.

    A day off counts from 9am: what moves again before 9am of the next working day stands still earlier.
    """
    next_day = deadlines.next_working_day(london_date(moved_at))
    midnight = deadlines.day_over_at(next_day - timedelta(days=1))
    looks = [deadlines.working_days_later(each, STANDS_STILL) + AFTER for each in (moved_at, midnight)]
    return min(look for look in looks if after is None or look > after)


def duty_look(duty, is_stopped=False):
    """When there is something to tell of a duty that waits, or None: that it begins, is overdue, or is so still."""
    if duty.told_at is None:
        return duty.starts_at
    if is_stopped or (duty.chased_at and duty.kind not in UNTIL_DONE):
        return None
    if duty.chased_at is None and duty.due_at and duty.due_at > duty.told_at:
        look_at = duty.due_at
    else:
        look_at = deadlines.working_days_later(duty.chased_at or duty.told_at, 1)
    return max(look_at + AFTER, duty.starts_at)
