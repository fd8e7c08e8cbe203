"""Two stories in Chromium, of people without an account: a GP who reads one record, a small home that replies (R19)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from agencies import outbox
from agencies.models import Agency
from escalation import actions
from escalation.models import Link
from tests import cast as casting
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import TAGGED, WIDE, Desk, marks_of
from tests.mail_server import mail_server
from tests.records import text_of

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mail(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


class Outsider(Desk):
    """Somebody without an account, who has a mailbox."""

    def __init__(self, browser, address, mail, email, *, script):
        self.address, self.mail, self.email = address, mail, email
        self.page = browser.new_context(viewport=WIDE, java_script_enabled=script).new_page()
        self.twin = None if script else browser.new_context(viewport=WIDE).new_page()  # axe is a script itself

    def looked_at(self):
        """The page for axe: where no script runs, the same address in a browser with the same cookies."""
        if self.twin is None:
            return self.page
        self.twin.context.add_cookies(self.page.context.cookies())
        self.twin.goto(self.page.url)
        return self.twin

    def newest(self):
        """The text of the newest mail in the mailbox."""
        message = self.mail.to(self.email)[-1]
        return message.get_body(("plain",)).get_content()

    def follow_mail(self):
        self.open(re.search(r"(/links/\S+)", self.newest())[1])

    def enter_code(self):
        """Ask for a code, and enter the one that comes."""
        self.press("Send me a code")
        self.see_heading("Enter the code")
        self.fill("Code", re.search(r"\b\d{6}\b", self.newest())[0])
        self.press("Open")


@pytest.fixture
def outsider(browser, live_server, mail):
    made = []

    def sit_down(email, *, script=True):
        made.append(Outsider(browser, live_server.url, mail, email, script=script))
        return made[-1]

    yield sit_down
    for each in made:
        each.page.context.close()
        if each.twin:
            each.twin.context.close()


def looks_right(desk):
    page = desk.looked_at() if isinstance(desk, Outsider) else desk.page
    assert (page.url, faults_at_each_width(page)) == (page.url, [])


def test_a_gp_reads_one_record_for_seven_days(cast, desk, outsider):
    """Made on the page of the copies, opened by codes from the mail, and after its days nothing."""
    dispute = casting.at_stage(cast, 2, timezone.now() - DAY)
    maker = desk(cast.council_practitioner)
    maker.open(f"/disputes/{dispute.reference}/copies/")
    maker.follow("Give somebody a copy by a link")
    maker.fill("Name", "Dr Hugh Gee")
    maker.fill("Organisation", "Wath Road Surgery")
    maker.fill("Email address", "hugh.gee@surgery")
    maker.press("Send the link")
    maker.page.get_by_role("alert").get_by_text("Enter an email address like name@example.org").wait_for()
    maker.fill("Email address", "hugh.gee@surgery.example")
    maker.press("Send the link")
    maker.see("A link is on its way to Dr Hugh Gee.")
    outbox.send_due(timezone.now)

    gp = outsider("hugh.gee@surgery.example")
    gp.follow_mail()
    gp.see_heading("A record is shared with you")
    looks_right(gp)
    assert "Margaret" not in gp.page.content()
    gp.press("Send me a code")
    looks_right(gp)
    gp.fill("Code", "12345")
    gp.press("Open")
    gp.see("The code must be 6 digits")
    looks_right(gp)
    gp.fill("Code", re.search(r"\b\d{6}\b", gp.newest())[0])
    gp.press("Open")
    gp.see_heading("Margaret Eleanor Whitworth-Okonkwo")
    gp.see("She was found by the ward doors at 2am. (Ward chart, 12 May)")
    looks_right(gp)
    pdf, name = gp.download("Download the record")
    assert (name, marks_of(pdf)) == (f"{dispute.reference}-stage-1.pdf", TAGGED)
    assert "She was found by the ward doors at 2am." in text_of(pdf)
    assert gp.status(f"/disputes/{dispute.reference}/") == 200  # which asks to sign in
    assert "Margaret" not in gp.page.request.get(f"{gp.address}/disputes/{dispute.reference}/").text()

    maker.open(f"/disputes/{dispute.reference}/copies/")
    maker.see("Dr Hugh Gee", "Wath Road Surgery", "By a link from here")
    assert re.search(r"Opened\s+today", maker.page.get_by_role("main").inner_text())
    looks_right(maker)
    maker.open(f"/disputes/{dispute.reference}/timeline/")
    maker.see("Dr Hugh Gee, by link, downloaded the record of stage one")
    Link.objects.update(expires_at=timezone.now())
    gp.page.reload()
    gp.see_heading("This link works no more")
    assert "Margaret" not in gp.page.content()
    looks_right(gp)


def test_a_small_home_replies_and_the_board_manager_confirms(cast, desk, outsider):
    """At stage three: its view, entry, agreement and report, checked, sent once, marked, and confirmed."""
    cast.small = Agency.objects.create(name="Small Home", phone="01632 960 111")
    began = timezone.now() - DAY
    dispute = casting.at_stage(cast, 3, began, concerned_agencies=[cast.small])
    action = [(cast.small, "Write down each night")]
    actions.propose(
        dispute=dispute, by=cast.council_lead, at=began + 5 * HOUR, resolution="Assess.", rationale="So.",
        actions=action,
    )  # fmt: skip
    lead = desk(cast.council_lead)
    lead.open(f"/disputes/{dispute.reference}/")
    lead.follow("Ask an agency without accounts to reply by a link")
    lead.choose("Small Home")
    lead.fill("Name of the person", "Ann Lee")
    lead.fill("Job title", "registered manager")
    lead.fill("Email address", "ann@smallhome.example")
    lead.press("Send the link")
    lead.see("A link is on its way to Ann Lee.")
    outbox.send_due(timezone.now)

    ann = outsider("ann@smallhome.example", script=False)
    ann.follow_mail()
    ann.enter_code()
    ann.see_heading("Margaret Eleanor Whitworth-Okonkwo")
    ann.see("Agree to the proposed resolution, or not", "The decision of 19 May")
    looks_right(ann)
    ann.follow("Write your reply")
    looks_right(ann)
    ann.page.get_by_label("We do not agree").last.check()
    ann.press("Continue")
    ann.see("There is a problem", "Say why your agency does not agree")
    ann.fill("How your agency sees", "We were never asked.")
    ann.choose("Yes, I write what was said")
    ann.fill("Facts (say where from)", "She rang at 3am. (Night log)")
    ann.page.get_by_role("group", name="What came of it?").get_by_label("We agree in part").check()
    ann.fill("Why? The reason for this outcome", "The nights are ours.")
    ann.page.get_by_role("group", name="What does your agency answer?").get_by_label("We agree", exact=True).check()
    ann.choose("It is under way")
    ann.press("Continue")
    ann.see_heading("Check your reply")
    ann.see("We were never asked.", "She rang at 3am.", "It is under way")
    looks_right(ann)
    ann.press("Send the reply")
    ann.see_heading("Your reply was sent today")
    looks_right(ann)
    address = ann.page.url
    assert ann.page.request.get(address).status == 410
    assert "Margaret" not in ann.page.content()

    marked = "Ann Lee (by link, not yet confirmed)"
    lead.open(f"/disputes/{dispute.reference}/")
    assert lead.page.get_by_text(marked).count() == 4
    looks_right(lead)
    board = desk(cast.board_manager)
    board.home()
    board.follow("Confirm what an agency gave by a link")
    board.see("We were never asked.", "She rang at 3am.", "It is under way.")
    looks_right(board)
    board.press("Confirm the reply")
    board.see("The reply of Small Home is confirmed.")
    assert board.page.get_by_text(marked).count() == 0
    assert board.page.get_by_text("Ann Lee (by link, confirmed by Helen Goddard)").count() == 4
    board.open(f"/disputes/{dispute.reference}/timeline/")
    board.see("Ann Lee, by link, sent the reply of Small Home", "Helen Goddard confirmed what was given by a link")
