"""Names folded for searching, and references that are easy to say."""

import re

import pytest

from escalation import names
from escalation.models import Dispute, new_reference
from tests.cast import raise_dispute


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Siân O’Shea", ["sian", "oshea", "o", "shea"]),
        ("Siân O'Shea", ["sian", "oshea", "o", "shea"]),
        ("Oksana Hryhorʼyeva", ["oksana", "hryhoryeva", "hryhor", "yeva"]),
        ("Whitworth-Okonkwo", ["whitworthokonkwo", "whitworth", "okonkwo"]),
        ("Łukasz Żółć", ["lukasz", "zolc"]),
        ("Þóra Ærø Weiß", ["thora", "aero", "weiss"]),
        ("ＦＵＬＬ ﬁeld", ["full", "field"]),
        ("王小明", ["王小明"]),
        ("Ana Ana", ["ana"]),
        ("", []),
        (" \t ’ - _ ", []),
        ("x" * 300, ["x" * 100]),
    ],
)
def test_fold(name, words):
    assert names.fold(name) == words


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("adult", "searched", "found"),
    [
        ("Siân O’Shea", "sian oshea", True),
        ("Siân O’Shea", "SHEA", True),
        ("Siân O’Shea", "O'Shea", True),
        ("Sian OShea", "O’Shea", True),
        ("Sian O Shea", "O’Shea", True),
        ("Mary Ann Lee", "Mary-Ann", True),
        ("Maryann Lee", "Mary-Ann", True),
        ("Mary-Ann Lee", "mary lee", True),
        ("Mary-Ann Lee", "ann-marie", False),
        ("Mary-Ann Lee", "ary", False),
        ("王小明", "王", True),
        ("Mary-Ann Lee", "%", False),
        ("Mary-Ann Lee", "", False),
        ("Mary-Ann Lee", "mar_", True),  # punctuation is not searched for
        ("Mary-Ann Lee", "ma%y", False),
    ],
)
def test_find(cast, adult, searched, found):
    """Every word searched for begins a word of the name, whichever way it is joined."""
    dispute = raise_dispute(cast, adult_name=adult)
    raise_dispute(cast, adult_name="Somebody Else")

    assert list(names.find(Dispute.objects.all(), searched)) == ([dispute] if found else [])


def test_a_reference_is_eight_digits_in_two_groups():
    """Easy to say on the telephone, and not in sequence."""
    drawn = {new_reference() for _ in range(200)}

    assert len(drawn) > 195
    assert all(re.fullmatch(r"[1-9]\d{3}-\d{4}", reference) for reference in drawn)


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(
    "searched", ["\ufdfa" * 200, "a-b " * 50, " ".join("abcdefghijklmnopqrstuvwxyz0123456789" * 5)]
)
def test_find_bears_as_many_words_as_fit_into_the_box(cast, searched):
    """One character may come apart into four words; SQLite bears fewer than so many conditions."""
    raise_dispute(cast)

    assert list(names.find(Dispute.objects.all(), searched)) == []
