"""The record of the Board Manager on one dispute: told of stage three, the Chair informed, involved (R27 to R29)."""

from agencies.models import Notice
from escalation.models import BoardActKind, DutyKind
from escalation.moments import moment

AFTER_EVENT = "after the event at three"  # of notices.TOLD


def rows(dispute, at):
    """What the Board Manager owes: (duty, when due, when done, how), as rows of a table."""
    if dispute.is_after_event:
        # There is nothing left to be involved in: told, and no more
        told = Notice.objects.filter(thread=dispute.pk, kind=AFTER_EVENT, on_behalf_of=None, mailbox="")
        yield "Told that it was entered after the event", "At once", notified(told.order_by("pk").first(), at), ""
        return
    acts = {act.kind: act for act in dispute.board_acts.all()}
    told = Notice.objects.filter(thread=dispute.pk, kind=DutyKind.INFORM_CHAIR, on_behalf_of=None, mailbox="")
    yield "Notified of stage three", "At once", notified(told.order_by("written_at", "pk").first(), at), ""
    yield "Independent Chair informed", "As soon as notified", *done(acts.get(BoardActKind.CHAIR_INFORMED), at)
    involved, how = done(acts.get(BoardActKind.INVOLVED), at)
    yield "Involved in the resolution", "When resolved", "Not yet due" if dispute.is_open else involved, how


def notified(notice, at):
    """When a notice was written, sent and opened."""
    if notice is None:
        return "Not yet"
    sent = "by email and here" if notice.sent_at else "here; the email has not left yet"
    if notice.refused_at:
        sent = "here; the email was refused"
    opened = f"Opened {moment(notice.read_at, at)}." if notice.read_at else "Not opened here yet."
    return begun(f"{moment(notice.written_at, at)}, {sent}. {opened}")


def done(act, at):
    """When and by whom an act of the Board Manager was done, and how."""
    return (begun(f"{moment(act.done_at, at)}, {act.who}."), act.how) if act else ("Not yet", "")


def begun(words):
    """The words with a capital, as a sentence begins."""
    return words[:1].upper() + words[1:]
