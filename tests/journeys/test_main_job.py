"""From a raised dispute to three sealed records: one journey, through the pages only."""

import pytest

from tests.journeys.steps import TAGGED, marks_of, pages_of
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db(transaction=True)
ADULT = "Zoë O’Hanlon-Brathwaite"
PROBLEM = "The ward plans to send her home on Friday with two calls a day."
DISAGREEMENT = "The decision of 19 May that she can go home before her capacity is assessed."
AIM = "A capacity assessment before any discharge."


def test_from_raising_to_three_sealed_records(cast, desk):
    """Given two agencies that disagree, when their people take it to stage three and agree there, then three sealed
    records can be filed, and nobody outside has seen anything."""
    # Given a dispute raised without script, and two people who wrote down what they said to each other
    worker, nurse = desk(cast.council_practitioner, script=False), desk(cast.hospital_practitioner)
    reference = worker.raise_dispute(
        ADULT, cast.hospital.name, str(cast.hospital_practitioner), (PROBLEM, DISAGREEMENT, AIM)
    )
    worker.record_discussion(facts="She was found outside at 2am. (Ward chart)", opinions="She cannot see the risk.")
    nurse.home()
    nurse.follow("Write your entry for the discussion")
    nurse.see("She was found outside at 2am.", "She cannot see the risk.")
    nurse.write_entry(facts="She was optimised on Monday. (Checklist)", opinions="She understands enough.")
    nurse.see("She was found outside at 2am.", "She was optimised on Monday.")
    assert outsiders_see(cast, desk, reference) == {"stranger": {404}, "Board Manager": {404}}

    # When the manager declines, and the worker goes to the lead, who approves
    worker.follow("Ask to escalate")
    worker.sign_out()
    worker.sign_in(f"/disputes/{reference}/")
    worker.ask_to_escalate("The nights are not safe.")
    worker.see("Your manager has until")
    manager = desk(cast.council_manager)
    manager.open("/approvals/")
    manager.follow("Approve or decline")
    manager.choose("Decline")
    manager.fill("Your reason for declining", "Try the ward sister first.")
    manager.press("Save your decision")
    manager.see("You declined it.")
    worker.home()
    worker.follow("You can now go to the safeguarding lead: your request was declined")
    worker.see("Try the ward sister first.", "Council Lead")
    worker.fill("Anything the lead should know", "The sister is on leave.")
    worker.press("Go to the safeguarding lead")
    lead = desk(cast.council_lead)
    lead.follow("Approve or decline")
    lead.see("Try the ward sister first.", "The sister is on leave.", "The nights are not safe.")
    lead.choose("Approve: take it to stage two")
    lead.press("Save your decision")
    lead.see("The dispute is at stage two now, and it is yours.", "Add your own entry for the stage one discussion")

    # And at stage two the other side's manager asks, and her lead approves
    lead.record_discussion(facts="Both met the family. (Notes)", opinions="The plan is too thin.")
    matron, director = desk(cast.hospital_manager, script=False), desk(cast.hospital_lead)
    matron.follow("Write your entry for the discussion")
    matron.write_entry(facts="Two calls are funded. (Panel)", opinions="The plan is sound.")
    matron.ask_to_escalate("Only the directors can fund more.", keeps_safe="A door alarm, seen to by the ward.")
    assert outsiders_see(cast, desk, reference) == {"stranger": {404}, "Board Manager": {404}}
    director.home()
    director.follow("Approve or decline")
    director.choose("Approve: take it to stage three")
    director.press("Save your decision")
    director.see("The dispute is at stage three now")

    # And both leads agree, with something to do for the other
    lead.open(f"/disputes/{reference}/")
    lead.record_discussion("By video", facts="A bed is free at Elm House. (Broker)", opinions="It fits.",
                           outcome="We agree in part", why="The bed, not yet the date.")  # fmt: skip
    lead.follow("Propose a resolution")
    lead.fill("What you propose to agree", "She goes to Elm House until she is assessed.")
    lead.fill("Why: the reasons for it", "It is safe, and no longer a ward.")
    lead.select("Action 1: which agency", cast.hospital.name)
    lead.fill("Action 1: what it does", "Assess her capacity at Elm House")
    lead.press("Propose this resolution")
    director.home()
    director.follow("Agree or refuse the proposed resolution")
    director.see("Assess her capacity at Elm House")
    director.choose("We agree")
    director.press("Save your answer")

    # Then it is resolved, and each stage's record can be read by everyone concerned
    director.see("The dispute is resolved.", "It has ended")
    worker.open(f"/disputes/{reference}/")
    worker.see("She goes to Elm House until she is assessed.")
    worker.page.get_by_role("link", name="Records").click()
    worker.see("File the record of stage three")
    files = [worker.download(f"Download the record of stage {number}") for number in ("one", "two", "three")]
    assert [name for _, name in files] == [f"{reference}-stage-{number}.pdf" for number in (1, 2, 3)]
    assert [marks_of(pdf) for pdf, _ in files] == [TAGGED] * 3
    first, second, third = (squeezed(text_of(pdf)) for pdf, _ in files)
    assert missing(AT_ONE, first) == missing(AT_ONE + AT_TWO, second) == []
    assert missing(AT_ONE + AT_TWO + AT_THREE, third) == []
    assert missing(AT_TWO, first) == list(AT_TWO)
    assert outsiders_see(cast, desk, reference) == {"stranger": {404}, "Board Manager": {200}}


AT_ONE = (
    ADULT,
    PROBLEM,
    DISAGREEMENT,
    AIM,
    "Nobody could be reached before the weekend.",
    "A sitter stays overnight.",
    "She was found outside at 2am. (Ward chart)",
    "She cannot see the risk.",
    "She was optimised on Monday. (Checklist)",
    "She understands enough.",
    "The nights are not safe.",
    "Try the ward sister first.",
    "The sister is on leave.",
)
AT_TWO = (
    "Both met the family. (Notes)",
    "The plan is too thin.",
    "Two calls are funded. (Panel)",
    "The plan is sound.",
    "Only the directors can fund more.",
    "A door alarm, seen to by the ward.",
)
AT_THREE = (
    "A bed is free at Elm House. (Broker)",
    "The bed, not yet the date.",
    "She goes to Elm House until she is assessed.",
    "It is safe, and no longer a ward.",
    "Assess her capacity at Elm House",
)


def missing(texts, record):
    return [text for text in texts if squeezed(text) not in record]


def outsiders_see(cast, desk, reference):
    """What a stranger and the Board Manager are answered on the pages that show this dispute; lists agree with it."""
    seen = {}
    for name, user in (("stranger", cast.police_lead), ("Board Manager", cast.board_manager)):
        outsider = desk(user)
        seen[name] = {outsider.status(path) for path in pages_of(reference)}
        outsider.open("/disputes/")
        assert outsider.does_see(ADULT) == (200 in seen[name])
    return seen
