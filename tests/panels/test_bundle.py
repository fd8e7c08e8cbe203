"""The bundle: everything the panel reads, on one page and in one PDF with contents (R32, R44)."""

import io
import re
import time

import pikepdf
import pypdf
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags

from agencies.models import Act
from escalation import actions as of_dispute
from escalation import pdfs
from escalation.models import Record
from panels.bundle import contents
from tests.cast import RAISED, record_discussion
from tests.panels.after import CONVENED, DAY, HOUR, convened, decided, declined, given
from tests.records import pages_of, squeezed, text_of

pytestmark = pytest.mark.django_db
PARTS = (
    "Appendix B record of stage three", "Representations", "Views of the agencies", "Evidence",
    "Appendix B record of stage two", "Appendix B record of stage one",
)  # fmt: skip


@pytest.fixture
def panel(cast):
    panel = convened(cast)
    of_dispute.state_view(dispute=panel.dispute, by=cast.hospital_lead, at=CONVENED, view="We see single nights.")
    of_dispute.add_evidence(
        dispute=panel.dispute, by=cast.council_lead, at=CONVENED, kind="minutes", whose="Ward B4",
        shows="Found at the doors at 2am.",
    )  # fmt: skip
    given(panel, cast, text="Three logs, <b>one</b> pattern.")
    declined(panel, cast)
    return panel


def drawn(panel):
    return pdfs.document("pdfs/bundle.html", bundle=contents(panel, at=CONVENED + 2 * DAY))


def test_it_holds_everything_the_panel_reads(panel):
    """R32: the last record first, for it carries the earlier ones; these at the end, as they were sealed."""
    bundle = contents(panel, at=CONVENED + 2 * DAY)

    assert tuple(part.title for part in bundle["parts"]) == PARTS
    pdf = drawn(panel)
    text = squeezed(text_of(pdf))
    for words in ("We see single nights.", "Found at the doors at 2am.", "Three logs, <b>one</b> pattern.",
                  "Our view on the record stands.", "She was found by the ward doors at 2am.", "Ward B4",
                  "The person who raised it Not yet given: it need not be"):  # fmt: skip
        assert squeezed(words) in text
    for record in panel.dispute.stages.filter(number__lt=4):
        assert record.record.digest[:12] in text
    numbered_and_tagged(pdf, panel)


def numbered_and_tagged(pdf, panel):
    """R32: one document, tagged; each line of the contents says the page on which its part begins."""
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "OFFICIAL-SENSITIVE" in page
    told = dict(
        re.findall(
            r"(Appendix B record of stage \w+|Representations|Views of the agencies|Evidence)[ .]+page (\d+)", pages[0]
        )
    )
    assert set(told) == set(PARTS)
    for title in ("Representations", "Views of the agencies", "Evidence"):
        assert title in pages[int(told[title]) - 1]
    assert "Appendix B, stage two" in pages[int(told["Appendix B record of stage two"]) - 1]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == f"Bundle for the Resolution Panel, {panel.dispute.reference}"
        links = [link for page in document.pages for link in page.get("/Annots", []) if link.Subtype == "/Link"]
        assert {str(link.Contents) for link in links} == {
            "record-of-stage-three", "representations", "views", "evidence", "record-of-stage-two",
            "record-of-stage-one",
        }  # fmt: skip


def test_it_is_the_same_for_whoever_is_concerned_and_nothing_for_others(cast, panel, client):
    """R44: members, Chair, Board Manager, those concerned; each download in the trail."""
    page, pdf = (reverse(name, args=[panel.pk]) for name in ("panel_bundle", "panel_bundle_pdf"))

    for who in ("trust_lead", "board_manager", "council_practitioner"):
        client.force_login(getattr(cast, who))
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Three logs, &lt;b&gt;one&lt;/b&gt; pattern." in answer.text
    client.force_login(cast.trust_lead)
    assert client.get(pdf)["Content-Disposition"] == f'attachment; filename="{panel.dispute.reference}-bundle.pdf"'
    act = Act.objects.get(verb="downloaded the bundle")
    assert (act.by, act.thread) == (cast.trust_lead, panel.dispute_id)
    for who in ("police_lead", "trust_manager", "administrator"):
        client.force_login(getattr(cast, who))
        assert [client.get(each).status_code for each in (page, pdf)] == [404, 404]


def test_a_record_that_was_altered_is_not_shown(panel, monkeypatch):
    monkeypatch.setattr(Record, "is_intact", property(lambda record: record.stage.number == 1))

    text = strip_tags(render_to_string("pdfs/bundle.html", {"bundle": contents(panel, at=CONVENED)}))

    assert text.count("does not match its seal, so it is not printed") == 2
    assert "Appendix B, stage one" in text
    assert "Appendix B, stage two" not in text


def test_after_the_decision_the_records_are_those_the_panel_read(cast):
    panel = decided(cast)

    titles = [part.title for part in contents(panel, at=CONVENED + 30 * DAY)["parts"]]

    assert tuple(titles) == PARTS


def test_a_long_one_is_drawn_in_time(cast):
    """A bundle of a hundred pages makes nobody else wait long."""
    panel = convened(cast)
    long = "Risk at night, every night, and nobody saw it. " * 400
    for number in range(4):
        record_discussion(panel.dispute, cast.council_lead, RAISED + 7 * HOUR, facts=long, opinions=long)
        given_by = (cast.council_lead, cast.hospital_lead)[number % 2]
        of_dispute.state_view(dispute=panel.dispute, by=given_by, at=CONVENED + number * HOUR, view=long)
    given(panel, cast, text="x" * 20_000)

    began = time.monotonic()
    pdf = drawn(panel)

    assert time.monotonic() - began < 20
    assert pages_of(pdf) > 10
