"""The records of a dispute in the browser: who gets them, under what name, and what is noted (R22, R43, R44)."""

import pytest

from agencies.models import Act
from escalation import actions, pdfs
from escalation.models import Record, RenderedRecord, digest_of
from tests.cast import RAISED, at_stage, raise_dispute
from tests.records import HOUR, ordinary, text_of

CANARY = "Canary Xylophone-Quince"


def address(dispute, what=""):
    return f"/disputes/{dispute.reference}/records/{what}"


def test_the_page_tells_which_record_to_file(cast, client):
    """R16, R22: each stage's record, when it was sealed, its digest, and the last one as the one to file."""
    dispute = at_stage(cast, 3)
    client.force_login(cast.hospital_lead)

    page = " ".join(client.get(address(dispute)).content.decode().split())

    for record in Record.objects.all():
        assert record.digest[:12] in page
        assert f'href="{address(dispute, f"{record.stage.number}.pdf")}"' in page
    assert page.count("Sealed, unchanged since") == 2
    assert "File the record of <strong>stage two</strong>" in page
    assert page.count("The one to file") == 1
    assert "Download it as it stands" in page
    assert f'href="{address(dispute, "blank.pdf")}"' in page
    assert "altered" not in page


def test_the_page_says_loudly_that_a_record_was_altered(cast, client, monkeypatch):
    """R22: what no longer matches its seal is not called unchanged, nor printed."""
    dispute = at_stage(cast, 2)
    client.force_login(cast.hospital_manager)
    monkeypatch.setattr(Record, "is_intact", False)

    page = client.get(address(dispute)).content.decode()
    pdf = client.get(address(dispute, "1.pdf"))

    assert "no longer matches its seal. Do not rely on it." in page
    assert "unchanged since" not in page
    assert pdf.status_code == 409
    assert "does not match its seal" in pdf.content.decode()


def test_a_changed_letter_is_noticed(cast):
    at_stage(cast, 2)
    record = Record.objects.get()

    assert record.is_intact
    record.content = record.content.replace("Margaret", "Margaref")
    assert not record.is_intact
    assert record.digest != digest_of(record.content)


@pytest.mark.both_databases
def test_a_sealed_pdf_is_kept_and_given_as_a_file(cast, client):
    """R22: the same bytes each time, saved under a name that tells nobody's, in no cache; each time noted (R43)."""
    dispute = at_stage(cast, 2)
    client.force_login(cast.hospital_practitioner)

    first = client.get(address(dispute, "1.pdf"))
    second = client.get(address(dispute, "1.pdf"))

    assert first.content[:5] == b"%PDF-"
    assert first.content == second.content == bytes(RenderedRecord.objects.get().pdf)
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Content-Disposition"] == f'attachment; filename="{dispute.reference}-stage-1.pdf"'
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Cache-Control"] == "no-store"
    noted = Act.objects.filter(verb="downloaded the record")
    assert [(act.thread, act.by, act.role, act.facts) for act in noted] == [
        (dispute.pk, cast.hospital_practitioner, "practitioner", {"stage": 1, "is_sealed": True})
    ] * 2


def test_two_at_once_get_the_same_bytes(cast, monkeypatch):
    """R22: where two draw the same record, the first one's stays, and both are given it."""
    at_stage(cast, 2)
    record = Record.objects.get()
    draw = pdfs.draw

    def draw_while_another_does(**context):
        pdf = draw(**context)
        RenderedRecord.objects.create(record=record, pdf=b"%PDF- of the other", rendered_at=RAISED)
        return pdf

    monkeypatch.setattr(pdfs, "draw", draw_while_another_does)

    assert pdfs.sealed(record, at=RAISED + HOUR) == b"%PDF- of the other"
    assert RenderedRecord.objects.count() == 1


def test_the_stage_under_way_is_given_as_it_stands(cast, client):
    """R22: marked as not sealed, in its name too; kept nowhere; noted as such."""
    dispute = ordinary(cast)
    client.force_login(cast.council_manager)

    answer = client.get(address(dispute, "2.pdf"))

    assert f'filename="{dispute.reference}-stage-2-not-sealed.pdf"' in answer.headers["Content-Disposition"]
    assert "Not sealed: stands as it is on" in text_of(answer.content)
    assert RenderedRecord.objects.count() == 0
    assert Act.objects.get(verb="downloaded the record").facts == {"stage": 2, "is_sealed": False}


@pytest.mark.parametrize("what", ["3.pdf", "4.pdf", "0.pdf", "5.pdf", "99999999999999999999.pdf", "x.pdf", "-1.pdf"])
def test_a_stage_not_reached_has_no_record(cast, client, what):
    dispute = at_stage(cast, 2)
    client.force_login(cast.council_manager)

    assert client.get(address(dispute, what)).status_code == 404


@pytest.mark.parametrize("what", ["", "1.pdf", "2.pdf", "blank.pdf"])
@pytest.mark.parametrize("who", ["police_lead", "trust_manager", "chair", "board_manager", "administrator"])
def test_to_others_the_records_do_not_exist(cast, client, who, what):
    """R44: not even that they are there; below stage three neither to the Board."""
    dispute = at_stage(cast, 2, adult_name=CANARY, problem=CANARY)
    client.force_login(cast.council_manager)
    seen = client.get(address(dispute, "1.pdf")).content
    client.force_login(getattr(cast, who))

    answer = client.get(address(dispute, what))

    assert CANARY in text_of(seen)
    assert answer.status_code == 404
    assert CANARY not in answer.content.decode()
    assert dispute.reference not in answer.content.decode().replace(address(dispute, what), "")
    assert Act.objects.filter(verb="downloaded the record").count() == 1


def test_the_board_manager_reads_every_record_from_stage_three(cast, client):
    """R27, R44: in full from stage three, the earlier stages too."""
    dispute = at_stage(cast, 3)
    client.force_login(cast.board_manager)

    assert [client.get(address(dispute, what)).status_code for what in ("", "1.pdf", "2.pdf", "3.pdf")] == [200] * 4
    assert {act.role for act in Act.objects.filter(verb="downloaded the record")} == {"board_manager"}


@pytest.mark.parametrize("what", ["", "1.pdf", "blank.pdf"])
def test_a_visitor_is_asked_to_sign_in(cast, client, what):
    dispute = at_stage(cast, 2)

    answer = client.get(address(dispute, what))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_blank_form_is_there_with_and_without_a_dispute(cast, client):
    """R22: for whoever works on paper."""
    dispute = raise_dispute(cast)
    client.force_login(cast.council_practitioner)

    for where in ("/records/blank.pdf", address(dispute, "blank.pdf")):
        answer = client.get(where)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="appendix-b-blank.pdf"'
        assert "Name of adult at risk" in text_of(answer.content)


@pytest.mark.parametrize("what", ["1.pdf", "2.pdf", "blank.pdf"])
def test_without_pango_the_page_says_what_to_install(cast, client, without_pango, what):
    """The application starts and the record is sealed all the same; only its print has to wait."""
    dispute = at_stage(cast, 2)
    client.force_login(cast.council_manager)

    answer = client.get(address(dispute, what))

    assert answer.status_code == 503
    assert "libpango" in answer.content.decode()
    assert not Act.objects.filter(verb="downloaded the record").exists()


def test_what_was_typed_is_escaped_on_the_page(cast, client):
    dispute = raise_dispute(cast, adult_name="<b>Ann</b> & <script>")
    client.force_login(cast.council_practitioner)

    page = client.get(address(dispute)).content.decode()

    assert "&lt;b&gt;Ann&lt;/b&gt; &amp; &lt;script&gt;" in page
    assert "<b>Ann" not in page


def test_the_page_takes_a_constant_number_of_queries(cast, client, django_assert_num_queries):
    """One sealed record or two: the same number of queries."""
    for number in (2, 3):
        dispute = at_stage(cast, number)
        client.force_login(cast.council_lead)
        client.get(address(dispute))
        with django_assert_num_queries(11):
            client.get(address(dispute))


def test_it_can_only_be_read(cast, client):
    dispute = at_stage(cast, 2)
    client.force_login(cast.council_manager)

    assert {client.post(address(dispute, what)).status_code for what in ("", "1.pdf", "blank.pdf")} == {405}


def test_a_record_of_a_dispute_that_ended_stays(cast, client):
    """R22: after the end the last stage's record is sealed too, and none stands as it is."""
    dispute = at_stage(cast, 2)
    actions.clarify(dispute=dispute, by=cast.council_manager, at=RAISED + 5 * HOUR, reason="It was in hand.")
    client.force_login(cast.council_manager)

    page = client.get(address(dispute)).content.decode()

    assert page.count("Sealed, unchanged since") == 2
    assert "as it stands" not in page
