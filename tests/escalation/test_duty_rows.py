"""One row for each thing that waits, on either database."""

from datetime import timedelta

import pytest

from escalation import duties
from escalation.models import Duty, DutyKind
from tests.cast import RAISED, raise_dispute, record_discussion

pytestmark = pytest.mark.both_databases


def test_the_same_duty_waits_once(cast):
    """An act that causes what waits already causes nothing more, also where a duty is nobody's in person."""
    dispute = raise_dispute(cast)
    for _ in range(2):
        duties.write(duties.new(DutyKind.GIVE_VIEW, dispute, at=RAISED, agency_id=cast.hospital.pk, to=("view",)))
        duties.write(duties.new(DutyKind.CONVENE, dispute, at=RAISED, role="chair"))

    assert Duty.objects.filter(kind=DutyKind.GIVE_VIEW, agency=cast.hospital).count() == 1
    assert Duty.objects.filter(kind=DutyKind.CONVENE).count() == 1


def test_an_agency_that_writes_need_name_nobody(cast):
    """Until somebody is named the role-holders act; once one has written, the question is answered."""
    dispute = raise_dispute(cast, suggested=None)
    naming = Duty.objects.filter(kind=DutyKind.NAME_SOMEBODY, agency=cast.hospital)
    assert naming.get().done_at is None

    record_discussion(dispute, cast.hospital_lead, RAISED + timedelta(hours=1))

    assert naming.get().done_by == cast.hospital_lead


def test_once_they_have_talked_the_other_side_owes_its_entry_alone(cast, at_stage):
    """One thing waits for one talk: not to hold it any more, but to write what was said."""
    dispute = at_stage(2)
    waiting = Duty.objects.filter(agency=cast.hospital, done_at=None, lapsed_at=None, stage=2)
    assert [duty.kind for duty in waiting] == [DutyKind.ACT]

    record_discussion(dispute, cast.council_manager, RAISED + timedelta(hours=5))

    assert [duty.kind for duty in waiting.all()] == [DutyKind.WRITE_ENTRY]
