"""What a worker runs: wrappers of a few lines round the sweeps."""

from celery import shared_task
from django.utils import timezone

from escalation import files, timers, watches
from escalation.actions import exports
from escalation.actions import files as actions


@shared_task(name="escalation.sweep", ignore_result=True)
def sweep():
    """Every due timer."""
    return timers.sweep(timezone.now())


@shared_task(name="escalation.check_files", ignore_result=True)
def check_files():
    """Every file that waits for the virus scanner."""
    return actions.check_files(timezone.now)


@shared_task(name="escalation.make_exports", ignore_result=True)
def make_exports():
    """Every large file of the register that somebody has asked for."""
    return exports.make_exports(timezone.now)


@shared_task(name="escalation.clear_files", ignore_result=True)
def clear_files():
    """Each night: nothing has waited for the scanner for over an hour, nothing is stored that no row knows."""
    actions.tell_late(timezone.now())
    return files.clear_left_over(timezone.now())


@shared_task(name="escalation.find_unwatched", ignore_result=True)
def find_unwatched():
    """Each night: no open dispute is unknown to the timers."""
    return watches.find_unwatched()
