"""Evidence in a folder of this machine: for its owner's eyes, without addresses, on the disk before it counts."""

import contextlib
import os
from datetime import UTC, datetime

from django.core.files.storage import FileSystemStorage

from escalation.storing import CHUNK, Failed, NotThere, Reading


class PrivateFolder(FileSystemStorage):
    """Django's storage in a folder, with modes 700 and 600."""

    def __init__(self, location=None):
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name):
        raise ValueError("Evidence has no address: pages give it out (views/downloads.py).")

    def put(self, name, content):
        """Keep content under a new name; Failed, and nothing of it left, where that cannot be."""
        path = self.path(name)
        try:
            os.makedirs(self.location, mode=0o700, exist_ok=True)
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                content.seek(0)
                while chunk := content.read(CHUNK):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            flush_folder(os.path.dirname(path))
        except FileExistsError as error:  # another's
            raise Failed(type(error).__name__) from error
        except OSError as error:
            with contextlib.suppress(OSError):
                os.remove(path)
            raise Failed(os.strerror(error.errno) if error.errno else type(error).__name__) from error

    def chunks(self, name):
        """The content by chunks, the file opened at once. NotThere, Failed."""
        try:
            file = open(self.path(name), "rb")  # noqa: SIM115 - closed by whoever reads it to its end
        except FileNotFoundError as error:
            raise NotThere from error
        except OSError as error:
            raise Failed(type(error).__name__) from error
        return Reading(_read(file), file.close)

    def take_out(self, name):
        """Remove what is kept under the name, if anything is."""
        try:
            self.delete(name)
        except OSError as error:
            raise Failed(type(error).__name__) from error

    def each(self):
        """The name of everything kept, and when it came."""
        for folder, _, files in os.walk(self.location):
            for file in files:
                path = os.path.join(folder, file)
                with contextlib.suppress(FileNotFoundError):
                    yield os.path.relpath(path, self.location), datetime.fromtimestamp(os.stat(path).st_mtime, UTC)


def _read(file):
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def flush_folder(path):
    """Have the disk know the file's name, too."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
