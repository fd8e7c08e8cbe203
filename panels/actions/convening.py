"""Convening: who sits, what each declares, and who is asked in somebody's stead (R30, R31)."""

from agencies.models import Agency
from escalation import duties as waits
from escalation.actions.door import action, let_see
from escalation.models import Dispute, DutyKind, Sight, Why
from escalation.moments import moment
from escalation.permissions import Conflict as Refusal
from escalation.permissions import NotPermitted, Position, works_for
from escalation.stages import Who, stage_name
from panels import duties, notices
from panels.actions import representing
from panels.actions.door import begin, note, said
from panels.actions.sittings import arrange_first, invite, sitting_ahead
from panels.models import Conflict, Member, Panel
from panels.quorum import LEAST

CONVENED_AT = 4  # the stage


def check_convene(dispute, position):
    """Refuse to convene a panel before stage four, after the end or a second time (409), or to anyone else (403)."""
    if dispute.ended_at:
        ended = f"{moment(dispute.ended_at)} ({dispute.get_outcome_display().lower()})"
        raise Refusal(f"This dispute ended on {ended}. No panel is convened for it any more.")
    chair = position.for_(Who.CHAIR)
    if dispute.stage != CONVENED_AT:
        raise Refusal(
            f"A Resolution Panel is convened at stage four. This dispute stands at {stage_name(dispute.stage)}."
        )
    if chair is None:
        raise NotPermitted("A Resolution Panel is convened by the Independent Chair, or the Chair’s recorded deputy.")
    panel = Panel.objects.filter(dispute=dispute).select_related("convened_by").first()
    if panel:
        raise Refusal(f"{panel.convened_by} convened the panel for this dispute on {moment(panel.convened_at)}.")
    return chair


@action
def convene(*, dispute, by, at, seats, starts_at, place="", link="", represent_by=None):
    """Open the Resolution Panel of a dispute at stage four, with its first sitting; no stage moves (R30).

    `seats` are dicts: agency; person, or name with job_title and phone for somebody without an account.
    Representations are asked for until `represent_by`, or until the panel sits (R32).
    """
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=dispute.pk)
    position = check_convene(dispute, Position(by, dispute, at))
    if position.covered:
        let_see(dispute, by, Why.ACTED, at)
    refuse_too_few(position, [seat["agency"] for seat in seats])
    panel = Panel.objects.create(dispute=dispute, convened_at=at, convened_by=by, on_behalf_of=position.covered)
    waits.done(dispute, DutyKind.CONVENE, by=by, at=at)
    members = [seat_somebody(panel, position, at=at, **seat) for seat in seats]
    sitting = arrange_first(panel, at=at, starts_at=starts_at, place=place, link=link)
    note("convened a Resolution Panel", panel, position, at=at, agencies=sorted(each.agency_id for each in members))
    invite(sitting, members, at=at)
    notices.convened(sitting, at=at)
    duties.hold(sitting, at=at)
    representing.invite(panel, position, at=at, due_at=represent_by or starts_at)
    return panel


def refuse_too_few(position, agencies):
    """Refuse a panel that could never decide: every agency concerned sits, and three agencies at least (R31)."""
    chosen = {agency.pk for agency in agencies}
    missing = [str(party.agency) for pk, party in position.parties.items() if pk not in chosen]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise Refusal(f"{' and '.join(missing)} {are} concerned in this dispute, and must sit.")
    if len(chosen) < LEAST:
        raise Refusal("A panel has representatives of three agencies at least. The Chair is no agency.")


def seat_somebody(panel, position, *, at, agency, person=None, name="", job_title="", phone=""):
    """A new member of a panel, who sees the dispute from now on; the refusals of all who are named to sit."""
    if not Agency.objects.active().filter(pk=agency.pk).exists():
        raise Refusal(f"{agency} takes no part any more.")
    seated = panel.members.filter(stood_down_at=None)
    if seated.filter(agency=agency).exists():
        raise Refusal(f"{agency} has a member on the panel already.")
    if person is not None:
        if not works_for(person, agency):
            raise Refusal(f"{person} does not work for {agency}.")
        if person.standing.is_chair or person in (position.user, position.by):
            raise Refusal(f"{person} sits as Chair, and the Chair stands for no agency.")
        if seated.filter(person=person).exists():
            raise Refusal(f"{person} sits for another agency already.")
    member = Member.objects.create(
        panel=panel,
        agency=agency,
        person=person,
        name="" if person else name,
        job_title="" if person else job_title,
        phone="" if person else phone,
        is_concerned=agency.pk in position.parties,
        added_at=at,
    )
    if person is not None:
        let_see(panel.dispute, person, Why.PANEL, at, agency_id=agency.pk)
    return member


@action
def add_member(*, panel, by, at, agency, person=None, name="", job_title="", phone=""):
    """Somebody more sits, or in the stead of one who stood down."""
    panel, place = begin("add_member", panel, by=by, at=at)
    told = {"agency": agency, "person": person, "name": name, "job_title": job_title, "phone": phone}
    member = seat_somebody(panel, place.acting, at=at, **told)
    note("added a member to the panel", panel, place.acting, at=at, subject=member, of=agency.pk)
    sitting = sitting_ahead(panel)
    if sitting:
        invite(sitting, [member], at=at)
    return member


@action
def stand_down(*, member, by, at, reason):
    """Somebody sits no longer, with the reason, and no longer sees the dispute on the panel's account (R44)."""
    panel, place = begin("stand_down", member.panel, by=by, at=at)
    member = current(member)
    member.stood_down_at, member.stood_down_reason = at, said(reason, "Say why this member stands down.")
    member.save()
    if member.person_id:
        Sight.objects.filter(dispute=panel.dispute, person=member.person_id, why=Why.PANEL).update(until=at)
        waits.lapse(panel.dispute, DutyKind.PANEL_INVITATION, at=at, person=member.person_id)
    note("stood a member down from the panel", panel, place.acting, at=at, subject=member, text=reason)
    notices.stood_down(member, at=at)
    return member


@action
def declare(*, panel, by, at, conflict, detail=""):
    """A member's own declaration: whether they have a conflict of interest."""
    panel, place = begin("declare", panel, by=by, at=at)
    return _declare(panel, place, current(place.member), conflict, detail, at)


@action
def declare_for(*, member, by, at, conflict, detail=""):
    """What a member without an account declared, recorded by the Chair."""
    panel, place = begin("declare_for", member.panel, by=by, at=at)
    member = current(member)
    refuse_account(member)
    return _declare(panel, place, member, conflict, detail, at)


def _declare(panel, place, member, conflict, detail, at):
    if conflict not in (Conflict.NONE, Conflict.DECLARED):
        raise Refusal("Say whether there is anything to declare.")
    member.conflict, member.declared_at = conflict, at
    member.conflict_detail = said(detail, "Say what the conflict is.") if conflict == Conflict.DECLARED else ""
    member.save()
    note(
        "declared on a conflict of interest", panel, place.acting, at=at, subject=member, text=detail,
        agency=member.agency, conflict=conflict,
    )  # fmt: skip
    if conflict == Conflict.DECLARED:
        notices.conflict_declared(member, at=at)
    return member


def current(member):
    """The member as they stand, refused where they have stood down."""
    member = Member.objects.select_related("panel", "agency", "person").get(pk=member.pk)
    if member.stood_down_at:
        raise Refusal(f"{member} stood down on {moment(member.stood_down_at)}.")
    return member


def refuse_account(member):
    """Refuse to say something for somebody who has an account, and says it."""
    if member.person_id:
        raise Refusal(f"{member} has an account, and says so in person.")
