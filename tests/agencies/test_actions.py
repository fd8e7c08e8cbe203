"""What an administrator of accounts may change, and nobody else."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from agencies import actions
from agencies.models import Act, Membership, Role, User

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)


def test_a_person_is_added_and_given_a_role(cast):
    """R43: history and trail name the administrator."""
    person = actions.add_person(by=cast.administrator, at=AT, email="New.Person@Test.example", full_name="New Person")

    membership = actions.give_role(by=cast.administrator, at=AT, person=person, role=Role.LEAD, agency=cast.police)

    assert (person.email, person.has_usable_password()) == ("new.person@test.example", False)
    assert User.objects.get(pk=person.pk).standing.agencies_as(Role.LEAD) == {cast.police.pk}
    assert membership.history.get().history_user == cast.administrator
    assert [(act.verb, act.by) for act in Act.objects.order_by("pk")] == [
        ("added a person", cast.administrator),
        ("gave a role", cast.administrator),
    ]


@pytest.mark.parametrize("name", ["council_lead", "board_manager", "chair"])
def test_nobody_else_changes_accounts(cast, name):
    """R44: not even those who see disputes."""
    with pytest.raises(actions.NotAllowed, match="Only an administrator"):
        actions.add_person(by=getattr(cast, name), at=AT, email="x@test.example", full_name="X")
    assert not User.objects.filter(email="x@test.example").exists()


def test_a_role_for_the_board_has_no_agency(cast):
    """Roles are held per agency; the Chair is no agency."""
    with pytest.raises(actions.NotAllowed, match="belongs to no agency"):
        actions.give_role(by=cast.administrator, at=AT, person=cast.police_lead, role=Role.CHAIR, agency=cast.police)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=cast.police_lead, role=Role.CHAIR, agency=cast.police)


def test_a_role_is_held_once(cast):
    with pytest.raises(actions.NotAllowed, match="holds this role already"):
        actions.give_role(by=cast.administrator, at=AT, person=cast.police_lead, role=Role.LEAD, agency=cast.police)


def test_the_last_administrator_remains(cast):
    """Somebody must be able to open accounts."""
    role = cast.administrator.memberships.get()
    with pytest.raises(actions.NotAllowed, match="must remain"):
        actions.end_role(by=cast.administrator, at=AT, membership=role)
    with pytest.raises(actions.NotAllowed, match="must remain"):
        actions.close_account(by=cast.administrator, at=AT, person=cast.administrator)


def test_the_first_administrator_comes_by_command(db, capsys):
    """The trail names the command where there is nobody yet to name."""
    call_command("add_administrator", "first@test.example", "First Person")

    assert User.objects.get().standing.is_administrator
    assert {(act.by, act.timer) for act in Act.objects.all()} == {(None, "command line")}
    with pytest.raises(CommandError, match="already"):
        call_command("add_administrator", "First@test.example", "Again")


@pytest.mark.both_databases
@pytest.mark.parametrize("role", [Role.CHAIR, Role.LEAD])
def test_no_role_is_held_twice_whatever_the_database(cast, role):
    """A role for the Board, which has no agency, is held once too."""
    agency = None if role == Role.CHAIR else cast.police
    holder = cast.chair if role == Role.CHAIR else cast.police_lead
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=holder, role=role, agency=agency)
