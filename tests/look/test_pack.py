import pytest
from django.template import Context, Template
from django.urls import reverse

from escalation.fields import Choice, Pick, Prose, ProtocolForm, Text
from tests.look.reading import NO_FAULTS, Page
from tests.look.sample import Sample

pytestmark = pytest.mark.django_db
WRONG = {
    "spoken": "yes",
    "evidence": "other",
    "needed_by-day": "31",
    "needed_by-month": "2",
    "needed_by-year": "2026",
    "held_at-day": "1",
    "held_at-month": "5",
    "held_at-year": "2026",
    "held_at-time": "25:00",
    "seen_stage": "junk",
    "reference": "clash",
    "phone": "0" * 300,
}


@pytest.fixture
def shown(client, manager, sample_pages):
    """A function that posts to the sample form and reads its page."""
    client.force_login(manager)

    def read(data=None):
        response = client.post("/look/sample/", data) if data is not None else client.get("/look/sample/")
        assert response.status_code == 200
        return response, Page(response)

    return read


def test_a_form_without_errors_has_no_faults(shown):
    response, read = shown()
    assert read.faults == NO_FAULTS
    assert read.summary_links == []
    assert "<title>Record your discussion – Resolve</title>" in response.content.decode()


def test_every_error_leads_to_an_element_of_the_page(shown):
    response, read = shown(WRONG)
    assert read.faults == NO_FAULTS
    assert read.summary_links == [
        "#form-errors",
        "#form-errors",
        "#id_problem",
        "#id_aim",
        "#id_name",
        "#id_phone",
        "#id_needed_by-day",
        "#id_held_at-time",
        "#id_how_0",
        "#id_spoken_to",
        "#id_spoken_at-day",
        "#id_category",
        "#id_which",
        "#id_agency",
        "#id_told_0",
        "#id_sure",
    ]
    text = response.content.decode()
    assert "<title>Error: Record your discussion – Resolve</title>" in text
    assert 'role="alert"' in text
    assert response.context["form"].errors.keys() == {
        *("__all__", "problem", "aim", "name", "phone", "needed_by", "held_at", "how", "spoken_to", "spoken_at"),
        *("category", "which", "agency", "told", "sure", "seen_stage"),
    }


def test_what_was_typed_stands_in_every_box_again(shown):
    text = shown(WRONG)[0].content.decode()
    for name, value in WRONG.items():
        if name in ("spoken", "evidence"):
            assert f'name="{name}" value="{value}" checked' in text
        else:
            assert f'value="{value}"' in text.replace('type="hidden" ', "")


def test_only_the_boxes_at_fault_are_marked(shown):
    text = shown(WRONG)[0].content.decode()
    marked = [
        line.split('id="')[1].split('"')[0]
        for line in text.splitlines()
        if "input--error" in line and "date-input" in line
    ]
    assert marked == [
        *("id_needed_by-day", "id_held_at-time"),
        *("id_spoken_at-day", "id_spoken_at-month", "id_spoken_at-year", "id_spoken_at-time"),
    ]


def test_what_is_typed_cannot_become_markup(shown):
    text = shown({"problem": "</textarea><script>alert(1)</script>", "name": '"><img src=x>'})[0].content.decode()
    assert "<script>alert" not in text
    assert "<img" not in text


def test_optional_fields_say_so_and_fields_under_an_answer_do_not(shown):
    text = shown()[0].content.decode()
    assert 'Your case reference <span class="r-optional">(optional)</span>' in text
    assert 'for="id_why_not">Why it could not be held</label>' in text


def test_guidance_stands_beside_its_field(shown):
    text = shown()[0].content.decode()
    assert text.count('<div class="r-guide">') == 3
    assert "<h2>Practice, not the person</h2><p>Name the decision, action or delay.</p>" in text


def draw(form):
    return Template("{% load crispy_forms_tags govuk %}{% error_summary form %}{% crispy form %}").render(
        Context({"form": form})
    )


def test_a_question_with_nothing_to_choose_is_led_to_all_the_same():
    class Nobody(ProtocolForm):
        who = Pick(Sample.base_fields["agency"].queryset.none(), label="Who", radios=True)

    assert Page(draw(Nobody({}))).faults == NO_FAULTS
    assert Page(draw(Nobody({}))).summary_links == ["#id_who_group"]


def test_two_forms_of_one_page_keep_their_ids_apart():
    class Small(ProtocolForm):
        reason = Prose(label="Reason")

        def clean(self):
            self.add_error(None, "Neither will do")

    html = "".join(draw(Small({"x": ""}, prefix=prefix)) for prefix in ("one", "two"))
    assert Page(html).faults == NO_FAULTS
    assert Page(html).summary_links == ["#one-errors", "#id_one-reason", "#two-errors", "#id_two-reason"]


def test_fields_under_an_answer_of_a_select_are_drawn_too():
    class Kinds(ProtocolForm):
        follow_ups = {"kind": {"other": ["which"]}}
        kind = Choice(label="Kind", choices=[("a", "A"), ("other", "Other")], select=True)
        which = Text(label="Which")

    html = draw(Kinds({"kind": "other"}))
    assert Page(html).faults == NO_FAULTS
    assert Page(html).summary_links == ["#id_which"]


def test_the_sign_out_button_is_a_form_that_posts(client, manager, sample_pages):
    client.force_login(manager)
    text = client.get("/look/sample/").content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}"' in text
    assert "Denise Hartley" in text
    assert ", team manager, Adult Social Care" in text
