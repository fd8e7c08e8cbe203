"""Texts that people type, cleaned of what nobody types on purpose; every form and draft asks here."""

import re
import unicodedata

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
# Control characters, overrides and isolates of reading direction (they show a sentence in another order than it
# is stored), halves of surrogate pairs (no database takes them), and code points that are never characters (no XML).
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
# Characters that take up room, or none, and show nothing: a text of these alone is empty.
INVISIBLE = re.compile(
    "[\\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufeff\uffa0]+"
)
MARKS_IN_A_ROW = 30  # as in Unicode's stream-safe format


def without_traps(text):
    """The text with its line ends as newlines and without the characters nobody types on purpose."""
    return UNWANTED.sub("", LINE_ENDS.sub("\n", text))


def clean_prose(text):
    """The text as it is kept: composed, trimmed, paragraphs as typed; empty where nothing would show."""
    text = composed(without_traps(text))
    if not INVISIBLE.sub("", text):
        return ""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def clean_line(text):
    """The text as one line, with single spaces."""
    return " ".join(clean_prose(text).split())


def composed(text):
    """The text in Unicode's form C, so that the same word is the same characters."""
    if text.isascii():
        return text
    # Sorting a run of marks takes the square of its length; a long run is no word in any language.
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS_IN_A_ROW:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
