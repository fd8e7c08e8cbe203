"""Run by the fault suite beside it, in a process of its own: makes disputes, one line of JSON for each.

The last page's act, that takes a dispute to stage three, is left to the suite, which does it over HTTP. Every tenth
dispute is taken there here, in a transaction that fails.
"""

import json
import os
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import DatabaseError, connection, transaction  # noqa: E402 - after the set-up
from django.test import Client  # noqa: E402 - likewise
from django.utils import timezone  # noqa: E402 - likewise

from agencies.models import Role  # noqa: E402 - likewise
from escalation import actions  # noqa: E402 - likewise
from tests import cast as casting  # noqa: E402 - likewise


def say(**words):
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


@transaction.atomic
def at_stage_two(cast, lead):
    """A dispute that somebody who is manager and lead takes up alone."""
    at = timezone.now() - timedelta(hours=4)
    dispute = casting.raise_dispute(cast, at=at, by=lead)
    casting.record_discussion(dispute, lead, at)
    actions.take_up(dispute=dispute, by=lead, at=at, reason="No agreement.", **casting.SAFE)
    casting.record_discussion(dispute, lead, at)
    return dispute


def fail_at_stage_three(dispute, lead):
    with transaction.atomic():
        actions.take_up(dispute=dispute, by=lead, at=timezone.now(), reason="No agreement.", **casting.SAFE)
        raise RuntimeError


def persist(act, *arguments):
    """The act, again while the database is away: it is all or nothing."""
    while True:
        try:
            return act(*arguments)
        except DatabaseError:
            connection.close()
            time.sleep(0.2)


def main(number):
    cast = casting.make()
    lead = casting.person("all.council", "Ada All", *((role, cast.council) for role in list(Role)[:3]))
    client = Client()
    client.force_login(lead)
    say(session=client.cookies["sessionid"].value)
    for count in range(number):
        dispute = persist(at_stage_two, cast, lead)
        if count % 10 == 9:
            try:
                persist(fail_at_stage_three, dispute, lead)
            except RuntimeError:
                say(rolled_back=dispute.pk)
        else:
            say(reference=dispute.reference)


if __name__ == "__main__":
    main(int(sys.argv[1]))
