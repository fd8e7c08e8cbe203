"""What a move asks for besides who makes it and at which stage: that nothing waits already, that something is written.

Actions refuse by these answers, pages offer by them; each is given once, from the rows as they stand.
"""

from escalation.models import BoardActKind, RequestState
from escalation.permissions import must_agree, open_requests


def statements_stand(position):
    """Whether another agency has given its view of the raiser's statements, so that they stand (R9)."""
    raising_agency_id = position.dispute.raising_agency_id
    return any(party.view for pk, party in position.parties.items() if pk != raising_agency_id)


def waits_for_answer(position):
    """Whether a request of the person's agency is open."""
    return any(request.agency_id == position.agency_id for request in open_requests(position.dispute))


def wants_new_entry(position):
    """Whether the agency was declined at this stage and has written nothing since: then it cannot ask again yet."""
    dispute, agency_id = position.dispute, position.agency_id
    declined = [
        request.closed_at
        for request in dispute.requests.all()
        if request.agency_id == agency_id and request.stage == dispute.stage and request.state == RequestState.DECLINED
    ]
    return bool(declined) and not any(
        entry.agency_id == agency_id and entry.stage == dispute.stage and entry.recorded_at > max(declined)
        for entry in dispute.entries.all()
    )


def is_attempt_recorded(dispute):
    """Whether an attempt at stage three is recorded, by either lead (R26)."""
    return any(entry.stage == 3 for entry in dispute.entries.all())


def answered(proposal):
    """Ids of the agencies that have answered a proposal."""
    return {response.agency_id for response in proposal.responses.all()}


def outstanding(dispute, proposal):
    """Ids of the agencies that must agree and have not answered."""
    return must_agree(dispute, proposal) - answered(proposal)


def silent(dispute, proposal):
    """Ids of all agencies concerned that have not answered."""
    return {party.agency_id for party in dispute.parties.all()} - answered(proposal)


def is_ready_to_settle(dispute, proposal, at):
    """Whether all who must agree have, and the others have answered or let their working day pass."""
    if outstanding(dispute, proposal):
        return False
    return at >= proposal.object_by or not silent(dispute, proposal)


def open_withdrawal(dispute):
    """The withdrawal that waits for the Chair, or None; only stage four knows any."""
    return next((w for w in dispute.withdrawals.all() if w.decided_at is None), None) if dispute.stage == 4 else None


def is_chair_informed(dispute):
    """Whether it is recorded that the Independent Chair is informed (R28)."""
    return _is_recorded(dispute, BoardActKind.CHAIR_INFORMED)


def is_involvement_recorded(dispute):
    """Whether the Board Manager’s part in the resolution is recorded (R29)."""
    return _is_recorded(dispute, BoardActKind.INVOLVED)


def _is_recorded(dispute, kind):
    return any(act.kind == kind for act in dispute.board_acts.all())


def is_conveyed(dispute):
    """Whether the outcome was conveyed to whoever raised it (R35)."""
    return bool(dispute.conveyances.all())
