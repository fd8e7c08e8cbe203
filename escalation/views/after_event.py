"""Entering a dispute that was worked through on paper: what the paper says, then the paper record itself."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from agencies.models import Role
from escalation import actions, drafts, files
from escalation.actions.after_event import NOT_YOURS
from escalation.files import takes_files
from escalation.forms.after_event import AfterEvent, PaperRecord
from escalation.permissions import NotPermitted
from escalation.stages import StageNumber

FORM = "after_event"  # of the draft, and the name of the first page


class Entered(Exception):
    """The dispute has been entered by a click before."""


def refuse_outsiders(user):
    """Refuse whoever is manager or lead of no agency."""
    if not user.standing.agencies_as(Role.MANAGER, Role.LEAD):
        raise NotPermitted(NOT_YOURS)


def after_event(request):
    """What the paper says; kept as a draft until the dispute is entered."""
    at, user = timezone.now(), request.user
    refuse_outsiders(user)
    draft = drafts.of(user, FORM).order_by("-saved_at").first()
    if request.method == "POST":
        if "discard" in request.POST:
            drafts.drop(user, FORM)
            messages.success(request, "What you had typed is thrown away.")
            return redirect("after_event")
        form = AfterEvent(request.POST, at=at, person=user)
        drafts.keep(user, FORM, at, drafts.typed_in(request.POST))
        if "later" in request.POST:
            messages.success(request, "What you typed is kept. Only you can see it.")
            return redirect("disputes")
        if form.is_valid():
            return redirect("after_event_check")
    else:
        form = AfterEvent(as_typed=draft.data if draft else None, at=at, person=user)
    context = {"form": form, "draft": draft, "back": reverse("disputes"), "title": "Enter a dispute after the event"}
    return render(request, "escalation/after_event/page.html", context)


@takes_files
def after_event_check(request):
    """Everything to look over, and the paper record to attach; then it is entered, once."""
    at, user = timezone.now(), request.user
    refuse_outsiders(user)
    kept = drafts.kept(user, FORM)
    told = AfterEvent(MultiValueDict(kept), at=at, person=user)
    if not kept or not told.is_valid():
        return redirect("after_event")
    form = PaperRecord(at=at)
    if request.method == "POST":
        form = PaperRecord(request.POST, request.FILES, at=at)
        if form.is_valid():
            return enter(request, told, form, at)
    return show_check(request, told, form)


def show_check(request, told, form):
    context = {
        "form": form,
        "title": "Check, and attach the paper record",
        "rows": told.summary(),
        "adult_name": told.cleaned_data["adult_name"],
        "reaches_board": told.number >= StageNumber.THREE,
        "back": reverse("after_event"),
        "is_ready": files.is_ready(),
    }
    return render(request, "escalation/after_event/check.html", context)


def enter(request, told, form, at):
    """Keep the files, enter the dispute, forget the draft."""
    given = form.cleaned_data
    try:
        with files.keeping(given["paper"]) as papers, transaction.atomic():
            # A second click waits here, and finds the draft gone
            if not drafts.of(request.user, FORM).select_for_update():
                raise Entered
            dispute = actions.enter_after_event(
                by=request.user, at=at, files=papers, kept_where=given["kept_where"], **told.arguments()
            )
            drafts.drop(request.user, FORM)
    except Entered:
        return redirect("disputes")
    except files.CannotKeep as error:
        form.add_error("paper", str(error))
        return show_check(request, told, form)
    messages.success(request, "The dispute is entered. The other agencies’ safeguarding contacts are told.")
    return redirect("dispute", reference=dispute.reference)
