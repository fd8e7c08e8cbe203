"""R42: words that look like names, before the Board reads a text without names: better one too many than too few."""

import pytest

from escalation import named

PEOPLE = ("Siân O’Shea", "Margaret Eleanor Whitworth-Okonkwo", "Will Young", "Dr Priya Nair", "Jo Li", "Łukasz Żółć")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We told Sian and SIÂN alike.", ["Sian", "SIÂN"]),
        ("O'Shea’s plan, the O’Sheas, Lukasz and zolc", ["O'Shea", "O’Sheas", "Lukasz", "zolc"]),
        ("okonkwo, Whitworth; whitworth-okonkwo's chart", ["okonkwo", "Whitworth", "whitworth-okonkwo"]),
        ("ＷＨＩＴＷＯＲＴＨ and Whit\u200bworth", ["ＷＨＩＴＷＯＲＴＨ", "Whitworth"]),
        # A name that is a word of every day is meant with its capital only
        ("We will ask the young people’s team.", []),
        ("Will asked first. Mrs Young’s daughter did not.", ["Will", "Young"]),
        # No titles, and nothing shorter than three letters alone
        ("Ask Dr Nair", ["Nair"]),
        ("The doctor said so, and Jo knew.", []),
        ("Jo Li knew; Li did not.", ["Jo", "Li"]),
        ("Early talk between wards helps. Ask the nurse.", []),
        ("", []),
    ],
)
def test_words_that_look_like_names(text, found):
    assert named.names_in(text, named.people(*PEOPLE)) == found


def test_names_out_of_what_somebody_typed():
    typed = (
        "Beth Ogden, discharge coordinator",
        "Her daughter Ruth Hollis (attorney)",
        "Named nurse",
        "dr khan",
        "",
        None,
    )

    assert named.typed(*typed) == ["Beth Ogden", "Ruth Hollis"]
    assert named.typed("Dr Khan and Ward Sister Ann O’Brien") == ["Dr Khan", "Ann O’Brien"]


def test_a_long_text_is_read_in_no_time():
    """Twenty thousand letters, and a word without end."""
    people = named.people(*PEOPLE)

    assert named.names_in("Whitworth " * 2000 + "x" * 20_000 + "’s" * 3000, people) == ["Whitworth"]
