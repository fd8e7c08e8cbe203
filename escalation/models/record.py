"""The Appendix B record of a stage that ended, sealed (R20 to R22)."""

import hashlib
import json

from django.db import models

from agencies.audit import History
from escalation.models.stage import Stage


class Record(models.Model):
    """What stood when the stage ended: canonical JSON and its digest, written in the same transaction."""

    stage = models.OneToOneField(Stage, on_delete=models.PROTECT, related_name="record")
    content = models.TextField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    history = History()

    def __str__(self):
        return f"record of {self.stage}"

    @property
    def data(self):
        return json.loads(self.content)

    @property
    def is_intact(self):
        return digest_of(self.content) == self.digest


class RenderedRecord(models.Model):
    """The PDF of a sealed record: rendered once, after the act, and kept."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="rendered")
    pdf = models.BinaryField()
    rendered_at = models.DateTimeField()

    def __str__(self):
        return f"PDF of {self.record}"


def canonical(data):
    """The one way to write a record down, so that equal records have equal digests."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(content):
    return hashlib.sha256(content.encode()).hexdigest()
