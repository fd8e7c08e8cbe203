"""That records are filed on the adult's record in every agency: recorded, put right, and what is not yet (R16)."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from escalation import actions
from escalation.actions.filing import refuse_for_another, refuse_not_filed, refuse_nothing_to_file
from escalation.filing import SEALED, not_yet, sealed
from escalation.forms import filing as forms
from escalation.stages import stage_name
from escalation.views.asking import Page
from escalation.views.disputes import page_number

PAGE = 50


def file_record(request, reference, agency_id=None):
    """Record that one's own agency has filed a sealed record, or one where nobody has an account."""
    page = Page(request, reference, *SEALED)
    page.check("file_record", any_stage=True)
    agency = page.position.agency
    if agency_id is not None:
        agency = page.find([party.agency for party in page.position.parties.values()], agency_id)
    with page.keeping():
        refuse_for_another(page.position, agency)
        refuse_nothing_to_file(page.dispute, agency)
    if aside := page.ask(forms.FileRecord, agency):
        return aside
    if page.is_answered():
        stages = page.form.stages()
        page.act(actions.file_record, dispute=page.dispute, agency=agency, stages=stages, **page.form.given())
        return page.done(f"It is recorded that {agency} has filed the record of {of_stages(stages)}.")
    return page.show(
        title=f"Record that {agency} has filed the record",
        lede="" if agency == page.position.agency else f"Nobody at {agency} has an account, so you record it for them.",
    )


def of_stages(numbers):
    """'stage two', 'stage one and stage two'."""
    return " and ".join(stage_name(number) for number in sorted(numbers))


def correct_filing(request, reference, filing_id):
    """Put right what is recorded of a filing."""
    page = Page(request, reference, *SEALED)
    filings = {filing.pk: filing for record in sealed(page.dispute).values() for filing in record.filings.all()}
    if filing_id not in filings:
        raise Http404("Nothing of this dispute.")
    filing = filings[filing_id]
    page.check("file_record", any_stage=True)
    agency = page.position.parties[filing.agency_id].agency
    with page.keeping():
        refuse_for_another(page.position, agency)
        refuse_not_filed(filing)
    if aside := page.ask(forms.CorrectFiling, filing):
        return aside
    if page.is_answered():
        page.act(actions.correct_filing, filing=filing, **page.form.given())
        return page.done("The correction is recorded.")
    stage = stage_name(filing.record.stage.number)
    return page.show(title=f"Correct the filing of {stage} at {agency}", lede="What stood before is kept.")


@require_GET
def not_filed(request):
    """What is not yet filed: of disputes that have ended, or of those that go on."""
    at, user, page = timezone.now(), request.user, page_number(request)
    has_ended = request.GET.get("show") != "open"
    start = (page - 1) * PAGE
    found = list(not_yet(user, at, has_ended=has_ended)[start : start + PAGE + 1])
    chosen = {} if has_ended else {"show": "open"}
    context = {
        "rows": found[:PAGE],
        "has_ended": has_ended,
        "before": f"?{urlencode({**chosen, 'page': page - 1})}" if page > 1 else "",
        "after": f"?{urlencode({**chosen, 'page': page + 1})}" if len(found) > PAGE else "",
    }
    return render(request, "escalation/not_filed.html", context)
