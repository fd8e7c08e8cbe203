"""Rows and queries that are worded once: what they write and find is what Django's own would."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies import prepared, rows
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


@pytest.mark.parametrize("number", [3, 300])
def test_rows_that_say_the_same_but_for_a_few_columns_are_as_if_each_said_all(number):
    people = [User.objects.create_user(f"{name}@test.example", full_name=name) for name in "abc"]
    groups = []
    for nth in range(number):
        shared = {**notice(nth, due_at=AT + timedelta(hours=nth)), "mailbox": "", "in_digest": False}
        groups.append(
            rows.Alike(
                {name: value for name, value in shared.items() if name != "message_id"},
                [
                    {
                        "recipient_id": person.pk,
                        "message_id": f"<{nth}.{person.pk}>",
                        **({} if which else {"in_digest": True}),
                    }
                    for which, person in enumerate(people[: 1 + nth % 3])
                ],
            )
        )

    rows.add_if_new(Notice, groups)
    rows.add_if_new(Notice, groups)  # known already

    assert sorted(
        Notice.objects.values_list("event", "due_at", "recipient", "message_id", "in_digest", "mailbox")
    ) == sorted(
        (f"e{nth}", AT + timedelta(hours=nth), person.pk, f"<{nth}.{person.pk}>", which == 0, "")
        for nth in range(number)
        for which, person in enumerate(people[: 1 + nth % 3])
    )


def test_what_is_written_together_is_one_statement_and_all_of_it():
    """R43"""
    by = User.objects.create_user("ann@test.example", full_name="Ann")
    known = Agency.objects.create(name="Known")
    with CaptureQueriesContext(connection) as captured, rows.together():
        rows.add(Agency(name="Care Co"), Agency(name="Other"), by=by, at=AT)
        rows.add_if_new(Notice, [notice(1), notice(2)])
        rows.change(known, "phone", "name")
        rows.run(f"UPDATE {Agency._meta.db_table} SET is_active = %s WHERE name = %s", [False, "Known"])

    if connection.vendor == "postgresql":
        assert len(captured) == 1
    assert set(Agency.objects.values_list("name", flat=True)) == {"Care Co", "Other", "Known"}
    assert {version.history_user for version in Agency.history.exclude(name="Known")} == {by}
    assert Agency.history.exclude(name="Known").count() == 2
    assert Notice.objects.count() == 2


def test_nothing_that_was_to_be_written_together_is_written_where_one_part_fails():
    def write(*names):
        with transaction.atomic(), rows.together():
            rows.add_if_new(Notice, [notice(1)])
            rows.add(*(Agency(name=name.title()) for name in names), at=AT)

    with pytest.raises(AttributeError):
        write("Care Co", None)
    with pytest.raises(IntegrityError):
        write("Care Co", "Care Co")
    assert not Notice.objects.exists()
    assert not Agency.objects.exists()
    rows.add(Agency(name="Care Co"), at=AT)
    assert Agency.objects.exists()  # at once again


def test_what_is_undone_meanwhile_is_not_written_with_what_is_written_together():
    with transaction.atomic(), rows.together():
        rows.add(Agency(name="Care Co"), at=AT)
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            rows.add(Agency(name="Undone"), at=AT)
            rows.add_if_new(Notice, [notice(1)])
            raise ZeroDivisionError
        with transaction.atomic():
            rows.add(Agency(name="Other"), at=AT)
    assert set(Agency.objects.values_list("name", flat=True)) == {"Care Co", "Other"}
    assert Agency.history.count() == 2
    assert not Notice.objects.exists()


def test_a_row_that_a_unique_key_knows_is_not_written_and_breaks_nothing():
    Agency.objects.create(name="Care Co")
    agency = Agency(name="Care Co", phone="1")

    assert rows.add_unless_known(agency, at=AT) is False
    agency.name = "Other"
    assert rows.add_unless_known(agency, at=AT) is True

    assert agency.pk == Agency.objects.get(name="Other").pk
    assert Agency.history.filter(history_date=AT).get().name == "Other"


@pytest.mark.parametrize("is_on", [True, False])
def test_what_is_said_again_writes_what_it_is_given_each_time(settings, is_on):
    """Prepared from the second time on, where that is wanted; a text is a text, whatever stands in it."""
    settings.PREPARE_STATEMENTS = is_on
    names = ["'); DROP TABLE x --", "%s", "$1", "back\\slash", "Zoë"]
    with CaptureQueriesContext(connection) as captured:
        for number, name in enumerate(names):
            rows.add(Agency(name=name, is_active=number != 2), Agency(name=f"{name}2"), at=AT)
    prepared_ones = [query for query in captured.captured_queries if query["sql"].startswith("EXECUTE")]
    assert bool(prepared_ones) == (is_on and connection.vendor == "postgresql")
    assert list(Agency.objects.order_by("pk").values_list("name", flat=True)) == [
        each for name in names for each in (name, f"{name}2")
    ]
    assert Agency.history.filter(is_active=False).get().name == "$1"


def test_a_connection_keeps_no_more_than_so_many_statements(monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 2)
    monkeypatch.setattr(prepared, "_known", {})
    asked = [prepared.wording(f"SELECT {number}", 0) for number in (7001, 7002, 7003) for _ in range(2)]
    said = [text.partition(" ")[0] for text in asked]
    assert said == ["SELECT", "EXECUTE", "SELECT", "EXECUTE", "SELECT", "SELECT"] or connection.vendor != "postgresql"


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
