"""R15, R31, R33: no decision without quorum, reasons and sign-off; signed off it ends the dispute, and binds."""

from datetime import date

import pytest

from agencies import own
from agencies.models import Act, Role
from escalation import actions
from escalation.models import Dispute, Duty, DutyKind, Record
from escalation.permissions import Conflict, NotPermitted
from panels import wording
from panels.actions import deciding, sittings
from panels.models import PanelAction, PanelDecision
from tests import cast as casting
from tests.panels.after import CONVENED, DAY, DECISION, HOUR, SIGNED, SITS, action_of, attended, convened, decided

pytestmark = pytest.mark.django_db


def record(cast, panel, by=None, at=SITS, **changes):
    return deciding.record_decision(panel=panel, by=by or cast.chair, at=at, **{**DECISION, **changes})


def of_two(cast, panel):
    """The council and the trust alone attend."""
    attending = [{"agency": agency, "name": "Somebody", "how": "video"} for agency in (cast.council, cast.trust)]
    sittings.record_attendance(sitting=panel.sittings.get(), by=cast.chair, at=SITS, attending=attending)


def test_a_panel_that_is_not_quorate_decides_nothing(cast):
    panel = convened(cast)
    with pytest.raises(Conflict, match="is recorded from that day"):
        record(cast, panel, at=SITS - DAY)
    with pytest.raises(Conflict, match="No agency is there"):
        record(cast, panel)
    of_two(cast, panel)

    with pytest.raises(Conflict) as refusal:
        record(cast, panel)

    assert str(refusal.value) == (
        "This panel cannot decide. Rother Valley Hospital is concerned and absent. "
        "Two agencies are there, and a panel needs three at least."
    )
    assert not PanelDecision.objects.exists()


def test_no_decision_without_reasons(cast):
    panel = convened(cast)
    attended(panel, cast)

    for missing in ("decision", "reasons"):
        with pytest.raises(Conflict):
            record(cast, panel, **{missing: " \u200b\n"})
    assert not PanelDecision.objects.exists()


def test_nothing_is_decided_without_the_sign_off(cast):
    """A draft binds nobody, ends nothing, and waits for the Chair."""
    panel = decided(cast, signed=False)

    dispute = Dispute.objects.get(pk=panel.dispute_id)
    assert (dispute.ended_at, dispute.outcome, Record.objects.filter(stage__number=4).exists()) == (None, "", False)
    assert panel.sittings.get().state == "held"
    waits = Duty.objects.waiting(SITS).of(cast.chair, SITS).values_list("kind", flat=True)
    assert list(waits) == [DutyKind.PANEL_SIGN_OFF]
    with pytest.raises(Conflict, match="Record the decision first"):
        deciding.sign_off(panel=convened(cast, dispute=casting.at_stage(cast, 4)), by=cast.chair, at=SITS)


def test_only_the_chair_records_and_signs_off(cast):
    panel = decided(cast, signed=False)

    for name in ("council_lead_2", "hospital_manager", "trust_lead", "board_manager", "council_lead"):
        by = getattr(cast, name)
        with pytest.raises(NotPermitted):
            record(cast, panel, by=by)
        with pytest.raises(NotPermitted):
            deciding.sign_off(panel=panel, by=by, at=SIGNED)
    for outsider in (cast.police_lead, cast.trust_practitioner):
        with pytest.raises(Dispute.DoesNotExist):
            deciding.sign_off(panel=panel, by=outsider, at=SIGNED)


def test_the_sign_off_ends_the_dispute_as_decided_by_panel(cast):
    """R33: and the sealed record of stage four carries the decision, its reasons and its actions (R15, R20)."""
    panel = decided(cast)

    dispute = Dispute.objects.get(pk=panel.dispute_id)
    assert (dispute.outcome, dispute.ended_at, dispute.stage) == ("decided", SIGNED, 4)
    assert (panel.decision.signed_off_by, panel.decision.signed_off_for) == (cast.chair, None)
    step = Record.objects.get(stage__dispute=dispute, stage__number=4).data["steps"][-1]
    assert step["headline"] == "Decided by the Resolution Panel."
    assert step["reason"] == (
        "Her capacity is assessed before any discharge.\n\n"
        "Reasons: Three nights in two weeks cannot be left to chance.\n\n"
        "Points of view: The council sees a pattern; the hospital sees single nights.\n\n"
        "Actions:\n"
        "Adult Social Care: Visit her and assess her capacity. Second Manager, by Fri 29 May 2026.\n"
        "Rother Valley Hospital: asked to decide again (A clinician): Decide again when she is fit to leave. "
        "Why: The nights were not known. Beth Ogden, by Tue 2 Jun 2026."
    )
    with pytest.raises(Conflict, match="Its panel decides nothing more"):
        record(cast, panel, at=SIGNED + HOUR)
    with pytest.raises(Conflict, match="Its panel decides nothing more"):
        deciding.remove_action(action=action_of(panel, cast.council), by=cast.chair, at=SIGNED + HOUR)


def test_the_chairs_deputy_signs_off_for_the_chair(cast):
    panel = decided(cast, signed=False)
    deputy = casting.person("deputy", "Dora Deputy", (Role.LEAD, cast.police))
    own.name_deputy(by=cast.chair, deputy=deputy, at=SITS, starts_at=SITS, ends_at=SITS + DAY)

    decision = deciding.sign_off(panel=panel, by=deputy, at=SIGNED)

    assert (decision.signed_off_by, decision.signed_off_for) == (deputy, cast.chair)
    ended = Act.objects.get(verb="ended", thread=panel.dispute_id)
    assert (ended.by, ended.on_behalf_of, ended.facts["outcome"]) == (deputy, cast.chair, "decided")


def test_quorum_is_asked_for_again_at_the_sign_off(cast):
    """Attendance put right meanwhile may show that nothing could be decided."""
    panel = decided(cast, signed=False)
    of_two(cast, panel)

    with pytest.raises(Conflict, match="Rother Valley Hospital is concerned and absent"):
        deciding.sign_off(panel=panel, by=cast.chair, at=SIGNED)
    assert Dispute.objects.get(pk=panel.dispute_id).is_open


def test_a_decision_changed_since_it_was_read_is_not_signed(cast):
    panel = decided(cast, signed=False)
    seen = wording.mark(panel.decision)
    record(cast, panel, reasons="Other reasons.")

    with pytest.raises(Conflict, match="Read it again"):
        deciding.sign_off(panel=panel, by=cast.chair, at=SIGNED, seen=seen)
    assert PanelDecision.objects.get().history.count() == 2


def test_the_draft_and_its_actions_can_be_changed(cast):
    panel = decided(cast, signed=False)
    action = action_of(panel, cast.council)
    at = SITS + HOUR / 2

    deciding.change_action(
        action=action, by=cast.chair, at=at, agency=cast.hospital, owner=cast.hospital_lead, what="Write to her.",
        due_on=date(2026, 5, 28),
    )  # fmt: skip

    action.refresh_from_db()
    assert (action.agency, action.owner_name, action.history.count()) == (cast.hospital, "Hospital Lead", 2)
    deciding.remove_action(action=action, by=cast.chair, at=at)
    assert PanelAction.objects.count() == 1
    assert PanelAction.history.filter(history_type="-").count() == 1
    with pytest.raises(Conflict, match="removed meanwhile"):
        deciding.remove_action(action=action, by=cast.chair, at=at)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"due_on": date(2026, 5, 26)}, "today or later"),
        ({"owner_name": " "}, "Say who owns"),
        ({"what": ""}, "Say what is to be done"),
        ({"kind": "decide_again"}, "Say whose decision"),
        ({"kind": "decide_again", "body": "court"}, "Say why"),
        ({"kind": "decide_again", "body": "king", "reasons": "So."}, "Say whose decision"),
    ],
)
def test_what_an_action_must_have(cast, changes, sentence):
    """R33: an owner and a date; where the law gives a decision to one body, which, and why it should decide again."""
    panel = decided(cast, signed=False)
    told = {"agency": cast.council, "owner_name": "Ann", "what": "Visit.", "due_on": date(2026, 5, 29), **changes}

    with pytest.raises(Conflict, match=sentence):
        deciding.add_action(panel=panel, by=cast.chair, at=SITS, **told)
    with pytest.raises(Conflict, match="the decision does not bind it"):
        deciding.add_action(panel=panel, by=cast.chair, at=SITS, **{**told, "agency": cast.trust})
    with pytest.raises(Conflict, match="Police Lead does not work for"):
        deciding.add_action(
            panel=panel, by=cast.chair, at=SITS, agency=cast.council, owner=cast.police_lead, what="Visit.",
            due_on=date(2026, 5, 29),
        )  # fmt: skip


def test_until_the_sign_off_the_leads_may_still_agree(cast):
    panel = decided(cast, signed=False)
    proposal = actions.propose(
        dispute=panel.dispute, by=cast.council_lead, at=SITS, resolution="Assess first.", rationale="The nights."
    )
    actions.agree(proposal=proposal, by=cast.hospital_lead, at=SITS)

    with pytest.raises(Conflict, match="Its panel decides nothing more"):
        deciding.sign_off(panel=panel, by=cast.chair, at=SIGNED)
    assert PanelDecision.objects.get().signed_off_at is None


def test_every_act_leaves_its_line_and_its_versions(cast):
    """R43: who, when, what before and after; the trail holds no text."""
    panel = decided(cast)
    convening_verbs = ["convened a Resolution Panel"]
    verbs = list(
        Act.objects.filter(thread=panel.dispute_id, by=cast.chair).order_by("pk").values_list("verb", flat=True)
    )

    assert verbs == [
        *convening_verbs,
        "invited representations",
        "recorded who attended the panel",
        "recorded the panel’s decision as a draft",
        "added an action to the panel’s decision",
        "added an action to the panel’s decision",
        "signed off the panel’s decision",
        "ended",
    ]
    for model in (PanelDecision, PanelAction, type(panel), type(panel.sittings.get()), type(panel.members.first())):
        assert model.history.exists(), model
        assert not model.history.exclude(history_user=cast.chair).exists(), model
    assert DECISION["decision"] not in str(list(Act.objects.values()))
    assert CONVENED < SITS < SIGNED
