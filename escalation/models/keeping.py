"""What is kept for a person while working: drafts and searches; no part of the record."""

import secrets

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from agencies.models import User
from escalation.models.dispute import Dispute
from escalation.models.evidence import evidence_storage, stored_name
from escalation.models.lexemes import Lexemes


def new_key():
    return secrets.token_urlsafe(12)


class Draft(models.Model):
    """What has been typed and not yet saved, kept at each step; seen by its writer alone."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=60)  # "raise", or the form's name
    dispute = models.ForeignKey(Dispute, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "form", "-saved_at"], name="draft_person")]

    def __str__(self):
        return self.key


class Search(models.Model):
    """Filters and words searched for, kept under an opaque key, so that no name stands in an address."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="searches")
    words = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "searches"

    def __str__(self):
        return self.key


class NameWord(models.Model):
    """A word of the adult's name, folded (no accents, no case), for "starts with" searches."""

    # An index begins with the dispute
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="name_words", db_index=False)
    word = models.CharField(max_length=100)

    class Meta:
        # From a word to its disputes, and from a dispute to its words, without a look at the rows
        indexes = [
            models.Index(fields=["word", "dispute"], name="name_word", opclasses=["varchar_pattern_ops", "int8_ops"]),
            models.Index(
                fields=["dispute", "word"], name="words_of_name", opclasses=["int8_ops", "varchar_pattern_ops"]
            ),
        ]

    def __str__(self):
        return self.word


class Written(models.Model):
    """What was written in a dispute as words, folded (no accents, no case), for whoever may see it to search."""

    dispute = models.OneToOneField(Dispute, primary_key=True, on_delete=models.CASCADE, related_name="written")
    words = models.TextField()  # a line for each act that wrote something, so that it can be taken out again
    lexemes = Lexemes(null=True, editable=False)

    class Meta:
        verbose_name_plural = "written"
        indexes = [GinIndex(fields=["lexemes"], name="written_lexemes")]

    def __str__(self):
        return f"what was written in {self.dispute_id}"


class SavedView(models.Model):
    """Filters of the register that somebody kept under a name of their own; no words searched for are among them."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_view_once_by_name")]

    def __str__(self):
        return self.name


class ExportKind(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


class Export(models.Model):
    """A large export of the register, made by a worker: how far it is, and the file once it is there."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=4, choices=ExportKind)
    filters = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stored = models.FileField(storage=evidence_storage, upload_to=stored_name, max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(finished_at=None), name="export_to_make")]

    def __str__(self):
        return f"{self.kind} asked for {self.asked_at:%Y-%m-%d %H:%M}"
