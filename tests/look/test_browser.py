"""The pages in Chromium: what axe finds, what runs over the edge, what works by keyboard and without script."""

import pytest

from tests.journeys.axe import WIDTHS, faults
from tests.look.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample_pages")]


@pytest.fixture
def said(page):
    """What the browser had to say: refusals of the Content-Security-Policy, faults of scripts."""
    messages = []
    page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages


@pytest.fixture
def signed_in(page, live_server, manager):
    sign_in(page, live_server, manager)
    return page


def sign_in(page, live_server, manager):
    page.goto(f"{live_server.url}/accounts/login/?next=/guidance/")
    page.get_by_label("Email address").fill(manager.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("Denise Hartley").wait_for()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_open_pages(page, live_server, said, width, db):
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("guidance", "accessibility", "privacy", "accounts/login", "accounts/password/reset"):
        page.goto(f"{live_server.url}/{path}/")
        assert (path, *faults(page)) == (path, [], 0)
    assert said == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_form_clean_and_with_errors(signed_in, live_server, said, width):
    page = signed_in
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/look/sample/")
    assert faults(page) == ([], 0)
    page.get_by_label("Something else").check()
    page.locator("[name=spoken][value=no]").check()
    page.get_by_label("Your case reference").fill("clash")
    page.get_by_label("Name of the adult").fill("Donaudampfschifffahrt" * 5)
    page.get_by_role("button", name="Save entry").click()
    page.get_by_role("alert").wait_for()
    assert faults(page) == ([], 0)
    assert page.title() == "Error: Record your discussion – Resolve"
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert said == []


def test_each_link_of_the_error_summary_leads_to_its_field(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/look/sample/")
    page.locator("[name=spoken][value=yes]").check()
    page.get_by_role("button", name="Save entry").click()
    links = page.get_by_role("alert").get_by_role("link")
    assert links.count() > 10
    for number in range(links.count()):
        target = links.nth(number).get_attribute("href")[1:]
        links.nth(number).click()
        assert page.evaluate("document.activeElement.id") == target


def test_what_belongs_under_an_answer_shows_with_it(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/look/sample/")
    to, why_not = page.get_by_label("Who you spoke to"), page.get_by_label("Why it could not be held")
    assert (to.is_visible(), why_not.is_visible()) == (False, False)
    page.locator("[name=spoken][value=yes]").check()
    assert (to.is_visible(), why_not.is_visible()) == (True, False)
    page.locator("[name=spoken][value=no]").check()
    assert (to.is_visible(), why_not.is_visible()) == (False, True)


def test_a_form_without_script(browser, live_server, manager):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, manager)
    page.goto(f"{live_server.url}/look/sample/")
    page.locator("[name=spoken][value=no]").check()
    page.get_by_label("Why it could not be held").fill("Nobody answers")
    page.get_by_role("button", name="Save entry").click()
    page.get_by_role("alert").get_by_text("Say what the problem is").click()
    assert page.url.endswith("#id_problem")
    assert page.get_by_label("Why it could not be held").input_value() == "Nobody answers"
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/accounts/login/")
    context.close()


def test_every_stop_of_the_tab_key_can_be_seen(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/look/sample/")
    unseen, stops = [], 0
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const it = document.activeElement;
                if (it === document.body) return null;
                const look = getComputedStyle(it.matches('[type=radio],[type=checkbox]') ? it : it);
                const beside = it.nextElementSibling ? getComputedStyle(it.nextElementSibling, '::before') : look;
                const shown = [look, beside].some(s => s.boxShadow !== 'none' || parseFloat(s.outlineWidth) >= 3);
                return [it.outerHTML.slice(0, 120), shown];
            }"""
        )
        if seen is None:
            break
        stops += 1
        if not seen[1]:
            unseen.append(seen[0])
    assert stops > 20
    assert unseen == []
