"""The annual submission: who, what it collates, how it is sealed, and what is published of it (R34, R42)."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from django.utils import timezone

from agencies import own
from agencies.audit import Act
from agencies.models import Agency, Role
from escalation import figures, periods
from escalation.models import Dispute
from escalation.permissions import Conflict, NotPermitted
from panels import annual
from panels.actions import annual as actions
from panels.actions import reporting
from panels.models import AnnualSubmission, RenderedDocument
from tests import bulk
from tests.cast import RAISED, at_stage, person
from tests.journeys.steps import TAGGED, marks_of
from tests.panels import after
from tests.records import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
YEAR = 2026
OVER = datetime(2027, 4, 2, 9, tzinfo=UTC)
CANARY = "Quillfeather"
PAGES = [
    f"/annual/{YEAR}/", f"/annual/{YEAR}.pdf", f"/annual/{YEAR}/publication/", f"/annual/{YEAR}/publication.pdf",
    f"/annual/{YEAR}/commentary/", f"/annual/{YEAR}/submit/",
]  # fmt: skip


@pytest.fixture
def now(monkeypatch):
    """A function that lets the pages be read at an instant."""
    return lambda at: monkeypatch.setattr(timezone, "now", lambda: at)


def ended(cast, number, *, stage=1, days=3, outcome="resolved", category="delay", raised=None, year=YEAR, pair=None):
    """So many disputes that ended after so many days, from 10 June of a year on."""
    began = datetime(year, 6, 10, 9, tzinfo=UTC)
    raising, disputed = pair or (cast.council, cast.hospital)
    return [
        {
            "raising_agency": raising, "disputed_agency": disputed, "raised_at": began + timedelta(hours=place),
            "target_at": began + timedelta(days=7, hours=place), "stage": stage, "category": category,
            "ended_at": began + timedelta(days=days, hours=place), "outcome": outcome,
        }
        for place in range(number)
    ]  # fmt: skip


def write(cast, *groups):
    rows = [row for group in groups for row in group]
    return bulk.write(rows, cast.council_practitioner, adult_name=CANARY, problem=CANARY)


def submitted(cast, at=OVER):
    return actions.submit_annual(year=YEAR, by=cast.board_manager, at=at)


# Who


@pytest.mark.parametrize("who", ["council_lead", "police_lead", "council_practitioner", "administrator"])
def test_to_others_there_is_no_such_page(cast, client, now, who):
    write(cast, ended(cast, 6))
    now(OVER)
    client.force_login(getattr(cast, who))

    assert [client.get(page).status_code for page in ("/annual/", *PAGES)] == [404] * 7
    assert [client.post(page).status_code for page in PAGES[-2:]] == [404, 404]
    assert 'href="/annual/"' not in client.get("/").text


def test_the_chair_reads_and_does_not_write(cast, client, now):
    write(cast, ended(cast, 6))
    now(OVER)
    client.force_login(cast.chair)

    assert [client.get(page).status_code for page in ("/annual/", *PAGES)] == [200] * 5 + [403, 403]
    assert [client.post(page).status_code for page in PAGES[-2:]] == [403, 403]
    assert "Check and submit" not in client.get(PAGES[0]).text
    assert AnnualSubmission.objects.get().submitted_at is None
    with pytest.raises(NotPermitted):
        actions.submit_annual(year=YEAR, by=cast.chair, at=OVER)


def test_a_deputy_of_the_board_manager_submits_for_her(cast):
    deputy = person("deputy", "Dora Deputy", (Role.PRACTITIONER, cast.police))
    write(cast, ended(cast, 6))
    with pytest.raises(NotPermitted):
        actions.submit_annual(year=YEAR, by=deputy, at=OVER)
    own.name_deputy(
        by=cast.board_manager, deputy=deputy, at=OVER, starts_at=OVER, ends_at=OVER + timedelta(days=3)
    )  # fmt: skip
    deputy = type(deputy).objects.get(pk=deputy.pk)

    submission = actions.submit_annual(year=YEAR, by=deputy, at=OVER + timedelta(hours=1))

    assert (submission.submitted_by, submission.submitted_for) == (deputy, cast.board_manager)
    act = Act.objects.get(verb="submitted the year to the Board")
    assert (act.by, act.on_behalf_of, act.facts) == (deputy, cast.board_manager, {"year": YEAR})


@pytest.mark.parametrize("year", [2025, 2027, 2028, 999_999_999])
def test_a_year_without_anything_in_it_is_not_there(cast, client, now, year):
    write(cast, ended(cast, 1))
    now(datetime(2026, 8, 1, tzinfo=UTC))
    client.force_login(cast.board_manager)

    assert client.get(f"/annual/{year}/").status_code == 404
    assert client.get(f"/annual/{YEAR}/").status_code == 200


def test_an_installation_without_disputes_has_its_year_under_way(cast, client):
    client.force_login(cast.board_manager)
    year = periods.year_of(timezone.now())

    page = client.get(f"/annual/{year}/")

    assert (page.status_code, "This year is still under way" in page.text) == (200, True)
    assert "Nothing was raised or ended in this year." in page.text
    assert periods.board_year(year).words in client.get("/annual/").text


# What it holds


def test_its_figures_are_those_of_the_year_and_of_the_year_before(cast):
    write(
        cast,
        ended(cast, 6), ended(cast, 2, stage=2, days=9, outcome="clarified", category="threshold"),
        ended(cast, 1, pair=(cast.trust, cast.council), category=""), ended(cast, 3, year=2025),
    )  # fmt: skip

    data = annual.for_board(AnnualSubmission(year=YEAR), at=OVER)

    this, before = data["this"], data["before"]
    assert (this["raised"], this["ended"], this["within"], this["open"], this["panels"]) == (9, 9, 7, 0, 0)
    assert (this["median"], this["ninetieth"]) == (3, 9)
    assert (before["raised"], before["ended"], before["open"]) == (3, 3, 0)
    assert dict(map(tuple, this["categories"])) | {"Delay": 6, "Threshold": 2, "Not given": 1} == dict(
        map(tuple, this["categories"])
    )
    assert {(each["name"], each["raised"], each["with"]) for each in this["agencies"]} == {
        ("Adult Social Care", 8, 1), ("Rother Valley Hospital", 0, 8), ("Rother Valley Mental Health Trust", 1, 0),
        ("Police", 0, 0),
    }  # fmt: skip
    assert this["pairs"] == [
        ["Adult Social Care", "Rother Valley Hospital", 8],
        ["Rother Valley Mental Health Trust", "Adult Social Care", 1],
    ]
    assert [(each["number"], each["median"]) for each in this["stages"]] == [(7, 3), (2, 9), (0, None), (0, None)]
    assert dict(map(tuple, this["bands"])) == {
        "The same day or the next": 0, "2 to 3 days": 7, "4 to 7 days": 0, "8 to 14 days": 2, "15 to 28 days": 0,
        "29 days or more": 0,
    }  # fmt: skip
    assert sum(number for _, number, _ in this["months"]) == 9
    assert data["not_filed"] == 18


def test_it_collates_the_sealed_reports_of_its_panels(cast, client, now):
    """Identities left out; one that is not sealed yet holds the submission up (R34)."""
    panel = after.decided(cast, adult_name=CANARY, problem=f"{CANARY} leaves at night.")
    now(OVER)
    client.force_login(cast.board_manager)

    page = client.get(PAGES[0]).text
    assert "0 panel reports are collated; 1 is not sealed yet" in page
    with pytest.raises(Conflict, match=panel.dispute.reference):
        submitted(cast)
    assert client.get(PAGES[-1]).status_code == 409

    reporting.seal_report(panel=panel, by=cast.chair, at=after.SIGNED + timedelta(days=1))
    page = client.get(PAGES[0]).text

    assert "1 panel report is collated" in page
    assert "Her capacity is assessed before any discharge." in page
    assert panel.dispute.reference in page
    assert re.search(r"<b>1</b>\s*decided by a Resolution Panel", page)
    assert "Adult Social Care</th>" in page  # its action is late by then
    assert CANARY not in page
    public = client.get(PAGES[2]).text
    assert [word in public for word in (CANARY, panel.dispute.reference, "Her capacity")] == [False] * 3
    assert "Decided by a Resolution Panel" in public


# Submitted


def test_what_is_submitted_is_sealed_in_both_versions(cast, client, now):
    write(cast, ended(cast, 6), ended(cast, 2, stage=2))
    actions.write_commentary(
        year=YEAR, by=cast.board_manager, at=OVER, commentary="For the Board alone.", public_commentary="For all."
    )  # fmt: skip

    submission = submitted(cast)
    write(cast, ended(cast, 5, category="capacity"))  # entered late, from paper

    board, public = annual.for_board(submission, at=OVER), annual.for_everybody(submission, at=OVER)
    assert (board["this"]["raised"], public["this"]["raised"]) == (8, 8)
    assert (board["commentary"], public["commentary"]) == ("For the Board alone.", "For all.")
    assert submission.is_intact
    assert (submission.submitted_at, submission.submitted_by) == (OVER, cast.board_manager)
    now(OVER)
    client.force_login(cast.chair)
    assert "Submitted to the Board" in client.get(PAGES[0]).text
    for again in (submitted, lambda cast: actions.write_commentary(
        year=YEAR, by=cast.board_manager, at=OVER, commentary="", public_commentary="")):  # fmt: skip
        with pytest.raises(Conflict, match="submitted to the Board"):
            again(cast)
    client.force_login(cast.board_manager)
    assert [client.get(page).status_code for page in PAGES[-2:]] == [409, 409]


def test_a_year_under_way_is_not_submitted(cast):
    write(cast, ended(cast, 1))

    with pytest.raises(Conflict, match="from 1 April 2027"):
        submitted(cast, at=datetime(2027, 3, 31, 22, 59, tzinfo=UTC))
    assert submitted(cast, at=datetime(2027, 3, 31, 23, tzinfo=UTC)).is_submitted


def test_what_does_not_match_its_seal_is_not_shown(cast, client, now):
    write(cast, ended(cast, 6))
    submission = submitted(cast)
    AnnualSubmission.objects.filter(pk=submission.pk).update(content=submission.content.replace("6", "7"))
    now(OVER)
    client.force_login(cast.board_manager)

    assert [client.get(page).status_code for page in PAGES[:4]] == [409] * 4


def test_the_pdfs_are_tagged_and_kept(cast, client, now):
    write(cast, ended(cast, 6), ended(cast, 7, stage=2), ended(cast, 2, stage=3, category="capacity"))
    now(OVER)
    client.force_login(cast.board_manager)
    draft = client.get(PAGES[1])
    assert "DRAFT" in text_of(draft.content)
    assert "draft" in draft.headers["Content-Disposition"]
    assert not RenderedDocument.objects.exists()
    submitted(cast)

    board, public = client.get(PAGES[1]), client.get(PAGES[3])

    assert (marks_of(board.content), marks_of(public.content)) == (TAGGED, TAGGED)
    assert board.content == client.get(PAGES[1]).content
    assert RenderedDocument.objects.count() == 2
    text, published = text_of(board.content), text_of(public.content)
    assert ["OFFICIAL-SENSITIVE" in each for each in (text, published)] == [True, False]
    assert ["DRAFT" in each for each in (text, published)] == [False, False]
    assert [CANARY in each for each in (text, published)] == [False, False]
    assert ["held back" in each for each in (text, published)] == [False, True]
    assert "Disputes raised, by category: Delay 13, Mental capacity 2" in alternatives(board.content)
    assert Act.objects.filter(verb="downloaded the annual submission").count() == 4


def alternatives(pdf):
    """What is read aloud in place of pictures."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return " ".join(str(each.get("/Alt", "")) for each in document.objects if isinstance(each, pikepdf.Dictionary))


# Published


def test_no_small_number_is_published_and_none_can_be_worked_out(cast):
    write(
        cast,
        ended(cast, 12), ended(cast, 9, stage=2, category="threshold", outcome="clarified"),
        ended(cast, 1, stage=3, days=20, category="capacity", pair=(cast.trust, cast.council)),
        ended(cast, 8, category="discharge", pair=(cast.police, cast.trust)), ended(cast, 3, year=2025),
    )  # fmt: skip

    public = annual.for_everybody(AnnualSubmission(year=YEAR), at=OVER)

    tables = {each["caption"]: dict(map(tuple, each["rows"])) for each in public["this"]["tables"]}
    assert list(tables) == [
        "Disputes raised, by category", "Disputes raised, by the agency that raised them",
        "Disputes raised, by the agency they were raised with", "Ended without a panel’s decision, by stage",
        "Ended without a panel’s decision, by how",
    ]  # fmt: skip
    shown = [number for table in tables.values() for number in table.values() if number is not None]
    assert (min(shown), public["this"]["raised"], public["this"]["panels"]) == (9, 30, 0)
    for table in tables.values():
        assert list(table.values()).count(None) != 1
    # 1 at stage three cannot be had from 30 - 20 - 9
    assert list(tables["Ended without a panel’s decision, by stage"].values()) == [20, None, None]
    # A single late one would be told by the share, and by the median
    assert [public["this"][name] for name in ("within", "median", "ninetieth")] == [None] * 3
    # Of the year before nothing is left but that it had no panel
    assert [public["before"][name] for name in ("raised", "ended", "panels")] == [None, None, 0]
    assert {number for each in public["before"]["tables"] for _, number in each["rows"]} == {None}


def test_the_year_before_stands_as_it_was_published(cast):
    write(cast, ended(cast, 6))
    submitted(cast)
    write(cast, ended(cast, 1), ended(cast, 7, year=2027))

    year, at = AnnualSubmission(year=2027), datetime(2028, 5, 1, tzinfo=UTC)
    board, public = annual.for_board(year, at=at), annual.for_everybody(year, at=at)

    assert (board["before"]["raised"], public["before"]["raised"]) == (7, 6)
    assert json.loads(AnnualSubmission.objects.get().published)["this"] == public["before"]


# The cost


def test_the_page_costs_the_same_however_many(cast, client, now, django_assert_num_queries):
    """Session, person, standing; eleven more, and two where panels decided."""
    Agency.objects.create(name="Another")
    now(OVER)
    client.force_login(cast.board_manager)
    for more in (1, 2, 297):
        write(cast, ended(cast, more))
        with django_assert_num_queries(14):
            client.get(PAGES[0])
    assert Dispute.objects.count() == 300
    submitted(cast)
    with django_assert_num_queries(6):
        client.get(PAGES[0])


def test_small_numbers_beside_an_agency_are_told_once_the_year_is_over(cast, client, now):
    """From one day to the next they would point at somebody below stage three (R44)."""
    at_stage(cast, 1, at=RAISED)
    client.force_login(cast.board_manager)
    now(RAISED + timedelta(days=1))
    assert "1 to 4" in client.get(PAGES[0]).text
    now(OVER)
    assert "1 to 4" not in client.get(PAGES[0]).text
    assert figures.first_raised_at() == RAISED
