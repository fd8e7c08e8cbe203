"""One dispute, and its timeline."""

import logging

from django.db import DatabaseError
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from escalation import actions
from escalation import timeline as trail
from escalation.case import FURTHER, PEOPLE, RECORDING, Case
from escalation.models import Dispute
from escalation.next_step import next_step
from escalation.sections import sections
from escalation.views.door import load, load_whole

logger = logging.getLogger(__name__)


@require_GET
def dispute(request, reference):
    """One dispute: where it stands, what happens next, and all that is on record."""
    at = timezone.now()
    found, position, same = load_whole(request, reference, at)
    if note_reading(found, request.user, at):
        found, position, same = load_whole(request, reference, at)  # with what that has changed
    case = Case(found, position, at)
    following = next_step(case)
    context = {
        "dispute": found,
        "position": position,
        "case": case,
        "next": following,
        "further": case.beside(FURTHER, following.offer),
        "recording": case.beside(RECORDING, following.offer),
        "people": case.beside(PEOPLE, following.offer),
        "sections": sections(case),
        "continued": continued(found, request.user, at),
        "same_adult": same,
        "here": "dispute",
    }
    return render(request, "escalation/dispute.html", context)


def note_reading(dispute, user, at):
    """Note that the referrer has read the outcome, once; whether it was. The page never fails because of it."""
    if not actions.board.counts_as_conveyed(dispute, user) or dispute.conveyances.all():
        return False
    try:
        actions.read_outcome(dispute=dispute, by=user, at=at)
    except DatabaseError as error:
        logger.warning("a reading was not noted: %s", type(error).__name__)
    return True


def continued(dispute, user, at):
    """The earlier dispute that this one refers to, if this person may see it."""
    if not dispute.continues_id:
        return None
    return Dispute.objects.visible_to(user, at).filter(pk=dispute.continues_id).first()


@require_GET
def timeline(request, reference):
    """The acts of a dispute, newest first, with what changed one click away."""
    at = timezone.now()
    found, position = load(request, reference, at)
    show = request.GET.get("show", "")
    show = show if show in trail.SHOWN else ""
    page = page_number(request)
    items, has_more = trail.items(found, position, at, show=show, page=page)
    chosen = {"show": show} if show else {}
    context = {
        "dispute": found,
        "position": position,
        "items": items,
        "filters": [(name, label, name == show) for name, label in trail.SHOWN.items()],
        "before": f"?{urlencode({**chosen, 'page': page - 1})}" if page > 1 else "",
        "after": f"?{urlencode({**chosen, 'page': page + 1})}" if has_more else "",
        "here": "timeline",
    }
    return render(request, "escalation/timeline.html", context)


def page_number(request):
    page = request.GET.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page) else 1
