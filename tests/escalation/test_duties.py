"""What waits for whom, where the acts' own tests do not say."""

from datetime import timedelta

from escalation.models import Duty, DutyKind
from tests.cast import RAISED, raise_dispute, record_discussion

HOUR = timedelta(hours=1)


def owners(kind):
    return [(duty.agency.name, duty.person, duty.role) for duty in Duty.objects.filter(kind=kind).order_by("pk")]


def test_the_referrer_is_asked_for_the_entry_still_missing_at_stage_one(cast):
    """R11: the other side has written; the entry of who raised it waits for that person, not for the contact."""
    dispute = raise_dispute(cast)

    record_discussion(dispute, cast.hospital_practitioner, RAISED + HOUR)

    assert owners(DutyKind.WRITE_ENTRY) == [(cast.council.name, cast.council_practitioner, "")]


def test_an_agency_for_which_somebody_else_raised_it_names_who_acts(cast):
    """R45: nobody of the agency has seen it yet."""
    raise_dispute(
        cast, by=cast.police_practitioner, for_name="Kelly Draycott", for_how="telephone", raising_agency=cast.council
    )

    assert owners(DutyKind.NAME_SOMEBODY) == [(cast.council.name, None, "")]
