"""Names of files as they are shown and given out again: one line, no path, nothing that misleads or trips a program."""

import re

from agencies.texts import INVISIBLE, clean_line

LONGEST = 120  # characters
LONGEST_BYTES = 200  # a folder on a disk takes 255, and a pack puts something before them
NOTHING = "file"
NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
# What Windows takes for a device, whatever follows the point
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\s*\..*)?", re.IGNORECASE)


def shown(name):
    """The name without path, control and invisible characters and turns of direction; never empty, never too long."""
    name = re.split(r"[/\\]", str(name))[-1]
    name = INVISIBLE.sub(" ", clean_line(name))
    name = NOT_IN_NAMES.sub("_", " ".join(name.split())).rstrip(". ")
    stem, point, extension = name.rpartition(".")
    stem, extension = (stem, extension) if point else (name, "")
    stem = stem.strip(". ") or NOTHING
    if RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    end = f".{extension.strip()[:20]}" if extension.strip() else ""
    stem = stem[: LONGEST - len(end)]
    while len((stem + end).encode()) > LONGEST_BYTES:
        stem = stem[:-1]
    return f"{stem.rstrip()}{end}"


def extension(name):
    """What stands after the last point of a shown name, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""
