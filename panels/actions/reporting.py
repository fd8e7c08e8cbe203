"""The brief report: written by the Chair or the Board Manager, and sealed (R34)."""

from escalation import duties
from escalation.models import DutyKind
from escalation.moments import moment
from escalation.permissions import Conflict
from panels import reports
from panels.actions.door import action, begin, note
from panels.models import Report


@action
def write_report(*, panel, by, at, issues, decisions, learning=""):
    """Keep the texts of the report as they are edited; it stays a draft until it is sealed."""
    panel, place = begin("write_report", panel, by=by, at=at)
    refuse_sealed(panel)
    report = keep(panel, {"issues": issues, "decisions": decisions, "learning": learning}, at)
    note("wrote the report", panel, place.acting, at=at, subject=report, text=f"{issues}\n{decisions}\n{learning}")
    return report


@action
def seal_report(*, panel, by, at):
    """Seal the report as it stands, or as it was drafted where nobody edited it."""
    panel, place = begin("seal_report", panel, by=by, at=at)
    refuse_sealed(panel)
    report = keep(panel, reports.texts_of(panel), at)
    reports.seal(report, panel, at=at)
    report.sealed_by = by
    report.save()
    duties.done(panel.dispute, DutyKind.WRITE_REPORT, by=by, at=at)
    note("sealed the report", panel, place.acting, at=at, subject=report, text=report.content)
    return report


def keep(panel, texts, at):
    """The report of the panel with these texts."""
    report = Report.objects.filter(panel=panel).first() or Report(panel=panel, drafted_at=at)
    for name, text in texts.items():
        setattr(report, name, text)
    report.save()
    return report


def refuse_sealed(panel):
    """Refuse to change what is sealed."""
    sealed_at = Report.objects.filter(panel=panel).values_list("sealed_at", flat=True).first()
    if sealed_at:
        raise Conflict(f"The report was sealed on {moment(sealed_at)}. Nothing is added to it any more.")
