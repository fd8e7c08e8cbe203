import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from escalation import timers


class Command(BaseCommand):
    """Every due timer, now, without Celery; the last line is JSON with a count for each kind."""

    help = "Run every due timer now; safe to run twice, and at once on two machines."

    def handle(self, **options):
        self.stdout.write(json.dumps(timers.sweep(timezone.now())))
