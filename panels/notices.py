"""Who is told what of a panel. A notice holds a reference, what happened, when, and a link: no adult's name, no story.

The protocol has an absent agency's Board member told. Board members have no account as such: the lead of the agency
stands for its member.
"""

from agencies import outbox
from agencies.models import Role
from escalation.circle import Circle
from escalation.moments import on_moment
from escalation.notices import Told, rows
from panels import duties


def invited(sitting, asked, *, at):
    """Ask each member for an answer; `asked` are their duties."""
    when = on_moment(sitting.starts_at, at)
    _write(
        sitting.panel,
        *(
            (
                f"panel invitation:{sitting.pk}:{sitting.sequence}:{duty.person_id}",
                [duty.person],
                f"You are asked to sit on a Resolution Panel {when}: answer, and declare any conflict",
                {"duty": duty},
            )
            for duty in asked
        ),
        at=at,
    )


def convened(sitting, *, at):
    """Tell the agencies concerned, whoever raised it and the Board Manager when the panel sits."""
    again = "now " if sitting.sequence else ""
    _around(sitting, f"A Resolution Panel {again}sits {on_moment(sitting.starts_at, at)}", "panel sits", at=at)


def cancelled(sitting, *, at):
    """Tell the same, and who sits, that it does not."""
    title = f"The Resolution Panel does not sit {on_moment(sitting.starts_at, at)}"
    _around(sitting, title, "panel cancelled", at=at, with_members=True)


def adjourned(sitting, absent, *, at):
    """Tell that the panel was adjourned; an agency that was absent, and the Board Manager, at once (R31)."""
    panel = sitting.panel
    circle = Circle([panel.dispute])
    leads = [person for agency in absent for person in circle.leads(agency.pk)]
    title = "The Resolution Panel was adjourned"
    if absent:
        names = " and ".join(str(agency) for agency in absent)
        board_title = f"{title}: {names} absent"[:200]
    _write(
        panel,
        (f"panel adjourned absent:{sitting.pk}", leads, f"{title}: your agency was absent", {"at_once": True}),
        (
            f"panel adjourned board:{sitting.pk}", circle.board(Role.BOARD_MANAGER), board_title if absent else title,
            {"at_once": True, "to_board": True},
        ),
        at=at,
    )  # fmt: skip
    others = [*circle.all_leads(panel.dispute), *circle.panel(panel.dispute)]
    _write(panel, (f"panel adjourned:{sitting.pk}", [each for each in others if each not in leads], title, {}), at=at)


def stood_down(member, *, at):
    """Tell whoever no longer sits; the panel's page is closed to them by now."""
    if member.person_id:
        title = "You no longer sit on a Resolution Panel"
        told = (f"panel stood down:{member.pk}", [member.person], title, {"address": "/panels/"})
        _write(member.panel, told, at=at)


def conflict_declared(member, *, at):
    """Tell the Chair that a member declares a conflict of interest."""
    key = f"panel conflict:{member.pk}:{at.isoformat()}"
    _to_chair(member.panel, key, "A member of a Resolution Panel declares a conflict of interest", at=at)


def not_coming(sitting, member, *, at):
    """Tell the Chair that a member is not coming: of an agency concerned, the panel cannot decide without it."""
    key = f"panel not coming:{sitting.pk}:{sitting.sequence}:{member.pk}"
    title = "A member of a Resolution Panel is not coming"
    if member.is_concerned:
        title += ", and their agency must be there"
    _to_chair(sitting.panel, key, title, at=at)


def _to_chair(panel, event, title, *, at):
    _write(panel, (event, Circle([panel.dispute]).board(Role.CHAIR), title, {}), at=at)


def _around(sitting, title, kind, *, at, with_members=False):
    """Tell the leads of the agencies concerned, whoever raised it, and the Board Manager; who sits is asked instead."""
    dispute = sitting.panel.dispute
    circle = Circle([dispute])
    members = circle.panel(dispute)
    people = [*circle.all_leads(dispute), dispute.raised_by, *circle.board(Role.BOARD_MANAGER)]
    people = people + members if with_members else [each for each in people if each not in members]
    told = (f"{kind}:{sitting.pk}:{sitting.sequence}", people, title, {"to_board": True})
    _write(sitting.panel, told, at=at)


def _write(panel, *told, at):
    """Write notices, each given as its key, people, title and whatever else `Told` takes."""
    outbox.write(
        rows(
            [
                Told(
                    event=event,
                    kind=event.partition(":")[0],
                    dispute=panel.dispute,
                    people=people,
                    title=title,
                    **{"address": duties.page(panel), **more},
                )
                for event, people, title, more in told
            ],
            at=at,
        )
    )
