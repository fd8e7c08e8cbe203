"""Binding: acknowledged by every agency concerned, actions followed to their end, late ones told (R33, R35)."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from agencies.models import Act, Membership, Notice
from escalation import actions as of_dispute
from escalation import timers
from escalation.models import Dispute, Duty, DutyKind
from escalation.permissions import Conflict, NotPermitted
from escalation.stages import MOVES
from panels import following as reading
from panels.actions import following, reporting
from panels.models import Acknowledgement, PanelAction, PanelDecision, Report, Representation
from tests.cast import RAISED, at_stage
from tests.panels.after import DAY, HOUR, SIGNED, action_of, convened, decided, declined, given

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
CANARY = "CANARY-PANEL"


def waiting(kind, at=SIGNED + HOUR):
    return Duty.objects.waiting(at).filter(kind=kind)


def owners(kind):
    return sorted((duty.agency_id, duty.role, duty.person_id) for duty in waiting(kind))


def test_who_owes_what_once_it_is_signed_off(cast):
    """R33, R34, R35: leads acknowledge, owners act, the referrer is told, the Board Manager reports."""
    panel = decided(cast)

    assert owners(DutyKind.ACKNOWLEDGE) == sorted(
        [(cast.council.pk, "", cast.council_lead.pk), (cast.hospital.pk, "lead", None)]
    )
    assert owners(DutyKind.DO_ACTION) == sorted(
        [(cast.council.pk, "", cast.council_manager_2.pk), (cast.hospital.pk, "lead", None)]
    )
    assert [(duty.role, duty.address) for duty in waiting(DutyKind.WRITE_REPORT)] == [
        ("board_manager", f"/panels/{panel.pk}/report/")
    ]
    assert waiting(DutyKind.CONVEY).count() == 1
    due = waiting(DutyKind.DO_ACTION).get(agency=cast.council).due_at
    assert due == datetime(2026, 5, 30, tzinfo=LONDON)
    # Whoever owns an action sees the dispute from now on
    assert Dispute.objects.visible_to(cast.council_manager_2, SIGNED).exists()
    told = Notice.objects.filter(kind=DutyKind.DO_ACTION, recipient=cast.council_manager_2)
    assert [notice.address for notice in told] == [
        f"/panels/{panel.pk}/actions/{action_of(panel, cast.council).pk}/done/"
    ]


def test_each_agency_concerned_acknowledges_once(cast):
    panel = decided(cast)

    row = following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + HOUR)

    assert (row.agency, row.by, row.at) == (cast.hospital, cast.hospital_lead, SIGNED + HOUR)
    assert [duty.agency for duty in waiting(DutyKind.ACKNOWLEDGE)] == [cast.council]
    act = Act.objects.get(verb="acknowledged the decision")
    assert (act.by, act.agency, act.subject_id) == (cast.hospital_lead, cast.hospital, row.pk)
    assert row.history.get().history_user == cast.hospital_lead
    with pytest.raises(Conflict, match="Hospital Lead acknowledged the decision for Rother Valley Hospital"):
        following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + 2 * HOUR)
    assert Acknowledgement.objects.count() == 1


@pytest.mark.parametrize(
    "who", ["chair", "board_manager", "council_practitioner", "hospital_manager", "trust_lead", "council_manager_2"]
)
def test_nobody_acknowledges_but_a_lead_of_an_agency_concerned(cast, who):
    """R33: an agency that only sits is not bound, and has nothing to acknowledge."""
    panel = decided(cast)

    with pytest.raises(NotPermitted):
        following.acknowledge(panel=panel, by=getattr(cast, who), at=SIGNED + HOUR)


def test_the_board_records_it_for_an_agency_without_accounts(cast, client):
    """R33, R50: the Board Manager asks it by other means; never one that can acknowledge itself."""
    dispute = at_stage(cast, 4)
    Membership.objects.filter(agency=cast.hospital).update(ended_at=RAISED + HOUR)
    panel = decided(cast, panel=convened(cast, dispute=dispute, hospital_name="Ann Other"))
    assert [(duty.role, duty.address) for duty in waiting(DutyKind.TELL_PARTY)] == [
        ("board_manager", f"/panels/{panel.pk}/acknowledge/{cast.hospital.pk}/")
    ]
    told = {"name": "Beth Ogden", "how": "telephone"}
    for agency, why in ((cast.council, "A lead of Adult Social Care"), (cast.trust, "not concerned")):
        with pytest.raises(Conflict, match=why):
            following.acknowledge_for(panel=panel, agency=agency, by=cast.chair, at=SIGNED + HOUR, **told)
    with pytest.raises(NotPermitted):
        following.acknowledge_for(panel=panel, agency=cast.hospital, by=cast.council_lead, at=SIGNED + HOUR, **told)
    client.force_login(cast.board_manager)
    address = reverse("acknowledge_for", args=[panel.pk, cast.hospital.pk])
    assert address in client.get(reverse("panel", args=[panel.pk])).text

    assert client.post(address, told).status_code == 302

    assert not waiting(DutyKind.TELL_PARTY).exists()
    row = Acknowledgement.objects.get()
    assert (row.agency, row.by, row.told_by) == (cast.hospital, cast.board_manager, "Beth Ogden")
    assert (
        "by Beth Ogden (by telephone, recorded by Helen Goddard)" in client.get(reverse("panel", args=[panel.pk])).text
    )
    assert client.get(address).status_code == 409
    assert client.get(reverse("acknowledge_for", args=[panel.pk, 2**63])).status_code == 404


def test_nothing_binds_before_the_sign_off(cast):
    panel = decided(cast, signed=False)

    with pytest.raises(Conflict, match="not decided yet"):
        following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED)
    with pytest.raises(Conflict, match="not decided yet"):
        following.record_done(
            action=action_of(panel, cast.council), by=cast.council_manager_2, at=SIGNED, done_on=date(2026, 5, 27),
            shown_by="Note.",
        )  # fmt: skip
    assert not waiting(DutyKind.ACKNOWLEDGE).exists()
    assert not reading.late_actions(SIGNED + 90 * DAY).exists()


def test_agencies_are_chased_until_they_acknowledge(cast):
    """R33: each working day, by the sweep, which changes no tracked row."""
    panel = decided(cast)  # Wed 27 May
    chased = Notice.objects.filter(
        kind=DutyKind.ACKNOWLEDGE, title__startswith="Reminder", recipient=cast.hospital_lead
    )
    versions = Acknowledgement.history.count() + panel.decision.history.count()

    for hours in (1, 23, 25, 26, 50, 24 * 5 + 3):  # Thursday, Friday, and Monday after the week-end
        timers.sweep(SIGNED + hours * HOUR)
    assert chased.count() == 3
    following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + 6 * DAY)
    for days in (7, 8, 9):
        timers.sweep(SIGNED + days * DAY)

    assert chased.count() == 3
    assert Acknowledgement.history.count() - 1 + panel.decision.history.count() == versions


def test_an_action_is_followed_to_what_shows_it(cast):
    """R33: by its owner, a lead of its agency, the Chair or the Board Manager; once."""
    panel = decided(cast)
    action = action_of(panel, cast.council)

    following.record_done(
        action=action, by=cast.council_manager_2, at=SIGNED + DAY, done_on=date(2026, 5, 28), shown_by="Entry 14."
    )

    action.refresh_from_db()
    assert (action.done_on, action.done_by, action.shown_by) == (date(2026, 5, 28), cast.council_manager_2, "Entry 14.")
    assert [duty.agency for duty in waiting(DutyKind.DO_ACTION)] == [cast.hospital]
    assert Act.objects.get(verb="recorded an action done").agency == cast.council
    with pytest.raises(Conflict, match="already that this was done on Thu 28 May"):
        following.record_done(
            action=action, by=cast.council_lead, at=SIGNED + DAY, done_on=date(2026, 5, 28), shown_by="x"
        )


def test_a_body_that_was_asked_again_has_answered(cast):
    """R33: what the law gives to one body the panel can only ask; its answer is recorded, with its day."""
    panel = decided(cast)
    action = action_of(panel, cast.hospital)

    following.record_done(
        action=action, by=cast.board_manager, at=SIGNED + DAY, done_on=date(2026, 5, 28), shown_by="She stays."
    )

    action.refresh_from_db()
    assert (action.asks_again, action.done_by, action.shown_by) == (True, cast.board_manager, "She stays.")
    assert Act.objects.filter(verb="recorded what was decided again", by=cast.board_manager).exists()


@pytest.mark.parametrize("who", ["council_practitioner", "hospital_lead", "trust_lead", "council_manager"])
def test_nobody_else_records_that_it_is_done(cast, who):
    panel = decided(cast)

    with pytest.raises(NotPermitted):
        following.record_done(
            action=action_of(panel, cast.council), by=getattr(cast, who), at=SIGNED + DAY, done_on=date(2026, 5, 28),
            shown_by="x",
        )  # fmt: skip


def test_a_late_action_is_told_to_the_chair_and_the_board_manager_once(cast):
    """R33: its day counts; after it the owner is chased each working day, the Board told once."""
    panel = decided(cast)
    action = action_of(panel, cast.council)  # due Fri 29 May
    friday_night = datetime(2026, 5, 29, 23, 59, tzinfo=LONDON)
    told = Notice.objects.filter(kind="action late")
    chased = Notice.objects.filter(kind=DutyKind.DO_ACTION, title__startswith="Reminder")
    timers.sweep(friday_night)
    assert (told.count(), list(reading.late_actions(friday_night))) == (0, [])

    for hours in (1, 25, 49, 73, 97):  # Saturday to Wednesday: the other action is late from then on
        timers.sweep(friday_night + hours * HOUR)

    of_friday = told.filter(event=f"action late:{panel.dispute_id}:{action.pk}")
    assert {notice.recipient for notice in of_friday if notice.recipient} == {cast.chair, cast.board_manager}
    assert {notice.address for notice in told} == {
        f"/panels/{panel.pk}/actions/{each.pk}/done/" for each in panel.decision.actions.all()
    }
    assert told.count() == 4
    assert chased.filter(recipient=cast.council_manager_2).count() >= 2
    assert list(reading.late_actions(friday_night + HOUR)) == [action]
    assert Act.objects.filter(verb="flagged a late action", timer="duty reminder").count() == 2
    following.record_done(
        action=action, by=cast.council_lead, at=friday_night + 5 * DAY, done_on=date(2026, 6, 2), shown_by="Entry 14."
    )
    assert list(reading.late_actions(friday_night + 5 * DAY)) == [action_of(panel, cast.hospital)]


def test_no_lower_stage_opens_again(cast):
    """R33: no move of the table leads anywhere once the panel has decided."""
    panel = decided(cast)
    leading = [name for name, move in MOVES.items() if move.leads_to or move.ends_as]
    assert {"take_up", "approve", "send_to_chair", "settle", "decide"} <= set(leading)

    for name in leading:
        assert not MOVES[name].after_end
    with pytest.raises(Conflict, match="decided by panel"):
        of_dispute.propose(
            dispute=panel.dispute, by=cast.council_lead, at=SIGNED + HOUR, resolution="Otherwise.", rationale="So."
        )
    assert Dispute.objects.get().stage == 4


# The pages


def test_the_pages_follow_a_decision(cast, client):
    panel = decided(cast)
    client.force_login(cast.hospital_lead)
    action = action_of(panel, cast.hospital)
    done = reverse("record_done", args=[panel.pk, action.pk])

    assert "Her capacity is assessed" in client.get(reverse("acknowledge", args=[panel.pk])).text
    assert "Tick that your agency has read" in client.post(reverse("acknowledge", args=[panel.pk])).text
    assert client.post(reverse("acknowledge", args=[panel.pk]), {"is_read": "on"}).status_code == 302
    assert client.get(reverse("acknowledge", args=[panel.pk])).status_code == 409
    assert "What was decided, and why?" in client.get(done).text
    on = {"done_on-day": "26", "done_on-month": "5", "done_on-year": "2026", "shown_by": "<i>She stays</i>"}
    assert "must be the day of the panel’s decision" in client.post(done, on).text
    assert client.post(done, {**on, "done_on-day": "28"}).status_code == 302
    assert client.get(done).status_code == 409

    shown = client.get(reverse("panel", args=[panel.pk])).text
    assert "&lt;i&gt;She stays&lt;/i&gt;" in shown
    assert "Not yet acknowledged" in shown
    assert "1 action past the date: Adult Social Care" in shown
    assert "Acknowledge it" not in shown
    assert client.get(reverse("record_done", args=[panel.pk, action.pk + 99])).status_code == 404
    assert client.get(reverse("record_done", args=[panel.pk, 2**63])).status_code == 404


def test_the_pages_refuse_whoever_may_not(cast, client):
    panel = decided(cast)
    action = action_of(panel, cast.hospital)
    addresses = [reverse("acknowledge", args=[panel.pk]), reverse("record_done", args=[panel.pk, action.pk])]

    client.force_login(cast.trust_lead)
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    client.force_login(cast.police_lead)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    client.force_login(cast.chair)
    other = convened(cast)
    assert client.get(reverse("record_done", args=[other.pk, action.pk])).status_code == 404


def test_the_outcome_is_conveyed_and_stands_on_the_panel(cast, client):
    """R35: to whom, when, how."""
    panel = decided(cast)
    client.force_login(cast.board_manager)
    address = reverse("panel", args=[panel.pk])
    assert "is to be told what the panel decided" in client.get(address).text
    assert reverse("convey", args=[panel.dispute.reference]) in client.get(address).text

    of_dispute.convey(
        dispute=panel.dispute, by=cast.board_manager, at=SIGNED + HOUR, to="Council Practitioner", how="telephone"
    )

    shown = client.get(address).text
    assert "Conveyed to Council Practitioner, by telephone" in shown
    assert "is to be told" not in shown


def test_trail_and_notices_hold_no_text_and_every_row_its_author(cast):
    """R43: verbs and ids; what was written stands in the rows alone, each version with whoever made it."""
    panel = convened(cast, adult_name=f"{CANARY} Name")
    given(panel, cast, text=f"{CANARY} given")
    declined(panel, cast, reason=f"{CANARY} declined")
    panel = decided(cast, panel=panel)
    following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + HOUR)
    following.record_done(
        action=action_of(panel, cast.council), by=cast.council_manager_2, at=SIGNED + DAY, done_on=date(2026, 5, 28),
        shown_by=f"{CANARY} shown",
    )  # fmt: skip
    reporting.write_report(panel=panel, by=cast.chair, at=SIGNED + DAY, issues=CANARY, decisions=CANARY)
    reporting.seal_report(panel=panel, by=cast.chair, at=SIGNED + DAY)
    timers.sweep(SIGNED + 9 * DAY)

    texts = [field.name for field in Act._meta.fields if field.name not in ("by", "on_behalf_of", "agency")]
    assert CANARY not in json.dumps(list(Act.objects.values(*texts)), default=str)
    assert CANARY not in json.dumps(list(Notice.objects.values()), default=str)
    for model in (Representation, Acknowledgement, PanelAction, Report, PanelDecision):
        assert model.history.exists()
        assert not model.history.filter(history_user=None).exists(), model
