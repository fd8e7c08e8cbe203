"""Home, the list of disputes with its filters and search, and approvals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalation import actions, drafts
from escalation.models import Search
from tests import cast as casting

HOUR = timedelta(hours=1)
NOBODY = "Tomasz Ó’Wiśniewski"


def recently(cast, stage, hours=24, **changes):
    return casting.at_stage(cast, stage, timezone.now() - hours * HOUR, **changes)


def read(client, person, path="/"):
    client.force_login(person)
    response = client.get(path)
    return response, response.content.decode()


def adults(response):
    return [row.adult for row in response.context["rows"]]


# Home


def test_home_is_kind_when_it_is_empty(cast, client):
    _, text = read(client, cast.hospital_practitioner)

    assert "Nothing is waiting for you" in text
    assert "When to raise a dispute" in text


def test_home_of_the_administrator_shows_no_dispute(cast, client):
    """R44: administrators of accounts see no dispute, and no count of them."""
    recently(cast, 3)
    response, text = read(client, cast.administrator)

    assert (response.context["rows"], response.context["waits"], response.context["below"]) == ([], [], None)
    assert 'href="/people/"' in text


def test_home_of_the_board_counts_below_stage_three(cast, client):
    """R44: below stage three counts only."""
    hidden = recently(cast, 1, adult_name="Hidden Person")
    recently(cast, 3, adult_name="Shown Person")
    response, text = read(client, cast.board_manager)

    assert [(stage, count) for stage, _, count in response.context["below"]] == [("one", 1), ("two", 0)]
    assert "Shown Person" in text
    assert "Hidden Person" not in text
    assert hidden.reference not in text


def test_what_waits_is_in_order_of_urgency(cast, client):
    """Overdue duties first, then the urgent, then the nearest target or needed-by date."""
    now = timezone.now()
    soon = (now + timedelta(days=2)).date()
    names = {"Late": {}, "Urgent": {"urgency": "urgent"}, "Needed": {"needed_by_on": soon}, "Ordinary": {}}
    for name, changes in names.items():
        hours = 24 * 6 if name == "Late" else 24
        dispute = recently(cast, 1, hours=hours, adult_name=name, **changes)
        actions.ask_escalation(
            dispute=dispute, by=cast.council_practitioner, at=now - (120 * HOUR if name == "Late" else HOUR / 2),
            reason="Stuck.", **casting.SAFE,
        )  # fmt: skip
    # The way round an urgent request opens at once, so its answer is overdue at once
    response, text = read(client, cast.council_manager)
    waits = response.context["waits"]

    assert [wait.about.split(".")[0] for wait in waits] == ["Urgent", "Late", "Needed", "Ordinary"]
    assert [wait.is_overdue for wait in waits] == [True, True, False, False]
    assert waits[0].due.startswith("Urgent. Target ")
    assert "needed in 2 days" in text
    assert "Asked by Council Practitioner." in waits[0].about


def test_home_tells_of_what_was_begun(cast, client):
    drafts.keep(cast.council_practitioner, "raise", timezone.now(), {"adult_name": ["Somebody"]})
    _, text = read(client, cast.council_practitioner)

    assert "You began to raise a dispute and did not finish." in text


def test_approvals_hold_what_waits_for_me(cast, client):
    dispute = recently(cast, 1)
    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=timezone.now(), reason="Stuck.", **casting.SAFE
    )
    _, text = read(client, cast.council_manager, "/approvals/")
    _, other = read(client, cast.hospital_manager, "/approvals/")

    assert f'href="/disputes/{dispute.reference}/requests/{request.pk}/"' in text
    assert "Nothing is waiting for your approval" in other
    assert dispute.reference not in other


# The list


@pytest.fixture
def several(cast):
    """Disputes of one agency that differ in all that can be filtered."""
    recently(cast, 1, adult_name="Patricia Lowther", category="capacity", urgency="urgent", hours=48)
    recently(cast, 2, adult_name=NOBODY, category="delay", hours=30)
    recently(cast, 1, adult_name="Derek Bagshaw", concerned_agencies=[cast.trust], hours=24 * 9)
    ended = recently(cast, 1, adult_name="Irene Askew", hours=24 * 20)
    actions.clarify(dispute=ended, by=cast.council_practitioner, at=timezone.now() - HOUR, reason="Under way.")
    return cast


def search(client, **given):
    return client.post("/disputes/", given, follow=True)


def test_the_list_has_open_ones_first(several, client):
    response, _ = read(client, several.council_lead, "/disputes/")

    assert adults(response) == ["Derek Bagshaw", "Patricia Lowther", NOBODY, "Irene Askew"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"state": "open"}, ["Derek Bagshaw", "Patricia Lowther", NOBODY]),
        ({"state": "past"}, ["Derek Bagshaw"]),
        ({"state": "ended"}, ["Irene Askew"]),
        ({"stage": "2"}, [NOBODY]),
        ({"category": "capacity"}, ["Patricia Lowther"]),
        ({"urgency": "urgent", "state": "open"}, ["Patricia Lowther"]),
        ({"words": "wisn"}, [NOBODY]),
        ({"words": "o’wis TOM"}, [NOBODY]),
        ({"words": "lowther", "stage": "2"}, []),
        ({"words": "nobody"}, []),
    ],
)
def test_the_list_is_filtered_and_searched(several, client, given, found):
    client.force_login(several.council_lead)

    assert adults(search(client, **given)) == found


def test_the_list_is_filtered_by_agency(several, client):
    client.force_login(several.council_lead)

    assert adults(search(client, agency=several.trust.pk)) == ["Derek Bagshaw"]


@pytest.mark.parametrize("form", ["{0}-{1}", "{0}{1}", "{0} {1}", " {0} - {1} ", "{0}"])
def test_a_reference_is_found_however_it_is_typed(several, client, form):
    client.force_login(several.council_lead)
    dispute = several.council.raised.get(adult_name="Patricia Lowther")
    words = form.format(*dispute.reference.split("-"))

    assert "Patricia Lowther" in adults(search(client, words=words))


def test_no_name_stands_in_an_address(several, client):
    """design, "One door": what is searched for stands under an opaque key, and is the searcher's alone."""
    client.force_login(several.council_lead)
    response = client.post("/disputes/", {"words": "Lowther", "state": "open"})
    key = Search.objects.get().key

    assert response["Location"] == f"/disputes/?s={key}"
    assert adults(client.get(response["Location"])) == ["Patricia Lowther"]
    assert 'value="Lowther"' in client.get(response["Location"]).content.decode()
    assert client.get("/disputes/?words=Lowther").context["form"]["words"].value() in ("", None)
    client.force_login(several.council_practitioner)
    assert client.get(response["Location"]).status_code == 404


def test_filters_without_words_stand_in_the_address(several, client):
    client.force_login(several.council_lead)
    response = client.post("/disputes/", {"words": " ", "state": "open", "stage": "1"})

    assert response["Location"] == "/disputes/?state=open&stage=1"
    assert not Search.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"words": "x" * 5000},
        {"words": "\x00\u202e"},
        {"stage": "5"},
        {"agency": "999999999999999999999"},
        {"state": "open'--", "urgency": "\x00"},
    ],
)
def test_hostile_filters_are_answered(several, client, given):
    client.force_login(several.council_lead)

    assert search(client, **given).status_code == 200
    assert client.get("/disputes/", given).status_code == 200
    assert client.get("/disputes/", {"page": "99999999999999999999", "s": ""}).status_code == 200
    assert len(client.get("/disputes/", {"page": "9999"}).context["rows"]) == 4  # as addresses were: from the start


def test_pages_of_the_list(cast, client, monkeypatch):
    monkeypatch.setattr("escalation.views.listed.PAGE", 2)
    for number in range(3):
        recently(cast, 1, adult_name=f"Adult {number}", hours=24 - number)
    first, _ = read(client, cast.council_lead, "/disputes/?state=open")
    second = client.get(f"/disputes/{first.context['after']}")
    again = client.get(f"/disputes/{second.context['before']}")

    assert [adults(first), adults(second)] == [["Adult 0", "Adult 1"], ["Adult 2"]]
    assert adults(again) == adults(first)
    assert second.context["before"].startswith("?state=open&before=")
    assert second.context["after"] == again.context["before"] == ""


@pytest.mark.parametrize("number", [1, 3])
def test_statements_of_the_lists(cast, client, django_assert_num_queries, number):
    """The same number at one row and at three: two to sign in, one for who one is, and the rest for the page."""
    for n in range(number):
        dispute = recently(cast, 1, hours=24 + n)
        actions.ask_escalation(
            dispute=dispute, by=cast.council_practitioner, at=timezone.now(), reason="Stuck.", **casting.SAFE
        )
    client.force_login(cast.council_manager)
    found = client.post("/disputes/", {"words": "whitworth"})["Location"]

    with django_assert_num_queries(3 + 4):
        client.get(found)
    with django_assert_num_queries(3 + 8):
        client.get("/")
    with django_assert_num_queries(3 + 3):
        client.get("/approvals/")


@pytest.mark.parametrize(
    "path", ["/disputes/%00/", "/disputes/4729-183%00/records/blank.pdf", "/disputes/%ff/", "/disputes/?s=%00"]
)
def test_what_no_database_takes_is_not_found(cast, client, path):
    """PostgreSQL does not compare a NUL with anything: it falls over it."""
    response, _ = read(client, cast.council_practitioner, path)

    assert response.status_code == 404


def test_what_waits_after_an_end_comes_after_what_is_open(cast, client):
    """R29: the Board Manager's part in an ended dispute never hides one that goes on."""
    ended = recently(cast, 3, adult_name="Ended Early", hours=72)
    actions.withdraw(dispute=ended, by=cast.council_lead, at=timezone.now() - HOUR, reason="Moot.")
    recently(cast, 3, adult_name="Going On", hours=24)

    client.force_login(cast.board_manager)
    names = [wait.about.split(".")[0] for wait in client.get("/").context["waits"]]

    assert names == ["Going On", "Ended Early", "Ended Early"]
