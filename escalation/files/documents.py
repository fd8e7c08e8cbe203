"""Office and OpenDocument files looked into: what they really are, and that they hold no macros, programs or bombs."""

import re
import struct
import tempfile
from xml.etree import ElementTree

import olefile

from escalation.files import names
from escalation.files.archives import CHUNK, DAMAGED, PASSWORD, UNUSUAL, ZIP, Archive, Budget, length
from escalation.files.refusals import Unfit

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROGRAM_STARTS = (b"MZ", b"\x7fELF")
MACROS = "holds macros, which run when it is opened. Save it {how} and add it again."
PROGRAM = "holds a program ({}). Take it out and add the file again."
# What Windows runs when it is opened, and Office files that hold macros by their name
PROGRAMS = frozenset(
    """
    ade adp app appref-ms appx bat chm cmd com cpl dll docm dotm exe hta inf ins iso img isp jar js jse lnk mde
    msc msi msix msp mst ocx pif potm ppam ppsm pptm ps1 psm1 reg scf scr sct settingcontent-ms sh shb sys url vb
    vbe vbs vhd vhdx vxd wsc wsf wsh xlam xll xlsm xltm
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
MAIN_PARTS = {
    "wordprocessingml.document.main+xml": "docx",
    "spreadsheetml.sheet.main+xml": "xlsx",
    "presentationml.presentation.main+xml": "pptx",
}
MACRO_TYPES = re.compile(r"macroEnabled|vbaProject|macrosheet|ms-office\.activeX|application/x-dosexec", re.IGNORECASE)
MACRO_MEMBERS = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml)$|(^|/)macrosheets/", re.IGNORECASE)
OPEN_TYPES = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
# LibreOffice writes lists of libraries without any macro in them
OPEN_MACROS = re.compile(r"^Scripts/.*[^/]$|^Basic/(?!.*(script|dialog)-l[bc]\.xml$).*[^/]$", re.IGNORECASE)
MOST_OF_A_LIST = 1024**2
OLE_KINDS = {
    "worddocument": "doc",
    "workbook": "xls",
    "book": "xls",
    "powerpoint document": "ppt",
    "__properties_version1.0": "msg",
}
ATTACHED_NAME, ATTACHED = re.compile(r"^__substg1\.0_(3707|3704)001[EF]$", re.I), "__substg1.0_37010102"
# The size of a sector, as a power of two; how many sectors the tables have: of sectors, of small ones, of tables
OLE_HEAD, OLE_SHIFTS = struct.Struct("<30xH12xL16xL4xL"), (9, 12)
OLE_CONTENT = (olefile.STGTY_STREAM, olefile.STGTY_ROOT)  # what has a size of its own
# What olefile raises over damaged files, besides its own error (an OSError)
OLE_ERRORS = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError)


def look_into(file):
    """What a ZIP or OLE file really is ("docx", "msg", or nothing known), all of it looked through. Unfit if unsafe."""
    return _look(file, Budget(length(file)), 0)


def _look(file, budget, depth):
    file.seek(0)
    first = file.read(len(OLE))
    if first.startswith(ZIP):
        return _look_into_zip(file, budget, depth)
    if first == OLE:
        return _look_into_ole(file, budget, depth)
    return ""


def _look_into_zip(file, budget, depth):
    archive = Archive(file, budget, depth)
    kind = _zip_kind(archive)
    for member in archive.members:
        refuse_program(member.filename)
        _look_at(archive.chunks(member), member.filename, budget, depth)
    return kind


def _look_at(chunks, name, budget, depth):
    """Read a member to its end; one that is a document or an archive itself is looked into in turn."""
    first = next(chunks, b"")
    if first.startswith(PROGRAM_STARTS):
        raise Unfit(PROGRAM.format(names.shown(name)))
    if not first.startswith((ZIP, OLE)):
        for _ in chunks:
            pass
        return
    with tempfile.TemporaryFile() as inner:
        inner.write(first)
        for chunk in chunks:
            inner.write(chunk)
        _look(inner, budget, depth + 1)


def _zip_kind(archive):
    if "[Content_Types].xml" in archive.names:
        types = content_types(archive.read("[Content_Types].xml", MOST_OF_A_LIST))
        if any(map(MACRO_TYPES.search, types)) or any(map(MACRO_MEMBERS.search, archive.names)):
            raise Unfit(MACROS.format(how="as .docx, .xlsx or .pptx"))
        found = {kind for end, kind in MAIN_PARTS.items() if any(each.endswith(end) for each in types)}
        return found.pop() if len(found) == 1 else ""
    if "mimetype" in archive.names:
        if any(map(OPEN_MACROS.search, archive.names)):
            raise Unfit(MACROS.format(how="as PDF"))
        if b"encryption-data" in archive.read("META-INF/manifest.xml", MOST_OF_A_LIST):
            raise Unfit(PASSWORD)
        return OPEN_TYPES.get(archive.read("mimetype", 200).strip(), "")
    return ""


def content_types(xml):
    """What the parts of an Office file say they are."""
    if b"<!" in xml.replace(b"\0", b"").replace(b"<!--", b""):  # an entity could write any word in pieces
        raise Unfit(UNUSUAL)
    try:
        return {each.get("ContentType", "") for each in ElementTree.fromstring(xml)}
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unfit(DAMAGED) from error


def _look_into_ole(file, budget, depth):
    budget.spend_archive(depth)
    size = length(file)
    try:
        _refuse_endless_head(file, size)
        file.seek(0)
        with olefile.OleFileIO(file) as ole:
            streams = ole.listdir(streams=True, storages=True)
            if any(entry and entry.entry_type in OLE_CONTENT and entry.size > size for entry in ole.direntries):
                raise Unfit(DAMAGED)
            budget.spend_members(len(streams))
            parts = {part.lower() for path in streams for part in path}
            top = {path[0].lower() for path in streams if len(path) == 1}
            if parts & {"encryptedpackage", "encryptioninfo"}:
                raise Unfit(PASSWORD)
            if parts & {"_vba_project", "_vba_project_cur", "vba"}:
                raise Unfit(MACROS.format(how="as .docx, .xlsx or .pptx"))
            for path in streams:
                if ATTACHED_NAME.fullmatch(path[-1]):
                    refuse_program(ole.openstream(path).read(2000).decode(_letters(path[-1]), "replace"))
                elif path[-1].lower() == ATTACHED and ole.get_type(path) == olefile.STGTY_STREAM:
                    _look_at(_ole_chunks(ole.openstream(path), budget), "an attachment", budget, depth)
    except OLE_ERRORS as error:
        raise Unfit(DAMAGED) from error
    found = {kind for name, kind in OLE_KINDS.items() if name in top}
    return found.pop() if len(found) == 1 else ""


def _refuse_endless_head(file, size):
    """Refuse what says of itself that it is larger than it is: olefile would go round in its sectors, in memory."""
    file.seek(0)
    head = file.read(OLE_HEAD.size)
    shift, *numbers = OLE_HEAD.unpack(head)
    if shift not in OLE_SHIFTS or any(number << shift > size for number in numbers):
        raise Unfit(DAMAGED)


def _letters(name):
    return "utf-16-le" if name.upper().endswith("F") else "cp1252"


def _ole_chunks(stream, budget):
    while chunk := stream.read(CHUNK):
        budget.spend_bytes(len(chunk))
        yield chunk


def refuse_program(name):
    """Refuse what holds a file by this name, if opening that would run it."""
    shown = names.shown(name)
    if names.extension(shown) in PROGRAMS:
        raise Unfit(PROGRAM.format(shown))
