"""Sittings: arranged, re-arranged, cancelled; who comes, who was there, and adjourned (R31)."""

from agencies.texts import clean_line
from escalation import duties as waits
from escalation.actions.door import action
from escalation.models import DutyKind
from escalation.moments import london_date, moment
from escalation.permissions import Conflict as Refusal
from panels import duties, notices
from panels.actions.door import begin, note, said
from panels.models import Answer, Attendance, AttendedHow, Coming, Member, Sitting, SittingState
from panels.sittings import quorum_of


def sitting_ahead(panel):
    """The sitting that is arranged and not yet closed, or None."""
    return panel.sittings.filter(state=SittingState.ARRANGED).first()


def arrange_first(panel, *, at, starts_at, place, link):
    """The next sitting of a panel; the caller locks, notes and tells."""
    refuse_past(starts_at, at)
    refuse_nowhere(place, link)
    return Sitting.objects.create(
        panel=panel,
        number=panel.sittings.count() + 1,
        starts_at=starts_at,
        place=clean_line(place),
        link=link,
        arranged_at=at,
    )


def refuse_past(starts_at, at):
    if starts_at <= at:
        raise Refusal("A sitting is arranged for a time still to come.")


def refuse_nowhere(place, link):
    if not (clean_line(place) or link):
        raise Refusal("Say where the panel meets: a place, or the link of a meeting.")


@action
def arrange(*, panel, by, at, starts_at, place="", link=""):
    """A further sitting, after one that was adjourned or cancelled."""
    panel, seen = begin("arrange", panel, by=by, at=at)
    refuse_arranged(panel)
    sitting = arrange_first(panel, at=at, starts_at=starts_at, place=place, link=link)
    waits.done(panel.dispute, DutyKind.PANEL_ARRANGE, by=by, at=at)
    note("arranged a sitting of the panel", panel, seen.acting, at=at, subject=sitting)
    invite(sitting, seen.members, at=at)
    notices.convened(sitting, at=at)
    duties.hold(sitting, at=at)
    return sitting


def refuse_arranged(panel):
    """Refuse a second sitting ahead, and one after the decision was recorded."""
    ahead = sitting_ahead(panel)
    if ahead:
        raise Refusal(f"A sitting is arranged for {moment(ahead.starts_at)}. Re-arrange or cancel that one.")
    if getattr(panel, "decision", None):
        raise Refusal("The panel’s decision is recorded. Change it or sign it off: it sits no further.")


@action
def rearrange(*, sitting, by, at, starts_at, reason, place="", link=""):
    """Another time or place for a sitting, with the reason; everybody is asked anew, and what stood before is kept."""
    panel, seen = begin("rearrange", sitting.panel, by=by, at=at)
    sitting = arranged(sitting)
    refuse_past(starts_at, at)
    refuse_nowhere(place, link)
    refuse_attended(sitting)
    if (starts_at, clean_line(place), link) == (sitting.starts_at, sitting.place, sitting.link):
        raise Refusal("Nothing differs: the sitting is arranged so already.")
    sitting.starts_at, sitting.place, sitting.link = starts_at, clean_line(place), link
    sitting.sequence, sitting.arranged_at = sitting.sequence + 1, at
    sitting.changed_reason = said(reason, "Say why the sitting is re-arranged.")
    sitting.save()
    note("re-arranged the sitting of the panel", panel, seen.acting, at=at, subject=sitting, text=reason)
    waits.lapse(panel.dispute, DutyKind.PANEL_INVITATION, DutyKind.PANEL_SITTING, at=at, subject_id=sitting.pk)
    invite(sitting, seen.members, at=at)
    notices.convened(sitting, at=at)
    duties.hold(sitting, at=at)
    return sitting


@action
def cancel(*, sitting, by, at, reason):
    """A sitting is not held, with the reason; the Chair arranges another."""
    panel, seen = begin("cancel", sitting.panel, by=by, at=at)
    sitting = arranged(sitting)
    refuse_attended(sitting)
    sitting.state, sitting.closed_at = SittingState.CANCELLED, at
    sitting.changed_reason = said(reason, "Say why the sitting is cancelled.")
    sitting.sequence += 1
    sitting.save()
    note("cancelled the sitting of the panel", panel, seen.acting, at=at, subject=sitting, text=reason)
    _close(sitting, at)
    notices.cancelled(sitting, at=at)
    return sitting


def _close(sitting, at):
    """Nothing waits for this sitting any more; the Chair is asked for another."""
    dispute = sitting.panel.dispute
    waits.lapse(dispute, DutyKind.PANEL_INVITATION, DutyKind.PANEL_SITTING, at=at, subject_id=sitting.pk)
    duties.arrange(sitting.panel, at=at)


def arranged(sitting):
    """The sitting as it stands, refused where it is closed."""
    sitting = Sitting.objects.select_related("panel__dispute").get(pk=sitting.pk)
    if sitting.state != SittingState.ARRANGED:
        raise Refusal(f"This sitting was {sitting.get_state_display().lower()} on {moment(sitting.closed_at)}.")
    return sitting


def refuse_attended(sitting):
    """Refuse to move a sitting at which somebody has been."""
    if sitting.attendance.exists():
        raise Refusal("It is recorded who attended this sitting. Adjourn it, and arrange a further one.")


# Who comes


def invite(sitting, members, *, at):
    """Ask members whether they come; those without an account are asked by other means."""
    people = [member for member in members if member.person_id]
    notices.invited(sitting, duties.invite(sitting, people, at=at), at=at)


@action
def answer(*, panel, by, at, coming, deputy_name="", deputy_job_title=""):
    """A member's answer to the invitation as it stands: coming, sending somebody else, or not coming."""
    panel, place = begin("answer", panel, by=by, at=at)
    sitting = _asked_of(panel)
    waits.done(
        panel.dispute, DutyKind.PANEL_INVITATION, by=by, at=at, person=place.member.person_id, subject_id=sitting.pk
    )
    return _answer(panel, place, sitting, place.member, coming, deputy_name, deputy_job_title, at)


@action
def answer_for(*, member, by, at, coming, deputy_name="", deputy_job_title=""):
    """The answer of a member without an account, recorded by the Chair."""
    panel, place = begin("answer_for", member.panel, by=by, at=at)
    member = Member.objects.select_related("agency").get(pk=member.pk)
    if member.stood_down_at:
        raise Refusal(f"{member} stood down on {moment(member.stood_down_at)}.")
    if member.person_id:
        raise Refusal(f"{member} has an account, and answers in person.")
    return _answer(panel, place, _asked_of(panel), member, coming, deputy_name, deputy_job_title, at)


def _asked_of(panel):
    """The sitting to which everybody is invited."""
    sitting = sitting_ahead(panel)
    if sitting is None:
        raise Refusal("No sitting is arranged at present: there is nothing to answer.")
    return sitting


def _answer(panel, place, sitting, member, coming, deputy_name, deputy_job_title, at):
    if coming not in Coming.values:
        raise Refusal("Say whether this member is coming.")
    if coming != Coming.DEPUTY:
        deputy_name = deputy_job_title = ""
    elif not clean_line(deputy_name):
        raise Refusal("Say who comes instead.")
    told = {
        "coming": coming, "deputy_name": clean_line(deputy_name), "deputy_job_title": clean_line(deputy_job_title),
        "by": place.user, "at": at,
    }  # fmt: skip
    found = Answer.objects.filter(sitting=sitting, member=member, sequence=sitting.sequence).first()
    found = found or Answer(sitting=sitting, member=member, sequence=sitting.sequence)
    for name, value in told.items():
        setattr(found, name, value)
    found.save()
    note(
        "answered the invitation to the panel", panel, place.acting, at=at, subject=found, agency=member.agency,
        coming=coming,
    )  # fmt: skip
    if coming == Coming.NO:
        notices.not_coming(sitting, member, at=at)
    return found


# Who was there


@action
def record_attendance(*, sitting, by, at, attending):
    """Who sat for which agency, and how; gives the quorum that comes of it (R31).

    `attending` are dicts: agency, name, how; job_title, is_deputy. It replaces what was recorded before, until the
    decision is signed off.
    """
    panel, place = begin("record_attendance", sitting.panel, by=by, at=at)
    sitting = held_on(sitting, at)
    members = {member.agency_id: member for member in place.members}
    before = {row.agency_id: row for row in sitting.attendance.all()}
    for told in attending:
        agency = told["agency"]
        if agency.pk not in members:
            raise Refusal(f"{agency} has no member on this panel. Add one first.")
        if told["how"] not in AttendedHow.values or not clean_line(told["name"]):
            raise Refusal(f"Say who attended for {agency}, and how.")
        row = before.pop(agency.pk, None) or Attendance(sitting=sitting, agency=agency)
        row.member = members[agency.pk]
        row.name, row.job_title = clean_line(told["name"]), clean_line(told.get("job_title", ""))
        row.how, row.is_deputy = told["how"], bool(told.get("is_deputy"))
        row.save()
    for row in before.values():
        row.delete()
    sitting = Sitting.objects.get(pk=sitting.pk)
    quorum = quorum_of(sitting, place.position.parties.values())
    note(
        "recorded who attended the panel", panel, place.acting, at=at, subject=sitting,
        agencies=sorted(told["agency"].pk for told in attending), quorate=quorum.is_met,
    )  # fmt: skip
    return quorum


def held_on(sitting, at):
    """The sitting as it stands, refused before its day and once it is adjourned or cancelled."""
    sitting = Sitting.objects.select_related("panel__dispute").get(pk=sitting.pk)
    if sitting.state not in (SittingState.ARRANGED, SittingState.HELD):
        raise Refusal(f"This sitting was {sitting.get_state_display().lower()} on {moment(sitting.closed_at)}.")
    if london_date(at) < london_date(sitting.starts_at):
        raise Refusal(f"The panel sits on {moment(sitting.starts_at)}. Who attends is recorded from that day.")
    return sitting


@action
def adjourn(*, sitting, by, at, reason):
    """The Chair adjourns, with the reason; an agency concerned that was absent is told that day (R31).

    Its lead stands for its Board member, who has no account as such; the Board Manager is told as well.
    """
    panel, place = begin("adjourn", sitting.panel, by=by, at=at)
    sitting = held_on(sitting, at)
    refuse_decided(place)
    sitting.state, sitting.closed_at = SittingState.ADJOURNED, at
    sitting.adjourned_reason = said(reason, "Say why the sitting is adjourned.")
    sitting.save()
    parties = place.position.parties.values()
    absent = quorum_of(sitting, parties).absent
    note(
        "adjourned the sitting of the panel", panel, place.acting, at=at, subject=sitting, text=reason,
        absent=sorted(agency.pk for agency in absent),
    )  # fmt: skip
    _close(sitting, at)
    notices.adjourned(sitting, absent, at=at)
    return sitting


def refuse_decided(place):
    """Refuse to adjourn a sitting at which the panel decided."""
    if place.decision:
        raise Refusal("The panel’s decision is recorded: this sitting was held.")
