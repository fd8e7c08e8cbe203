"""The dashboard: one page that says what is going wrong today, for the Board and for the lead of an agency."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from escalation import periods
from panels.dashboard import Dashboard, viewer
from panels.dashboard_shown import Shown


@require_GET
def dashboard(request):
    """Where disputes stand today, over a period and of an agency that are chosen by their ids."""
    at, user = timezone.now(), request.user
    seen_by = viewer(user, at)
    if not seen_by.is_anybody:
        raise Http404("No such page.")
    offered = periods.offered(at)
    period = chosen(request.GET.get("period"), {each.key: each for each in offered}, offered[0])
    board = Dashboard(user, seen_by, period, at)
    agencies = [agency for agency in board.agencies if seen_by.may_choose(agency.pk)]
    agency = chosen(request.GET.get("agency"), {str(each.pk): each for each in agencies}, None)
    if agency:
        known, board = board.agencies, Dashboard(user, seen_by, period, at, agency)
        board.agencies = known
    context = {
        "board": board,
        "shown": Shown(board),
        "periods": offered,
        "agencies": agencies if len(agencies) > 1 else [],
        "at": at,
    }
    return render(request, "panels/dashboard.html", context)


def chosen(key, offered, default):
    """What was chosen by its id; what is not offered to this person does not exist."""
    if not key:
        return default
    if key not in offered:
        raise Http404("No such choice.")
    return offered[key]
