"""What was shared with commissioning, and what was learned: deliberate acts after or beside a dispute (R36, R42)."""

from django.db import models

from agencies.audit import History
from agencies.models import Agency, User


class CommissioningNote(models.Model):
    """Passages shared with commissioning for contract compliance, frozen as they were shared (R36)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="commissioning_notes")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    shared_with = models.CharField(max_length=200)
    contract = models.CharField(max_length=200)
    reason = models.TextField()
    content = models.TextField()  # canonical JSON: the passages, each with where it stands
    digest = models.CharField(max_length=64)

    history = History()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"shared with commissioning, {self.at:%Y-%m-%d}"


class LearningPoint(models.Model):
    """What was learned from a dispute, without names; gathered for the Board (R42)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="learning_points")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    history = History()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], name="learning_at")]

    def __str__(self):
        return f"learning, {self.at:%Y-%m-%d}"
