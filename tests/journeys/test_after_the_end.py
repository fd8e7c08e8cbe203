"""After the end: what was learned, what commissioning is shown, and a dispute that was worked through on paper."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from escalation import actions
from escalation.models import Duty
from tests import cast as casting
from tests.escalation.test_after_event import PDF
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import TAGGED, WIDE, marks_of
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db(transaction=True)
ADULT = casting.DETAILS["adult_name"]
HOUR = timedelta(hours=1)


def looks_right(someone):
    """The page where somebody is has no fault that axe knows, wide or narrow."""
    assert faults_at_each_width(someone.page) == []
    someone.page.set_viewport_size(WIDE)


def test_what_was_learned_and_what_was_shared(cast, desk):
    """Given a dispute that ended at stage one, when each side says what was learned, and a manager shows commissioning
    two passages, then the Board reads the learning alone, and a stranger nothing (R36, R42)."""
    dispute = casting.raise_dispute(cast, timezone.now() - 30 * HOUR, category="discharge")
    casting.record_discussion(dispute, cast.hospital_practitioner, timezone.now() - 20 * HOUR)
    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=timezone.now() - HOUR, reason="It was under way.")
    lead, manager = desk(cast.council_lead), desk(cast.hospital_manager)

    # A name is asked about, and the text is changed
    lead.open(f"/disputes/{dispute.reference}/")
    lead.follow("Record what was learned")
    lead.fill("What was learned", "Ask for the assessment before the meeting. Margaret waited.")
    lead.press("Save")
    lead.see("Check for names", "Nothing is saved yet.", "Margaret")
    looks_right(lead)
    lead.fill("What was learned", "Ask for the assessment before the meeting.")
    lead.press("Save")
    lead.see("It is recorded what was learned.", "Ask for the assessment before the meeting.")

    # Another's is kept as it is
    manager.open(f"/disputes/{dispute.reference}/")
    manager.follow("Add another point")
    manager.see("Recorded so far", "Ask for the assessment before the meeting.")
    manager.fill("What was learned", "The Beth Ogden checklist helps.")
    manager.press("Save")
    manager.see("Ogden")
    manager.press("Keep it as it is")
    manager.see("The Beth Ogden checklist helps.")

    # Passages for commissioning: chosen, looked over, changed, shared
    manager.follow("Share passages with commissioning")
    manager.see("Opinion, paragraph 2")
    looks_right(manager)
    manager.press("Continue")
    manager.page.get_by_role("alert").get_by_role("link", name="Choose at least one passage").wait_for()
    manager.choose("Opinion, paragraph 2")
    manager.fill("Who it is shared with", "Sunita Rao, contracts officer")
    manager.fill("Which contract it is about", "Framework, lot 3")
    manager.fill("Why it is shared", "The discharge desk was not staffed.")
    manager.press("Continue")
    manager.see_heading("Check what you share")
    manager.see("She does not understand the risk.")
    looks_right(manager)
    manager.follow("Change what you chose")
    manager.choose("What is to be achieved")
    manager.press("Continue")
    manager.see("A capacity assessment before discharge.")
    manager.press("Share these passages")
    manager.see("Shared with Sunita Rao, contracts officer.")

    lead.open(f"/disputes/{dispute.reference}/")
    lead.follow("Sunita Rao")
    lead.see_heading("Shared with commissioning")
    lead.see("The discharge desk was not staffed.", "Opinion", "She does not understand the risk.")
    assert not lead.does_see("She was found by the ward doors")
    looks_right(lead)
    pdf, name = lead.download("Download this note")
    assert marks_of(pdf) == TAGGED
    assert squeezed("She does not understand the risk.") in squeezed(text_of(pdf))
    assert name.startswith(f"{dispute.reference}-commissioning-")

    # The Board reads the points and no dispute; a stranger finds nothing
    board, stranger = desk(cast.board_manager), desk(cast.police_lead)
    board.page.get_by_role("link", name="Learning").click()
    board.see_heading("What was learned")
    board.see("Ask for the assessment before the meeting.", "Ended below stage three.")
    assert not board.does_see(dispute.reference)
    assert not board.does_see(cast.council.name)
    assert not board.does_see("Hospital discharge")
    looks_right(board)
    note = dispute.commissioning_notes.get()
    for path in (
        reverse("commissioning_note", kwargs={"reference": dispute.reference, "note_id": note.pk}),
        reverse("commissioning_pdf", kwargs={"reference": dispute.reference, "note_id": note.pk}),
        reverse("record_learning", kwargs={"reference": dispute.reference}),
    ):
        assert (stranger.status(path), board.status(path)) == (404, 404)


def moment(someone, legend, day, time):
    """Fill in a day and a time."""
    group = someone.page.get_by_role("group", name=legend)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year), ("Time", time)):
        group.get_by_label(label).fill(str(value))


def test_a_dispute_from_paper(cast, desk, tmp_path):
    """Given a dispute that two managers settled on paper, when one of them enters it, then it stands in
    both agencies as it was, with the paper, marked so; and nobody is asked to do anything."""
    on = timezone.localdate() - timedelta(days=90)
    paper = tmp_path / "appendix b.pdf"
    paper.write_bytes(PDF)
    manager = desk(cast.hospital_manager)
    manager.open(reverse("disputes"))
    manager.follow("Enter a dispute after the event")
    manager.press("Continue")
    manager.page.get_by_role("alert").get_by_role("link", name="Give the name of the adult at risk").wait_for()
    looks_right(manager)

    manager.fill("Name of the adult at risk", "Edna Birtwhistle")
    manager.select("Which agency raised it?", cast.council.name)
    manager.page.get_by_label("Who raised it", exact=True).fill("Joan Sedgwick")
    manager.select("Whose decision, action or inaction was it about?", cast.hospital.name)
    for label in ("What the problem was", "What exactly was disagreed about", "What was to be achieved"):
        manager.fill(label, f"{label}: falls.")
    manager.choose("Stage two: manager to manager", "Resolved by agreement")
    manager.fill("What was agreed or decided", "Every fall is reported on the day.")
    moment(manager, "When it was raised", on, "9am")
    moment(manager, "When stage two began", on + timedelta(days=3), "2pm")
    moment(manager, "When it ended", on + timedelta(days=1), "11:30am")
    manager.press("Continue")
    manager.page.get_by_role("alert").get_by_text("must not be before stage two began").wait_for()
    moment(manager, "When it ended", on + timedelta(days=5), "11:30am")
    manager.press("Continue")

    manager.see_heading("Check, and attach the paper record")
    looks_right(manager)
    manager.press("Enter this dispute")
    manager.page.get_by_role("alert").get_by_role("link", name="Choose the file of the paper record").wait_for()
    manager.page.get_by_label("The paper record").set_input_files(paper)
    manager.press("Enter this dispute")
    manager.see(
        "The dispute is entered.", "Entered after the event", "Took 5 days", "Every fall is reported on the day."
    )
    looks_right(manager)
    reference = manager.page.locator(".r-head strong").first.inner_text()

    lead = desk(cast.council_lead, script=False)
    lead.open(reverse("notifications"))
    lead.see("was entered after the event")
    lead.open(f"/disputes/{reference}/")
    lead.see("Entered after the event", "The record as it was kept on paper")
    lead.page.get_by_role("link", name="Records").click()
    pdf, _ = lead.download("Download the record of stage two")
    for words in (
        "Entered after the event from a paper record by Hospital Manager",
        "Every fall is reported on the day.",
    ):
        assert squeezed(words) in squeezed(text_of(pdf))
    assert not Duty.objects.exists()
    assert desk(cast.police_lead).status(f"/disputes/{reference}/") == 404
