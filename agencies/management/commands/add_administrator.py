"""The first account of a new installation."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies import actions
from agencies.models import Role, User


class Command(BaseCommand):
    """Add an administrator of accounts, who adds everybody else at /people/."""

    help = "Add an administrator of accounts. A password is set by “Forgotten password” on the sign-in page."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("full_name")

    def handle(self, *, email, full_name, **options):
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError("There is an account with this email address already.")
        at = timezone.now()
        person = actions.add_person(by=None, at=at, email=email, full_name=full_name)
        actions.give_role(by=None, at=at, person=person, role=Role.ADMINISTRATOR)
        self.stdout.write("Added. Set the password by “Forgotten password” on the sign-in page.")
