"""What a worker runs: wrappers of a few lines round the sweeps."""

from celery import shared_task
from django.utils import timezone

from escalation import timers


@shared_task(name="escalation.sweep", ignore_result=True)
def sweep():
    """Every due timer."""
    return timers.sweep(timezone.now())
