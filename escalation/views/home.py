"""Home: what waits for you, then your disputes; and what waits for your approval."""

from django.db.models import Count
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies import own
from agencies.models import Role
from escalation import drafts, duties, listing
from escalation.models import Dispute
from escalation.stages import BETWEEN, StageNumber
from escalation.views.cover import SOON

MOST_SHOWN = 30
MOST_DISPUTES = 10


@require_GET
def home(request):
    """What waits for this person, most urgent first; then the disputes they may see, the open ones."""
    at, user = timezone.now(), request.user
    standing = user.standing
    waiting = listing.foremost(user, at, listing.MOST_WAITS + 1)
    page = listing.paged(user, at).page(size=MOST_DISPUTES)
    context = {
        "waits": listing.waits(waiting[:MOST_SHOWN], at),
        "more_waits": max(min(len(waiting), listing.MOST_WAITS) - MOST_SHOWN, 0),
        "is_even_more": len(waiting) > listing.MOST_WAITS,
        "rows": listing.lines(page.rows, user, at),
        "has_more": bool(page.after),
        "of_whom": of_whom(standing),
        "below": counts_below() if standing.is_of_board else None,
        "sees_filing": standing.is_of_board or standing.approves,
        "may_raise": bool(standing.agencies),
        "uncovered": own.away_without_deputy(user, at, at + SOON),
        "unfinished": drafts.unfinished(user).count() if standing.agencies else 0,
    }
    return render(request, "escalation/home.html", context)


@require_GET
def approvals(request):
    """The requests to escalate that wait for this person's decision."""
    at = timezone.now()
    waiting = listing.most_urgent(duties.approvals_for(request.user, at), at)
    return render(request, "escalation/approvals.html", {"waits": listing.waits(waiting, at)})


def of_whom(standing):
    """What the list of disputes is called, by what the person sees (R44)."""
    if not standing.agencies and standing.is_of_board:
        return "Disputes at stages three and four"
    if standing.agencies_as(Role.LEAD, Role.MANAGER):
        return f"Disputes of {standing.agency_names}"
    return "Your disputes"


def counts_below():
    """How many disputes are open at stages one and two: below stage three the Board sees counts only (R44)."""
    found = Dispute.objects.open().filter(stage__lt=StageNumber.THREE).values_list("stage").annotate(Count("pk"))
    counts = dict(found.order_by())
    return [(StageNumber(stage).label, BETWEEN[stage], counts.get(stage, 0)) for stage in (1, 2)]
