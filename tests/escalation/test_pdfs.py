"""How Appendix B prints: tagged, in the form's order, whatever was typed (R20, R22)."""

import io
import time

import pikepdf
import pypdf
import pytest

from escalation import pdfs
from escalation.models import Record, RenderedRecord
from tests.cast import RAISED, at_stage, raise_dispute, record_discussion
from tests.records import HOUR, in_order, ordinary, pages_of, printed, squeezed, text_of

IN_ORDER = [
    "Rotherham Safeguarding Adults Board",
    "Record of Escalation, Challenge and Conflict Resolution between Practitioners or Agencies",
    "Sealed and unchanged since Thu 21 May 2026, 4:15pm",
    "Name of adult at risk",
    "Margaret Eleanor Whitworth-Okonkwo",
    "Date of birth: 14 February 1938",
    "Our case reference",
    "Summary of reason for dispute",
    "The problem: The ward plans",
    "What exactly is disagreed: The decision of 19 May",
    "What the referrer aims to achieve: A capacity assessment",
    "Category: Enquiry closure",
    "Has the adult’s desired outcome been achieved? No",
    "Has the duty of care under the Care Act been met? Not known or not agreed. The plan was not seen.",
    "Likely impact on the adult: She may come to harm at night.",
    "Urgency: Soon",
    "Mental capacity: which decision: Where she lives",
    "Result of the assessment: Not assessed",
    "The adult’s views: She wants “my own bed and my own kettle”.",
    "Talk before raising: Aisha Rahman with Beth Ogden, discharge coordinator. The plan stands.",
    "View of Adult Social Care (Council Practitioner, Wed 20 May 2026, 3:15pm): The ward plans",
    "View of Rother Valley Hospital Not yet given (asked Wed 20 May 2026)",
    "View of Rother Valley Mental Health Trust Not yet given",
    "Include evidence such as:",
    "Discussion: by telephone, Wed 20 May 2026, 3:15pm",
    "As recorded by Council Practitioner, Adult Social Care (Wed 20 May 2026, 3:15pm)",
    "Fact She left twice. (Neighbour)",
    "Fact It rained.",
    "Opinion She does not understand the risk.",
    "Outcome: we do not agree. Each side keeps to its view.",
    "As recorded by Hospital Practitioner, Rother Valley Hospital",
    "Fact She was medically optimised on Fri 15 May. (Checklist)",
    "Opinion She understands the risks.",
    "As recorded by Rother Valley Mental Health Trust Not yet written",
    "Consulted: Ruth Ellis, named nurse, Wed 20 May 2026, by Council Practitioner, Adult Social Care. Ask for a joint",
    "Multi-disciplinary meeting",
    "Wed 27 May 2026. It is arranged",
    "Documents: [x] case notes, [ ] minutes, [ ] emails, [ ] supervision notes, [ ] other",
    "Case notes, Tue 12 May 2026, of Ward B4 (added by Adult Social Care, Wed 20 May 2026, 4:15pm): ",
    "Page 3: found outside at 3:40am.",
    "Files, with digests: Ward chart.txt ",
    "Agreed outcomes or actions if satisfactorily resolved",
    "Not resolved. Escalated to stage two, manager to manager.",
    "Asked for by Council Practitioner, Adult Social Care, Wed 20 May 2026, 4:15pm: “Two talks did not help.”",
    "Approved by Council Manager, Adult Social Care, Thu 21 May 2026, 4:15pm: “The nights count.”",
    "Who acts next: Council Manager, Adult Social Care Rother Valley Hospital: nobody named yet",
    "What is keeping the adult safe meanwhile",
    "She stays on the ward.",
    "New concern reported to the Safeguarding Adults Team: Wed 20 May 2026, reference SAT-9",
    "Please indicate who this information is being copied to",
    "To be held on the adult’s record in each agency concerned: Adult Social Care: Council Practitioner; Council",
    "Stage at which resolution agreed Not resolved at stage one",
    "Time taken to reach resolution Not yet reached when stage one ended: 1 of 7 days.",
    "Target: Wed 27 May 2026, 2:15pm",
    "Additional notes How it came to light: Observed",
    "Whether the adult was told: The adult was told, and objects. She wants no fuss.",
    "Supporter of the referrer: Jo Field",
    "Needed by: Mon 25 May 2026. Discharge is planned for the day after.",
    "Referrer Name Council Practitioner Job title Not given Agency Adult Social Care Date Wed 20 May 2026",
    "Action note: Copy of this form to be held on the adult’s record",
]


def without_margins(pdf, dispute):
    """The text without what stands on every page."""
    text = text_of(pdf)
    for words in (
        f"Margaret Eleanor Whitworth-Okonkwo, born 14 February 1938 Reference {dispute.reference}",
        "OFFICIAL-SENSITIVE",
    ):
        text = text.replace(words, "")
    return " ".join(text.split())


def test_the_form_is_printed_in_its_order_on_two_pages(cast):
    """R20, R21, R22: everything the form asks for, in its order; every agency's view, the missing ones named (R14)."""
    dispute = ordinary(cast)

    pdf = printed(Record.objects.get())

    assert in_order(without_margins(pdf, dispute), IN_ORDER) == []
    assert pages_of(pdf) == 2


def test_every_page_says_whose_record_it_is(cast):
    """R20: an odd page on a desk can be put back: who, which, how secret, which page of how many, which seal."""
    dispute = ordinary(cast)
    record = Record.objects.get()

    for number, page in enumerate(pypdf.PdfReader(io.BytesIO(printed(record))).pages, 1):
        text = " ".join(page.extract_text().split())
        for words in (
            f"Margaret Eleanor Whitworth-Okonkwo, born 14 February 1938 Reference {dispute.reference}",
            "OFFICIAL-SENSITIVE",
            f"Page {number} of 2",
            f"{dispute.reference}, stage one, sealed Thu 21 May 2026, 4:15pm, digest {record.digest[:12]}",
        ):
            assert words in text


def test_the_pdf_is_tagged(cast):
    """R22: PDF/UA: structure, language, title, and table headers that name their cells."""
    ordinary(cast)

    with pikepdf.open(io.BytesIO(printed(Record.objects.get()))) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"].endswith("stage one")
            assert "Whitworth" not in str(metadata)
        elements = list(structure(root.StructTreeRoot))
        kinds = {str(element.S) for element in elements}
        assert {"/H1", "/Table", "/TH", "/TD", "/L", "/LI", "/P", "/Caption"} <= kinds
        headers = {str(element.ID) for element in elements if str(element.S) == "/TH"}
        assert len(headers) == 14
        named = [str(h) for e in elements if str(e.S) == "/TD" for a in attributes(e) for h in a.get("/Headers", [])]
        assert named
        assert set(named) <= headers


def structure(element):
    """Every structure element below one."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from structure(kid)


def attributes(element):
    found = element.get("/A", [])
    return found if isinstance(found, pikepdf.Array) else [found]


LONG = {
    "twenty_thousand_letters": "Risk at night. " * 1333 + "END-OF-TEXT",
    "one_word": "x" * 20_000 + " END-OF-TEXT",
    "many_lines": "line\n" * 200 + "\n" * 5000 + "END-OF-TEXT",
    "markup": "<script>alert(1)</script> {{ data }} {% now %} & END-OF-TEXT",
    "style": "</style><img src='file:///etc/passwd'> END-OF-TEXT",
    "accents": "Siân Ó Briain-Łukasz, née Đorđević END-OF-TEXT",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_text_breaks_the_print_or_is_lost(cast, text):
    """R18, R22: long texts, long words and markup print as they were typed, to their end."""
    dispute = raise_dispute(cast, problem=text, adult_name="Zoë " + "W" * 190)
    record_discussion(dispute, cast.council_practitioner, RAISED, facts=text, opinions=text)

    began = time.monotonic()
    pdf = pdfs.as_it_stands(dispute, dispute.stages.get(), at=RAISED + HOUR)

    assert time.monotonic() - began < 20
    found = squeezed(text_of(pdf)).replace("\u200b", "")
    # Not across the foot of a page
    assert squeezed(text)[:40] in found
    assert found.count("END-OF-TEXT") == 3
    assert found.count(squeezed(text)[:5]) >= 3


def test_right_to_left_names_print(cast):
    """R22: a name in another script stands in the record; its letters may be drawn in their own order."""
    dispute = raise_dispute(cast, adult_name="דוד כהן", problem="שלום")

    text = text_of(pdfs.as_it_stands(dispute, dispute.stages.get(), at=RAISED))

    assert {"שלום", "םולש"} & set(text.split())


def test_it_stands_as_it_is(cast):
    """R22: the stage under way prints as such on every page, and is not kept."""
    dispute = at_stage(cast, 2)

    pdf = pdfs.as_it_stands(dispute, dispute.stages.get(number=2), at=RAISED + 9 * HOUR)

    text = text_of(pdf)
    assert "Not sealed: stands as it is on Wed 20 May 2026, 11:15pm." in text
    assert text.count("OFFICIAL-SENSITIVE NOT SEALED") == pages_of(pdf)
    assert "Not yet resolved" in text
    assert "Sealed and unchanged" not in text
    assert RenderedRecord.objects.count() == 0


def test_the_blank_form_has_every_row_and_no_answer():
    """R22: blank, for whoever works on paper."""
    pdf = pdfs.blank()

    text = text_of(pdf)
    labels = [words.split(":")[0] for words in IN_ORDER if words.split(" ")[0] in ("Name", "Our", "Summary", "Include")]
    assert in_order(text, [*labels, "Additional notes", "Referrer", "Job title", "Action note"]) == []
    assert not any(words in text for words in ("None", "Not given", "Not yet", "not given", "none attached"))
    assert pages_of(pdf) == 2


def test_a_pdf_is_made_in_a_moment(cast):
    """A page that waits for its PDF is not felt as slow: about a fifth of a second, and never two."""
    ordinary(cast)
    record = Record.objects.get()
    pdfs.blank()  # the fonts are found once

    began = time.monotonic()
    printed(record)

    assert time.monotonic() - began < 2
