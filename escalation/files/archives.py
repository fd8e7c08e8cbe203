"""ZIP files looked into without harm: what is counted is what comes out, not what the file says of itself.

A small file can unpack to any size, hold itself again and again, or be two kinds of file at once, each program
reading another part. So the end must be where the file ends, the beginning where it begins, and each member is read
once, by chunks, against limits for the whole.
"""

import re
import struct
import zipfile
import zlib

from escalation.files.refusals import Unfit

CHUNK = 64 * 1024
MOST_BYTES = 200 * 1024**2  # all members together, those of archives within included
MOST_RATIO = 100  # unpacked to packed, once it matters
RATIO_MATTERS = 10 * 1024**2
MOST_MEMBERS = 5000
MOST_ARCHIVES = 20  # within the file
DEEPEST = 2  # an Excel table in a Word document in an email
LONGEST_LIST = 2 * 1024**2  # bytes of the list of members, which is held in memory

ZIP = b"PK\x03\x04"
END = b"PK\x05\x06"
END_64 = b"PK\x06\x07"
END_SIZE, LONGEST_COMMENT = 22, 0xFFFF
DAMAGED = "is damaged or not complete. Open it in the program it comes from, save it again and add it."
UNUSUAL = "is put together in an unusual way, which can hide something. Save it again as PDF and add that."
BOMB = "unpacks to far more than a document holds, which could stop the service. Save it again as PDF and add that."
PASSWORD = "is protected by a password, so nobody else could open it. Save it without one and add it again."
CLIMBS = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:")


class Budget:
    """What is left of the limits, for a file and all that is in it."""

    def __init__(self, size):
        self.packed, self.bytes, self.members, self.archives = size, 0, 0, 0

    def spend_bytes(self, number):
        self.bytes += number
        if self.bytes > MOST_BYTES or self.bytes > max(RATIO_MATTERS, self.packed * MOST_RATIO):
            raise Unfit(BOMB)

    def spend_members(self, number):
        self.members += number
        if self.members > MOST_MEMBERS:
            raise Unfit(BOMB)

    def spend_archive(self, depth):
        self.archives += 1
        if self.archives > MOST_ARCHIVES + 1 or depth > DEEPEST:
            raise Unfit("holds archives within archives. Add the files in it one by one.")


class Archive:
    """A ZIP whose list of members is sound; gives each member's content once, by chunks, within the budget."""

    def __init__(self, file, budget, depth):
        self.budget, self.depth = budget, depth
        budget.spend_archive(depth)
        refuse_two_in_one(file)
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
            raise Unfit(DAMAGED) from error
        self.members = [member for member in self.zip.infolist() if not member.is_dir()]
        self.names = [member.filename for member in self.members]
        budget.spend_members(len(self.zip.infolist()))
        if len({name.casefold() for name in self.names}) < len(self.names) or any(map(CLIMBS.search, self.names)):
            raise Unfit(UNUSUAL)
        if any(member.flag_bits & 0x1 for member in self.members):
            raise Unfit(PASSWORD)
        if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in self.members):
            raise Unfit(UNUSUAL)

    def chunks(self, member):
        try:
            with self.zip.open(member) as content:
                while chunk := content.read(CHUNK):
                    self.budget.spend_bytes(len(chunk))
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise Unfit(DAMAGED) from error

    def read(self, name, most):
        """A small member whole; nothing where there is none of that name."""
        if name not in self.names:
            return b""
        found = bytearray()
        for chunk in self.chunks(name):
            found += chunk
            if len(found) > most:
                raise Unfit(UNUSUAL)
        return bytes(found)


def tail(file, size):
    """The end of a file, in which the end of a ZIP would stand, and where it begins."""
    start = max(0, size - END_SIZE - LONGEST_COMMENT)
    file.seek(start)
    return start, file.read(END_SIZE + LONGEST_COMMENT)


def length(file):
    return file.seek(0, 2)


def refuse_two_in_one(file):
    """Refuse a ZIP with something before, after or within its end; zipfile would read on regardless."""
    size = length(file)
    start, end = tail(file, size)
    file.seek(0)
    if file.read(4) != ZIP:
        raise Unfit(DAMAGED)
    at = end.rfind(END)
    if at < 0 or len(end) - at < END_SIZE:
        raise Unfit(DAMAGED)
    disk, list_disk, here, members, list_size, list_at, comment = struct.unpack("<4H2LH", end[at + 4 : at + END_SIZE])
    if at + END_SIZE + comment != len(end) or END_64 in end[max(0, at - 20) : at]:
        raise Unfit(UNUSUAL)
    if disk or list_disk or here != members or list_at + list_size != start + at or list_size > LONGEST_LIST:
        raise Unfit(UNUSUAL)


def holds_zip(file, size):
    """Whether a file of another kind ends as a ZIP, so that some program would open it as one."""
    start, end = tail(file, size)
    at = end.rfind(END)
    while at >= 0:
        if len(end) - at >= END_SIZE:
            list_size, list_at = struct.unpack("<2L", end[at + 12 : at + 20])
            if list_size >= 46 and list_size <= start + at:
                file.seek(start + at - list_size)
                if file.read(4) == b"PK\x01\x02":
                    return True
        at = end.rfind(END, 0, at)
    return False
