"""Every page of an act, for whoever may, may not, and must see nothing; in time and too late."""

import pytest
from django.urls import reverse

from agencies.models import Act
from escalation import actions
from escalation.models import Dispute, Draft
from escalation.stages import MOVES
from tests.escalation.act_pages import PAGES, begin, now

each_page = pytest.mark.parametrize("act_page", PAGES, ids=[page.key for page in PAGES])


def acts():
    return Act.objects.count()


@each_page
def test_whoever_may_reads_it_and_does_it(cast, client, act_page):
    """The page asks, the answer is one act, and the dispute says that it is done."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    client.force_login(getattr(cast, act_page.by))
    before = acts()

    read = client.get(address)
    done = client.post(address, act_page.filled(cast, dispute))

    assert read.status_code == 200
    assert (done.status_code, done.url) == (302, f"/disputes/{dispute.reference}/{act_page.back}"), (
        done.content.decode()[:4000]
    )
    assert acts() > before
    assert not Draft.objects.exists()


@each_page
def test_whoever_may_only_see_it_is_told_so(cast, client, act_page):
    """403, with a plain sentence, for reading and for doing; nothing changes (R44)."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    client.force_login(cast.police_practitioner)
    before = acts()

    read, done = client.get(address), client.post(address, act_page.filled(cast, dispute))

    assert (read.status_code, done.status_code) == (403, 403)
    assert "You cannot do this" in read.content.decode()
    assert acts() == before


@each_page
def test_to_a_stranger_it_does_not_exist(cast, client, act_page):
    """404, as for a reference that nobody has (R44)."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    client.force_login(cast.police_lead)
    before = acts()

    assert client.get(address).status_code == 404
    assert client.post(address, act_page.filled(cast, dispute)).status_code == 404
    assert acts() == before


@each_page
def test_after_the_end_it_says_what_happened(cast, client, act_page):
    """409 for what an ended dispute does not permit; late entries, concerns and a death are still taken."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    end(cast, dispute)
    client.force_login(getattr(cast, act_page.by))
    before = acts()

    read, done = client.get(address), client.post(address, act_page.filled(cast, dispute))

    if MOVES.get(act_page.name.removesuffix("_to")) and MOVES[act_page.name.removesuffix("_to")].after_end:
        assert (read.status_code, done.status_code) == (200, 302)
        return
    assert (read.status_code, done.status_code) == (409, 409)
    assert "This dispute ended on" in read.content.decode()
    assert acts() == before
    assert Draft.objects.filter(person=getattr(cast, act_page.by), dispute=dispute).count() == 1


def end(cast, dispute):
    """End a dispute as its stage permits."""
    dispute = Dispute.objects.get(pk=dispute.pk)
    if dispute.ended_at:
        return
    actor = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}.get(dispute.stage)
    if actor:
        actions.withdraw(dispute=dispute, by=actor, at=now(), reason="Settled.")
        return
    withdrawal = dispute.withdrawals.first() or actions.ask_withdrawal(
        dispute=dispute, by=cast.council_lead, at=now(), reason="Settled."
    )
    actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=now())


STAGED = [page for page in PAGES if page.name in (
    "add_entry", "record_mdt", "amend", "amend_statements", "add_agency", "escalate", "propose", "clarify",
)]  # fmt: skip


@pytest.mark.parametrize("act_page", STAGED, ids=[page.key for page in STAGED])
def test_a_page_that_is_out_of_date_is_refused_and_its_text_kept(cast, client, act_page):
    """409 where the dispute moved on; the text stands in the answer, and on the page when it is opened again."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    sent = {**act_page.filled(cast, dispute), "seen_stage": 3}
    text = next((name for name in act_page.texts), None)
    if text:
        sent[text] = "kept words of mine"
    client.force_login(getattr(cast, act_page.by))
    before = acts()

    answer = client.post(address, sent)

    assert answer.status_code == 409
    assert "moved to stage" in answer.content.decode()
    assert acts() == before
    if text:
        assert "kept words of mine" in answer.content.decode()
        assert "kept words of mine" in client.get(address).content.decode()


WITH_IDS = [page for page in PAGES if page.reach]


@pytest.mark.parametrize("act_page", WITH_IDS, ids=[page.key for page in WITH_IDS])
@pytest.mark.parametrize("elsewhere", ["another dispute", "nowhere"])
def test_an_id_of_another_dispute_is_not_found(cast, client, act_page, elsewhere):
    """What an address names must be of this dispute."""
    theirs = begin(cast, act_page)
    ids = act_page.reach(cast, theirs)
    mine = begin(cast, act_page)
    name, pk = next(iter(ids.items()))
    ids = {name: pk if elsewhere == "another dispute" else 99999999999999999999}
    address = reverse(act_page.name, kwargs={"reference": mine.reference, **ids})
    client.force_login(getattr(cast, act_page.by))

    assert client.get(address).status_code == 404
    assert client.post(address, act_page.filled(cast, mine)).status_code == 404


def test_every_move_has_a_page():
    """A move without a page could not be made; raising has pages of its own."""
    asked_elsewhere = {
        "take_up": "escalate", "ask_escalation": "escalate", "approve": "decide_request", "decline": "decide_request",
        "take_to_lead": "go_round", "open_unanswered": "go_round", "agree": "answer_proposal",
        "refuse": "answer_proposal", "settle": "answer_proposal", "ask_withdrawal": "withdraw",
        "consent_withdrawal": "decide_withdrawal", "refuse_withdrawal": "decide_withdrawal",
    }  # fmt: skip

    of_panels = {"decide"}  # signed off on the pages of the panel
    moves = {asked_elsewhere.get(name, name) for name in MOVES if name not in of_panels}
    assert moves == {page.name for page in PAGES} - {"add_entry_to"}
