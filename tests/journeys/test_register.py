"""The Board Manager finds her way through the register, keeps a view, and takes it away as a file (R28, R42, R44)."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import exports, names
from escalation.actions.exports import make_exports
from tests import bulk
from tests import cast as casting
from tests.journeys.axe import faults_at_each_width

pytestmark = pytest.mark.django_db(transaction=True)
ADULT = "Zoë O’Hanlon-Brathwaite"


def many(cast, number):
    """Open disputes at stage three, each raised an hour after the one before; and as many that have ended."""
    began, rows = timezone.now() - timedelta(days=6), []
    for place in range(number):
        raised_at = began + timedelta(minutes=place)
        row = {
            "raising_agency": (cast.council, cast.trust)[place % 2], "disputed_agency": cast.hospital,
            "raised_at": raised_at, "target_at": raised_at + timedelta(days=7), "stage": 3, "ended_at": None,
            "outcome": "", "category": "discharge" if place % 2 else "threshold",
        }  # fmt: skip
        ended_at = raised_at + timedelta(days=1)
        rows += [row, {**row, "ended_at": ended_at, "outcome": "resolved"}]
    for dispute in bulk.write(rows, cast.council_practitioner, adult_name="=Ada Brown"):
        names.index(dispute)


def test_the_register_without_script(cast, desk):
    """Given many disputes, she filters, sorts, turns pages, finds a name, keeps a view, and downloads both files."""
    many(cast, 60)
    mine = casting.at_stage(cast, 3, at=timezone.now() - timedelta(days=8), adult_name=ADULT)
    below = casting.at_stage(cast, 2, at=timezone.now() - timedelta(days=1), adult_name=ADULT)
    manager = desk(cast.board_manager, script=False)
    main = manager.page.get_by_role("main")

    # From the dashboard's figure to its list, which holds as many
    manager.open("/dashboard/")
    manager.page.get_by_role("table", name="Open now").get_by_role("row", name="Stage three").get_by_role(
        "link", name="61", exact=True
    ).click()
    manager.see_heading("Register of disagreements at stages three and four")
    manager.see("61 disputes", "nearest target first", "1 day past target", "Not yet informed")

    # The next page and the last, the order turned round, the first again
    manager.follow("Next page")
    assert main.locator("tbody tr").count() == 11
    manager.follow("First page")
    assert main.locator("tbody tr").count() == 50
    manager.follow("Time")
    manager.see("furthest target first")
    manager.follow("Last page")
    manager.see(ADULT)
    manager.follow("Previous page")
    assert not manager.does_see(ADULT)

    # A name, which stands in no address; what is below stage three is not found by it
    manager.fill("Name or reference", "o'hanlon zoe")
    manager.press("Show")
    manager.see("1 dispute", ADULT, mine.reference)
    assert below.reference not in manager.page.content()
    assert re.fullmatch(r".*/register/\?s=[\w-]{16}", manager.page.url)

    # Words that were written, by how they begin and by their stem; and what nobody wrote
    manager.fill("Name or reference", "")
    manager.fill("Words in what was written", "discharging WARD")
    manager.press("Show")
    manager.see("1 dispute", "raised latest first", mine.reference)
    assert below.reference not in manager.page.content()
    assert re.fullmatch(r".*/register/\?s=[\w-]{16}", manager.page.url)
    manager.fill("Words in what was written", "discharging harpsichord")
    manager.press("Show")
    manager.see("No dispute of the register fits.", "every one of these words must be in the dispute")

    # A view of her own
    manager.follow("All open")
    manager.page.get_by_label("Category").select_option("discharge")
    manager.page.get_by_text("More filters").click()
    manager.press("Show")
    manager.see("30 disputes")
    manager.follow("Save this view")
    manager.see("Hospital discharge")
    manager.fill("Name of the view", "Discharge, open")
    manager.press("Save")
    manager.see("The view “Discharge, open” is saved.")
    manager.follow("All")
    manager.follow("Discharge, open")
    manager.see("30 disputes")

    # Both files hold what the view shows, and no formula
    content, name = manager.download("Download as CSV")
    assert re.fullmatch(r"register-\d{4}-\d\d-\d\d\.csv", name)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert (len(lines), {line["Adult"] for line in lines}) == (30, {"'=Ada Brown"})
    content, name = manager.download("Download as Excel")
    assert name.endswith(".xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert (sheet.count("<row "), "<f>" in sheet) == (31, False)
    manager.press("Delete this view")
    manager.see("The view “Discharge, open” is deleted.")

    # To a lead there is no register, and the page of a dispute tells of the adult's other one
    lead = desk(cast.council_lead)
    assert lead.status("/register/") == 404
    lead.open(f"/disputes/{below.reference}/")
    lead.see("There is another dispute about an adult of the same name.")
    lead.follow(mine.reference)
    lead.see(mine.reference)


def test_a_large_file_and_that_every_page_is_accessible_and_fits(cast, desk, monkeypatch):
    """A file over the limit is made in the background; the page shows how far it is and turns by itself."""
    manager = desk(cast.board_manager)
    manager.open("/register/")
    manager.see("No dispute has reached stage three yet.")
    assert faults_at_each_width(manager.page) == []
    many(cast, 30)
    monkeypatch.setattr(exports, "AT_ONCE", 50)
    monkeypatch.setattr(exports, "ASK_AGAIN", 1)

    manager.open("/register/")
    manager.follow("Download as CSV")
    manager.see_heading("This file is large")
    assert faults_at_each_width(manager.page) == []
    manager.press("Make the CSV file")
    manager.see("0 of 60 disputes are written.")
    address = manager.page.url.removeprefix(manager.address)
    make_exports(timezone.now)
    manager.see_heading("Your file is ready")
    content, _ = manager.download("Download the file")
    assert content.decode("utf-8-sig").count("=Ada Brown") == 60

    paths = ("/register/", "/register/?state=ended&outcome=resolved&sort=-raised", "/register/?stage=9",
             "/register/?category=other", "/register/views/new/?state=open", address)  # fmt: skip
    for path in paths:
        manager.open(path)
        assert (path, faults_at_each_width(manager.page)) == (path, [])
