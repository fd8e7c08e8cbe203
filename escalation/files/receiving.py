"""How files arrive: only at pages that take them, on disk and not in memory, and no more than would be kept.

- A page is a view marked with `takes_files`, asked by somebody signed in; elsewhere what is sent is let go unread.
- Of a file over the limit, of files over the number, and of what finds no room on the disk, the rest is let go while
  it arrives: the form then says so, beside everything else that was typed (`Received.fault`).
- A request far beyond all of that is broken off at once (413); what it announces is what is believed.
- Files have no name on the disk: when a process ends, however it ends, nothing of them is left.
"""

import contextlib
import logging
import tempfile

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import models

logger = logging.getLogger(__name__)

MEGABYTE = 1024**2
# Beyond what may be sent at once, this many times as much is let go with a kind word; more is broken off.
LENIENCE = 4


class Fault(models.TextChoices):
    """Why a file did not arrive whole."""

    TOO_LARGE = "too large"
    TOO_MANY = "too many"
    NO_ROOM = "no room"


def takes_files(view):
    """Mark a view as a page that takes files; every other page lets go of what is sent to it."""
    view.takes_files = True
    return view


def largest_file():
    return settings.EVIDENCE_FILE_MAX_MB * MEGABYTE


class Received(UploadedFile):
    """A file as it arrived, in a file without a name; with a fault, without its content."""

    def __init__(self, file, name, size, fault=None):
        super().__init__(file, name, size=size)
        self.fault = fault

    def close(self):
        if self.file is not None:
            super().close()


class Receiver(FileUploadHandler):
    """Django's upload handler for every page."""

    def __init__(self, request=None):
        super().__init__(request)
        self.number = 0
        self.is_wanted = is_wanted(request)

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        """Break off before reading where more is announced than could be meant well."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if self.is_wanted:
            most += largest_file() * settings.EVIDENCE_FILES_AT_ONCE * LENIENCE
        if content_length > most:
            raise RequestDataTooBig

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        if not self.is_wanted:
            raise SkipFile
        self.number += 1
        self.size = 0
        self.fault = Fault.TOO_MANY if self.number > settings.EVIDENCE_FILES_AT_ONCE else None
        self.file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) if self.fault is None else None  # noqa: SIM115 - closed by whoever reads it to its end

    def receive_data_chunk(self, raw_data, start):
        self.size += len(raw_data)
        if self.fault is None:
            if self.size > largest_file():
                self.let_go(Fault.TOO_LARGE)
            else:
                try:
                    self.file.write(raw_data)
                except OSError as error:
                    logger.error("no room for a file that arrives: %s", type(error).__name__)
                    self.let_go(Fault.NO_ROOM)

    def file_complete(self, file_size):
        if self.fault is None:
            try:
                self.file.seek(0)  # which also writes what is still in the buffer
            except OSError as error:
                logger.error("no room for a file that arrives: %s", type(error).__name__)
                self.let_go(Fault.NO_ROOM)
        received = Received(self.file, self.file_name, file_size, self.fault)
        self.file = None
        return received

    def upload_interrupted(self):
        if getattr(self, "file", None) is not None:
            self.let_go(None)

    def let_go(self, fault):
        self.fault = fault
        self.file, file = None, self.file
        with contextlib.suppress(OSError):  # what finds no room in the buffer finds none now
            file.close()


def is_wanted(request):
    """Whether the page takes files, and whoever asks it is signed in."""
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    return bool(match and getattr(match.func, "takes_files", False) and user and user.is_authenticated)
