"""The bundle: what the panel reads, on one page and as one PDF (R32, R44)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from escalation import pdfs
from escalation.views.records import attachment, cannot
from panels.bundle import contents
from panels.views.door import load
from panels.views.reporting import downloaded
from panels.views.showing import frame


@require_GET
def bundle(request, panel_id):
    """Records, views, evidence and representations, one under the other."""
    at = timezone.now()
    panel, place = load(request, panel_id, at)
    return render(request, "panels/bundle.html", {**frame(place, "panel_bundle"), "bundle": contents(panel, at=at)})


@require_GET
def bundle_pdf(request, panel_id):
    """The same as one PDF, with contents and numbered pages; noted in the trail."""
    at = timezone.now()
    panel, place = load(request, panel_id, at)
    try:
        pdf = pdfs.document("pdfs/bundle.html", bundle=contents(panel, at=at))
    except pdfs.CannotMakePdf:
        return cannot(request)
    downloaded("downloaded the bundle", place)
    return attachment(pdf, f"{panel.dispute.reference}-bundle.pdf")
