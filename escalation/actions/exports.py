"""The register taken away as a file, and the views of it that people keep.

A large file is a row that waits: a worker claims it with a lease, writes the file, and marks it. A worker that dies
leaves its lease to run out. Who asked is asked again at the making: what they may not see by then is not in it.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from agencies import audit, nudges
from agencies.audit import acting
from agencies.models import User
from escalation import exports, files
from escalation.actions.door import action
from escalation.models import Export, SavedView
from escalation.permissions import Conflict
from escalation.register import Register, may_read

logger = logging.getLogger(__name__)

TIMER = "exports"
LEASE = timedelta(minutes=10)  # longer than a thousand rows take
STEP = 1000
MOST_VIEWS = 30
MOST_WAITING = 5


@action
def save_view(*, name, filters, by, at):
    """Keep filters of the register under a name, in place of those kept under it before."""
    mine = SavedView.objects.filter(person=by)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise Conflict(f"You have {MOST_VIEWS} views. Delete one before you save another.")
    view, _ = SavedView.objects.update_or_create(person=by, name=name, defaults={"filters": filters, "saved_at": at})
    return view


@action
def note_export(*, by, at, kind, rows, export=None):
    """Note in the trail that somebody takes the register away, and how many rows of it."""
    _note("downloaded the register", by, at, export or by, kind=kind, rows=rows)


@action
def ask_export(*, by, at, kind, filters, rows):
    """Have a large file made; gives its row."""
    if Export.objects.filter(person=by, finished_at=None).count() >= MOST_WAITING:
        raise Conflict("Several of your files are still being made. Ask again when one of them is there.")
    export = Export.objects.create(person=by, kind=kind, filters=filters, asked_at=at, total=rows)
    _note("asked for a file of the register", by, at, export, kind=kind, rows=rows)
    nudges.on_commit("escalation.make_exports")
    return export


def _note(verb, by, at, subject, **facts):
    covered = [person for person in by.covered(at) if person.standing.is_of_board]
    for_ = None if by.standing.is_of_board or not covered else covered[0]
    role = (for_ or by).standing.highest_role()
    audit.record(verb, subject, by=by, at=at, on_behalf_of=for_, role=role, **facts)


# What a worker does


class LostLease(Exception):
    """Another worker has taken the file over."""


def make_exports(now):
    """Make every file that waits, and remove those a day old; gives counts. `now` is a function."""
    counts = {"made": 0, "dropped": 0, "cleared": clear_exports(now())}
    while export := claim(now()):
        try:
            counts["made" if make(export, now) else "dropped"] += 1
        except LostLease:
            logger.warning("export %s was taken over by another worker", export.pk)
        except (files.Failed, OSError) as error:  # its lease runs out, and it is tried again
            logger.error("export %s was not made: %s", export.pk, type(error).__name__)
            break
    return counts


def claim(at):
    """Lease the file that has waited longest and is nobody else's; None where none waits."""
    waiting = Export.objects.filter(Q(leased_until=None) | Q(leased_until__lt=at), finished_at=None)
    for export in waiting.order_by("asked_at", "pk"):
        mine = Export.objects.filter(pk=export.pk, leased_until=export.leased_until, finished_at=None)
        if mine.update(leased_until=at + LEASE, done=0):
            export.leased_until = at + LEASE
            return export
    return None


def make(export, now):
    """Write the file of a leased export and mark it; False where its asker may no longer have it."""
    at = now()
    person = User.objects.get(pk=export.person_id)
    if not person.is_active or not may_read(person, at):
        export.delete()
        return False
    filters, number = dict(export.filters), 0
    sort = filters.pop("sort", "")

    def progress(done):
        nonlocal number
        number = done
        if done % STEP == 0:
            _keep(export, now(), done=done)

    with exports.written(export.kind, Register(person, filters, at, sort), progress) as file:
        name = export._meta.get_field("stored").upload_to(export, "")
        files.put(name, file)
    try:
        with transaction.atomic(), acting(timer=TIMER, at=now()):
            _keep(export, now(), stored=name, finished_at=now(), done=number)
            audit.record("made a file of the register", export, by=None, at=now(), kind=export.kind, rows=number)
    except LostLease:
        files.take_out(name)
        raise
    return True


def _keep(export, at, **changes):
    """Write how far it is, and hold the lease longer; LostLease where it is another's by now."""
    until = at + LEASE
    mine = Export.objects.filter(pk=export.pk, leased_until=export.leased_until, finished_at=None)
    if not mine.update(leased_until=until, **changes):
        raise LostLease
    export.leased_until = until


def clear_exports(at):
    """Remove what was asked for over a day ago, row and file."""
    number = 0
    for export in Export.objects.filter(asked_at__lt=at - exports.LASTS):
        try:
            if export.stored:
                files.take_out(export.stored.name)
        except files.Failed as error:  # its row stays, and it is tried again
            logger.error("the file of export %s is still in the storage: %s", export.pk, type(error).__name__)
            continue
        export.delete()
        number += 1
    return number
