"""Files that somebody has sent and not yet saved: kept on the server beside the draft of their page (drafts.py).

A browser cannot show again which files were chosen. So each file that is accepted is kept as soon as it arrives, for
its sender and that page alone, until the page is saved or thrown away: an answer refused elsewhere on the page, or one
file refused among ten, loses none. Whoever saves takes them over without copying (`actions.evidence.store_files`).
"""

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from escalation import files
from escalation.files import FileRefused, Kept
from escalation.files.receiving import MEGABYTE
from escalation.models import StagedFile

MOST_FILES = 3 * settings.EVIDENCE_FILES_AT_ONCE  # on one page


def of(person, form, dispute):
    """What a person has sent on a page of a dispute and not yet saved, in the order it came."""
    return StagedFile.objects.filter(person=person, form=form, dispute=dispute)


def stage(person, form, dispute, upload, at):
    """Keep a file that was sent, if it is one that may be; FileRefused or CannotKeep say in words why it is not."""
    waiting = list(of(person, form, dispute).values_list("size", flat=True))
    if len(waiting) >= MOST_FILES:
        raise FileRefused(upload.name, f"is one too many: one item can have {MOST_FILES} files. Add another item.")
    accepted = files.check(upload)
    held = dispute.files.exclude(stored="").aggregate(Sum("size"))["size__sum"] or 0
    if held + sum(waiting) + accepted.size > settings.EVIDENCE_TOTAL_MAX_MB * MEGABYTE:
        raise FileRefused(
            accepted.name,
            f"is too much: all files of a dispute together may have {settings.EVIDENCE_TOTAL_MAX_MB} MB. Add a smaller "
            "copy, or say where it can be seen.",
        )
    with files.keeping([accepted]) as [kept]:
        return StagedFile.objects.create(
            person=person,
            form=form,
            dispute=dispute,
            staged_at=at,
            stored=kept.stored,
            name=kept.name,
            content_type=kept.content_type,
            size=kept.size,
            sha256=kept.sha256,
            has_location=kept.has_location,
        )


def kept(staged):
    """The files as an action takes them."""
    return [
        Kept(
            upload=None,
            name=each.name,
            content_type=each.content_type,
            size=each.size,
            sha256=each.sha256,
            has_location=each.has_location,
            stored=each.stored.name,
        )
        for each in staged
    ]


def unstage(staged):
    """Forget files that were not saved: the rows, then what is stored; not what somebody saves at this moment."""
    for each in list(staged):
        if StagedFile.objects.filter(pk=each.pk).delete()[0]:
            transaction.on_commit(lambda each=each: files.remove(each), robust=True)


def take_over(kept):
    """Make files the dispute's, in the transaction that writes their rows; False where one was taken out meanwhile."""
    waiting = {each.stored for each in kept if each.upload is None}
    rows = StagedFile.objects.filter(stored__in=waiting)
    locked = list(rows.select_for_update())
    rows.delete()
    return len(locked) == len(waiting)
