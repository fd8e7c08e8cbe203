"""How files are kept: under generated names, in the storage "evidence", as they were sent."""

import contextlib
from dataclasses import dataclass

from escalation.files.checking import Accepted


class CannotKeep(Exception):
    """The storage did not take a file: no room, or it is away. Says so in words for whoever sent it."""


class Missing(Exception):
    """What was kept is not there, or is not what was kept."""


@dataclass(frozen=True)
class Kept(Accepted):
    """A file in the storage, and the name it has there."""

    stored: str

    def fields(self):
        """What a StoredFile says of it, besides whose it is and when it came."""
        raise NotImplementedError


@contextlib.contextmanager
def keeping(accepted):
    """Put files into the storage; gives [Kept]. If what follows is refused or fails, all are taken out again.

    Around the action, not inside its transaction: nobody's lock waits for a slow storage, and what is rolled back
    leaves nothing behind. Raises CannotKeep before anything else is done.
    """
    raise NotImplementedError
    yield []


def stream(file):
    """The content of a StoredFile by chunks. Raises Missing before the first; ends early if it was altered."""
    raise NotImplementedError


def remove(file):
    """Take the content of a StoredFile out of the storage; the row stays."""
    raise NotImplementedError
