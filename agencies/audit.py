"""The trail of acts: who, as what, for whom, what, when (R43). Rows are added and never changed.

The trail holds verbs, ids, roles, times and salted digests of the texts; the texts themselves stand in the domain's
own rows, so that retention can dispose of them later without breaking the trail. A subject is named by type and id:
the trail imports nothing of what stands above it. A trigger in the database refuses change and removal.
"""

import contextlib
import hashlib
import secrets
from contextvars import ContextVar

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from agencies import rows

_for = ContextVar("acting_for", default=None)
_timer = ContextVar("acting_timer", default="")
_at = ContextVar("acting_at", default=None)


class Act(models.Model):
    """One act of a person, or of a named timer."""

    verb = models.CharField(max_length=60)
    thread = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    # The trail is read by its thread alone
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="acts", db_index=False
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="acts_by_deputy", db_index=False
    )
    timer = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=20, blank=True)
    agency = models.ForeignKey("agencies.Agency", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    salt = models.CharField(max_length=16, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = "agencies"
        indexes = [models.Index(fields=["thread", "at", "id"], name="act_thread_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | ~models.Q(timer=""), name="act_by_somebody_or_a_timer"
            )
        ]

    def __str__(self):
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M}"


class History(HistoricalRecords):
    """The versions of a row, each dated by the act that made it, so that an act finds what it changed.

    They are found by the id of the row, and by the fields in `found_by`: every further index costs each act that
    writes a version more than the version itself.
    """

    def __init__(self, *args, found_by=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.found_by = found_by

    def copy_fields(self, model):
        fields = super().copy_fields(model)
        for name, field in fields.items():
            if name != model._meta.pk.name and name not in self.found_by:
                field.db_index = False
        return fields

    def get_extra_fields(self, model, fields):
        extra = super().get_extra_fields(model, fields)
        for name in ("history_date", "history_user"):
            extra[name].db_index = False
        return extra

    def create_historical_record(self, instance, history_type, using=None):
        at = _at.get()
        if history_type != "-":  # a row that is removed can no longer be copied
            rows.copy(
                type(instance),
                [instance.pk],
                history_type,
                by=self.get_history_user(instance),
                at=at or getattr(instance, "_history_date", None),
                reason=self.get_change_reason_for_object(instance, history_type, using),
            )
            return
        if at is not None:
            instance._history_date = at
        try:
            super().create_historical_record(instance, history_type, using)
        finally:
            if at is not None:
                del instance._history_date

    def get_change_reason_for_object(self, instance, history_type, using):
        """Where no person made a version: the timer that did."""
        return super().get_change_reason_for_object(instance, history_type, using) or _timer.get() or None


@contextlib.contextmanager
def acting(by=None, for_=None, timer="", at=None):
    """Give history and trail who acts, for whom, which timer, and when; an inner one adds to an outer."""
    request = getattr(HistoricalRecords.context, "request", None)
    HistoricalRecords.context.request = _Acting(by)
    for_token, timer_token = _for.set(for_ or _for.get()), _timer.set(timer or _timer.get())
    at_token = _at.set(at or _at.get())
    try:
        yield
    finally:
        _for.reset(for_token)
        _timer.reset(timer_token)
        _at.reset(at_token)
        if request is None:
            del HistoricalRecords.context.request
        else:
            HistoricalRecords.context.request = request


def actor():
    """Who acts now, or None."""
    return getattr(getattr(HistoricalRecords.context, "request", None), "user", None)


class _Acting:
    """As much of a request as simple-history asks for: the user."""

    def __init__(self, user):
        self.user = user


def record(verb, subject, *, by, at, thread=None, agency=None, role="", on_behalf_of=None, text="", **facts):
    """Add an act to the trail; `text` is kept as a salted digest only, `facts` are ids and choices."""
    salt = secrets.token_hex(8) if text else ""
    act = Act(
        verb=verb,
        thread=thread,
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        by=by,
        on_behalf_of=on_behalf_of or _for.get(),
        timer=_timer.get(),
        role=role,
        agency=agency,
        at=at,
        facts=facts,
        salt=salt,
        digest=hashlib.sha256((salt + text).encode()).hexdigest() if text else "",
    )
    rows.add(act)
    return act


def record_each(verb, subjects, *, by, at, thread, agency=None, role=""):
    """Add the same act of a person for many subjects of one thread, in one statement."""
    Act.objects.bulk_create(
        [
            Act(
                verb=verb,
                thread=thread,
                subject_type=subject._meta.model_name,
                subject_id=subject.pk,
                by=by,
                on_behalf_of=_for.get(),
                agency=agency,
                role=role,
                at=at,
            )
            for subject in subjects
        ],
        batch_size=500,
    )


def record_many(verb, subjects, *, at):
    """Add the same act of the running timer for many subjects, each its own thread."""
    timer = _timer.get()
    rows.add_if_new(
        Act,
        [
            {
                "verb": verb,
                "thread": subject.pk,
                "subject_type": subject._meta.model_name,
                "subject_id": subject.pk,
                "timer": timer,
                "at": at,
            }
            for subject in subjects
        ],
    )
