"""How the clockwork goes: when the timers last ran, what waits to be sent or checked, which addresses were refused."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from agencies.models import Notice
from escalation.models import Beat, FileState, StoredFile

SWEEP_IS_LATE = timedelta(minutes=5)
NOTICE_IS_LATE = timedelta(hours=1)
FILE_IS_LATE = timedelta(hours=1)
MOST_ADDRESSES = 50


def may_see(user, at):
    """The Board Manager, who stands in for the Board Manager, and administrators of accounts."""
    held = [user.standing, *(person.standing for person in user.covered(at))]
    return user.standing.is_administrator or any(standing.is_board_manager for standing in held)


@dataclass(frozen=True)
class Queue:
    """What waits, at one instant; no times where nothing waits or nothing ran."""

    at: object
    swept_at: object
    counts: dict
    waiting: int
    later: int
    oldest_at: object

    @property
    def since_sweep(self):
        return None if self.swept_at is None else max(self.at - self.swept_at, timedelta())

    @property
    def oldest_waits(self):
        """How long the oldest notice has waited since it could first have been sent."""
        return None if self.oldest_at is None else max(self.at - self.oldest_at, timedelta())

    @property
    def is_sweep_late(self):
        return self.since_sweep is not None and self.since_sweep > SWEEP_IS_LATE

    @property
    def is_notice_late(self):
        return self.oldest_waits is not None and self.oldest_waits > NOTICE_IS_LATE


def queue(at):
    """When the timers last ran, and what waits to be sent: two queries."""
    beat = Beat.objects.filter(timer="sweep").first()
    due = Q(send_after__lte=at)
    # One that has failed is put off, and has waited all the same since it was written
    waits_since = Min("send_after", filter=due & Q(attempts=0)), Min("written_at", filter=Q(attempts__gt=0))
    found = Notice.objects.unsent().aggregate(
        waiting=Count("pk", filter=due | Q(attempts__gt=0)),
        later=Count("pk", filter=~due & Q(attempts=0)),
        untried=waits_since[0],
        tried=waits_since[1],
    )
    oldest_at = min((each for each in (found["untried"], found["tried"]) if each), default=None)
    return Queue(
        at=at,
        swept_at=beat and (beat.ended_at or beat.began_at),
        counts=beat.counts if beat else {},
        waiting=found["waiting"],
        later=found["later"],
        oldest_at=oldest_at,
    )


@dataclass(frozen=True)
class Held:
    """The files that wait to be checked for viruses, at one instant."""

    at: object
    waiting: int
    oldest_at: object

    @property
    def oldest_waits(self):
        return None if self.oldest_at is None else max(self.at - self.oldest_at, timedelta())

    @property
    def is_late(self):
        return self.oldest_waits is not None and self.oldest_waits > FILE_IS_LATE


def held(at):
    """The files that nobody can open yet: one query."""
    waiting = StoredFile.objects.filter(state=FileState.CHECKING)
    found = waiting.aggregate(waiting=Count("pk"), oldest_at=Min("received_at"))
    return Held(at=at, **found)


@dataclass(frozen=True)
class Refused:
    """An address that a mail server has refused for good, and since when nothing arrived there."""

    address: str
    number: int
    last_at: object
    person_id: int | None
    name: str


def refused_notices():
    """The notices that a mail server refused for good, to addresses not reached since."""
    reached = Notice.objects.filter(
        Q(recipient=OuterRef("recipient")) | Q(recipient=None, mailbox=OuterRef("mailbox"), mailbox__gt=""),
        sent_at__gt=OuterRef("refused_at"),
    )
    return Notice.objects.filter(refused_at__isnull=False).filter(~Exists(reached))


def refused():
    """The addresses refused and not reached since, the latest refusal first."""
    rows = (
        refused_notices()
        .values("recipient", "mailbox", email=F("recipient__email"), name=F("recipient__full_name"))
        .annotate(number=Count("pk"), last_at=Max("refused_at"))
        .order_by("-last_at", "recipient", "mailbox")[:MOST_ADDRESSES]
    )
    return [
        Refused(row["mailbox"] or row["email"], row["number"], row["last_at"], row["recipient"], row["name"] or "")
        for row in rows
    ]
