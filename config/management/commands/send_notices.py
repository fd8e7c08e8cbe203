import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from agencies import outbox


class Command(BaseCommand):
    """Every due notice, now, without Celery; the last line is JSON."""

    help = "Send every due notice now; safe to run twice, and at once on two machines."

    def handle(self, **options):
        self.stdout.write(json.dumps(outbox.send_due(timezone.now)))
