"""Names folded for searching: accents and case ignored, each word by its beginning."""

import re
import unicodedata
from hashlib import sha256

from django.db.models import Q

from escalation.models import NameWord

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


def search(disputes, words):
    """Those of the disputes with this reference, however it was typed, or with a name of which the words begin so."""
    if not words:
        return disputes
    if REFERENCE.fullmatch(words):
        digits = re.sub(r"\D", "", words)
        return disputes.filter(reference__startswith="-".join(filter(None, (digits[:4], digits[4:]))))
    return find(disputes, words)


def find(disputes, words):
    """Those of the disputes with a name in which every word searched for begins a word, with or without its hyphen."""
    searched = list(dict.fromkeys((whole, tuple(parts)) for whole, parts in folded(words)))[:MOST_WORDS]
    for whole, parts in searched:
        as_parts = Q()
        for part in parts:
            as_parts &= Q(pk__in=beginning(part))
        disputes = disputes.filter(as_parts | Q(pk__in=beginning(whole)) if len(parts) > 1 else as_parts)
    return disputes if searched else disputes.none()


def beginning(word):
    """Ids of the disputes with a name of which a word begins like this."""
    return NameWord.objects.filter(word__startswith=word).values("dispute_id")
