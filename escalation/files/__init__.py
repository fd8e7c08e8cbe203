"""Files sent to a dispute: what is taken, how it is kept, and that it is checked for viruses before anybody opens it.

How a page goes about it (`forms/files.py`, `views/sending.py`, and `views/downloads.py` for the way out):

    @takes_files                              # else a page receives none
    def some_page(request, reference):
        accepted = check(upload)              # FileRefused, in words, where it is not taken
        with keeping([accepted]) as kept:     # the content goes into the storage, outside any transaction
            act(files=kept)                   # which calls actions.files.add_files; refused or failed: taken out again

`staging` does so for each file as it arrives, and keeps it for its sender until the page is saved.

Nothing here changes a dispute.
"""

from escalation.files.checking import Accepted, CannotCheck, check, is_ready
from escalation.files.keeping import CannotKeep, Kept, Missing, clear_left_over, keeping, put, remove, stream, take_out
from escalation.files.receiving import takes_files
from escalation.files.refusals import FileRefused
from escalation.storing import Failed

__all__ = [
    "Accepted",
    "CannotCheck",
    "CannotKeep",
    "Failed",
    "FileRefused",
    "Kept",
    "Missing",
    "check",
    "clear_left_over",
    "is_ready",
    "keeping",
    "put",
    "remove",
    "stream",
    "take_out",
    "takes_files",
]
