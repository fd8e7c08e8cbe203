"""The years of the Board, and the months a page offers, by London's calendar (R34)."""

from datetime import UTC, date, datetime

from escalation import periods

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)


def test_a_year_runs_from_april_to_march():
    year = periods.board_year(2025)

    assert (year.key, year.words) == ("2025", "1 April 2025 to 31 March 2026")
    # London is an hour ahead of UTC on each first of April
    assert year.start == datetime(2025, 3, 31, 23, tzinfo=UTC)
    assert year.end == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert (year.months[0], year.months[-1], len(year.months)) == (date(2025, 4, 1), date(2026, 3, 1), 12)


def test_the_day_it_begins_is_a_setting(settings):
    settings.YEAR_BEGINS = "01-01"

    assert periods.board_year(2025).words == "1 January 2025 to 31 December 2025"
    assert periods.year_of(datetime(2026, 1, 1, tzinfo=UTC)) == 2026


def test_the_last_twelve_months_end_with_this_one():
    months = periods.last_months(AT)

    assert (months.months[0], months.months[-1], len(months.months)) == (date(2025, 6, 1), date(2026, 5, 1), 12)
    assert AT in months


def test_what_a_page_offers_begins_with_the_months():
    assert [each.key for each in periods.offered(AT)] == ["months", "2026", "2025", "2024", "2023", "2022"]
