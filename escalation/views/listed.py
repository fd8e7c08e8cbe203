"""The list of disputes: what a person may see of them, filtered and searched."""

from datetime import timedelta

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from agencies.models import Agency
from escalation import listing
from escalation.forms.search import WORDS, SearchForm
from escalation.models import Dispute, Search
from escalation.views.disputes import page_number

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
