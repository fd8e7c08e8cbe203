"""What people settle for themselves: how emails come, and who stands in for them while they are away."""

from django.db import transaction
from django.db.models import Q

from agencies import audit, outbox
from agencies.actions import NotAllowed
from agencies.audit import acting
from agencies.models import Cover, Membership, Role, User

COVER_PAGE = "/people/cover/"


def choose_emails(*, by, at, wants_digest):
    """What is not theirs to act on comes at once, or in one email each working morning."""
    with transaction.atomic(), acting(by=by, at=at):
        person = User.objects.select_for_update().get(pk=by.pk)
        person.wants_digest = wants_digest
        person.save()
        audit.record("chose how emails come", person, by=by, at=at, digest=wants_digest)
    return person


def mark_read(notices, *, at):
    """Mark these notices as read, those that were not."""
    return notices.unread().update(read_at=at)


def may_be_covered(person):
    """Managers, leads, the Board Manager and the Chair: those for whom something could wait too long."""
    standing = person.standing
    return standing.approves or standing.is_of_board


def possible_deputies(person):
    """People with an account in every agency of this person's; for the Board's roles, in any agency or none.

    Administrators of accounts see no dispute, and so stand in for nobody.
    """
    there = Membership.objects.with_account()
    found = User.objects.filter(is_active=True, pk__in=there.values("user")).exclude(pk=person.pk)
    for agency_id in person.standing.agencies:
        found = found.filter(pk__in=there.filter(agency=agency_id).values("user"))
    return found.exclude(pk__in=there.filter(role=Role.ADMINISTRATOR).values("user"))


def name_deputy(*, by, at, starts_at, ends_at, deputy=None):
    """Be away between two instants, with somebody who stands in, or with nobody, which the leads are told."""
    with transaction.atomic(), acting(by=by, at=at):
        User.objects.select_for_update().get(pk=by.pk)  # one at a time: two covers never overlap
        if not may_be_covered(by):
            raise NotAllowed("Managers, leads, the Board Manager and the Independent Chair name a deputy.")
        if ends_at <= max(starts_at, at):
            raise NotAllowed("The last day must not be before the first, nor in the past.")
        if deputy and not possible_deputies(by).filter(pk=deputy.pk).exists():
            raise NotAllowed("A deputy works for the same agency and has an account.")
        if by.covers.filter(ended_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise NotAllowed("You are away in that time already. End that first.")
        cover = Cover.objects.create(person=by, deputy=deputy, starts_at=starts_at, ends_at=ends_at, named_at=at)
        if deputy:
            audit.record("named a deputy", cover, by=by, at=at, deputy=deputy.pk)
            _tell(cover, "named", "You are named as a deputy: see for whom, and for how long", [deputy], at)
        else:
            audit.record("said to be away without a deputy", cover, by=by, at=at)
            _tell(cover, "away", "Somebody of your agency is away without a deputy", leads_of(by), at)
    return cover


def end_cover(*, by, at, cover):
    """End a cover before its time: the person covered does, or an administrator for them."""
    with transaction.atomic(), acting(by=by, at=at):
        cover = Cover.objects.select_for_update(of=("self",)).select_related("deputy", "person").get(pk=cover.pk)
        if cover.person_id != by.pk and not by.standing.is_administrator:
            raise NotAllowed("Only the person covered can end this.")
        if cover.ended_at or cover.ends_at <= at:
            raise NotAllowed("This has ended already.")
        cover.ended_at = at
        cover.save()
        audit.record("ended a cover", cover, by=by, at=at)
        if cover.deputy:
            _tell(cover, "ended", "You do not stand in any longer", [cover.deputy], at)
    return cover


def leads_of(person):
    """The leads of the agencies in which a person is a manager or lead."""
    agencies = person.standing.agencies_as(Role.MANAGER, Role.LEAD)
    leads = Membership.objects.with_account().filter(agency__in=agencies, role=Role.LEAD)
    return list(User.objects.filter(pk__in=leads.values("user")).exclude(pk=person.pk))


def covers_of(person, at):
    """When this person is away, now or later, and who stands in."""
    return person.covers.filter(ended_at=None, ends_at__gt=at).select_related("deputy").order_by("starts_at")


def covered_by(person, at):
    """Whom this person stands in for, now or later."""
    found = person.covering.filter(ended_at=None, ends_at__gt=at, person__is_active=True)
    return found.select_related("person").order_by("starts_at")


def away_without_deputy(person, at, until):
    """Managers and leads of a lead's agencies who are away before `until` and for whom nobody stands in."""
    agencies = person.standing.agencies_as(Role.LEAD)
    if not agencies:
        return Cover.objects.none()
    theirs = Membership.objects.with_account().filter(agency__in=agencies, role__in=(Role.MANAGER, Role.LEAD))
    away = Cover.objects.filter(ended_at=None, starts_at__lt=until, ends_at__gt=at, person__in=theirs.values("user"))
    nobody = Q(deputy=None) | Q(deputy__is_active=False)
    return away.filter(nobody).exclude(person=person).select_related("person").order_by("starts_at")


def _tell(cover, what, title, people, at):
    outbox.write(
        [
            outbox.new(
                event=f"cover {what}:{cover.pk}",
                kind="cover",
                recipient=person,
                on_behalf_of=cover.person if cover.deputy_id == person.pk else None,
                title=title,
                address=COVER_PAGE,
                written_at=at,
                send_after=at,
            )
            for person in people
        ]
    )
