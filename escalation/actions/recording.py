"""Recording, at every stage: entries, views, consultations, the meeting, a concern referred on, a death."""

from escalation import duties, notices, watches
from escalation.actions.door import action, begin, note, written_just_now
from escalation.models import (
    Consultation,
    Discussion,
    DutyKind,
    Entry,
    EntryOutcome,
    How,
    ReferredConcern,
    Stage,
)
from escalation.permissions import Conflict


@action
def add_entry(
    *,
    dispute,
    by,
    at,
    outcome,
    outcome_reason,
    facts="",
    opinions="",
    discussion=None,
    how="",
    happened_at=None,
    again_on=None,
    seen_stage=None,
):
    """Write one's own entry, of a discussion already recorded or of a new one (R11 to R13).

    That a discussion could not be held, and why, is an entry too: how is How.NOT_HELD. The other agencies are asked
    for theirs. After the end an entry is late, and stands outside the sealed record.
    """
    if discussion is not None and discussion.stage != dispute.stage:
        seen_stage = None  # an entry still missing from an earlier stage is welcome
    dispute, position = begin("add_entry", dispute, by=by, at=at, subject=discussion, seen_stage=seen_stage)
    is_new = discussion is None
    if is_new:
        outcome = EntryOutcome.NOT_HELD if how == How.NOT_HELD else outcome
        said = {"facts": facts, "opinions": opinions, "outcome": outcome, "outcome_reason": outcome_reason}
        talk = {"discussion__how": how, **({"discussion__happened_at": happened_at} if happened_at else {})}
        if entry := written_just_now(dispute.entries, at, author=by, again_on=again_on, **said, **talk):
            return entry
        discussion = Discussion.objects.create(
            dispute=dispute, stage=dispute.stage, how=how, happened_at=happened_at or at
        )
    elif discussion.entries.filter(author=by).exists():
        raise Conflict("You have already written your entry for this discussion. Nobody can change it, you included.")
    return write_entry(
        dispute, position, discussion, at=at, is_new=is_new, author=by, facts=facts, opinions=opinions, outcome=outcome,
        outcome_reason=outcome_reason, again_on=again_on,
    )  # fmt: skip


def write_entry(dispute, position, discussion, *, at, outcome, is_new=False, **written):
    """Write one entry, of a person's own or by a link, and ask the other agencies for theirs."""
    entry = Entry.objects.create(
        dispute=dispute,
        discussion=discussion,
        agency=position.agency,
        stage=discussion.stage,
        outcome=EntryOutcome.NOT_HELD if discussion.how == How.NOT_HELD else outcome,
        recorded_at=at,
        is_late=dispute.ended_at is not None,
        **written,
    )
    if discussion.stage == dispute.stage:
        # Whoever writes has found out who acts: there is nobody left to name
        answered = (DutyKind.ACT, DutyKind.ANSWER_DISPUTE, DutyKind.NAME_SOMEBODY)
        duties.done(dispute, *answered, by=position.by, at=at, agency=position.agency_id)
    duties.done(
        dispute, DutyKind.WRITE_ENTRY, by=position.by, at=at, agency=position.agency_id, subject_id=discussion.pk
    )
    if is_new and discussion.was_held and dispute.is_open:
        # They have talked: what waits for the others now is their entry, and no longer the talk
        duties.lapse(dispute, DutyKind.ACT, DutyKind.ANSWER_DISPUTE, at=at)
        duties.write(
            *(
                duties.new(
                    DutyKind.WRITE_ENTRY,
                    dispute,
                    at=at,
                    subject_id=discussion.pk,
                    to=("discussions", discussion.pk, "entry"),
                    **duties.owner_at(position, agency_id, dispute.stage),
                )
                for agency_id in position.parties
                if agency_id != position.agency_id
            )
        )
    if is_new and not discussion.was_held:
        notices.tell("entry", dispute, at=at, subject_id=discussion.pk, besides=position.agency_id)
    note(
        "wrote an entry",
        dispute,
        position,
        at=at,
        subject=entry,
        text=entry.facts + entry.opinions,
        outcome=entry.outcome,
    )
    return entry


@action
def state_view(*, dispute, by, at, view):
    """State one's agency's own view of the reason for the dispute; the one before stays in the history (R14)."""
    dispute, position = begin("state_view", dispute, by=by, at=at)
    return give_view(dispute, position, view, at=at, by=by)


def give_view(dispute, position, view, *, at, by=None, link=None):
    """Put an agency's view in its place, given by a person or by a link."""
    party = position.parties[position.agency_id]
    is_first = not party.view
    party.view, party.view_by, party.view_link, party.view_at = view, by, link, at
    party.save()
    duties.done(dispute, DutyKind.GIVE_VIEW, by=by, at=at, agency=position.agency_id)
    note("gave the view" if is_first else "changed the view", dispute, position, at=at, subject=party, text=view)
    return party


@action
def record_consultation(*, dispute, by, at, consulted, consulted_role, consulted_on, advice):
    """Record that a colleague, manager or named safeguarding professional was consulted (R8, R23)."""
    dispute, position = begin("record_consultation", dispute, by=by, at=at)
    given = {"consulted": consulted, "consulted_role": consulted_role, "consulted_on": consulted_on, "advice": advice}
    if consultation := written_just_now(dispute.consultations, at, by=by, stage=dispute.stage, **given):
        return consultation
    consultation = Consultation.objects.create(
        dispute=dispute, stage=dispute.stage, by=by, agency=position.agency, recorded_at=at, **given
    )
    note("recorded a consultation", dispute, position, at=at, subject=consultation, text=advice)
    return consultation


@action
def record_mdt(*, dispute, by, at, mdt, mdt_on=None, mdt_why="", seen_stage=None):
    """Record whether a multi-disciplinary meeting was held, is arranged, or is not needed, and why (R23)."""
    dispute, position = begin("record_mdt", dispute, by=by, at=at, seen_stage=seen_stage)
    stage = Stage.objects.get(dispute=dispute, number=dispute.stage)
    stage.mdt, stage.mdt_on, stage.mdt_why = mdt, mdt_on, mdt_why
    stage.mdt_by, stage.mdt_recorded_at = by, at
    stage.save()
    note("considered a meeting", dispute, position, at=at, subject=stage, text=mdt_why, mdt=mdt)
    return stage


@action
def refer_concern(*, dispute, by, at, referred_on, team_reference=""):
    """Log that a new concern went to the Safeguarding Adults Team: date and reference (R37)."""
    dispute, position = begin("refer_concern", dispute, by=by, at=at)
    given = {"referred_on": referred_on, "team_reference": team_reference}
    if concern := written_just_now(dispute.concerns, at, by=by, **given):
        return concern
    concern = ReferredConcern.objects.create(dispute=dispute, by=by, agency=position.agency, recorded_at=at, **given)
    note("reported a concern", dispute, position, at=at, subject=concern)
    return concern


@action
def record_death(*, dispute, by, at, died_on, stop_target, review_considered=""):
    """Record that the adult has died; targets and reminders stay or stop by choice (R48)."""
    dispute, position = begin("record_death", dispute, by=by, at=at)
    dispute.adult_died_on = died_on
    dispute.target_stopped = stop_target
    dispute.review_considered = review_considered
    dispute.save()
    watches.again(dispute, at)
    note("recorded the death", dispute, position, at=at, text=review_considered, target_stopped=stop_target)
    return dispute
