"""Whether a file is taken: its name, its size, its kind by extension and content, and what it holds.

What a file is, is said twice: by our own allow-list, which reads it, and by libmagic; both must agree with its name.
libmagic alone would not do: a .docm is a .docx to it, and a script that goes on as a PDF is a PDF.
Everything is read by chunks, and nothing is altered: this is evidence.
"""

import hashlib
import importlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from escalation.files import documents, kinds, letters, names
from escalation.files.archives import CHUNK, DAMAGED, holds_zip
from escalation.files.kinds import Family
from escalation.files.receiving import MEGABYTE, Fault, largest_file
from escalation.files.refusals import FileRefused, Unfit

try:
    import magic
except ImportError:  # libmagic is not on this machine
    magic = None

HEAD = 128 * 1024  # what libmagic is shown
PDF_START, PDF_END = b"%PDF-", b"%%EOF"
READERS_LOOK_FOR_PDF_IN, PDF_ENDS_IN = 1024, 4096
NOT_WHAT_IT_SAYS = (
    "is not {}, whatever its name says. Open it in the program it comes from, save it again under the name that the"
    " program gives it, and add that."
)
TWO_IN_ONE = "is two kinds of file in one, which can hide something. Save it again as PDF and add that."
# Texts that a browser or a shell would run. Of others libmagic's opinion is not asked: by their first letters it takes
# notes that begin with "P6" for a picture.
MARKUP, SCRIPTS = ("text/html", "text/xml", "image/svg+xml"), ("text/x-php", "text/x-shellscript", "text/x-msdos-batch")


class CannotCheck(Exception):
    """This machine lacks libmagic (Debian: libmagic1), and so can take no files."""


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
    return magic is not None


def check(upload):
    """The file as Accepted, or FileRefused with a plain sentence; reads by chunks, and alters nothing."""
    if not is_ready():
        raise CannotCheck
    name = names.shown(upload.name)
    try:
        refuse_not_arrived(upload)
        kind = kinds.of(names.extension(name))
        file = upload.file
        digest, size, head = read_through(file, kind)
        refuse_size(size)
        has_location = look_into(file, kind, names.extension(name), size, head)
        refuse_other_opinion(head, kind)
        file.seek(0)
    except Unfit as unfit:
        raise FileRefused(name, str(unfit)) from unfit
    return Accepted(upload, name, kind.content_type, size, digest, has_location)


def refuse_not_arrived(upload):
    match getattr(upload, "fault", None):
        case Fault.TOO_MANY:
            most = settings.EVIDENCE_FILES_AT_ONCE
            raise Unfit(f"is one too many: add no more than {most} files at once, and the others after them.")
        case Fault.NO_ROOM:
            raise Unfit("found no room on the server. Tell whoever runs Resolve, and add it again later.")
    refuse_size(upload.size)


def refuse_size(size):
    if not size:
        raise Unfit("is empty. Choose the file that has the content.")
    if size > largest_file():
        most = settings.EVIDENCE_FILE_MAX_MB
        raise Unfit(f"is larger than {most} MB ({size / MEGABYTE:.1f} MB). Add a smaller copy of it, or parts of it.")


@cache
def pictures():
    """How pictures are looked into, loaded for the first one of a process: with Pillow, which takes 2 MiB."""
    return importlib.import_module("escalation.files.pictures")


def read_through(file, kind):
    """The file's digest, real size and beginning; pictures are searched meanwhile for what hides in them."""
    digest, size, head, before = hashlib.sha256(), 0, b"", b""
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if len(head) < HEAD:
            head += chunk
        if kind.family is Family.PICTURE:
            if pictures().HIDDEN.search(before + chunk):
                raise Unfit(TWO_IN_ONE)
            before = chunk[-pictures().LONGEST_HIDDEN :]
    return digest.hexdigest(), size, head


def look_into(file, kind, extension, size, head):
    """Ask our own allow-list: Unfit where the file is not of this kind, or not safe; whether it tells a place."""
    other = NOT_WHAT_IT_SAYS.format(kind.called)
    if kind.family in (Family.ZIP, Family.PICTURE, Family.TEXT) and PDF_START in head[:READERS_LOOK_FOR_PDF_IN]:
        raise Unfit(other if head.startswith(PDF_START) else TWO_IN_ONE)
    match kind.family:
        case Family.PDF:
            look_into_pdf(file, size, head, other)
        case Family.ZIP | Family.OLE:
            if documents.look_into(file) != extension:
                raise Unfit(other)
        case Family.TEXT:
            letters.look_into_text(file)
        case Family.EMAIL:
            letters.look_into_email(file)
        case Family.PICTURE:
            refuse_other_opinion(head, kind)
            if holds_zip(file, size):
                raise Unfit(TWO_IN_ONE)
            return pictures().look_into(file, kind)
    return False


def look_into_pdf(file, size, head, other):
    # Some programs write an empty line or a mark of UTF-8 before it
    if not head[:16].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(PDF_START):
        raise Unfit(TWO_IN_ONE if PDF_START in head[:READERS_LOOK_FOR_PDF_IN] else other)
    file.seek(max(0, size - PDF_ENDS_IN))
    if PDF_END not in file.read(PDF_ENDS_IN):
        raise Unfit(DAMAGED)
    if holds_zip(file, size):
        raise Unfit(TWO_IN_ONE)


def refuse_other_opinion(head, kind):
    """Refuse what libmagic takes for something else."""
    if kind.family is Family.EMAIL:  # which it may take for a text of any kind
        return
    said = magic.from_buffer(head, mime=True)
    if kind.family is Family.TEXT:
        is_other = said in SCRIPTS or (said in MARKUP and head.strip().startswith(b"<"))
    else:
        is_other = said != kind.content_type and said not in kind.also
    if is_other:
        raise Unfit(NOT_WHAT_IT_SAYS.format(kind.called))
