"""How a page of an act takes files: each is judged and kept as it arrives, and stands on the page until it is saved.

- Without JavaScript the files come with the form, whichever button is pressed; what is refused is said beside the
  field, and everything else that was typed or accepted stands there again.
- With it each file is sent by itself, to the same address with `?files=send`, and taken out with `?files=remove`.
- "Keep as draft" keeps the files too; throwing the draft away throws them away.
The view of such a page is marked with `files.takes_files`; its form has a field `files` (forms/files.py).
"""

import json

from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat

from escalation import staging
from escalation.files import CannotKeep, FileRefused
from escalation.files.checking import CannotCheck
from escalation.forms.files import FIELD
from escalation.views.asking import Page

FROM_SCRIPT = "documents"  # as the component of MOJ Frontend names what it sends
HOLDS_PLACE = "“{}” holds where it was taken: whoever opens it can see that. Nobody here takes it out of the file."
CANNOT_CHECK = "Files cannot be checked on this machine at present, so none are taken. Tell whoever runs Resolve."
NOTHING_CHOSEN = "Choose the files first, then add them"


class FilesPage(Page):
    """A page of an act whose form takes files."""

    def ask(self, form_class, subject=None):
        """As any page; files that were sent are judged first, and kept where they are accepted."""
        if self.is_post and "files" in self.request.GET:
            return self.answer_script(self.request.GET["files"])
        refused = []
        if self.is_post and "discard" in self.request.POST:
            staging.unstage(self.sent())
        elif self.is_post:
            refused = self.take(self.request.FILES.getlist(FIELD))
            if "add_files" in self.request.POST and not self.request.FILES.getlist(FIELD):
                refused = [NOTHING_CHOSEN]
        aside = super().ask(form_class, subject)
        self.fill(refused)
        if aside is not None:
            for sentence in refused:
                messages.warning(self.request, sentence)
            return aside
        return self.only_files(refused)

    def sent(self):
        return staging.of(self.user, self.name, self.dispute)

    def take(self, uploads):
        """Keep the files that are accepted; gives a sentence for each that is not."""
        return [outcome for upload in uploads if isinstance(outcome := self.take_one(upload), str)]

    def take_one(self, upload):
        """The file as it is kept now, or why it is not."""
        try:
            return staging.stage(self.user, self.name, self.dispute, upload, self.at)
        except (FileRefused, CannotKeep) as refusal:
            return str(refusal)
        except CannotCheck:
            return CANNOT_CHECK

    def fill(self, refused):
        field = self.form.fields[FIELD]
        field.staged, field.refused = list(self.sent()), refused
        field.send_to = f"{self.request.path}?files="

    def only_files(self, refused):
        """The answer to a button that changes the files and saves nothing; None where something is to be saved."""
        if not self.is_post:
            return None
        removing = self.request.POST.get("remove_file")
        if not removing and "add_files" not in self.request.POST:
            return None
        self.keep()
        if removing:
            self.take_out(removing)
        if refused:
            # Nobody has asked yet whether the other answers are right
            self.form.is_valid()
            self.form._errors = ErrorDict({FIELD: self.form.errors[FIELD]})
            return None
        return redirect(f"{self.request.path}#id_{FIELD}")

    def take_out(self, key):
        """Take a file out of the list; gives its name, or nothing where it is not there."""
        found = self.sent().filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
        if found is None:
            return ""
        staging.unstage([found])
        return found.name

    def answer_script(self, asked):
        """What the page's script asks: to keep one file, or to take one out."""
        if asked == "remove":
            try:
                key = json.loads(self.request.body)["remove_file"]
            except (ValueError, TypeError, KeyError, RecursionError, RawPostDataException):
                key = ""
            return JsonResponse({"name": self.take_out(str(key))})
        uploads = self.request.FILES.getlist(FROM_SCRIPT)
        if len(uploads) != 1:
            return JsonResponse({"error": {"message": NOTHING_CHOSEN}})
        outcome = self.take_one(uploads[0])
        if isinstance(outcome, str):
            return JsonResponse({"error": {"message": outcome}})
        said = f"{outcome.name}, {filesizeformat(outcome.size)}"
        said += ". Holds where it was taken" if outcome.has_location else ""
        return JsonResponse(
            {
                "success": {"messageText": said, "announced": f"{outcome.name} is added"},
                "file": {"filename": str(outcome.pk), "originalname": outcome.name},
            }
        )

    def warnings(self):
        """What is to be said of the files just saved."""
        return [HOLDS_PLACE.format(each.name) for each in self.form.cleaned_data[FIELD] if each.has_location]
