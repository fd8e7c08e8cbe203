"""Agencies, teams, people, and the roles people hold.

Roles are held per agency; the Board's own roles (Board Manager, Independent Chair, administrator of accounts)
belong to no agency. All roles stand in one table, so that one query tells what a person may do.
"""

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce, Lower
from django.utils.functional import cached_property

from agencies.audit import Act as Act  # the trail's table belongs to this app
from agencies.audit import History
from agencies.cover import Cover as Cover
from agencies.outbox import Notice as Notice
from agencies.worded import Worded


class Role(models.TextChoices):
    PRACTITIONER = "practitioner", "Practitioner"
    MANAGER = "manager", "Manager"
    LEAD = "lead", "Senior manager or designated safeguarding lead"
    BOARD_MANAGER = "board_manager", "Board Manager"
    CHAIR = "chair", "Independent Chair"
    ADMINISTRATOR = "administrator", "Administrator of accounts"


AGENCY_ROLES = (Role.PRACTITIONER, Role.MANAGER, Role.LEAD)
BOARD_ROLES = (Role.BOARD_MANAGER, Role.CHAIR, Role.ADMINISTRATOR)


class AgencyQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class Agency(models.Model):
    """A partner of the Board: a council department, the police, a hospital, a care provider, a charity."""

    name = models.CharField(max_length=120, unique=True)
    phone = models.CharField(max_length=40, blank=True)
    safeguarding_contact = models.ForeignKey(
        "User", null=True, blank=True, on_delete=models.PROTECT, related_name="safeguarding_contact_of"
    )
    is_active = models.BooleanField(default=True)

    history = History()
    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"

    def __str__(self):
        return self.name


class Team(models.Model):
    """A team of an agency; a manager sees the disputes of the team's people (R44)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)

    history = History()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="team_named_once_per_agency")]

    def __str__(self):
        return self.name


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        """A person who can sign in with this email address, kept in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A person with an account, who signs in by email."""

    email = models.EmailField("email address", unique=True)
    full_name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    # What is not theirs to act on comes in one email each working morning
    wants_digest = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    history = History(excluded_fields=["password", "last_login"])
    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="email_unique_whatever_the_case")]

    def __str__(self):
        return self.full_name

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name

    @cached_property
    def standing(self):
        """The person's present roles, read once for each request."""
        return self._standings.get(self.pk) or Standing([])

    def covered(self, at):
        """Whom the person stands in for at this instant, each with the roles they hold and until when."""
        people = []
        for user_id, standing in self._standings.items():
            # Whoever has left the agency by now stands in no longer
            if user_id == self.pk or not standing.agencies.keys() <= self.standing.agencies.keys():
                continue
            ends = [ends_at for starts_at, ends_at in self._covers[user_id] if starts_at <= at < ends_at]
            if ends:
                person = standing.memberships[0].user
                # The last instant, so that its date is the last day
                person.standing, person.covered_until = standing, max(ends) - timedelta(seconds=1)
                people.append(person)
        return people

    @cached_property
    def _standings(self):
        """One's own roles, and those of whoever one covers now or later, in one query."""
        by_user, self._covers = {}, {}
        for membership in _roles_round(person=self.pk):
            held = by_user.setdefault(membership.user_id, {})
            held.setdefault(membership.pk, membership)
            windows = self._covers.setdefault(membership.user_id, set())
            if membership.cover_starts_at:
                windows.add((membership.cover_starts_at, membership.cover_ends_at))
        return {user_id: Standing(list(held.values())) for user_id, held in by_user.items()}


class MembershipQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at=None)

    def with_account(self):
        return self.current().filter(user__is_active=True)


class Membership(models.Model):
    """A role that a person holds, in an agency or for the Board."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    ended_at = models.DateTimeField(null=True, blank=True)

    history = History()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            # No agency is 0, not NULL: SQLite holds two NULLs to be different
            models.UniqueConstraint(
                F("user"),
                Coalesce(F("agency"), 0),
                F("role"),
                condition=Q(ended_at=None),
                name="role_held_once_per_agency",
            ),
            models.CheckConstraint(
                condition=Q(role__in=BOARD_ROLES, agency=None) | Q(role__in=AGENCY_ROLES, agency__isnull=False),
                name="board_roles_have_no_agency",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}, {self.agency or 'the Board'}"


@partial(Worded, is_prepared=True)
def _roles_round(person):
    """A person's present roles, and those of whoever they cover now or later: a row for each cover."""
    covers = Cover.objects.filter(deputy=person, ended_at=None)
    return (
        Membership.objects.current()
        .filter(Q(user=person) | Q(user__in=covers.values("person"), user__is_active=True))
        .select_related("agency", "user")
        .annotate(
            has_teams=models.Exists(Team.objects.filter(agency=models.OuterRef("agency"))),
            # There may be one cover now and another later
            cover=FilteredRelation(
                "user__covers", condition=Q(user__covers__deputy=person, user__covers__ended_at=None)
            ),
            cover_starts_at=F("cover__starts_at"),
            cover_ends_at=F("cover__ends_at"),
        )
        .order_by("pk")
    )


class Standing:
    """What a person is at present: the roles held, by agency and for the Board."""

    def __init__(self, memberships):
        self.memberships = memberships
        self.agencies = {m.agency_id: m.agency for m in memberships if m.agency_id}
        self._roles = {}
        for membership in memberships:
            self._roles.setdefault(membership.agency_id, set()).add(Role(membership.role))

    def roles_in(self, agency_id):
        return self._roles.get(agency_id, set())

    def highest_role(self, agency_id=None):
        """The highest role held in an agency, or for whoever acts from outside the highest held anywhere; else ""."""
        held = self.roles_in(agency_id) if agency_id else {Role(m.role) for m in self.memberships}
        return next((role for role in (Role.LEAD, Role.MANAGER, *Role) if role in held), "")

    def agencies_as(self, *roles):
        """Ids of the agencies in which the person holds one of these roles."""
        return {m.agency_id for m in self.memberships if m.agency_id and m.role in roles}

    @property
    def managed_without_teams(self):
        """Ids of the agencies in which the person is a manager and which have no teams."""
        return {m.agency_id for m in self.memberships if m.role == Role.MANAGER and not m.has_teams}

    @property
    def teams_managed(self):
        return {m.team_id for m in self.memberships if m.role == Role.MANAGER and m.team_id}

    @property
    def is_board_manager(self):
        return Role.BOARD_MANAGER in self.roles_in(None)

    @property
    def is_chair(self):
        return Role.CHAIR in self.roles_in(None)

    @property
    def is_of_board(self):
        """Whether the person acts for the Board: as Board Manager, or as Independent Chair."""
        return self.is_board_manager or self.is_chair

    @property
    def is_administrator(self):
        return Role.ADMINISTRATOR in self.roles_in(None)

    @property
    def approves(self):
        """Whether requests to escalate can wait for this person (R25)."""
        return bool(self.agencies_as(Role.MANAGER, Role.LEAD))

    @property
    def agency_names(self):
        return ", ".join(agency.name for agency in self.agencies.values())
