"""The brief report: drafted without names, edited, sealed, printed (R34)."""

import io

import pikepdf
import pytest
from django.urls import reverse

from agencies.models import Act
from escalation import actions as of_dispute
from escalation.models import Duty, DutyKind
from escalation.permissions import Conflict, NotPermitted
from panels import reports
from panels.actions import following, reporting
from panels.models import RenderedDocument, Report
from tests.panels.after import CONVENED, DAY, HOUR, SIGNED, convened, decided, declined, given
from tests.records import squeezed, text_of

pytestmark = pytest.mark.django_db
TEXTS = {"issues": "A pattern of nights.", "decisions": "Assess first.", "learning": "Read the charts."}
NAMES = {
    "adult_name": "Wilhelmina Quartermaine-Obi",
    "problem": "Wilhelmina left twice. Mrs Quartermaine-Obi was found outside by Ruth Penhaligon.",
    "discussed_with": "Ruth Penhaligon, ward sister",
}


def test_it_is_drafted_from_what_is_recorded_without_names(cast):
    """R34: statements, views, decision and reasons; the adult is nowhere, nor anybody who took part."""
    panel = convened(cast, **NAMES)
    of_dispute.state_view(
        dispute=panel.dispute, by=cast.hospital_lead, at=CONVENED, view="Wilhelmina’s wish is to go home."
    )
    given(panel, cast)
    declined(panel, cast)
    panel = decided(cast, panel=panel)
    following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + HOUR)

    data = reports.contents(panel, at=SIGNED + DAY)

    assert "The problem: The adult left twice. The adult was found outside by [name]." in data["issues"]
    assert "Rother Valley Hospital said: The adult’s wish is to go home." in data["issues"]
    assert "Decision: Her capacity is assessed before any discharge." in data["decisions"]
    assert "Reasons: Three nights in two weeks" in data["decisions"]
    assert [(row["who"], row["state"]) for row in data["representations"]] == [
        ("Adult Social Care", "Given"), ("Rother Valley Hospital", "Declined"),
        ("The person who raised it", "Not given"),
    ]  # fmt: skip
    assert [(row["agency"], bool(row["at"])) for row in data["acknowledged"]] == [
        ("Adult Social Care", False), ("Rother Valley Hospital", True),
    ]  # fmt: skip
    assert [row["agency"] for row in data["sittings"][0]["attendance"]] == [
        "Adult Social Care", "Rother Valley Hospital", "Rother Valley Mental Health Trust",
    ]  # fmt: skip
    whole = repr(data)
    for name in ("Wilhelmina", "Quartermaine", "Penhaligon", "Beth Ogden", "Ines"):
        assert name not in whole


def test_it_is_edited_and_sealed(cast):
    """R34: by the Chair or the Board Manager; sealed it changes no more, and the duty is done."""
    panel = decided(cast)

    reporting.write_report(panel=panel, by=cast.chair, at=SIGNED + HOUR, **TEXTS)
    report = reporting.seal_report(panel=panel, by=cast.board_manager, at=SIGNED + DAY)

    assert report.is_intact
    assert {name: report.data[name] for name in TEXTS} == TEXTS
    assert (report.sealed_by, report.sealed_at) == (cast.board_manager, SIGNED + DAY)
    assert not Duty.objects.waiting(SIGNED + DAY).filter(kind=DutyKind.WRITE_REPORT).exists()
    assert list(Act.objects.filter(verb__endswith="the report").values_list("verb", "by")) == [
        ("wrote the report", cast.chair.pk), ("sealed the report", cast.board_manager.pk),
    ]  # fmt: skip
    for act in (lambda: reporting.write_report(panel=panel, by=cast.chair, at=SIGNED + 2 * DAY, **TEXTS),
                lambda: reporting.seal_report(panel=panel, by=cast.chair, at=SIGNED + 2 * DAY)):  # fmt: skip
        with pytest.raises(Conflict, match="sealed on"):
            act()
    # What comes later is not in it
    following.acknowledge(panel=panel, by=cast.hospital_lead, at=SIGNED + 2 * DAY)
    assert not any(row["at"] for row in Report.objects.get().data["acknowledged"])


@pytest.mark.parametrize("who", ["council_lead", "trust_lead", "council_practitioner"])
def test_nobody_else_writes_or_seals_it(cast, who):
    panel = decided(cast)

    with pytest.raises(NotPermitted):
        reporting.write_report(panel=panel, by=getattr(cast, who), at=SIGNED + HOUR, **TEXTS)
    with pytest.raises(NotPermitted):
        reporting.seal_report(panel=panel, by=getattr(cast, who), at=SIGNED + HOUR)
    assert not Report.objects.exists()


def test_there_is_none_before_the_decision(cast):
    panel = decided(cast, signed=False)

    with pytest.raises(Conflict, match="not decided yet"):
        reporting.seal_report(panel=panel, by=cast.chair, at=SIGNED)


def test_the_pages_and_the_pdf(cast, client):
    """R34: a draft for its writers alone, marked so; sealed, for everyone who sees the dispute, always the same."""
    panel = decided(cast, **NAMES)
    address, pdf = reverse("panel_report", args=[panel.pk]), reverse("panel_report_pdf", args=[panel.pk])
    client.force_login(cast.hospital_lead)
    assert [client.get(each).status_code for each in (address, pdf)] == [403, 403]
    assert reverse("panel_report", args=[panel.pk]) not in client.get(reverse("panel", args=[panel.pk])).text
    client.force_login(cast.police_lead)
    assert [client.get(each).status_code for each in (address, pdf)] == [404, 404]

    client.force_login(cast.board_manager)
    assert "Draft." in client.get(address).text
    drafted = client.get(pdf)
    assert "Draft: not sealed." in text_of(drafted.content)
    assert drafted["Content-Disposition"].endswith('-panel-report-draft.pdf"')
    written = client.post(
        reverse("write_report", args=[panel.pk]), {**TEXTS, "issues": "Mrs Quartermaine-Obi <b>left</b>."}, follow=True
    )
    assert "These words look like names: Quartermaine-Obi" in written.text
    assert "&lt;b&gt;left&lt;/b&gt;" in written.text
    client.post(reverse("write_report", args=[panel.pk]), TEXTS)
    assert "Tick that you have read it" in client.post(reverse("seal_report", args=[panel.pk])).text
    sealing = client.get(reverse("seal_report", args=[panel.pk]))
    assert "A pattern of nights." in sealing.text
    seen = {"is_read": "on", "seen": sealing.context["form"].seen()}
    reporting.write_report(panel=panel, by=cast.chair, at=SIGNED + HOUR, **{**TEXTS, "issues": "Otherwise."})
    assert client.post(reverse("seal_report", args=[panel.pk]), seen).status_code == 409
    assert client.post(reverse("seal_report", args=[panel.pk]), {"is_read": "on"}).status_code == 302

    client.force_login(cast.hospital_lead)
    assert "Otherwise." in client.get(address).text
    sealed = client.get(pdf).content
    assert "Sealed and unchanged since" in text_of(sealed)
    assert client.get(pdf).content == sealed
    assert RenderedDocument.objects.count() == 1
    assert Act.objects.filter(verb="downloaded the panel’s report", by=cast.hospital_lead).count() == 2
    with pikepdf.open(io.BytesIO(sealed)) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == "en-GB"
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == f"Report of the Resolution Panel, {panel.dispute.reference}"
    assert "Quartermaine" not in squeezed(text_of(sealed))


def test_an_altered_report_is_not_printed(cast, client):
    panel = decided(cast)
    report = reporting.seal_report(panel=panel, by=cast.chair, at=SIGNED + HOUR)
    report.content = report.content.replace("Three nights", "No nights")
    report.save()
    client.force_login(cast.chair)

    assert client.get(reverse("panel_report_pdf", args=[panel.pk])).status_code == 409
    assert "has been altered since it was sealed" in client.get(reverse("panel_report", args=[panel.pk])).text


def test_it_comes_when_the_panel_has_decided(cast, client):
    panel = convened(cast)
    client.force_login(cast.chair)

    answer = client.get(reverse("panel_report_pdf", args=[panel.pk]))

    assert (answer.status_code, "written when the panel has decided" in answer.text) == (409, True)
