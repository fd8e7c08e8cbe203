"""That a record was sent to an agency, and is filed on the adult's record there (R16)."""

from django.db.models import prefetch_related_objects

from escalation import duties
from escalation.actions.door import action, begin, note
from escalation.filing import SEALED, is_filed, not_filed, of_agency, sealed, without_accounts
from escalation.models import DutyKind, Filing
from escalation.moments import london_date, on_moment
from escalation.permissions import Conflict, NotPermitted
from escalation.stages import stage_name


@action
def receive_records(*, by, at, agency, records):
    """Somebody of an agency has these records now: sent, where that is not recorded yet. Changes nothing else."""
    for record in records:
        sent = {"sent_at": at, "sent_by": by, "recorded_at": at}
        Filing.objects.get_or_create(record=record, agency=agency, defaults=sent)


@action
def file_record(*, dispute, by, at, stages, filed_on=None, local_reference="", filed_by_name="", agency=None):
    """Record that an agency has filed the records of these stages; gives the filings.

    For one's own agency; for another one where nobody there has an account (R50). Never too late.
    """
    dispute, position = begin("file_record", dispute, by=by, at=at)
    agency = agency or position.agency
    refuse_for_another(position, agency)
    prefetch_related_objects([dispute], *SEALED)
    refuse_nothing_to_file(dispute, agency)
    records, numbers, filings = sealed(dispute), sorted(set(stages)), []
    said = _said(position, at, filed_on or london_date(at), local_reference, filed_by_name)
    for number in numbers:
        refuse_filed(records, number, agency)
        # Somebody may be downloading it, which writes that it was sent
        filing, is_new = Filing.objects.get_or_create(record=records[number], agency=agency, defaults=said)
        if not is_new:
            _change(filing, said)
        filings.append(filing)
    if not filings:
        raise Conflict("Choose which record is filed.")
    if dispute.ended_at and dispute.stage in numbers:
        duties.done(dispute, DutyKind.FILE, by=by, at=at, agency=agency.pk)
    told = {"records": numbers, "of_agency": agency.pk}
    note("filed the record", dispute, position, at=at, subject=filings[-1], is_movement=False, **told)
    return filings


@action
def correct_filing(*, filing, by, at, filed_on, local_reference="", filed_by_name=""):
    """Put right what is recorded of a filing; what stood before is kept in its history."""
    stage = filing.record.stage
    dispute, position = begin("file_record", stage.dispute, by=by, at=at)
    refuse_for_another(position, filing.agency)
    filing.refresh_from_db()
    refuse_not_filed(filing)
    _change(filing, _said(position, at, filed_on, local_reference, filed_by_name))
    told = {"records": [stage.number], "of_agency": filing.agency_id}
    note("corrected the filing", dispute, position, at=at, subject=filing, is_movement=False, **told)
    return filing


def _said(position, at, filed_on, local_reference, filed_by_name):
    return {
        "filed_on": filed_on,
        "local_reference": local_reference,
        "filed_by_name": filed_by_name,
        "filed_by": position.by,
        "recorded_at": at,
    }


def _change(filing, said):
    for name, value in said.items():
        setattr(filing, name, value)
    filing.save()


def refuse_for_another(position, agency):
    """Refuse to say what another agency has filed, unless nobody there could."""
    if agency.pk == position.agency_id:
        return
    if agency.pk not in position.parties or not without_accounts([agency.pk]):
        raise NotPermitted(f"What {agency} has filed is recorded by somebody of {agency}.")


def refuse_nothing_to_file(dispute, agency):
    """Refuse before a record is sealed, and when each is filed."""
    if not sealed(dispute):
        raise Conflict("There is nothing to file yet: a record is sealed when its stage ends.")
    if not not_filed(dispute, agency.pk):
        raise Conflict(f"It is recorded already that {agency} has filed each record.")


def refuse_filed(records, number, agency):
    """Refuse a stage without a sealed record, and a record that is filed."""
    if number not in records:
        raise Conflict(f"There is no sealed record of {stage_name(number)} yet.")
    if is_filed(records[number], agency.pk):
        filing = of_agency(records[number], agency.pk)
        raise Conflict(
            f"{filing.filed_by} recorded {on_moment(filing.recorded_at)} that {agency} has filed the record of "
            f"{stage_name(number)}. Correct that if it is wrong."
        )


def refuse_not_filed(filing):
    """Refuse to correct what is not there."""
    if not filing.is_filed:
        raise Conflict(f"It is not recorded that {filing.agency} has filed it.")
