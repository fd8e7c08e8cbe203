"""Whatever people do, in whatever order and at whatever time, these hold.

Hypothesis draws moves, people and pauses (over nights, weekends, the bank holiday of 25 May); each run is rolled back.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Act, Agency
from escalation import actions, appendix_b
from escalation.models import (
    Copy,
    Discussion,
    Dispute,
    Duty,
    EntryOutcome,
    EscalationRequest,
    Evidence,
    How,
    Link,
    LinkReply,
    Party,
    Proposal,
    Record,
    Representative,
    Stage,
    Withdrawal,
)
from escalation.permissions import Refused
from escalation.stages import MOVES
from tests.cast import RAISED, SAFE, at_stage, make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SEEING = (
    "council_practitioner", "council_manager", "council_lead", "council_manager_2", "council_lead_2",
    "hospital_practitioner", "hospital_manager", "hospital_lead", "trust_manager", "trust_lead", "chair",
)  # fmt: skip
OUTSIDE = ("police_practitioner", "police_manager", "police_lead", "administrator")
# Half of what is drawn leads somewhere; the rest of the table comes in between
ONWARD = ("add_entry", "ask_escalation", "approve", "take_up", "send_to_chair", "propose", "agree", "take_to_lead")
PAUSES = (1, 25, 60, 9 * 60, 24 * 60, 3 * 24 * 60)  # minutes

STEP = st.tuples(
    st.one_of(st.sampled_from(ONWARD), st.sampled_from(sorted(MOVES))),
    st.integers(0, 99),
    st.sampled_from(PAUSES),
)


def arguments_of(move, cast, dispute, pick):
    """Arguments of the right shape; what does not exist yet is left out, and the move with it."""
    stale = {"dispute": dispute}
    request = {"request": EscalationRequest.objects.filter(dispute=dispute).last()}
    proposal = {"proposal": Proposal.objects.filter(dispute=dispute).last()}
    withdrawal = {"withdrawal": Withdrawal.objects.filter(dispute=dispute).last()}
    agency = (cast.council, cast.hospital, cast.trust, cast.housing)[pick % 4]
    match move:
        case "add_entry":
            old = Discussion.objects.filter(dispute=dispute).first() if pick % 3 == 0 else None
            how = How.NOT_HELD if pick % 5 == 0 else How.TELEPHONE
            outcome = EntryOutcome.values[pick % 4]
            return {**stale, "discussion": old, "how": how, "outcome": outcome, "outcome_reason": "So.", "facts": "It."}
        case "state_view":
            return {**stale, "view": f"View {pick}"}
        case "record_consultation":
            return {**stale, "consulted": "A", "consulted_role": "", "consulted_on": RAISED.date(), "advice": "B"}
        case "record_mdt":
            return {**stale, "mdt": "held", "mdt_on": RAISED.date()}
        case "name_representative":
            person = getattr(cast, SEEING[pick % len(SEEING)]) if pick % 4 else None
            return {**stale, "stage": 1 + pick % 4, "person": person, "name": "" if person else "Somebody"}
        case "suggest_representative":
            return {**stale, "agency": agency, "person": getattr(cast, SEEING[pick % len(SEEING)])}
        case "amend":
            changes = (
                {"urgency": "urgent"},
                {"impact": f"{pick}"},
                {"needed_by_on": RAISED.date()},
                {"safety": "nothing"},
            )
            return {**stale, "changes": changes[pick % 4]}
        case "amend_statements":
            return {**stale, "changes": {"aim": f"Aim {pick}"}}
        case "add_evidence":
            return {**stale, "kind": "minutes", "shows": f"Item {pick}"}
        case "remove_evidence":
            return {"evidence": Evidence.objects.filter(dispute=dispute).last(), "reason": "By mistake."}
        case "add_agency":
            return {**stale, "agency": agency}
        case "refer_concern":
            return {**stale, "referred_on": RAISED.date()}
        case "record_death":
            return {**stale, "died_on": RAISED.date(), "stop_target": bool(pick % 2)}
        case "ask_escalation" | "take_up" | "send_to_chair":
            return {**stale, "reason": "No agreement.", **SAFE}
        case "approve" | "decline" | "take_to_lead":
            return {**request, "reason": "So."}
        case "open_unanswered":
            return request
        case "propose":
            return {**stale, "resolution": "A", "rationale": "B", "actions": [(agency, "Visit")] if pick % 2 else []}
        case "agree" | "settle":
            return proposal
        case "refuse":
            return {**proposal, "reason": "No."}
        case "clarify" | "withdraw" | "ask_withdrawal":
            return {**stale, "reason": "Moot."}
        case "consent_withdrawal" | "refuse_withdrawal":
            return {**withdrawal, "reason": "So."}
        case "decide":
            return {**stale, "decision": "So."}
        case "inform_chair" | "record_involvement":
            return {**stale, "how": "By telephone."}
        case "share_passages":
            return {**stale, "chosen": ["aim"], "shared_with": "A", "contract": f"Beds {pick}", "reason": "So."}
        case "record_learning":
            return {**stale, "text": f"Ask earlier, {pick}."}
        case "record_copy":
            people = [getattr(cast, SEEING[pick % len(SEEING)])] if pick % 2 else []
            return {**stale, "people": people, "name": "" if people else f"G{pick}", "organisation": "A", "how": "post"}
        case "make_link":
            return {**stale, "name": f"G{pick}", "organisation": "A", "email": "g@surgery.example"}
        case "ask_reply":
            return {**stale, "agency": agency, "name": f"L{pick}", "email": "l@home.example"}
        case "withdraw_link":
            return {"link": Link.objects.filter(dispute=dispute).last()}
        case "confirm_reply":
            return {"reply": LinkReply.objects.filter(link__dispute=dispute).last()}
        case "file_record":
            return {**stale, "stages": [1 + pick % 4], "local_reference": f"R{pick}"}
        case "convey":
            return {**stale, "to": "Whoever raised it", "how": "telephone"}
    raise AssertionError(f"{move} is in the table and not here")


class Walk:
    """A dispute, the time, and what must not have changed."""

    def __init__(self, cast, stage):
        self.cast = cast
        self.at = RAISED + timedelta(hours=6)
        self.dispute = at_stage(cast, stage)
        self.target_at = self.dispute.target_at

    def step(self, move, who, pick, minutes):
        """Try one move; a refusal changes nothing, and what is made has its maker in the trail."""
        self.at += timedelta(minutes=minutes)
        before, acts = self.state(), Act.objects.count()
        arguments = arguments_of(move, self.cast, Dispute.objects.get(pk=self.dispute.pk), pick)
        about = ("request", "proposal", "withdrawal", "evidence", "link", "reply")
        if None in (arguments.get(name, 0) for name in about):
            return
        person = getattr(self.cast, who)
        try:
            getattr(actions, move)(by=person, at=self.at, **arguments)
        except (Refused, Dispute.DoesNotExist):
            assert self.state() == before, f"{move} was refused and changed something"
            return
        assert who not in OUTSIDE
        written = list(Act.objects.order_by("pk")[acts:])
        assert written, move
        assert {(act.by, act.at, act.thread) for act in written} == {(person, self.at, self.dispute.pk)}
        self.hold(before)

    def state(self):
        """Everything that a refused move must leave alone."""
        return {
            "dispute": Dispute.objects.filter(pk=self.dispute.pk).values().get(),
            "duties": list(Duty.objects.order_by("pk").values_list()),
            "rows": [
                list(model.objects.order_by("pk").values_list())
                for model in (Stage, Record, EscalationRequest, Proposal, Party, Representative, Evidence, Copy, Link)
            ],
            "acts": Act.objects.count(),
        }

    def hold(self, before):
        """The invariants, after a move that was made."""
        dispute = Dispute.objects.get(pk=self.dispute.pk)
        if before["dispute"]["ended_at"]:
            kept = ("stage", "outcome", "outcome_reason", "ended_at")
            assert [getattr(dispute, name) for name in kept] == [before["dispute"][name] for name in kept]
        assert before["dispute"]["stage"] <= dispute.stage <= before["dispute"]["stage"] + 1
        assert dispute.target_at == self.target_at
        stages = list(dispute.stages.select_related("record"))
        assert [stage.number for stage in stages] == list(range(1, dispute.stage + 1))
        left = [stage for stage in stages if stage.ended_at]
        assert len(left) == dispute.stage - (0 if dispute.ended_at else 1)
        assert Record.objects.filter(stage__dispute=dispute).count() == len(left)
        assert all(stage.record.is_intact for stage in left)
        assert all(stage.ended_at >= stage.began_at for stage in left)
        assert all(later.began_at == earlier.ended_at for earlier, later in zip(stages, stages[1:], strict=False))
        asking = list(dispute.requests.filter(state="open").values_list("agency_id", "stage"))
        assert len(asking) == len({agency for agency, _ in asking})
        assert {stage for _, stage in asking} <= {dispute.stage}
        assert dispute.proposals.filter(state="open").count() <= 1
        assert set(dispute.proposals.filter(state="open").values_list("stage", flat=True)) <= {dispute.stage}
        if dispute.ended_at:
            # Only the Board's part, the outcome to convey and the record to file wait after the end (R16, R28,
            # R29, R35)
            waiting = dispute.duties.filter(done_at=None, lapsed_at=None)
            assert not waiting.exclude(kind__in=("inform_chair", "be_involved", "convey", "file")).exists()
            assert not asking
            assert not dispute.proposals.filter(state="open").exists()
        parties = dict(dispute.parties.values_list("agency", "raised_at"))
        assert set(parties.values()) == {dispute.raised_at}
        assert set(dispute.sights.filter(is_of_party=True).values_list("agency", flat=True)) <= set(parties)
        for name in OUTSIDE:
            assert not Dispute.objects.visible_to(getattr(self.cast, name), self.at).exists()
        for name in ("council_lead", "hospital_lead", "council_practitioner"):
            assert Dispute.objects.visible_to(getattr(self.cast, name), self.at).exists()
        for name in ("board_manager", "chair"):
            seen = Dispute.objects.visible_to(getattr(self.cast, name), self.at).exists()
            assert seen == (dispute.stage >= 3)

    def end(self):
        """At the end of a walk: each change has its author, and each record its time."""
        for manager in histories(self.dispute):
            for row in manager:
                assert row.history_user_id is not None, row
        for record in Record.objects.filter(stage__dispute=self.dispute).select_related("stage__dispute"):
            took = appendix_b.contents(record.stage.dispute, record.stage, at=record.stage.ended_at)["resolution"]
            assert took["took_minutes"] >= 0
            assert record.data["resolution"]["took_minutes"] >= 0


def histories(dispute):
    """The history of every row of a dispute."""
    yield dispute.history.all()
    for model in (Stage, EscalationRequest, Proposal, Party, Representative, Discussion, Withdrawal):
        yield model.history.filter(dispute=dispute.pk)


def likely(pick, stage):
    """Somebody who may well act at this stage, three times in four; else anybody, also from outside."""
    if pick % 4 == 0:
        everybody = (*SEEING, *OUTSIDE, "board_manager")
        return everybody[pick // 4 % len(everybody)]
    role = {1: "practitioner", 2: "manager"}.get(stage, "lead")
    third = {1: "council_manager", 4: "chair"}.get(stage, "council_lead")
    near = (f"council_{role}", f"hospital_{role}", third)
    return near[pick % 3]


@settings(
    max_examples=16,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(start=st.integers(1, 4), steps=st.lists(STEP, min_size=10, max_size=20))
def test_whatever_is_tried_in_whatever_order_these_hold(walkers, start, steps):
    with transaction.atomic():
        walk = Walk(walkers, start)
        for move, pick, minutes in steps:
            stage = Dispute.objects.values_list("stage", flat=True).get(pk=walk.dispute.pk)
            walk.step(move, likely(pick, stage), pick, minutes)
        walk.end()
        transaction.set_rollback(True)


@pytest.fixture
def walkers(db):
    """The cast, and an agency that may be added."""
    cast = make()
    cast.housing = Agency.objects.create(name="Housing")
    return cast
