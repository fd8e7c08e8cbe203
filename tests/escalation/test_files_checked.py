"""Which files are taken, and what is said of each that is not (R12)."""

import contextlib
import io
import random
import struct
import zipfile

import pytest
from django.conf import settings

from escalation import files
from escalation.files import archives, checking
from escalation.files.receiving import Fault, Received
from tests.escalation.corpus import (
    FILLING,
    MAIN,
    bomb,
    content_types,
    email,
    msg,
    nested_zip,
    office,
    ole,
    open_document,
    pdf,
    picture,
    png_of,
    upload,
    zipped,
)

TEXT = "Rång up at 14:05. “She is safe”, said Mr Łęski.\r\n"
SOUND = {
    "minutes.pdf": pdf(),
    "a.docx": office("docx"),
    "a.xlsx": office("xlsx"),
    "a.pptx": office("pptx"),
    "a.odt": open_document("odt"),
    "a.ods": open_document("ods"),
    "a.odp": open_document("odp"),
    "a.doc": ole({"WordDocument": b"x", "1Table": b"y"}),
    "a.xls": ole({"Workbook": b"x"}),
    "a.ppt": ole({"PowerPoint Document": b"x"}),
    "a.msg": msg(),
    "a.jpg": picture("JPEG"),
    "A.JPEG": picture("JPEG"),
    "a.png": picture("PNG"),
    "a.gif": picture("GIF"),
    "a.webp": picture("WEBP"),
    "a.tif": picture("TIFF"),
    "a.bmp": picture("BMP"),
    "utf8.txt": TEXT.encode(),
    "marked.txt": TEXT.encode("utf-8-sig"),
    "notepad.txt": TEXT.encode("utf-16"),
    "windows.txt": "“Safe”, £20".encode("cp1252"),
    "a.csv": b"date,who\r\n1 May,A\r\n",
    "a.eml": email(),
    # Office puts tables into documents, and emails hold documents
    "with table.docx": office(more={"word/embeddings/table.xlsx": office("xlsx")}),
    "with document.msg": msg("minutes.docx", office(more=FILLING)),
    "empty libraries.odt": open_document(more={"Basic/Standard/script-lb.xml": "<x/>", "Basic/script-lc.xml": "<x/>"}),
    "line before.pdf": b"\n" + pdf(),
    "blank end.png": picture("PNG") + b"\0\0",
    "page six.txt": b"P6 of the plan: two calls a day.",
    "about tags.txt": b"He wrote <html> into the box.",
    "about PDF.eml": email(body="It begins with %PDF-1.4, she says."),
}


def refusal(name, content):
    with pytest.raises(files.FileRefused) as refused:
        files.check(upload(name, content))
    return str(refused.value)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_taken_as_it_is(name):
    content = SOUND[name]

    accepted = files.check(upload(name, content))

    assert accepted.upload.file.read() == content
    assert (accepted.name, accepted.size, accepted.has_location) == (name, len(content), False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_that_holds_where_it_was_taken_is_told_and_not_altered(kind):
    content = picture(kind, with_location=True)

    accepted = files.check(upload(f"a.{kind.lower()}", content))

    assert accepted.has_location
    assert accepted.upload.file.read() == content


def test_a_place_in_the_younger_kind_of_note_is_told_too():
    content = picture("JPEG", xmp=b'<x:xmpmeta exif:GPSLatitude="53,25.8N"/>')

    assert files.check(upload("a.jpg", content)).has_location


NOT_TAKEN = {
    "minutes.docm": "can hold macros. Save it as .docx and add it again.",
    "photo.heic": "is of a kind that is not taken (.heic). Save it as JPEG and add it again.",
    "all.zip": "is of a kind that is not taken (.zip). Unpack it and add the files one by one.",
    "setup.exe": f"is of a kind that is not taken (.exe). Taken are: {files.kinds.TAKEN}.",
    "page.html": "is of a kind that is not taken (.html). Print it as PDF and add that.",
    "minutes": "does not say by the end of its name what kind of file it is. Give it its ending and add it again.",
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_kind_that_is_not_on_the_list_is_refused_with_what_to_do_instead(name):
    assert refusal(name, b"MZ") == f"{name} {NOT_TAKEN[name]}"


OTHER = "whatever its name says"
WRONG = {
    "png.pdf": picture("PNG"),
    "word.xlsx": office("docx"),
    "zip.docx": zipped({"a.txt": "x"}),
    "pdf.docx": pdf(),
    "excel.doc": ole({"Workbook": b"x"}),
    "word.doc": office("docx"),
    "old.docx": ole({"WordDocument": b"x"}),
    "nothing.msg": ole({"Something": b"x"}),
    "gif.png": picture("GIF"),
    "png.jpg": picture("PNG"),
    "text.png": b"no picture",
    "program.txt": b"MZ\x90\0\3\0\0\0" * 20,
    "picture.txt": picture("JPEG"),
    "page.txt": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "drawing.txt": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "script.csv": b"#!/bin/sh\nrm -rf /\n",
    "word.odt": office("docx"),
    "open.docx": open_document(),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_another_kind_than_its_name_says_is_refused(name):
    assert OTHER in refusal(name, WRONG[name])


TWO = "is two kinds of file in one"
UNUSUAL = "is put together in an unusual way"
DAMAGED = "is damaged or not complete"
BEHIND = "holds something behind the end of the picture"
A_ZIP = zipped({"evil.js": "x" * 100})
WORD = MAIN["docx"][1]
OPEN_TEXT = "application/vnd.oasis.opendocument.text"
POLYGLOTS = {
    "and zip.pdf": (pdf() + A_ZIP, TWO),
    "script first.pdf": (b"<script>alert(1)</script>" + pdf(), TWO),
    "and zip.jpg": (picture("JPEG") + A_ZIP, TWO),
    "and zip.png": (picture("PNG") + A_ZIP, TWO),
    "and zip.gif": (picture("GIF") + A_ZIP, TWO),
    "and zip.bmp": (picture("BMP") + A_ZIP, TWO),
    "and pdf.jpg": (picture("JPEG", comment=pdf()), TWO),
    "pdf behind.jpg": (picture("JPEG") + pdf(), TWO),
    "php.jpg": (picture("JPEG", comment=b"<?php system($_GET[0]); ?>"), TWO),
    "page.gif": (picture("GIF", comment=b"<html><script>alert(1)</script>"), TWO),
    "more.png": (picture("PNG") + b"more", BEHIND),
    "more.gif": (picture("GIF") + b"more", BEHIND),
    "pdf in.docx": (zipped({"a.pdf": pdf(), "[Content_Types].xml": content_types(WORD)}, zipfile.ZIP_STORED), TWO),
    "before.docx": (b"#!/bin/sh\n" + office(), OTHER),
    "behind.docx": (office() + b"more", UNUSUAL),
    "between.docx": (office().replace(b"PK\1\2", b"more" + b"PK\1\2", 1), UNUSUAL),
    "said.docx": (office()[:-2] + struct.pack("<H", 9), UNUSUAL),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_two_files_in_one_are_refused(name):
    content, why = POLYGLOTS[name]

    assert why in refusal(name, content)


MACROS, PROGRAM, PASSWORD = "holds macros", "holds a program", "is protected by a password"
VBA = ole({"VBA/dir": b"x"})
UNSAFE = {
    "vba.docx": (office(more={"word/vbaProject.bin": VBA}), MACROS),
    "renamed.docx": (office(types=["application/vnd.ms-word.document.macroEnabled.main+xml"]), MACROS),
    "hidden.docx": (office(more={"word/media/image1.png": VBA}), MACROS),
    "within.docx": (office(more={"word/embeddings/x.xlsx": office("xlsx", {"xl/vbaProject.bin": VBA})}), MACROS),
    "old.xlsx": (office("xlsx", {"xl/macrosheets/sheet1.xml": "<x/>"}), MACROS),
    "vba.doc": (ole({"WordDocument": b"x", "Macros/VBA/dir": b"x"}), MACROS),
    "vba.xls": (ole({"Workbook": b"x", "_VBA_PROJECT_CUR/VBA/dir": b"x"}), MACROS),
    "basic.odt": (open_document(more={"Basic/Standard/Module1.xml": "<x/>"}), MACROS),
    "python.odt": (open_document(more={"Scripts/python/evil.py": "x"}), MACROS),
    "program.docx": (office(more={"word/media/image1.png": b"MZ\x90\0"}), PROGRAM),
    "script.docx": (office(more={"word/run.vbs": b"x"}), "holds a program (run.vbs)"),
    "program.eml": (email("invoice.pdf.exe"), "holds a program (invoice.pdf.exe)"),
    "turned.eml": (email("invoice\u202efdp.exe"), "holds a program (invoicefdp.exe)"),
    "coded.eml": (email("=?utf-8?b?cnVuLmpz?="), "holds a program (run.js)"),
    "program.msg": (msg("run.js"), "holds a program (run.js)"),
    "macros.msg": (msg("minutes.docx", office(more={"word/vbaProject.bin": VBA, **FILLING})), MACROS),
    "locked.docx": (ole({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), PASSWORD),
    "locked.odt": (zipped({"mimetype": OPEN_TEXT, "META-INF/manifest.xml": "<encryption-data/>"}), PASSWORD),
    "climbs.docx": (office(more={"../../etc/passwd": "x"}), UNUSUAL),
    "twice.docx": (office(more={"WORD/DOCUMENT.XML": "x"}), UNUSUAL),
    "entities.docx": (
        zipped({"[Content_Types].xml": '<!DOCTYPE x [<!ENTITY a "vba">]><Types/>', "word/document.xml": "x"}), UNUSUAL
    ),
    "other method.docx": (
        zipped({"[Content_Types].xml": content_types(WORD), "word/document.xml": "x"}, zipfile.ZIP_BZIP2), UNUSUAL
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_macros_programs_and_locked_files_are_refused(name):
    content, why = UNSAFE[name]

    assert why in refusal(name, content)


def test_a_locked_member_is_refused():
    content = bytearray(office())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag in the list, which a reader believes

    assert PASSWORD in refusal("a.docx", bytes(content))


BOMB = "unpacks to far more than a document holds"
BOMBS = {
    "ratio.docx": (bomb(), BOMB),
    "nested ratio.docx": (office(more={"word/embeddings/x.docx": bomb()}), BOMB),
    "attached.msg": (msg("a.docx", bomb(**FILLING)), BOMB),
    "members.xlsx": (office("xlsx", {f"xl/{n}.xml": b"" for n in range(archives.MOST_MEMBERS)}), BOMB),
    "nested.docx": (office(more={"word/a.zip": nested_zip(4)}), "holds archives within archives"),
    "many.docx": (office(more={f"word/{n}.zip": A_ZIP[:] for n in range(30)}), "holds"),
    "wide.png": (png_of(20_000, 20_000), "has far more points than a picture needs"),
    "wide.webp": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0" + b"\0" * 20, "has far more points"
    ),
    "wide.gif": (b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\0;", "has far more points"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(name):
    content, why = BOMBS[name]

    assert why in refusal(name, content)


def test_between_pillows_limit_and_twice_that_is_too_much_as_well():
    """Pillow warns there, and goes on."""
    assert "has far more points" in refusal("a.png", png_of(10_000, 12_000))


def test_a_member_that_lies_about_its_size_is_refused():
    content = bytearray(office(more={"word/a.bin": bytes(1024)}))
    at = content.rindex(b"PK\1\2")
    content[at + 24 : at + 28] = struct.pack("<L", 10)

    assert DAMAGED in refusal("a.docx", bytes(content))


def endless(head=None):
    """An email of 18 KB that goes round in its sectors: a name attached to it says that it has 80 MB, or a table."""
    content = bytearray(msg())
    entry = content.index("__substg1.0_3707001F".encode("utf-16-le"))
    [start] = struct.unpack_from("<L", content, entry + 116)
    struct.pack_into("<L", content, len(content) - 512 + 4 * start, start)
    if head:
        struct.pack_into("<L", content, head, 10_000)
    else:
        struct.pack_into("<Q", content, entry + 120, 80 * 1024**2)
    return bytes(content)


BROKEN = {
    "endless.msg": (endless(), "is damaged"),
    **{f"endless table {at}.msg": (endless(head=at), "is damaged") for at in (44, 64, 72)},
    "empty.pdf": (b"", "is empty. Choose the file that has the content."),
    "half.pdf": (pdf()[:60], DAMAGED),
    "half.docx": (office()[:-30], DAMAGED),
    "half.doc": (ole({"WordDocument": bytes(5000)})[:600], DAMAGED),
    "half.png": (picture("PNG")[:-20], DAMAGED),
    "half.gif": (picture("GIF")[:-2], DAMAGED),
    "half.webp": (picture("WEBP")[:16], DAMAGED),
    "no head.eml": (b"Hello\r\n\r\nthere", "is not an email"),
    "few heads.eml": (b"From: a@example.org\r\n\r\nthere", "is not an email"),
    "zeros.eml": (email(body="a\0b"), "is not an email"),
    "long head.eml": (b"From: a\r\n" + b"X: y\r\n" * 100_000, "has lines or headers longer"),
    # Which the library would work on for a minute
    "long name.eml": (email(body="--x\r\nContent-Disposition: a" + ";" * 60_000), "has lines or headers longer"),
    "many pieces.eml": (email(body="--x\r\nContent-Type: " + "(a)" * 600), "has lines or headers longer"),
    "many names.eml": (email(body=f"--x\r\nContent-Type: {'a' * 1900}\r\n\r\n" * 60), "has lines or headers longer"),
    "zeros.txt": (b"a\0b" * 100, "is not plain text"),
    "bell.csv": (b"a\x07b", "is not plain text"),
    "no letters.txt": (b"\x81\x8d" * 50, "is not plain text"),
    "half letter.txt": ("\ufeffa".encode("utf-16-le") + b"\0", "is not plain text"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_empty_or_broken_is_refused(name):
    content, why = BROKEN[name]

    assert why in refusal(name, content)


def test_a_byte_over_the_limit_is_too_much(settings):
    settings.EVIDENCE_FILE_MAX_MB = 1
    limit = 1024**2

    assert files.check(upload("a.txt", b"x" * limit)).size == limit
    assert refusal("a.txt", b"x" * (limit + 1)) == (
        "a.txt is larger than 1 MB (1.0 MB). Add a smaller copy of it, or parts of it."
    )


def test_what_a_request_says_of_the_size_is_not_believed(settings):
    settings.EVIDENCE_FILE_MAX_MB = 1
    lying = Received(io.BytesIO(b"x" * (1024**2 + 1)), "a.txt", 10)

    with pytest.raises(files.FileRefused, match="is larger than 1 MB"):
        files.check(lying)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault.TOO_MANY, f"is one too many: add no more than {settings.EVIDENCE_FILES_AT_ONCE} files at once"),
        (Fault.TOO_LARGE, "is larger than 25 MB (40.0 MB)"),
        (Fault.NO_ROOM, "found no room on the server"),
    ],
)
def test_what_did_not_arrive_whole_says_why(fault, why):
    with pytest.raises(files.FileRefused) as refused:
        files.check(Received(None, "a.pdf", 40 * 1024**2, fault))

    assert why in str(refused.value)


def test_a_name_in_a_refusal_is_cleaned():
    assert refusal("../../etc/a\u202efdp.exe\n", b"x").startswith("afdp.exe is of a kind that is not taken (.exe).")


def test_without_libmagic_no_file_is_taken_and_nothing_else_stops(monkeypatch):
    monkeypatch.setattr(checking, "magic", None)

    assert not files.is_ready()
    with pytest.raises(files.CannotCheck):
        files.check(upload("a.pdf", pdf()))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")
@pytest.mark.parametrize("end", ["docx", "doc", "msg", "odt", "png", "gif", "webp", "tif", "jpg", "eml"])
def test_a_file_damaged_anywhere_is_taken_or_refused_and_nothing_else_happens(end):
    chance = random.Random(end)
    for _ in range(60):
        content = bytearray(SOUND[f"a.{end}"])
        for _ in range(chance.randrange(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        with contextlib.suppress(files.FileRefused):
            files.check(upload(f"a.{end}", bytes(content)))
