"""What is kept for a person while working: drafts and searches; no part of the record."""

import secrets

from django.db import models

from agencies.models import User
from escalation.models.dispute import Dispute


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

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="name_words")
    word = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["word"], name="name_word", opclasses=["varchar_pattern_ops"])]

    def __str__(self):
        return self.word
