"""The brief report of a panel: drafted from what is recorded, printed from plain data (R34).

It goes to the Board, and is collated with others each year. So it names the reference, agencies and roles, and no
person: the adult's identity is not in it at all, and none has to be taken out later. What somebody wrote elsewhere is
carried over with the names in it left out; whoever edits the draft is shown the words that still look like names.
"""

import re

from django.conf import settings

from agencies.texts import clean_prose
from escalation import learning, named
from escalation.appendix_b.parts import iso
from escalation.models import LearningPoint, canonical, digest_of
from escalation.moments import day_full
from escalation.pdfs import Altered, document
from escalation.stages import StageNumber as Stage
from panels.bundle import REPRESENTATIONS
from panels.models import Acknowledgement, Attendance, RenderedDocument, Report, Sitting, SittingState

FORM = 1  # the shape of the data, for whoever prints it years later
DIGEST_SHOWN = 12
TITLES = r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sgt|Insp|PC|DC)\.?\s+)?"
TEXTS = ("issues", "decisions", "learning")


# The draft


def draft(panel):
    """The three texts as they are drafted: what was disagreed, what was decided and why, what was learned."""
    found = {"issues": issues(panel), "decisions": decisions(panel), "learning": learned(panel)}
    return {name: without_names(clean_prose(text), panel.dispute) for name, text in found.items()}


def issues(panel):
    """From the statements and the views (R9, R14)."""
    dispute = panel.dispute
    said = [
        f"The problem: {dispute.problem}",
        f"What was disagreed: {dispute.disagreement}",
        f"What was aimed at: {dispute.aim}",
    ]
    parties = dispute.parties.select_related("agency").order_by("added_at", "pk")
    views = (f"{each.agency} said: {each.view}" if each.view else f"{each.agency} gave no view." for each in parties)
    return "\n\n".join([*said, *views])


def decisions(panel):
    """From what the panel recorded (R15, R33)."""
    decision = panel.decision
    said = [
        f"Points of view: {decision.points_of_view}" if decision.points_of_view else "",
        f"Decision: {decision.decision}",
        f"Reasons: {decision.reasons}",
    ]
    return "\n\n".join(filter(None, said))


def learned(panel):
    """From the learning points of the dispute (R42)."""
    points = LearningPoint.objects.filter(dispute=panel.dispute).order_by("at", "pk")
    return "\n\n".join(point.text for point in points)


def without_names(text, dispute):
    """The text with "the adult" for the adult's name and "[name]" for anybody else's who took part."""
    words = learning.names_in(text, dispute)
    if not words:
        return text
    agencies = one_of(dispute.parties.values_list("agency__name", flat=True))
    any_word, adult = one_of(words), named.people(dispute.adult_name)
    pattern = re.compile(rf"\b(?P<agency>{agencies})\b|\b{TITLES}(?:{any_word})(?:[\s,-]+(?:{any_word}))*\b")

    def said(match):
        if match["agency"]:
            return match[0]
        if not named.names_in(match[0], adult):
            return "[name]"
        begins = re.search(r"(?:^|[.!?:]\s+|\n\s*|[“\"])$", text[: match.start()])
        return "The adult" if begins else "the adult"

    return pattern.sub(said, text)


def one_of(words):
    """A pattern for any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def names_left(texts, dispute):
    """The words of the texts that look like names of people."""
    return learning.names_in("\n".join(texts.values()), dispute)


# What is printed, and sealed


def texts_of(panel):
    """The three texts as somebody last saved them, else as they are drafted."""
    report = report_of(panel)
    return {name: getattr(report, name) for name in TEXTS} if report else draft(panel)


def report_of(panel):
    return Report.objects.filter(panel=panel).select_related("sealed_by").first()


def contents(panel, *, at):
    """The report of a panel that has decided, as plain data and without the name of anybody."""
    dispute, decision = panel.dispute, panel.decision
    reached = dispute.stages.filter(number=Stage.FOUR).values_list("began_at", flat=True).first()
    is_deputy = decision.signed_off_for_id is not None
    return {
        "form": FORM,
        "board": settings.BOARD_NAME,
        "reference": dispute.reference,
        "category": dispute.get_category_display(),
        "raised_at": iso(dispute.raised_at),
        "reached_at": iso(reached),
        "convened_at": iso(panel.convened_at),
        "decided_at": iso(decision.signed_off_at),
        "decided_by": "a deputy of the Independent Chair" if is_deputy else "the Independent Chair",
        "agencies": [
            {"agency": party.agency.name, "side": party.get_side_display()}
            for party in dispute.parties.select_related("agency").order_by("added_at", "pk")
        ],
        "sittings": sittings(panel),
        "representations": [representation(row) for row in REPRESENTATIONS.filter(panel=panel)],
        **texts_of(panel),
        "actions": [action(row, dispute) for row in decision.actions.select_related("agency")],
        "acknowledged": acknowledged(panel),
        "at": iso(at),
    }


def sittings(panel):
    """Each sitting, and by which agencies it was attended, in which role."""
    concerned = set(panel.dispute.parties.values_list("agency", flat=True))
    rows = Sitting.objects.filter(panel=panel).order_by("number").prefetch_related("attendance__agency")
    return [
        {
            "number": row.number,
            "starts_at": iso(row.starts_at),
            "state": row.get_state_display(),
            "attendance": [attended(each, concerned) for each in row.attendance.all()],
        }
        for row in rows
        if row.state in (SittingState.HELD, SittingState.ADJOURNED)
    ]


def attended(row: Attendance, concerned):
    return {
        "agency": row.agency.name,
        "role": row.job_title,
        "how": row.get_how_display(),
        "is_deputy": row.is_deputy,
        "is_concerned": row.agency_id in concerned,
    }


def representation(row):
    state = "Given" if row.given_at else "Declined" if row.declined_at else "Not given"
    return {"who": str(row), "of_referrer": row.is_of_referrer, "state": state, "is_late": row.is_late}


def action(row, dispute):
    return {
        "kind": row.kind,
        "body": row.get_body_display(),
        "agency": row.agency.name,
        "what": without_names(row.what, dispute),
        "due_on": iso(row.due_on),
        "done_on": iso(row.done_on),
    }


def acknowledged(panel):
    """Which agency concerned has acknowledged, when; "" where it has not yet."""
    said = dict(Acknowledgement.objects.filter(decision=panel.decision).values_list("agency", "at"))
    parties = panel.dispute.parties.select_related("agency").order_by("added_at", "pk")
    return [{"agency": party.agency.name, "at": iso(said.get(party.agency_id))} for party in parties]


def seal(report, panel, *, at):
    """Freeze a report: canonical JSON and its digest, in the transaction of the act."""
    report.content = canonical(contents(panel, at=at))
    report.digest = digest_of(report.content)
    report.sealed_at = at


def pdf(panel, *, at):
    """The report as a PDF: sealed, then always the same bytes; else as it stands, marked a draft and never kept."""
    report = report_of(panel)
    if report is None or report.sealed_at is None:
        return document("pdfs/panel_report.html", data=contents(panel, at=at))
    kept = RenderedDocument.objects.filter(report=report).first()
    if kept is None:
        if not report.is_intact:
            raise Altered
        drawn = document("pdfs/panel_report.html", **sealed(report))
        # Two who ask at once: the first one's stays
        rendered = [RenderedDocument(report=report, pdf=drawn, rendered_at=at)]
        RenderedDocument.objects.bulk_create(rendered, ignore_conflicts=True)
        kept = RenderedDocument.objects.get(report=report)
    return bytes(kept.pdf)


def sealed(report):
    """What the template takes of a sealed report."""
    return {
        "data": report.data,
        "digest": report.digest[:DIGEST_SHOWN],
        "sealed_at": iso(report.sealed_at),
        "sealed_on": day_full(report.sealed_at),
    }
