"""Cover: a dated deputy for somebody who is away, who acts as "A for B" meanwhile."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from agencies.audit import History


class CoverQuerySet(models.QuerySet):
    def at(self, at):
        return self.filter(starts_at__lte=at, ends_at__gt=at, ended_at=None)


class Cover(models.Model):
    """That a person is away between two instants, and who stands in, if anybody."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="covers")
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="covering"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = History()
    objects = CoverQuerySet.as_manager()

    class Meta:
        app_label = "agencies"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="cover_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("person")), name="nobody_deputises_for_self"),
        ]
        indexes = [models.Index(fields=["deputy", "starts_at"], name="cover_deputy")]

    def __str__(self):
        return f"{self.deputy} for {self.person}"

    @property
    def last_day(self):
        """The last instant, whose date is the last day."""
        return self.ends_at - timedelta(seconds=1)
