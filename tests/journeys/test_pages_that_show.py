"""The pages that show, in Chromium: what axe finds, how wide they run, and that they need no script."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import actions
from escalation.models import How
from tests import cast as casting
from tests.cast import SAFE, record_discussion
from tests.journeys.axe import faults_at_each_width

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(transactional_db):
    return casting.make()


@pytest.fixture
def full(cast):
    """A dispute at stage two with something in every place of its page, past its target."""
    began = timezone.now() - timedelta(days=9)
    dispute = casting.raise_dispute(
        cast, began, concerned_agencies=[cast.trust], category="closure", urgency="urgent", impact="She may fall.",
        adult_name="Bartholomew Featherstonehaugh-Cholmondeley", needed_by_on=(began + timedelta(days=3)).date(),
        desired_outcome_achieved="no", desired_outcome_detail="He wanted his money back.", safety="nothing",
        safety_detail="", adult_views="“My own bed.”", supporter_name="A friend",
        section_42_reference="S42/" + "9" * 60,
    )  # fmt: skip
    by = {"dispute": dispute, "by": cast.council_practitioner}
    record_discussion(dispute, cast.council_practitioner, began + HOUR, how=How.VIDEO)
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=began + HOUR, view="We see it otherwise.\n\n" * 3)
    actions.record_consultation(
        **by, at=began + HOUR, consulted="A colleague", consulted_role="nurse", consulted_on=began.date(),
        advice="Wait.",
    )  # fmt: skip
    actions.record_mdt(**by, at=began + HOUR, mdt="not_needed", mdt_why="One question only.")
    actions.refer_concern(**by, at=began + HOUR, referred_on=began.date(), team_reference="LAS 1")
    actions.amend(**by, at=began + HOUR, changes={"impact": "She may leave at night."})
    proposal = actions.propose(
        **by, at=began + HOUR, resolution="Assess her.", rationale="Safer.", actions=[(cast.hospital, "Assess")]
    )
    actions.refuse(proposal=proposal, by=cast.hospital_practitioner, at=began + 2 * HOUR, reason="Not needed.")
    request = actions.ask_escalation(**by, at=began + 2 * HOUR, reason="Stuck.", **SAFE)
    actions.approve(request=request, by=cast.council_manager, at=began + 3 * HOUR, reason="Needed.")
    record_discussion(dispute, cast.council_manager, began + 4 * HOUR)
    dispute.refresh_from_db()
    actions.propose(
        dispute=dispute, by=cast.council_manager, at=began + 5 * HOUR, resolution="Assess her.", rationale="Safer."
    )
    return dispute


def sign_in(context, client, live_server, user):
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def addresses(dispute):
    page = f"/disputes/{dispute.reference}/"
    return ["/", "/disputes/", "/disputes/?state=ended", "/approvals/", page, f"{page}timeline/"]


@pytest.mark.parametrize("who", ["council_manager", "hospital_lead", "board_manager", "police_practitioner"])
def test_they_are_accessible_at_every_width(cast, full, page, client, live_server, who):
    sign_in(page.context, client, live_server, getattr(cast, who))
    sees = who in ("council_manager", "hospital_lead")
    for path in addresses(full)[: None if sees else 4]:
        page.goto(live_server.url + path)
        assert (path, faults_at_each_width(page)) == (path, [])


def test_the_first_screen_holds_what_matters(cast, full, page, client, live_server):
    """At 1280 by 800: name, reference, stage, days, what happens next and the safety line."""
    sign_in(page.context, client, live_server, cast.hospital_manager)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_server.url}/disputes/{full.reference}/")

    for place in ("h1", ".r-where", ".r-next .govuk-button"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 800
    safety = page.get_by_text("is at immediate risk, call 999").first.bounding_box()
    assert safety["y"] + safety["height"] <= 800


def test_they_work_without_script(cast, full, browser, client, live_server):
    """Search, filter, what changed and the next act, with no script at all."""
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, client, live_server, cast.council_manager)
    page = context.new_page()
    page.goto(f"{live_server.url}/disputes/")
    page.get_by_label("Name or reference").fill("barthol")
    page.get_by_label("State").select_option("open")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Bartholomew").click()
    page.get_by_role("link", name="Timeline").click()
    page.locator("summary", has_text="changed details").click()
    assert page.get_by_text("She may leave at night.").is_visible()
    assert "arthol" not in page.url
    context.close()
