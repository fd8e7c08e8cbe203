import time

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring front end, database and static files up to date; seed the demo into an empty database."
    requires_system_checks = []

    def handle(self, **options):
        self.step("front end", "fetch_frontend", verbosity=0)
        self.step("static files", "collectstatic", interactive=False, verbosity=0)
        self.step("database", "migrate", interactive=False, verbosity=0)
        self.step("cache table", "createcachetable", verbosity=0)
        if settings.DEMO and not get_user_model().objects.exists():
            self.step("demo", "seed_demo")

    def step(self, what, command, **options):
        begun = time.monotonic()
        self.stdout.write(f"  {what} ...", ending="")
        self.stdout.flush()
        call_command(command, **options)
        self.stdout.write(f" {time.monotonic() - begun:.1f} s")
