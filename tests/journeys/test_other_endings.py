"""Disputes that end otherwise, or wait: clarified, withdrawn, sent to the Chair, and a manager who stays silent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import actions
from tests import cast as casting
from tests.cast import SAFE
from tests.journeys.steps import TAGGED, marks_of
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db(transaction=True)
ADULT = casting.DETAILS["adult_name"]


def test_clarified_within_the_hour(cast, desk):
    """Given a dispute raised forty minutes ago, when it turns out that the plan has changed already, then its record
    says how long it took."""
    dispute = casting.raise_dispute(cast, timezone.now() - timedelta(minutes=40))
    worker = desk(cast.council_practitioner)
    worker.follow(ADULT)

    worker.follow("End as clarified")
    worker.choose("Action is already under way")
    worker.fill("How do you know?", "The ward has stopped the discharge since.")
    worker.press("End the dispute as clarified")

    worker.see("The dispute has ended as clarified.", "How it ended: clarified", "The ward has stopped the discharge")
    worker.page.get_by_role("link", name="Records").click()
    pdf, name = worker.download("Download the record of stage one")
    assert name == f"{dispute.reference}-stage-1.pdf"
    assert marks_of(pdf) == TAGGED
    for words in ("Clarified", "40 minutes", "The ward has stopped the discharge since."):
        assert squeezed(words) in squeezed(text_of(pdf))


def test_withdrawn_without_script(cast, desk):
    """Given a dispute raised without script, when its raiser gives no reason, then it stands; with one, it has ended
    and the other side reads why."""
    worker = desk(cast.council_practitioner, script=False)
    reference = worker.raise_dispute("Tomasz Wiśniewski-Hall", cast.hospital.name, str(cast.hospital_practitioner))

    worker.follow("Withdraw")
    worker.press("Withdraw the dispute")
    worker.page.get_by_role("alert").get_by_role("link", name="Say why you withdraw").wait_for()
    worker.fill("Why you withdraw", "He has moved to his sister’s.")
    worker.press("Withdraw the dispute")

    worker.see("The dispute is withdrawn.", "How it ended: withdrawn")
    worker.sign_out()
    nurse = desk(cast.hospital_practitioner)
    nurse.open(f"/disputes/{reference}/")
    nurse.see("He has moved to his sister’s.", "It is not opened again.")
    assert not nurse.does_see("Write your entry")
    assert not nurse.does_see("You can")


def test_sent_to_the_chair_and_withdrawn_with_consent(cast, desk):
    """Given leads who cannot agree, when one sends it to the Chair, then it waits there, the leads may still agree,
    and it is withdrawn only once the Chair consents."""
    dispute = casting.at_stage(cast, 3, timezone.now() - timedelta(hours=6))
    lead, chair = desk(cast.council_lead), desk(cast.chair)
    lead.open(f"/disputes/{dispute.reference}/")
    lead.record_discussion("In person", facts="Neither bed is funded. (Panel)", opinions="This needs a ruling.")

    lead.ask_to_escalate("Neither of us can move.", "Send it to the Independent Chair")
    lead.see("Stage four of four", "convenes a Resolution Panel.", "the leads may still agree")
    lead.page.get_by_role("link", name="Propose a resolution").wait_for()
    chair.home()
    chair.see(ADULT)
    chair.open(f"/disputes/{dispute.reference}/")
    chair.see("Stage four of four", "Waiting for the Independent Chair", "Neither of us can move.")

    lead.follow("Ask the Chair to let you withdraw")
    lead.fill("Why you want to withdraw", "The family has decided otherwise.")
    lead.press("Ask the Independent Chair")
    lead.see("decides whether this dispute may be withdrawn.")
    chair.home()
    chair.follow("Consent to the withdrawal")
    chair.see("The family has decided otherwise.")
    chair.choose("Consent to the withdrawal")
    chair.press("Save your decision")
    chair.see("You consented. The dispute is withdrawn.", "How it ended: withdrawn")


def test_a_silent_manager_is_gone_round(cast, desk):
    """Given a request that no manager has answered for days, when the worker comes home, then the way to the lead
    stands there, and the lead decides."""
    began = timezone.now() - timedelta(days=6)
    dispute = casting.raise_dispute(cast, began)
    casting.record_discussion(dispute, cast.council_practitioner, began)
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=began, reason="No agreement.", **SAFE)
    worker, lead = desk(cast.council_practitioner, script=False), desk(cast.council_lead)

    worker.home()
    worker.follow("You can now go to the safeguarding lead: your request has not been answered")
    worker.see("Nobody has answered your request in time.", "Council Lead", "Second Lead")
    worker.press("Go to the safeguarding lead")
    worker.see("Your request is with the safeguarding leads.")
    lead.home()
    lead.follow("Approve or decline")
    lead.choose("Approve: take it to stage two")
    lead.press("Save your decision")

    worker.home()
    worker.follow(ADULT)
    worker.see("Stage two of four")
