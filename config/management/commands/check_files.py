import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from escalation import files
from escalation.actions.files import check_files


class Command(BaseCommand):
    """Every file that waits for the virus scanner, now, without Celery; the last line is JSON."""

    help = "Have every file that waits checked for viruses now; safe to run twice, and at once on two machines."

    def add_arguments(self, parser):
        parser.add_argument("--clear", action="store_true", help="Also remove stored files that no row knows.")

    def handle(self, **options):
        counts = check_files(timezone.now)
        if options["clear"]:
            counts["cleared"] = files.clear_left_over(timezone.now())
        self.stdout.write(json.dumps(counts))
