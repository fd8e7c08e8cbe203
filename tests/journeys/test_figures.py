"""The Board Manager reads the dashboard, writes about the year, submits it and downloads both versions (R34, R42)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import periods
from escalation.models import Category
from tests import bulk
from tests import cast as casting
from tests.journeys.axe import faults_at_each_width
from tests.journeys.steps import TAGGED, marks_of
from tests.records import text_of

pytestmark = pytest.mark.django_db(transaction=True)
ADULT = "Zoë O’Hanlon-Brathwaite"


def a_year(cast, year):
    """Forty disputes that ended in a year, at all stages, and some in the year before."""
    rows = []
    pairs = [(cast.council, cast.hospital), (cast.hospital, cast.council), (cast.trust, cast.council)]
    for place in range(48):
        raised_at = year.start - timedelta(days=60) + timedelta(days=8 * place)
        rows.append(
            {
                "raising_agency": pairs[place % 3][0], "disputed_agency": pairs[place % 3][1], "raised_at": raised_at,
                "target_at": raised_at + timedelta(days=7), "stage": 1 + (place % 10 > 6) + (place % 20 > 17),
                "category": Category.values[place % 4], "ended_at": raised_at + timedelta(days=2 + place % 9),
                "outcome": "clarified" if place % 5 == 0 else "resolved",
            }
        )  # fmt: skip
    return bulk.write(rows, cast.council_practitioner, adult_name=ADULT)


def test_a_year_goes_to_the_board(cast, desk):
    """Given a year that is over, when the Board Manager writes about it and submits it, then both versions are sealed,
    nobody is named in them, and the published one tells no small number."""
    # Given a year with disputes, and one at stage three today
    now = timezone.now()
    year = periods.board_year(periods.year_of(now) - 1)
    a_year(cast, year)
    casting.at_stage(cast, 3, at=now - timedelta(days=9), adult_name="Ada Today")
    manager = desk(cast.board_manager, script=False)

    # The dashboard says what is going wrong, for this year and for one agency
    manager.open("/")
    manager.page.get_by_role("link", name="Dashboard", exact=True).click()
    manager.see("Where disputes stand today", "Inform the Independent Chair", "Ada Today")
    manager.select("Period", year.key)
    manager.press("Show")
    manager.see("ended within one week")
    manager.page.get_by_label("Agency", exact=True).select_option(str(cast.trust.pk))
    manager.press("Show")
    manager.see_heading(f"Where disputes stand today: {cast.trust}")
    manager.see("None is open there.")

    # When she writes about the year
    manager.page.get_by_role("link", name="Annual", exact=True).click()
    manager.follow(year.words)
    manager.see("Not yet submitted: a draft", "Not yet written.")
    manager.follow("Write the commentary")
    manager.fill("Commentary for the Board", "Discharge is what we disagree about.")
    manager.fill("Commentary for publication", "We talk sooner than we did.")
    manager.press("Save")
    manager.see("The commentary is saved.", "Discharge is what we disagree about.")
    manager.follow("See what is published")
    manager.see("We talk sooner than we did.", "held back")
    assert not manager.does_see("Discharge is what we disagree about.")
    manager.page.go_back()

    # And submits it
    manager.follow("Check and submit to the Board")
    manager.press("Submit it to the Board")
    manager.see("The year is submitted to the Board, and sealed.", "It is sealed: nothing in it changes any more.")
    assert not manager.does_see("Write the commentary")

    # Then both versions can be taken away, and the Chair reads them
    board, board_name = manager.download("Download for the Board")
    public, public_name = manager.download("Download for publication")
    assert (board_name, public_name) == (f"annual-{year.key}-board.pdf", f"annual-{year.key}-published.pdf")
    assert (marks_of(board), marks_of(public)) == (TAGGED, TAGGED)
    texts = [text_of(each) for each in (board, public)]
    assert [ADULT in text for text in texts] == [False, False]
    assert ["Discharge is what we disagree about." in text for text in texts] == [True, False]
    assert ["We talk sooner than we did." in text for text in texts] == [False, True]
    chair = desk(cast.chair)
    chair.open(f"/annual/{year.key}/")
    chair.see("Submitted to the Board", "Discharge is what we disagree about.")
    assert chair.status(f"/annual/{year.key}/commentary/") == 403
    assert desk(cast.council_lead).status(f"/annual/{year.key}/") == 404


def test_the_pages_of_figures_are_accessible_and_fit(cast, desk):
    """At 1280 and 320 pixels, with and without something to show."""
    now = timezone.now()
    lead = desk(cast.council_lead)
    lead.open("/dashboard/")
    assert faults_at_each_width(lead.page) == []
    year = periods.board_year(periods.year_of(now) - 1)
    a_year(cast, year)
    for number in (1, 2, 3, 4):
        casting.at_stage(cast, number, at=now - timedelta(days=6 + number), urgency="urgent")

    visits = {
        cast.board_manager: ("/dashboard/", f"/dashboard/?agency={cast.trust.pk}", "/annual/", f"/annual/{year.key}/",
                             f"/annual/{year.key}/publication/", f"/annual/{year.key}/commentary/",
                             f"/annual/{year.key}/submit/", f"/annual/{int(year.key) + 1}/"),
        cast.council_lead: ("/dashboard/",),
    }  # fmt: skip
    for user, paths in visits.items():
        viewer = desk(user)
        for path in paths:
            assert viewer.status(path) == 200
            viewer.open(path)
            assert (path, faults_at_each_width(viewer.page)) == (path, [])
