"""The Appendix B records of a dispute: sealed, as it stands, and blank (R22)."""

from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies import audit
from escalation import pdfs
from escalation.models import Stage
from escalation.permissions import Conflict
from escalation.stages import stage_name
from escalation.views.door import load

STAGES = Prefetch("stages", Stage.objects.select_related("record"))


@require_GET
def records(request, reference):
    """Each stage's record: when it was sealed, whether it is unchanged since, and which one to file."""
    dispute, _ = load(request, reference, timezone.now(), STAGES)
    stages = list(dispute.stages.all())
    sealed = [stage.record for stage in stages if hasattr(stage, "record")]
    context = {
        "dispute": dispute,
        "stages": stages,
        "to_file": sealed[-1] if sealed else None,
        "altered": [record for record in sealed if not record.is_intact],
        "digest_shown": pdfs.DIGEST_SHOWN,
        "here": "records",
    }
    return render(request, "escalation/records.html", context)


@require_GET
def record_pdf(request, reference, stage):
    """The record of a stage: sealed, or as it stands where the stage is under way; noted in the trail."""
    at = timezone.now()
    dispute, position = load(request, reference, at, STAGES)
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
    return attachment(pdf, f"{dispute.reference}-stage-{stage}{'' if record else '-not-sealed'}.pdf")


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
