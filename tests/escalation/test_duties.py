"""What waits for whom, where the acts' own tests do not say."""

from datetime import timedelta

from agencies.models import User
from escalation import actions, duties
from escalation.models import Duty, DutyKind
from tests.cast import RAISED, SAFE, raise_dispute, record_discussion

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


def test_what_is_counted_on_every_page_is_what_waits_on_its_own(cast):
    """The request is counted for whoever may decide it, and for nobody else (R25)."""
    dispute = raise_dispute(cast)
    record_discussion(dispute, cast.council_practitioner, RAISED)
    actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="No agreement.", **SAFE
    )
    at = RAISED + 2 * HOUR

    people = {
        name: User.objects.get(pk=someone.pk) for name, someone in vars(cast).items() if isinstance(someone, User)
    }
    counted = {name: duties.counts(someone, at)["approvals"] for name, someone in people.items()}

    assert counted == {name: duties.approvals_for(someone, at).count() for name, someone in people.items()}
    assert {name for name, number in counted.items() if number} == {"council_manager", "council_manager_2"}
