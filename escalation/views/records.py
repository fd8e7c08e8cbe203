"""The Appendix B records of a dispute: sealed, as it stands, blank; filed where; and all to file at once (R16, R22).

And the report to the next manager, which is made of the same (R17).
"""

from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies import audit
from escalation import actions, filing, handover, pdfs
from escalation import pack as packing
from escalation.case import Case
from escalation.models import Filing, Stage
from escalation.permissions import Conflict
from escalation.stages import Who, stage_name
from escalation.views.door import load, load_whole

STAGES = Prefetch("stages", Stage.objects.select_related("record"))
FILINGS = Prefetch("stages__record__filings", Filing.objects.select_related("filed_by", "sent_by"))


@require_GET
def records(request, reference):
    """Each stage's record: when it was sealed, whether it is unchanged since, which one to file, and where it is."""
    at = timezone.now()
    dispute, position = load(request, reference, at, "participants", STAGES, FILINGS)
    stages = list(dispute.stages.all())
    sealed = list(filing.sealed(dispute).values())
    acting = position.for_(Who.PARTY)
    context = {
        "dispute": dispute,
        "stages": stages,
        "to_file": sealed[-1] if sealed else None,
        "sealed": sealed,
        "agencies": filing.rows(dispute, position, acting and acting.agency_id) if sealed else [],
        "altered": [record for record in sealed if not record.is_intact],
        "digest_shown": pdfs.DIGEST_SHOWN,
        "here": "records",
    }
    return render(request, "escalation/records.html", context)


@require_GET
def record_pdf(request, reference, stage):
    """The record of a stage: sealed, or as it stands where the stage is under way; noted in the trail."""
    at = timezone.now()
    dispute, position = load(request, reference, at, "participants", STAGES)
    row = next((row for row in dispute.stages.all() if row.number == stage), None)
    if row is None:
        raise Http404("The dispute has not reached this stage.")
    record = getattr(row, "record", None)
    try:
        pdf = pdfs.sealed(record, at=at) if record else pdfs.as_it_stands(dispute, row, at=at)
    except pdfs.CannotMakePdf:
        return cannot(request)
    except pdfs.Altered as altered:
        raise Conflict(
            f"What is kept of {stage_name(stage)} does not match its seal, so it is not printed. "
            "Tell the people who look after Resolve."
        ) from altered
    audit.record(
        "downloaded the record",
        row,
        by=request.user,
        at=at,
        thread=dispute.pk,
        agency=position.agency,
        role=position.role,
        stage=stage,
        is_sealed=record is not None,
    )
    if record:
        note_sent(request.user, position, [record], at)
    return attachment(pdf, f"{dispute.reference}-stage-{stage}{'' if record else '-not-sealed'}.pdf")


def note_sent(user, position, records, at):
    """Note that the agency of whoever downloads a sealed record has it now."""
    acting = position.for_(Who.PARTY)
    if acting:
        actions.receive_records(by=user, at=at, agency=acting.agency, records=records)


@require_GET
def pack(request, reference):
    """Everything to file in one archive: the sealed records, the evidence that may be opened, digests, an index."""
    at = timezone.now()
    dispute, position = load(request, reference, at, "participants", STAGES)
    records = filing.sealed(dispute)
    if not records:
        raise Conflict("There is nothing to file yet: a record is sealed when its stage ends.")
    try:
        made = packing.Pack(dispute, records, at=at)
    except pdfs.CannotMakePdf:
        return cannot(request)
    except packing.CannotPack as cannot_pack:
        raise Conflict(str(cannot_pack)) from cannot_pack
    whose = {"by": request.user, "at": at, "thread": dispute.pk, "agency": position.agency, "role": position.role}
    audit.record("downloaded the pack", dispute, **whose, stage=dispute.stage, records=list(records))
    audit.record_each("downloaded evidence", made.released, **whose)
    note_sent(request.user, position, records.values(), at)
    name = f"{dispute.reference}-pack.zip"
    return FileResponse(made.file, as_attachment=True, filename=name, content_type="application/zip")


@require_GET
def handover_pdf(request, reference):
    """The report to the next manager, as the dispute stands now, to be read in two minutes (R17)."""
    at = timezone.now()
    dispute, position, _ = load_whole(request, reference, at)
    try:
        pdf = pdfs.document("pdfs/handover.html", report=handover.report(Case(dispute, position, at)))
    except pdfs.CannotMakePdf:
        return cannot(request)
    audit.record(
        "downloaded the report",
        dispute,
        by=request.user,
        at=at,
        thread=dispute.pk,
        agency=position.agency,
        role=position.role,
        stage=dispute.stage,
    )
    return attachment(pdf, f"{dispute.reference}-report.pdf")


@require_GET
def blank_record(request, reference=None):
    """The empty form, for whoever works on paper."""
    if reference:
        load(request, reference, timezone.now())
    try:
        return attachment(pdfs.blank(), "appendix-b-blank.pdf")
    except pdfs.CannotMakePdf:
        return cannot(request)


def attachment(pdf, name):
    """A PDF to be saved, under a name that tells nobody's."""
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def cannot(request):
    return render(request, "escalation/no_pdfs.html", status=503)
