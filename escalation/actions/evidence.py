"""Evidence of a dispute: added by any agency concerned, removed by the one that added it (R12, R18, R20)."""

from escalation import notices, staging
from escalation.actions.door import TWO_CLICKS, action, begin, note
from escalation.actions.files import add_files
from escalation.models import Evidence
from escalation.moments import london_date, on_moment
from escalation.permissions import Conflict


def store_files(dispute, files, position, at, evidence=None):
    """Write the rows of files that are in the storage, inside an action that holds the dispute's lock; gives them.

    `files` are Kept: as `files.keeping` gives them, or `staging.kept` those that were sent on a page before it was
    saved. These are the dispute's from now on: throwing the draft away removes them no more.
    """
    if not staging.take_over(files):
        raise Conflict("A file was taken out, or saved, on another page meanwhile. Check the list, and save again.")
    return add_files(dispute=dispute, kept=files, by=position.by, agency=position.agency, at=at, evidence=evidence)


@action
def add_evidence(*, dispute, by, at, kind, dated_on=None, whose="", shows="", files=(), seen_stage=None):
    """Add an item, with files or without; after the end it is late, and stands outside the sealed record."""
    dispute, position = begin("add_evidence", dispute, by=by, at=at, seen_stage=seen_stage)
    said = {"kind": kind, "dated_on": dated_on, "whose": whose, "shows": shows}
    if evidence := _just_added(dispute, by, at, said, files):
        return evidence
    if not files and not shows:
        raise Conflict("Send a file, or say what the evidence shows.")
    evidence = Evidence.objects.create(
        dispute=dispute,
        stage=dispute.stage,
        agency=position.agency,
        by=by,
        added_at=at,
        is_late=dispute.ended_at is not None,
        **said,
    )
    stored = store_files(dispute, files, position, at, evidence=evidence)
    # Once a day for each agency that adds: ten items are one notice
    notices.tell(
        "evidence", dispute, at=at, subject_id=f"{position.agency_id}-{london_date(at)}", besides=position.agency_id
    )
    note(
        "added evidence", dispute, position, at=at, subject=evidence, text=shows, kind=kind,
        files=[file.pk for file in stored],
    )  # fmt: skip
    return evidence


def _just_added(dispute, by, at, said, files):
    """The item that a first click has added: with these very files, or with none and in the same words."""
    if files:
        saved = dispute.files.filter(stored__in=[each.stored for each in files], evidence__isnull=False)
        return Evidence.objects.filter(files__in=saved).first()
    return dispute.evidence.filter(by=by, added_at__gt=at - TWO_CLICKS, added_at__lte=at, **said).first()


@action
def remove_evidence(*, evidence, by, at, reason):
    """Take an item back, with the reason: it stays listed, and its files open for nobody any more.

    After the end too: what was sent by mistake, of another adult perhaps, must not stay open. What is sealed stays so.
    """
    dispute, position = begin("remove_evidence", evidence.dispute, by=by, at=at, subject=evidence)
    if evidence.removed_at:
        raise Conflict(f"This evidence was removed {on_moment(evidence.removed_at, at)} already.")
    evidence.removed_at, evidence.removed_by, evidence.removal_reason = at, by, reason
    evidence.save()
    notices.tell("evidence removed", dispute, at=at, subject_id=evidence.pk, besides=position.agency_id)
    note("removed evidence", dispute, position, at=at, subject=evidence, text=reason, kind=evidence.kind)
    return evidence
