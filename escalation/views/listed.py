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
from escalation.paging import OPEN_FIRST, PAGE, Paged, left_of

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
        key = ""
    else:
        key = request.GET.get("s", "")
        form = SearchForm(kept(key, user, at) if key else asked(request), agencies)
    sources, parts = Dispute.objects.visible_apart(user, at), OPEN_FIRST
    if form.is_valid():
        sources = [form.found(seen, at) for seen in sources]
        parts = left_of(OPEN_FIRST, *form.leaves)
    paged = Paged(sources, parts, listing.shown)
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
