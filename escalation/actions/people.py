"""Who acts for an agency, and which agencies are concerned."""

from escalation import deadlines, duties
from escalation.actions.door import action, begin, let_see, note, take_part
from escalation.duties import ROLE_AT_STAGE
from escalation.models import Dispute, DutyKind, Participant, Party, Representative, Side, Sight, Why
from escalation.permissions import Conflict, NotPermitted, Position, open_proposal, works_for
from escalation.stages import stage_name


@action
def choose_agency(*, dispute, by, at, agency):
    """Settle for which of several agencies concerned a person acts on this dispute, for good."""
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=dispute.pk)
    position = Position(by, dispute)
    if agency.pk not in position.seats:
        raise NotPermitted("You cannot act for that agency on this dispute.")
    take_part(dispute, by, agency.pk, at)
    note("chose an agency", dispute, Position(by, dispute), at=at)
    return dispute


@action
def name_representative(*, dispute, by, at, stage, person=None, name="", job_title="", phone=""):
    """Name who acts for one's agency at this stage or a later one (R24, R26): an account, or a typed name."""
    dispute, position = begin("name_representative", dispute, by=by, at=at)
    if stage < dispute.stage:
        raise Conflict(f"{stage_name(stage).capitalize()} of this dispute has ended.")
    if stage not in ROLE_AT_STAGE:
        raise Conflict("Somebody is named for stages one to three.")
    _can_act(dispute, person, position.agency)
    representative = appoint(
        dispute, position, at=at, agency_id=position.agency_id, stage=stage,
        person=person, name=name, job_title=job_title, phone=phone,
    )  # fmt: skip
    duties.done(dispute, DutyKind.NAME_SOMEBODY, by=by, at=at, agency=position.agency_id)
    note("named", dispute, position, at=at, subject=representative, text=name, for_stage=stage)
    return representative


@action
def suggest_representative(*, dispute, by, at, agency, person=None, name="", job_title="", phone=""):
    """Suggest who might act for another agency at stage one; its manager or lead may name somebody else."""
    dispute, position = begin("suggest_representative", dispute, by=by, at=at)
    if agency.pk not in position.parties or agency.pk == position.agency_id:
        raise NotPermitted("You can suggest somebody for another agency concerned.")
    named = position.named.get((agency.pk, 1))
    if named and not named.is_suggestion:
        raise Conflict(f"{agency} has named {named.display_name}.")
    _can_act(dispute, person, agency)
    representative = appoint(
        dispute, position, at=at, agency_id=agency.pk, stage=1,
        person=person, name=name, job_title=job_title, phone=phone, is_suggestion=True,
    )  # fmt: skip
    note("suggested", dispute, position, at=at, subject=representative, text=name)
    return representative


def _can_act(dispute, person, agency):
    """Refuse to name an account that could not act for the agency: nobody else would act in its place."""
    if person is None:
        return
    if not works_for(person, agency):
        raise Conflict(f"{person} has no account with {agency}.")
    if Participant.objects.filter(dispute=dispute, person=person).exclude(agency=agency).exists():
        raise Conflict(f"{person} has acted for another agency on this dispute.")


def appoint(dispute, position, *, at, agency_id, stage, person=None, is_suggestion=False, **typed):
    """Put a person in the place of whoever was named before, let them see, and pass on what waits."""
    for former in Representative.objects.filter(dispute=dispute, agency=agency_id, stage=stage, replaced_at=None):
        former.replaced_at = at
        former.save()
        if former.person_id and former.person != person:
            _unname(dispute, former, at)
    representative = Representative.objects.create(
        dispute=dispute,
        agency_id=agency_id,
        stage=stage,
        person=person,
        is_suggestion=is_suggestion,
        named_by=position.user,
        named_at=at,
        **typed,
    )
    if person:
        let_see(dispute, person, Why.NAMED, at, agency_id=agency_id, is_of_party=agency_id in position.parties)
    duties.hand_over(dispute, representative, at)
    position.named[(agency_id, stage)] = representative
    return representative


def _unname(dispute, former, at):
    """Whoever is replaced, and has not acted, sees the dispute no longer: a slip in naming opens nothing for good."""
    named = Representative.objects.filter(dispute=dispute, person=former.person_id, replaced_at=None)
    if not named.exists():
        Sight.objects.filter(dispute=dispute, person=former.person_id, why=Why.NAMED).update(until=at)


@action
def add_agency(*, dispute, by, at, agency, seen_stage=None):
    """Add an agency concerned, before stage four; it is asked for its view (R14)."""
    dispute, position = begin("add_agency", dispute, by=by, at=at, seen_stage=seen_stage)
    if agency.pk in position.parties:
        raise Conflict(f"{agency} is concerned in this dispute already.")
    party = Party.objects.create(
        dispute=dispute, agency=agency, side=Side.CONCERNED, added_at=at, raised_at=dispute.raised_at
    )
    duties.write(
        duties.new(DutyKind.GIVE_VIEW, dispute, at=at, agency_id=agency.pk, to=("view",)),
        duties.new(DutyKind.NAME_SOMEBODY, dispute, at=at, agency_id=agency.pk, to=("people",)),
    )
    proposal = open_proposal(dispute)
    if proposal:
        _ask_too(dispute, proposal, agency, at)
    note("added an agency", dispute, position, at=at, subject=party, added=agency.pk)
    return party


def _ask_too(dispute, proposal, agency, at):
    """Give an agency that is added while a proposal waits its own working day to object."""
    proposal.object_by = max(proposal.object_by, deadlines.working_day_later(at))
    proposal.save()
    duties.move(dispute, DutyKind.SETTLE, at=at, subject_id=proposal.pk, starts_at=proposal.object_by)
    duties.write(
        duties.new(
            DutyKind.ANSWER_PROPOSAL, dispute, at=at, agency_id=agency.pk, subject_id=proposal.pk,
            due_at=proposal.object_by, to=("proposals", proposal.pk),
        )
    )  # fmt: skip
