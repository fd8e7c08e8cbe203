"""The field for files: several at once, each checked before anything is kept (escalation/files)."""

from django import forms

from agencies.fields import Spoken


class Files(Spoken, forms.Field):
    """Files chosen at once; cleaned, a list of Accepted. Each that is refused is an error of its own.

    Browsers do not show chosen files again: a form that is shown again asks for them again, and says so.
    """
