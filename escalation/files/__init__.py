"""Files sent to a dispute: what is taken, how it is kept, and that it is checked for viruses before anybody opens it.

How a page goes about it (`forms/files.py` has the field, `views/downloads.py` the way out):

    @takes_files                                    # else a page receives none
    def add_evidence(request, reference):
        ...
        accepted = form.cleaned_data["files"]       # [Accepted]: the field has asked `check` of each
        with keeping(accepted) as kept:             # the content goes into the storage, outside the transaction
            page.act(actions.add_evidence, files=kept, ...)    # which calls actions.files.add_files; refused: all removed

Nothing here changes a dispute.
"""

from escalation.files.checking import Accepted, FileRefused, check, is_ready
from escalation.files.keeping import CannotKeep, Kept, Missing, keeping, remove, stream
from escalation.files.receiving import takes_files

__all__ = [
    "Accepted",
    "CannotKeep",
    "FileRefused",
    "Kept",
    "Missing",
    "check",
    "is_ready",
    "keeping",
    "remove",
    "stream",
    "takes_files",
]
