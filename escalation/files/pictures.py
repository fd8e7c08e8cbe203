"""Pictures looked into by their heads alone: nothing is unpacked into pixels, and nothing is taken out."""

import re
import struct
import warnings

from PIL import Image, UnidentifiedImageError

from escalation.files.archives import DAMAGED
from escalation.files.refusals import Unfit

LONGEST_SIDE = 30_000  # pixels; the area is Pillow's limit
GPS, LATITUDE = 0x8825, 2
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
        file.seek(0)
        with Image.open(file, formats=[kind.pillow]) as picture:
            if max(picture.size) > LONGEST_SIDE or picture.width * picture.height > Image.MAX_IMAGE_PIXELS:
                raise Unfit(TOO_LARGE)
            has_location = holds_location(picture)
            if kind.pillow == "PNG":
                refuse_after_png(picture, file)
            if kind.pillow == "GIF":
                refuse_after_gif(file)
            return has_location
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unfit(TOO_LARGE) from error
    except ERRORS as error:
        raise Unfit(DAMAGED) from error


def holds_location(picture):
    """Whether it holds a latitude, in its Exif data or in the newer XMP."""
    try:
        if LATITUDE in picture.getexif().get_ifd(GPS):
            return True
    except ERRORS:  # Exif data that nobody can read tells nobody anything
        pass
    return any(b"GPSLatitude" in _bytes(picture.info.get(name)) for name in ("xmp", "XML:com.adobe.xmp")) or (
        b"GPSLatitude" in _bytes(getattr(picture, "tag_v2", {}).get(700))
    )


def _bytes(value):
    if isinstance(value, str):
        return value.encode()
    return bytes(value) if isinstance(value, bytes | bytearray | tuple) else b""


def refuse_after_png(picture, file):
    """Read a PNG part by part to its end, which must be the end of the file."""
    picture.verify()
    file.seek(8)
    name = b""
    while name != b"IEND":
        size, name = struct.unpack(">L4s", file.read(8))
        file.seek(size + 4, 1)
    refuse_more(file)


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
