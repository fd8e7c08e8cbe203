"""R44: only those concerned see a dispute; to anyone else it does not exist."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import Agency, Membership, Role, Team, User
from escalation import actions, same_adult
from escalation.models import Dispute
from tests.cast import RAISED, SAFE, at_stage, person, raise_dispute

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
LATER = RAISED + timedelta(days=3)


def sees(someone, dispute, at=LATER):
    """Whether somebody who signs in anew sees it, in a list and on its own page."""
    user = User.objects.get(pk=someone.pk)
    in_list = Dispute.objects.visible_to(user, at).filter(pk=dispute.pk).exists()
    by_itself = Dispute.objects.filter(pk=dispute.pk).visible_to(user, at, each=True).exists()
    on_page, _ = same_adult.with_others(user, at, dispute.reference)
    assert in_list == by_itself == (on_page is not None)
    return in_list


def leave(someone, agency=None, role=None):
    memberships = Membership.objects.filter(user=someone)
    memberships = memberships.filter(agency=agency) if agency else memberships
    for membership in memberships.filter(role=role) if role else memberships:
        membership.ended_at = LATER
        membership.save()


CONCERNED = {
    "council_practitioner", "council_manager", "council_manager_2", "council_lead", "council_lead_2",
    "hospital_practitioner", "hospital_manager", "hospital_lead",
}  # fmt: skip
BOARD = {"board_manager", "chair"}


@pytest.mark.parametrize(("stage", "expected"), [(1, set()), (2, set()), (3, BOARD), (4, BOARD)])
def test_who_of_the_cast_sees_a_dispute_at_each_stage(cast, stage, expected):
    """Both agencies, here without teams; the Board Manager and the Chair from stage three; nobody else."""
    dispute = at_stage(cast, stage)

    assert {name for name, someone in vars(cast).items() if isinstance(someone, User) and sees(someone, dispute)} == (
        CONCERNED | expected
    )


@pytest.mark.parametrize(("stage", "seen"), [(1, False), (2, False), (3, True)])
def test_what_ended_stays_as_visible_as_it_was(cast, stage, seen):
    """The Board Manager and the Chair see what ended at stage three; below it counts only."""
    dispute = at_stage(cast, stage)
    by = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}[stage]
    actions.clarify(dispute=dispute, by=by, at=RAISED + 8 * HOUR, reason="Under way already.")

    assert [sees(cast.board_manager, dispute), sees(cast.chair, dispute)] == [seen, seen]
    assert sees(cast.hospital_practitioner, dispute)
    assert not sees(cast.police_lead, dispute)


def test_a_colleague_sees_only_what_was_raised_or_names_them(cast):
    """A worker sees those they raised or are named in, not those of the desk beside."""
    colleague = person("colleague", "A Colleague", (Role.PRACTITIONER, cast.council))
    dispute = raise_dispute(cast)
    assert not sees(colleague, dispute)

    actions.name_representative(dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, stage=1, person=colleague)

    assert sees(colleague, dispute)
    assert not sees(colleague, dispute, at=RAISED + HOUR / 2)


def test_whoever_is_named_by_mistake_sees_it_until_replaced(cast):
    """Who was replaced without having acted is no longer named in it; who has acted keeps sight of it."""
    wrong = person("wrong", "Jane Smith", (Role.PRACTITIONER, cast.council))
    dispute = raise_dispute(cast)
    name = {"dispute": dispute, "by": cast.council_manager, "stage": 1}
    actions.name_representative(person=wrong, at=RAISED + HOUR, **name)
    actions.name_representative(person=None, name="Jane Smyth", at=RAISED + 2 * HOUR, **name)
    assert not sees(wrong, dispute)
    actions.name_representative(person=wrong, at=RAISED + 3 * HOUR, **name)
    assert sees(wrong, dispute)
    actions.state_view(dispute=dispute, by=wrong, at=RAISED + 4 * HOUR, view="Ours.")
    actions.name_representative(person=cast.council_practitioner, at=RAISED + 5 * HOUR, **name)
    assert sees(wrong, dispute)


@pytest.fixture
def teams(cast):
    """The council with two teams, each with a worker and a manager, and a manager without a team."""
    north, south = (Team.objects.create(agency=cast.council, name=name) for name in ("North", "South"))
    for user, team in (
        (cast.council_practitioner, north),
        (cast.council_manager, north),
        (cast.council_manager_2, south),
    ):
        Membership.objects.filter(user=user).update(team=team)
    cast.south_worker = person("south", "South Worker")
    Membership.objects.create(user=cast.south_worker, role=Role.PRACTITIONER, agency=cast.council, team=south)
    cast.north, cast.south = north, south
    cast.manager_of_none = person("none", "Manager of no team", (Role.MANAGER, cast.council))
    for name in vars(cast):
        if isinstance(getattr(cast, name), User):
            setattr(cast, name, User.objects.get(pk=getattr(cast, name).pk))
    return cast


def test_a_manager_sees_the_disputes_of_the_teams_people(teams):
    """Not those of another team, whose manager sees them; the lead sees all."""
    north = raise_dispute(teams)
    south = raise_dispute(teams, by=teams.south_worker)

    seen = {
        name: (sees(getattr(teams, name), north), sees(getattr(teams, name), south))
        for name in ("council_manager", "council_manager_2", "manager_of_none", "council_lead", "hospital_manager")
    }
    assert seen == {
        "council_manager": (True, False),
        "council_manager_2": (False, True),
        "manager_of_none": (False, False),
        "council_lead": (True, True),
        "hospital_manager": (True, True),  # an agency without teams
    }


def test_a_manager_of_another_team_sees_it_where_named(teams):
    dispute = raise_dispute(teams)

    actions.name_representative(
        dispute=dispute, by=teams.council_lead, at=RAISED + HOUR, stage=2, person=teams.council_manager_2
    )

    assert sees(teams.council_manager_2, dispute)


def test_a_team_manager_sees_what_their_people_are_named_in_for_that_agency_alone(teams):
    """Someone of the team who supports a dispute of other agencies does not open it to the team's manager."""
    dispute = raise_dispute(
        teams, by=teams.hospital_practitioner, raising_agency=teams.hospital, disputed_agency=teams.trust,
        suggested=None, supporter=teams.south_worker,
    )  # fmt: skip

    assert sees(teams.south_worker, dispute)
    assert not sees(teams.council_manager_2, dispute)
    assert not sees(teams.council_lead, dispute)


def test_a_team_of_another_agency_opens_nothing(teams):
    """A manager's team elsewhere has nothing to do with the people here."""
    ward = Team.objects.create(agency=teams.trust, name="Ward")
    Membership.objects.filter(user=teams.trust_manager).update(team=ward)
    Membership.objects.create(user=teams.council_practitioner, role=Role.PRACTITIONER, agency=teams.trust, team=ward)
    dispute = raise_dispute(teams)

    assert not sees(teams.trust_manager, dispute)


def test_whoever_leaves_the_agency_sees_nothing(cast):
    """R44: not what they raised, were named in, acted on or supported; whoever comes back sees it again."""
    dispute = raise_dispute(cast, supporter=cast.trust_practitioner)
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + HOUR, view="Ours.")
    people = (cast.council_practitioner, cast.hospital_practitioner, cast.council_lead, cast.trust_practitioner)
    assert [sees(someone, dispute) for someone in people] == [True] * 4

    for someone in people:
        leave(someone)

    assert [sees(someone, dispute) for someone in people] == [False] * 4
    Membership.objects.create(user=cast.council_practitioner, agency=cast.council, role=Role.PRACTITIONER)
    assert sees(cast.council_practitioner, dispute)


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.MANAGER])
def test_whoever_supports_it_or_entered_it_for_another_does_not_take_it_to_the_next_employer(cast, role):
    """R44: the right to see came with the agency; the other side's new colleague does not bring it along."""
    dispute = raise_dispute(cast, supporter=cast.police_practitioner, by=cast.trust_practitioner, for_name="Mo Ali")
    people = (cast.trust_practitioner, cast.police_practitioner)
    assert [sees(someone, dispute) for someone in people] == [True, True]

    team = Team.objects.create(agency=cast.hospital, name="Ward")
    for someone in people:
        leave(someone)
        Membership.objects.create(user=someone, agency=cast.hospital, role=role, team=team)

    assert [sees(someone, dispute) for someone in people] == [False, False]


def test_a_team_manager_sees_nothing_their_people_support_or_entered_for_others(teams):
    """The team's own manager is not concerned: it is another team's dispute, or another agency's."""
    supported = raise_dispute(teams, supporter=teams.south_worker)
    entered = raise_dispute(teams, by=teams.south_worker, raising_agency=teams.trust, for_name="Mo Ali")

    assert [sees(teams.south_worker, dispute) for dispute in (supported, entered)] == [True, True]
    assert [sees(teams.council_manager_2, dispute) for dispute in (supported, entered)] == [False, False]


def test_a_lead_who_becomes_a_practitioner_keeps_what_they_acted_on(cast):
    acted, other = raise_dispute(cast), raise_dispute(cast)
    actions.state_view(dispute=acted, by=cast.council_lead, at=RAISED + HOUR, view="Ours.")
    leave(cast.council_lead)
    Membership.objects.create(user=cast.council_lead, agency=cast.council, role=Role.PRACTITIONER)

    assert (sees(cast.council_lead, acted), sees(cast.council_lead, other)) == (True, False)


def test_a_deactivated_account_sees_nothing(cast):
    dispute = raise_dispute(cast)
    for someone in (cast.council_practitioner, cast.council_lead):
        someone.is_active = False
        someone.save()

    assert not sees(cast.council_practitioner, dispute)
    assert not sees(cast.council_lead, dispute)


def test_the_safeguarding_contact_sees_the_agencys_disputes(cast):
    """The contact need not be a lead; of another agency's disputes the contact sees none."""
    contact = person("contact", "The Contact", (Role.PRACTITIONER, cast.hospital))
    dispute = raise_dispute(cast)
    elsewhere = raise_dispute(cast, disputed_agency=cast.trust, suggested=None)
    assert not sees(contact, dispute)

    cast.hospital.safeguarding_contact = contact
    cast.hospital.save()

    assert (sees(contact, dispute), sees(contact, elsewhere)) == (True, False)
    leave(contact)
    assert not sees(contact, dispute)


def test_raised_for_somebody_from_outside(cast):
    """R45: whoever entered it sees it, and so does the agency for which it was raised; their own agency does not."""
    dispute = raise_dispute(cast, by=cast.police_practitioner, for_name="Rosa Bell", for_how="telephone")

    assert sees(cast.police_practitioner, dispute)
    assert not sees(cast.police_manager, dispute)
    assert not sees(cast.police_lead, dispute)
    assert sees(cast.council_lead, dispute)
    assert not sees(cast.council_practitioner, dispute)


def test_adding_an_agency_opens_it_to_its_leads(cast):
    """And to its managers, where it has no teams; not to its practitioners before one is named."""
    dispute = raise_dispute(cast)
    assert not sees(cast.trust_lead, dispute)

    actions.add_agency(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, agency=cast.trust)

    people = (cast.trust_lead, cast.trust_manager, cast.trust_practitioner)
    assert [sees(someone, dispute) for someone in people] == [True, True, False]


def test_a_person_in_two_agencies_sees_by_either(cast):
    """Who leads one agency and works for another sees the first one's, and in the second what names them."""
    Membership.objects.create(user=cast.police_lead, agency=cast.hospital, role=Role.PRACTITIONER)
    by_both, by_none = raise_dispute(cast, suggested=cast.police_lead), raise_dispute(cast)

    assert (sees(cast.police_lead, by_both), sees(cast.police_lead, by_none)) == (True, False)
    leave(cast.police_lead, cast.hospital)
    assert not sees(cast.police_lead, by_both)


def test_the_board_manager_who_works_for_an_agency_sees_both_ways(cast):
    own, other = raise_dispute(cast), raise_dispute(cast)
    Membership.objects.create(user=cast.board_manager, agency=cast.hospital, role=Role.PRACTITIONER)
    actions.suggest_representative(
        dispute=own, by=cast.council_practitioner, at=RAISED + HOUR, agency=cast.hospital, person=cast.board_manager
    )

    assert (sees(cast.board_manager, own), sees(cast.board_manager, other)) == (True, False)


def test_a_lead_of_an_agency_without_a_part_sees_none_of_many(cast):
    """Counts and lists go through the same door."""
    for _ in range(3):
        at_stage(cast, 3)

    assert Dispute.objects.visible_to(cast.police_lead, LATER).count() == 0
    assert Dispute.objects.visible_to(cast.council_lead, LATER).count() == 3


@pytest.mark.parametrize("disputes", [1, 3])
def test_the_door_asks_two_questions_however_many_there_are(cast, disputes):
    """One for the person's roles, one for the disputes."""
    for _ in range(disputes):
        raise_dispute(cast)
    Team.objects.create(agency=cast.trust, name="Ward")

    for name in ("council_practitioner", "council_manager", "council_lead", "trust_manager", "chair"):
        someone = User.objects.get(pk=getattr(cast, name).pk)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(Dispute.objects.visible_to(someone, LATER))
        assert len(asked) == 2, name


def test_nobody_acts_through_a_closed_door(cast):
    """Whoever left, or belongs elsewhere, meets no dispute; the same as for a reference that does not exist."""
    dispute = at_stage(cast, 2)
    leave(cast.council_manager)
    gone = User.objects.get(pk=cast.council_manager.pk)

    for someone in (gone, cast.police_lead, cast.board_manager, cast.administrator):
        with pytest.raises(Dispute.DoesNotExist):
            actions.ask_escalation(dispute=dispute, by=someone, at=LATER, reason="?", **SAFE)


def test_an_agency_is_not_concerned_by_its_name_alone(cast):
    """Two agencies with teams of one name are still two."""
    other = Agency.objects.create(name="Adult Social Care, next county")
    lead = person("next", "Next Lead", (Role.LEAD, other))

    assert not sees(lead, raise_dispute(cast))
