"""The rows of stage four: a panel, its members and sittings, what it was told, decided and reported (R30 to R34)."""

import json

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.models import AskedHow, Dispute, StoredFile, digest_of


class Panel(models.Model):
    """The Resolution Panel of one dispute, convened by the Independent Chair or the Chair's deputy (R30)."""

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="panel")
    convened_at = models.DateTimeField()
    convened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = History()

    def __str__(self):
        return f"panel for {self.dispute}"


class Conflict(models.TextChoices):
    NOT_ASKED = "", "Not yet declared"
    NONE = "none", "Nothing to declare"
    DECLARED = "declared", "Declared"


class Member(models.Model):
    """Who sits for an agency: an account, or a name typed where there is none (R31)."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="members")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="panel_seats")
    name = models.CharField(max_length=200, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_concerned = models.BooleanField()  # the agency is concerned in the dispute
    added_at = models.DateTimeField()
    conflict = models.CharField(max_length=10, choices=Conflict, blank=True, default=Conflict.NOT_ASKED)
    conflict_detail = models.TextField(blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)
    stood_down_at = models.DateTimeField(null=True, blank=True)
    stood_down_reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "agency"], condition=Q(stood_down_at=None), name="one_member_for_each_agency"
            ),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="member_is_somebody"),
            models.CheckConstraint(
                condition=Q(conflict="", declared_at=None) | (~Q(conflict="") & Q(declared_at__isnull=False)),
                name="conflict_with_time",
            ),
            models.CheckConstraint(
                condition=~Q(conflict="declared") | ~Q(conflict_detail=""), name="conflict_with_detail"
            ),
            models.CheckConstraint(
                condition=Q(stood_down_at=None) | ~Q(stood_down_reason=""), name="stood_down_with_reason"
            ),
        ]

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        return self.person.full_name if self.person else self.name

    @property
    def display_job_title(self):
        return self.person.job_title if self.person else self.job_title


class SittingState(models.TextChoices):
    ARRANGED = "arranged", "Arranged"
    HELD = "held", "Held"
    ADJOURNED = "adjourned", "Adjourned"
    CANCELLED = "cancelled", "Cancelled"


class Sitting(models.Model):
    """One meeting of a panel: when, where, and whether it was held; its history keeps each re-arrangement."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="sittings")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=300, blank=True)
    link = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=SittingState, default=SittingState.ARRANGED)
    sequence = models.PositiveSmallIntegerField(default=0)  # of the invitation: counts re-arrangements
    arranged_at = models.DateTimeField()
    changed_reason = models.TextField(blank=True)  # why it was last re-arranged, or cancelled
    closed_at = models.DateTimeField(null=True, blank=True)  # held, adjourned or cancelled, when recorded
    adjourned_reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="sitting_number_once"),
            models.UniqueConstraint(fields=["panel"], condition=Q(state="arranged"), name="one_sitting_ahead"),
            models.CheckConstraint(
                condition=Q(state="arranged", closed_at=None) | (~Q(state="arranged") & Q(closed_at__isnull=False)),
                name="sitting_state_and_time_together",
            ),
            models.CheckConstraint(
                condition=~Q(state="adjourned") | ~Q(adjourned_reason=""), name="adjourned_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], condition=Q(state="arranged"), name="sitting_ahead")]

    def __str__(self):
        return f"sitting {self.number}"


class Coming(models.TextChoices):
    YES = "yes", "Coming"
    DEPUTY = "deputy", "Sending somebody else"
    NO = "no", "Not coming"


class Answer(models.Model):
    """A member's answer to the invitation of a sitting, as arranged at that time."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="answers")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="answers")
    sequence = models.PositiveSmallIntegerField()  # which arrangement of the sitting was answered
    coming = models.CharField(max_length=10, choices=Coming)
    deputy_name = models.CharField(max_length=200, blank=True)
    deputy_job_title = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "member", "sequence"], name="answer_once_for_each_arrangement"),
            models.CheckConstraint(condition=~Q(coming="deputy") | ~Q(deputy_name=""), name="deputy_is_somebody"),
        ]

    def __str__(self):
        return f"{self.member}: {self.get_coming_display()}"


class AttendedHow(models.TextChoices):
    ROOM = "room", "In the room"
    VIDEO = "video", "By video"
    TELEPHONE = "telephone", "By telephone"


class Attendance(models.Model):
    """That somebody sat for an agency at a sitting: quorum is worked out from these (R31)."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="attendance")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=200, blank=True)
    is_deputy = models.BooleanField(default=False)  # named the same day, or in the answer
    how = models.CharField(max_length=10, choices=AttendedHow)

    history = History()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "attendance"
        constraints = [models.UniqueConstraint(fields=["sitting", "agency"], name="attendance_once_for_each_agency")]

    def __str__(self):
        return f"{self.name}, {self.agency}"


class Representation(models.Model):
    """What one party puts to the panel, or that it declines; the referrer may give one too (R32)."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="representations")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_of_referrer = models.BooleanField(default=False)
    invited_at = models.DateTimeField()
    due_at = models.DateTimeField()
    text = models.TextField(blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declined_reason = models.TextField(blank=True)
    told_by = models.CharField(max_length=200, blank=True)  # who told the Chair, where the Chair recorded it
    told_how = models.CharField(max_length=10, choices=AskedHow, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="representations", blank=True)

    history = History()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "agency"], condition=Q(is_of_referrer=False), name="one_representation_of_each_agency"
            ),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(is_of_referrer=True), name="one_representation_of_the_referrer"
            ),
            models.CheckConstraint(
                condition=Q(is_of_referrer=True) | Q(agency__isnull=False), name="representation_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(given_at=None, given_by=None) | Q(given_at__isnull=False, given_by__isnull=False),
                name="representation_given_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by=None)
                | Q(declined_at__isnull=False, declined_by__isnull=False, given_at=None),
                name="representation_declined_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=False) | Q(declined_reason=""),
                name="representation_declined_only_once_declined",
            ),
        ]

    def __str__(self):
        return "The person who raised it" if self.is_of_referrer else str(self.agency)

    @property
    def is_answered(self):
        return self.given_at is not None or self.declined_at is not None

    @property
    def is_late(self):
        answered_at = self.given_at or self.declined_at
        return answered_at is not None and answered_at > self.due_at


class PanelDecision(models.Model):
    """What the panel decided on the next course of action, with its reasons; binding once signed off (R15, R33)."""

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="decision")
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="+")
    points_of_view = models.TextField()
    decision = models.TextField()
    reasons = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_off_for = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = History()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reasons="") & ~Q(decision=""), name="decision_with_reasons"),
            models.CheckConstraint(
                condition=Q(signed_off_at=None, signed_off_by=None)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False),
                name="signed_off_by_and_at_together",
            ),
        ]

    def __str__(self):
        return f"decision of the {self.panel}"


class PanelActionKind(models.TextChoices):
    ACTION = "action", "Action"
    DECIDE_AGAIN = "decide_again", "Asked to decide again"


class Body(models.TextChoices):
    """Whose decision it is by law, which the panel can only ask to make again."""

    SECTION_42 = "section_42", "The council: a section 42 enquiry"
    CAPACITY = "capacity", "Whoever assesses mental capacity"
    POLICE = "police", "The police"
    CLINICAL = "clinical", "A clinician"
    COURT = "court", "A court"


class PanelAction(models.Model):
    """What an agency is to do under the panel's decision, by when, and what shows that it was done (R33)."""

    decision = models.ForeignKey(PanelDecision, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=15, choices=PanelActionKind, default=PanelActionKind.ACTION)
    body = models.CharField(max_length=15, choices=Body, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    owner_name = models.CharField(max_length=200)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    reasons = models.TextField(blank=True)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_recorded_at = models.DateTimeField(null=True, blank=True)
    shown_by = models.TextField(blank=True)  # what shows that it was done

    history = History()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="action", body="") | (Q(kind="decide_again") & ~Q(body="") & ~Q(reasons="")),
                name="decide_again_names_its_body_and_reasons",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None, done_recorded_at=None, shown_by="")
                | (Q(done_on__isnull=False, done_by__isnull=False, done_recorded_at__isnull=False) & ~Q(shown_by="")),
                name="done_on_by_and_shown_together",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(done_on=None), name="panel_action_open")]

    def __str__(self):
        return self.what

    @property
    def is_done(self):
        return self.done_on is not None

    @property
    def asks_again(self):
        """Whether a body is asked to decide again, which by law nobody decides in its place."""
        return self.kind == PanelActionKind.DECIDE_AGAIN


class Acknowledgement(models.Model):
    """That an agency concerned has acknowledged the binding decision: who, when (R33)."""

    decision = models.ForeignKey(PanelDecision, on_delete=models.PROTECT, related_name="acknowledgements")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    told_by = models.CharField(max_length=200, blank=True)  # who told the Board, where the Board recorded it
    told_how = models.CharField(max_length=10, choices=AskedHow, blank=True)

    history = History()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["decision", "agency"], name="acknowledged_once_by_each_agency")]

    def __str__(self):
        return f"{self.agency} acknowledged"


class Report(models.Model):
    """The brief report of a panel: drafted from what is recorded, edited, sealed (R34)."""

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="report")
    issues = models.TextField()
    decisions = models.TextField()
    learning = models.TextField(blank=True)
    drafted_at = models.DateTimeField()
    content = models.TextField(blank=True)  # canonical JSON, once sealed
    digest = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    sealed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = History()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_at=None, sealed_by=None, content="", digest="")
                | (Q(sealed_at__isnull=False, sealed_by__isnull=False) & ~Q(content="") & ~Q(digest="")),
                name="report_sealed_by_and_at_together",
            ),
        ]
        indexes = [models.Index(fields=["sealed_at"], name="report_sealed")]

    def __str__(self):
        return f"report of the {self.panel}"

    @property
    def data(self):
        return json.loads(self.content)

    @property
    def is_intact(self):
        return digest_of(self.content) == self.digest


class AnnualSubmission(models.Model):
    """The year's panel reports and figures, as submitted to the Board: sealed once submitted (R34, R42)."""

    year = models.PositiveSmallIntegerField(unique=True)  # the one in which it begins
    commentary = models.TextField(blank=True)
    public_commentary = models.TextField(blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    content = models.TextField(blank=True)  # canonical JSON of the Board's version, once submitted
    digest = models.CharField(max_length=64, blank=True)
    published = models.TextField(blank=True)  # and of the one for publication
    published_digest = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_for = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = History()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None, content="", digest="", published="")
                | (
                    Q(submitted_at__isnull=False, submitted_by__isnull=False)
                    & ~Q(content="")
                    & ~Q(digest="")
                    & ~Q(published="")
                    & ~Q(published_digest="")
                ),
                name="submitted_by_and_at_together",
            ),
        ]

    def __str__(self):
        return f"{self.year} to {self.year + 1}"

    @property
    def is_submitted(self):
        return self.submitted_at is not None

    @property
    def is_intact(self):
        """Whether both versions match their seals."""
        return digest_of(self.content) == self.digest and digest_of(self.published) == self.published_digest


class RenderedDocument(models.Model):
    """The PDF of what is sealed: rendered once, after the act, and kept."""

    report = models.OneToOneField(Report, null=True, blank=True, on_delete=models.PROTECT, related_name="rendered")
    submission = models.ForeignKey(
        AnnualSubmission, null=True, blank=True, on_delete=models.PROTECT, related_name="rendered"
    )
    is_published_version = models.BooleanField(default=False)
    pdf = models.BinaryField()
    rendered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "is_published_version"], name="submission_rendered_once"),
            models.CheckConstraint(
                condition=Q(report__isnull=False, submission=None) | Q(report=None, submission__isnull=False),
                name="rendered_of_one_thing",
            ),
        ]

    def __str__(self):
        return "PDF"
