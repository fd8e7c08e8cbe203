import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from escalation import timers, watches


class Command(BaseCommand):
    """Every due timer, now, without Celery; the last line is JSON with a count for each kind."""

    help = "Run every due timer now; safe to run twice, and at once on two machines."

    def add_arguments(self, parser):
        parser.add_argument("--unwatched", action="store_true", help="First find open disputes that no timer knows.")

    def handle(self, **options):
        found = {"unwatched": watches.find_unwatched()} if options["unwatched"] else {}
        self.stdout.write(json.dumps(found | timers.sweep(timezone.now())))
