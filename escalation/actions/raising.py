"""Raising a dispute (R1 to R10, R45)."""

from django.conf import settings

from agencies import audit, rows
from escalation import deadlines, drafts, duties, names, watches, written
from escalation.actions.door import action
from escalation.circle import Circle
from escalation.models import (
    Dispute,
    Participant,
    Party,
    Representative,
    Side,
    Sight,
    Stage,
    Why,
    new_reference,
)
from escalation.permissions import NotPermitted, works_for

TRIES = 5


def open_dispute(
    *, by, at, raising_agency, disputed_agency, concerned_agencies=(), suggested=None, suggested_name="", details
):
    """Open a dispute at stage one, at once and without anybody's approval (R3).

    `details` are the fields of the dispute as its forms give them; `raised_at` among them says when it was raised by
    telephone or on paper, where that was earlier than now (R45). Raises NotPermitted for one's own agency alone.
    """
    others = dict.fromkeys(agency for agency in concerned_agencies if agency not in (raising_agency, disputed_agency))
    if disputed_agency == raising_agency:
        raise NotPermitted("A disagreement inside one agency belongs to that agency’s own procedure.")
    is_own = raising_agency.pk in by.standing.agencies
    if not by.standing.agencies or not (is_own or details.get("for_name")):
        raise NotPermitted("You can raise a dispute for an agency you belong to, or for somebody who asked you.")
    if suggested and not works_for(suggested, disputed_agency):
        raise NotPermitted(f"{suggested} has no account with {disputed_agency}.")
    raised_at = min(details.get("raised_at") or at, at)
    dispute = insert(
        Dispute(
            **{**details, "raised_at": raised_at},
            raised_by=by,
            raising_agency=raising_agency,
            entered_at=at,
            safety_confirmed_at=at,
            safety_confirmed_by=by,
            target_at=deadlines.target(raised_at, settings.TARGET_DAYS),
            moved_at=at,
        )
    )
    sides = [(raising_agency, Side.RAISING), (disputed_agency, Side.DISPUTED)]
    sides += [(agency, Side.CONCERNED) for agency in others]
    parties = [
        Party(dispute=dispute, agency=agency, side=side, added_at=at, raised_at=raised_at) for agency, side in sides
    ]
    new = [Stage(dispute=dispute, number=1, began_at=raised_at), *parties]
    agency = agency_of(by, raising_agency)
    is_of_party = agency in (raising_agency, disputed_agency, *others)
    sights = [Sight(dispute=dispute, person=by, agency=agency, is_of_party=is_of_party, why=Why.RAISED, since=at)]
    if is_own:
        new.append(Participant(dispute=dispute, person=by, agency=raising_agency, since=at))
    if dispute.supporter:
        agency = agency_of(dispute.supporter, raising_agency, *by.standing.agencies.values())
        sights.append(Sight(dispute=dispute, person=dispute.supporter, agency=agency, why=Why.SUPPORTER, since=at))
    named = []
    if suggested or suggested_name:
        named.append(
            Representative(
                dispute=dispute,
                agency=disputed_agency,
                stage=1,
                person=suggested,
                name=suggested_name,
                is_suggestion=True,
                named_by=by,
                named_at=at,
            )
        )
    if suggested:
        named_for = {"agency": disputed_agency, "is_of_party": True}
        sights.append(Sight(dispute=dispute, person=suggested, why=Why.NAMED, since=at, **named_for))
    with rows.together():
        rows.add(*new, *named, *sights, *names.words(dispute), *watches.new(dispute), by=by, at=at)
        written.keep("raised", dispute.pk, dispute)
        besides = raising_agency.pk if is_own else None
        circle = Circle([dispute], at=at, parties=parties, named=named, besides=besides)
        duties.on_raising(dispute, circle, suggested.pk if suggested else None, at, is_from_inside=is_own)
        audit.record(
            "raised",
            dispute,
            by=by,
            at=at,
            thread=dispute.pk,
            agency=raising_agency,
            role=by.standing.highest_role(raising_agency.pk if is_own else None),
            text="\n".join((dispute.problem, dispute.disagreement, dispute.aim)),
            stage=1,
            agencies=[party.agency_id for party in parties],
        )
    return dispute


raise_dispute = action(open_dispute)


@action
def raise_draft(*, by, at, key, judge):
    """Raise what a draft says, once: it is locked, emptied, and points to the dispute from then on.

    `judge` is given what was typed, and gives what `raise_dispute` takes, or None while it has a fault. Gives the
    draft, None where there is none.
    """
    draft = drafts.locked(by, key)
    if draft is None or draft.dispute_id:
        return draft
    what = judge(draft.data)
    if what is not None:
        with rows.together():
            drafts.spend(draft, open_dispute(by=by, at=at, **what), at)
    return draft


def agency_of(person, *preferred):
    """The agency as whose person somebody sees the dispute, and no longer after leaving it: one of these, or any."""
    theirs = person.standing.agencies
    return next((agency for agency in (*preferred, *theirs.values()) if agency.pk in theirs), None)


def insert(dispute):
    """Save under a reference nobody has; two at once that drew the same number do not fail."""
    for _ in range(TRIES):
        if rows.add_unless_known(dispute, by=dispute.raised_by, at=dispute.entered_at):
            return dispute
        dispute.reference = new_reference()
    raise RuntimeError("No free reference was found.")
