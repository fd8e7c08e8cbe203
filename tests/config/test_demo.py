"""The demo as seeded: every account, every stage, every ending."""

import io
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from agencies.models import Act, Agency, User
from escalation import duties, names
from escalation.models import Discussion, Dispute, DutyKind, Evidence, Party, Record, Representative, Stage, Urgency
from escalation.moments import london_date

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

AGENCIES = ("council", "police", "hospital", "mentalhealth", "icb", "housing", "care", "voluntary")
ACCOUNTS = [
    *(f"{role}.{agency}@demo.example" for agency in AGENCIES for role in ("practitioner", "manager", "lead")),
    "board.manager@demo.example",
    "chair@demo.example",
    "administrator@demo.example",
]


@pytest.fixture(scope="module", autouse=True)
def seeded_at(django_db_setup, django_db_blocker):
    """The demo, seeded once for these tests and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", stdout=io.StringIO())
        yield timezone.now()
        transaction.set_rollback(True)


def adult(name):
    return Dispute.objects.get(adult_name=name)


def test_every_stage_and_every_ending_is_there():
    """Besides those of the years before, which were entered from paper."""
    found = Counter(Dispute.objects.filter(is_after_event=False).values_list("stage", "outcome"))

    assert found == {
        (1, ""): 8,
        (2, ""): 4,
        (3, ""): 3,
        (4, ""): 4,
        (4, "decided"): 1,
        (1, "clarified"): 1,
        (1, "resolved"): 1,
        (1, "withdrawn"): 1,
        (2, "clarified"): 1,
        (2, "resolved"): 1,
        (3, "resolved"): 1,
        (4, "resolved"): 1,
        (4, "withdrawn"): 1,
    }


@pytest.mark.parametrize("email", ACCOUNTS)
def test_every_account_signs_in(client, email):
    response = client.post("/accounts/login/", {"login": email, "password": "resolve-together"})

    assert (response.status_code, response.headers.get("Location")) == (302, "/")


def test_everybody_of_an_agency_finds_something_waiting(seeded_at):
    people = User.objects.filter(email__in=ACCOUNTS)

    idle = {user.email for user in people if not duties.waiting_for(user, seeded_at)}

    assert len(people) == 27
    assert idle == {"administrator@demo.example"}


def test_the_accounts_see_what_they_may(seeded_at):
    """R44: the Board from stage three, the administrator nothing."""
    seen = {
        email: Dispute.objects.visible_to(User.objects.get(email=email), seeded_at).count() for email in ACCOUNTS[-3:]
    }

    assert list(seen.values()) == [Dispute.objects.filter(stage__gte=3).count()] * 2 + [0]


def test_every_stage_that_ended_has_its_sealed_record():
    assert Stage.objects.exclude(ended_at=None).count() == Record.objects.count() > 0
    assert not Stage.objects.exclude(ended_at=None).filter(record=None).exists()


def test_nothing_happened_in_the_future(seeded_at):
    assert Act.objects.filter(at__gt=seeded_at).count() == 0
    assert Act.objects.count() > 200
    assert Dispute.history.filter(history_date__gt=seeded_at).count() == 0


def test_times_past_and_times_due(seeded_at):
    past = Dispute.objects.past_target(seeded_at)

    assert {"Ellen May Crabtree", "Derek Stanley Bagshaw"} <= set(past.values_list("adult_name", flat=True))
    assert london_date(adult("Nasreen Begum Choudhury").target_at) == london_date(seeded_at)
    assert adult("Margaret Eleanor Whitworth-Okonkwo").needed_by_on > london_date(seeded_at)
    assert adult("Harold Ernest Pashley").target_stopped


def test_a_silent_manager_and_the_way_round(seeded_at):
    """R25: more than a working day has passed, and the person who asked may go to the lead."""
    asker = User.objects.get(email="practitioner.council@demo.example")

    waits = duties.waiting_for(asker, seeded_at).filter(kind=DutyKind.GO_ROUND)

    assert [duty.dispute.adult_name for duty in waits] == ["Patricia Lowther"]


def test_four_agencies_and_a_name_with_accents():
    found = names.find(Dispute.objects.all(), "oshaughnessy lukasz")

    assert [(dispute.adult_name, dispute.parties.count()) for dispute in found] == [("Siân O’Shaughnessy-Łukasz", 4)]


def test_raised_on_a_saturday_for_somebody_without_an_account():
    """R45"""
    dispute = adult("Winifred Agnes Staniforth")

    assert london_date(dispute.raised_at).weekday() == 5
    assert dispute.entered_at > dispute.raised_at
    assert (dispute.referrer_name, dispute.for_how) == ("Kelly Draycott", "telephone")


def test_the_rarer_things_are_there_too():
    assert Representative.objects.filter(person=None).exclude(name="").exists()
    assert Dispute.objects.open().filter(urgency=Urgency.URGENT).count() == 1
    assert Party.objects.filter(view="").exists()
    assert Discussion.objects.filter(how="not_held").exists()
    assert set(Stage.objects.exclude(mdt="").values_list("mdt", flat=True)) == {"held", "arranged", "not_needed"}
    assert Stage.objects.filter(end="unanswered").count() == 1


def test_there_is_evidence_with_files_taken_back_and_late():
    """R12, R20: as any agency adds it, in the sealed record of the stage."""
    found = Evidence.objects.values_list("kind", "is_late", "removed_at")

    assert {(kind, is_late, removed is not None) for kind, is_late, removed in found} >= {
        ("case_notes", False, False), ("email", False, False), ("own_document", False, True),
        ("own_document", True, False),
    }  # fmt: skip
    minutes = Record.objects.get(stage__dispute__adult_name="Kathleen Moorhouse", stage__number=3)
    assert [each["files"][0]["name"] for each in minutes.data["evidence"]["documents"]] == ["Minutes, skin care.txt"]


def test_every_number_is_kept_for_fiction():
    numbers = [
        *User.objects.exclude(phone="").values_list("phone", flat=True),
        *Agency.objects.values_list("phone", flat=True),
        *Representative.objects.exclude(phone="").values_list("phone", flat=True),
    ]

    assert [number for number in numbers if not number.startswith("01632 960 ")] == []
    assert len(set(numbers)) == len(numbers) > 40


def test_seeding_again_does_no_harm():
    before = (User.objects.count(), Dispute.objects.count(), Act.objects.count())

    call_command("seed_demo", stdout=io.StringIO())

    assert (User.objects.count(), Dispute.objects.count(), Act.objects.count()) == before
