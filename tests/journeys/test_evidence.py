"""Evidence up and down between two agencies, with a script and without; to a stranger it does not exist (R12, R44)."""

import pytest

from agencies.models import Act
from escalation.models import StoredFile
from tests.cast import raise_dispute
from tests.journeys.axe import faults_at_each_width

pytestmark = pytest.mark.django_db(transaction=True)

CHART = {"name": "Ward chart <b>.txt", "mimeType": "text/plain", "buffer": b"Found outside at 3:40am.\n"}
MINUTES = {"name": "Minutes.txt", "mimeType": "text/plain", "buffer": b"It was known.\n"}
PROGRAM = {"name": "program.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00"}
ROWS = ".moj-multi-file-upload__row"


def attach(someone, *files):
    someone.page.locator("#id_files").set_input_files(list(files))


def begin(someone, dispute, kind, shows):
    someone.open(f"/disputes/{dispute.reference}/")
    someone.follow("Evidence")
    someone.follow("Add evidence")
    someone.choose(kind)
    someone.fill("What does it show?", shows)


def test_evidence_between_two_agencies(cast, desk):
    dispute = raise_dispute(cast)
    aisha, beth, karen = desk(cast.council_practitioner), desk(cast.hospital_practitioner, script=False), desk(
        cast.police_lead
    )  # fmt: skip
    said = []
    aisha.page.on("console", lambda message: said.append(message.text))
    aisha.page.on("pageerror", lambda error: said.append(str(error)))

    # With the script: each file goes by itself, what is refused says why, and one is taken out again
    begin(aisha, dispute, "Case notes", "The chart of 12 May.")
    attach(aisha, CHART, PROGRAM, MINUTES)
    aisha.see("program.exe is of a kind that is not taken", "Minutes.txt, 14")
    assert aisha.page.locator(f"{ROWS} b").count() == 0  # a name is no markup
    assert faults_at_each_width(aisha.page) == []
    row = aisha.page.locator(ROWS).filter(has_text="Minutes.txt")
    row.get_by_role("button").click()
    row.wait_for(state="detached")
    assert aisha.page.get_by_role("status").inner_text() == "Minutes.txt is removed"
    aisha.press("Save evidence")
    aisha.see("The evidence is saved.", "The chart of 12 May.", "Not checked for viruses.")
    assert faults_at_each_width(aisha.page) == []

    # Without: the same from a plain form; an answer that is missing loses no file, and Enter takes none out
    begin(beth, dispute, "Minutes", "")
    attach(beth, MINUTES, PROGRAM)
    beth.press("Save evidence")
    beth.see("There is a problem", "Added, not saved yet")
    assert beth.page.locator(ROWS).inner_text().startswith("Minutes.txt")
    attach(beth, CHART)
    beth.press("Add these files")
    beth.fill("Whose is it?", "Ward B4")
    beth.page.get_by_label("Whose is it?").press("Enter")
    beth.see("The evidence is saved.", "From Ward B4.")
    assert StoredFile.objects.filter(evidence__agency=cast.hospital).count() == 2

    # Down, each by the other, under its cleaned name, and noted
    content, name = beth.download("Ward chart")
    assert (content, name) == (CHART["buffer"], "Ward chart _b_.txt")
    aisha.page.reload()
    content, name = aisha.download("Minutes.txt")
    assert (content, name) == (MINUTES["buffer"], "Minutes.txt")
    assert Act.objects.filter(verb="downloaded evidence").count() == 2

    # Taken back: it stays listed, and opens for nobody
    file = StoredFile.objects.get(evidence__agency=cast.council)
    address = f"/disputes/{dispute.reference}/evidence/{file.pk}/"
    assert (aisha.status(address), beth.status(address), karen.status(address)) == (200, 200, 404)
    aisha.follow("Remove")
    aisha.fill("Why is it removed?", "It is of another adult.")
    aisha.press("Remove this evidence")
    aisha.see("The evidence is removed.", "It is of another adult.")
    assert (aisha.status(address), beth.status(address)) == (409, 409)
    assert karen.status(f"/disputes/{dispute.reference}/evidence/") == 404
    assert said == []
