"""What the parties and the Board owe a panel: rows of `escalation.duties`, each with its address below its page."""

from agencies.models import Role
from escalation import deadlines, duties, notices
from escalation.actions.door import let_see
from escalation.filing import without_accounts
from escalation.models import DutyKind, Why
from escalation.permissions import works_for


def page(panel, *parts):
    """The address of the panel's page, or of a page below it."""
    return "/".join(("", "panels", str(panel.pk), *map(str, parts), ""))


def new(kind, panel, *, at, to=(), **owner):
    """A duty not yet written, as `escalation.duties.new` has it; `to` are the parts of its address below the panel."""
    duty = duties.new(kind, panel.dispute, at=at, **owner)
    duty.address = page(panel, *to)
    return duty


def lead_of(position, agency_id):
    """Whom waits what the lead of an agency does at stage four (R26), as keywords for `new`."""
    return duties.owner_at(position, agency_id, 3)


# Representations (R32)


def on_invited(panel, representations, position, *, at):
    """Each agency concerned is asked for its representation; whoever raised it is told that one may be given."""
    nobody = without_accounts(position.parties)
    owed = []
    for each in representations:
        to, asked = ("representations", each.pk), {"at": at, "subject_id": each.pk, "due_at": each.due_at}
        if each.agency_id in nobody:
            kind = DutyKind.TELL_PARTY
            owed.append(new(kind, panel, role=Role.CHAIR, to=(*to, "refusal"), **asked))
        elif not each.is_of_referrer:
            owed.append(new(DutyKind.REPRESENT, panel, to=to, **asked, **lead_of(position, each.agency_id)))
    duties.write(*owed)
    notices.tell("may represent", panel.dispute, at=at, address=page(panel, "representations"))


# Binding, followed to the end, and reported (R33, R34)


def on_decided(panel, decision, position, *, at):
    """Each agency concerned acknowledges, owners do their actions, the Board Manager writes the report.

    One of which nobody has an account is asked by the Board Manager (R50).
    """
    nobody = without_accounts(position.parties)
    owed = []
    for agency_id in position.parties:
        if agency_id in nobody:
            asked = {"role": Role.BOARD_MANAGER, "subject_id": agency_id, "to": ("acknowledge", agency_id)}
            owed.append(new(DutyKind.TELL_PARTY, panel, at=at, **asked))
        else:
            asked = {"subject_id": decision.pk, "to": ("acknowledge",), **lead_of(position, agency_id)}
            owed.append(new(DutyKind.ACKNOWLEDGE, panel, at=at, **asked))
    owed += [do_action(panel, action, position, at=at) for action in decision.actions.select_related("owner")]
    owed.append(
        new(DutyKind.WRITE_REPORT, panel, at=at, role=Role.BOARD_MANAGER, subject_id=decision.pk, to=("report",))
    )
    duties.write(*owed)


def do_action(panel, action, position, *, at):
    """Whoever owns the action does it by its date: the account named, who sees the dispute from now on, else the lead.

    The day of the date counts: it is late once that day is over.
    """
    owner = lead_of(position, action.agency_id)
    if action.owner_id and works_for(action.owner, action.agency_id):
        owner = {"agency_id": action.agency_id, "person_id": action.owner_id}
        let_see(panel.dispute, action.owner, Why.NAMED, at, agency_id=action.agency_id)
    due_at = deadlines.day_over_at(action.due_on)
    return new(
        DutyKind.DO_ACTION, panel, at=at, subject_id=action.pk, due_at=due_at, to=("actions", action.pk, "done"),
        **owner,
    )  # fmt: skip
