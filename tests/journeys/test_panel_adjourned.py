"""A panel of four agencies, adjourned because one was absent, through the pages only; and axe on each of its pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, Notice
from escalation.moments import clock_time, in_london
from panels.models import Panel
from tests import cast as casting
from tests.journeys.axe import faults, faults_at_each_width
from tests.panels import pages

pytestmark = pytest.mark.django_db(transaction=True)
LOST_LINKS = """[...document.querySelectorAll(".govuk-error-summary__list a")]
    .map(link => link.getAttribute("href")).filter(href => !document.querySelector(href))"""


def fill_moment(desk, name, moment):
    local = in_london(moment)
    boxes = {"day": local.day, "month": local.month, "year": local.year, "time": clock_time(local)}
    for box, value in boxes.items():
        desk.page.locator(f"[name={name}-{box}]").fill(str(value))


def soon(minutes=2):
    """A full minute a little later, so that the sitting is of today."""
    return (timezone.now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def attend(chair, agencies, absent=()):
    chair.follow("Record who attended")
    for agency in agencies:
        how = "absent" if agency in absent else "video"
        chair.page.locator(f"[name=how_{agency.pk}][value={how}]").check()
    chair.press("Save who attended")


def test_a_first_sitting_that_was_not_quorate(cast, desk):
    """Given a dispute of four agencies, when one is absent, then nothing is decided: the Chair adjourns, the agency and
    the Board Manager are told that day, and a further sitting decides (R30, R31, R33)."""
    # Given the Chair convenes a panel of the four agencies concerned
    dispute = casting.at_stage(
        cast, 4, timezone.now() - timedelta(days=8), concerned_agencies=[cast.trust, cast.police]
    )
    four = (cast.council, cast.hospital, cast.trust, cast.police)
    chair = desk(cast.chair)
    chair.follow("waiting for you to convene a Resolution Panel")
    chair.see("None is needed.", "Four agencies are to sit", "All of them are concerned: consider one that is not.")
    for agency, person in ((cast.hospital, cast.hospital_lead), (cast.police, cast.police_lead)):
        chair.page.locator(f"[name=seat_{agency.pk}]").select_option(str(person.pk))
    fill_moment(chair, "starts_at", soon(60 * 24 * 2))
    chair.fill("Where (optional)", "Riverside House, room 2")
    assert faults_at_each_width(chair.page) == []
    chair.press("Convene the panel")
    chair.see("The panel is convened.")
    panel = Panel.objects.get(dispute=dispute)

    # And one member without JavaScript answers, takes the date into a calendar, and reads the dispute
    member = desk(cast.police_lead, script=False)
    member.follow("Say whether you can sit on the Resolution Panel")
    member.page.get_by_role("radio", name="Coming", exact=True).check()
    member.choose("Nothing to declare")
    member.press("Send your answer")
    member.see("Your answer is recorded.")
    file, name = member.download("Put it into your calendar")
    assert (name, b"Riverside House" in file) == (f"panel-{dispute.reference}.ics", True)
    assert b"Whitworth" not in file
    member.page.get_by_role("link", name="Back to Margaret").click()
    member.see("Before the Resolution Panel")

    # When the Chair brings the sitting forward, and one agency is not there
    chair.follow("Re-arrange the sitting")
    fill_moment(chair, "starts_at", soon())
    chair.fill("Why it is re-arranged", "Everybody can come today.")
    chair.press("Re-arrange the sitting")
    chair.see("Everybody who sits is asked anew.", "Re-arranged 1 time")
    attend(chair, four, absent=[cast.police])

    # Then nothing can be decided
    chair.see("This panel cannot decide. Police is concerned and absent.", "Not quorate.")
    assert chair.status(f"/panels/{panel.pk}/decision/record/") == 409
    chair.follow("Adjourn the sitting")
    chair.see("Told today: the Board Manager, and the leads of Police")
    assert faults_at_each_width(chair.page) == []
    chair.press("Adjourn the sitting")
    chair.see("The sitting is adjourned")
    for person in (cast.police_lead, cast.board_manager):
        assert Notice.objects.filter(recipient=person, title__startswith="The Resolution Panel was adjourned:").exists()

    # And a further sitting, to which all come, decides
    chair.follow("Arrange a sitting")
    fill_moment(chair, "starts_at", soon())
    chair.fill("Where (optional)", "Riverside House, room 4")
    chair.press("Arrange the sitting")
    attend(chair, four)
    chair.see("The panel can decide.", "Four agencies attended, every agency concerned among them.", "Sitting 1")
    assert faults_at_each_width(chair.page) == []
    chair.follow("Record the decision")
    chair.fill("What the panel decided", "She is assessed before any discharge.")
    chair.press("Save the decision")
    chair.see("Give the reasons for the decision")
    chair.fill("The reasons for it", "The nights count.")
    chair.press("Save the decision")
    chair.see("A draft.", "It binds nobody until")
    lead = desk(cast.council_lead)
    lead.open(f"/panels/{panel.pk}/decision/")
    lead.see("The panel has not decided yet.")
    chair.follow("Sign off the decision")
    chair.see("The nights count.", "No action for Adult Social Care")
    chair.press("Sign off the decision")
    chair.see("The decision is signed off, and binds every agency concerned.")
    lead.open(f"/panels/{panel.pk}/decision/")
    lead.see("She is assessed before any discharge.", "The nights count.")
    lead.open(f"/disputes/{dispute.reference}/")
    lead.see("Decided by panel")
    outsider = desk(cast.council_lead_2)
    assert outsider.status(f"/panels/{panel.pk}/") == 200
    assert desk(cast.administrator).status(f"/panels/{panel.pk}/") == 404


@pytest.mark.parametrize("state", pages.STATES)
def test_its_pages_are_accessible_clean_and_with_errors(cast, desk, state):
    """What axe finds, at 320 pixels, on the pages of each state; each link of the error summary leads to its field."""
    cast.charity = Agency.objects.create(name="Open Door")
    panel = pages.STATES[state](cast)
    chair = desk(cast.chair)
    chair.page.set_viewport_size({"width": 320, "height": 900})
    names = ("panel", "panel_decision") if state in ("convened", "drafted") else ("panel",)
    for address in (*(reverse(name, kwargs={"panel_id": panel.pk}) for name in names), "/panels/"):
        chair.open(address)
        assert (address, *faults(chair.page)) == (address, [], 0)
    for page in (page for page in pages.PAGES if page.state == state and page.by == "chair"):
        chair.open(page.address(cast, panel))
        if page.can_err:
            for field in chair.page.locator(".r-form textarea:visible, .r-form input[type=text]:visible").all():
                field.fill("")
            chair.page.locator(".r-form .govuk-button").first.click()
            assert chair.page.evaluate(LOST_LINKS) == []
        assert (page.name, *faults(chair.page)) == (page.name, [], 0)
