"""Names folded for searching: accents and case ignored, each word by its beginning."""

import re
import unicodedata

from django.db.models import Q

from escalation.models import NameWord

# Letters that carry their accent inside and do not come apart
WHOLE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})


def fold(text):
    """The words of a name without accents, case or punctuation: "Siân O’Shea" gives sian, oshea, o, shea."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(WHOLE))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = []
    for word in plain.split():
        parts = [part for part in re.split(r"[\W_]+", word) if part]
        words += ["".join(parts), *(parts if len(parts) > 1 else [])]
    return [word[:100] for word in dict.fromkeys(words) if word]


def index(dispute):
    """Keep the words of the adult's name for searching, in place of those kept before."""
    NameWord.objects.filter(dispute=dispute).delete()
    NameWord.objects.bulk_create(NameWord(dispute=dispute, word=word) for word in fold(dispute.adult_name))


def find(disputes, words):
    """Those of the disputes with a name in which every word searched for begins a word."""
    for word in fold(words):
        disputes = disputes.filter(pk__in=NameWord.objects.filter(word__startswith=word).values("dispute_id"))
    return disputes if fold(words) else disputes.filter(Q(pk=None))
