"""R31: quorum from attendance, for two, three and four agencies concerned and every attendance of six agencies."""

from itertools import combinations

import pytest

from panels import quorum

AGENCIES = ("Adult Social Care", "Hospital", "Police", "Trust", "Housing", "ICB")


@pytest.mark.parametrize("number", [2, 3, 4])
def test_every_attendance_against_the_protocol(number):
    """Representatives of at least three agencies, every agency concerned among them."""
    concerned = AGENCIES[:number]
    for size in range(len(AGENCIES) + 1):
        for attending in combinations(AGENCIES, size):
            found = quorum.of(concerned, attending)

            assert found.is_met == (len(set(attending)) >= 3 and set(concerned) <= set(attending)), attending
            assert bool(found.reasons) != found.is_met
            assert found.absent == tuple(agency for agency in concerned if agency not in attending)


@pytest.mark.parametrize(
    ("concerned", "attending", "reasons"),
    [
        (2, (), (
            "Adult Social Care is concerned and absent.", "Hospital is concerned and absent.",
            "No agency is there, and a panel needs three at least.",
        )),
        (2, (0, 1), ("Two agencies are there, and a panel needs three at least.",)),
        (2, (0,), ("Hospital is concerned and absent.", "One agency is there, and a panel needs three at least.")),
        (2, (0, 1, 5), ()),
        (2, (0, 4, 5), ("Hospital is concerned and absent.",)),
        (3, (0, 1, 2), ()),
        (3, (0, 1, 3, 4, 5), ("Police is concerned and absent.",)),
        (4, (0, 1, 2), ("Trust is concerned and absent.",)),
        (4, (0, 1, 2, 3), ()),
    ],
)  # fmt: skip
def test_the_reasons_in_words(concerned, attending, reasons):
    found = quorum.of(AGENCIES[:concerned], [AGENCIES[number] for number in attending])

    assert found.reasons == reasons


def test_counted_are_agencies_not_people():
    """Two people of one agency are one; the Chair is no agency, and so is never among those counted."""
    found = quorum.of(AGENCIES[:2], ["Adult Social Care", "Hospital", "Hospital"])

    assert (found.present, found.is_met) == (("Adult Social Care", "Hospital"), False)
