"""That a copy of a sealed record is held on the adult's record in every agency concerned (R16)."""

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User


class Filing(models.Model):
    """For one agency and one sealed record: sent, filed, by whom, when, under which local reference."""

    record = models.ForeignKey("escalation.Record", on_delete=models.PROTECT, related_name="filings")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filed_on = models.DateField(null=True, blank=True)
    filed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filed_by_name = models.CharField(max_length=200, blank=True)  # who filed it, if not who recorded that
    local_reference = models.CharField(max_length=100, blank=True)
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["record__stage__number", "agency__name"]
        constraints = [
            models.UniqueConstraint(fields=["record", "agency"], name="filing_once_for_each_record_and_agency"),
            models.CheckConstraint(
                condition=Q(filed_on=None, filed_by=None) | Q(filed_on__isnull=False, filed_by__isnull=False),
                name="filed_by_and_on_together",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="sent_by_and_at_together",
            ),
        ]
        indexes = [models.Index(fields=["agency", "record"], name="filing_of_agency")]

    def __str__(self):
        return f"{self.agency}: {'filed' if self.filed_on else 'not yet filed'}"

    @property
    def is_filed(self):
        return self.filed_on is not None

    @property
    def who(self):
        """Who filed it."""
        return self.filed_by_name or str(self.filed_by)
