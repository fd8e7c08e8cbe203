"""The end of a dispute: both sides file its record, one with the pack, and the Board Manager sees what is missing."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import actions, timers
from escalation.models import EvidenceKind
from tests import cast as casting
from tests.cast import kept_file
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import TAGGED, marks_of
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
ADULT = casting.DETAILS["adult_name"]


def agreed(cast):
    """A dispute that the leads resolved ten days ago, with the minutes of their talk."""
    began = timezone.now() - timedelta(days=16)
    dispute = casting.at_stage(cast, 3, began)
    actions.add_evidence(
        dispute=dispute, by=cast.council_lead, at=began + 5 * HOUR, kind=EvidenceKind.MINUTES,
        shows="What the leads agreed.", files=[kept_file(f"{ADULT} minutes.txt", b"Agreed.\n")],
    )  # fmt: skip
    proposal = actions.propose(
        dispute=dispute, by=cast.council_lead, at=began + 6 * HOUR, resolution="Assess first.", rationale="The nights."
    )
    return actions.agree(proposal=proposal, by=cast.hospital_lead, at=began + 7 * HOUR)


def test_both_agencies_file_the_record_and_the_board_manager_sees_who_has_not(cast, desk, tmp_path):
    """Given a dispute that has ended, when one lead downloads the pack and files it, and nobody of the other agency
    does, then that one is reminded once, the Board Manager sees it, and when it is filed nothing is left to see."""
    dispute = agreed(cast)
    council, hospital, board = desk(cast.council_lead), desk(cast.hospital_lead), desk(cast.board_manager)

    # One side, at once
    council.follow("File the record on the adult’s record")
    council.press("Record the filing")
    council.see("It is recorded that Adult Social Care has filed the record of stage three.")
    council.page.get_by_role("link", name="Records").click()
    council.follow("Correct this")
    council.fill("Your own reference", "LAS 12-7")
    council.press("Save the correction")
    council.see("The correction is recorded.")

    # The other not: reminded once, and seen by the Board Manager
    timers.sweep(timezone.now())
    timers.sweep(timezone.now() + timedelta(days=3))
    board.home()
    board.follow("Records not yet filed")
    board.see(ADULT, cast.hospital.name, "Not yet downloaded")
    assert not board.does_see(cast.council.name)
    assert faults_at_each_width(board.page) == []
    hospital.page.get_by_role("link", name="Notifications").click()
    hospital.follow("Reminder: a dispute has ended: file its record")
    assert faults_at_each_width(hospital.page) == []

    # What there is to file
    hospital.page.set_viewport_size({"width": 1280, "height": 800})
    hospital.open(f"/disputes/{dispute.reference}/records/")
    hospital.see("by Council Lead, under LAS 12-7")
    assert faults_at_each_width(hospital.page) == []
    content, name = hospital.download("Download everything to file")
    assert name == f"{dispute.reference}-pack.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert pack.testzip() is None
        assert pack.read("evidence/01-minutes.txt") == b"Agreed.\n"
        assert squeezed("Resolved at stage three.") in squeezed(text_of(pack.read("records/stage-3.pdf")))
        for line in pack.read("SHA256SUMS").decode().splitlines():
            digest, member = line.split("  ")
            assert hashlib.sha256(pack.read(member)).hexdigest() == digest
        pack.extractall(tmp_path)
    index = hospital.page.context.new_page()
    index.goto((tmp_path / "index.html").as_uri())
    assert index.get_by_role("heading", level=1).inner_text() == f"Everything to file: {ADULT}"
    assert faults_at_each_width(index) == []
    index.close()

    # And filed, with what was typed wrong first
    hospital.open(f"/disputes/{dispute.reference}/filing/")
    hospital.page.locator("[name=filed_on-year]").fill("2020")
    hospital.press("Record the filing")
    hospital.page.get_by_role("alert").get_by_role("link", name="must not be before it was sealed").wait_for()
    assert faults_at_each_width(hospital.page) == []
    hospital.page.locator("[name=filed_on-year]").fill(str(timezone.localdate().year))
    hospital.fill("Who filed it, if not you", "The ward clerk")
    hospital.press("Record the filing")
    hospital.see("It is recorded that Rother Valley Hospital has filed the record of stage three.")
    board.open("/filing/")
    board.see("each record of an ended dispute that you can see here is filed")
    board.open(f"/disputes/{dispute.reference}/records/")
    board.see("by The ward clerk", "Downloaded by Hospital Lead")
    board.page.get_by_role("link", name="Timeline").click()
    board.see(
        "Hospital Lead downloaded everything to file",
        "Council Lead corrected what is recorded of the filing of stage three at Adult Social Care",
    )


def test_the_report_to_the_next_manager_is_read_in_two_minutes(cast, desk):
    """Given a request to escalate, when the manager opens the report from the page of the decision, then it says what
    is asked, by whom, and whom to ring; and a stranger finds nothing there."""
    began = timezone.now() - 2 * HOUR
    dispute = casting.raise_dispute(cast, began)
    casting.record_discussion(dispute, cast.council_practitioner, began)
    worker, manager = desk(cast.council_practitioner, script=False), desk(cast.council_manager)
    worker.open(f"/disputes/{dispute.reference}/")
    worker.ask_to_escalate("They will not move before Friday.")

    manager.open("/approvals/")
    manager.follow("Approve or decline")
    assert faults_at_each_width(manager.page) == []
    pdf, name = manager.download("Read the report in two minutes")

    assert name == f"{dispute.reference}-report.pdf"
    assert marks_of(pdf) == TAGGED
    for words in ("whether this goes to stage two", "They will not move before Friday.", "call 999", "01632 960 000"):
        assert squeezed(words) in squeezed(text_of(pdf))
    stranger = desk(cast.police_lead)
    assert {stranger.status(f"/disputes/{dispute.reference}/{path}") for path in ("handover.pdf", "pack.zip")} == {404}
