"""The brief report: read, edited and sealed; and as a PDF (R34)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies import audit
from escalation import pdfs
from escalation.permissions import Conflict, NotPermitted
from escalation.views.records import attachment, cannot
from panels import reports
from panels.actions import reporting as actions
from panels.forms.reporting import SealReport, WriteReport
from panels.permissions import too_late
from panels.views.asking import Page
from panels.views.door import load
from panels.views.showing import frame


def check_read(place):
    """Refuse the report before there is a decision, and its draft to anyone but the Chair and the Board Manager."""
    if not place.is_decided:
        raise Conflict(
            too_late(place.dispute) if place.dispute.ended_at else "The report is written when the panel has decided."
        )
    if not place.reads_report:
        raise NotPermitted("The panel’s report is being written. You can read it once it is sealed.")
    return reports.report_of(place.panel)


@require_GET
def report(request, panel_id):
    """The report as it stands, with its words that look like names while it is a draft."""
    at = timezone.now()
    panel, place = load(request, panel_id, at)
    kept = check_read(place)
    is_sealed = kept is not None and kept.sealed_at is not None
    data = kept.data if is_sealed else reports.contents(panel, at=at)
    context = {
        "report": kept,
        "data": data,
        "is_altered": is_sealed and not kept.is_intact,
        "digest": kept.digest[: reports.DIGEST_SHOWN] if is_sealed else "",
        "names": [] if is_sealed else reports.names_left({name: data[name] for name in reports.TEXTS}, panel.dispute),
        "may_write": not is_sealed and place.may("write_report"),
    }
    return render(request, "panels/report.html", {**frame(place, "panel_report"), **context})


def write_report(request, panel_id):
    """Edit the three texts of the report."""
    page = Page(request, panel_id)
    page.check("write_report")
    with page.keeping():
        actions.refuse_sealed(page.panel)
    if aside := page.ask(WriteReport, page.panel):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        page.act(actions.write_report, panel=page.panel, **given)
        words = reports.names_left(given, page.dispute)
        warned = [f"These words look like names: {', '.join(words)}. Nobody is named in the report."] if words else []
        return page.done("The report is saved. It is a draft until it is sealed.", *warned, to="panel_report")
    return page.show(title="Edit the report")


def seal_report(request, panel_id):
    """Seal the report as it stands."""
    page = Page(request, panel_id)
    page.check("seal_report")
    with page.keeping():
        actions.refuse_sealed(page.panel)
    if aside := page.ask(SealReport, page.panel):
        return aside
    if page.is_answered():
        page.act(actions.seal_report, panel=page.panel)
        return page.done("The report is sealed.", to="panel_report")
    texts = reports.texts_of(page.panel)
    return page.show(
        "seal_report",
        title="Seal the report",
        texts=texts,
        names=reports.names_left(texts, page.dispute),
        lede="Once it is sealed nothing is added to it, and everyone who sees the dispute can read it.",
    )


@require_GET
def report_pdf(request, panel_id):
    """The report as a PDF, sealed or marked a draft; noted in the trail."""
    at = timezone.now()
    panel, place = load(request, panel_id, at)
    kept = check_read(place)
    is_sealed = kept is not None and kept.sealed_at is not None
    try:
        pdf = reports.pdf(panel, at=at)
    except pdfs.CannotMakePdf:
        return cannot(request)
    except pdfs.Altered as altered:
        raise Conflict(
            "What is kept of this report does not match its seal, so it is not printed. Tell the people who look "
            "after Resolve."
        ) from altered
    downloaded("downloaded the panel’s report", place, is_sealed=is_sealed)
    return attachment(pdf, f"{panel.dispute.reference}-panel-report{'' if is_sealed else '-draft'}.pdf")


def downloaded(verb, place, **facts):
    """Note in the trail that somebody took a document of the panel."""
    audit.record(
        verb, place.panel, by=place.user, at=place.at, thread=place.dispute.pk, agency=place.position.agency,
        role=place.position.role, stage=place.dispute.stage, **facts,
    )  # fmt: skip
