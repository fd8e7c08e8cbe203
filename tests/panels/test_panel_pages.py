"""The pages of convening, sitting and deciding: for whom they open, and what they refuse without falling over."""

import pytest
from django.db import transaction
from django.urls import reverse

from agencies.models import Agency
from escalation import actions
from escalation.models import Dispute, Draft
from panels.actions import convening
from panels.models import Answer, Member, Panel, PanelDecision
from tests.escalation.act_pages import boxes
from tests.escalation.test_acts_hostile import HOSTILE, send
from tests.panels import pages
from tests.panels.pages import DAY, HOUR, PAGES, STATES, now

pytestmark = pytest.mark.django_db

OUTSIDE = ("police_lead", "trust_practitioner", "administrator")


@pytest.fixture
def charity(cast):
    cast.charity = Agency.objects.create(name="Open Door")


def tried(client, method, address, data=None):
    """The status and page of a request, and all it did taken back."""
    with transaction.atomic():
        answer = send(client, address, data or {}) if method == "post" else client.get(address)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("state", STATES)
def test_each_page_opens_for_whom_it_should(cast, client, charity, state):
    """R44, R30: 404 to whoever is not concerned, 403 to whoever may not do it, a message for what is left empty."""
    panel = STATES[state](cast)
    former = panel.members.get(agency=cast.trust) if state == "adjourned" else None
    if former:
        convening.stand_down(member=former, by=cast.chair, at=now(), reason="On leave.")
    for page in (page for page in PAGES if page.state == state):
        address, right = page.address(cast, panel), page.filled(cast, panel)
        for name in OUTSIDE + (("trust_lead",) if former else ()):
            client.force_login(getattr(cast, name))
            assert tried(client, "get", address).status_code == 404, (page.name, name)
            assert tried(client, "post", address, right).status_code == 404, (page.name, name)
        concerned = {"council_lead", "board_manager", "council_practitioner", "police_practitioner"}
        for name in sorted(concerned - {page.by, *page.also}):
            client.force_login(getattr(cast, name))
            assert tried(client, "get", address).status_code == 403, (page.name, name)
            assert tried(client, "post", address, right).status_code == 403, (page.name, name)
        client.force_login(getattr(cast, page.by))
        assert tried(client, "get", address).status_code == 200, page.name
        answer = tried(client, "post", address, right)
        assert answer.status_code == 302, (page.name, answer.text)
        if page.can_err:
            empty = tried(client, "post", address)
            # What is filled in from the start may be sent as it is
            assert "There is a problem" in empty.text or empty.status_code == 302, page.name


@pytest.mark.parametrize("state", STATES)
def test_no_field_falls_over_what_is_posted(cast, client, charity, state):
    panel = STATES[state](cast)
    for page in (page for page in PAGES if page.state == state and page.can_err):
        address, right = page.address(cast, panel), page.filled(cast, panel)
        client.force_login(getattr(cast, page.by))
        for value in HOSTILE.values():
            answer = tried(client, "post", address, dict.fromkeys(right, value))
            assert answer.status_code in (200, 302, 409), (page.name, value)
            assert "<script>alert" not in answer.text
        for name in right:
            answer = tried(client, "post", address, {**right, name: ["x", HOSTILE["number"]]})
            assert answer.status_code in (200, 302, 409), (page.name, name)


def test_what_is_typed_is_kept_and_nothing_is_done_after_the_end(cast, client, charity):
    """409 for whoever comes too late, who finds again what was typed."""
    panel = pages.drafted(cast)
    withdrawal = actions.ask_withdrawal(dispute=panel.dispute, by=cast.council_lead, at=now(), reason="Settled.")
    actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=now())
    client.force_login(cast.chair)
    for page in (page for page in PAGES if page.by == "chair"):
        assert client.get(page.address(cast, panel)).status_code == 409, page.name

    address = reverse("record_decision", kwargs={"panel_id": panel.pk})
    answer = client.post(address, {"decision": "Another decision altogether.", "reasons": "So."})

    assert (answer.status_code, "Another decision altogether." in answer.text) == (409, True)
    assert f"/disputes/{panel.dispute.reference}/" in answer.text
    assert Draft.objects.get(person=cast.chair).data["decision"] == ["Another decision altogether."]
    for name in ("panel", "panel_decision"):
        page = client.get(reverse(name, kwargs={"panel_id": panel.pk}))
        assert "the dispute ended" in page.text or "This dispute has ended" in page.text
    assert "never signed off" in page.text


def test_ids_that_are_no_ids(cast, client):
    panel = pages.convened(cast)
    other = pages.convened(cast)
    client.force_login(cast.chair)
    sitting = other.sittings.get().pk

    for path in (
        "/panels/0/", f"/panels/{'9' * 30}/", "/panels/99999/", f"/panels/{panel.pk}/sittings/{sitting}/",
        f"/panels/{panel.pk}/sittings/{'9' * 30}/",
        f"/panels/{panel.pk}/members/{other.members.first().pk}/stand-down/",
        f"/panels/{panel.pk}/members/add/?agency=x", f"/panels/{panel.pk}/members/add/?agency={'9' * 30}",
        f"/panels/{panel.pk}/decision/actions/1/", "/disputes/0000-0000/convene/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path


# What each may see


def page_of(client, person, panel, name="panel"):
    client.force_login(person)
    return client.get(reverse(name, kwargs={"panel_id": panel.pk}))


def test_the_panel_page_says_who_must_do_what(cast, client):
    panel = pages.convened(cast)
    convening.declare(panel=panel, by=cast.hospital_manager, at=now(), conflict="declared", detail="Knows the ward.")

    member = page_of(client, cast.trust_lead, panel).text
    assert "Answer the invitation" in member
    assert "Hospital Manager declares a conflict of interest." in member
    assert "Knows the ward." in member
    assert "Add a member" not in member
    chair = page_of(client, cast.chair, panel).text
    for words in ("Add a member", "Re-arrange the sitting", "Cancel the sitting", "Stand down"):
        assert words in chair
    assert "Four agencies are to sit" in chair
    assert "Record who attended" not in chair
    lead = page_of(client, cast.hospital_lead, panel)
    assert lead.status_code == 200
    for hidden in ("Knows the ward.", "Coming?", "invitation.ics", "Add a member", "Stand down"):
        assert hidden not in lead.text
    assert page_of(client, cast.police_lead, panel).status_code == 404


def test_the_page_warns_of_who_acted_and_of_who_is_missing(cast, client):
    """R31: warned, not barred."""
    panel = pages.convened(cast)
    convening.stand_down(member=panel.members.get(agency=cast.hospital), by=cast.chair, at=now(), reason="Ill.")
    convening.stand_down(member=panel.members.get(agency=cast.council), by=cast.chair, at=now(), reason="Ill.")
    convening.add_member(panel=panel, by=cast.chair, at=now(), agency=cast.council, person=cast.council_lead)

    page = page_of(client, cast.chair, panel).text

    assert "Council Lead acted at stages two and three." in page
    assert "Nobody sits for Rother Valley Hospital at present, and it is concerned." in page
    assert "As things stand this panel could not decide. Rother Valley Hospital is concerned and not coming." in page
    assert "Hospital Manager, Rother Valley Hospital, stood down" in page


def test_a_draft_decision_is_the_panels_own(cast, client):
    """Until it is signed off only the panel and the Board read it."""
    panel = pages.drafted(cast)

    for person in (cast.chair, cast.board_manager, cast.trust_lead, cast.council_lead_2):
        assert "She is assessed." in page_of(client, person, panel, "panel_decision").text
    for person in (cast.hospital_lead, cast.council_practitioner, cast.police_practitioner):
        page = page_of(client, person, panel, "panel_decision")
        assert page.status_code == 200
        assert "The panel has not decided yet." in page.text
        for hidden in ("She is assessed.", "The nights.", "Visit her."):
            assert hidden not in page.text
    # Nor does the timeline tell which agencies the draft gives something to do
    client.force_login(cast.hospital_lead)
    timeline = client.get(reverse("timeline", kwargs={"reference": panel.dispute.reference})).text
    assert "added an action to the panel’s decision" in timeline
    assert ", independent chair" not in timeline.lower()


def test_a_panel_that_is_not_quorate_is_told_why(cast, client):
    panel = pages.today(cast)
    client.force_login(cast.chair)
    address = reverse("record_decision", kwargs={"panel_id": panel.pk})

    refused = client.post(address, {"decision": "She is assessed.", "reasons": "The nights."})
    shown = client.get(reverse("panel_decision", kwargs={"panel_id": panel.pk}))

    for answer, status in ((refused, 409), (shown, 200)):
        assert answer.status_code == status
        assert "This panel cannot decide. Adult Social Care is concerned and absent." in answer.text
    assert "Record the decision</a>" not in shown.text
    assert not PanelDecision.objects.exists()


# The builder


def builder(dispute):
    return reverse("convene_panel", kwargs={"reference": dispute.reference})


def test_the_builder_proposes_and_warns(cast, client):
    """R31: every agency concerned, uninvolved ones until there are three; who acted is said."""
    dispute = pages.waiting(cast)
    client.force_login(cast.chair)

    page = client.get(builder(dispute))

    form = page.context["form"]
    assert form["others"].value() == [str(cast.police.pk)]
    assert form[f"seat_{cast.council.pk}"].value() == cast.council_lead_2.pk
    assert form[f"seat_{cast.hospital.pk}"].value() == cast.hospital_lead.pk
    assert "Three agencies are to sit: Adult Social Care, Rother Valley Hospital and Police." in page.text
    assert "Police Lead. No part in this dispute" in page.text
    assert "Council Lead (acted at stages two and three)" in page.text
    assert f"{cast.chair}</option>" not in page.text
    again = client.post(
        builder(dispute),
        {"check": "1", f"seat_{cast.council.pk}": cast.council_lead.pk, f"seat_{cast.hospital.pk}": ""},
    )
    assert "That is not enough yet." in again.text
    assert "Acted before:</strong> Council Lead acted at stages two and three." in again.text
    assert "There is a problem" not in again.text
    assert not Panel.objects.exists()


def test_the_builder_convenes(cast, client, charity):
    dispute = pages.waiting(cast)
    client.force_login(cast.chair)
    data = {
        f"seat_{cast.council.pk}": cast.council_lead_2.pk, f"name_{cast.hospital.pk}": "Ann Other",
        f"title_{cast.hospital.pk}": "Director", "others": [cast.trust.pk], "typed_agency": cast.charity.pk,
        "typed_name": "Rosa Bell", **pages.coming(), **pages.WHEN, **boxes("represent_by", now() + 2 * DAY, "9am"),
    }  # fmt: skip

    answer = client.post(builder(dispute), data, follow=True)

    panel = Panel.objects.get(dispute=dispute)
    assert [(member.agency, str(member), member.is_concerned) for member in panel.members.all()] == [
        (cast.council, "Second Lead", True), (cast.hospital, "Ann Other", True), (cast.trust, "Trust Lead", False),
        (cast.charity, "Rosa Bell", False),
    ]  # fmt: skip
    assert "Invite by other means, and record the answer: Ann Other and Rosa Bell (no account)." in answer.text
    second = client.post(builder(dispute), data)
    assert (second.status_code, "Ines Chair convened the panel" in second.text) == (409, True)


def test_what_the_builder_refuses(cast, client):
    dispute = pages.waiting(cast)
    client.force_login(cast.chair)
    wrong = {
        f"seat_{cast.council.pk}": "x", f"seat_{cast.hospital.pk}": cast.police_lead.pk, "typed_name": "Rosa",
        **boxes("starts_at", now() - DAY, "10am"), **boxes("represent_by", now() - DAY, "10am"),
        "place": f"The flat of {dispute.adult_name.upper()}", "link": "javascript:alert(1)",
    }  # fmt: skip

    page = client.post(builder(dispute), wrong)

    for words in (
        "Choose one of the answers offered", "Choose the agency of Rosa",
        "Choose agencies that are not concerned, until three are to sit", "The day and time must be in the future",
        "Leave the adult’s name out of the place", "The link must begin with https://",
    ):  # fmt: skip
        assert words in page.text, words
    assert not Panel.objects.exists()
    for name, status in (
        ("board_manager", 403), ("council_lead", 403), ("hospital_lead", 403), ("police_lead", 404),
        ("trust_lead", 404), ("administrator", 404),
    ):  # fmt: skip
        client.force_login(getattr(cast, name))
        for answer in (client.get(builder(dispute)), client.post(builder(dispute), wrong)):
            assert answer.status_code == status, name


# Lists and links


def test_the_list_of_panels_is_ones_own(cast, client):
    """R44: all for the Board, one's own for everybody else; an empty list says what a panel is."""
    panel = pages.convened(cast)
    waits = pages.waiting(cast)

    for person in (cast.chair, cast.board_manager, cast.trust_lead, cast.hospital_lead, cast.council_practitioner):
        client.force_login(person)
        page = client.get("/panels/")
        assert f"/panels/{panel.pk}/" in page.text, person
        assert ("Waiting for you to convene a panel" in page.text) == (person == cast.chair)
    client.force_login(cast.chair)
    assert builder(waits) in client.get("/panels/").text
    assert builder(waits) in client.get("/").text
    assert builder(waits) in client.get(f"/disputes/{waits.reference}/").text
    for person in (cast.police_lead, cast.trust_manager, cast.administrator):
        client.force_login(person)
        page = client.get("/panels/")
        assert "You sit on no panel" in page.text
        assert panel.dispute.adult_name not in page.text


def test_the_navigation_leads_whoever_has_panels_there(cast, client):
    pages.convened(cast)
    for name, has in (
        ("trust_lead", True), ("council_lead", True), ("chair", True), ("board_manager", True), ("police_lead", False),
        ("trust_practitioner", False), ("administrator", False),
    ):  # fmt: skip
        client.force_login(getattr(cast, name))
        assert ('href="/panels/"' in client.get("/").text) == has, name


def test_the_dispute_leads_to_its_panel(cast, client):
    panel = pages.convened(cast)
    client.force_login(cast.trust_lead)

    page = client.get(f"/disputes/{panel.dispute.reference}/").text

    assert f'href="/panels/{panel.pk}/">Panel</a>' in page
    assert "Before the Resolution Panel" in page
    assert "convenes a Resolution Panel" not in page


@pytest.mark.parametrize("panels", [1, 3])
def test_the_list_asks_as_many_questions_for_three_as_for_one(cast, client, django_assert_num_queries, panels):
    for _ in range(panels):
        pages.convened(cast)
    client.force_login(cast.chair)

    with django_assert_num_queries(LIST):
        client.get("/panels/")


@pytest.mark.parametrize("members", [4, 6])
def test_a_panel_asks_as_many_questions_for_six_as_for_four(cast, client, django_assert_num_queries, members):
    panel = pages.convened(cast)
    for number in range(members - 4):
        agency = Agency.objects.create(name=f"Agency {number}")
        convening.add_member(panel=panel, by=cast.chair, at=now(), agency=agency, name="Somebody")
    client.force_login(cast.chair)

    with django_assert_num_queries(PANEL):
        client.get(f"/panels/{panel.pk}/")


LIST, PANEL = 10, 21


def test_a_member_answers_on_one_page(cast, client):
    panel = pages.convened(cast)
    client.force_login(cast.trust_lead)
    address = reverse("answer_invitation", kwargs={"panel_id": panel.pk})

    client.post(address, {"coming": "yes", "conflict": "declared", "detail": "A cousin works there."})

    assert Answer.objects.get().coming == "yes"
    assert Member.objects.get(agency=cast.trust).conflict_detail == "A cousin works there."
    again = client.get(address).text
    assert "Do you have a conflict of interest?" not in again
    client.post(address, {"coming": "no"})
    assert Answer.objects.get().coming == "no"
    assert Dispute.objects.visible_to(cast.trust_lead, now() + HOUR).exists()


def test_a_builder_put_aside_stands_there_again(cast, client):
    """What was chosen for each agency too, which the page asks for only once it knows the dispute."""
    dispute = pages.waiting(cast)
    client.force_login(cast.chair)
    typed = {f"seat_{cast.council.pk}": cast.council_lead.pk, f"name_{cast.hospital.pk}": "Ann Other", "later": "1"}

    client.post(builder(dispute), typed)

    form = client.get(builder(dispute)).context["form"]
    assert form[f"seat_{cast.council.pk}"].value() == str(cast.council_lead.pk)
    assert (form[f"name_{cast.hospital.pk}"].value(), form["others"].value()) == ("Ann Other", [])
