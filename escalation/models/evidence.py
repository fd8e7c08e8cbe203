"""Evidence of a dispute, and the files that were sent with it (R12, R20)."""

import uuid

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.stages import StageNumber


class EvidenceKind(models.TextChoices):
    """The kinds of the paper form, and an agency's own document (R18, R20)."""

    CASE_NOTES = "case_notes", "Case notes"
    MINUTES = "minutes", "Minutes"
    EMAIL = "email", "Email"
    SUPERVISION = "supervision", "Supervision notes"
    OWN_DOCUMENT = "own_document", "An agency’s own document"
    PAPER_RECORD = "paper_record", "The record as it was kept on paper"
    OTHER = "other", "Other"


class Evidence(models.Model):
    """One item: what it is, of which date, whose, and what it shows; with files or without."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="evidence")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")  # that added it
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    dated_on = models.DateField(null=True, blank=True)
    shows = models.TextField(blank=True)
    whose = models.CharField(max_length=200, blank=True)
    is_late = models.BooleanField(default=False)  # added after the end, outside the sealed record
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    removal_reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason="")),
                name="evidence_removed_by_and_at_with_reason",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class FileState(models.TextChoices):
    CHECKING = "checking", "Being checked for viruses"
    CLEAN = "clean", "Checked for viruses"
    UNSCANNED = "unscanned", "Not checked for viruses"
    REFUSED = "refused", "Removed: a virus was found"


RELEASED = (FileState.CLEAN, FileState.UNSCANNED)


def stored_name(instance, filename):
    """A name that tells nothing of the file, its sender or the dispute."""
    return f"{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}"


def evidence_storage():
    return storages["evidence"]


class StoredFileQuerySet(models.QuerySet):
    def released(self):
        """Those that may be opened: never before they are checked, where they are checked."""
        return self.filter(state__in=RELEASED)


class StoredFile(models.Model):
    """A file sent to a dispute: with an item of evidence, or with a representation to a panel."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="files")
    evidence = models.ForeignKey(Evidence, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    name = models.CharField(max_length=200)  # as shown, cleaned
    stored = models.FileField(storage=evidence_storage, upload_to=stored_name, max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    has_location = models.BooleanField(default=False)  # a photo that holds where it was taken
    state = models.CharField(max_length=10, choices=FileState)
    checked_at = models.DateTimeField(null=True, blank=True)

    history = History()
    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("checking", "unscanned"), checked_at=None)
                | Q(state__in=("clean", "refused"), checked_at__isnull=False),
                name="file_state_and_check_together",
            ),
            models.UniqueConstraint(fields=["stored"], condition=~Q(stored=""), name="stored_once"),
        ]
        indexes = [models.Index(fields=["received_at"], condition=Q(state="checking"), name="file_to_check")]

    def __str__(self):
        return self.name

    @property
    def is_released(self):
        return self.state in RELEASED


class ScanLease(models.Model):
    """That a worker is checking a file now, until when: no fact about the dispute, and without history."""

    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, related_name="lease")
    until = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"checking {self.file_id} until {self.until:%H:%M:%S}"


class StagedFile(models.Model):
    """A file that somebody has sent and not yet saved, kept beside the draft of a page (drafts.py), for them alone."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=60)  # as Draft.form
    staged_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    stored = models.FileField(storage=evidence_storage, upload_to=stored_name, max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    has_location = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["person", "dispute", "form"], name="staged_on_page")]
        constraints = [models.UniqueConstraint(fields=["stored"], name="staged_once")]

    def __str__(self):
        return self.name
