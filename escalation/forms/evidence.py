"""What is asked of an item of evidence, and of taking one back (R12, R18, R20)."""

from django.conf import settings

from escalation.fields import Choice, Day, Prose, Text
from escalation.forms.acts import ActForm
from escalation.forms.files import Files
from escalation.models import EvidenceKind

SCANNED = "Each file is checked for viruses first. Until that is done, nobody can open it."
NOT_SCANNED = "Files are not checked for viruses here. Open only what you would open from an email."


class AddEvidence(ActForm):
    """One item, with files or without."""

    submit = "Save evidence"
    later = "Keep as draft"
    guidance = {
        "kind": (
            "One item at a time",
            "The minutes of one meeting, one chain of emails, the notes of one visit. It can be several files.",
            "What is added now goes into the record of this stage, with the digest of each file.",
        ),
        "shows": (
            "Point to the place",
            "“Page 3: found outside at 3:40am.” Whoever reads it need not read it all. Share only what is needed.",
        ),
    }

    kind = Choice(label="What is it?", choices=EvidenceKind.choices, required_message="Say what kind of evidence it is")
    dated_on = Day(
        label="Of which date?",
        help_text="The day it was written or sent, if there is one.",
        required=False,
        called="The date of the evidence",
    )
    whose = Text(
        label="Whose is it?",
        help_text="The agency, team or person it comes from.",
        required=False,
        called="Whose it is",
    )
    shows = Prose(
        label="What does it show?",
        help_text="One or two sentences. Without a file, say what you have and where it is kept.",
        required=False,
        rows=3,
        called="What it shows",
    )
    files = Files(label="Files", required=False, called="The files")

    def standing_answers(self):
        return {"whose": str(self.position.agency) if self.position.agency else ""}

    def prepare(self):
        self.guidance = {
            **self.guidance,
            "files": (
                "Before you add files",
                SCANNED if settings.CLAMD_URL else NOT_SCANNED,
                "A photo can hold where it was taken. Resolve tells you, and leaves the file as it is: it is evidence.",
            ),
        }
        if not self.dispute.is_open:
            heading, first, _ = self.guidance["kind"]
            self.guidance["kind"] = (heading, first, "The dispute has ended: it stands outside the sealed record.")

    def clean(self):
        self.refuse_future("dated_on", "The date of the evidence")
        if "files" in self.errors or "shows" in self.errors:
            return
        if not self.cleaned_data.get("files") and not self.cleaned_data.get("shows"):
            self.add_error("files", "Add a file, or say what the evidence shows")


class RemoveEvidence(ActForm):
    """Why an item is taken back."""

    submit = "Remove this evidence"

    reason = Prose(
        label="Why is it removed?",
        help_text="Everyone who may see the dispute can read this. Do not repeat what should not have been shared.",
        required_message="Say why it is removed",
        called="The reason",
        rows=3,
    )
