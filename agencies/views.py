"""Agencies and people for everyone, accounts and roles for administrators; and one's own notifications.

No dispute is shown: a notice holds a reference, what happened and a link, never a name or a story.
"""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies import actions, own
from agencies.forms import (
    AgencyChangeForm,
    AgencyForm,
    EmailsForm,
    FindForm,
    NewPersonForm,
    PersonForm,
    RoleForm,
    TeamForm,
)
from agencies.models import AGENCY_ROLES, Agency, Membership, Notice, User

PAGE = 50


def administrators_only(view):
    """Accounts are changed by administrators; everybody else is told so."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.standing.is_administrator:
            raise PermissionDenied("Only an administrator of accounts can do this.")
        return view(request, *args, **kwargs)

    return guarded


def converse(request, form, change, done, title, **context):
    """Ask by a form, make one change, and go on; a refusal is shown in the form."""
    if request.method == "POST" and form.is_valid():
        try:
            result = change(by=request.user, at=timezone.now(), **form.cleaned_data)
        except actions.NotAllowed as refusal:
            form.refuse(str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect(done(result))
    return render(request, "agencies/form.html", {"form": form, "title": title, **context})


def people(request):
    """Who takes part: agencies with their telephones, and the Board."""
    working = Q(memberships__ended_at=None, memberships__user__is_active=True)
    agencies = Agency.objects.active().annotate(
        number_of_people=Count("memberships__user", filter=working, distinct=True)
    )
    board = Membership.objects.with_account().filter(agency=None).select_related("user").order_by("user__full_name")
    form = FindForm(request.POST or None)
    found = form.find() if request.user.standing.is_administrator and form.is_valid() else None
    return render(request, "agencies/people.html", {"agencies": agencies, "board": board, "form": form, "found": found})


def agency(request, agency_id):
    """One agency: its people, what they are, and how to reach them."""
    agency = get_object_or_404(Agency.objects.select_related("safeguarding_contact"), pk=agency_id)
    memberships = agency.memberships.with_account().select_related("user", "team")
    rank = {role: number for number, role in enumerate(reversed(AGENCY_ROLES))}
    memberships = sorted(memberships, key=lambda each: (rank[each.role], each.user.full_name))
    context = {"agency": agency, "memberships": memberships, "teams": agency.teams.all()}
    return render(request, "agencies/agency.html", context)


@administrators_only
def new_agency(request):
    form = AgencyForm(request.POST or None)
    return converse(request, form, actions.open_agency, _page, "Add an agency", back="people")


@administrators_only
def change_agency(request, agency_id):
    agency = get_object_or_404(Agency, pk=agency_id)
    present = {name: getattr(agency, name) for name in ("name", "phone", "safeguarding_contact", "is_active")}
    form = AgencyChangeForm(request.POST or None, agency=agency, initial=present)

    def change(**changes):
        return actions.change_agency(agency=agency, **changes)

    return converse(request, form, change, _page, f"Change {agency}")


@administrators_only
def new_team(request, agency_id):
    agency = get_object_or_404(Agency, pk=agency_id)
    form = TeamForm(request.POST or None, agency=agency)

    def change(**changes):
        return actions.add_team(agency=agency, **changes)

    return converse(request, form, change, lambda team: _page(agency), f"Add a team of {agency}")


@administrators_only
def new_person(request):
    form = NewPersonForm(request.POST or None)
    return converse(request, form, actions.add_person, _page, "Add a person", back="people")


@administrators_only
def person(request, person_id):
    """One account: who it is, and the roles held now and before."""
    person = get_object_or_404(User, pk=person_id)
    memberships = person.memberships.select_related("agency", "team").order_by("-ended_at", "pk")
    covers = person.covers.select_related("deputy").order_by("-starts_at")[:PAGE]
    return render(request, "agencies/person.html", {"person": person, "memberships": memberships, "covers": covers})


@administrators_only
def change_person(request, person_id):
    person = get_object_or_404(User, pk=person_id)
    present = {name: getattr(person, name) for name in ("full_name", "job_title", "phone")}
    form = PersonForm(request.POST or None, initial=present)

    def change(**changes):
        return actions.change_person(person=person, **changes)

    return converse(request, form, change, _page, f"Change {person}")


@administrators_only
def new_role(request, person_id):
    person = get_object_or_404(User, pk=person_id)
    form = RoleForm(request.POST or None)

    def change(**changes):
        return actions.give_role(person=person, **changes)

    return converse(request, form, change, lambda membership: _page(person), f"Give {person} a role")


@administrators_only
@require_POST
def end_role(request, membership_id):
    membership = get_object_or_404(Membership.objects.select_related("user", "agency"), pk=membership_id)
    return _at_once(request, actions.end_role, membership.user, "The role has ended.", membership=membership)


@administrators_only
@require_POST
def close_account(request, person_id):
    person = get_object_or_404(User, pk=person_id)
    return _at_once(request, actions.close_account, person, "The account is closed.", person=person)


@administrators_only
@require_POST
def reopen_account(request, person_id):
    person = get_object_or_404(User, pk=person_id)
    return _at_once(request, actions.reopen_account, person, "The account is open again.", person=person)


def _at_once(request, change, whose, said, **subject):
    try:
        change(by=request.user, at=timezone.now(), **subject)
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(_page(whose))


def _page(subject):
    """The address of an agency's or a person's page."""
    if isinstance(subject, Agency):
        return reverse("agency", kwargs={"agency_id": subject.pk})
    return reverse("person", kwargs={"person_id": subject.pk})


# One's own notifications


@require_GET
def notifications(request):
    """What this person was told, the newest first."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 5 and int(asked) else 1
    mine = Notice.objects.filter(recipient=request.user).select_related("on_behalf_of")
    found = list(mine.order_by("-written_at", "-pk")[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "notices": found[:PAGE],
        "newest": max((notice.pk for notice in found), default=0),
        "has_unread": any(notice.read_at is None for notice in found),
        "before": f"?page={page - 1}" if page > 1 else "",
        "after": f"?page={page + 1}" if len(found) > PAGE else "",
    }
    return render(request, "agencies/notifications.html", context)


@require_GET
def open_notice(request, notice_id):
    """Go where a notice leads, and mark it as read."""
    notice = get_object_or_404(Notice, pk=notice_id, recipient=request.user)
    own.mark_read(Notice.objects.filter(pk=notice.pk), at=timezone.now())
    return redirect(notice.address)


@require_POST
def mark_all_read(request):
    """Mark as read what the page showed and all before it; what came meanwhile stays unread."""
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdigit() and len(newest) < 19:
        mine = Notice.objects.filter(recipient=request.user, pk__lte=int(newest))
        own.mark_read(mine, at=timezone.now())
        messages.success(request, "Marked as read.")
    return redirect("notifications")


def notification_settings(request):
    """How emails come: at once, or together each working morning."""
    present = {"wants_digest": "digest" if request.user.wants_digest else "at_once"}
    form = EmailsForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        own.choose_emails(by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("notifications")
    return render(request, "agencies/notification_settings.html", {"form": form, "title": "How emails come"})
