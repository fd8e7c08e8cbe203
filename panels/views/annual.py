"""The annual submission to the Board: the years, one year in both versions, its commentary, its submission (R34)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies import audit
from agencies.models import Role
from escalation import pdfs, periods
from escalation.appendix_b.parts import iso
from escalation.permissions import Conflict, NotPermitted
from escalation.views.records import attachment, cannot
from panels import annual, annual_charts, publication
from panels.actions.annual import REFUSAL, refuse_submitted, refuse_unsealed, submit_annual, write_commentary
from panels.forms.annual import Commentary
from panels.models import AnnualSubmission

ALTERED = "What is kept of this submission does not match its seal, so it is not shown. Tell who looks after Resolve."


def load(request, year, at):
    """The submission of a year, for the Board Manager, the Chair and who stands in for them; else 404."""
    if not annual.may_read(request.user, at) or not annual.is_known(year, at):
        raise Http404("No such year.")
    submission = annual.submission_of(year)
    if submission.is_submitted and not submission.is_intact:
        raise Conflict(ALTERED)
    return submission


def write(request, year, at):
    """The same, for whoever may change it: others who may read it are refused."""
    submission = load(request, year, at)
    if annual.writer(request.user, at) is None:
        raise NotPermitted(REFUSAL)
    return submission


@require_GET
def years(request):
    """The years of the Board, the newest first, each with where it stands."""
    at = timezone.now()
    if not annual.may_read(request.user, at):
        raise Http404("No such page.")
    submissions = AnnualSubmission.objects.in_bulk(field_name="year")
    rows = [
        {"period": periods.board_year(year), "submission": submissions.get(year), "is_over": annual.is_over(year, at)}
        for year in annual.years(at)
    ]
    return render(request, "panels/annual/years.html", {"rows": rows, "at": at})


@require_GET
def year(request, year):
    """One year as the Board gets it."""
    at = timezone.now()
    submission = load(request, year, at)
    context = {**frame(request, submission, at), **shown(annual.for_board(submission, at=at))}
    return render(request, "panels/annual/year.html", context)


@require_GET
def published(request, year):
    """One year as it is published: the same figures, small numbers held back."""
    at = timezone.now()
    submission = load(request, year, at)
    context = {**frame(request, submission, at), **published_shown(annual.for_everybody(submission, at=at))}
    return render(request, "panels/annual/published.html", context)


def frame(request, submission, at):
    """Where the submission stands, and what may be done with it."""
    is_over = annual.is_over(submission.year, at)
    may_write = annual.writer(request.user, at) is not None and not submission.is_submitted
    return {"submission": submission, "is_over": is_over, "may_write": may_write, "at": at}


def shown(data):
    """What the Board's version shows, from its plain data."""
    return {
        "data": data,
        "headlines": annual_charts.headlines(data),
        "charts": annual_charts.of_board(data),
        "tables": [
            annual_charts.beside(data),
            annual_charts.stage_times(data),
            annual_charts.categories(data),
            annual_charts.agencies(data),
        ],
        "pairs": annual_charts.pairs(data),
        "raised_none": annual_charts.raised_none(data),
    }


def published_shown(data):
    return {
        "data": data,
        "short": annual_charts.published_short(data),
        "charts": annual_charts.of_publication(data),
        "tables": list(annual_charts.published_tables(data)),
        "fewest": publication.FEWEST,
    }


@require_http_methods(["GET", "POST"])
def edit(request, year):
    """What the Board Manager says about the year, in both versions."""
    at = timezone.now()
    submission = write(request, year, at)
    refuse_submitted(submission)
    standing = {"commentary": submission.commentary, "public_commentary": submission.public_commentary}
    form = Commentary(request.POST or None, at=at, initial=standing)
    if request.method == "POST" and form.is_valid():
        write_commentary(year=year, by=request.user, at=at, **form.cleaned_data)
        messages.success(request, "The commentary is saved. Nothing is submitted yet.")
        return redirect("annual_year", year=year)
    return render(request, "panels/annual/edit.html", {"form": form, "year": year, "title": "Commentary"})


@require_http_methods(["GET", "POST"])
def submit(request, year):
    """Check both versions, then submit: the date is recorded, and nothing changes any more."""
    at = timezone.now()
    submission = write(request, year, at)
    if request.method == "POST":
        submit_annual(year=year, by=request.user, at=at)
        messages.success(request, "The year is submitted to the Board, and sealed.")
        return redirect("annual_year", year=year)
    refuse_submitted(submission)
    refuse_unsealed(annual.unsealed(year))
    return render(request, "panels/annual/submit.html", {**frame(request, submission, at), "year": year})


@require_GET
def year_pdf(request, year):
    """The Board's version as a PDF: sealed, or marked as a draft."""
    return pdf(request, year, is_published=False)


@require_GET
def published_pdf(request, year):
    """The version for publication as a PDF: sealed, or marked as a draft."""
    return pdf(request, year, is_published=True)


def pdf(request, year, *, is_published):
    """One version as a PDF; noted in the trail."""
    at = timezone.now()
    submission = load(request, year, at)

    def draw():
        if is_published:
            context = published_shown(annual.for_everybody(submission, at=at))
        else:
            context = shown(annual.for_board(submission, at=at))
        digest = submission.published_digest if is_published else submission.digest
        return pdfs.document(
            "pdfs/annual.html",
            **context,
            is_published=is_published,
            in_print=True,
            digest=digest[: pdfs.DIGEST_SHOWN],
            submitted_at=iso(submission.submitted_at),
        )

    try:
        made = annual.kept_pdf(submission, is_published, at, draw) if submission.is_submitted else draw()
    except pdfs.CannotMakePdf:
        return cannot(request)
    except pdfs.Altered as altered:
        raise Conflict(ALTERED) from altered
    audit.record(
        "downloaded the annual submission",
        annual.kept(submission),
        by=request.user,
        at=at,
        role=Role.BOARD_MANAGER if annual.writer(request.user, at) else Role.CHAIR,
        is_published=is_published,
        is_sealed=submission.is_submitted,
    )
    version = "published" if is_published else "board"
    return attachment(made, f"annual-{year}-{version}{'' if submission.is_submitted else '-draft'}.pdf")
