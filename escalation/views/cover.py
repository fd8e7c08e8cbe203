"""Cover while somebody is away: one's own, and whom one stands in for."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from agencies import own
from agencies.actions import NotAllowed
from agencies.models import Cover, Role
from escalation.forms.cover import CoverForm

SOON = timedelta(days=14)


def cover(request):
    """When one is away and who stands in; whom one stands in for; for a lead, who is away without a deputy."""
    at, user = timezone.now(), request.user
    may_name = own.may_be_covered(user)
    if request.method == "POST" and not may_name:
        raise PermissionDenied
    form = CoverForm(request.POST or None, at=at, person=user) if may_name else None
    if request.method == "POST" and form.is_valid():
        try:
            named = own.name_deputy(by=user, at=at, **form.given())
        except NotAllowed as refusal:
            form.refuse(str(refusal))
        else:
            said = f"{named.deputy} stands in for you." if named.deputy else "Your leave is saved. Nobody stands in."
            messages.success(request, said)
            return redirect("cover")
    context = {
        "form": form,
        "covers": own.covers_of(user, at),
        "covering": own.covered_by(user, at),
        "uncovered": own.away_without_deputy(user, at, at + SOON),
        "is_lead": bool(user.standing.agencies_as(Role.LEAD)),
    }
    return render(request, "escalation/cover.html", context)


@require_POST
def end_cover(request, cover_id):
    """End a cover before its time."""
    mine = get_object_or_404(Cover, pk=cover_id, person=request.user)
    try:
        own.end_cover(by=request.user, at=timezone.now(), cover=mine)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The cover has ended.")
    return redirect("cover")
