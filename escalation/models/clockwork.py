"""What the timers and the Board leave behind: flags, and dated acts of their own."""

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import User
from escalation.models.dispute import Dispute


class FlagKind(models.TextChoices):
    TWO_DAYS = "two_days", "Two days before the target"
    MORNING = "morning", "On the morning of the target"
    PAST_TARGET = "past_target", "Past the one-week target"
    NO_MOVEMENT = "no_movement", "No movement for two working days"


class Flag(models.Model):
    """That a timer has done its work for a dispute: once for each kind and instant, however often it runs.

    The instant is the target it is about, or the last movement before a standstill.
    """

    # Its unique key begins with the dispute
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="flags", db_index=False)
    kind = models.CharField(max_length=12, choices=FlagKind)
    about_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "kind", "about_at"], name="flagged_once")]

    def __str__(self):
        return f"{self.kind} {self.about_at:%Y-%m-%d %H:%M}"


class Clock(models.TextChoices):
    TARGET = "target", "The one-week target"
    STANDSTILL = "standstill", "Days without movement"


class Watch(models.Model):
    """When a timer must look at an open dispute next: the one thing it reads to find what is due.

    It may be too early, and never is too late: a look that finds nothing due says when the next one is. Whatever moves
    a target to another time or lets it run again has the timers look again (`watches.again`). No part of the record.
    """

    # Its unique key begins with the dispute
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="watches", db_index=False)
    clock = models.CharField(max_length=10, choices=Clock)
    look_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "clock"], name="watched_once_by_each_clock")]
        indexes = [models.Index(fields=["clock", "look_at"], name="watch_to_look_at")]

    def __str__(self):
        return f"{self.clock} {self.look_at:%Y-%m-%d %H:%M}"


class BoardActKind(models.TextChoices):
    CHAIR_INFORMED = "chair_informed", "Informed the Independent Chair"
    INVOLVED = "involved", "Was involved in the resolution"


class BoardAct(models.Model):
    """A dated act of the Board Manager: that the Chair was informed (R28), or her part in a resolution (R29)."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="board_acts")
    kind = models.CharField(max_length=20, choices=BoardActKind)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()  # when it was done, which may be before it was recorded
    how = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "kind"], name="board_act_once")]

    def __str__(self):
        return self.get_kind_display()

    @property
    def who(self):
        """Who did it; where a deputy did, for whom."""
        return f"{self.by} for {self.on_behalf_of}" if self.on_behalf_of_id else str(self.by)


class ConveyedHow(models.TextChoices):
    READ = "read", "Read in Resolve"
    TELEPHONE = "telephone", "By telephone"
    IN_PERSON = "in_person", "In person"
    EMAIL = "email", "By email"
    LETTER = "letter", "By letter"


class Conveyance(models.Model):
    """That the outcome was conveyed to the original referrer: to whom, when, how (R35)."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="conveyances")
    to = models.CharField(max_length=200)
    how = models.CharField(max_length=10, choices=ConveyedHow)
    conveyed_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute"], condition=Q(how="read"), name="read_by_the_referrer_once")
        ]

    def __str__(self):
        return f"{self.to}, {self.get_how_display()}"

    @property
    def how_words(self):
        """How, within a sentence: "read in Resolve", "by telephone"."""
        return self.get_how_display()[:1].lower() + self.get_how_display()[1:]


class Beat(models.Model):
    """When a timer last ran, and what it found: no more than the newest is kept."""

    timer = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    def __str__(self):
        return self.timer
