"""Raising a dispute page by page: the whole way, what is offered when, and who may raise for whom."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, Membership, Role
from escalation import deadlines
from escalation.forms.raising import PAGES
from escalation.models import Dispute, Draft, Representative, Side, Sight
from escalation.moments import in_london
from tests.cast import person, raise_dispute
from tests.escalation.raise_pages import KEY, NOT_HELD, STATEMENTS, at, boxes, for_another, page

# The whole way


def test_the_shortest_way_is_four_pages_and_a_button(cast, raiser, required, send):
    """R1, R3, R9, R41: any worker raises, at once, with few answers."""
    addresses = [send(pages=[name]).url for name in required]
    assert addresses == [page("statements"), page("talk"), page("safety"), page("kind")]

    response = raiser.post(page("kind"), {"raise_now": "1"})

    assert response.url == at("raise_done")
    dispute = Dispute.objects.get()
    assert (dispute.adult_name, dispute.raised_by, dispute.raising_agency, dispute.stage) == (
        "Joan Pickersgill",
        cast.council_practitioner,
        cast.council,
        1,
    )
    assert (dispute.problem, dispute.disagreement, dispute.aim) == tuple(STATEMENTS.values())
    assert (dispute.was_discussed, dispute.not_discussed_why) == (False, NOT_HELD["not_discussed_why"])
    assert (dispute.safety, dispute.safety_detail) == ("in_place", "She stays on the ward.")
    assert [(p.agency, p.side) for p in dispute.parties.all()] == [
        (cast.council, Side.RAISING),
        (cast.hospital, Side.DISPUTED),
    ]
    done = raiser.get(response.url)
    assert dispute.reference in done.text
    assert reverse("dispute", kwargs={"reference": dispute.reference}) in done.text
    assert "999" in done.text


def test_the_full_way_records_every_answer(cast, raiser, send):
    """R2, R5, R6, R8 to R10, R38, R40, R46, R47: all that may be said at raising is kept."""
    now = timezone.now()
    talked_at, assessed_on = now - timedelta(hours=3), (now - timedelta(days=2)).date()
    needed_on = (in_london(now) + timedelta(days=3)).date()
    earlier = raise_dispute(cast)
    talk = {
        "was_discussed": "yes",
        "discussed_with": "Beth Ogden, discharge coordinator",
        "discussed_by": "Aisha Rahman",
        "discussed_result": "The plan stands.",
        "suggested": cast.hospital_practitioner.pk,
        **boxes("discussed_at", talked_at),
    }
    send({"talk": talk})
    optional = {
        "kind": {
            "category": "capacity",
            "capacity_decision": "Where to live",
            "capacity_assessed_by": "Dr Hale",
            "capacity_result": "Not assessed on the ward",
            "came_to_light": ["read", "adult"],
            # Belongs under another category: set aside
            "desired_outcome_achieved": "no",
            **boxes("capacity_assessed_on", assessed_on),
        },
        "impact": {
            "impact": "Another fall at night.",
            "urgency": "urgent",
            "needed_by_reason": "Discharge is planned.",
            **boxes("needed_by_on", needed_on),
        },
        "views": {
            "adult_views": "She wants to go home.",
            "adult_views_why": "She asked to be heard.",
            "adult_told": "objects",
            "adult_objection": "She wants no fuss.",
            "adult_whereabouts": "Ward A2",
            "speaks_for_adult": "Sheila, daughter",
            "section_42_reference": "S42-17",
            "provider_concerns": "no",
            "adult_born_on-day": "22",
            "adult_born_on-month": "11",
            "adult_born_on-year": "1943",
        },
        "others": {
            "concerned_agencies": [cast.trust.pk, cast.police.pk],
            "supporter": cast.council_manager.pk,
            "continues": earlier.reference.replace("-", " "),
        },
    }
    for name, answers in optional.items():
        response = raiser.post(page(name), answers)
    assert response.url == at("raise_check")
    check = raiser.get(response.url)
    for words in ("Where to live", "Read, Told by the adult", "22 November 1943", "Council Manager", "Ward A2"):
        assert words in check.text

    assert raiser.post(at("raise_check")).url == at("raise_done")

    dispute = Dispute.objects.exclude(pk=earlier.pk).get()
    expected = {name: value for page_ in optional.values() for name, value in page_.items() if isinstance(value, str)}
    for name, value in expected.items():
        if name not in ("desired_outcome_achieved", "continues") and not name.startswith("adult_born_on"):
            assert getattr(dispute, name) == value, name
    assert dispute.desired_outcome_achieved == ""
    assert dispute.came_to_light == ["read", "adult"]
    assert (dispute.needed_by_on, dispute.capacity_assessed_on) == (needed_on, assessed_on)
    assert dispute.discussed_at == talked_at.replace(second=0, microsecond=0)
    assert (dispute.discussed_with, dispute.continues) == ("Beth Ogden, discharge coordinator", earlier)
    assert {p.agency for p in dispute.parties.all() if p.side == Side.CONCERNED} == {cast.trust, cast.police}
    assert Representative.objects.get(dispute=dispute).person == cast.hospital_practitioner
    assert dispute.supporter == cast.council_manager
    assert Sight.objects.filter(dispute=dispute, person=cast.council_manager).exists()


def test_change_links_return_to_the_check_page(raiser, send):
    send()
    check = raiser.get(at("raise_check"))
    assert f'href="{page("statements")}?check=1#id_aim"' in check.text
    assert f'action="{page("statements")}?check=1"' in raiser.get(page("statements", query="?check=1")).text

    response = raiser.post(page("statements", query="?check=1"), {**STATEMENTS, "aim": "Wait until Monday."})

    assert response.url == at("raise_check")
    assert "Wait until Monday." in raiser.get(response.url).text


def test_raise_it_now_is_offered_once_all_that_is_required_is_there(raiser, required, send):
    """rules.md, Writing: on every further page."""
    send()

    offers = {name: 'name="raise_now"' in raiser.get(page(name)).text for name in PAGES}

    assert offers == {name: name not in required for name in PAGES}


def test_raise_it_now_takes_what_stands_on_its_page(raiser, send):
    send()

    raiser.post(page("impact"), {"impact": "A fall.", "raise_now": "1"})

    assert Dispute.objects.get().impact == "A fall."


def test_raise_it_now_is_refused_while_its_page_has_a_fault(raiser, send):
    send()

    response = raiser.post(page("impact"), {"needed_by_on-day": "31", "raise_now": "1"})

    assert response.status_code == 200
    assert "There is a problem" in response.text
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(
    ("answer", "words"),
    [("nothing", "nothing is in place to keep"), ("unknown", "you do not know what keeps")],
)
def test_telephone_numbers_come_first_where_nothing_keeps_the_adult_safe(raiser, send, settings, answer, words):
    """R37: these are answers, and do not stop anyone; the numbers stand before the heading."""
    response = send({"safety": {"safety": answer, "safety_detail": ""}})

    text = raiser.get(response.url).text
    assert words in text
    assert text.index(words) < text.index("<h1") < text.index("<form", text.index("<main"))
    main = text[text.index("<main") : text.index("<h1")]
    assert "999" in main
    assert settings.SAFEGUARDING_TEAM_PHONE in main
    assert words in raiser.get(at("raise_check")).text


def test_signposts_stand_on_the_first_page_and_on_the_check_page(raiser, send):
    """R46."""
    send()

    for text in (raiser.get(reverse("raise_dispute")).text, raiser.get(at("raise_check")).text):
        for words in (
            "position of trust",
            "under 18",
            "complaint",
            "whistleblowing",
            "funding",
            "consent is not needed",
        ):
            assert words in text


def test_a_date_of_birth_under_18_points_to_the_other_procedure(raiser, send):
    send()
    born = in_london(timezone.now()) - timedelta(days=16 * 366)
    raiser.post(page("views"), boxes("adult_born_on", born.date()))

    assert "under 18" in raiser.get(at("raise_check")).text.replace("Somebody under 18", "")


@pytest.mark.parametrize(("days", "refused"), [(-1, "today or later"), (0, ""), (6, ""), (8, "before the target")])
def test_a_needed_by_date_is_before_the_target_and_not_gone(raiser, send, days, refused):
    """R4: shorter than the target, and to come."""
    send()
    needed_on = in_london(timezone.now()).date() + timedelta(days=days)

    response = raiser.post(page("impact"), {**boxes("needed_by_on", needed_on), "needed_by_reason": "Discharge."})

    assert response.status_code == (200 if refused else 302)
    assert refused in response.text


def test_a_needed_by_date_has_its_reason(raiser, send):
    send()
    tomorrow = in_london(timezone.now()).date() + timedelta(days=1)

    assert "Say why it is needed by then" in raiser.post(page("impact"), boxes("needed_by_on", tomorrow)).text


# Who may raise, and for whom


@pytest.mark.parametrize("who", ["board_manager", "chair", "administrator"])
def test_who_belongs_to_no_agency_is_told_kindly(cast, client, who):
    client.force_login(getattr(cast, who))

    responses = [client.get(reverse("raise_dispute")), client.get(page("adult")), client.post(page("adult"), {})]

    assert [response.status_code for response in responses] == [403, 403, 403]
    assert "whoever has an account there can raise it" in responses[0].text
    assert not Draft.objects.exists()


@pytest.mark.parametrize("role", ["practitioner", "manager", "lead"])
def test_any_role_of_an_agency_raises(cast, client, role):
    """R1."""
    client.force_login(getattr(cast, f"trust_{role}"))

    assert client.get(reverse("raise_dispute")).status_code == 200


def test_a_person_of_two_agencies_says_for_which(cast, raiser, send):
    Membership.objects.create(user=cast.council_practitioner, agency=cast.trust, role=Role.PRACTITIONER)

    refused = send({"adult": {"raised_for": ""}}, pages=["adult"])
    assert "Say who raises it" in refused.text

    send({"adult": {"raised_for": cast.trust.pk}})
    raiser.post(at("raise_check"))
    assert Dispute.objects.get().raising_agency == cast.trust


def test_a_disagreement_inside_one_agency_is_sent_home_kindly(cast, send):
    response = send({"adult": {"disputed_agency": cast.council.pk}}, pages=["adult"])

    assert "belongs to its own procedure" in response.text


def test_raising_for_somebody_without_an_account(cast, raiser, send):
    """R45: who asked, how, when; the clock starts then, and the agency may be one the raiser does not belong to."""
    asked_at = timezone.now() - timedelta(days=2)

    # Even about one's own agency: it is somebody else's dispute
    send({"adult": for_another(cast, asked_at, disputed_agency=cast.council.pk)})
    raiser.post(at("raise_check"))

    dispute = Dispute.objects.get()
    assert (dispute.raising_agency, dispute.raised_by) == (cast.trust, cast.council_practitioner)
    assert (dispute.for_name, dispute.for_job_title, dispute.for_how) == ("Dana Whitlock", "Care worker", "telephone")
    assert dispute.raised_at == asked_at.replace(second=0, microsecond=0)
    assert dispute.entered_at > asked_at + timedelta(days=1)
    assert dispute.target_at == deadlines.target(dispute.raised_at)
    assert "when Dana Whitlock asked you" in raiser.get(at("raise_done")).text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (timedelta(hours=2), "must not be later than now"),
        (timedelta(days=-400), "must be within the last year"),
    ],
)
def test_when_somebody_asked_is_neither_to_come_nor_long_past(cast, send, asked, message):
    response = send({"adult": for_another(cast, timezone.now() + asked)}, pages=["adult"])

    assert message in response.text


def test_raising_for_another_asks_who_how_and_when(cast, send):
    response = send({"adult": {"raised_for": "another"}}, pages=["adult"])

    for message in (
        "Give the name of whoever asked you",
        "Choose the agency of whoever asked you",
        "Say how they asked you",
        "Give the day and time they asked you",
    ):
        assert message in response.text


# Pages hold their number of queries: session, person, standing, what is unread, draft; what they offer


def more_people(cast, rows):
    """More agencies, and more people in those concerned, than the cast has."""
    for number in range(rows):
        agency = Agency.objects.create(name=f"Charity {number}")
        person(
            f"more{number}",
            f"Person {number}",
            *((Role.PRACTITIONER, a) for a in (cast.council, cast.hospital, agency)),
        )


QUERIES = {"adult": 8, "statements": 6, "talk": 7, "safety": 6, "kind": 6, "impact": 6, "views": 6, "others": 8}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_holds_its_number_of_queries(cast, raiser, send, django_assert_num_queries, name, rows):
    send()
    more_people(cast, rows)

    with django_assert_num_queries(QUERIES[name]):
        raiser.get(page(name))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_first_and_the_check_page_hold_their_number_of_queries(cast, raiser, send, django_assert_num_queries, rows):
    send()
    more_people(cast, rows)
    for number in range(rows):
        raiser.post(page("adult", f"{KEY}{number}"), {"adult_name": "Other"})

    with django_assert_num_queries(7):
        raiser.get(reverse("raise_dispute"))
    with django_assert_num_queries(7):
        raiser.get(at("raise_check"))
