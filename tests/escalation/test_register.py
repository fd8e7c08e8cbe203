"""The register: who reads it, what the filters let through, page by page, views, and what it costs (R28, R42, R44)."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from agencies import own
from agencies.models import Agency, Role, User
from escalation import actions, names
from escalation.models import Dispute, SavedView, Search
from escalation.register import SORTS, Register
from tests import bulk
from tests.cast import RAISED, at_stage, person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/register/"
AT = RAISED + timedelta(days=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CANARIES = {"one": "Quillfeather", "two": "Rookwhistle", "three": "Sparrowhawk", "four": "Thistledown"}


@pytest.fixture
def read(client, monkeypatch):
    """A function that gives the answer, as somebody reads a page at an instant."""

    def answer(user, path=PAGE, at=AT, post=None):
        monkeypatch.setattr(timezone, "now", lambda: at)
        client.force_login(user)
        return client.get(path) if post is None else client.post(path, post, follow=True)

    return answer


def adults(response):
    return [row.adult for row in response.context["rows"]]


def whole(response):
    """All that an answer holds, a page or a file."""
    return b"".join(response.streaming_content).decode() if response.streaming else response.text


def row(cast, place, **changes):
    raised_at = RAISED - timedelta(days=40) + HOUR * place
    return {
        "raising_agency": cast.council, "disputed_agency": cast.hospital, "raised_at": raised_at, "stage": 3,
        "target_at": raised_at + 7 * DAY, "ended_at": None, "outcome": "", **changes,
    }  # fmt: skip


# Who


def test_to_others_there_is_no_register(cast, read):
    """R44: nobody but the Board Manager, the Chair and who stands in for them."""
    at_stage(cast, 3)

    for who in ("council_practitioner", "council_manager", "council_lead", "police_lead", "administrator"):
        for path in (PAGE, "/register.csv", "/register.xlsx", "/register/views/new/"):
            assert read(getattr(cast, who), path).status_code == 404
        assert 'href="/register/"' not in read(getattr(cast, who), "/").text


def test_it_holds_what_reached_stage_three_and_nothing_else(cast, read):
    """R44: no name, reference or text of what stands below, also for who searches for it."""
    made = {
        word: at_stage(cast, number, adult_name=CANARIES[word], problem=f"{CANARIES[word]} at home")
        for number, word in enumerate(CANARIES, 1)
    }

    for user in (cast.board_manager, cast.chair):
        for path in (PAGE, f"{PAGE}?sort=-raised", "/register.csv"):
            text = whole(read(user, path))
            assert {word for word, canary in CANARIES.items() if canary in text} == {"three", "four"}
            assert {word for word, dispute in made.items() if dispute.reference in text} == {"three", "four"}
        assert 'href="/register/"' in read(user, "/").text
    for words in ("quillfeather", "rook", made["one"].reference):
        response = read(cast.board_manager, post={"words": words})
        assert adults(response) == []
        assert "No dispute of the register fits" in response.text


def test_a_deputy_reads_it_but_nothing_of_their_own_agency(cast, read):
    deputy = person("deputy", "Dora Deputy", (Role.LEAD, cast.trust))
    at_stage(cast, 3, adult_name=CANARIES["three"])
    at_stage(cast, 3, adult_name=CANARIES["four"], concerned_agencies=[cast.trust])
    assert read(deputy).status_code == 404
    own.name_deputy(by=cast.board_manager, deputy=deputy, at=AT, starts_at=AT, ends_at=AT + DAY)

    assert adults(read(deputy, at=AT + HOUR)) == [CANARIES["three"]]
    text = whole(read(deputy, "/register.csv", at=AT + HOUR))
    assert [CANARIES[word] in text for word in ("three", "four")] == [True, False]
    assert read(deputy, at=AT + 2 * DAY).status_code == 404


def test_an_empty_register_says_so(cast, read):
    text = read(cast.board_manager).text

    assert "No dispute has reached stage three yet" in text
    assert "Download" not in text
    assert "0 disputes" in text


# What is shown


def test_a_row_says_where_it_stands(cast, read):
    """R28: whether the Independent Chair is informed stands in every row."""
    told = at_stage(cast, 3, adult_name="Ada Told", category="capacity", urgency="urgent")
    actions.inform_chair(dispute=told, by=cast.board_manager, at=AT - DAY)
    at_stage(cast, 4, adult_name="Ben Untold")

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(read(cast.board_manager).text)))

    assert re.search(r"Ada Told [\d-]{9} Three Adult Social Care with Rother Valley Hospital Mental capacity", text)
    assert "Wed 20 May Urgent 4 days left Informed Fri 22 May" in text
    assert "Ben Untold" in text
    assert "Not yet informed" in text


FILTERS = [
    ("", "abcdef"), ("state=open", "abc"), ("open=1", "abc"), ("past_target=1&open=1", "a"), ("state=past", "a"),
        ("state=ended", "def"), ("stage=4", "bf"), ("stage=3&open=1", "ac"), ("category=capacity", "c"),
        ("urgency=urgent&open=1", "b"), ("outcome=clarified", "d"), ("chair=not_informed&state=open", "ac"),
        ("raised_from=2026-05-10", "bc"), ("raised_to=2026-05-09", "adef"), ("ended_from=2026-05-02", "ef"),
        ("ended_from=2026-05-02&ended_to=2026-05-02", "e"), ("ended_to=2026-05-01", "d"),
        ("stage=4&ended_from=2026-01-01&ended_to=2026-12-31", "f"), ("words=zzz", "abcdef"),
]  # fmt: skip


def test_filters(cast, read):
    """As the form has them, and as the dashboard does."""
    days = {"a": 1, "b": 18, "c": 19, "d": 1, "e": 1, "f": 1}
    disputes = bulk.write(
        [row(cast, 0, raised_at=datetime(2026, 5, day, 9, tzinfo=UTC)) for day in days.values()],
        cast.council_practitioner,
    )
    changes = {
        "a": {}, "b": {"stage": 4, "urgency": "urgent"}, "c": {"category": "capacity"}, "d": {"outcome": "clarified"},
        "e": {"outcome": "resolved"}, "f": {"outcome": "resolved", "stage": 4},
    }  # fmt: skip
    for number, (name, dispute) in enumerate(zip(days, disputes, strict=True)):
        ended_at = datetime(2026, 5, number - 2, 22, tzinfo=UTC) if "outcome" in changes[name] else None
        target_at = dispute.raised_at + 7 * DAY
        Dispute.objects.filter(pk=dispute.pk).update(
            adult_name=name, ended_at=ended_at, target_at=target_at, **changes[name]
        )
    b = Dispute.objects.get(adult_name="b")
    b.board_acts.create(kind="chair_informed", by=cast.board_manager, done_at=AT, recorded_at=AT)

    for query, expected in FILTERS:
        response = read(cast.board_manager, f"{PAGE}?{query}")
        assert (query, "".join(sorted(adults(response)))) == (query, expected)
        assert response.context["page"].total == len(expected)


def test_an_agency_and_a_name(cast, read):
    """R44: what is searched for stands in no address."""
    at_stage(cast, 3, adult_name="Zoë O’Shea", concerned_agencies=[cast.trust])
    at_stage(cast, 3, adult_name="Ann Other")

    assert adults(read(cast.board_manager, f"{PAGE}?agency={cast.trust.pk}")) == ["Zoë O’Shea"]
    response = read(cast.board_manager, post={"words": "o'shea zoe", "state": "open", "raised_from": "2026-05-01"})
    assert adults(response) == ["Zoë O’Shea"]
    assert re.fullmatch(r"/register/\?s=[\w-]{16}", response.redirect_chain[0][0])
    assert "shea" not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', response.text)).lower()
    assert Search.objects.get().words["raised_from"] == "2026-05-01"
    assert read(cast.chair, response.redirect_chain[0][0]).status_code == 404


def test_a_wrong_filter_is_said_and_gives_no_file(cast, read):
    at_stage(cast, 3)
    for query in (
        "stage=2", "stage=x", "agency=999999999999999999999", "raised_from=soon", "raised_to=9999-12-31",
        "ended_to=0001-01-01", "outcome=%00", "state=%27--", "chair=x",
    ):  # fmt: skip
        response = read(cast.board_manager, f"{PAGE}?{query}")
        assert response.status_code == 200
        assert "There is a problem" in response.text
        assert read(cast.board_manager, f"/register.csv?{query}").status_code == 404


# Pages


def walked(register, size):
    """The ids page by page, forwards; and again backwards from the last."""
    forwards, after = [], ""
    while True:
        page = register.page(after=after, size=size)
        forwards.append([each.pk for each in page.rows])
        if not page.after:
            break
        after = page.after
    backwards, page = [], register.page(is_last=True, size=size)
    while True:
        backwards.insert(0, [each.pk for each in page.rows])
        if not page.before:
            break
        page = register.page(before=page.before, size=size)
    return forwards, backwards


def test_every_row_stands_on_one_page_also_where_times_are_equal(cast):
    """In each order, open and ended, with ties over the edges of pages."""
    rows = [row(cast, place // 5) for place in range(17)]
    rows += [row(cast, place, ended_at=RAISED - DAY * (place // 4), outcome="resolved") for place in range(14)]
    made = bulk.write(rows, cast.council_practitioner)
    user = User.objects.get(pk=cast.board_manager.pk)

    keys = {
        "time": lambda d: (0, d.target_at, d.pk) if d.is_open else (1, -d.ended_at.timestamp(), -d.pk),
        "-time": lambda d: (0, -d.target_at.timestamp(), -d.pk) if d.is_open else (1, -d.ended_at.timestamp(), -d.pk),
        "raised": lambda d: (d.raised_at, d.pk),
        "-raised": lambda d: (-d.raised_at.timestamp(), -d.pk),
        "ended": lambda d: (1, d.target_at, d.pk) if d.is_open else (0, d.ended_at, d.pk),
        "-ended": lambda d: (1, d.target_at, d.pk) if d.is_open else (0, -d.ended_at.timestamp(), -d.pk),
    }
    by_pk = {each.pk: each for each in made}
    for sort in SORTS:
        register = Register(user, {}, AT, sort)
        forwards, backwards = walked(register, 4)
        flat = [pk for page in forwards for pk in page]
        assert sorted(flat) == sorted(by_pk)
        assert [len(page) for page in forwards] == [4] * 7 + [3]
        # Back at the start, the first page is shown whole
        assert backwards[0] == forwards[0]
        assert [pk for page in backwards[1:] for pk in page] == flat[3:]
        assert [each.pk for batch in register.batches(4, ["target_at", "ended_at"]) for each in batch] == flat
        keyed = [keys[sort](by_pk[pk]) for pk in flat]
        assert keyed == sorted(keyed)


def test_pages_while_rows_are_added(cast):
    """What comes in before the present place moves nothing from one page to another."""
    made = bulk.write([row(cast, place) for place in range(9)], cast.council_practitioner)
    user = User.objects.get(pk=cast.board_manager.pk)
    register = Register(user, {}, AT)
    first = register.page(size=3)
    bulk.write([row(cast, -5), row(cast, -4)], cast.council_practitioner)

    second = register.page(after=first.after, size=3)
    assert [each.pk for each in second.rows] == [each.pk for each in made[3:6]]
    back = register.page(before=second.before, size=3)
    assert [each.pk for each in back.rows] == [each.pk for each in made[:3]]
    assert back.before
    start = register.page(before=back.before, size=3)  # two rows only stand there: the first page, whole
    assert [each.raised_at for each in start.rows] == [row(cast, place)["raised_at"] for place in (-5, -4, 0)]


def test_an_address_that_names_no_place_begins_at_the_start(cast, read):
    bulk.write([row(cast, place, stage=3) for place in range(3)], cast.council_practitioner, adult_name="A")

    for junk in ("x", "%00", "A" * 5000, "MC4xLjE", "OS4xLjE", "MC45OTk5OTk5OTk5OTk5OTk5OTk5LjE", "é", "===="):
        for way in ("after", "before"):
            assert adults(read(cast.board_manager, f"{PAGE}?{way}={junk}")) == ["A"] * 3


def test_the_links_of_the_pages(cast, read, monkeypatch):
    bulk.write([row(cast, place) for place in range(120)], cast.council_practitioner)

    response = read(cast.board_manager, f"{PAGE}?state=open&sort=raised")
    assert "120 disputes" in response.text
    links = dict(re.findall(r'href="([^"]*)" rel="(\w+)"', response.text))
    links = {rel: unescape(href) for href, rel in links.items()}
    assert set(links) == {"next", "last"}
    last = read(cast.board_manager, links["last"])
    assert set(re.findall(r'rel="(first|prev|next|last)"', last.text)) == {"first", "prev"}
    assert len(adults(last)) == 50
    assert "sort=raised" in links["next"]
    assert "state=open" in links["next"]
    assert 'aria-sort="ascending"><a class="govuk-link" href="/register/?state=open&amp;sort=-raised">' in response.text
    monkeypatch.setattr("escalation.register.COUNTED", 100)
    assert read(cast.board_manager).context["page"].is_more


# Views


def test_views_are_saved_opened_and_deleted(cast, read):
    at_stage(cast, 3)
    response = read(cast.board_manager, "/register/views/new/?stage=3&state=open", post={"name": "Mine <b>"})
    assert response.redirect_chain[-1][0] == "/register/?state=open&stage=3"
    assert "Mine &lt;b&gt;" in response.text
    view = SavedView.objects.get()
    assert (view.person, view.filters) == (cast.board_manager, {"state": "open", "stage": "3"})
    assert "Delete this view" in response.text
    assert "Delete this view" not in read(cast.board_manager).text
    assert "Mine" not in read(cast.chair).text
    assert read(cast.chair, f"/register/views/{view.pk}/delete/", post={}).status_code == 404

    again = read(cast.board_manager, "/register/views/new/?stage=4", post={"name": "Mine <b>"})
    assert [each.filters for each in SavedView.objects.all()] == [{"stage": "4"}]
    assert again.status_code == 200
    assert "Give the view a name" in read(cast.board_manager, "/register/views/new/?stage=4", post={"name": " "}).text
    read(cast.board_manager, f"/register/views/{view.pk}/delete/", post={})
    assert not SavedView.objects.exists()


def test_a_view_keeps_no_words(cast, read):
    at_stage(cast, 3, adult_name="Ada Thistle")
    found = read(cast.board_manager, post={"words": "thistle", "stage": "3"})
    save = found.context["save"]
    assert "The words that you searched for are not kept." in read(cast.board_manager, save).text

    read(cast.board_manager, save, post={"name": "Stage three"})

    assert SavedView.objects.get().filters == {"stage": "3"}


def test_views_that_everybody_has(cast, read):
    text = unescape(read(cast.board_manager, f"{PAGE}?state=open&chair=not_informed").text)

    for href in ("state=open", "state=past", "ended_from=2026-01-01&ended_to=2026-12-31"):
        assert f'href="/register/?{href}"' in text
    assert 'href="/register/?state=open&chair=not_informed" aria-current="true"' in text


# The cost


def test_a_page_costs_the_same_however_many(cast, read, client, django_assert_num_queries):
    """Session and person; then standing, navigation, agencies with views, rows with count, what is around them."""
    Agency.objects.create(name="Another")
    read(cast.board_manager)
    for more in (1, 2, 297):
        ended = row(cast, 0, ended_at=RAISED, outcome="resolved")
        bulk.write([row(cast, 0), ended] * more, cast.council_practitioner)
        for query in ("state=open", "state=ended", "sort=-raised", "state=open&sort=-time&last=1"):
            with django_assert_num_queries(2 + 5):
                client.get(f"{PAGE}?{query}")


# The same name


def test_a_repeated_name_is_marked_and_leads_to_those_that_have_it(cast, read):
    """The Board Manager sees the repeated name among disputes she may see, whatever its accents; R44: no others."""
    for stage, name in ((3, "Zoë O’Shea"), (4, "ZOE  O'SHEA"), (2, "Zoe O’Shea"), (3, "Zoë Shea"), (3, "Ann & Other")):
        at_stage(cast, stage, adult_name=name)

    response = read(cast.board_manager)
    same = {row.adult: row.dispute.same_name for row in response.context["rows"]}
    assert same == {"Zoë O’Shea": 1, "ZOE  O'SHEA": 1, "Zoë Shea": 0, "Ann & Other": 0}
    assert response.text.count("1 other dispute with this name") == 2
    assert "shea" not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', response.text)).lower()
    words = re.search(r'name="words" value="(Zo[^"]*)"><button', response.text)[1]
    found = read(cast.board_manager, post={"words": unescape(words)})
    assert sorted(adults(found)) == ["ZOE  O'SHEA", "Zoë O’Shea"]


def test_a_name_that_many_have_is_counted_to_a_bound(cast, read):
    made = bulk.write([row(cast, place) for place in range(25)], cast.council_practitioner, adult_name="Not known")
    for dispute in made:
        names.index(dispute)

    response = read(cast.board_manager)
    assert {row.dispute.same_name for row in response.context["rows"]} == {21}
    assert response.text.count("More than 20 other disputes with this name") == 25


def test_who_stands_in_for_the_board_counts_none_of_the_own_agency(cast, read):
    """R44: a deputy sees nothing that concerns the deputy's own agency, and no number of it."""
    deputy = person("deputy", "Dora Deputy", (Role.LEAD, cast.trust))
    at_stage(cast, 3, adult_name="Ada Thistle", concerned_agencies=[cast.trust])
    elsewhere = at_stage(cast, 3, adult_name="Ada Thistle")
    own.name_deputy(by=cast.board_manager, deputy=deputy, at=AT, starts_at=AT, ends_at=AT + DAY)

    rows = read(deputy, at=AT + HOUR).context["rows"]
    assert [(row.dispute.reference, row.dispute.same_name) for row in rows] == [(elsewhere.reference, 0)]
    assert {row.dispute.same_name for row in read(cast.board_manager).context["rows"]} == {1}
