"""The annual submission to the Board: what it holds, as plain data, and how it is sealed and printed (R34, R42).

It names agencies, references and categories, and no person. What is submitted is frozen, in both versions: the Board's,
confidential and with all figures, and the one for publication. Before that it is worked out anew each time.
"""

import datetime as dt
import json

from django.conf import settings
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from escalation import figures, learning, pdfs, periods
from escalation.appendix_b.parts import iso
from escalation.figures import EVERYTHING
from escalation.models import Category, canonical, digest_of
from escalation.moments import london_date
from escalation.stages import Outcome, StageNumber
from panels.following import late_actions
from panels.models import AnnualSubmission, PanelAction, PanelDecision, RenderedDocument
from panels.publication import published_year

FORM = 1  # the shape of the data, for whoever prints it years later
BANDS = ((0, 1), (2, 3), (4, 7), (8, 14), (15, 28), (29, None))
NO_CATEGORY = "Not given"
MOST_LEARNED = 200
FIRST_YEAR = 2000


def submission_of(year):
    """The submission of a year; one not yet saved where nobody has edited it."""
    return AnnualSubmission.objects.select_related("submitted_by", "submitted_for").filter(year=year).first() or (
        AnnualSubmission(year=year)
    )


def kept(submission):
    """The same, saved, so that the trail has something to name."""
    return submission if submission.pk else AnnualSubmission.objects.get_or_create(year=submission.year)[0]


def writer(user, at):
    """As whom the person writes and submits: the Board Manager, or one they stand in for; None for anybody else."""
    return next((each for each in (user, *user.covered(at)) if each.standing.is_board_manager), None)


def may_read(user, at):
    """The Board Manager, the Chair, and who stands in for them."""
    return bool(learning.readers(user, at))


# The figures of a year


def figures_of_years(years, agencies, at):
    """The figures of each of the years as plain data, in two statements."""
    spans = [until_now(periods.board_year(year), at) for year in years]
    ended, raised = figures.ended(EVERYTHING, *spans), figures.raised(EVERYTHING, *spans)
    return [figures_of(span, *each, agencies, at) for span, *each in zip(spans, ended, raised, strict=True)]


def until_now(year, at):
    """A year under way as far as it has come; one that is over whole."""
    if at not in year:
        return year
    return periods.Period(year.key, year.start, max(at, year.start + dt.timedelta(microseconds=1)), year.words)


def figures_of(span, ended, raised, agencies, at):
    """The figures of one year."""
    times, by_agency, with_agency = ended.times, raised.by_agency, raised.with_agency
    known = [agency for agency in agencies if agency.is_active or {agency.pk} & (by_agency.keys() | with_agency.keys())]
    names = {agency.pk: agency.name for agency in agencies}
    return {
        "year": int(span.key),
        "words": span.words,
        "is_under_way": at in periods.board_year(int(span.key)),
        "raised": raised.number,
        "ended": ended.number,
        "within": ended.within,
        "panels": ended.by_outcome.get(Outcome.DECIDED, 0),
        "median": times.median,
        "ninetieth": times.ninetieth,
        "categories": [
            *([category.label, raised.by_category.get(category.value, 0)] for category in Category),
            [NO_CATEGORY, raised.by_category.get("", 0)],
        ],
        "agencies": [
            {"name": agency.name, "raised": by_agency.get(agency.pk, 0), "with": with_agency.get(agency.pk, 0)}
            for agency in known
        ],
        "pairs": sorted(
            ([names[one], names[other], number] for (one, other), number in raised.by_pair.items()),
            key=lambda pair: (-pair[2], pair),
        ),
        "stages": [stage_of(stage, ended) for stage in StageNumber],
        # What panels decided stands last
        "outcomes": [
            [outcome.label, ended.by_outcome.get(outcome.value, 0)]
            for outcome in sorted(Outcome, key=lambda outcome: outcome == Outcome.DECIDED)
        ],
        "months": [
            [iso(month), ended.by_month.get(month, 0), ended.within_by_month.get(month, 0)] for month in span.months
        ],
        "bands": [[band_words(*band), times.between(*band)] for band in BANDS],
    }


def stage_of(stage, ended):
    times = ended.times_by_stage.get(stage.value, figures.Times())
    return {
        "name": f"Stage {stage.label}",
        "number": ended.by_stage.get(stage.value, 0),
        "median": times.median,
        "ninetieth": times.ninetieth,
    }


def band_words(first, last):
    """'4 to 7 days', '29 days or more', 'The same or the next day'."""
    if first == 0:
        return "The same day or the next"
    return f"{first} days or more" if last is None else f"{first} to {last} days"


# What the Board is given


def contents(submission, *, at):
    """The Board's version, as plain data: the year, the year before, the panels' reports, what was learned."""
    year = periods.board_year(submission.year)
    agencies = figures.agencies()
    this, before = figures_of_years([submission.year, submission.year - 1], agencies, at)
    now = min(at, year.end)
    this["open"], before["open"] = figures.open_on(EVERYTHING, now, year.start)
    reports, waiting = reports_of(year)
    this["actions"] = [sum(each["actions"] for each in reports), sum(each["done"] for each in reports)]
    return {
        "form": FORM,
        "board": settings.BOARD_NAME,
        "version": "board",
        "year": submission.year,
        "words": year.words,
        "at": iso(at),
        "this": this,
        "before": before,
        "reports": reports,
        "unsealed": waiting,
        "learning": [
            {"text": point.text, "quarter": point.quarter, "category": point.category}
            for point in learning.points(year.start, year.end)[:MOST_LEARNED]
        ],
        "late": late(at),
        "not_filed": figures.not_filed(EVERYTHING, year),
        "commentary": submission.commentary,
    }


def unsealed(year):
    """The references of the disputes whose panel decided in a year, and whose report is not sealed yet."""
    _, waiting = reports_of(periods.board_year(year))
    return [each["reference"] for each in waiting]


def reports_of(year):
    """The sealed reports of the panels that decided in a year, and the references of those not yet sealed (R34)."""
    sealed, waiting = [], []
    for row in _reports(EVERYTHING, year.start, year.end):
        if row.sealed_at is None:
            waiting.append({"reference": row.reference, "panel": row.panel_id})
            continue
        data = json.loads(row.content)
        sealed.append(
            {
                "reference": data["reference"],
                "category": data["category"],
                "agencies": [each["agency"] for each in data["agencies"]],
                "decided_at": data["decided_at"],
                "issues": data["issues"],
                "decisions": data["decisions"],
                "learning": data["learning"],
                "actions": row.actions_all,
                "done": row.actions_done,
                "digest": row.digest,
            }
        )
    return sealed, waiting


@figures.worded
def _reports(scope, start, end):
    """What is told of the reports: whole disputes and decisions hold long texts besides."""
    decisions = PanelDecision.objects.filter(signed_off_at__gte=start, signed_off_at__lt=end)
    actions = PanelAction.objects.filter(decision=OuterRef("pk")).order_by()
    return (
        decisions.order_by("signed_off_at", "pk")
        .annotate(
            reference=F("panel__dispute__reference"),
            sealed_at=F("panel__report__sealed_at"),
            content=F("panel__report__content"),
            digest=F("panel__report__digest"),
            actions_all=_number(actions),
            actions_done=_number(actions.filter(done_on__isnull=False)),
        )
        .values_list(
            "panel_id", "reference", "sealed_at", "content", "digest", "actions_all", "actions_done", named=True
        )
    )


def _number(rows):
    """How many of the rows there are, as a subquery."""
    number = rows.annotate(all=Value(1)).values("all").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(number), 0)


def late(at):
    """The actions of panels whose date has passed: for which agency, of which dispute, since when (R33)."""
    today = london_date(at)
    return [
        {"agency": agency, "reference": reference, "due_on": iso(due_on), "days": (today - due_on).days}
        for agency, reference, due_on in _late(EVERYTHING, today)
    ]


@figures.worded
def _late(scope, today):
    late = late_actions(today).select_related(None)
    return late.values_list("agency__name", "decision__panel__dispute__reference", "due_on")


def publication_of(data, submission):
    """The version for publication, from the Board's; the year before as it was published, if it was."""
    return {
        "form": FORM,
        "board": data["board"],
        "version": "published",
        "year": data["year"],
        "words": data["words"],
        "at": data["at"],
        "this": published_year(data["this"]),
        "before": published_before(submission.year) or published_year(data["before"]),
        "commentary": submission.public_commentary,
    }


def published_before(year):
    """The figures of the year before as they were published; None where they were not."""
    row = AnnualSubmission.objects.filter(year=year - 1).exclude(published="").values_list("published", flat=True)
    published = row.first()
    return json.loads(published)["this"] if published else None


def for_board(submission, *, at):
    """The Board's version as plain data: sealed, or worked out as it stands."""
    return json.loads(submission.content) if submission.is_submitted else contents(submission, at=at)


def for_everybody(submission, *, at):
    """The version for publication likewise."""
    if submission.is_submitted:
        return json.loads(submission.published)
    return publication_of(contents(submission, at=at), submission)


# Sealing and printing


def seal(submission, *, at):
    """Freeze both versions: canonical JSON and its digest, in the transaction of the act."""
    board = contents(submission, at=at)
    submission.content, submission.published = canonical(board), canonical(publication_of(board, submission))
    submission.digest, submission.published_digest = digest_of(submission.content), digest_of(submission.published)


def is_over(year, at):
    return at >= periods.board_year(year).end


def first_day_after(year):
    return periods.long(periods.first_day(year + 1))


def years(at):
    """The years for which there is something to show, the newest first: from the first dispute to the one under way."""
    first = figures.first_raised_at()
    earliest = periods.year_of(first) if first else periods.year_of(at)
    return list(range(periods.year_of(at), max(earliest, FIRST_YEAR) - 1, -1))


def is_known(year, at):
    """Whether there can be a submission of this year: it has begun, and there is anything to count in it."""
    return year in years(at)


def kept_pdf(submission, published, at, draw):
    """The PDF of a submitted version: drawn once, then always the same bytes."""
    kept = RenderedDocument.objects.filter(submission=submission, is_published_version=published)
    document = kept.first()
    if document is None:
        if not submission.is_intact:
            raise pdfs.Altered
        made = RenderedDocument(
            submission=submission, is_published_version=published, pdf=draw(), rendered_at=at
        )  # fmt: skip
        # Two who ask at once: the first one's stays
        RenderedDocument.objects.bulk_create([made], ignore_conflicts=True)
        document = kept.get()
    return bytes(document.pdf)
