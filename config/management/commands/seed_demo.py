from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.demo import people
from config.demo.play import play
from config.demo.stories import STORIES
from config.demo.stories.before import PAPERS


class Command(BaseCommand):
    help = "Fill an empty database with the demo: agencies, people, and disputes at every stage."

    def add_arguments(self, parser):
        parser.add_argument("--again", action="store_true", help="play the stories although there are people already")

    @transaction.atomic
    def handle(self, *, again=False, **options):
        if not settings.DEMO:
            raise CommandError("The demo is seeded in demo mode only (DEMO=1): its password is known to everybody.")
        if get_user_model().objects.exists() and not again:
            self.stdout.write("There are people already, so nothing was seeded (--again does it all the same).")
            return
        now = timezone.now()
        cast = people.make()
        self.say(f" {len(cast.people)} people of {len(cast.agencies)} agencies ")
        for story in (*PAPERS, *STORIES):
            play(story, cast, now)
            self.say(".")
        self.say(f" {len(PAPERS) + len(STORIES)} disputes", ending="\n")

    def say(self, words, ending=""):
        self.stdout.write(words, ending=ending)
        self.stdout.flush()
