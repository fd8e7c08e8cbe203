"""Which agencies a dispute concerns, who acts for each, and who else may see it."""

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.stages import StageNumber


class Side(models.TextChoices):
    RAISING = "raising", "Raised the dispute"
    DISPUTED = "disputed", "Its decision, action or inaction is disputed"
    CONCERNED = "concerned", "Also concerned"


class Party(models.Model):
    """An agency concerned in a dispute, with its own view of the reason (R14)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="parties")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="parties")
    side = models.CharField(max_length=10, choices=Side)
    added_at = models.DateTimeField()
    raised_at = models.DateTimeField()  # the dispute's own, which never changes: an agency's disputes in their order
    view = models.TextField(blank=True)
    view_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    view_link = models.ForeignKey(
        "escalation.Link", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # by which it was given, where the agency has no account
    view_at = models.DateTimeField(null=True, blank=True)

    history = History(excluded_fields=["raised_at"], found_by=["dispute"])

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(fields=["dispute", "agency"], name="party_once_per_dispute"),
            models.UniqueConstraint(fields=["dispute"], condition=Q(side="raising"), name="one_raising_agency"),
            models.UniqueConstraint(fields=["dispute"], condition=Q(side="disputed"), name="one_disputed_agency"),
            models.CheckConstraint(
                condition=Q(view="", view_by=None, view_link=None, view_at=None)
                | (~Q(view="") & Q(view_by__isnull=False, view_link=None, view_at__isnull=False))
                | (~Q(view="") & Q(view_by=None, view_link__isnull=False, view_at__isnull=False)),
                name="view_with_author_and_time",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "dispute"], name="party_agency"),
            models.Index(fields=["agency", "-raised_at", "-dispute"], name="party_by_raised"),
            # With whom a dispute was raised, counted without a look at the rows
            models.Index(fields=["dispute", "agency"], condition=Q(side="disputed"), name="party_disputed"),
        ]

    def __str__(self):
        return self.agency.name

    @property
    def view_giver(self):
        """Who gave the view: a name, and where it came by a link that it did."""
        return self.view_link.giver if self.view_link_id else self.view_by.full_name if self.view_by_id else ""


class Representative(models.Model):
    """Who acts for an agency at a stage: an account, or a name typed where there is none (R24, R26)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="representatives")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="represents")
    name = models.CharField(max_length=200, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_suggestion = models.BooleanField(default=False)
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ["stage", "named_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "agency", "stage"],
                condition=Q(replaced_at=None),
                name="one_representative_per_agency_and_stage",
            ),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="representative_is_somebody"),
        ]

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        return self.person.full_name if self.person else self.name

    @property
    def display_job_title(self):
        return self.person.job_title if self.person else self.job_title

    @property
    def display_phone(self):
        return self.person.phone if self.person else self.phone


class Participant(models.Model):
    """For which agency a person acts on a dispute: one, fixed at the first act."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participates")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "person"], name="acts_for_one_agency")]

    def __str__(self):
        return f"{self.person}, {self.agency}"


class Why(models.TextChoices):
    """Why a person may see a dispute."""

    RAISED = "raised", "raised it"
    NAMED = "named", "was named"
    SUPPORTER = "supporter", "supports the person who raised it"
    ACTED = "acted", "acted on it"
    COPY = "copy", "was given a copy"
    PANEL = "panel", "sits on its panel"


class SightQuerySet(models.QuerySet):
    def at(self, at):
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class Sight(models.Model):
    """That a person may see a dispute, from when, until when, and why (R44); written by the act that grants it."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.CASCADE, related_name="sights")
    # Two indexes begin with the person
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sights", db_index=False)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    # That the agency is concerned in the dispute: whoever sees all of an agency's disputes sees this one without it
    is_of_party = models.BooleanField(default=False)
    why = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = SightQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "dispute", "why"], name="sight_once_for_each_reason"),
        ]
        indexes = [
            models.Index(fields=["agency", "person"], name="sight_agency"),
            # What somebody may see is read from this alone
            models.Index(
                fields=["person", "dispute"], include=["agency", "is_of_party", "since", "until"], name="sight_person"
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.why}"
