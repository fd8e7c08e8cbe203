"""Files as people send them, and as an attacker would; each made here, none kept."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image

from escalation.files.receiving import Received

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OFFICE}presentationml.presentation.main+xml"),
}
OPEN = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
CAMERA, GPS = 271, 0x8825


def upload(name, content):
    """A file as it arrives."""
    return Received(io.BytesIO(content), name, len(content))


def zipped(members, method=zipfile.ZIP_DEFLATED, comment=b""):
    """A ZIP of these (name, content) pairs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else method)
        archive.comment = comment
    return file.getvalue()


def content_types(*types):
    parts = "".join(f'<Override PartName="/p{n}" ContentType="{each}"/>' for n, each in enumerate(types))
    return f'<?xml version="1.0"?><Types xmlns="{TYPES}">{parts}</Types>'


def office(kind="docx", more=None, types=()):
    """A Word, Excel or PowerPoint file, with more members."""
    part, main = MAIN[kind]
    return zipped({"[Content_Types].xml": content_types(main, *types), part: "<x/>", **(more or {})})


def open_document(kind="odt", more=None):
    mimetype = f"application/vnd.oasis.opendocument.{OPEN[kind]}"
    manifest = {"META-INF/manifest.xml": "<manifest/>"}
    return zipped({"mimetype": mimetype, "content.xml": "<x/>", **manifest, **(more or {})})


def pdf(text=b"Minutes"):
    head = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    return (
        head
        + b"2 0 obj<</Type/Pages/Count 0>>endobj\n% "
        + text
        + b"\nxref\n0 3\ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n9\n%%EOF\n"
    )


def picture(kind="JPEG", size=(40, 30), with_location=False, **options):
    file = io.BytesIO()
    image = Image.new("RGB", size, "teal")
    if with_location:
        exif = Image.Exif()
        exif[CAMERA] = "Phone"
        exif.get_ifd(GPS).update({1: "N", 2: (53.0, 25.0, 48.0), 3: "W", 4: (1.0, 21.0, 25.0)})
        options["exif"] = exif.tobytes()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of(width, height):
    """The head of a picture of any size, with hardly any content."""

    def part(name, data):
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    head = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


def email(attached="minutes.pdf", head="", body="See the minutes."):
    return (
        "Received: from mail.example by mx.example; Wed, 20 May 2026 09:00:00 +0100\r\n"
        "From: A <a@example.org>\r\nTo: b@example.org\r\nDate: Wed, 20 May 2026 09:00:00 +0100\r\n"
        f"Subject: Discharge\r\nMIME-Version: 1.0\r\n{head}"
        'Content-Type: multipart/mixed; boundary="part"\r\n\r\n'
        f"--part\r\nContent-Type: text/plain\r\n\r\n{body}\r\n"
        "--part\r\nContent-Type: application/octet-stream\r\n"
        f'Content-Disposition: attachment; filename="{attached}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--part--\r\n"
    ).encode()


SECTOR, FREE, END, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(streams):
    """A file of the older Office kind with these streams; "Macros/VBA/dir" stands in storages of that name."""
    entries = [("Root Entry", 5, None, 0, END, 0)]  # name, type, parent, size, start, number of its first child
    storages = {"": 0}
    sectors = []
    for path, content in streams.items():
        parent = ""
        *above, name = path.split("/")
        for part in above:
            whole = f"{parent}/{part}"
            if whole not in storages:
                storages[whole] = len(entries)
                entries.append((part, 1, storages[parent], 0, 0, 0))
            parent = whole
        content = content.ljust(4096, b"\0")  # smaller ones would stand in a stream of their own
        chain = [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
        entries.append((name, 2, storages[parent], len(content), len(sectors), 0))
        sectors += [(sector, number + 1 < len(chain)) for number, sector in enumerate(chain)]
    children = {}
    for number, entry in enumerate(entries):
        if entry[2] is not None:
            children.setdefault(entry[2], []).append(number)
    directory = b""
    for number, (name, kind, parent, size, start, _) in enumerate(entries):
        siblings = children.get(parent, [])
        after = siblings[siblings.index(number) + 1 :] if number in siblings else []
        child = children.get(number, [FREE])[0]
        letters = name.encode("utf-16-le")
        directory += letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters) + 2, kind, 1)
        directory += struct.pack("<3L", FREE, after[0] if after else FREE, child) + b"\0" * 36
        directory += struct.pack("<LQ", start, size)
    directory += b"\0" * (-len(directory) % SECTOR)
    first_of_directory = len(sectors)
    pages = [directory[at : at + SECTOR] for at in range(0, len(directory), SECTOR)]
    sectors += [(page, number + 1 < len(pages)) for number, page in enumerate(pages)]
    number_of_fats = 1
    while number_of_fats * 128 < len(sectors) + number_of_fats:
        number_of_fats += 1
    table = [number + 1 if goes_on else END for number, (_, goes_on) in enumerate(sectors)] + [FAT] * number_of_fats
    table += [FREE] * (number_of_fats * 128 - len(table))
    fats = [len(sectors) + number for number in range(number_of_fats)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<9L", 0, number_of_fats, first_of_directory, 0, 4096, END, 0, END, 0)
    head += struct.pack("<109L", *fats, *[FREE] * (109 - len(fats)))
    return head + b"".join(sector for sector, _ in sectors) + struct.pack(f"<{len(table)}L", *table)


def msg(attached="minutes.pdf", content=b"x"):
    return ole(
        {
            "__properties_version1.0": b"",
            "__substg1.0_0037001F": "Discharge".encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": attached.encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": content,
        }
    )


def nested_zip(depth, inner=b"x"):
    for _ in range(depth):
        inner = zipped({"inner.zip": inner})
    return inner


def bomb(megabytes=30, **more):
    """A Word document that unpacks to so many megabytes of nothing."""
    return office(more={"word/media/zeros.bin": bytes(megabytes * 1024**2), **more})


# Random, so that it stays as large as it is: larger than a stream of an OLE file need be
FILLING = {"word/media/filling.bin": bytes(range(256)) * 2 + random.Random(1).randbytes(6000)}
