"""The report to the next manager: what it says, in which order, on how many pages, and to whom (R17)."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.utils import timezone

from agencies.models import Act, User
from escalation import actions
from escalation.models import EvidenceKind
from tests.cast import RAISED, SAFE, at_stage, raise_dispute, record_discussion
from tests.records import HOUR, in_order, ordinary, pages_of, text_of

pytestmark = [pytest.mark.django_db]

IN_ORDER = [
    "Report to the managers at stage two",
    "Margaret Eleanor Whitworth-Okonkwo",
    "at stage two, manager to manager",
    "If Margaret Eleanor Whitworth-Okonkwo is at immediate risk, call 999.",
    "Safeguarding Adults Team, 01632 960 115; outside office hours, Emergency Duty Team, 01632 960 116",
    "What is keeping the adult safe meanwhile: She stays on the ward.",
    "New concern reported to the Safeguarding Adults Team: Wed 20 May 2026, reference SAT-9.",
    "past target",
    "Raised Wed 20 May 2026, 2:15pm by Council Practitioner, Adult Social Care.",
    "Needed by Mon 25 May 2026: Discharge is planned for the day after.",
    "What is disagreed",
    "The problem: The ward plans",
    "What exactly is disagreed: The decision of 19 May",
    "What the referrer aims to achieve: A capacity assessment",
    "Likely impact on the adult: She may come to harm at night.",
    "The adult’s views: She wants “my own bed and my own kettle”.",
    "How each agency sees it",
    "View of Adult Social Care: The ward plans",
    "View of Rother Valley Hospital: not yet given",
    "View of Rother Valley Mental Health Trust: not yet given",
    "What is asked now",
    "Asked for by Council Practitioner, Adult Social Care, Wed 20 May 2026, 4:15pm: “Two talks did not help.”",
    "Approved by Council Manager, Adult Social Care, Thu 21 May 2026, 4:15pm: “The nights count.”",
    "What was tried",
    "Stage one",
    "By telephone, Wed 20 May 2026, 3:15pm. Adult Social Care: we do not agree.",
    "Rother Valley Hospital: we do not agree. Capacity is presumed.",
    "Rother Valley Mental Health Trust: not yet written.",
    "Multi-disciplinary meeting: it is arranged, Wed 27 May 2026.",
    "Consulted: Ruth Ellis, named nurse, Wed 20 May 2026.",
    "Not resolved. Escalated to stage two, manager to manager.",
    "No discussion is recorded.",
    "Facts apart from opinions",
    "Who Facts Professional opinion",
    "Council Practitioner Adult Social Care, stage one She left twice. (Neighbour) It rained.",
    "She does not understand the risk.",
    "Hospital Practitioner Rother Valley Hospital, stage one She was medically optimised on Fri 15 May. (Checklist)",
    "She understands the risks.",
    "Evidence",
    "Minutes, Tue 19 May 2026, from Ward B4 (Adult Social Care): What the ward decided.",
    "Who acts now",
    "Adult Social Care Council Manager 01632 960 333",
    "Rother Valley Hospital Hospital Manager 01632 960 000",
]


def printed(client, user, dispute):
    client.force_login(user)
    return client.get(f"/disputes/{dispute.reference}/handover.pdf")


def test_it_says_what_a_manager_must_know_on_two_pages(cast, client):
    """R12, R14, R17, R37: safety first, facts apart from opinions, what is missing, whom to ring."""
    dispute = ordinary(cast)
    User.objects.filter(pk=cast.council_manager.pk).update(phone="01632 960 333")
    actions.add_evidence(
        dispute=dispute, by=cast.council_manager, at=timezone.now(), kind=EvidenceKind.MINUTES,
        dated_on=(RAISED - timedelta(days=1)).date(), whose="Ward B4", shows="What the ward decided.",
    )  # fmt: skip

    answer = printed(client, cast.hospital_manager, dispute)

    for words in (f"Reference {dispute.reference}", "OFFICIAL-SENSITIVE", "Page 1 of 2", "As it stands on"):
        assert words in text_of(answer.content)
    margins = (
        f"Margaret Eleanor Whitworth-Okonkwo, born 14 February 1938 Reference {dispute.reference}",
        "OFFICIAL-SENSITIVE",
    )
    text = text_of(answer.content)
    for words in margins:
        text = text.replace(words, "")
    assert in_order(" ".join(text.split()), IN_ORDER) == []
    assert pages_of(answer.content) == 2
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{dispute.reference}-report.pdf"'
    noted = Act.objects.filter(verb="downloaded the report").values_list("by", "thread", "role", "facts")
    assert list(noted) == [(cast.hospital_manager.pk, dispute.pk, "manager", {"stage": 2})]


def test_it_is_tagged(cast, client):
    """R22: structure, language and title; the adult's name is not in what a file manager shows."""
    with pikepdf.open(io.BytesIO(printed(client, cast.council_manager, ordinary(cast)).content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"].startswith("Report to the managers at stage two, ")
            assert "Whitworth" not in str(metadata)


def report_of(client, user, dispute):
    return text_of(printed(client, user, dispute).content)


def test_it_is_there_at_every_stage(cast, client):
    """R17, R27: before any escalation as it stands; then for whoever reads it next."""
    now = timezone.now() - 12 * HOUR
    dispute = raise_dispute(cast, now)
    assert "Report on this dispute, as it stands" in report_of(client, cast.council_practitioner, dispute)
    record_discussion(dispute, cast.council_practitioner, now)
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=now, reason="Stuck at CANARY.", **SAFE)
    asked = report_of(client, cast.council_manager, dispute)
    assert "Report to whoever decides whether this goes to stage two" in asked
    assert "“Stuck at CANARY.”" in asked

    for stage, whom in (
        (3, "the senior managers at stage three"),
        (4, "the Independent Chair and the Resolution Panel"),
    ):
        dispute = at_stage(cast, stage, at=now)
        pdf = printed(client, cast.board_manager, dispute).content
        report = text_of(pdf)
        assert f"Report to {whom}" in report
        assert report.count("Not resolved. Escalated to") == stage - 1
        assert pages_of(pdf) <= 2
    ended = actions.propose(
        dispute=dispute, by=cast.council_lead, at=now + 8 * HOUR, resolution="Assess.", rationale="B"
    )
    actions.agree(proposal=ended, by=cast.hospital_lead, at=now + 9 * HOUR)
    report = report_of(client, cast.chair, dispute)
    assert "Report on a dispute that has ended" in report
    assert "How it ended Resolved at stage four." in report
    assert "What is asked now" not in report


def test_after_the_death_of_the_adult_the_line_of_999_goes(cast, client):
    """R48"""
    dispute = raise_dispute(cast, timezone.now() - HOUR)
    actions.record_death(
        dispute=dispute, by=cast.council_practitioner, at=timezone.now(), died_on=timezone.localdate(),
        stop_target=True, review_considered="",
    )  # fmt: skip

    report = report_of(client, cast.council_practitioner, dispute)

    assert "call 999" not in report
    assert "Died:" in report
    assert "No target runs." in report


def test_long_texts_are_printed_to_their_end(cast, client):
    """Nothing is cut for the sake of two pages."""
    dispute = raise_dispute(cast, timezone.now(), problem="Risk at night. " * 600 + "END-OF-TEXT <script>")

    report = report_of(client, cast.council_practitioner, dispute)

    assert "END-OF-TEXT <script>" in report


def test_the_pages_where_somebody_decides_link_to_it(cast, client):
    """R17: asking, deciding, the dispute and its records."""
    now = timezone.now() - 12 * HOUR
    dispute = raise_dispute(cast, now)
    record_discussion(dispute, cast.council_practitioner, now)
    link = f'href="/disputes/{dispute.reference}/handover.pdf"'
    base = f"/disputes/{dispute.reference}/"
    client.force_login(cast.council_practitioner)
    for path in (base, f"{base}records/", f"{base}escalate/"):
        assert link in client.get(path).content.decode()
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=now, reason="Stuck.", **SAFE)
    client.force_login(cast.council_manager)
    assert link in client.get(f"{base}requests/{request.pk}/").content.decode()


def test_without_pango_the_page_says_what_to_install(cast, client, without_pango):
    dispute = at_stage(cast, 2)

    answer = printed(client, cast.council_manager, dispute)

    assert answer.status_code == 503
    assert not Act.objects.filter(verb="downloaded the report").exists()
