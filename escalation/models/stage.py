"""A stage of a dispute and what is recorded at it."""

from django.db import models
from django.db.models import F, Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.stages import BETWEEN, StageNumber


class Meeting(models.TextChoices):
    """Whether a multi-disciplinary meeting was considered (R23)."""

    HELD = "held", "It was held"
    ARRANGED = "arranged", "It is arranged"
    NOT_NEEDED = "not_needed", "It is not needed"


class StageEnd(models.TextChoices):
    ESCALATED = "escalated", "Escalated"
    UNANSWERED = "unanswered", "Escalated: not answered"
    ENDED = "ended", "The dispute ended"


class Stage(models.Model):
    """One stage that a dispute has reached."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="stages")
    number = models.PositiveSmallIntegerField(choices=StageNumber)
    began_at = models.DateTimeField()
    escalated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    escalation_reason = models.TextField(blank=True)  # why the stage was entered (R15)
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=10, choices=StageEnd, blank=True)
    mdt = models.CharField(max_length=10, choices=Meeting, blank=True)
    mdt_on = models.DateField(null=True, blank=True)
    mdt_why = models.TextField(blank=True)
    mdt_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mdt_recorded_at = models.DateTimeField(null=True, blank=True)

    history = History(found_by=["dispute"])

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["began_at"], include=["number"], name="stage_began"),
            models.Index(fields=["ended_at"], include=["number"], condition=Q(end="ended"), name="stage_was_last"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "number"], name="stage_reached_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="stage_end_and_how_together",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="stage_ends_after_it_began"
            ),
        ]

    def __str__(self):
        return f"stage {self.get_number_display()}"

    @property
    def between(self):
        return BETWEEN[self.number]


class How(models.TextChoices):
    TELEPHONE = "telephone", "By telephone"
    IN_PERSON = "in_person", "In person"
    VIDEO = "video", "By video"
    WRITING = "writing", "In writing"
    NOT_HELD = "not_held", "It could not be held"


class Discussion(models.Model):
    """A talk between agencies at a stage, or the attempt at one (R11, R13, R26)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="discussions")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    how = models.CharField(max_length=10, choices=How)
    happened_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["-stage", "-happened_at", "-pk"]
        indexes = [models.Index(fields=["dispute", "-stage", "-happened_at"], name="discussion_order")]

    def __str__(self):
        return f"{self.get_how_display()}, {self.happened_at:%d %b %Y}"

    @property
    def was_held(self):
        return self.how != How.NOT_HELD


class EntryOutcome(models.TextChoices):
    AGREED = "agreed", "We agree"
    IN_PART = "in_part", "We agree in part"
    NOT_AGREED = "not_agreed", "We do not agree"
    AGAIN = "again", "We talk again"
    NOT_HELD = "not_held", "It could not be held"


class Mark(models.TextChoices):
    """Every statement is one or the other (R12)."""

    FACT = "fact", "Fact"
    OPINION = "opinion", "Opinion"


class Entry(models.Model):
    """What one professional writes of a discussion; nobody, the writer included, changes it afterwards (R11)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="entries")
    discussion = models.ForeignKey(Discussion, on_delete=models.PROTECT, related_name="entries")
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    # By which it was given, where the agency has no account
    link = models.ForeignKey("escalation.Link", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    facts = models.TextField(blank=True)
    opinions = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=EntryOutcome)
    outcome_reason = models.TextField()
    again_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)  # written after the dispute ended: outside the sealed record

    history = History()

    class Meta:
        ordering = ["recorded_at", "pk"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["discussion", "author"], name="one_entry_of_each_professional"),
            models.CheckConstraint(condition=~Q(outcome_reason=""), name="entry_outcome_with_reason"),
            models.CheckConstraint(
                condition=Q(author__isnull=False, link=None) | Q(author=None, link__isnull=False),
                name="entry_by_a_person_or_a_link",
            ),
        ]

    def __str__(self):
        return f"{self.writer}, {self.agency}"

    @property
    def writer(self):
        """Who wrote it: a name, and where it came by a link that it did."""
        return self.link.giver if self.link_id else self.author.full_name

    @property
    def statements(self):
        """Each paragraph with its mark, facts first (R12)."""
        return [(Mark.FACT, text) for text in paragraphs(self.facts)] + [
            (Mark.OPINION, text) for text in paragraphs(self.opinions)
        ]


def paragraphs(text):
    """The paragraphs of a text, empty lines left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class Consultation(models.Model):
    """That somebody asked a colleague, manager or safeguarding professional for advice (R8, R23)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="consultations")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    consulted = models.CharField(max_length=200)
    consulted_role = models.CharField(max_length=200, blank=True)
    consulted_on = models.DateField()
    advice = models.TextField()
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self):
        return self.consulted


class ReferredConcern(models.Model):
    """A new concern reported to the Safeguarding Adults Team in the usual manner: its date and reference (R37)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="concerns")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    referred_on = models.DateField()
    team_reference = models.CharField(max_length=100, blank=True)
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self):
        return f"reported {self.referred_on:%d %b %Y}"
