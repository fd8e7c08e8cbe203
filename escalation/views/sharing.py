"""Pages of what was learned, and of what is shared with commissioning (R36, R42)."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies import audit
from escalation import actions, learning, passages, pdfs, periods
from escalation.forms import sharing
from escalation.forms.acts import mark_of
from escalation.permissions import Conflict, NotPermitted
from escalation.views.asking import Page
from escalation.views.door import load
from escalation.views.records import attachment, cannot


def record_learning(request, reference):
    """Record one point of what was learned; words that look like names are asked about first, and may stay."""
    page = Page(request, reference)
    page.check("record_learning", any_stage=True)
    with page.keeping():
        actions.sharing.refuse_before_the_end(page.dispute)
    if aside := page.ask(sharing.RecordLearning):
        return aside
    names = []
    if page.is_answered():
        names = page.form.names()
        if not names:
            page.act(actions.record_learning, dispute=page.dispute, text=page.form.cleaned_data["text"])
            return page.done("It is recorded what was learned. The Board reads it without names.")
        page.keep()
        page.form.later = ""  # besides "Keep it as it is" it would be one "keep" too many
    return page.show("learning", title="What was learned", names=names, keep=mark_of(names))


def share_passages(request, reference):
    """Choose passages and say why; look them over; then they are shared as they stand."""
    page = Page(request, reference)
    page.check("share_passages", any_stage=True)
    if aside := page.ask(sharing.SharePassages):
        return aside
    if page.is_answered():
        given = page.form.given()
        found = passages.chosen(page.dispute, given["chosen"])
        seen, confirmed = passages.mark(found), request.POST.get("confirmed", "")
        if confirmed == seen:
            shared = page.act(actions.share_passages, dispute=page.dispute, seen=seen, **given)
            return page.done(f"Shared with {shared.shared_with}. The note stands under “Shared with commissioning”.")
        page.keep()
        return page.show(
            "share_check",
            title="Check what you share",
            shared=passages.contents(page.dispute, page.position, found, at=page.at, **without(given, "chosen")),
            seen=seen,
            has_changed=bool(confirmed),
            names=learning.names_in("\n".join(passage.text for passage in found), page.dispute),
        )
    return page.show("share", title="Share passages with commissioning")


def without(given, name):
    return {key: value for key, value in given.items() if key != name}


def note_of(request, reference, note_id, at):
    """The dispute, the person's position, and the note of what was shared; else 404."""
    dispute, position = load(request, reference, at)
    note = dispute.commissioning_notes.filter(pk=note_id).first() if note_id < 2**63 else None
    if note is None:
        raise Http404("No such note.")
    if not passages.is_intact(note):
        raise Conflict(
            "What is kept of this note does not match its digest, so it is not shown. Tell the people who look after "
            "Resolve."
        )
    return dispute, position, note


@require_GET
def commissioning_note(request, reference, note_id):
    """What was shared with commissioning, as it was frozen: a note by itself, for whoever is concerned."""
    dispute, _, note = note_of(request, reference, note_id, timezone.now())
    shared = passages.read(note)
    context = {
        "dispute": dispute,
        "note": note,
        "shared": shared,
        "digest": note.digest[: pdfs.DIGEST_SHOWN],
        "here": "commissioning",
    }
    return render(request, "escalation/commissioning_note.html", context)


@require_GET
def commissioning_pdf(request, reference, note_id):
    """The same as a PDF; that it was taken is noted in the trail."""
    at = timezone.now()
    dispute, position, note = note_of(request, reference, note_id, at)
    try:
        pdf = pdfs.document(
            "pdfs/commissioning.html", shared=passages.read(note), digest=note.digest[: pdfs.DIGEST_SHOWN]
        )
    except pdfs.CannotMakePdf:
        return cannot(request)
    audit.record(
        "downloaded what was shared",
        note,
        by=request.user,
        at=at,
        thread=dispute.pk,
        agency=position.agency,
        role=position.role,
    )
    return attachment(pdf, f"{dispute.reference}-commissioning-{note.pk}.pdf")


@require_GET
def learning_points(request):
    """What was learned, a year of the Board at a time: for the Board Manager, the Chair, and who stands in for them."""
    at = timezone.now()
    readers = learning.readers(request.user, at)
    if not readers:
        raise NotPermitted("What was learned is gathered for the Board Manager and the Independent Chair.")
    years = learning.years() or [periods.year_of(at)]
    asked = request.GET.get("year", "")
    shown = next((year for year in years if str(year) == asked), years[0])
    period = periods.board_year(shown)
    found = learning.seen_by(readers, at, period.start, period.end)
    context = {
        "quarters": learning.by_quarter(found),
        "number": len(found),
        "period": period,
        "years": [(year, periods.board_year(year).words, year == shown) for year in years],
    }
    return render(request, "escalation/learning.html", context)
