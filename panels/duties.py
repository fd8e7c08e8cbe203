"""What convening and sitting ask for: of members an answer, of the Chair each next step (R30, R31)."""

from agencies.models import Role
from escalation import deadlines, duties
from escalation.models import Duty, DutyKind
from panels.owed import new
from panels.owed import page as page


def invite(sitting, members, *, at):
    """Members with an account are asked to answer, until a working day later or the sitting; gives the duties.

    They are told by a notice of its own, which says when the panel sits (notices.invited).
    """
    due_at = min(deadlines.working_day_later(at), sitting.starts_at)
    asked = [
        new(
            DutyKind.PANEL_INVITATION, sitting.panel, at=at, subject_id=sitting.pk, due_at=due_at, to=("answer",),
            agency_id=member.agency_id, person_id=member.person_id,
        )
        for member in members
    ]  # fmt: skip
    Duty.objects.bulk_create(asked, ignore_conflicts=True)
    return asked


def hold(sitting, *, at):
    """When the panel sits, the Chair records who attends and what it decides."""
    to = ("sittings", sitting.pk, "attendance")
    duties.write(of_chair(DutyKind.PANEL_SITTING, sitting.panel, at, sitting.pk, to, starts_at=sitting.starts_at))


def arrange(panel, *, at):
    """After a sitting that came to nothing the Chair arranges another."""
    duties.write(of_chair(DutyKind.PANEL_ARRANGE, panel, at, panel.pk, ("sittings", "new")))


def sign_off(decision, *, at):
    """What is recorded waits for the Chair's signature."""
    duties.write(of_chair(DutyKind.PANEL_SIGN_OFF, decision.panel, at, decision.pk, ("decision", "sign-off")))


def of_chair(kind, panel, at, subject_id, to, **when):
    return new(kind, panel, at=at, role=Role.CHAIR, subject_id=subject_id, to=to, **when)
