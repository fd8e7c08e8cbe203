"""Whether a file is taken: its name, its size, its kind by extension and content, and what it holds."""

from dataclasses import dataclass


class FileRefused(Exception):
    """A file that is not taken; says why, and what to do instead, in words for whoever sent it."""

    def __init__(self, name, why):
        super().__init__(f"{name} {why}")
        self.name = name


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept, and what is known of it; its content is still where it was received."""

    upload: object
    name: str  # cleaned, as it is shown
    content_type: str
    size: int
    sha256: str
    has_location: bool  # a photo that holds where it was taken


def is_ready():
    """Whether this machine can check files at all: without libmagic none are taken, and pages say so."""
    raise NotImplementedError


def check(upload):
    """The file as Accepted, or FileRefused with a plain sentence; reads by chunks, and alters nothing."""
    raise NotImplementedError
