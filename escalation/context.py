"""What the frame round every page shows: the Board, the telephone numbers, the navigation."""

from functools import cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from agencies.models import Role
from escalation import deadlines, duties, health, learning


def frame(request):
    """The context of the layout; one query for what is counted in it, beside the person's standing."""
    at = getattr(request, "at", None) or timezone.now()
    return {
        "at": at,
        "board_name": settings.BOARD_NAME,
        "safeguarding_team_phone": settings.SAFEGUARDING_TEAM_PHONE,
        "emergency_duty_team_phone": settings.EMERGENCY_DUTY_TEAM_PHONE,
        "is_office_hours": deadlines.is_office_hours(at),
        "navigation": navigation(request, at),
        "stands_in_for": stands_in_for(request, at),
        "footer_links": [link(name, name.capitalize()) for name in ("guidance", "accessibility", "privacy")],
    }


def navigation(request, at):
    """The parts of the application that this person has a use for, with what waits in them."""
    # A page for a fault may be drawn before anybody is known.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    held = [user.standing, *(person.standing for person in user.covered(at))]
    approves, is_of_board = any(each.approves for each in held), any(each.is_of_board for each in held)
    counts = duties.counts(user, at, with_approvals=approves)
    items = [link("home", "Home")]
    if any(map(sees_figures, held)):
        items.append(link("dashboard", "Dashboard"))
    if is_of_board:
        items.append(link("register", "Register"))
    if approves:
        items.append({**link("approvals", "Approvals"), "count": counts["approvals"], "of": "waiting for you"})
    if any(map(sees_disputes, held)):
        items.append(link("disputes", "Disputes"))
    if counts["sits"] or counts["leads"] or is_of_board:
        items.append(link("panels", "Panels"))
    items.append({**link("notifications", "Notifications"), "count": counts["unread_notices"], "of": "not read"})
    items.append(link("people", "People"))
    if learning.readers(user, at):
        items += [link("annual", "Annual"), link("learning", "Learning")]
    if health.may_see(user, at):
        items.append(link("clockwork", "Clockwork"))
    items.append(link("guidance", "Guidance"))
    for item in items:
        item["is_this_page"] = request.path == item["href"]
        item["is_current"] = item["is_this_page"] or (item["href"] != "/" and request.path.startswith(item["href"]))
    return items


def stands_in_for(request, at):
    """Whom this person is deputy of at present."""
    user = getattr(request, "user", None)
    return user.covered(at) if user is not None and user.is_authenticated else []


def sees_disputes(standing):
    """Everyone but whoever only administers accounts (R44)."""
    return bool(standing.agencies or standing.is_of_board)


def sees_figures(standing):
    """The Board Manager and the Chair, of all; leads, of their own agency."""
    return bool(standing.is_of_board or standing.agencies_as(Role.LEAD))


def link(name, label):
    return {"href": address(name), "label": label, "count": 0}


@cache
def address(name):
    """Where a page without a subject is: the same for everybody, for as long as the program runs."""
    try:
        return reverse(name)
    except NoReverseMatch:  # not built yet
        return "/"
