"""From "waiting for the Chair" to the referrer being told: two journeys at stage four, through the pages only."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Membership
from escalation.moments import clock_time, in_london
from panels.models import Panel
from tests import cast as casting
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import TAGGED, marks_of
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS = ("council_lead_2", "hospital_manager", "trust_lead")
GIVEN = "Three nights in two weeks, one pattern. We ask for an assessment first."
DECLINED = "Our view on the record stands. We have nothing to add."
DECIDED = "Her capacity is assessed before any discharge."
REASONS = "Nobody has asked her at night, when it matters."


@pytest.fixture
def dispute(cast):
    return casting.at_stage(cast, 4, timezone.now() - timedelta(days=8))


def convene(chair, dispute, cast):
    """The Chair convenes for a moment from now, with the trust as the agency that is not concerned."""
    chair.home()
    chair.follow("waiting for you to convene")
    chair.page.locator(f"[name=seat_{cast.council.pk}]").select_option(str(cast.council_lead_2.pk))
    chair.page.locator(f"[name=seat_{cast.hospital.pk}]").select_option(str(cast.hospital_manager.pk))
    chair.page.get_by_label(cast.police.name).set_checked(False)
    chair.page.get_by_label(cast.trust.name).set_checked(True)
    meets = in_london(timezone.now() + timedelta(minutes=4))
    for box, value in {"day": meets.day, "month": meets.month, "year": meets.year, "time": clock_time(meets)}.items():
        chair.page.locator(f"[name=starts_at-{box}]").fill(str(value))
    chair.page.locator("[name=place]").fill("Riverside House, room 2")
    chair.press("Convene the panel")
    chair.see("Representations", "Not yet given")
    return Panel.objects.get(dispute=dispute)


def answer(member):
    member.home()
    member.follow("Say whether you can sit")
    member.page.get_by_label("Coming", exact=True).check()
    member.choose("Nothing to declare")
    member.press("Send your answer")
    member.see("Resolution Panel")


def attend_and_decide(chair, panel, cast):
    chair.open(f"/panels/{panel.pk}/")
    chair.follow("Record who attended")
    for agency in (cast.council, cast.hospital, cast.trust):
        chair.page.locator(f"[name=how_{agency.pk}][value=video]").check()
    chair.press("Save who attended")
    chair.follow("Record the decision")
    chair.fill("What the panel decided", DECIDED)
    chair.fill("The reasons for it", REASONS)
    chair.press("Save the decision")
    chair.follow("Add an action")
    chair.choose("An agency does something")
    chair.select("Which agency does it", cast.council.name)
    chair.page.locator("[name=owner]").select_option(str(cast.council_manager.pk))
    chair.fill("What is to be done", "Visit her at night, and assess her.")
    due = in_london(timezone.now() + timedelta(days=3))
    for box, value in {"Day": due.day, "Month": due.month, "Year": due.year}.items():
        chair.fill(box, str(value))
    chair.press("Save the action")
    chair.follow("Sign off the decision")
    chair.see(DECIDED, REASONS, "Visit her at night")
    chair.press("Sign off the decision")
    chair.see("The decision is signed off")


def test_from_waiting_for_the_chair_to_the_referrer_being_told(cast, dispute, desk):
    """Given a dispute of two agencies at stage four, when the Chair convenes three members, one party speaks and one
    declines, and the panel decides, then it binds both, is followed, told to the referrer and reported (R30 to R35)."""
    # Given the Chair convenes, and the members answer
    chair, manager = desk(cast.chair), desk(cast.board_manager)
    panel = convene(chair, dispute, cast)
    for name in MEMBERS:
        answer(desk(getattr(cast, name), script=name != "hospital_manager"))

    # When one party gives its representation and the other declines
    lead, director = desk(cast.council_lead), desk(cast.hospital_lead, script=False)
    lead.home()
    lead.follow("Give your agency’s representation to the panel")
    lead.choose("Give a representation")
    lead.fill("What you put to the panel", GIVEN)
    lead.press("Send to the panel")
    lead.see("Your representation is with the panel.")
    director.open(f"/panels/{panel.pk}/")
    director.follow("Give a representation, or decline")
    director.choose("Decline to give one")
    director.fill("Why you decline", DECLINED)
    director.press("Send to the panel")
    director.see("Declined by Hospital Lead", GIVEN[:40])

    # And the members read the bundle, on the page and as one PDF
    member = desk(cast.trust_lead)
    member.open(f"/panels/{panel.pk}/")
    member.page.get_by_role("link", name="Bundle").click()
    member.see(GIVEN, DECLINED, "Appendix B record of stage three", "Appendix B record of stage one")
    assert faults_at_each_width(member.page) == []
    pdf, name = member.download("Download the bundle")
    assert (name, marks_of(pdf)) == (f"{dispute.reference}-bundle.pdf", TAGGED)
    assert squeezed(GIVEN) in squeezed(text_of(pdf))

    # And the panel decides, and the Chair signs it off
    attend_and_decide(chair, panel, cast)

    # Then both agencies acknowledge, and the action is followed to what shows it
    for each in (lead, director):
        each.home()
        each.follow("Acknowledge the panel’s decision for your agency")
        each.see(DECIDED, REASONS)
        each.page.get_by_role("checkbox").check()
        assert each is director or faults_at_each_width(each.page) == []
        each.press("Acknowledge for your agency")
        each.see("The decision is acknowledged for your agency.")
    owner = desk(cast.council_manager)
    owner.home()
    owner.follow("Do what the panel decided")
    today = in_london(timezone.now())
    for box, value in {"Day": today.day, "Month": today.month, "Year": today.year}.items():
        owner.fill(box, str(value))
    owner.fill("What shows it?", "Entry 14 of the case notes.")
    assert faults_at_each_width(owner.page) == []
    owner.press("Record that it is done")
    owner.see("Acknowledged by 2 of 2 agencies", "Actions done: 1 of 1", "Entry 14 of the case notes.")

    # And the referrer is told, which is recorded
    lead.open(f"/panels/{panel.pk}/")
    lead.follow("Record that the referrer was told")
    lead.choose("By telephone")
    for box, value in {"day": today.day, "month": today.month, "year": today.year}.items():
        lead.page.locator(f"[name=conveyed_at-{box}]").fill(str(value))
    lead.page.locator("[name=conveyed_at-time]").fill(clock_time(timezone.now()))
    lead.press("Save")
    lead.see("It is recorded that the outcome was conveyed.")
    referrer = desk(cast.council_practitioner)
    referrer.open(f"/panels/{panel.pk}/")
    referrer.see("Conveyed to Council Practitioner, by telephone", DECIDED)
    assert faults_at_each_width(referrer.page) == []

    # And the Board Manager writes the report, which names nobody, and seals it
    manager.home()
    manager.follow("Write the panel’s brief report, and seal it")
    manager.follow("Edit the report")
    manager.fill("What was learned", "Ask at night about the night.")
    assert faults_at_each_width(manager.page) == []
    manager.press("Save the report")
    manager.follow("Seal the report")
    manager.see("Ask at night about the night.")
    manager.page.get_by_role("checkbox").check()
    assert faults_at_each_width(manager.page) == []
    manager.press("Seal the report")
    manager.see("The report is sealed.")
    assert faults_at_each_width(manager.page) == []
    referrer.open(f"/panels/{panel.pk}/")
    pdf, _ = referrer.download("Download the panel’s report (PDF)")
    assert marks_of(pdf) == TAGGED
    text = squeezed(text_of(pdf))
    assert squeezed(DECIDED) in text
    assert "Whitworth" not in text
    assert desk(cast.police_lead).status(f"/panels/{panel.pk}/bundle/") == 404


def test_a_party_without_accounts_declines_by_telephone(cast, dispute, desk):
    """Given a party of which nobody has an account any more, when it tells the Chair that it declines and the referrer
    speaks late, then the panel's page says so, and the panel can sit (R32)."""
    chair = desk(cast.chair)
    panel = convene(chair, dispute, cast)
    Membership.objects.filter(agency=cast.hospital).update(ended_at=timezone.now())

    chair.page.get_by_role("link", name="Representations").click()
    assert faults_at_each_width(chair.page) == []
    row = panel.representations.get(agency=cast.hospital)
    chair.page.locator(f"#party-{row.pk}").get_by_role("link", name="Record their answer").click()
    assert faults_at_each_width(chair.page) == []
    chair.fill("Who told you?", "Beth Ogden")
    chair.choose("By telephone")
    chair.choose("They decline to give a representation")
    chair.fill("Why they decline", "Nobody can come.")
    chair.press("Record their answer")
    chair.see("Declined by Beth Ogden")
    panel.representations.update(due_at=timezone.now() - timedelta(hours=1))
    referrer = desk(cast.council_practitioner)
    referrer.open(reverse("panel_representations", args=[panel.pk]))
    referrer.follow("Give a representation, or decline")
    referrer.see("That has passed: it is taken, and marked late.")
    referrer.choose("Give a representation")
    referrer.fill("What you put to the panel", GIVEN)
    assert faults_at_each_width(referrer.page) == []
    referrer.press("Send to the panel")

    chair.open(reverse("panel_representations", args=[panel.pk]))
    chair.see("Told to the Chair, by telephone, and recorded by Ines Chair.", GIVEN, "Late: it was asked for by")
    assert chair.does_see("Not yet given.")
