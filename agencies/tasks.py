"""What a worker runs: wrappers of a few lines round the outbox."""

from celery import shared_task
from django.utils import timezone

from agencies import outbox


@shared_task(name="agencies.send_notices", ignore_result=True)
def send_notices():
    """Every due notice."""
    return outbox.send_due(timezone.now)


@shared_task(name="agencies.check_notices", ignore_result=True)
def check_notices():
    """Each night: nothing has waited unsent for over an hour."""
    return outbox.check(timezone.now())
