"""The Board's part, and the outcome conveyed (R27, R28, R29, R35)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import own
from agencies.models import Act, Membership, Notice, Role, User
from escalation import actions
from escalation.models import BoardAct, Conveyance, Duty
from escalation.permissions import Conflict
from tests.cast import RAISED, at_stage

HOUR = timedelta(hours=1)
AT = RAISED + 6 * HOUR
QUERIES = 8


def waiting(dispute, kind):
    return Duty.objects.waiting(timezone.now()).filter(dispute=dispute, kind=kind)


def ended(cast, stage, **changes):
    """A dispute that the raising agency withdrew at this stage."""
    at = timezone.now() - 12 * HOUR
    dispute = at_stage(cast, stage, at=at, **changes)
    by = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}[stage]
    return actions.withdraw(dispute=dispute, by=by, at=at + 6 * HOUR, reason="Settled between us.")


def reads(client, user, dispute, page=""):
    client.force_login(user)
    return client.get(f"/disputes/{dispute.reference}/{page}")


def test_informing_the_chair_tells_and_records_in_one(cast):
    """R28: a dated act; the Chair has a notice, and the duty is done."""
    dispute = at_stage(cast, 3)
    assert waiting(dispute, "inform_chair").count() == 1

    act = actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT)

    assert (act.done_at, act.recorded_at, act.by) == (AT, AT, cast.board_manager)
    assert [notice.recipient for notice in Notice.objects.filter(kind="chair informed")] == [cast.chair]
    assert not waiting(dispute, "inform_chair")
    assert Act.objects.filter(verb="informed the Chair").count() == 1
    with pytest.raises(Conflict, match="recorded already"):
        actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT)


def test_the_board_managers_deputy_does_it_in_their_name(cast, client):
    """As "A for B", on the page and in the timeline."""
    now = timezone.now()
    dispute = at_stage(cast, 3, at=now - 12 * HOUR)
    own.name_deputy(
        by=cast.board_manager, deputy=cast.police_practitioner, at=now, starts_at=now, ends_at=now + 9 * HOUR
    )
    page = reads(client, cast.police_practitioner, dispute).text
    assert "You stand in for <strong>Helen Goddard</strong>" in page
    assert "The Board Manager’s record" in page

    client.post(f"/disputes/{dispute.reference}/chair/", {"way": "now", "seen_stage": 3})

    assert BoardAct.objects.get().who == "Police Practitioner for Helen Goddard"
    assert "Police Practitioner for Helen Goddard" in reads(client, cast.board_manager, dispute).text
    assert "Police Practitioner for Helen Goddard informed" in reads(client, cast.chair, dispute, "timeline/").text
    assert reads(client, cast.police_practitioner, dispute, "involvement/").status_code == 409


def test_what_was_done_already_is_recorded_and_not_told_again(cast):
    dispute = at_stage(cast, 3)
    act = actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT, done_at=AT - HOUR, how="By telephone.")
    assert (act.done_at, act.how) == (AT - HOUR, "By telephone.")
    assert not Notice.objects.filter(kind="chair informed").exists()


def test_without_a_chair_nobody_is_said_to_be_informed(cast):
    """One says how it was done instead."""
    Membership.objects.filter(role=Role.CHAIR).update(ended_at=RAISED)
    dispute = at_stage(cast, 3)
    with pytest.raises(Conflict, match="by other means"):
        actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT)
    assert not BoardAct.objects.exists()
    assert actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT, done_at=AT, how="By post.")


def test_the_page_of_the_dispute_shows_the_record_and_what_is_next(cast, client):
    """R27 to R29: to the Board Manager and the Chair, and to nobody else."""
    dispute = at_stage(cast, 3, at=timezone.now() - 12 * HOUR)
    page = reads(client, cast.board_manager, dispute).text
    assert "Your record as Board Manager" in page
    assert "inform the Independent Chair that this dispute has reached stage three" in page
    assert f'href="/disputes/{dispute.reference}/chair/" class="govuk-button"' in page
    assert "the email has not left yet" in page
    Notice.objects.filter(kind="inform_chair").update(sent_at=timezone.now(), read_at=timezone.now())

    answer = client.post(f"/disputes/{dispute.reference}/chair/", {"way": "now", "seen_stage": 3}, follow=True)

    assert "It is recorded that the Independent Chair is informed." in answer.text
    assert "by email and here. Opened" in answer.text
    assert f"/disputes/{dispute.reference}/chair/" not in answer.text
    assert "The Board Manager’s record" in reads(client, cast.chair, dispute).text
    assert 'id="board"' not in reads(client, cast.council_lead, dispute).text
    assert "informed the Independent Chair" in reads(client, cast.council_lead, dispute, "timeline/").text


def test_involvement_is_recorded_after_the_end(cast, client):
    """R29: it holds nothing up."""
    open_one = at_stage(cast, 3)
    with pytest.raises(Conflict, match="when the dispute has ended"):
        actions.record_involvement(dispute=open_one, by=cast.board_manager, at=AT, how="Read.")
    dispute = ended(cast, 3)
    assert waiting(dispute, "be_involved").count() == 1
    page = reads(client, cast.board_manager, dispute).text
    assert "Record your involvement" in page

    client.post(f"/disputes/{dispute.reference}/involvement/", {"how": "I asked both leads."})

    assert not waiting(dispute, "be_involved")
    assert "I asked both leads." in reads(client, cast.board_manager, dispute).text
    assert "I asked both leads." not in reads(client, cast.hospital_lead, dispute).text
    assert "involvement in the resolution" in reads(client, cast.council_lead, dispute, "timeline/").text
    assert client.post(f"/disputes/{dispute.reference}/involvement/", {"how": "Twice."}).status_code in (403, 409)


@pytest.mark.parametrize("stage", [1, 2])
def test_the_referrer_opening_the_outcome_counts_as_conveyed(cast, client, stage):
    """R35, once: at stages one and two."""
    dispute = ended(cast, stage)

    first = reads(client, cast.council_practitioner, dispute)
    reads(client, cast.council_practitioner, dispute)

    conveyed = Conveyance.objects.get(dispute=dispute)
    assert (conveyed.to, conveyed.how, conveyed.by) == ("Council Practitioner", "read", cast.council_practitioner)
    assert "read in Resolve" in first.text
    assert Act.objects.filter(verb="read the outcome").count() == 1
    assert "which counts as conveyed" in reads(client, cast.council_practitioner, dispute, "timeline/").text


@pytest.mark.parametrize("who", ["council_manager", "council_lead", "hospital_lead"])
def test_nobody_elses_opening_conveys_it(cast, client, who):
    dispute = ended(cast, 2)
    assert reads(client, getattr(cast, who), dispute).status_code == 200
    assert not Conveyance.objects.exists()


def test_from_stage_three_it_is_conveyed_by_somebody(cast, client):
    """The referrer's reading is not enough; the duty waits until it is recorded."""
    dispute = ended(cast, 3)
    reads(client, cast.council_practitioner, dispute)
    assert not Conveyance.objects.exists()
    assert waiting(dispute, "convey").count() == 1

    actions.convey(dispute=dispute, by=cast.council_lead, at=timezone.now(), to="Council Practitioner", how="telephone")

    assert not waiting(dispute, "convey")
    assert "by telephone" in reads(client, cast.council_practitioner, dispute).text
    assert "To Council Practitioner, by telephone" in reads(client, cast.council_lead, dispute, "timeline/").text


def test_what_was_entered_for_somebody_is_conveyed_to_them(cast, client):
    """R45: whoever entered it reading it tells the care worker nothing."""
    dispute = ended(cast, 1, for_name="Carol Carer", for_how="telephone")
    reads(client, cast.council_practitioner, dispute)
    assert not Conveyance.objects.exists()
    page = reads(client, cast.council_practitioner, dispute, "conveyed/")
    assert 'value="Carol Carer"' in page.text


def test_an_open_dispute_has_no_outcome_to_convey(cast, client):
    dispute = at_stage(cast, 1)
    assert reads(client, cast.council_practitioner, dispute, "conveyed/").status_code == 409
    assert not Conveyance.objects.exists()


def test_the_page_does_not_fail_where_the_reading_cannot_be_noted(cast, client, monkeypatch):
    dispute = ended(cast, 1)

    def fail(**_):
        raise DatabaseError

    monkeypatch.setattr(actions, "read_outcome", fail)
    assert reads(client, cast.council_practitioner, dispute).status_code == 200


def test_two_readings_at_once_are_one(cast):
    dispute = ended(cast, 1)
    at = timezone.now()
    for _ in range(2):
        actions.read_outcome(dispute=dispute, by=User.objects.get(pk=cast.council_practitioner.pk), at=at)
    assert Conveyance.objects.count() == 1


def test_the_page_costs_the_same_for_the_board_whatever_was_done(cast, client):
    """What the Board Manager did is read with everything else, and asks for no more."""
    dispute = at_stage(cast, 3, at=timezone.now() - 12 * HOUR)
    numbers = []
    for done in (False, True):
        if done:
            actions.inform_chair(dispute=dispute, by=cast.board_manager, at=timezone.now())
        client.force_login(cast.board_manager)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/disputes/{dispute.reference}/")
        numbers.append(len(captured))
    assert numbers[1] <= numbers[0] <= QUERIES
