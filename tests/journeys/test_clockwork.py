"""Two stories in Chromium: a manager on leave whose deputy approves, and a silent manager who is passed by."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader

from agencies import own
from agencies.models import Notice, Role
from escalation import actions, timers
from escalation.models import Beat, EscalationRequest
from tests.cast import SAFE, at_stage, person, raise_dispute, record_discussion
from tests.journeys.axe import faults, faults_at_each_width

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sign_in(page, client, live_server):
    """A function that signs somebody in, in the browser."""

    def signed_in(user):
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return signed_in


def fill_day(page, name, moment):
    for box, value in (("day", moment.day), ("month", moment.month), ("year", moment.year)):
        page.locator(f"[name={name}-{box}]").fill(str(value))


def asked(cast, at):
    """A dispute of the council in which the worker has asked a manager to take it further."""
    dispute = raise_dispute(cast, at=at)
    record_discussion(dispute, cast.council_practitioner, at)
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=at, reason="No agreement.", **SAFE)
    return dispute


def test_the_deputy_of_a_manager_on_leave_approves_and_the_record_says_for_whom(
    cast, page, client, live_server, sign_in
):
    deputy = person("deputy.council", "Dora Deputy", (Role.PRACTITIONER, cast.council), job_title="Deputy manager")
    dispute = asked(cast, timezone.now() - HOUR)

    # A manager goes on leave
    sign_in(cast.council_manager)
    page.goto(live_server.url + "/people/")
    page.get_by_role("link", name="Cover while you are away").click()
    fill_day(page, "first_day", timezone.localtime())
    fill_day(page, "last_day", timezone.localtime() + 7 * DAY)
    page.get_by_label("Who stands in for you").select_option(label="Dora Deputy, Deputy manager")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Dora Deputy stands in for you.").wait_for()

    # The deputy is told, finds what waits, and approves it
    sign_in(deputy)
    page.goto(live_server.url + "/notifications/")
    page.get_by_text("For Council Manager.").wait_for()
    page.get_by_role("link", name="Approvals").click()
    page.get_by_text("You stand in for Council Manager").wait_for()
    page.get_by_role("link", name="Approve or decline").first.click()
    page.get_by_text("You do this for Council Manager").wait_for()
    page.get_by_label("Approve: take it to stage two").check()
    page.get_by_role("button", name="Save your decision").click()
    page.get_by_text("You approved it.").wait_for()

    # The record says for whom
    page.get_by_text("Dora Deputy for Council Manager approved it").wait_for()
    page.get_by_role("link", name="Timeline").click()
    page.get_by_text("Dora Deputy for Council Manager approved the escalation to stage two").wait_for()
    client.force_login(cast.council_lead)
    pdf = client.get(f"/disputes/{dispute.reference}/records/1.pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.getvalue())).pages)
    assert "Dora Deputy for Council Manager" in " ".join(text.split())


def test_a_silent_manager_is_passed_by(cast, page, live_server, sign_in):
    """R25: told when the time has passed, the worker goes to the lead, who approves."""
    dispute = asked(cast, timezone.now() - 6 * DAY)
    request = EscalationRequest.objects.get(dispute=dispute)
    timers.sweep(request.way_round_at + timedelta(minutes=1))

    sign_in(cast.council_practitioner)
    page.goto(live_server.url + "/notifications/")
    page.get_by_role("link", name="Your request to escalate has not been answered").click()
    page.get_by_role("button", name="Go to the safeguarding lead").click()
    page.get_by_text("Your request is with the safeguarding leads.").wait_for()
    assert Notice.objects.filter(recipient=cast.council_lead, kind="unanswered").count() == 1

    sign_in(cast.council_lead)
    page.goto(live_server.url + "/")
    page.get_by_role("link", name="Approve or decline").first.click()
    page.get_by_label("Approve: take it to stage two").check()
    page.get_by_role("button", name="Save your decision").click()
    page.get_by_text("The dispute is at stage two now").wait_for()


def test_the_new_pages_are_accessible_and_fit(cast, page, live_server, sign_in):
    """Clean at 1280 and 320 pixels, for whoever has most on them, and with errors."""
    now = timezone.now()
    own.name_deputy(by=cast.council_manager, at=now, starts_at=now, ends_at=now + 3 * DAY)
    own.name_deputy(by=cast.council_lead_2, deputy=cast.council_lead, at=now, starts_at=now, ends_at=now + 3 * DAY)
    own.name_deputy(by=cast.council_lead, at=now, starts_at=now + 20 * DAY, ends_at=now + 30 * DAY)
    dispute = at_stage(cast, 3, at=now - 12 * HOUR)
    Beat.objects.create(timer="sweep", began_at=now - HOUR, ended_at=now - HOUR)
    Notice.objects.filter(recipient=cast.hospital_lead).update(refused_at=now)
    visits = {
        cast.council_lead: ("/", "/notifications/", "/notifications/settings/", "/people/cover/"),
        cast.administrator: ("/clockwork/", f"/people/{cast.council_manager.pk}/"),
        cast.board_manager: ("/clockwork/", f"/disputes/{dispute.reference}/"),
    }
    for user, paths in visits.items():
        sign_in(user)
        for path in paths:
            page.goto(live_server.url + path)
            assert (path, faults_at_each_width(page)) == (path, [])
    sign_in(cast.council_lead)
    page.goto(live_server.url + "/people/cover/")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("There is a problem").wait_for()
    assert page.title().startswith("Error: ")
    assert faults(page) == ([], 0)
