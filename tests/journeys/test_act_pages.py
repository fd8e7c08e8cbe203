"""The pages of the acts in Chromium: what axe finds, clean and with errors, and where the error summary leads."""

import pytest

from tests.escalation.act_pages import PAGES, begin
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import WIDE

pytestmark = pytest.mark.django_db(transaction=True)
each_page = pytest.mark.parametrize("act_page", PAGES, ids=[page.key for page in PAGES])
LOST_LINKS = """[...document.querySelectorAll(".govuk-error-summary__list a")]
    .map(link => link.getAttribute("href")).filter(href => !document.querySelector(href))"""


@pytest.fixture
def said(page):
    """What the browser had to say: refusals of the Content-Security-Policy, faults of scripts."""
    messages = []
    page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages


@pytest.fixture
def sign_in(page, client, live_server):
    """A function that signs somebody in, in the browser."""

    def signed_in(user):
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return signed_in


@each_page
def test_it_is_accessible_clean_and_with_errors(cast, page, live_server, said, sign_in, act_page):
    """At 1280 and 320 pixels nothing is found, and each link of the error summary leads to its field."""
    dispute = begin(cast, act_page)
    address = live_server.url + act_page.come_to(cast, dispute)
    sign_in(getattr(cast, act_page.by))

    page.goto(address)
    assert faults_at_each_width(page) == []
    if not act_page.can_err:
        return
    spoil(page)
    page.set_viewport_size(WIDE)
    page.locator(".r-form button.govuk-button:visible").first.click()
    page.get_by_text("There is a problem").wait_for()
    assert faults_at_each_width(page) == []
    assert page.title().startswith("Error: ")
    assert page.evaluate(LOST_LINKS) == []
    assert said == []


def spoil(page):
    """Empty every field, give dates that are none, and one text that is far too long."""
    page.evaluate("""() => {
        for (const field of document.querySelectorAll(".r-form :is(textarea, input[type=text], input[type=tel])"))
            field.value = field.name.endsWith("-day") ? "99" : ""
        for (const field of document.querySelectorAll(".r-form :is([type=radio], [type=checkbox])"))
            field.checked = false
        const text = [...document.querySelectorAll(".r-form textarea")].find(each => each.checkVisibility())
        if (text) text.value = "Long words. ".repeat(3000)
    }""")


def test_who_acts_and_who_sees(cast, page, live_server, said, sign_in, at_stage):
    """The page of the people, at both widths."""
    dispute = at_stage(3, concerned_agencies=[cast.trust])
    sign_in(cast.council_lead)

    page.goto(f"{live_server.url}/disputes/{dispute.reference}/people/")
    assert faults_at_each_width(page) == []
    assert said == []
