"""Cover: a dated deputy of the same agency, told of it; leave without one is told to the leads."""

from datetime import timedelta

import pytest

from agencies import own
from agencies.actions import NotAllowed
from agencies.models import Act, Cover, Membership, Notice, Role, User
from tests.cast import RAISED

DAY = timedelta(days=1)
NOW = RAISED


def away(person, deputy=None, at=NOW, starts_at=NOW, days=5):
    """A cover named by the person covered."""
    return own.name_deputy(by=person, at=at, deputy=deputy, starts_at=starts_at, ends_at=starts_at + days * DAY)


def again(person):
    """The same person, with nothing remembered of an earlier request."""
    return User.objects.get(pk=person.pk)


def test_a_deputy_stands_in_from_the_first_instant_to_the_last(cast):
    """Neither before nor after; ends at its end, with nobody's doing."""
    away(cast.council_manager, cast.council_practitioner, starts_at=NOW + DAY)

    deputy = again(cast.council_practitioner)
    covered = [deputy.covered(NOW + hours * timedelta(hours=1)) for hours in (0, 23.9, 24, 100, 143.9, 144)]

    assert covered == [[], [], [cast.council_manager], [cast.council_manager], [cast.council_manager], []]


def test_two_covers_by_the_same_deputy_count_each_in_its_time(cast):
    """One now and one in a month: now counts now."""
    away(cast.council_manager, cast.council_practitioner)
    away(cast.council_manager, cast.council_practitioner, starts_at=NOW + 30 * DAY)

    deputy = again(cast.council_practitioner)

    covered = [bool(deputy.covered(NOW + days * DAY)) for days in (1, 10, 31, 36)]
    assert covered == [True, False, True, False]
    assert len(deputy.standing.memberships) == 1


def test_the_deputy_is_told_without_a_name(cast):
    away(cast.council_manager, cast.council_practitioner)

    notice = Notice.objects.get()
    assert (notice.recipient, notice.on_behalf_of) == (cast.council_practitioner, cast.council_manager)
    assert "Council" not in notice.title
    assert Act.objects.get().verb == "named a deputy"


def test_leave_without_a_deputy_is_told_to_the_leads(cast):
    """To the others than the lead who goes."""
    away(cast.council_lead)

    assert [notice.recipient for notice in Notice.objects.all()] == [cast.council_lead_2]
    assert [cover.person for cover in own.away_without_deputy(cast.council_lead_2, NOW, NOW + DAY)] == [
        cast.council_lead
    ]
    for nobody in (cast.council_lead, cast.council_manager, cast.hospital_lead, cast.chair, cast.administrator):
        assert not own.away_without_deputy(nobody, NOW, NOW + DAY)


@pytest.mark.parametrize("who", ["council_practitioner", "police_practitioner", "administrator"])
def test_whoever_answers_for_nothing_names_nobody(cast, who):
    person = getattr(cast, who)
    with pytest.raises(NotAllowed, match="name a deputy"):
        away(person, cast.council_manager)
    assert (Cover.objects.count(), Notice.objects.count(), Act.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("who", "deputy", "may"),
    [
        ("council_manager", "council_practitioner", True),
        ("council_manager", "council_lead", True),
        ("council_manager", "hospital_manager", False),
        ("council_manager", "council_manager", False),
        ("council_manager", "chair", False),
        ("chair", "police_lead", True),
        ("chair", "board_manager", True),
        ("board_manager", "council_practitioner", True),
        ("board_manager", "administrator", False),
        ("chair", "chair", False),
    ],
)
def test_who_may_stand_in_for_whom(cast, who, deputy, may):
    """Of the same agency; for the Board any account holder but administrators, who see no dispute."""
    person, other = getattr(cast, who), getattr(cast, deputy)
    if may:
        assert away(person, other).deputy == other
        return
    with pytest.raises(NotAllowed, match="same agency"):
        away(person, other)
    assert not Cover.objects.exists()


def test_a_deputy_works_for_every_agency_of_the_person(cast):
    """Else the deputy would see what another agency keeps to itself."""
    Membership.objects.create(user=cast.council_manager, role=Role.PRACTITIONER, agency=cast.trust)
    with pytest.raises(NotAllowed):
        away(again(cast.council_manager), cast.council_practitioner)


def test_a_deputy_who_leaves_the_agency_or_whose_account_closes_is_none(cast):
    away(cast.council_manager, cast.council_practitioner)
    Membership.objects.filter(user=cast.council_practitioner).update(ended_at=NOW)
    assert again(cast.council_practitioner).covered(NOW + DAY) == []


def test_covers_of_one_person_do_not_overlap(cast):
    away(cast.council_manager, cast.council_practitioner)
    with pytest.raises(NotAllowed, match="away in that time already"):
        away(cast.council_manager, cast.council_lead, starts_at=NOW + 4 * DAY)
    assert away(cast.council_manager, cast.council_lead, starts_at=NOW + 5 * DAY)


@pytest.mark.parametrize(("starts", "days"), [(0, 0), (0, -1), (-9, 3)])
def test_a_cover_lies_ahead(cast, starts, days):
    with pytest.raises(NotAllowed, match="must not be before"):
        away(cast.council_manager, starts_at=NOW + starts * DAY, days=days)


def test_a_cover_is_ended_before_its_time_by_whom_it_covers_or_an_administrator(cast):
    cover = away(cast.council_manager, cast.council_practitioner)
    for other in (cast.council_practitioner, cast.council_lead, cast.chair):
        with pytest.raises(NotAllowed, match="Only the person covered"):
            own.end_cover(by=other, at=NOW + DAY, cover=cover)
    assert again(cast.council_practitioner).covered(NOW + 2 * DAY)

    own.end_cover(by=cast.council_manager, at=NOW + DAY, cover=cover)

    assert again(cast.council_practitioner).covered(NOW + 2 * DAY) == []
    assert Notice.objects.filter(recipient=cast.council_practitioner).count() == 2
    with pytest.raises(NotAllowed, match="ended already"):
        own.end_cover(by=cast.administrator, at=NOW + DAY, cover=cover)
    again_later = away(cast.council_manager, cast.council_practitioner, at=NOW + DAY, starts_at=NOW + DAY)
    assert own.end_cover(by=cast.administrator, at=NOW + 2 * DAY, cover=again_later).ended_at


def test_a_cover_has_its_history(cast):
    """R43: who named and who ended it."""
    cover = away(cast.council_manager, cast.council_practitioner)
    own.end_cover(by=cast.administrator, at=NOW + DAY, cover=cover)
    assert [version.history_user for version in cover.history.order_by("history_id")] == [
        cast.council_manager,
        cast.administrator,
    ]
