"""The list of disputes page by page: nothing is lost or stands twice, nothing hidden comes in (R29, R44)."""

import itertools
import operator
import random
import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from agencies.models import Membership, Role, Team, User
from escalation import listing, names, written
from escalation.filters import wanted
from escalation.models import Dispute, NameWord, Sight
from escalation.paging import OPEN_FIRST, Paged
from escalation.register import LATEST, SORTS
from tests import bulk
from tests.cast import RAISED, person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AT = RAISED + timedelta(days=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def row(raising, disputed, place, **changes):
    """Five in a row have one target, and four of those that ended one end."""
    raised_at = RAISED - 40 * DAY + HOUR * (place // 5)
    row = {"raising_agency": raising, "disputed_agency": disputed, "raised_at": raised_at, "stage": 1 + place % 4}
    row |= {"target_at": raised_at + 7 * DAY, "ended_at": None, "outcome": ""}
    if place % 3 == 0:
        row |= {"ended_at": RAISED - DAY * (place // 12), "outcome": "resolved"}
    return row | changes


@pytest.fixture
def many(cast):
    """Disputes between every two of four agencies; some of them seen by persons, for one reason or for two."""
    draw = random.Random(5)
    agencies = [cast.council, cast.hospital, cast.police, cast.trust]
    pairs = [draw.sample(agencies, 2) for _ in range(60)]
    made = bulk.write([row(*pair, place) for place, pair in enumerate(pairs)], cast.council_practitioner)
    sights = [
        Sight(
            dispute=dispute,
            person=who,
            agency=agency,
            why=why,
            since=RAISED - 50 * DAY,
            until=until,
            is_of_party=agency in pairs[place] and draw.random() < 0.7,
        )  # fmt: skip
        for place, dispute in enumerate(made)
        for who, agency, why in (
            (cast.council_practitioner, cast.council, "raised"),
            (cast.council_practitioner, cast.council, "acted"),
            (cast.council_lead, cast.council, "named"),
            (cast.board_manager, None, "copy"),
        )
        for until in [draw.choice([None, None, RAISED, AT + DAY])]
        if draw.random() < 0.4
    ]
    Sight.objects.bulk_create(sights)
    return cast


def fresh(user):
    return User.objects.get(pk=user.pk)


def walked(paged, size):
    """The ids page by page, forwards; and again backwards from the last."""
    forwards, page = [], paged.page(size=size)
    while True:
        forwards.append([each.pk for each in page.rows])
        if not page.after:
            break
        page = paged.page(after=page.after, size=size)
    backwards, page = [], paged.page(is_last=True, size=size)
    while True:
        backwards.insert(0, [each.pk for each in page.rows])
        if not page.before:
            break
        page = paged.page(before=page.before, size=size)
    return forwards, backwards


def in_order(disputes):
    """Open first, the nearest target first; then the latest end; slowly and plainly."""
    ends = sorted((each for each in disputes if each.ended_at), key=lambda each: (each.ended_at, each.pk), reverse=True)
    return [
        each.pk for each in [*sorted((d for d in disputes if not d.ended_at), key=lambda d: (d.target_at, d.pk)), *ends]
    ]


def readers(cast):
    """Whoever sees by one reason or by several: by name, as lead, as manager of a team, for the Board, by cover."""
    team = Team.objects.create(agency=cast.council, name="North")
    Membership.objects.filter(user=cast.council_practitioner).update(team=team)
    Membership.objects.filter(user=cast.council_manager).update(team=team)
    both = person("both", "Leads and is of the Board", (Role.LEAD, cast.police), (Role.BOARD_MANAGER, None))
    people = (
        cast.council_practitioner, cast.council_manager, cast.council_lead, cast.board_manager, cast.chair, both,
        cast.administrator,
    )  # fmt: skip
    return [fresh(each) for each in people]


def test_every_page_of_what_each_person_sees(many):
    """R44: page by page it is what the one door lets through, each once, in its order, from either end."""
    for user in readers(many):
        seen = Dispute.objects.visible_to(user, AT)
        apart = Dispute.objects.visible_apart(user, AT)
        expected = in_order(list(seen))
        for paged in (listing.paged(user, AT), Paged(apart, OPEN_FIRST, listing.shown)):
            forwards, backwards = walked(paged, 7)
            assert [pk for page in forwards for pk in page] == expected, user
            assert backwards[-1] == expected[-7:], user
            # Back at the start, the first page is shown whole
            assert backwards[0] == expected[:7], user
            assert [pk for page in backwards[1:] for pk in page] == expected[len(expected) - 7 * (len(backwards) - 1) :]


CATEGORIES, WROTE = ("delay", "threshold", ""), ("Catheter", "Wheelchair and catheter", "Nothing")
FILTERS = [
    {"stage": "3"}, {"category": "delay"}, {"agency": "hospital"}, {"words": "finch"}, {"words": "jo-ann"},
    {"written": "cathe"}, {"written": "cathe wheelchair"}, {"words": "1000-00"}, {"words": "!"}, {"written": "zebra"},
    {"state": "past", "agency": "police", "words": "rook"}, {"state": "ended", "written": "wheel", "category": "delay"},
]  # fmt: skip


def lets_through(filters, dispute, word, text):
    """What the filters mean, plainly."""
    state, agency = filters.get("state"), filters.get("agency")
    is_open = dispute.ended_at is None
    return (
        {"past": is_open and dispute.target_at < AT, "ended": not is_open}.get(state, True)
        and (not agency or any(str(party.agency_id) == agency for party in dispute.parties.all()))
        and filters.get("stage", str(dispute.stage)) == str(dispute.stage)
        and filters.get("category", dispute.category) == dispute.category
        and (not word or word in dispute.adult_name or word in dispute.reference)
        and all(part in text.lower() for part in filters.get("written", "").split())
    )


@pytest.mark.parametrize("rare", [-1, 1])
def test_what_filters_and_words_leave_is_what_they_mean(many, monkeypatch, rare):
    """R44: of what each person sees, in either order, whether words are taken for rare ones or for common ones."""
    monkeypatch.setattr(written, "RARE", rare)
    disputes, texts = list(Dispute.objects.prefetch_related("parties").order_by("pk")), {}
    for place, dispute in enumerate(disputes):
        dispute.adult_name = ("Ada Finch", "Bea Rook", "Jo-Ann Rook-Finch")[place // 2 % 3]
        dispute.category, dispute.reference = CATEGORIES[place // 3 % 3], f"{1000 + place % 2}-{place:04}"
        dispute.problem = texts[dispute.pk] = WROTE[place % 3]
        written.keep("raised", dispute.pk, dispute)
    Dispute.objects.bulk_update(disputes, ["adult_name", "category", "reference", "problem"])
    NameWord.objects.bulk_create([word for dispute in disputes for word in names.words(dispute)])
    called = {"finch": "Finch", "rook": "Rook", "jo-ann": "Jo-Ann", "1000-00": "1000-00", "!": "nobody"}
    for user, filters in itertools.product(operator.itemgetter(0, 1, 2, 5)(readers(many)), FILTERS):
        filters = dict(filters)
        word = called[filters["words"]] if "words" in filters else ""
        if "agency" in filters:
            filters["agency"] = str(getattr(many, filters["agency"]).pk)
        seen = set(Dispute.objects.visible_to(user, AT).values_list("pk", flat=True))
        left = [d for d in disputes if d.pk in seen and lets_through(filters, d, word, texts[d.pk])]
        latest = [d.pk for d in sorted(left, key=lambda d: (d.raised_at, d.pk), reverse=True)]
        for parts, expected in ((OPEN_FIRST, in_order(left)), (SORTS[LATEST], latest)):
            forwards, _ = walked(listing.paged(user, AT, parts, wanted(filters)), 25)
            assert [pk for page in forwards for pk in page] == expected, (user, filters)


def test_a_place_that_names_nothing_begins_at_the_start(many, client, monkeypatch):
    """Whatever stands in an address: an answer, never a fault; the numbers of pages that were are passed over."""
    monkeypatch.setattr(timezone, "now", lambda: AT)
    client.force_login(many.council_lead)
    first = [each.dispute.pk for each in client.get("/disputes/").context["rows"]]

    for junk in ("", "x", "%00", "MC4xLjE%3D%3D", "%F0%9F%98%80", "9" * 500, "OS4xLjE", "LTEuMS4x", "MC4xLjA"):
        for way in ("after", "before"):
            response = client.get(f"/disputes/?{way}={junk}")
            assert response.status_code == 200
            assert [each.dispute.pk for each in response.context["rows"]] == first, junk
    assert [each.dispute.pk for each in client.get("/disputes/?page=7").context["rows"]] == first


def test_a_row_that_comes_in_moves_nothing_to_another_page(many):
    user = fresh(many.hospital_lead)
    paged = Paged(Dispute.objects.visible_apart(user, AT), OPEN_FIRST, listing.shown)
    first = paged.page(size=5)
    second = paged.page(after=first.after, size=5)
    bulk.write([row(many.hospital, many.police, -9, ended_at=None, outcome="")], many.council_practitioner)

    assert [d.pk for d in paged.page(after=first.after, size=5).rows] == [d.pk for d in second.rows]
    assert [d.pk for d in paged.page(before=second.before, size=5).rows] == [d.pk for d in first.rows]


@pytest.mark.parametrize("query", ["", "state=ended", "agency={}", "words"])
def test_no_page_shows_what_its_reader_may_not_see(many, client, monkeypatch, query):
    """R44, with canaries: each hidden dispute has a name of its own, looked for on every page, forwards and back."""
    monkeypatch.setattr(timezone, "now", lambda: AT)
    monkeypatch.setattr("escalation.views.listed.PAGE", 5)
    disputes = list(Dispute.objects.all())
    for dispute in disputes:
        dispute.adult_name = f"Canary Bird{dispute.pk}bird"
    Dispute.objects.bulk_update(disputes, ["adult_name"])
    NameWord.objects.bulk_create([word for dispute in disputes for word in names.words(dispute)])
    for user in (many.council_practitioner, many.council_lead, many.board_manager):
        user = fresh(user)
        hidden = set(Dispute.objects.values_list("pk", flat=True))
        hidden -= set(Dispute.objects.visible_to(user, AT).values_list("pk", flat=True))
        assert hidden
        client.force_login(user)
        page = f"/disputes/?{query.format(many.hospital.pk)}"
        if query == "words":
            page = client.post("/disputes/", {"words": "canary"})["Location"]
        for rel in ("next", "prev"):
            for _ in range(20):
                response = client.get(page)
                shown = {int(pk) for pk in re.findall(r"Bird(\d+)bird", response.text)}
                assert shown
                assert not shown & hidden
                link = re.search(rf'href="([^"]*)" rel="{rel}"', response.text)
                if not link:
                    break
                page = f"/disputes/{unescape(link[1])}"
