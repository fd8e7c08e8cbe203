"""What happens next with a panel, in one sentence: what this person is waited for, else whom everybody waits for."""

from dataclasses import dataclass

from django.urls import reverse

from escalation.moments import london_date, moment, on_moment
from escalation.stages import Outcome
from panels import next_after
from panels.acted import listed
from panels.models import SittingState


@dataclass(frozen=True)
class Next:
    """The sentence begins with `who`, in bold; the button leads to `href`."""

    who: str
    words: str
    detail: str = ""
    button: str = ""
    href: str = ""


def to(place, name, **ids):
    return reverse(name, kwargs={"panel_id": place.panel.pk, **ids})


def next_step(place, sitting, quorum, shown, invited=(), following=None):
    """Of a panel whose latest sitting is `sitting`, with its quorum as recorded, and who sits.

    `invited` are those who may put something to it, `following` how far its decision is followed.
    """
    dispute = place.dispute
    if place.is_decided:
        return decided(place, following)
    if not dispute.is_open:
        words = {
            Outcome.RESOLVED: "the agencies agreed after all",
            Outcome.WITHDRAWN: "it was withdrawn",
        }.get(dispute.outcome, dispute.get_outcome_display().lower())
        return Next(
            "This dispute has ended", f"{on_moment(dispute.ended_at, place.at)}: {words}. The panel sits no more."
        )
    if place.decision:
        return drafted(place)
    if sitting is None or sitting.state in (SittingState.ADJOURNED, SittingState.CANCELLED):
        return (not place.chair and represent(place, invited)) or unarranged(place, sitting)
    if london_date(sitting.starts_at) > london_date(place.at):
        return ahead(place, sitting, shown, invited)
    return today(place, sitting, quorum, shown)


def decided(place, following):
    report = getattr(place.panel, "report", None)
    who, words, detail, button, (name, ids) = next_after.words(place, following, bool(report and report.sealed_at))
    href = to(place, name, **ids) if ids is not None else reverse(name, kwargs={"reference": place.dispute.reference})
    return Next(who, words, detail, button, href)


def represent(place, invited):
    """The representation that this person is asked for, until the panel has decided (R32)."""
    waits = next((each for each in invited if each.is_asked), None)
    if waits is None:
        return None
    words = f"give the representation of {waits.row.agency} to the panel, or decline. It is asked for by"
    due = moment(waits.row.due_at, place.at)
    past = "It is late by now, and still taken." if waits.is_past else ""
    href = to(place, "represent", representation_id=waits.row.pk)
    return Next("You", f"{words} {due}.", past, "Give a representation, or decline", href)


def drafted(place):
    if place.chair:
        words = "read the decision as it stands, and sign it off. It binds from then on."
        return Next("You", words, button="Go to the decision", href=to(place, "panel_decision"))
    return Next("The Independent Chair", "signs off what the panel decided. It binds from then on.")


def unarranged(place, sitting):
    why = ""
    if sitting:
        why = f"The last one was {sitting.get_state_display().lower()} {on_moment(sitting.closed_at, place.at)}."
    if place.chair:
        return Next("You", "arrange when the panel sits.", why, "Arrange a sitting", to(place, "arrange_sitting"))
    return Next("The Independent Chair", "arranges when the panel sits.", why)


def ahead(place, sitting, shown, invited=()):
    when = on_moment(sitting.starts_at, place.at)
    silent = [seat for seat in shown if seat.answer is None]
    mine = next((seat for seat in silent if seat.is_you), None)
    if mine:
        button = "Answer the invitation"
        return Next("You", f"say whether you can sit {when}.", "", button, to(place, "answer_invitation"))
    if asked := represent(place, invited):
        return asked
    if silent and place.is_of_panel:
        names = listed([seat.member.display_name for seat in silent])
        verb = "says whether they are" if len(silent) == 1 else "say whether they are"
        return Next(names, f"{verb} coming. The panel sits {when}.")
    return Next("The panel", f"sits {when}.", "Until it has decided, the leads may still agree.")


def today(place, sitting, quorum, shown):
    """On the day of the sitting and after it, until a decision is recorded or the sitting adjourned."""
    is_recorded = sitting.attendance.exists()
    if not place.chair:
        mine = next((seat for seat in shown if seat.is_you and seat.answer is None), None)
        if mine and sitting.starts_at > place.at:
            return ahead(place, sitting, shown)
        return Next("The Independent Chair", "records who attends, and what the panel decides.")
    href = to(place, "record_attendance", sitting_id=sitting.pk)
    if not is_recorded:
        return Next("You", "record who attends. Quorum is worked out from it.", "", "Record who attended", href)
    if not quorum.is_met:
        words = f"adjourn the sitting: it cannot decide. {' '.join(quorum.reasons)}"
        return Next("You", words, "", "Adjourn the sitting", to(place, "adjourn_sitting", sitting_id=sitting.pk))
    words = "record what the panel decided, and why."
    return Next("You", words, "Enough agencies attend.", "Record the decision", to(place, "record_decision"))
