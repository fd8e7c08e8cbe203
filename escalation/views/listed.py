"""The list of disputes: what a person may see of them, filtered and searched."""

import json
from datetime import timedelta
from functools import cache

from django.db import transaction
from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from agencies.models import Agency
from agencies.worded import Worded
from escalation import listing
from escalation.forms.search import WORDS, SearchForm
from escalation.models import SavedView, Search
from escalation.paging import OPEN_FIRST, PAGE, left_of
from escalation.register import LATEST, SORTS

SEARCH_LASTS = timedelta(days=1)
AGENCY, SEARCH, VIEW = "agency", "search", "view"


@require_http_methods(["GET", "HEAD", "POST"])
def disputes(request):
    """The disputes this person may see, open ones first, filtered; of what is searched for, the latest first."""
    at, user = timezone.now(), request.user
    key = "" if request.method == "POST" else request.GET.get("s", "")
    agencies, kept, _ = at_hand(user, at, key)
    if request.method == "POST":
        form = SearchForm(request.POST, agencies)
        if form.is_valid():
            return redirect(f"{reverse('disputes')}{address(form, user, at)}")
    else:
        form = SearchForm(kept or asked(request), agencies)
    paged = narrowed(form, user, at) if form.is_valid() else listing.paged(user, at)
    page = paged.page(request.GET.get("after", ""), request.GET.get("before", ""), size=PAGE)
    chosen = {"s": key} if key else form.chosen if form.is_valid() else {}
    context = {
        "form": form,
        "rows": listing.lines(page.rows, user, at),
        "before": f"?{urlencode({**chosen, 'before': page.before})}" if page.before else "",
        "after": f"?{urlencode({**chosen, 'after': page.after})}" if page.after else "",
        "is_filtered": form.is_valid() and any(form.cleaned_data.values()),
        "may_raise": bool(user.standing.agencies),
        "may_enter": user.standing.approves,
    }
    return render(request, "escalation/disputes.html", context)


def narrowed(form, user, at):
    """What the filters and the words of the form leave of what this person may see, in its order."""
    parts = SORTS[LATEST] if form.searched else left_of(OPEN_FIRST, *form.leaves)
    return listing.paged(user, at, parts, form.wanted)


def asked(request):
    """The filters in the address; words are never taken from there."""
    return {name: value for name, value in request.GET.items() if name not in WORDS}


@transaction.atomic
def address(form, user, at):
    """Where the answer is shown: filters by name, words under an opaque key that is this person's own."""
    if not form.searched:
        return f"?{urlencode(form.chosen)}" if form.chosen else ""
    Search.objects.filter(person=user, made_at__lt=at - SEARCH_LASTS).delete()
    search = Search.objects.create(person=user, words={**form.chosen, **form.searched}, made_at=at)
    return f"?{urlencode({'s': search.key})}"


def at_hand(user, at, key="", with_views=False):
    """In one statement: the agencies, what this person searched for under a key, and the views that they keep.

    To anyone else, and after a day, what was searched for does not exist.
    """
    searched = {"key": key, "since": at - SEARCH_LASTS} if key and "\0" not in key else {}
    person = {"person": user.pk} if searched or with_views else {}
    rows = _at_hand(bool(searched), with_views)(**searched, **person)
    kept = [json.loads(what) for kind, _, _, what in rows if kind == SEARCH]
    if key and not kept:
        raise Http404("No such search.")
    return (
        [(pk, name) for kind, pk, name, _ in rows if kind == AGENCY],
        kept[0] if kept else None,
        [(pk, name, json.loads(what)) for kind, pk, name, what in rows if kind == VIEW],
    )


@cache
def _at_hand(with_search, with_views):
    """The question, for all who ask for as much."""

    @Worded
    def ask(key=None, since=None, person=None):
        found, others = labelled(Agency.objects.order_by(), AGENCY, F("name"), Value("", TextField())), []
        if with_search:
            lasting = Search.objects.filter(person=person, key=key, made_at__gte=since)
            others.append(labelled(lasting, SEARCH, Value("", CharField()), Cast("words", TextField())))
        if with_views:
            views = SavedView.objects.filter(person=person).order_by()
            others.append(labelled(views, VIEW, F("name"), Cast("filters", TextField())))
        return found.union(*others, all=True).order_by("called") if others else found.order_by("called")

    return ask


def labelled(rows, kind, called, what):
    return rows.annotate(kind=Value(kind, CharField()), called=called, what=what).values_list(
        "kind", "pk", "called", "what"
    )
