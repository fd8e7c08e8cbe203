"""Records in tests: a dispute as most are, and the text of a PDF."""

import io
from datetime import date, timedelta

import pypdf

from escalation import actions, pdfs
from tests.cast import RAISED, SAFE, kept_file, raise_dispute, record_discussion

HOUR = timedelta(hours=1)
PARAGRAPH = (
    "The ward plans to discharge Margaret to her own home with two calls a day. She has left the house at night twice "
    "in April and was found by a neighbour. No mental capacity assessment about living arrangements is on file, "
    "although two members of staff recorded that she did not know where she was."
)


def text_of(pdf):
    """The text of a PDF in reading order, its white space made even."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("•", " ").split())


def squeezed(text):
    """A text without white space, for words that the print breaks over lines."""
    return "".join(text.split())


def pages_of(pdf):
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def printed(record):
    return pdfs.sealed(record, at=RAISED + 100 * HOUR)


def ordinary(cast):
    """A dispute as most are, with each side's view and entry, taken to stage two."""
    dispute = raise_dispute(
        cast,
        adult_born_on=date(1938, 2, 14),
        concerned_agencies=[cast.trust],
        problem=PARAGRAPH,
        category="closure",
        desired_outcome_achieved="no",
        duty_of_care_met="unknown",
        duty_of_care_detail="The plan was not seen.",
        impact="She may come to harm at night.",
        urgency="soon",
        needed_by_on=date(2026, 5, 25),
        needed_by_reason="Discharge is planned for the day after.",
        capacity_decision="Where she lives",
        capacity_result="Not assessed",
        adult_views="She wants “my own bed and my own kettle”.",
        adult_told="objects",
        adult_objection="She wants no fuss.",
        came_to_light=["observed"],
        supporter_name="Jo Field",
    )
    early, later = RAISED + HOUR, RAISED + 2 * HOUR
    actions.state_view(dispute=dispute, by=cast.council_practitioner, at=early, view=PARAGRAPH)
    facts = "She left twice. (Neighbour)\nIt rained."
    entry = record_discussion(dispute, cast.council_practitioner, early, facts=facts)
    actions.add_entry(
        dispute=dispute, by=cast.hospital_practitioner, at=later, discussion=entry.discussion,
        facts="She was medically optimised on Fri 15 May. (Checklist)", opinions="She understands the risks.",
        outcome="not_agreed", outcome_reason="Capacity is presumed.",
    )  # fmt: skip
    actions.record_consultation(
        dispute=dispute, by=cast.council_practitioner, at=later, consulted="Ruth Ellis", consulted_role="named nurse",
        consulted_on=date(2026, 5, 20), advice="Ask for a joint assessment.",
    )  # fmt: skip
    actions.record_mdt(
        dispute=dispute, by=cast.council_practitioner, at=later, mdt="arranged", mdt_on=date(2026, 5, 27)
    )
    actions.refer_concern(
        dispute=dispute, by=cast.council_practitioner, at=later, referred_on=date(2026, 5, 20), team_reference="SAT-9"
    )
    actions.add_evidence(
        dispute=dispute, by=cast.council_practitioner, at=later, kind="case_notes", dated_on=date(2026, 5, 12),
        whose="Ward B4", shows="Page 3: found outside at 3:40am.", files=[kept_file("Ward chart.txt")],
    )  # fmt: skip
    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=later, reason="Two talks did not help.", **SAFE
    )
    return actions.approve(request=request, by=cast.council_manager, at=RAISED + 26 * HOUR, reason="The nights count.")


def in_order(text, wanted):
    """Those of the wanted texts that are missing, or stand before the one they should follow."""
    place, missing = 0, []
    for words in wanted:
        found = text.find(words, place)
        if found < 0:
            missing.append(words)
        else:
            place = found
    return missing
