"""The dashboard: every figure on it, who is shown which, and what leads where (R4, R28, R42, R44)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies import own
from agencies.models import Agency, Notice, Role, User
from escalation import actions, periods
from escalation.models import Dispute, Duty, Party, Stage
from panels.dashboard import Dashboard, viewer
from panels.dashboard_shown import Shown
from tests import bulk
from tests.cast import RAISED, at_stage, person, raise_dispute
from tests.panels import after

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/dashboard/"
AT = RAISED + timedelta(days=9)
DAY = timedelta(days=1)
TRY = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def read(client, monkeypatch):
    """A function that gives the page's text, as somebody reads it at an instant."""

    def page(user, at=AT, path=PAGE):
        monkeypatch.setattr(timezone, "now", lambda: at)
        client.force_login(user)
        response = client.get(path)
        assert response.status_code == 200, response.status_code
        return response.text

    return page


def board_of(user, at=AT, agency=None, period=None):
    user = User.objects.get(pk=user.pk)
    return Dashboard(user, viewer(user, at), period or periods.last_months(at), at, agency)


def cells(table):
    return {str(row[0]): [str(cell) for cell in row[1:]] for row in table.rows}


# Who


@pytest.mark.parametrize("who", ["council_practitioner", "council_manager", "administrator"])
def test_to_others_there_is_no_such_page(cast, client, who):
    at_stage(cast, 3)
    client.force_login(getattr(cast, who))

    assert client.get(PAGE).status_code == 404
    assert 'href="/dashboard/"' not in client.get("/").text


@pytest.mark.parametrize("who", ["board_manager", "chair", "council_lead"])
def test_it_is_empty_and_readable_where_there_is_nothing(cast, read, who):
    page = read(getattr(cast, who))

    for words in ("Nothing is waiting for you", "None is open", "No panel is ahead", "There is nothing to show"):
        assert words in page
    assert "No binding action is past its date" in page


CANARIES = {"one": "Quillfeather", "two": "Rookwhistle", "three": "Sparrowhawk", "four": "Thistledown"}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("board_manager", {"three", "four"}),
        ("chair", {"three", "four"}),
        ("council_lead", {"one", "two", "three", "four"}),
        ("hospital_lead", {"one", "two", "three", "four"}),
        ("police_lead", set()),
        ("trust_lead", set()),
    ],
)
def test_who_sees_which_dispute_on_it(cast, read, who, seen):
    """Names, references and texts: the Board from stage three, a lead those of the agency, another agency nothing."""
    made = {
        word: at_stage(cast, number, adult_name=CANARIES[word], problem=f"{CANARIES[word]} at home")
        for number, word in enumerate(CANARIES, 1)
    }

    for path in (PAGE, f"{PAGE}?period=2026", f"{PAGE}?period=2024"):
        page = read(getattr(cast, who), path=path)
        assert {word for word, canary in CANARIES.items() if canary in page} == seen
        assert {word for word, dispute in made.items() if dispute.reference in page} == seen


def test_a_deputy_of_the_board_sees_nothing_of_their_own_agency(cast, read):
    """As with each dispute, so with its counts."""
    deputy = person("deputy", "Dora Deputy", (Role.PRACTITIONER, cast.trust))
    at_stage(cast, 3, adult_name=CANARIES["three"])
    at_stage(cast, 3, adult_name=CANARIES["four"], concerned_agencies=[cast.trust])
    own.name_deputy(by=cast.board_manager, deputy=deputy, at=AT, starts_at=AT, ends_at=AT + DAY)

    page = read(deputy, AT + timedelta(hours=1))

    assert [CANARIES[word] in page for word in ("three", "four")] == [True, False]
    board = board_of(deputy, AT + timedelta(hours=1))
    assert [each.number for each in board.open] == [0, 0, 1, 0]
    assert f'<option value="{cast.trust.pk}"' not in page


def test_what_is_not_offered_does_not_exist(cast, client):
    """Neither another agency's figures for a lead, nor a period that is none."""
    client.force_login(cast.council_lead)

    assert client.get(f"{PAGE}?agency={cast.council.pk}").status_code == 200
    for wrong in (f"agency={cast.hospital.pk}", "agency=0", "agency=x", "period=1066", "period='", "agency=%00"):
        assert client.get(f"{PAGE}?{wrong}").status_code == 404
    assert client.post(PAGE).status_code == 405


# Every figure


@TRY
@given(data=st.data())
def test_every_figure_equals_a_recount(data, cast):
    """For the Board and for a lead, over random disputes."""
    for model in (Stage, Party, Dispute):
        model.objects.all()._raw_delete("default")
    agencies = [cast.council, cast.hospital, cast.trust]
    rows = data.draw(bulk.rows(agencies, AT, most=60))
    made = bulk.write(rows, cast.council_practitioner)
    disputed = {each.pk: row["disputed_agency"] for each, row in zip(made, rows, strict=True)}
    period = data.draw(st.sampled_from(periods.offered(AT)))

    for user in (cast.board_manager, cast.hospital_lead):
        is_board = user == cast.board_manager
        mine = [each for each in made if is_board or cast.hospital in (each.raising_agency, disputed[each.pk])]
        board = board_of(user, period=period)
        shown = Shown(board)
        still = [each for each in mine if not each.ended_at]
        late = [each for each in still if each.target_at < AT and not each.target_stopped]
        ended = [each for each in mine if each.ended_at and each.ended_at in period]
        raised = [each for each in mine if each.raised_at in period]
        assert (board.number_open, board.number_past) == (len(still), len(late))
        table = cells(shown.open_table)
        for stage, word in enumerate(("one", "two", "three", "four"), 1):
            there = [each for each in still if each.stage == stage]
            urgent, past = ([e for e in there if e in these] for these in ([e for e in still if e.is_urgent], late))
            assert table[f"Stage {word}"][:3] == [str(len(each)) for each in (there, urgent, past)]
            assert cells(shown.times)[f"Stage {word}"][0] == str(sum(each.stage == stage for each in ended))
        assert board.ended.within == sum(each.ended_at <= each.target_at for each in ended)
        assert dict(shown.categories) == {
            each.get_category_display() or "Not given": sum(other.category == each.category for other in raised)
            for each in raised
        }
        upper = [each for each in still if each.stage >= 3 or not is_board]
        upper.sort(key=lambda each: (not each.is_urgent, each.moved_at, each.pk))
        assert [row.dispute.pk for row in board.rows] == [each.pk for each in upper[:12]]
        by_agency = cells(shown.by_agency)
        for agency in agencies:
            numbers = [sum(each.raising_agency == agency for each in raised),
                       sum(disputed[each.pk] == agency for each in raised)]  # fmt: skip
            if is_board and not by_agency:
                assert len(raised) < 5 or set(board.raised.by_pair.values()) == {1}
                continue
            for number, told in zip(numbers, by_agency.get(agency.name, ["none", "none"]), strict=True):
                if number == 0:
                    assert told == "none"
                elif not is_board:
                    assert told == str(number)
                elif told == "1 to 4":
                    assert number < 5
                elif told.endswith(" or more"):
                    assert int(told.split()[0]) <= number
                else:
                    assert (told, number >= 5) == (str(number), True)


# Small numbers


def test_a_small_number_beside_an_agency_is_not_told_below_stage_three(cast, read):
    """It could point at somebody whose dispute the Board may not see yet; from stage three it is told."""
    raise_dispute(cast, raising_agency=cast.council, category="capacity", urgency="urgent")
    at_stage(cast, 3, category="discharge")

    page = read(cast.board_manager, path=f"{PAGE}?agency={cast.council.pk}")

    board = board_of(cast.board_manager, agency=cast.council)
    shown = Shown(board)
    assert cells(shown.open_table) == {
        "Stage one": ["fewer than 5"] * 3 + ["–"],
        "Stage two": ["fewer than 5"] * 3 + ["–"],
        "Stage three": ["1", "0", "1", "9 days"],
        "Stage four": ["0", "0", "0", "–"],
    }
    assert [chart.key for chart in shown.charts] == ["open"]
    assert "Stage one" not in [mark.name for mark in next(shown.charts).marks]
    assert "Mental capacity" not in page
    assert (board.number_open, cells(shown.by_agency)["Adult Social Care"]) == (1, ["1 to 4", "none"])
    assert shown.week[0] == "fewer than 5 raised"
    lead = Shown(board_of(cast.council_lead, agency=cast.council))
    assert cells(lead.open_table)["Stage one"] == ["1", "1", "1", "9 days"]
    assert cells(lead.by_agency)["Adult Social Care"] == ["2", "none"]


def test_what_ended_below_stage_three_cannot_be_worked_out_from_all_that_ended(cast):
    """Two at stage one and four at stage two, beside one at stage three, of one agency."""
    ended = {"raised_at": RAISED, "target_at": RAISED + 7 * DAY, "ended_at": RAISED + DAY, "outcome": "resolved"}
    pair = {"raising_agency": cast.council, "disputed_agency": cast.hospital, "category": "delay"}
    shown = Shown(board_of(cast.board_manager, agency=cast.council))
    bulk.write([{**ended, **pair, "stage": stage} for stage in (1, 1, 2, 2, 3)], cast.council_practitioner)
    told = [str(each.number) + each.words for each in shown.headlines]
    assert cells(shown.times)["Stages one and two"] == ["fewer than 5", "–", "–"]
    assert "–fewer than 5 ended in this period" in told

    bulk.write([{**ended, **pair, "stage": 2}] * 2, cast.council_practitioner)
    shown = Shown(board_of(cast.board_manager, agency=cast.council))
    assert cells(shown.times) == {
        "Stages one and two": ["6", "1 day", "1 day"],
        "Stage three": ["1", "1 day", "1 day"],
        "Stage four": ["0", "–", "–"],
    }


def test_pairs_of_agencies_are_told_without_their_small_numbers(cast):
    """R44: nor may what was raised in all, which is told by category, give them away by subtraction."""
    council, hospital, trust = cast.council, cast.hospital, cast.trust
    row = {"raised_at": RAISED, "target_at": RAISED + 7 * DAY, "ended_at": None, "outcome": "", "stage": 1}

    def told(*numbers):
        for model in (Stage, Party, Dispute):
            model.objects.all()._raw_delete("default")
        for number, (one, other) in numbers:
            pair = {"raising_agency": one, "disputed_agency": other, "category": "delay"}
            bulk.write([{**row, **pair}] * number, cast.council_practitioner)
        shown = Shown(board_of(cast.board_manager))
        assert sum(number for _, number in shown.categories) == sum(number for number, _ in numbers)
        return {**cells(shown.pairs), **cells(shown.by_agency)}

    names = [f"{one} with {other}" for one, other in ((council, hospital), (council, trust), (trust, hospital))]
    two = told((6, (council, hospital)), (2, (council, trust)))
    # With a 6 or a "1 to 4" beside it the sum of 8 would tell too much
    assert [two[name] for name in names[:2]] == [["1 or more"]] * 2
    assert two[str(council)] == ["2 or more", "none"]
    assert two[str(trust)] == ["none", "1 or more"]
    assert two["Police"] == ["none", "none"]
    three = told((9, (council, hospital)), (7, (trust, hospital)), (2, (council, trust)))
    assert [three[name] for name in names] == [["9"], ["1 to 4"], ["5 or more"]]
    assert three[str(hospital)] == ["none", "14 or more"]
    assert three[str(trust)] == ["5 or more", "1 to 4"]
    # Where there is one small pair alone, the sum is its number: no agency is named
    assert told((3, (council, hospital))) == {}
    assert told((12, (council, hospital)), (5, (council, trust)))[str(council)] == ["17", "none"]


def test_too_few_to_name_an_agency_is_said_so(cast, read):
    raise_dispute(cast)

    assert "Too few disputes were raised in this period to tell by which agencies" in read(cast.board_manager)
    assert "Too few" not in read(cast.council_lead)


# What leads where


def test_figures_of_stage_three_and_above_lead_to_their_list(cast, read):
    """Those below lead nowhere, and a lead's to the lead's own list."""
    for number in (1, 2, 3, 4):
        at_stage(cast, number, urgency="urgent")

    links = set(re.findall(r'href="(/register/\?[^"]*)"', read(cast.board_manager)))
    assert {link.replace("&amp;", "&") for link in links} == {
        "/register/?past_target=1&open=1", "/register/?stage=3&open=1", "/register/?stage=4&open=1",
        "/register/?stage=3&open=1&past_target=1", "/register/?stage=4&open=1&past_target=1",
        "/register/?stage=3&open=1&urgency=urgent", "/register/?stage=4&open=1&urgency=urgent",
    }  # fmt: skip
    page = read(cast.council_lead)
    assert "/register/?" not in page
    assert "/disputes/?state=past&amp;stage=1" in page
    assert "/disputes/?state=open&amp;stage=2&amp;urgency=urgent" in page


def test_each_link_lands_on_as_many_as_it_says(cast, read, client):
    """For the Board: what is open, urgent, past its target, and what ended in the period, up to its last day."""
    last = datetime(2026, 5, 29, 8, tzinfo=UTC)
    row = {
        "raising_agency": cast.council, "disputed_agency": cast.hospital, "raised_at": RAISED - 9 * DAY,
        "target_at": RAISED - 2 * DAY, "ended_at": None, "outcome": "", "urgency": "urgent",
    }  # fmt: skip
    ended = {**row, "ended_at": last, "outcome": "resolved"}
    for stage, number in ((1, 2), (2, 3), (3, 4), (4, 6)):
        bulk.write([{**row, "stage": stage}] * number, cast.council_practitioner)
        bulk.write([{**ended, "stage": stage}] * (number + 1), cast.council_practitioner)
    at = datetime(2026, 5, 31, 22, tzinfo=UTC)
    read(cast.board_manager, at)

    shown, landed = Shown(board_of(cast.board_manager, at)), []
    for table in (shown.open_table, shown.times):
        for cell in [cell for each in table.rows for cell in each if getattr(cell, "href", "")]:
            assert client.get(cell.href).context["page"].total == cell.words, cell.href
            landed.append(cell.words)
    assert landed == [4, 4, 4, 6, 6, 6, 5, 7]


def test_a_number_stands_on_its_bar_where_there_is_room(cast, read):
    """Else beside the number that is past target."""
    for number, late in ((1, False), (2, False), (2, True)):
        at_stage(cast, number, at=AT - 9 * DAY if late else AT - DAY)
    row = '<text x="{}" y="{}" font-size="14" font-weight="bold" fill="#fff" text-anchor="middle">{}</text>'
    page = read(cast.council_lead)
    assert row.format(131.5, 51, 1) in page
    assert ">1 past</text>" in page
    assert "1 and 1 past" not in page


def test_no_name_stands_in_an_address(cast, read):
    at_stage(cast, 3, adult_name=CANARIES["three"])

    for address in re.findall(r'(?:href|action)="([^"]*)"', read(cast.board_manager)):
        assert CANARIES["three"].lower() not in address.lower()
        assert "Care" not in address


# What waits, what is ahead, what is late


def test_my_duties_come_first_then_what_is_urgent_and_what_does_not_move(cast, read):
    old = at_stage(cast, 3, at=RAISED - 5 * DAY, adult_name="Old Standstill")
    at_stage(cast, 3, at=RAISED, adult_name="Newer Standstill")
    at_stage(cast, 3, at=RAISED + DAY, adult_name="Urgent Standstill", urgency="urgent")

    page = read(cast.board_manager)

    assert [row.dispute.adult_name for row in board_of(cast.board_manager).rows] == [
        "Urgent Standstill", "Old Standstill", "Newer Standstill",
    ]  # fmt: skip
    assert page.index("Inform the Independent Chair") < page.index("urgent first, then the longest without movement")
    row = next(each for each in board_of(cast.board_manager).rows if each.dispute.pk == old.pk)
    assert row.moved == "14 days ago"
    assert page.count("14 days ago") == 1


def test_panels_ahead_late_actions_and_refused_emails(cast, read, client):
    """R33: a binding action past its date; what the mail server refused leads to the clockwork, for who may see it."""
    ahead = after.convened(cast, adult_name="Ahead Ofit")
    after.decided(cast, panel=after.convened(cast, adult_name="Late Action"))
    Notice.objects.filter(recipient=cast.hospital_lead).update(refused_at=AT)
    soon, later = after.CONVENED + DAY, datetime(2026, 6, 20, 9, tzinfo=UTC)

    page = read(cast.board_manager, soon)
    assert f'href="/panels/{ahead.pk}/"' in page
    assert "No binding action is past its date" in page
    page = read(cast.board_manager, later)
    assert "Binding actions past their date" in page
    assert "<li>Adult Social Care: 1</li>" in page
    assert 'href="/clockwork/"' in page.split("The picture")[0].split("Ahead, late")[1]
    assert "were refused" not in read(cast.chair, later)
    lead = read(cast.hospital_lead, later)
    assert ("<li>Rother Valley Hospital: 1</li>" in lead, "<li>Adult Social Care: 1</li>" in lead) == (True, False)


def test_records_not_filed_are_counted(cast, read):
    dispute = raise_dispute(cast)
    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=RAISED + DAY, reason="Under way already.")
    waiting = Duty.objects.filter(kind="file", done_at=None, lapsed_at=None).count()

    assert waiting == 2
    assert "2 records not yet filed" in read(cast.board_manager)
    assert "1 record not yet filed" in read(cast.council_lead)
    assert "No agency owes" in read(cast.police_lead)


# The cost


@pytest.mark.parametrize("who", ["board_manager", "chair", "council_lead"])
def test_the_page_costs_the_same_however_many(cast, read, client, who, django_assert_num_queries):
    """Session, person and standing; and nine statements."""
    Agency.objects.create(name="Another")
    read(getattr(cast, who))
    row = {
        "raising_agency": cast.council, "disputed_agency": cast.hospital, "raised_at": RAISED, "stage": 3,
        "target_at": RAISED + 7 * DAY, "ended_at": None, "outcome": "",
    }  # fmt: skip
    for more in (1, 2, 297):
        at_stage(cast, 3)
        ended = {**row, "ended_at": RAISED + DAY, "outcome": "resolved"}
        bulk.write([row, ended] * more, cast.council_practitioner)
        with django_assert_num_queries(12):
            client.get(f"{PAGE}?period=2026")


def test_nothing_is_kept_for_somebody_else(cast, read, client):
    at_stage(cast, 1, adult_name=CANARIES["one"])
    assert CANARIES["one"] in read(cast.council_lead)
    assert CANARIES["one"] not in read(cast.board_manager)
    assert "no-store" in client.get(PAGE).headers["Cache-Control"]
