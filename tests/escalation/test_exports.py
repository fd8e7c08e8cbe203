"""The register as a file: harmless in a spreadsheet, in the trail, made by a worker where large (R42, R43, R44)."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from html import unescape

import pytest
from django.utils import timezone

from agencies.models import Act, Membership, User
from escalation import exports, files, names
from escalation.actions import exports as acts
from escalation.models import Export
from tests import bulk
from tests.cast import RAISED, at_stage

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AT = RAISED + timedelta(days=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "  =1", "\u00a0=HYPERLINK(1)", "＝1"]


@pytest.fixture
def now(monkeypatch):
    """The clock of views and of workers, to be turned."""
    clock = {"at": AT}
    monkeypatch.setattr(timezone, "now", lambda: clock["at"])
    return clock


def whole(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def lines_of(content):
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_of(content):
    """The XML of the sheet of an XLSX."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return unescape(book.read("xl/worksheets/sheet1.xml").decode())


def some(cast, number, **changes):
    row = {
        "raising_agency": cast.council, "disputed_agency": cast.hospital, "raised_at": RAISED, "stage": 3,
        "target_at": RAISED + 7 * DAY, "ended_at": None, "outcome": "",
    }  # fmt: skip
    return bulk.write([row] * number, cast.council_practitioner, **changes)


@pytest.mark.parametrize("text", [*FORMULAS, "\n=1", "-", "= "])
def test_what_looks_like_a_formula_begins_with_an_apostrophe(text):
    assert exports.harmless(text) == f"'{text}"


def test_what_does_not_is_left_as_it_is():
    for text in ("", " ", "Ann-Marie", "3 = 3", "a@b", "O’Shea", "'=1"):
        assert exports.harmless(text) == text
    cut = exports.harmless("=" * 40_000)
    assert (len(cut), cut[:2]) == (32_767, "'=")
    assert cut.endswith(exports.CUT)


def test_a_row_in_both_files(cast, client, now):
    """R43: what is taken away is in the trail, with its number of rows."""
    told = at_stage(cast, 3, adult_name="Zoë =Ada", adult_born_on=date(1938, 2, 14), category="capacity")
    for text in FORMULAS:
        some(cast, 1, adult_name=text)
    client.force_login(cast.board_manager)

    response = client.get("/register.csv?sort=raised")
    content = whole(response)
    assert content.startswith(b"\xef\xbb\xbfReference,Adult,")
    assert response.headers["Content-Disposition"] == 'attachment; filename="register-2026-05-23.csv"'
    assert "no-store" in response.headers["Cache-Control"]
    lines = lines_of(content)
    assert len(lines) == 1 + len(FORMULAS)
    line = next(each for each in lines if each["Reference"] == told.reference)
    assert line == {
        "Reference": told.reference, "Adult": "Zoë =Ada", "Date of birth": "1938-02-14", "Stage": "Three",
        "Raised by": "Adult Social Care", "With": "Rother Valley Hospital", "Category": "Mental capacity",
        "Urgency": "", "Raised": "2026-05-20 14:15", "Target": "2026-05-27 14:15", "Time": "4 days left",
        "Independent Chair informed": "", "Waits for": line["Waits for"], "Ended": "", "Ended how": "", "Why so": "",
    }  # fmt: skip
    assert "lead" in line["Waits for"].lower()
    assert "you" not in line["Waits for"].lower()
    for each in lines:
        assert not each["Adult"].lstrip().startswith(exports.FORMULA)

    sheet = sheet_of(whole(client.get("/register.xlsx")))
    assert "<f>" not in sheet
    assert "Zoë =Ada" in sheet
    assert "'=1+1" in sheet
    assert re.search(r"<c [^>]*s=\"\d\"[^>]*><v>46162\.59", sheet)  # a true date: 20 May 2026, 14:15
    noted = Act.objects.filter(verb="downloaded the register").values_list("by", "role", "facts")
    assert [(by, role, facts["kind"], facts["rows"]) for by, role, facts in noted] == [
        (cast.board_manager.pk, "board_manager", kind, 10) for kind in ("csv", "xlsx")
    ]


def test_a_file_holds_what_the_filters_let_through(cast, client, now, django_assert_num_queries):
    for dispute in some(cast, 30, adult_name="Shown", urgency="urgent"):
        names.index(dispute)
    some(cast, 2, adult_name="Hidden")
    client.force_login(cast.board_manager)
    client.get("/register/")
    found = client.post("/register/", {"words": "shown"})["Location"]

    for path in ("/register.csv?urgency=urgent", found.replace("/register/", "/register.csv")):
        assert {line["Adult"] for line in lines_of(whole(client.get(path)))} == {"Shown"}
    # Session, person, standing, agencies, count, the trail in its transaction; two for each five hundred; the ended
    with django_assert_num_queries(2 + 1 + 1 + 1 + 3 + 2 + 1):
        whole(client.get("/register.csv?urgency=urgent"))


@pytest.fixture
def large(cast, client, now, monkeypatch):
    """What is a large file to be made, after it was asked for by the Board Manager."""
    monkeypatch.setattr(exports, "AT_ONCE", 20)
    monkeypatch.setattr(exports, "BATCH", 10)
    monkeypatch.setattr(acts, "STEP", 10)
    some(cast, 25)
    client.force_login(cast.board_manager)

    def ask(kind="csv"):
        page = client.get(f"/register.{kind}?stage=3")
        address = re.search(r'<form method="post" action="(/register/exports/[^"]*)"', page.text).group(1)
        shown = client.post(unescape(address), follow=True)
        return Export.objects.get(pk=int(shown.redirect_chain[0][0].split("/")[-2]))

    return ask


def clock(now):
    return lambda: now["at"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_file_is_made_by_a_worker(cast, client, now, large, kind):
    """Progress while it is made; then a link, for whoever asked alone; after a day nothing."""
    export = large(kind)
    page = client.get(f"/register/exports/{export.pk}/")
    assert "0 of 25 disputes are written" in page.text
    assert "<progress" in page.text
    assert page.headers["Refresh"] == "5"
    assert client.get(f"/register/exports/{export.pk}/file/").status_code == 404

    assert acts.make_exports(clock(now)) == {"made": 1, "dropped": 0, "cleared": 0}
    assert acts.make_exports(clock(now))["made"] == 0
    page = client.get(f"/register/exports/{export.pk}/")
    assert "Your file is ready" in page.text
    assert "Refresh" not in page.headers
    content = whole(client.get(f"/register/exports/{export.pk}/file/"))
    if kind == "csv":
        assert len(lines_of(content)) == 25
    else:
        assert sheet_of(content).count("<row ") == 26
    verbs = ("asked for a file of the register", "made a file of the register", "downloaded the register")
    assert list(Act.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", "facts__rows")) == [
        (verb, 25) for verb in verbs
    ]

    for other in (cast.chair, cast.council_lead):
        client.force_login(other)
        for path in ("", "file/"):
            assert client.get(f"/register/exports/{export.pk}/{path}").status_code == 404
    client.force_login(cast.board_manager)
    export.refresh_from_db()
    stored = export.stored.name
    assert files.clear_left_over(AT + 9 * DAY) == 0
    now["at"] = AT + DAY + HOUR
    client.force_login(cast.board_manager)
    assert client.get(f"/register/exports/{export.pk}/file/").status_code == 404
    assert acts.make_exports(clock(now))["cleared"] == 1
    assert stored not in [name for name, _ in export.stored.storage.each()]


def test_whoever_is_no_longer_of_the_board_gets_no_file(cast, client, now, large):
    """R44: asked again at the making, and at every download."""
    made, waiting = large(), None
    acts.make_exports(clock(now))
    waiting = large()
    Membership.objects.filter(user=cast.board_manager).update(ended_at=AT)

    assert client.get(f"/register/exports/{made.pk}/file/").status_code == 404
    assert acts.make_exports(clock(now)) == {"made": 0, "dropped": 1, "cleared": 0}
    assert not Export.objects.filter(pk=waiting.pk).exists()


def test_a_worker_that_dies_leaves_its_lease_to_run_out(cast, now, large, monkeypatch):
    export = large()
    real = files.put

    def die(name, file):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "put", die)
    with pytest.raises(KeyboardInterrupt):
        acts.make_exports(clock(now))
    export.refresh_from_db()
    assert (export.done, export.finished_at) == (20, None)
    monkeypatch.setattr(files, "put", real)
    assert acts.make_exports(clock(now))["made"] == 0
    now["at"] = AT + 11 * timedelta(minutes=1)
    assert acts.make_exports(clock(now))["made"] == 1


def test_a_lease_that_ran_out_is_another_workers(cast, now, large):
    """Whoever lost it writes nothing more, and its file is taken out again."""
    large()
    first = acts.claim(AT)
    second = acts.claim(AT + HOUR)
    assert (first.pk, acts.claim(AT + HOUR)) == (second.pk, None)

    with pytest.raises(acts.LostLease):
        acts.make(first, clock(now))
    now["at"] = AT + HOUR
    assert acts.make(second, clock(now))
    storage = Export.objects.get().stored.storage
    assert Export.objects.get().stored.name in [name for name, _ in storage.each()]


def test_nothing_but_what_is_asked_for_can_be_asked_for(cast, client, now, large):
    large()
    for path in ("/register/exports/?kind=exe", "/register/exports/", "/register/exports/?kind=csv&stage=9"):
        assert client.post(path).status_code == 404
    assert client.get("/register/exports/?kind=csv").status_code == 405
    for _ in range(4):
        large()
    assert client.post("/register/exports/?kind=csv").status_code == 409
    client.force_login(User.objects.get(pk=cast.council_lead.pk))
    assert client.post("/register/exports/?kind=csv").status_code == 404
