"""A practitioner raises a dispute in the browser, with script and without, on a wide screen and on a narrow one."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from escalation.forms.raising import PAGES
from escalation.models import Dispute, Draft
from tests import cast as casting
from tests.journeys.axe import faults

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "resolve-together"
FIRST = "Name of the adult at risk"


@pytest.fixture
def cast(transactional_db):
    return casting.make()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request, browser, cast, live_server):
    """A page of Chromium in which a practitioner of the council has signed in."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, live_server, cast.council_practitioner)
    yield page
    context.close()


def sign_in(page, live_server, user):
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    page.goto(f"{live_server.url}{reverse('account_login')}?next={reverse('raise_dispute')}")
    fill_in_sign_in(page, user)


def fill_in_sign_in(page, user):
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Raise a dispute", exact=True).wait_for()


def go_on(page, heading):
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1, name=heading).wait_for()


def fill_in_required(page):
    """The four required pages, as far as the first that is not."""
    page.get_by_label(FIRST).fill("Joan Pickersgill")
    page.get_by_label("Whose decision").select_option("Rother Valley Hospital")
    go_on(page, "What you disagree about")
    page.get_by_label("What the problem is").fill("The ward plans to send her home on Friday.")
    page.get_by_label("What exactly you disagree about").fill("The decision of 26 May.")
    page.get_by_label("What you aim to achieve").fill("Discharge waits.")
    go_on(page, "Talking it through")
    page.get_by_label("No, the talk could not be held").check()
    page.get_by_label("Why it could not be held").fill("Nobody could be reached.")
    go_on(page, "What keeps Joan Pickersgill safe meanwhile")
    page.get_by_label("Nothing is in place").check()
    go_on(page, "What kind of disagreement it is")


def test_a_worker_under_pressure_raises_at_once(page, cast):
    """Given a worker whom nobody calls back, when four pages are filled in, then it is raised with one more click."""
    fill_in_required(page)
    assert page.get_by_text("nothing is in place to keep").is_visible()

    page.get_by_role("button", name="Raise it now").click()

    page.get_by_role("heading", name="Dispute raised").wait_for()
    dispute = Dispute.objects.get()
    assert page.get_by_text(dispute.reference).is_visible()
    assert page.get_by_role("link", name="Go to this dispute").get_attribute("href") == reverse(
        "dispute", kwargs={"reference": dispute.reference}
    )


def test_what_was_typed_is_there_after_the_session_has_ended(page, cast, live_server):
    """Given a page left open too long, when it is sent, then signing in again shows what was typed."""
    page.get_by_label(FIRST).fill("Joan Pickersgill")
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("button", name="Continue").click()

    page.get_by_text("What you typed is kept").wait_for()
    fill_in_sign_in(page, cast.council_practitioner)
    assert page.get_by_label(FIRST).input_value() == "Joan Pickersgill"


def test_come_back_later_change_an_answer_and_raise(page, cast, live_server):
    """Given a draft put aside, when it is taken up again and an answer changed, then that is what is raised."""
    page.get_by_label(FIRST).fill("Joan Pickersgil")
    page.get_by_role("button", name="Save and come back later").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}{reverse('raise_dispute')}")
    assert page.get_by_text("Joan Pickersgil", exact=True).is_visible()
    page.get_by_role("link", name="go on").click()
    page.go_back()
    page.goto(f"{live_server.url}{reverse('raise_page', kwargs={'key': Draft.objects.get().key, 'page': 'adult'})}")
    fill_in_required(page)
    for name in list(PAGES)[5:]:
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"**/{name}/")
    go_on(page, "Check what you have written")
    page.get_by_role("link", name="Change what you aim to achieve").click()
    page.get_by_label("What you aim to achieve").fill("Discharge waits until Monday.")
    go_on(page, "Check what you have written")

    page.get_by_role("button", name="Raise this dispute").click()

    page.get_by_role("heading", name="Dispute raised").wait_for()
    assert (Dispute.objects.get().adult_name, Dispute.objects.get().aim) == (
        "Joan Pickersgill",
        "Discharge waits until Monday.",
    )


# axe, and the narrowest screen


@pytest.mark.parametrize("page", [True], indirect=True, ids=["script"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(page, live_server, width):
    page.set_viewport_size({"width": width, "height": 800})
    heard = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    assert faults(page) == ([], 0)
    fill_in_required(page)
    key = Draft.objects.get().key
    for name in PAGES:
        page.goto(f"{live_server.url}{reverse('raise_page', kwargs={'key': key, 'page': name})}")
        assert (name, *faults(page)) == (name, [], 0)
        open_everything(page)
        assert (name, "opened", *faults(page)) == (name, "opened", [], 0)
    page.goto(f"{live_server.url}{reverse('raise_check', kwargs={'key': key})}")
    assert faults(page) == ([], 0)
    page.goto(f"{live_server.url}{reverse('raise_dispute')}")
    assert faults(page) == ([], 0)
    page.goto(f"{live_server.url}{reverse('raise_throw_away', kwargs={'key': key})}")
    assert faults(page) == ([], 0)
    page.goto(f"{live_server.url}{reverse('raise_check', kwargs={'key': key})}")
    page.get_by_role("button", name="Raise this dispute").click()
    page.get_by_role("heading", name="Dispute raised").wait_for()
    assert faults(page) == ([], 0)
    assert heard == []


def open_everything(page):
    for summary in page.locator("main summary").all():
        summary.click()
    for answer in page.locator("[data-aria-controls], [aria-controls]").all():
        if answer.get_attribute("type") in ("radio", "checkbox"):
            answer.check()


FAULTS = {
    "adult": {"disputed_agency": "", "raised_for": "another"},
    "statements": {"problem": " "},
    "talk": {"was_discussed": "yes"},
    "safety": {"safety": "in_place"},
    "kind": {"category": "capacity", "capacity_assessed_on-day": "31"},
    "impact": {"needed_by_on-day": "31", "needed_by_on-month": "2", "needed_by_on-year": "2026"},
    "views": {"adult_born_on-year": "99999999999999999999"},
    "others": {"continues": "x" * 300, "supporter_name": "x" * 300},
}


@pytest.mark.parametrize("page", [True], indirect=True, ids=["script"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_on_pages_with_faults_and_every_link_leads_to_its_field(
    page, client, cast, live_server, width
):
    page.set_viewport_size({"width": width, "height": 800})
    fill_in_required(page)
    key = Draft.objects.get().key
    client.force_login(cast.council_practitioner)
    # The required pages last, so that the others can still be opened
    for name in reversed(PAGES):
        client.post(reverse("raise_page", kwargs={"key": key, "page": name}), FAULTS[name])
        page.goto(f"{live_server.url}{reverse('raise_page', kwargs={'key': key, 'page': name})}?again=1")
        assert page.title().startswith("Error: ")
        assert (name, *faults(page)) == (name, [], 0)
        links = page.get_by_role("alert").get_by_role("link")
        assert links.count()
        for number in range(links.count()):
            target = links.nth(number).get_attribute("href")[1:]
            links.nth(number).click()
            assert page.evaluate("document.activeElement.id") == target
