"""Raising a dispute: a page at a time, what is typed kept before it is judged."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation import actions, deadlines, drafts
from escalation.forms.raising import PAGES, Raising
from escalation.models import Dispute, Side
from escalation.models.keeping import new_key
from escalation.permissions import NotPermitted
from escalation.same_adult import others as same_adult

UNFINISHED_SHOWN = 10
NO_AGENCY = (
    "A dispute is raised by somebody of an agency, and your account belongs to none. Ask any practitioner, manager or "
    "safeguarding lead of the agency concerned: whoever has an account there can raise it, for somebody else too."
)


def begin(request, at, typed_pages):
    """The conversation of whoever may raise a dispute; NotPermitted, kindly, for whoever may not."""
    raising = Raising(request.user, at, typed_pages)
    if not raising.own_agencies:
        raise NotPermitted(NO_AGENCY)
    return raising


def page_address(key, name, **query):
    address = reverse("raise_page", kwargs={"key": key, "page": name})
    return f"{address}?{'&'.join(f'{word}=1' for word, wanted in query.items() if wanted)}".rstrip("?")


@require_safe
def raise_dispute(request):
    """The first page, under a key not used yet: a second click on its button begins no second draft."""
    at = timezone.now()
    raising = begin(request, at, {})
    unfinished = list(drafts.unfinished(request.user)[:UNFINISHED_SHOWN])
    for draft in unfinished:
        draft.adult_name = "".join(draft.data.get("adult", {}).get("adult_name", [])).strip()
        page = next((name for name in PAGES if name not in draft.data), None)
        draft.address = page_address(draft.key, page) if page else reverse("raise_check", kwargs={"key": draft.key})
    return show_page(request, raising, new_key(), "adult", raising.form("adult"), unfinished=unfinished)


def raise_page(request, key, page):
    """One page of raising; whatever is posted is kept first."""
    at = timezone.now()
    draft = draft_of(request, key)
    if page not in PAGES:
        raise Http404("No such page.")
    if draft and draft.dispute:
        return redirect("raise_done", key=key)
    raising = begin(request, at, draft.data if draft else {})
    if request.method == "POST":
        return take_page(request, raising, key, page)
    if not raising.may_open(page):
        return redirect(page_address(key, raising.first_missing))
    form = raising.judged(page) if "again" in request.GET and page in raising.typed_pages else raising.form(page)
    return show_page(request, raising, key, page, form)


def take_page(request, raising, key, page):
    """Keep what was posted; then go on, raise it now, or say what is wrong."""
    form = raising.form(page, request.POST)
    draft = drafts.keep_page(request.user, key, page, raising.at, form.as_typed())
    if draft is None:
        raise Http404("No such draft.")
    if draft.dispute_id:
        return redirect("raise_done", key=key)
    if "later" in request.POST:
        messages.success(request, "What you typed is kept. To go on, choose “Raise a dispute”.")
        return redirect("home")
    if not form.is_valid():
        return show_page(request, raising, key, page, form)
    if "raise_now" in request.POST:
        return raise_now(request, raising.at, key) or redirect("raise_check", key=key)
    following = None if "check" in request.GET else raising.after(page)
    return redirect(page_address(key, following)) if following else redirect("raise_check", key=key)


def show_page(request, raising, key, page, form, **context):
    names = list(PAGES)
    is_checking = "check" in request.GET
    before = names[names.index(page) - 1] if names.index(page) else None
    back = page_address(key, before) if before else reverse("home")
    context |= {
        "form": form,
        "title": raising.title(page),
        "caption": f"Raise a dispute: page {names.index(page) + 1} of {len(names)}" if before else "",
        "back": reverse("raise_check", kwargs={"key": key}) if is_checking else back,
        "address": page_address(key, page, check=is_checking),
        "path": page_address(key, page),
        "check": reverse("raise_check", kwargs={"key": key}),
        "is_optional": not PAGES[page].is_required,
        "is_checking": is_checking,
        "says_unsafe": page == "kind" and raising.is_unsafe,
        "adult_name": raising.adult_name,
        "safety": raising.answers("safety").get("safety", ""),
    }
    return render(request, "escalation/raise/page.html", context)


def raise_check(request, key):
    """Everything written, to look over; and the button that raises it."""
    at = timezone.now()
    if request.method == "POST" and (raised := raise_now(request, at, key)):
        return raised
    draft = draft_of(request, key)
    if draft and draft.dispute:
        return redirect("raise_done", key=key)
    raising = begin(request, at, draft.data if draft else {})
    missing = raising.first_missing
    if missing:
        return redirect(page_address(key, missing, check=draft, again=missing in raising.typed_pages))
    return render(
        request,
        "escalation/raise/check.html",
        {
            "raising": raising,
            "sections": sections(raising, key),
            "faults": [
                (page_address(key, name, check=True, again=True), error)
                for name, form in raising.faults()
                for errors in form.errors.values()
                for error in errors
            ],
            "needed_by_on": raising.answers("impact").get("needed_by_on"),
            "suggested": raising.answers("talk").get("suggested"),
            "concerned": raising.answers("others").get("concerned_agencies", ()),
            "is_child": raising.is_child,
            "says_unsafe": raising.is_unsafe,
            "safety": raising.answers("safety").get("safety", ""),
            "adult_name": raising.adult_name,
            "same_adult": same_adult(
                request.user, at, raising.adult_name, raising.answers("views").get("adult_born_on")
            ),
            "back": page_address(key, list(PAGES)[-1]),
        },
    )


def sections(raising, key):
    """Each page's answers as rows of a summary list with the way to change them; at the end the pages left open."""
    found, left_open = [], []
    for name, page in PAGES.items():
        href = page_address(key, name, check=True)
        rows = [{"key": label, "value": value, "href": f"{href}#{id_}"} for label, value, id_ in raising.summary(name)]
        if rows:
            found.append({"title": page.about, "rows": rows})
        else:
            left_open.append({"key": page.about, "value": "", "href": href})
    return [*found, {"title": "Left open", "rows": left_open}] if left_open else found


def raise_now(request, at, key):
    """Raise what the draft says; None where there is no such draft."""

    def judge(typed_pages):
        raising = begin(request, at, typed_pages)
        return None if raising.faults() else raising.arguments()

    draft = actions.raise_draft(by=request.user, at=at, key=key, judge=judge)
    return draft and redirect("raise_done" if draft.dispute_id else "raise_check", key=key)


@require_safe
def raise_done(request, key):
    """The reference, and what happens next."""
    at = timezone.now()
    draft = draft_of(request, key)
    if draft is None or draft.dispute is None:
        raise Http404("No such dispute.")
    seen = Dispute.objects.visible_to(request.user, at).select_related("raised_by", "raising_agency")
    dispute = seen.prefetch_related("parties__agency", "representatives__person").get(pk=draft.dispute_id)
    others = [party.agency for party in dispute.parties.all() if party.side != Side.RAISING]
    return render(
        request,
        "escalation/raise/done.html",
        {
            "dispute": dispute,
            "adult_name": dispute.adult_name,
            "same_adult": same_adult(request.user, at, dispute.adult_name, dispute.adult_born_on, besides=dispute.pk),
            "says_unsafe": dispute.safety in ("nothing", "unknown"),
            "safety": dispute.safety,
            "others": others,
            "disputed": next(p.agency for p in dispute.parties.all() if p.side == Side.DISPUTED),
            "answers": next(iter(dispute.representatives.all()), None),
            "needed_at": dispute.needed_by_on and deadlines.needed_by_at(dispute.needed_by_on),
            "target_days": settings.TARGET_DAYS,
        },
    )


def raise_throw_away(request, key):
    """Throw a draft away, after asking."""
    draft = draft_of(request, key)
    if draft is None or draft.dispute:
        return redirect("raise_dispute")
    if request.method == "POST":
        draft.delete()
        messages.success(request, "What you had begun is thrown away.")
        return redirect("raise_dispute")
    adult_name = Raising(request.user, timezone.now(), draft.data).adult_name
    return render(request, "escalation/raise/throw_away.html", {"draft": draft, "adult_name": adult_name})


def draft_of(request, key):
    """The person's draft under this key, or None where nothing is kept yet; 404 where the key is another's."""
    draft = drafts.raising(request.user, key)
    if draft is None and drafts.is_anothers(request.user, key):
        raise Http404("No such draft.")
    return draft
