"""An act is offered exactly to whom, and when, its action would go through."""

from datetime import timedelta

import pytest
from django.db import transaction

from agencies import own
from agencies.models import Agency, Role
from escalation import actions, on_record, stages
from escalation.case import Case
from escalation.models import Dispute
from escalation.offers import offers
from escalation.permissions import Position, Refused
from escalation.stages import MOVES
from tests import cast as casting
from tests.cast import RAISED, SAFE, record_discussion
from tests.kept import once

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PEOPLE = (
    "council_practitioner", "council_manager", "council_lead", "hospital_practitioner", "hospital_lead", "trust_lead",
    "chair", "board_manager",
)  # fmt: skip
# Moves that are made on one page stand there behind one offer
TOGETHER = {
    "decline": "approve", "refuse": "agree", "settle": "agree", "take_up": "ask_escalation",
    "open_unanswered": "take_to_lead", "refuse_withdrawal": "consent_withdrawal", "remove_evidence": "add_evidence",
}  # fmt: skip


def entry(cast, dispute, **changes):
    return record_discussion(dispute, cast.council_practitioner, RAISED + HOUR, **changes)


def asked(cast, dispute):
    entry(cast, dispute)
    return actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=RAISED + 2 * HOUR, reason="Stuck.", **SAFE
    )


def declined(cast, dispute):
    request = asked(cast, dispute)
    actions.decline(request=request, by=cast.council_manager, at=RAISED + 3 * HOUR, reason="Talk once more.")


def declined_and_talked(cast, dispute):
    declined(cast, dispute)
    record_discussion(dispute, cast.council_practitioner, RAISED + 4 * HOUR)


def with_lead(cast, dispute):
    request = asked(cast, dispute)
    actions.take_to_lead(request=request, by=cast.council_practitioner, at=RAISED + 2 * DAY)


def proposed(cast, dispute):
    actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=RAISED + 2 * HOUR, resolution="Wait.", rationale="Safer."
    )


def agreed(cast, dispute):
    proposed(cast, dispute)
    actions.agree(proposal=dispute.proposals.get(), by=cast.hospital_practitioner, at=RAISED + 3 * HOUR)


def viewed(cast, dispute):
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=RAISED + HOUR, view="We see it otherwise.")


def named(cast, dispute):
    actions.name_representative(
        dispute=dispute, by=cast.hospital_lead, at=RAISED + HOUR, stage=1, person=cast.hospital_practitioner
    )


def with_evidence(cast, dispute):
    actions.add_evidence(
        dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, kind="minutes", shows="It was known."
    )


def ended(cast, dispute):
    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="Under way already.")


def withdrawing(cast, dispute):
    actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=RAISED + DAY, reason="The plan has changed.")


def small(cast, dispute):
    actions.add_agency(
        dispute=dispute, by=cast.council_manager, at=RAISED + HOUR, agency=Agency.objects.create(name="Small Home")
    )


def linked(cast, dispute):
    at, by = RAISED + 4 * HOUR, cast.council_manager
    casting.reply_by_link(casting.ask_reply(dispute, by, at), at + HOUR, view="We did as told.")
    if dispute.stage > 1:
        gp = {"name": "Dr Gee", "organisation": "Surgery", "email": "gee@surgery.example"}
        actions.make_link(dispute=dispute, by=by, at=at, **gp)


def nothing(cast, dispute):
    pass


# Recording hangs on little: it is tried where that little differs
RECORDING = {
    "state_view", "record_consultation", "record_mdt", "name_representative", "suggest_representative", "amend",
    "amend_statements", "add_agency", "refer_concern", "record_death", "add_evidence", "remove_evidence",
    "record_copy", "make_link", "ask_reply", "withdraw_link", "confirm_reply",
}  # fmt: skip
# What is offered on the pages of the panel, by its own rules
OF_PANEL = {"decide"}
TRIED_THERE = {
    "one", "one, viewed", "one, named", "one, with evidence", "one, beside an agency without accounts",
    "two, with links", "two", "three", "four", "ended",
}  # fmt: skip
# stage, what happens there, how long after raising the page is looked at
SITUATIONS = {
    "one": (1, nothing, HOUR),
    "one, talked": (1, entry, 2 * HOUR),
    "one, asked": (1, asked, 3 * HOUR),
    "one, asked, a day later": (1, asked, 2 * DAY),
    "one, declined": (1, declined, 4 * HOUR),
    "one, declined and talked": (1, declined_and_talked, 5 * HOUR),
    "one, with the lead": (1, with_lead, 2 * DAY + HOUR),
    "one, with the lead for a working day": (1, with_lead, 7 * DAY),
    "one, proposed": (1, proposed, 3 * HOUR),
    "one, proposed, a day later": (1, proposed, 2 * DAY),
    "one, agreed, others may object": (1, agreed, 4 * HOUR),
    "one, agreed, a day later": (1, agreed, 2 * DAY),
    "one, viewed": (1, viewed, 2 * HOUR),
    "one, named": (1, named, 2 * HOUR),
    "one, with evidence": (1, with_evidence, 2 * HOUR),
    "one, beside an agency without accounts": (1, small, 2 * HOUR),
    "two, with links": (2, linked, DAY),
    "two": (2, nothing, DAY),
    "three": (3, nothing, DAY),
    "four": (4, nothing, DAY),
    "four, withdrawing": (4, withdrawing, 2 * DAY),
    "ended": (1, ended, DAY),
}


def attempts(cast, dispute):
    """Each move as its page would make it."""
    requests, proposal = list(dispute.requests.all()), dispute.proposals.last()
    withdrawal = dispute.withdrawals.last()
    of_dispute = {
        "add_entry": {"outcome": "agreed", "outcome_reason": "We do.", "facts": "A fact.", "how": "video"},
        "state_view": {"view": "Our view."},
        "record_consultation": {
            "consulted": "A colleague", "consulted_role": "", "consulted_on": RAISED.date(), "advice": "Wait.",
        },
        "record_mdt": {"mdt": "not_needed", "mdt_why": "One question only."},
        "name_representative": {"stage": min(dispute.stage, 3), "name": "Somebody Else"},
        "suggest_representative": {"agency": cast.hospital, "name": "Somebody Else"},
        "amend": {"changes": {"impact": "Another."}},
        "amend_statements": {"changes": {"aim": "Another."}},
        "add_agency": {"agency": cast.police},
        "refer_concern": {"referred_on": RAISED.date()},
        "add_evidence": {"kind": "email", "shows": "It was known."},
        "record_death": {"died_on": RAISED.date(), "stop_target": True},
        "ask_escalation": {"reason": "Stuck.", **SAFE},
        "take_up": {"reason": "Stuck.", **SAFE},
        "send_to_chair": {"reason": "Stuck.", **SAFE},
        "propose": {"resolution": "Wait.", "rationale": "Safer."},
        "clarify": {"reason": "Under way."},
        "withdraw": {"reason": "Not needed."},
        "ask_withdrawal": {"reason": "Not needed."},
        "decide": {"decision": "She is assessed first."},
        "inform_chair": {},
        "record_involvement": {"how": "Read it."},
        "convey": {"to": "Aisha Rahman", "how": "telephone"},
        "record_copy": {"name": "Dr Gee", "organisation": "Surgery", "how": "post"},
        "make_link": {"name": "Dr Hay", "organisation": "Surgery", "email": "hay@surgery.example"},
        "ask_reply": {"agency": no_accounts(cast), "name": "Ann Lee", "email": "ann@smallhome.example"},
        "file_record": {"stages": list(dispute.stages.exclude(record=None).values_list("number", flat=True))},
        "share_passages": {"chosen": ["aim"], "shared_with": "A. Reader", "contract": "Beds", "reason": "Staffing."},
        "record_learning": {"text": "Ask earlier."},
    }  # fmt: skip
    for name, arguments in of_dispute.items():
        yield name, {"dispute": dispute, **arguments}
    for link in dispute.links.all():
        yield "withdraw_link", {"link": link}
        if hasattr(link, "reply"):
            yield "confirm_reply", {"reply": link.reply}
    for item in dispute.evidence.all():
        yield "remove_evidence", {"evidence": item, "reason": "By mistake."}
    yield "suggest_representative", {"dispute": dispute, "agency": cast.trust, "name": "Somebody Else"}
    for discussion in dispute.discussions.all():
        written = {"outcome": "agreed", "outcome_reason": "We do.", "facts": "A fact."}
        yield "add_entry", {"dispute": dispute, "discussion": discussion, **written}
    for request in requests:
        yield "approve", {"request": request, "reason": "Needed."}
        yield "decline", {"request": request, "reason": "Not yet."}
        yield "take_to_lead", {"request": request}
        yield "open_unanswered", {"request": request}
    if proposal:
        yield "agree", {"proposal": proposal}
        yield "refuse", {"proposal": proposal, "reason": "No."}
        yield "settle", {"proposal": proposal}
    if withdrawal:
        yield "consent_withdrawal", {"withdrawal": withdrawal}
        yield "refuse_withdrawal", {"withdrawal": withdrawal, "reason": "No."}


def no_accounts(cast):
    return Agency.objects.filter(name="Small Home").first() or cast.police


class Undone(Exception):
    """Takes back what a move has done."""


def goes_through(name, by, at, arguments):
    try:
        with transaction.atomic():
            getattr(actions, name)(by=by, at=at, **arguments)
            raise Undone
    except Undone:
        return True
    except (Refused, Dispute.DoesNotExist):
        return False


def whole(dispute, at, user):
    seen = Dispute.objects.visible_to(user, at).filter(pk=dispute.pk).first()
    if seen:
        on_record.read(seen)
    return seen


@pytest.mark.parametrize("situation", SITUATIONS)
def test_offers_are_what_goes_through(cast, situation):
    stage, happens, later = SITUATIONS[situation]
    dispute = casting.at_stage(cast, stage, concerned_agencies=[cast.trust])
    once()(happens)(cast, dispute)
    at = RAISED + later
    tried = set(MOVES) - OF_PANEL - (set() if situation in TRIED_THERE else RECORDING)
    # What the table does not permit at a stage is refused to everybody there (test_table)
    now = Dispute.objects.get(pk=dispute.pk)
    permitted = {move for move in tried if stages.permits(move, now.stage, ended=now.ended_at is not None)}

    for name in PEOPLE:
        user = getattr(cast, name)
        seen = whole(dispute, at, user)
        offered = {offer.move for offer in offers(Position(user, seen), at)} if seen else set()
        made = {
            TOGETHER.get(move, move)
            for move, arguments in attempts(cast, Dispute.objects.get(pk=dispute.pk))
            if move in permitted and goes_through(move, user, at, arguments)
        }
        assert (name, sorted({TOGETHER.get(move, move) for move in offered & tried})) == (name, sorted(made))


@pytest.mark.parametrize("covered", ["council_manager", "council_lead", "chair"])
@pytest.mark.parametrize(
    "situation", ["one, asked", "one, with the lead", "one, proposed", "two", "three", "four, withdrawing", "ended"]
)
def test_offers_to_a_deputy_are_what_goes_through(cast, situation, covered):
    """Those of whoever is covered too, under the same rules."""
    stage, happens, later = SITUATIONS[situation]
    dispute = casting.at_stage(cast, stage, concerned_agencies=[cast.trust])
    once()(happens)(cast, dispute)
    at = RAISED + later
    agency = cast.police if covered == "chair" else cast.council
    deputy = casting.person("deputy", "Dora Deputy", (Role.PRACTITIONER, agency))
    own.name_deputy(by=getattr(cast, covered), deputy=deputy, at=at, starts_at=at, ends_at=at + DAY)

    seen = whole(dispute, at, deputy)
    offered = {offer.move for offer in offers(Position(deputy, seen, at), at)} if seen else set()
    made = {
        TOGETHER.get(move, move)
        for move, arguments in attempts(cast, Dispute.objects.get(pk=dispute.pk))
        if move not in OF_PANEL and goes_through(move, deputy, at, arguments)
    }

    assert sorted({TOGETHER.get(move, move) for move in offered}) == sorted(made)
    assert made or (covered, stage < 3) == ("chair", True) or situation == "three"


def test_every_move_is_attempted_somewhere(cast):
    """So that no move of the table is left out of the comparison."""
    dispute = casting.at_stage(cast, 4)
    asked_of = casting.raise_dispute(cast)
    withdrawing(cast, dispute)
    proposed(cast, asked_of)
    with_evidence(cast, asked_of)
    linked(cast, asked_of)
    tried = {name for each in (dispute, asked_of) for name, _ in attempts(cast, each)}

    assert tried == set(MOVES)


def test_offers_lead_to_pages_that_open(cast, client):
    """R37 to R41: a link to an act never ends in a refusal."""
    dispute = casting.at_stage(cast, 2)
    for name in ("council_practitioner", "council_manager", "council_lead", "hospital_manager", "hospital_lead"):
        client.force_login(getattr(cast, name))
        page = client.get(f"/disputes/{dispute.reference}/")
        found = page.context["case"].offers
        assert found
        assert [(offer.title, client.get(offer.href).status_code) for offer in found] == [
            (offer.title, 200) for offer in found
        ]
        assert all(f'href="{offer.href}"' in page.content.decode() for offer in found)


def test_a_person_of_two_agencies_is_asked_first(cast):
    """A person acts for one agency only, and says for which before anything else is offered."""
    casting.Membership.objects.create(user=cast.hospital_lead, role="lead", agency=cast.council)
    dispute = casting.raise_dispute(cast)
    user = type(cast.hospital_lead).objects.get(pk=cast.hospital_lead.pk)
    seen = whole(dispute, RAISED, user)

    assert [offer.move for offer in offers(Position(user, seen), RAISED)] == ["choose_agency"]
    assert Case(seen, Position(user, seen), RAISED).has_two_agencies
