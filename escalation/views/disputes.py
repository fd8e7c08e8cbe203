"""The list of disputes, one dispute, and its timeline."""

import logging
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Agency
from escalation import actions, listing
from escalation import timeline as trail
from escalation.case import FURTHER, PEOPLE, RECORDING, WHOLE, Case
from escalation.forms.search import SearchForm
from escalation.models import Dispute, Search
from escalation.next_step import next_step
from escalation.same_adult import others
from escalation.sections import sections
from escalation.views.door import load

logger = logging.getLogger(__name__)

PAGE = 50
SEARCH_LASTS = timedelta(days=1)


@require_http_methods(["GET", "HEAD", "POST"])
def disputes(request):
    """The disputes this person may see, open ones first, filtered and searched."""
    at, user = timezone.now(), request.user
    agencies = list(Agency.objects.values_list("pk", "name"))
    if request.method == "POST":
        form = SearchForm(request.POST, agencies)
        if form.is_valid():
            return redirect(f"{reverse('disputes')}{address(form, user, at)}")
        page, key = 1, ""
    else:
        key, page = request.GET.get("s", ""), page_number(request)
        form = SearchForm(kept(key, user, at) if key else asked(request), agencies)
    seen = Dispute.objects.visible_to(user, at)
    found = form.found(seen, at) if form.is_valid() else seen
    start = (page - 1) * PAGE
    rows = listing.rows(listing.open_first(found)[start : start + PAGE + 1], user, at)
    context = {
        "form": form,
        "rows": rows[:PAGE],
        "pages": pages(form, key, page, has_more=len(rows) > PAGE),
        "is_filtered": form.is_valid() and any(form.cleaned_data.values()),
        "may_raise": bool(user.standing.agencies),
        "may_enter": user.standing.approves,
    }
    return render(request, "escalation/disputes.html", context)


def page_number(request):
    page = request.GET.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page) else 1


def asked(request):
    """The filters in the address; words are never taken from there."""
    return {name: value for name, value in request.GET.items() if name != "words"}


@transaction.atomic
def address(form, user, at):
    """Where the answer is shown: filters by name, words under an opaque key that is this person's own."""
    if not form.cleaned_data["words"]:
        return f"?{urlencode(form.chosen)}" if form.chosen else ""
    Search.objects.filter(person=user, made_at__lt=at - SEARCH_LASTS).delete()
    given = {**form.chosen, "words": form.cleaned_data["words"]}
    search = Search.objects.create(person=user, words=given, made_at=at)
    return f"?{urlencode({'s': search.key})}"


def kept(key, user, at):
    """What was searched for under this key; to anyone else, and after a day, it does not exist."""
    lasting = Search.objects.filter(person=user, made_at__gte=at - SEARCH_LASTS)
    search = lasting.filter(key=key).first() if "\0" not in key else None
    if search is None:
        raise Http404("No such search.")
    return search.words


def pages(form, key, page, has_more):
    """The addresses of the pages before and after."""
    chosen = {"s": key} if key else form.chosen if form.is_valid() else {}
    return {
        "number": page,
        "before": f"?{urlencode({**chosen, 'page': page - 1})}" if page > 1 else "",
        "after": f"?{urlencode({**chosen, 'page': page + 1})}" if has_more else "",
    }


@require_GET
def dispute(request, reference):
    """One dispute: where it stands, what happens next, and all that is on record."""
    at = timezone.now()
    found, position = load(request, reference, at, *WHOLE)
    note_reading(found, request.user, at)
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
        "same_adult": others(request.user, at, found.adult_name, found.adult_born_on, besides=found.pk),
        "here": "dispute",
    }
    return render(request, "escalation/dispute.html", context)


def note_reading(dispute, user, at):
    """Note that the referrer has read the outcome, once; the page never fails because of it."""
    if not actions.board.counts_as_conveyed(dispute, user) or dispute.conveyances.exists():
        return
    try:
        actions.read_outcome(dispute=dispute, by=user, at=at)
    except DatabaseError as error:
        logger.warning("a reading was not noted: %s", type(error).__name__)


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
