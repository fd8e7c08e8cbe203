"""Files on their way out: as attachments, of their own type, never shown in place, never cached."""


def attachment(file):
    """The answer that holds a StoredFile, by chunks. The view has asked whether it may be opened, and noted that.

    Raises Http404 where it is not released (being checked, or removed).
    """
    raise NotImplementedError
