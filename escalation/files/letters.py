"""Plain texts and emails: whether they are what they say, read by chunks."""

import codecs
import re
from email import policy
from email.parser import BytesHeaderParser

from escalation.files.archives import CHUNK
from escalation.files.documents import refuse_program
from escalation.files.refusals import Unfit

NOT_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f\ufffe\uffff]")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NO_TEXT = "is not plain text, whatever its name says. Add it under the name that it had."
NO_EMAIL = "is not an email as a mail program saves it. Save it again from there and add it."
TOO_LONG = "has lines or headers longer than any email has. Print it as PDF and add that."
# Some of these stand at the head of every email
HEADERS = ("from", "date", "subject", "message-id", "received", "to", "mime-version")
FEWEST_HEADERS = 3
LONGEST_LINE = 1024**2  # some programs write a paragraph as one line
LONGEST_HEAD = 512 * 1024
MOST_PARTS = 5000
# The library works on a header for a time that grows with the square of its pieces: 64 KB of ";" keep it a minute
NAMING = ("content-disposition", "content-type")  # the headers in which a part is named
LONGEST_NAMING, MOST_PIECES = 2000, 60  # of one: characters, and what begins a parameter or a comment
MOST_NAMING = 100_000  # characters of all in a file
_heads = BytesHeaderParser(policy=policy.default)


def look_into_text(file):
    """Unfit where it is not text in UTF-8, UTF-16 with its mark, or Windows-1252."""
    file.seek(0)
    start = file.read(3)
    marked = next((encoding for mark, encoding in MARKS.items() if start.startswith(mark)), None)
    if not any(_is_text(file, encoding) for encoding in ([marked] if marked else ["utf-8", "cp1252"])):
        raise Unfit(NO_TEXT)


def _is_text(file, encoding):
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(CHUNK):
            if NOT_TEXT.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def look_into_email(file):
    """Unfit where it does not begin as an email, or where a part of it is a program by its name.

    The heads of parts are found by the lines that begin them, at any depth, and read by the library; what stands in
    the parts is for the virus scanner.
    """
    file.seek(0)
    found = _heads.parsebytes(_head(file))
    if sum(name in found for name in HEADERS) < FEWEST_HEADERS:
        raise Unfit(NO_EMAIL)
    parts, naming = 0, _refuse_program(found)
    while line := _line(file):
        if line.startswith(b"--"):
            parts += 1
            if parts > MOST_PARTS:
                raise Unfit(TOO_LONG)
            at = file.tell()
            head = _head(file, stops=b"--")
            if b":" in head:
                naming += _refuse_program(_heads.parsebytes(head))
                if naming > MOST_NAMING:
                    raise Unfit(TOO_LONG)
            else:
                file.seek(at)


def _head(file, stops=None):
    """The lines up to an empty one."""
    lines = bytearray()
    while line := _line(file):
        if not line.strip():
            break
        if stops and line.startswith(stops):
            file.seek(-len(line), 1)
            break
        lines += line
        if len(lines) > LONGEST_HEAD:
            raise Unfit(TOO_LONG)
    return bytes(lines)


def _line(file):
    line = file.readline(LONGEST_LINE)
    if b"\0" in line:
        raise Unfit(NO_EMAIL)
    return line


def _refuse_program(head):
    """Refuse a part that is a program by its name; gives how long the headers are that name it."""
    naming = [value for header, value in head.raw_items() if header.lower() in NAMING]
    for value in naming:
        if len(value) > LONGEST_NAMING or value.count(";") + value.count("(") > MOST_PIECES:
            raise Unfit(TOO_LONG)
    try:
        name = head.get_filename()
    except Exception as error:  # the library's parser of headers fails on hostile ones in more ways than it says
        raise Unfit(NO_EMAIL) from error
    if name:
        refuse_program(str(name))
    return sum(map(len, naming))
