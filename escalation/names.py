"""Names folded for searching: accents and case ignored, each word by its beginning."""

import re
import unicodedata
from hashlib import sha256

from django.db.models import Q

from agencies.worded import numbered
from escalation.models import NameWord
from escalation.models.lexemes import NOTHING

LONGEST = 100  # what a row holds
SAME = "="  # begins what stands for the whole name
MOST_WORDS = 20  # of a search; each asks the database once more, and one character can come apart into many
REFERENCE = re.compile(r"[\W_]*(?:\d[\W_]*){4,8}")
# Letters that carry their accent inside and do not come apart, and apostrophes that count as letters
WHOLE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ʼ": "'", "ʻ": "'"}
)


def fold(text):
    """The words of a name without accents, case or punctuation: "Siân O’Shea" gives sian, oshea, o, shea."""
    words = []
    for whole, parts in folded(text):
        words += [whole, *(parts if len(parts) > 1 else [])]
    return list(dict.fromkeys(words))


def folded(text):
    """Each word of a name as one, and its parts: "O’Shea" gives oshea with o and shea."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(WHOLE)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for word in plain.split():
        parts = [part for part in re.split(r"[\W_]+", word) if part]
        if parts:
            yield "".join(parts)[:LONGEST], [part[:LONGEST] for part in parts]


def index(dispute):
    """Keep the words of the adult's name for searching, in place of those kept before."""
    NameWord.objects.filter(dispute=dispute).delete()
    NameWord.objects.bulk_create(words(dispute))


def words(dispute):
    """The words of the adult's name, and the whole of it, as rows not yet written."""
    return [NameWord(dispute=dispute, word=word) for word in kept(dispute.adult_name)]


def kept(name):
    """What is kept of a name: its words, and the whole of it as one."""
    found = fold(name)
    return [*found, whole(found)] if found else []


def whole(words):
    """All words of a name as one, for finding the same name; no search begins like this."""
    text = SAME + " ".join(words)
    return text if len(text) <= LONGEST else SAME + sha256(text.encode()).hexdigest()


def asked(words):
    """What is looked for, a reference, however it was typed, or words of a name: its shape, and its texts by name.

    On the shape alone depends how it is worded.
    """
    if not words:
        return (), {}
    if REFERENCE.fullmatch(words):
        digits = re.sub(r"\D", "", words)
        return ("reference",), {"reference": "-".join(filter(None, (digits[:4], digits[4:])))}
    return _asked_of_name(words)


def _asked_of_name(words):
    searched = list(dict.fromkeys((whole, tuple(parts)) for whole, parts in folded(words)))[:MOST_WORDS]
    texts = [text for whole, parts in searched for text in ((whole, *parts) if len(parts) > 1 else parts)]
    return ("words", *(len(parts) for _, parts in searched)), numbered(texts, "name")


def holding(shape, texts):
    """The condition on a dispute: every word begins a word of the name, with or without its hyphen."""
    if not shape:
        return Q()
    if shape == ("reference",):
        return Q(reference__begins=texts["reference"])
    _, *lengths = shape
    given, condition = iter([text for name, text in texts.items() if name.startswith("name_")]), Q()
    for length in lengths:
        whole = beginning(next(given)) if length > 1 else None
        as_parts = Q()
        for _ in range(length):
            as_parts &= beginning(next(given))
        condition &= as_parts | whole if whole else as_parts
    return condition if lengths else NOTHING


def search(disputes, words):
    """Those of the disputes with this reference, however it was typed, or with a name of which the words begin so."""
    return disputes.filter(holding(*asked(words)))


def find(disputes, words):
    """Those of the disputes with a name of which the words begin so; without a word none."""
    return disputes.filter(holding(*_asked_of_name(words)))


def beginning(word):
    """The condition that a word of the name begins like this."""
    return Q(pk__in=NameWord.objects.filter(word__begins=word).values("dispute_id"))
