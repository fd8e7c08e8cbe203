"""Every move, at every stage and after the end, by every role of every kind of agency: made, or refused for nothing.

The table below was written from the rules, not from the code. A letter is a person: small for the agency that raised
the dispute, capital for the agency whose decision is disputed; p practitioner (the small one raised it, the capital
one was suggested), m manager, l lead, and c the Independent Chair. At stages two and three the managers and leads who
approved act for the raising agency; nobody has been named for the other. A stage that is not in a row permits nothing:
Conflict for whoever sees the dispute. Police and administrator never see it; Board Manager and Chair from three.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from agencies.models import Act, Agency
from escalation import actions
from escalation.models import Dispute, Duty, EscalationRequest, Proposal, Withdrawal
from escalation.permissions import Conflict, NotPermitted, Refused, check
from escalation.stages import MOVES
from tests.cast import RAISED, SAFE, ask_reply, at_stage, reply_by_link

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)
NOW = RAISED + timedelta(days=12)
ENDED = 5  # ended at stage four
STATES = (1, 2, 3, 4, ENDED)

ALL = "pmlPML"
ACTORS = {1: ALL, 2: "mM", 3: "lL", 4: "lL"}
RAISING = {1: "pml", 2: "m", 3: "l"}
TO_THREE = {stage: ACTORS[stage] for stage in (1, 2, 3)}
ALWAYS = dict.fromkeys((1, 2, 3, 4), ALL)

PERMITTED = {
    "add_entry": {**ACTORS, ENDED: "lL"},
    "state_view": ALWAYS,
    "record_consultation": ALWAYS,
    "record_mdt": TO_THREE,
    "add_evidence": {**ALWAYS, ENDED: ALL},
    # The council's practitioner has added it
    "remove_evidence": {**dict.fromkeys((1, 2, 3, 4), "pml"), ENDED: "pml"},
    "name_representative": {1: "mlML", 2: "mlML", 3: "mlML"},
    "suggest_representative": {1: "p"},
    "amend": ACTORS,
    "amend_statements": {1: "p", 2: "p", 3: "p"},
    "add_agency": TO_THREE,
    "refer_concern": {**ALWAYS, ENDED: ALL},
    "record_death": {**ALWAYS, ENDED: ALL},
    # A manager who acts at stage one need not ask, so may not
    "ask_escalation": {1: "pP", 2: "mM"},
    "take_up": {1: "mlML", 2: ""},
    # The practitioner, at stage two the manager, of the raising agency has asked
    "approve": {1: "m", 2: "l"},
    "decline": {1: "m", 2: "l"},
    "take_to_lead": {1: "pml"},
    "open_unanswered": {1: "pml", 2: "m"},
    "send_to_chair": {3: "lL"},
    "propose": ACTORS,
    # An actor of the raising agency has proposed, and thereby agreed; the third agency has not answered
    "agree": {1: "PML", 2: "M", 3: "L", 4: "L"},
    "refuse": {1: "PML", 2: "M", 3: "L", 4: "L"},
    "settle": ACTORS,
    "clarify": RAISING,
    "withdraw": {1: "p", 2: "m", 3: "l"},
    "ask_withdrawal": {4: "l"},
    "consent_withdrawal": {4: "c"},
    "refuse_withdrawal": {4: "c"},
    "decide": {4: "c"},
    "inform_chair": {3: "b", 4: "b", ENDED: "b"},
    # Before the end there is nothing to record or convey: Conflict for whoever might
    "record_involvement": {ENDED: "b"},
    "convey": {ENDED: "plb"},
    # Before a stage has ended nothing is sealed
    "file_record": {2: ALL, 3: ALL, 4: ALL, ENDED: ALL},
    "share_passages": {1: "mlML", 2: "mlML", **dict.fromkeys((3, 4, ENDED), "mlMLb")},
    "record_copy": {**ALWAYS, ENDED: ALL},
    "make_link": {2: ALL, 3: ALL, 4: ALL, ENDED: ALL},
    "ask_reply": {**ACTORS, ENDED: "lL"},
    # Made by an actor of the council; nobody of the small home has an account
    "withdraw_link": {**dict.fromkeys((1, 2, 3, 4), "pml"), ENDED: "pml"},
    "confirm_reply": {1: "", 2: "", 3: "b", 4: "b", ENDED: "b"},
    "record_learning": {ENDED: ALL + "bc"},
}
# What waits for the end, and for whom it does before it
NOT_YET = {
    "record_involvement": {3: "b", 4: "b"},
    "convey": {1: "pml", 2: "pm", 3: "plb", 4: "plb"},
    "file_record": {1: ALL},
    "make_link": {1: ALL},
}
NOT_YET["record_learning"] = {1: ALL, 2: ALL, 3: ALL + "bc", 4: ALL + "bc"}
ANSWERED_ALREADY = {1: "pml", 2: "m", 3: "l", 4: "l"}

PEOPLE = {
    "p": "council_practitioner",
    "m": "council_manager",
    "l": "council_lead",
    "P": "hospital_practitioner",
    "M": "hospital_manager",
    "L": "hospital_lead",
    "uninvolved practitioner": "police_practitioner",
    "uninvolved manager": "police_manager",
    "uninvolved lead": "police_lead",
    "b": "board_manager",
    "c": "chair",
    "administrator": "administrator",
}

ARGUMENTS = {
    "add_entry": {"outcome": "agreed", "outcome_reason": "Both wish it.", "how": "telephone", "happened_at": RAISED},
    "state_view": {"view": "We see it so."},
    "record_consultation": {
        "consulted": "Named nurse", "consulted_role": "Nurse", "consulted_on": RAISED.date(), "advice": "Ask.",
    },
    "record_mdt": {"mdt": "not_needed", "mdt_why": "Two agencies only."},
    "add_evidence": {"kind": "minutes", "shows": "She was found outside."},
    "remove_evidence": {"reason": "Of another adult."},
    "amend": {"changes": {"impact": "She may fall."}},
    "amend_statements": {"changes": {"aim": "Another aim."}},
    "refer_concern": {"referred_on": RAISED.date(), "team_reference": "A1"},
    "record_death": {"died_on": RAISED.date(), "stop_target": True},
    "ask_escalation": {"reason": "No agreement.", **SAFE},
    "take_up": {"reason": "No agreement.", **SAFE},
    "approve": {"reason": "Needed."},
    "decline": {"reason": "Not yet."},
    "take_to_lead": {"reason": "Declined."},
    "send_to_chair": {"reason": "No agreement.", **SAFE},
    "propose": {"resolution": "Assess.", "rationale": "The nights."},
    "refuse": {"reason": "No."},
    "clarify": {"reason": "Under way."},
    "withdraw": {"reason": "No longer."},
    "ask_withdrawal": {"reason": "No longer."},
    "refuse_withdrawal": {"reason": "It matters."},
    "decide": {"decision": "She is assessed first."},
    "record_involvement": {"how": "Read it."},
    "record_copy": {"name": "Dr Gee", "organisation": "Surgery", "how": "post"},
    "make_link": {"name": "Dr Gee", "organisation": "Surgery", "email": "gee@surgery.example"},
    "ask_reply": {"name": "Ann Lee", "email": "ann@smallhome.example"},
    "convey": {"to": "Aisha Rahman", "how": "telephone"},
    "file_record": {"stages": [1], "local_reference": "LAS-1"},
    "share_passages": {"chosen": ["aim"], "shared_with": "A. Reader", "contract": "Beds", "reason": "The staffing."},
    "record_learning": {"text": "Ask earlier."},
}  # fmt: skip

SUBJECTS = {
    "approve": "request", "decline": "request", "take_to_lead": "request", "open_unanswered": "request",
    "agree": "proposal", "refuse": "proposal", "settle": "proposal",
    "withdraw_link": "link", "confirm_reply": "reply",
    "remove_evidence": "evidence", "consent_withdrawal": "withdrawal", "refuse_withdrawal": "withdrawal",
}  # fmt: skip


def reach(cast, state):
    """A dispute with a third agency concerned, brought to this state by actions."""
    return ended(cast) if state == ENDED else at_stage(cast, state, concerned_agencies=[cast.trust, cast.small])


def ended(cast):
    """Sent to the Chair while a proposal waited, and withdrawn with the Chair's consent."""
    dispute = at_stage(cast, 3, concerned_agencies=[cast.trust, cast.small])
    actions.propose(dispute=dispute, by=cast.council_lead, at=RAISED + 5 * HOUR, resolution="A", rationale="B")
    actions.add_entry(dispute=dispute, by=cast.council_lead, at=RAISED + 5 * HOUR, **ARGUMENTS["add_entry"])
    at = RAISED + 6 * HOUR
    dispute = actions.send_to_chair(dispute=dispute, by=cast.council_lead, at=at, **ARGUMENTS["send_to_chair"])
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=RAISED + 7 * HOUR, reason="Moot.")
    return actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=RAISED + 8 * HOUR)


def prepare(cast, move, state, dispute):
    """What the move is about, made by actions where it can exist in this state."""
    asked_by = {1: cast.council_practitioner, 2: cast.council_manager}.get(state)
    at = RAISED + timedelta(days=1)
    match SUBJECTS.get(move):
        case "request" if asked_by:
            request = actions.ask_escalation(dispute=dispute, by=asked_by, at=at, reason="No agreement.", **SAFE)
            if (move, state) == ("take_to_lead", 1):
                actions.decline(request=request, by=cast.council_manager, at=at + HOUR, reason="Not yet.")
            if (move, state) == ("open_unanswered", 1):
                actions.take_to_lead(request=request, by=asked_by, at=at + timedelta(days=4))
            return request
        case "request":
            return EscalationRequest.objects.filter(dispute=dispute).last()
        case "proposal" if state != ENDED:
            proposer = {1: cast.council_practitioner, 2: cast.council_manager}.get(state, cast.council_lead)
            answerer = {1: cast.hospital_practitioner, 2: cast.hospital_manager}.get(state, cast.hospital_lead)
            proposal = actions.propose(dispute=dispute, by=proposer, at=at, resolution="Assess.", rationale="Nights.")
            if move == "settle":
                actions.agree(proposal=proposal, by=answerer, at=at + HOUR)
            return proposal
        case "proposal":
            return Proposal.objects.get(dispute=dispute)
        case "link" | "reply" as kind:
            by = {1: cast.council_practitioner, 2: cast.council_manager}.get(state, cast.council_lead)
            link = ask_reply(dispute, by, NOW - HOUR)
            return link if kind == "link" else reply_by_link(link, NOW - HOUR / 2)
        case "evidence":
            given = ARGUMENTS["add_evidence"]
            return actions.add_evidence(dispute=dispute, by=cast.council_practitioner, at=at, **given)
        case None if (move, state) == ("send_to_chair", 3):
            # The attempt of stage three (R26)
            actions.add_entry(dispute=dispute, by=cast.council_lead, at=at, **ARGUMENTS["add_entry"])
        case "withdrawal" if state == 4:
            return actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=at, reason="No longer.")
        case "withdrawal":
            return Withdrawal.objects.filter(dispute=dispute).first()
    return None


def call(cast, move, state, dispute, subject, person):
    arguments = dict(ARGUMENTS.get(move, {}))
    if move in SUBJECTS and subject is None:
        check(person, move, Dispute.objects.visible_to(person, NOW).get(pk=dispute.pk))
        return
    if move in SUBJECTS:
        arguments[SUBJECTS[move]] = type(subject).objects.get(pk=subject.pk)
    else:
        arguments["dispute"] = Dispute.objects.get(pk=dispute.pk)
    if move == "name_representative":
        arguments |= {"stage": min(state, 4), "name": "Somebody"}
    if move == "suggest_representative":
        arguments |= {"agency": cast.hospital, "name": "Somebody"}
    if move == "ask_reply":
        arguments |= {"agency": cast.small}
    if move == "add_agency":
        arguments |= {"agency": cast.other}
    getattr(actions, move)(by=person, at=NOW, **arguments)


def expected(move, state, letter):
    """What the table says: None for made, else the refusal."""
    if not (letter in ALL or (letter in ("b", "c") and state >= 3)):
        return Dispute.DoesNotExist
    if letter in NOT_YET.get(move, {}).get(state, ""):
        return Conflict
    if state in NOT_YET.get(move, {}):
        return NotPermitted
    if state not in PERMITTED[move]:
        return Conflict
    if letter in PERMITTED[move][state]:
        return None
    if move in ("agree", "refuse") and letter in ANSWERED_ALREADY[state]:
        return Conflict
    return NotPermitted


def fingerprint(dispute):
    """The rows of every table of ours, the dispute's own fields, and what waits."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.startswith(("agencies_", "escalation_"))]
        cursor.execute("SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables))
        counts = cursor.fetchone()
    return (
        counts,
        Dispute.objects.filter(pk=dispute.pk).values().get(),
        list(Duty.objects.filter(dispute=dispute).order_by("pk").values_list()),
    )


def test_the_table_here_names_every_move():
    """A move added to the application is added here too."""
    assert set(PERMITTED) == set(MOVES)


@pytest.mark.parametrize("state", STATES)
def test_each_move_is_made_or_refused_with_nothing_changed(cast, state):
    """Each move, by each person of each kind of agency: as the table says; a refusal leaves no row behind."""
    cast.other = Agency.objects.create(name="Housing")
    cast.small = Agency.objects.create(name="Small Home")
    dispute = reach(cast, state)

    results = {move: tried(cast, move, state, dispute) for move in PERMITTED}

    for move, by_letter in results.items():
        assert by_letter == {letter: expected(move, state, letter) for letter in PEOPLE}, (move, state)


def tried(cast, move, state, dispute):
    """What came of a move for each person: None for made, else the kind of refusal; all of it rolled back."""
    results = {}
    with transaction.atomic():
        subject = prepare(cast, move, state, dispute)
        before = fingerprint(dispute)
        for letter, name in PEOPLE.items():
            person = getattr(cast, name)
            with transaction.atomic():
                acts = Act.objects.count()
                try:
                    call(cast, move, state, dispute, subject, person)
                except (Refused, Dispute.DoesNotExist) as refusal:
                    results[letter] = type(refusal)
                    continue
                results[letter] = None
                written = list(Act.objects.order_by("pk")[acts:])
                assert written, move
                assert {(act.by, act.at) for act in written} == {(person, NOW)}, move
                transaction.set_rollback(True)
        assert fingerprint(dispute) == before, move
        transaction.set_rollback(True)
    return results
