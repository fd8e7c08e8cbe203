"""Rows and queries that are worded once: what they write and find is what Django's own would."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from agencies import rows
from agencies.models import Agency, Membership, Notice, Team, User
from agencies.worded import Worded

AT = datetime(2026, 5, 20, 13, 15, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def versions(model):
    fields = [field.attname for field in model._meta.concrete_fields]
    return list(model.history.order_by("pk").values_list(*fields, "history_type", "history_date", "history_user"))


def test_rows_of_several_tables_each_come_with_their_version():
    """R43"""
    by = User.objects.create_user("ann@test.example", full_name="Ann")
    agencies = [Agency(name="Care Co", phone="1"), Agency(name="Health’s Trust")]

    rows.add(*agencies, by=by, at=AT)
    teams = [Team(agency=agency, name="%s One") for agency in agencies]
    rows.add(*teams, Membership(user=by, agency=agencies[0], role="lead"), by=by, at=AT)

    assert list(Agency.objects.order_by("pk")) == agencies
    assert [(team.pk, team.agency, team.name) for team in Team.objects.order_by("pk")] == [
        (team.pk, agency, "%s One") for team, agency in zip(teams, agencies, strict=True)
    ]
    assert versions(Agency) == [
        (agency.pk, agency.name, agency.phone, None, True, "+", AT, by.pk) for agency in agencies
    ]
    assert versions(Team) == [(team.pk, team.agency_id, team.name, "+", AT, by.pk) for team in teams]
    assert Membership.history.get().role == "lead"


def test_a_version_says_what_the_row_says_after_each_change():
    agency = Agency.objects.create(name="Care Co")
    agency.phone = "01632"
    agency.save(update_fields=["phone"])
    pk = agency.pk
    agency.delete()
    assert [(version.id, version.phone, version.history_type) for version in Agency.history.order_by("history_id")] == [
        (pk, "", "+"), (pk, "01632", "~"), (pk, "01632", "-"),
    ]  # fmt: skip


def test_a_row_that_breaks_a_rule_leaves_none():
    Agency.objects.create(name="Care Co")
    with pytest.raises(IntegrityError):
        rows.add(Agency(name="Other"), Agency(name="Care Co"), at=AT)


def notice(number, **changed):
    told = {"event": f"e{number}", "kind": "k", "mailbox": "a@test.example", "title": "T", "address": "/"}
    return {**told, "message_id": f"<{number}>", "written_at": AT, "send_after": AT, **changed}


@pytest.mark.parametrize("number", [3, 300])
def test_rows_known_already_stay_as_they_are(number):
    many = [notice(n, due_at=AT + timedelta(hours=n) if n % 2 else None) for n in range(number)]
    rows.add_if_new(Notice, many[:2])
    rows.add_if_new(Notice, [{**each, "title": "Other"} for each in many])
    found = list(Notice.objects.order_by("due_at", "pk").values_list("event", "title", "is_duty", "recipient"))
    assert len(found) == number
    assert {title for event, title, *_ in found if event in ("e0", "e1")} == {"T"}
    assert {title for event, title, *_ in found if event not in ("e0", "e1")} == {"Other"}
    assert {(is_duty, recipient) for _, _, is_duty, recipient in found} == {(False, None)}
    assert Notice.objects.get(event="e1").due_at == AT + timedelta(hours=1)
    assert Notice.objects.get(event="e2").due_at is None


def test_a_value_that_the_query_alters_is_refused():
    """It would be asked for as it was the first time."""
    with pytest.raises(ValueError, match="does not stand"):
        Worded(lambda word: User.objects.filter(email__startswith=word))(word="a")


def test_a_query_worded_once_finds_what_it_is_asked_for_each_time():
    people = [User.objects.create_user(f"{name}@test.example", full_name=name) for name in "abc"]
    for number, person in enumerate(people):
        joined = AT + timedelta(days=number)
        User.objects.filter(pk=person.pk).update(date_joined=joined)

    @Worded
    def of(pk, since, email):
        return User.objects.filter(pk=pk, date_joined__gte=since, email=email)

    def found(person, since, **other):
        return of(pk=person.pk, since=since, email=other.get("email", person.email))

    for person in people:
        assert found(person, AT) == [person]
    assert found(people[0], AT + timedelta(hours=1)) == []
    assert found(people[2], AT + timedelta(hours=1)) == [people[2]]
    assert found(people[0], AT, email="x' OR '1'='1") == []
    with CaptureQueriesContext(connection) as captured:
        assert found(people[1], AT)[0].full_name == "b"
    assert len(captured) == 1
