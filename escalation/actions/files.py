"""Files of a dispute as rows: added with what they belong to, and let go or removed by the virus check.

A check is a row that waits: a sweep claims it with a lease, asks the scanner, and marks it. A worker that dies leaves
its lease to run out. Nothing is released without an answer: a scanner that is away or hangs, a file over one of its
limits, content that is not there all mean "still being checked", and the next try comes later and later, up to an hour.
"""

import contextlib
import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from agencies import audit, nudges, outbox
from agencies.audit import acting
from escalation import files, health, notices
from escalation.files import scanner
from escalation.files.receiving import MEGABYTE
from escalation.models import FileState, ScanLease, StoredFile
from escalation.permissions import Conflict

logger = logging.getLogger(__name__)

TIMER = "virus check"
LEASE = timedelta(minutes=10)  # longer than a check takes, each answer within SCANNER_TIMEOUT
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
MOST_AT_ONCE = 200


def add_files(*, dispute, kept, by, agency, at, evidence=None):
    """Write the rows of files in the storage, inside an action that holds the dispute's lock; gives them.

    Conflict where the dispute would hold more than EVIDENCE_TOTAL_MAX_MB. With a scanner they wait as "checking", and
    it is asked on commit; without one they are "unscanned".
    """
    if not kept:
        return []
    held = dispute.files.exclude(stored="").aggregate(Sum("size"))["size__sum"] or 0
    if held + sum(each.size for each in kept) > settings.EVIDENCE_TOTAL_MAX_MB * MEGABYTE:
        raise Conflict(
            f"All files of a dispute together may have {settings.EVIDENCE_TOTAL_MAX_MB} MB; this one has"
            f" {held / MEGABYTE:.0f} MB already. Add smaller copies, or say where the files can be seen."
        )
    rows = [
        StoredFile.objects.create(
            dispute=dispute, evidence=evidence, by=by, agency=agency, received_at=at, **each.fields()
        )
        for each in kept
    ]
    if any(row.state == FileState.CHECKING for row in rows):
        nudges.on_commit("escalation.check_files")
    return rows


def check_files(now):
    """Have every file that waits checked for viruses; gives counts. `now` is a function.

    Clean: it may be opened. A virus: its content is removed, the row stays and says so. No answer: it stays held.
    """
    counts = {"clean": 0, "refused": 0, "held": 0}
    if not settings.CLAMD_URL:
        return counts
    while sum(counts.values()) < MOST_AT_ONCE and (lease := claim(now())):
        is_away = False
        try:
            with contextlib.closing(files.stream(lease.file)) as chunks:
                virus = scanner.virus_in(chunks)
        except (scanner.NoAnswer, files.Missing, files.Failed) as error:
            logger.error("file %s is not checked: %s", lease.file_id, type(error).__name__)
            is_away = isinstance(error, scanner.NoAnswer) and not isinstance(error, scanner.OverLimit)
            hold(lease, now())
            counts["held"] += 1
        else:
            if finish(lease, virus, now()):
                counts["refused" if virus else "clean"] += 1
        if is_away:  # the others would wait for it, too
            break
    return counts


def claim(at):
    """Lease the file that has waited longest and is nobody else's; None where none waits."""
    with transaction.atomic():
        waiting = StoredFile.objects.filter(state=FileState.CHECKING).exclude(lease__until__gt=at)
        file = waiting.select_for_update(of=("self",), skip_locked=True).order_by("received_at", "pk").first()
        if file is None:
            return None
        lease, _ = ScanLease.objects.select_for_update().get_or_create(file=file, defaults={"until": at})
        if lease.until > at:
            return None
        lease.until, lease.attempts = at + LEASE, lease.attempts + 1
        lease.save()
        lease.file = file
        return lease


def hold(lease, at):
    """Try again later."""
    wait = min(FIRST_RETRY * 2 ** min(lease.attempts - 1, 10), LONGEST_RETRY)
    ScanLease.objects.filter(pk=lease.pk, until=lease.until).update(until=at + wait)


def finish(lease, virus, at):
    """Mark the file as the scanner found it; False where another worker was quicker."""
    with transaction.atomic(), acting(timer=TIMER, at=at):
        file = StoredFile.objects.select_for_update().get(pk=lease.file_id)
        if file.state != FileState.CHECKING or not ScanLease.objects.filter(pk=lease.pk, until=lease.until).delete()[0]:
            return False
        file.state, file.checked_at = FileState.REFUSED if virus else FileState.CLEAN, at
        if virus:
            name, file.stored = file.stored.name, ""
            transaction.on_commit(lambda: files.take_out(name), robust=True)
        file.save()
        facts = {"virus": virus[:100]} if virus else {}
        verb = "removed a file with a virus" if virus else "checked a file"
        audit.record(verb, file, by=None, at=at, thread=file.dispute_id, agency=file.agency, **facts)
        if virus:
            notices.tell("file refused", file.dispute, at=at, subject_id=file.pk, asker=file.by)
    return True


def tell_late(at):
    """Say so where a file has waited for over an hour: in the log, and to whoever can mend it, once a day."""
    held = health.held(at)
    if held.is_late:
        logger.error("%d files wait to be checked for viruses, the oldest for over an hour", held.waiting)
        title = "Files have waited for over an hour to be checked for viruses"
        outbox.tell_operators("unchecked", title, at)
    return held.waiting
