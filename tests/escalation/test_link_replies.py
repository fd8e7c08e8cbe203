"""Replies by a link, for an agency without accounts (R14, R19): what they become, how they are marked, who confirms."""

import re

import pytest
from django.utils import timezone

from agencies.models import Act, Agency
from escalation import actions, links
from escalation.models import Dispute, Link, LinkCode, LinkDraft
from escalation.permissions import Conflict
from tests import cast as casting
from tests.escalation.link_pages import CANARY, DAY, HOUR, enter, page, to_read, to_reply, to_stage_three

pytestmark = pytest.mark.django_db


ANSWERS = {
    "view": "We write everything down.",
    "writes_entry": "yes",
    "facts": "She rang at 3am. (Night log)",
    "opinions": "She was frightened.",
    "outcome": "not_agreed",
    "outcome_reason": "Nobody asked us.",
    "answer": "agrees",
    "action_state": "done",
    "action_report": "A log hangs by the door.",
}


def send(client, link, answers):
    """Write the reply, check it, and send it."""
    written = client.post(page(link, "reply"), answers)
    assert (written.status_code, written.url) == (302, page(link, "check")), written.content.decode()[:3000]
    check = client.get(written.url)
    seen = re.search(r'name="seen" value="([^"]*)"', check.content.decode())[1]
    return check.content.decode(), client.post(page(link, "check"), {"seen": seen})


def test_a_reply_becomes_rows_marked_as_given_by_link(cast, client, mailbox):
    """The agency's view, entry, agreement and report; it counts, and says how it was given, wherever it is shown."""
    link = to_reply(cast)
    dispute = link.dispute
    enter(client, link, mailbox)
    reading = client.get(page(link)).content.decode()
    assert "Ann Lee" not in reading
    assert "She was found by the ward doors at 2am." in reading
    assert "Write down each night" in reading

    check, sent = send(client, link, ANSWERS)

    assert "She rang at 3am." in check
    assert (sent.status_code, client.get(sent.url).status_code) == (302, 410)
    party = dispute.parties.get(agency=link.agency)
    entry = dispute.entries.get(link=link)
    response = dispute.proposals.get().responses.get(agency=link.agency)
    assert (party.view, party.view_by, party.view_link) == ("We write everything down.", None, link)
    assert (entry.author, entry.facts, entry.stage) == (None, "She rang at 3am. (Night log)", 1)
    assert (response.by, response.reply) == (None, "agrees")
    assert (link.reply.get_action_state_display(), link.reply.confirmed_at) == ("It is done", None)
    assert not LinkDraft.objects.exists()
    marked = "Ann Lee (by link, not yet confirmed)"
    client.force_login(cast.hospital_practitioner)
    shown = client.get(f"/disputes/{dispute.reference}/").content.decode()
    assert shown.count(marked) >= 4
    timeline = client.get(f"/disputes/{dispute.reference}/timeline/").content.decode()
    assert "Ann Lee, by link, agreed to the proposed resolution" in timeline
    for model in (party.history, entry.history, response.history):
        version = model.first()
        assert (version.history_user, version.history_change_reason) == (None, "link")


@pytest.mark.both_databases
def test_an_agreement_by_link_can_resolve_the_dispute(cast):
    """It counts as the agency's from the moment it is sent; the sealed record says how it was given."""
    now = timezone.now()
    link = to_reply(cast, now)
    actions.agree(proposal=link.dispute.proposals.get(), by=cast.hospital_practitioner, at=now)

    casting.reply_by_link(link, now, view="Ours.", answer="agrees")

    dispute = Dispute.objects.get(pk=link.dispute_id)
    assert dispute.outcome == "resolved"
    record = dispute.stages.get(number=1).record
    assert record.is_intact
    assert record.content.count("Ann Lee (by link, not yet confirmed)") == 2
    assert Act.objects.get(verb="ended").timer == "link"


def test_a_refusal_by_link_has_its_reason_and_closes_the_proposal(cast, client, mailbox):
    link = to_reply(cast)
    enter(client, link, mailbox)
    asked = client.post(page(link, "reply"), {"answer": "refuses"})
    assert "Say why your agency does not agree" in asked.content.decode()

    send(client, link, {"answer": "refuses", "reason": "We cannot staff it."})

    proposal = link.dispute.proposals.get()
    assert (proposal.state, proposal.responses.get(agency=link.agency).reason) == ("refused", "We cannot staff it.")


def test_an_empty_reply_is_none(cast, client, mailbox):
    link = to_reply(cast)
    enter(client, link, mailbox)

    response = client.post(page(link, "reply"), {})

    assert "Answer at least one of the questions" in response.content.decode()
    assert client.get(page(link, "check")).url == page(link, "reply")


def test_what_is_typed_outlives_the_opening(cast, client, mailbox):
    """Thirty minutes are short for a long text: it stands there again after the next code, and for nobody else."""
    link = to_reply(cast)
    enter(client, link, mailbox)
    LinkCode.objects.update(used_at=timezone.now() - links.OPEN_FOR)

    late = client.post(page(link, "reply"), {"view": f"{CANARY} view"})
    assert late.url == page(link)
    assert "What you typed is kept" in client.get(page(link)).content.decode()
    enter(client, link, mailbox)
    assert f"{CANARY} view" in client.get(page(link, "reply")).content.decode()
    client.cookies.clear()
    client.post(page(link, "reply"), {"view": "Written by somebody else."})
    assert LinkDraft.objects.get().data["view"] == [f"{CANARY} view"]


def test_a_reply_to_what_has_changed_is_not_sent(cast, client, mailbox):
    """The proposal was refused meanwhile by another agency: nothing is sent, and what was typed is kept."""
    link = to_reply(cast)
    enter(client, link, mailbox)
    client.post(page(link, "reply"), ANSWERS)
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(page(link, "check")).content.decode())[1]
    proposal = link.dispute.proposals.get()
    actions.refuse(proposal=proposal, by=cast.hospital_practitioner, at=timezone.now(), reason="No.")

    response = client.post(page(link, "check"), {"seen": seen})

    assert response.status_code == 409
    assert "The dispute has moved on" in response.content.decode()
    assert not hasattr(Link.objects.get(pk=link.pk), "reply")
    assert LinkDraft.objects.exists()


def test_after_the_reply_nothing_more_comes_by_the_link(cast):
    link = to_reply(cast)
    casting.reply_by_link(link, timezone.now(), view="Ours.")

    for attempt in (
        lambda: casting.reply_by_link(link, timezone.now(), view="Other."),
        lambda: actions.ask_code(link=link, at=timezone.now()),
        lambda: actions.withdraw_link(link=link, by=cast.council_practitioner, at=timezone.now()),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert link.dispute.parties.get(agency=link.agency).view == "Ours."


def test_only_an_agency_without_accounts_is_asked_and_once(cast):
    now = timezone.now()
    link = to_reply(cast, now)
    ask = {
        "dispute": link.dispute,
        "by": cast.council_practitioner,
        "at": now,
        "name": "Bo",
        "email": "bo@home.example",
    }

    with pytest.raises(Conflict, match="has a link for Small Home until"):
        actions.ask_reply(agency=link.agency, **ask)
    with pytest.raises(Conflict, match="people with an account here"):
        actions.ask_reply(agency=cast.hospital, **ask)
    with pytest.raises(Conflict, match="another agency concerned"):
        actions.ask_reply(agency=cast.police, **ask)


def test_nobody_with_an_account_here_answers_for_an_agency_by_link(cast):
    """Else whoever asks could agree in the name of the other agency, at their own address."""
    link = to_reply(cast)
    actions.withdraw_link(link=link, by=cast.council_practitioner, at=timezone.now())
    ask = {"dispute": link.dispute, "agency": link.agency, "by": cast.council_practitioner, "name": "Ann Lee"}

    for somebody in (cast.council_practitioner, cast.hospital_manager):
        with pytest.raises(Conflict, match="is the address of an account here"):
            actions.ask_reply(at=timezone.now(), email=somebody.email.upper(), **ask)

    assert link.dispute.links.count() == 1


def test_whoever_gets_an_account_there_confirms_it(cast, client):
    """Once somebody of the agency has one; till then nobody below stage three."""
    link = to_reply(cast)
    reply = casting.reply_by_link(link, timezone.now(), view="Ours.")
    address = f"/disputes/{link.dispute.reference}/replies/{reply.pk}/"
    client.force_login(cast.council_practitioner)
    assert client.get(address).status_code == 403
    client.force_login(casting.person("ann", "Ann Lee", ("lead", link.agency)))

    assert "Confirm the reply of Small Home" in client.get(f"/disputes/{link.dispute.reference}/").content.decode()
    assert "Ours." in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 302

    reply.refresh_from_db()
    assert str(reply.confirmed_by) == "Ann Lee"
    shown = client.get(f"/disputes/{link.dispute.reference}/").content.decode()
    assert "Ann Lee (by link, confirmed by Ann Lee)" in shown
    assert client.get(address).status_code == 409


def test_the_board_manager_is_asked_to_confirm_from_stage_three(cast):
    at = timezone.now() - DAY
    early = casting.at_stage(cast, 2, at)
    casting.reply_by_link(casting.ask_reply(early, cast.council_manager, at + 3 * HOUR), at + 4 * HOUR, view="Ours.")
    waiting = early.duties.filter(kind="confirm_reply", done_at=None, lapsed_at=None)
    assert not waiting.exists()

    to_stage_three(cast, early, at + 5 * HOUR)

    duty = waiting.get()
    assert (duty.role, duty.address) == ("board_manager", f"/disputes/{early.reference}/replies/{duty.subject_id}/")
    reply = early.links.get().reply
    actions.confirm_reply(reply=reply, by=cast.board_manager, at=at + 6 * HOUR)
    assert not waiting.exists()


def test_only_the_agency_that_made_it_withdraws_it(cast, client):
    link = to_read(cast)
    address = f"/disputes/{link.dispute.reference}/links/{link.pk}/withdraw/"
    client.force_login(cast.hospital_practitioner)
    assert client.post(address, {}).status_code == 403
    client.force_login(cast.police_lead)
    assert client.post(address, {}).status_code == 404
    client.force_login(cast.council_lead)
    assert client.post(address, {}).status_code == 302
    assert client.post(address, {}).status_code == 409
    assert Link.objects.get().withdrawn_by == cast.council_lead


def test_the_agency_without_accounts_is_read_by_no_other_links_of_the_dispute(cast, client, mailbox):
    """A reply link shows its own dispute, and none beside it."""
    other = casting.raise_dispute(cast, timezone.now() - DAY, adult_name=CANARY)
    casting.ask_reply(other, cast.council_practitioner, timezone.now())
    link = to_reply(cast)
    enter(client, link, mailbox)

    texts = [client.get(path).content.decode() for path in (page(link), page(link, "reply"))]

    assert not [text for text in texts if CANARY in text]
    assert Agency.objects.filter(name="Small Home").count() == 1
