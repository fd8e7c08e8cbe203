"""The field for files: several at once, or one after another, each kept on the server as soon as it is accepted.

Browsers do not show chosen files again, so the field never asks for one twice: what was accepted stands in a list, with
a button that takes it out again, until the page is saved (escalation/staging.py). The page that uses the field is a
`FilesPage` (views/sending.py), which puts into it what was sent and what was refused.
"""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from agencies.fields import Spoken
from escalation import staging
from escalation.files import kinds
from escalation.files.receiving import MEGABYTE

FIELD = "files"  # the name that the field has in every form: the script of the page and the middleware know it
TAKEN = (
    f"Up to {settings.EVIDENCE_FILES_AT_ONCE} files at once, each {settings.EVIDENCE_FILE_MAX_MB} MB or smaller: "
    f"{kinds.TAKEN}."
)


class FilesInput(forms.FileInput):
    """An input for several files; what it gives is read by the page, not by the form."""

    allow_multiple_selected = True

    def __init__(self, attrs=None):
        super().__init__({"multiple": True, "accept": kinds.ACCEPT, **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        return None

    def value_omitted_from_data(self, data, files, name):
        return True


class Files(Spoken, forms.Field):
    """Files sent with a form; cleaned, a list of Kept, as an action takes them."""

    widget = FilesInput
    ask = "Choose files:"

    def __init__(self, *, help_text=TAKEN, **kwargs):
        super().__init__(help_text=help_text, **kwargs)
        self.staged = []  # accepted, on this page, and not yet saved
        self.refused = []  # sentences, one for each file that was not taken just now
        self.most_words = f"{settings.EVIDENCE_FILE_MAX_MB} MB"
        self.most_bytes = settings.EVIDENCE_FILE_MAX_MB * MEGABYTE
        self.send_to = ""  # where the page's script sends a file, and takes one out again

    def clean(self, value):
        if self.refused:
            raise ValidationError(self.refused)
        if self.required and not self.staged:
            raise ValidationError(self.missing(), code="required")
        return staging.kept(self.staged)
