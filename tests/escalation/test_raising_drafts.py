"""What is typed while raising is kept, seen by nobody else, and raised once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from escalation import drafts
from escalation.forms.raising import PAGES
from escalation.models import Dispute, Draft
from tests.escalation.raise_pages import at, page

# Drafts


def test_the_first_page_begins_no_draft_by_being_looked_at(raiser):
    response = raiser.get(reverse("raise_dispute"))

    assert response.status_code == 200
    assert "You have begun" not in response.text
    assert not Draft.objects.exists()


def test_a_draft_begun_is_offered_again(raiser, send):
    send(pages=["adult"])

    text = raiser.get(reverse("raise_dispute")).text

    assert "Joan Pickersgill" in text
    assert f'href="{page("statements")}"' in text


def test_a_draft_is_thrown_away_after_asking(raiser, send):
    send(pages=["adult"])

    assert "Joan Pickersgill" in raiser.get(at("raise_throw_away")).text
    assert Draft.objects.exists()
    assert raiser.post(at("raise_throw_away")).url == reverse("raise_dispute")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("buttons", [{}, {"later": "1"}], ids=["continue", "later"])
def test_every_page_keeps_what_was_typed_even_with_a_fault(raiser, send, buttons):
    """Kept before it is judged, and shown again as it was typed."""
    faulty = {
        "adult": ({"adult_name": "Canary-adult", "disputed_agency": "", "raised_for": ""}, "Canary-adult"),
        "statements": ({"problem": "Canary-problem", "disagreement": " ", "aim": ""}, "Canary-problem"),
        "talk": ({"was_discussed": "no", "not_discussed_why": " ", "suggested_name": "Canary-talk"}, "Canary-talk"),
        "safety": ({"safety": "", "safety_detail": "Canary-safe"}, "Canary-safe"),
    }
    optional = {
        "kind": ({"category": "Canary", "capacity_decision": "Canary-kind"}, "Canary-kind"),
        "impact": ({"impact": "Canary-impact", "needed_by_on-day": "99"}, "Canary-impact"),
        "views": ({"adult_views": "Canary-views", "adult_born_on-day": "x"}, "Canary-views"),
        "others": ({"supporter_name": "Canary-other", "continues": "1"}, "Canary-other"),
    }
    send()
    for name, (answers, canary) in {**optional, **dict(reversed(faulty.items()))}.items():
        response = raiser.post(page(name), {**answers, **buttons})
        if buttons:
            assert response.url == reverse("home")
        else:
            assert response.status_code == 200
            assert "There is a problem" in response.text
        assert canary in str(Draft.objects.get().data[name])
        if name not in faulty or name == "adult":
            assert canary in raiser.get(page(name)).text


def test_a_page_out_of_turn_leads_to_the_first_that_is_missing(raiser, send):
    send(pages=["adult"])

    assert raiser.get(page("impact")).url == page("statements")
    assert raiser.get(at("raise_check")).url == f"{page('statements')}?check=1"


def test_the_draft_of_another_does_not_exist(cast, raiser, send):
    send()
    raiser.force_login(cast.council_manager)

    answers = [
        *(raiser.get(page(name)) for name in PAGES),
        *(raiser.post(page(name), {"adult_name": "Mine"}) for name in PAGES),
        raiser.get(at("raise_check")),
        raiser.post(at("raise_check")),
        raiser.get(at("raise_done")),
        raiser.get(at("raise_throw_away")),
        raiser.post(at("raise_throw_away")),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Draft.objects.get().data["adult"]["adult_name"] == ["Joan Pickersgill"]
    assert not Dispute.objects.exists()


def test_a_page_that_is_none_does_not_exist(raiser):
    assert raiser.get(page("stage")).status_code == 404


@pytest.mark.parametrize("key", ["short", "k" * 25, "k" * 5000, "k" * 15 + "é", "k" * 15 + "%00"])
def test_an_address_with_a_key_that_is_none_does_not_exist(raiser, key):
    path = f"/disputes/new/{key}/adult/"

    assert [raiser.get(path).status_code, raiser.post(path, {"adult_name": "Joan"}).status_code] == [404, 404]


def test_drafts_of_other_forms_are_no_disputes_begun(cast, raiser):
    drafts.keep(cast.council_practitioner, "add_entry", timezone.now(), {"facts": ["x"]})

    assert "You have begun" not in raiser.get(reverse("raise_dispute")).text
    assert raiser.get(page("adult", Draft.objects.get().key)).status_code == 404


# Raised once


def test_a_second_click_raises_nothing_more(raiser, send):
    send()

    answers = [raiser.post(at("raise_check")) for _ in range(2)]
    answers += [raiser.post(page("kind"), {"raise_now": "1"}), raiser.post(page("adult"), {"adult_name": "Again"})]
    answers += [raiser.get(page("adult")), raiser.get(at("raise_check"))]

    assert [answer.url for answer in answers] == [at("raise_done")] * 6
    assert Dispute.objects.count() == 1
    assert Draft.objects.get().data == {}
    assert "You have begun" not in raiser.get(reverse("raise_dispute")).text


def test_everything_is_judged_again_at_the_end(cast, raiser, send):
    """An agency that has gone, a date that has passed: the check page says so, and nothing is raised."""
    send()
    raiser.post(page("impact"), {"impact": "A fall."})
    cast.hospital.is_active = False
    cast.hospital.save()

    response = raiser.post(at("raise_check"))

    assert not Dispute.objects.exists()
    shown = raiser.get(response.url, follow=True)
    assert "There is a problem" in shown.text
    assert "Choose one of the answers offered" in shown.text


def test_a_fault_on_an_optional_page_stands_on_the_check_page(raiser, send):
    send()
    raiser.post(page("impact"), {"needed_by_on-day": "31", "needed_by_on-month": "2", "needed_by_on-year": "2026"})

    check = raiser.get(at("raise_check"))

    assert "must be a real date" in check.text
    assert raiser.post(at("raise_check")).url == at("raise_check")
    assert "must be a real date" in raiser.get(page("impact", query="?check=1&again=1")).text
    assert not Dispute.objects.exists()


def test_extra_fields_change_nothing(cast, raiser, send):
    """Stage, owner, author: what no page asks, no page takes."""
    extra = {
        "stage": "4",
        "raised_by": cast.police_lead.pk,
        "raising_agency": cast.police.pk,
        "outcome": "resolved",
        "reference": "0000-0000",
        "dispute": "1",
        "target_at": "2000-01-01",
    }
    send(dict.fromkeys(("adult", "statements", "talk", "safety"), extra))
    raiser.post(page("kind"), {**extra, "raise_now": "1"})

    dispute = Dispute.objects.get()
    assert (dispute.stage, dispute.raised_by, dispute.raising_agency, dispute.outcome) == (
        1,
        cast.council_practitioner,
        cast.council,
        "",
    )
    assert dispute.reference != "0000-0000"
