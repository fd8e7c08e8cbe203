"""Agencies and people: every change an administrator of accounts makes, with its author in history and trail (R43)."""

import functools

from allauth.account.models import EmailAddress
from django.db import transaction

from agencies import audit
from agencies.audit import acting
from agencies.models import BOARD_ROLES, Agency, Membership, Role, Team, User


class NotAllowed(Exception):
    """The change was not made; the text is a sentence for whoever tried."""


def action(function):
    """Run a change in one transaction, for an administrator only; `by` is None for the very first one."""

    @functools.wraps(function)
    def run(*, by, at, **arguments):
        if by is not None and not by.standing.is_administrator:
            raise NotAllowed("Only an administrator of accounts can do this.")
        with transaction.atomic(), acting(by=by, timer="" if by else "command line"):
            return function(by=by, at=at, **arguments)

    return run


@action
def open_agency(*, by, at, name, phone=""):
    """A new partner agency."""
    agency = Agency.objects.create(name=name, phone=phone)
    audit.record("opened the agency", agency, by=by, at=at)
    return agency


@action
def change_agency(*, by, at, agency, name, phone, safeguarding_contact, is_active=True):
    """Change an agency's name, telephone, safeguarding contact, or whether it takes part still."""
    if safeguarding_contact and not agency.memberships.with_account().filter(user=safeguarding_contact).exists():
        raise NotAllowed(f"{safeguarding_contact} does not belong to {agency}.")
    agency.name, agency.phone = name, phone
    agency.safeguarding_contact, agency.is_active = safeguarding_contact, is_active
    agency.save()
    audit.record("changed the agency", agency, by=by, at=at)
    return agency


@action
def add_team(*, by, at, agency, name):
    """A new team of an agency; from then on its managers see the disputes of their own team (R44)."""
    team = Team.objects.create(agency=agency, name=name)
    audit.record("added a team", team, by=by, at=at, in_agency=agency.pk)
    return team


@action
def add_person(*, by, at, email, full_name, job_title="", phone=""):
    """A new account without a password: its owner sets one by “forgotten password”."""
    person = User.objects.create_user(email, None, full_name=full_name, job_title=job_title, phone=phone)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    audit.record("added a person", person, by=by, at=at)
    return person


@action
def change_person(*, by, at, person, full_name, job_title, phone):
    """Change how a person is named and reached."""
    person.full_name, person.job_title, person.phone = full_name, job_title, phone
    person.save()
    audit.record("changed a person", person, by=by, at=at)
    return person


@action
def give_role(*, by, at, person, role, agency=None, team=None):
    """Let a person hold a role: in an agency, or for the Board."""
    if (role in BOARD_ROLES) != (agency is None):
        raise NotAllowed(
            "A role for the Board belongs to no agency." if agency else "Choose the agency in which the role is held."
        )
    if team and team.agency != agency:
        raise NotAllowed(f"{team} is not a team of {agency}.")
    if person.memberships.current().filter(role=role, agency=agency).exists():
        raise NotAllowed(f"{person} holds this role already.")
    membership = Membership.objects.create(user=person, role=role, agency=agency, team=team)
    audit.record("gave a role", membership, by=by, at=at, agency=agency, person=person.pk, given=role)
    return membership


@action
def end_role(*, by, at, membership):
    """End a role; what the person saw as its holder is no longer seen (R44)."""
    if membership.ended_at:
        raise NotAllowed("This role has ended already.")
    if membership.role == Role.ADMINISTRATOR and _last_administrator(membership.user):
        raise NotAllowed("Somebody must remain administrator of accounts.")
    membership.ended_at = at
    membership.save()
    audit.record("ended a role", membership, by=by, at=at, agency=membership.agency, person=membership.user_id)
    return membership


@action
def close_account(*, by, at, person):
    """Close an account: its owner is out with the next click; everything written stays."""
    if _last_administrator(person):
        raise NotAllowed("Somebody must remain administrator of accounts.")
    person.is_active = False
    person.save()
    audit.record("closed the account", person, by=by, at=at)
    return person


@action
def reopen_account(*, by, at, person):
    """Open a closed account again."""
    person.is_active = True
    person.save()
    audit.record("opened the account again", person, by=by, at=at)
    return person


def _last_administrator(person):
    administrators = Membership.objects.with_account().filter(role=Role.ADMINISTRATOR)
    return administrators.filter(user=person).exists() and not administrators.exclude(user=person).exists()
