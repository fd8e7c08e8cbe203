"""Evidence of a dispute: the list, adding to it, taking back, and the way out for a file (R12, R20)."""

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies import audit
from escalation import actions
from escalation.files import Missing, takes_files
from escalation.forms.evidence import NOT_SCANNED, AddEvidence, RemoveEvidence
from escalation.models import Evidence, FileState, StoredFile
from escalation.moments import on_moment
from escalation.offers import made
from escalation.permissions import Conflict
from escalation.views.asking import Page
from escalation.views.door import load
from escalation.views.downloads import attachment
from escalation.views.sending import FilesPage

EVIDENCE = Prefetch(
    "evidence",
    Evidence.objects.select_related("agency", "by", "removed_by").prefetch_related("files"),
)


@require_safe
def evidence(request, reference):
    """Every item of a dispute, in the order it was added, with its files."""
    at = timezone.now()
    dispute, position = load(request, reference, at, "participants", EVIDENCE)
    positions = (position, *position.as_deputy)
    own = {each.agency_id for each in positions if each.agency_id}
    context = {
        "dispute": dispute,
        "position": position,
        "items": [(item, item.agency_id in own and not item.removed_at) for item in dispute.evidence.all()],
        "add": next((offer for each in positions for offer in made("add_evidence", each, at)), None),
        "not_scanned": "" if settings.CLAMD_URL else NOT_SCANNED,
        "here": "evidence",
    }
    return render(request, "escalation/evidence.html", context)


@takes_files
def add_evidence(request, reference):
    """Add an item, with files or without."""
    page = FilesPage(request, reference)
    page.check("add_evidence")
    if aside := page.ask(AddEvidence):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        page.act(actions.add_evidence, dispute=page.dispute, seen_stage=page.seen_stage, **given)
        page.say("The evidence is saved.", *page.warnings())
        return redirect("evidence", reference=page.dispute.reference)
    return page.show(title="Add late evidence" if page.dispute.ended_at else "Add evidence")


def remove_evidence(request, reference, evidence_id):
    """Take an item back, with the reason."""
    page = Page(request, reference, EVIDENCE)
    item = page.find(page.dispute.evidence.all(), evidence_id)
    page.check("remove_evidence", item, any_stage=True)
    if item.removed_at:
        raise Conflict(f"This evidence was removed {on_moment(item.removed_at, page.at)} already.")
    if aside := page.ask(RemoveEvidence, item):
        return aside
    if page.is_answered():
        page.act(actions.remove_evidence, evidence=item, **page.form.cleaned_data)
        page.say("The evidence is removed. It stays listed, with your reason.")
        return redirect("evidence", reference=page.dispute.reference)
    return page.show("remove_evidence", title="Remove evidence", item=item, danger=True)


@require_safe
def evidence_file(request, reference, file_id):
    """A file of the evidence, to be saved; noted in the trail."""
    at = timezone.now()
    dispute, position = load(request, reference, at)
    files = StoredFile.objects.select_related("evidence__removed_by")
    file = files.filter(pk=file_id, dispute=dispute, evidence__isnull=False).first() if file_id < 2**63 else None
    if file is None:
        raise Http404("No such file.")
    refuse_removed(file.evidence, at)
    return give(request, dispute, position, file, at, "downloaded evidence")


def refuse_removed(item, at):
    if item.removed_at:
        raise Conflict(
            f"This evidence was removed {on_moment(item.removed_at, at)} by {item.removed_by}, so its files can no "
            "longer be downloaded. The reason stands on the evidence page."
        )


def give(request, dispute, position, file, at, verb):
    """The answer that holds a file of a dispute, where it may be opened; who took it is noted in the trail."""
    match file.state:
        case FileState.CHECKING:
            raise Conflict("This file is still being checked for viruses. Try again in some minutes.")
        case FileState.REFUSED:
            raise Conflict("A virus was found in this file. It was removed, and nobody can download it.")
    try:
        answer = attachment(file)
    except Missing as missing:
        raise Conflict(
            "This file cannot be read at present, so it is not given out. Tell the people who look after Resolve."
        ) from missing
    if request.method == "GET":
        audit.record(
            verb, file, by=request.user, at=at, thread=dispute.pk, agency=position.agency, role=position.role,
            stage=dispute.stage,
        )  # fmt: skip
    return answer
