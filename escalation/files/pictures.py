"""Pictures looked into by their heads alone: nothing is unpacked into pixels, and nothing is taken out."""

import contextlib
import re
import struct
import warnings

from PIL import Image, UnidentifiedImageError

from escalation.files.archives import DAMAGED
from escalation.files.refusals import Unfit

LONGEST_SIDE = 30_000  # pixels; the area is Pillow's limit
GPS, LATITUDE, TIFF_XMP = 0x8825, 2, 700
LONGEST_NOTE = 1024**2
# A web page or a script in a comment, or another file behind the end of the picture
HIDDEN = re.compile(
    rb"<\?php|<script[\s>]|<!doctype html|<html[\s>]|\xff\xd9\s*(?:PK\x03\x04|%PDF-|MZ\x90|Rar!\x1a|7z\xbc\xaf)",
    re.IGNORECASE,
)
LONGEST_HIDDEN = 64
TOO_LARGE = "has far more points than a picture needs, which could stop a computer. Save it smaller and add it again."
# Pillow only warns of pictures between its limit and twice that.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
ERRORS = (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error)


def look_into(file, kind):
    """Whether a picture of this kind says where it was taken. Unfit where it is another kind, or a bomb."""
    try:
        if kind.pillow == "WEBP":
            refuse_too_large(webp_size(file))  # Pillow asks for the memory before it looks
        file.seek(0)
        with Image.open(file, formats=[kind.pillow]) as picture:
            refuse_too_large(picture.size)
            if kind.pillow == "PNG":
                return look_through_png(file)
            if kind.pillow == "GIF":
                refuse_after_gif(file)
            return holds_place(picture.getexif()) or any(map(names_place, xmp(picture)))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unfit(TOO_LARGE) from error
    except ERRORS as error:
        raise Unfit(DAMAGED) from error


def refuse_too_large(size):
    if max(size) > LONGEST_SIDE or size[0] * size[1] > Image.MAX_IMAGE_PIXELS:
        raise Unfit(TOO_LARGE)


def holds_place(exif):
    """Whether Exif data holds a latitude."""
    try:
        return LATITUDE in exif.get_ifd(GPS)
    except ERRORS:  # what nobody can read tells nobody anything
        return False


def xmp(picture):
    yield picture.info.get("xmp")
    if picture.format == "TIFF":
        yield picture.tag_v2.get(TIFF_XMP)


def names_place(packet):
    """Whether an XMP packet, the younger sister of Exif, names a latitude."""
    return isinstance(packet, bytes | bytearray) and b"GPSLatitude" in packet


def webp_size(file):
    file.seek(0)
    head = file.read(30)
    match head[12:16]:
        case b"VP8X":
            return tuple(int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return tuple(size & 0x3FFF for size in struct.unpack("<2H", head[26:30]))
    raise Unfit(DAMAGED)


def look_through_png(file):
    """Read a PNG part by part to its end, which must be the end of the file; whether one of them holds a place.

    By ourselves: Pillow unpacks the whole picture before it gives the Exif data of a PNG.
    """
    file.seek(8)
    name, has_location = b"", False
    while name != b"IEND":
        size, name = struct.unpack(">L4s", file.read(8))
        if name in (b"eXIf", b"iTXt") and size <= LONGEST_NOTE:
            note = file.read(size)
            has_location |= names_place(note) if name == b"iTXt" else holds_place(exif_of(note))
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)
    refuse_more(file)
    return has_location


def exif_of(data):
    exif = Image.Exif()
    with contextlib.suppress(*ERRORS):
        exif.load(data)
    return exif


def refuse_after_gif(file):
    """Read a GIF block by block to its end, which must be the end of the file."""
    file.seek(10)
    skip_colours(file, file.read(3)[0])
    while (kind := file.read(1)) != b"\x3b":
        if kind == b"\x21":
            file.seek(1, 1)
        elif kind == b"\x2c":
            skip_colours(file, file.read(9)[8])
            file.seek(1, 1)
        else:
            raise Unfit(DAMAGED)
        while size := file.read(1)[0]:
            file.seek(size, 1)
    refuse_more(file)


def skip_colours(file, flags):
    if flags & 0x80:
        file.seek(3 * 2 ** ((flags & 0x07) + 1), 1)


def refuse_more(file):
    if file.read(64).strip(b"\0"):
        raise Unfit("holds something behind the end of the picture. Save it again and add it.")
