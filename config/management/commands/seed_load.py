import time

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.demo.people import PASSWORD
from config.load.pour import pour

WIDTH = 40


class Command(BaseCommand):
    help = "Add many realistic disputes at once, for measuring: spread over ten years and 40 agencies."

    def add_arguments(self, parser):
        parser.add_argument("--disputes", type=int, required=True, metavar="N")
        parser.add_argument("--open", type=float, default=2, metavar="PERCENT", help="how many of a hundred are open")
        parser.add_argument("--seed", type=int, default=0, help="another number gives other disputes")

    def handle(self, *, disputes, open, seed, **options):
        if not settings.DEMO:
            raise CommandError("The load is seeded in demo mode only (DEMO=1): its password is known to everybody.")
        if connection.vendor != "postgresql":
            raise CommandError("The load is seeded by COPY, which is PostgreSQL's: set DATABASE_URL.")
        if not 1 <= disputes <= 10_000_000 or not 0 <= open <= 100:
            raise CommandError("Give a number of disputes from 1 to 10,000,000, and a percentage from 0 to 100.")
        began = time.monotonic()

        def progress(done):
            bar = "#" * round(WIDTH * done / disputes)
            self.stdout.write(
                f"\r[{bar:<{WIDTH}}] {done:,} of {disputes:,} {time.monotonic() - began:.0f} s", ending=""
            )
            if done == disputes:
                self.stdout.write("\nIndexes and foreign keys ...")
            self.stdout.flush()

        written = pour(disputes, open, timezone.now(), make_password(PASSWORD), seed, progress)
        rows = sum(written.values())
        self.stdout.write(f"{written['Dispute']:,} disputes, {rows:,} rows in {time.monotonic() - began:.0f} s")
