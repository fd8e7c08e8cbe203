"""The documents of a record: the items of evidence with their files, as they stood (R12, R20).

What was added after the end stands outside. An item that was taken back is left out, unless an earlier record lists
it: then this one says that it was, so that nobody looks for it in vain.
"""

from escalation.appendix_b.parts import iso
from escalation.models import EvidenceKind, FileState

DOCUMENTS = ("Case notes", "Minutes", "Emails", "Supervision notes", "Other")  # as the paper form names them
BOXES = {
    EvidenceKind.CASE_NOTES: "Case notes",
    EvidenceKind.MINUTES: "Minutes",
    EvidenceKind.EMAIL: "Emails",
    EvidenceKind.SUPERVISION: "Supervision notes",
}
SAID = {
    FileState.CHECKING: "being checked for viruses",
    FileState.REFUSED: "a virus was found: the file was removed",
}


def documents(dispute, stages, number, cast):
    """The items up to this stage, in the order in which they were added."""
    sealed = [stages[n].ended_at for n in range(1, number) if stages[n].ended_at]
    return [
        document(item, cast)
        for item in dispute.evidence.all()
        if not item.is_late and item.stage <= number and (not item.removed_at or was_listed(item, sealed))
    ]


def was_listed(item, sealed):
    """Whether a record was sealed between the adding and the taking back."""
    return any(item.added_at <= at < item.removed_at for at in sealed)


def document(item, cast):
    """An item in words; of one that was taken back only that it was, by whom and why."""
    is_removed = item.removed_at is not None
    return {
        "box": BOXES.get(item.kind, "Other"),
        "kind": item.get_kind_display(),
        "stage": item.stage,
        "on": iso(item.dated_on),
        "whose": item.whose,
        "shows": "" if is_removed else item.shows,
        "by": cast.of(item.by, item.agency, item.added_at),
        "at": iso(item.added_at),
        "files": [] if is_removed else [file_of(each) for each in item.files.all()],
        "removed": {
            "by": cast.of(item.removed_by, item.agency, item.removed_at),
            "at": iso(item.removed_at),
            "reason": item.removal_reason,
        } if is_removed else None,
    }  # fmt: skip


def file_of(file):
    return {"name": file.name, "size": file.size, "digest": file.sha256, "state": SAID.get(file.state, "")}


def ticked(found):
    """The kinds that the paper form names, each with whether there is one."""
    boxes = {document["box"] for document in found if not document["removed"]}
    return [{"kind": kind, "is_ticked": kind in boxes} for kind in DOCUMENTS]
