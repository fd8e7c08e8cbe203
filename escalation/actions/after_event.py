"""A dispute that was worked through on paper, entered when it had ended.

It is on record as it happened: raised, taken from stage to stage, and ended at the times that the paper gives, and
marked everywhere as entered after the event. Nothing of it waits for anybody: no duty, no reminder, no flag. The
other agencies' safeguarding contacts are told, and from stage three the Board Manager, who cannot be involved in it
afterwards (R29).
"""

from django.conf import settings
from simple_history.utils import bulk_create_with_history

from agencies import audit
from agencies.models import Role
from escalation import appendix_b, deadlines, names, notices, written
from escalation.actions.door import action
from escalation.actions.evidence import store_files
from escalation.actions.raising import insert
from escalation.models import (
    AskedHow,
    Dispute,
    Evidence,
    EvidenceKind,
    Participant,
    Party,
    Safety,
    Side,
    Sight,
    Stage,
    StageEnd,
    Why,
)
from escalation.permissions import Conflict, NotPermitted, Position
from escalation.stages import can_end

MANAGERS = (Role.MANAGER, Role.LEAD)
NOT_YOURS = "A dispute is entered after the event by a manager or lead of an agency concerned."
PAPER_SAYS_NOTHING = "The paper record does not say."


@action
def enter_after_event(
    *, by, at, raising_agency, disputed_agency, concerned_agencies=(), details, began, ended_at, outcome,
    outcome_reason, files=(), kept_where="",
):  # fmt: skip
    """Enter a dispute that has ended, from its paper record, as it was.

    `details` are fields of the dispute as the form gives them, `raised_at` and `for_name` among them; `began` is when
    each stage after the first was entered; `files` are the paper record, Kept, or else `kept_where` says where it is.
    Raises NotPermitted for whoever is no manager or lead of an agency concerned, Conflict for times out of order.
    """
    others = dict.fromkeys(agency for agency in concerned_agencies if agency not in (raising_agency, disputed_agency))
    agency = refuse_outsiders(by, raising_agency, disputed_agency, *others)
    refuse_disorder(details["raised_at"], began, ended_at, outcome, at)
    if not files and not kept_where:
        raise Conflict("Attach the paper record, or say where it is kept.")
    number = len(began) + 1
    dispute = insert(
        Dispute(
            **{"safety": Safety.UNKNOWN, "for_how": AskedHow.PAPER, **told_before(details)},
            is_after_event=True,
            raised_by=by,
            raising_agency=raising_agency,
            entered_at=at,
            safety_confirmed_at=at,
            safety_confirmed_by=by,
            target_at=deadlines.target(details["raised_at"], settings.TARGET_DAYS),
            stage=number,
            outcome=outcome,
            outcome_reason=outcome_reason,
            ended_at=ended_at,
            moved_at=at,
        )
    )
    sides = [(raising_agency, Side.RAISING), (disputed_agency, Side.DISPUTED)]
    sides += [(each, Side.CONCERNED) for each in others]
    parties = bulk_create_with_history(
        [
            Party(dispute=dispute, agency=each, side=side, added_at=at, raised_at=dispute.raised_at)
            for each, side in sides
        ],
        Party,
        default_user=by,
        default_date=at,
    )
    Participant.objects.create(dispute=dispute, person=by, agency=agency, since=at)
    Sight.objects.create(dispute=dispute, person=by, agency=agency, why=Why.RAISED, since=at)
    names.index(dispute)
    written.keep("entered after the event", dispute.pk, dispute)
    position = Position(by, dispute, at)
    _attach(dispute, position, files, kept_where, at)
    stages = _stages(dispute, [details["raised_at"], *began], ended_at)
    audit.record(
        "entered after the event",
        dispute,
        by=by,
        at=at,
        thread=dispute.pk,
        agency=agency,
        role=position.role,
        text="\n".join((dispute.problem, dispute.disagreement, dispute.aim, outcome_reason)),
        stage=number,
        outcome=outcome,
        agencies=[party.agency_id for party in parties],
    )
    notices.tell("after the event", dispute, at=at, besides=agency.pk)
    notices.tell("after the event at three", dispute, at=at)
    for stage in stages:
        appendix_b.seal(stage, at=at)
    return dispute


def refuse_outsiders(by, *agencies):
    """The agency concerned for which the person enters it, as manager or lead; NotPermitted where there is none."""
    mine = by.standing.agencies_as(*MANAGERS)
    agency = next((each for each in agencies if each.pk in mine), None)
    if agency is None:
        raise NotPermitted(NOT_YOURS)
    if agencies[0] == agencies[1]:
        raise NotPermitted("A disagreement inside one agency belongs to that agency’s own procedure.")
    return agency


def refuse_disorder(raised_at, began, ended_at, outcome, at):
    """Refuse times that run backwards or lie ahead, and an end that its stage does not permit."""
    times = [raised_at, *began, ended_at, at]
    if times != sorted(times):
        raise Conflict("The times must follow each other: raised, each stage in turn, ended, and now.")
    if not can_end(outcome, len(began) + 1):
        raise Conflict("A dispute cannot end like this at that stage.")


def told_before(details):
    """The details, with what the form need not ask: the talk before, as the paper tells it (R2)."""
    given = {name: value for name, value in details.items() if value not in (None, "")}
    if given.get("safety_detail"):
        given["safety"] = Safety.IN_PLACE
    if given.get("discussed_with"):
        return {**given, "was_discussed": True}
    return {**given, "was_discussed": False, "not_discussed_why": PAPER_SAYS_NOTHING}


def _attach(dispute, position, files, kept_where, at):
    """The paper record as evidence, inside the sealed record."""
    evidence = Evidence.objects.create(
        dispute=dispute,
        stage=dispute.stage,
        agency=position.agency,
        by=position.by,
        added_at=at,
        kind=EvidenceKind.PAPER_RECORD,
        shows=kept_where,
    )
    written.keep("added evidence", dispute.pk, evidence)
    store_files(dispute, files, position, at, evidence=evidence)


def _stages(dispute, began, ended_at):
    """Each stage with its times, as the paper gives them."""
    ends = [*began[1:], ended_at]
    return [
        Stage.objects.create(
            dispute=dispute,
            number=number,
            began_at=start,
            ended_at=stop,
            end=StageEnd.ENDED if number == dispute.stage else StageEnd.ESCALATED,
        )
        for number, (start, stop) in enumerate(zip(began, ends, strict=True), start=1)
    ]
