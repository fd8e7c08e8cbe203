"""What nobody types on purpose, in every field of every act: never a fault of ours, a message, nothing lost."""

import pytest

from agencies.models import Act
from escalation.models import Dispute, Draft
from tests.escalation.act_pages import PAGES, begin

WITH_TEXTS = [page for page in PAGES if page.texts]
WITH_FIELDS = [page for page in PAGES if page.data]
HOSTILE = {
    "empty": "",
    "spaces": "   \u2003 \n\t ",
    "control": "a\x00b\x07c\u202ed\ufeff",
    "invisible": "\u200b\u2060\u00ad",
    "lone surrogate": "\ud800x",
    "markup": "<script>alert(1)</script>{{ 7|add:7 }}{% now 'Y' %}",
    "number": "99999999999999999999",
    "astral": "𝔘𝔫𝔦 " * 30 + "e" + "\u0301" * 500,
}
DAYS = [
    ("31", "2", "2026"),
    ("9" * 20, "1", "2026"),
    ("", "5", "2026"),
    ("1", "Mai", "-1"),
    ("٣", "٤", "٢٠٢٦"),
    ("0", "0", "0"),
]
BOXES = ("day", "month", "year", "time")


def send(client, address, data):
    """Post as a browser that does what it is told, lone surrogates and all."""
    encoded = {
        name: [str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace") for value in values]
        for name, values in ((n, v if isinstance(v, list) else [v]) for n, v in data.items())
    }
    return client.post(address, encoded)


@pytest.mark.parametrize("act_page", WITH_FIELDS, ids=[page.key for page in WITH_FIELDS])
def test_no_field_falls_over_what_is_posted(cast, client, act_page):
    """Each field in turn, then all of them: a page or a plain refusal, never a 500."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    right = act_page.filled(cast, dispute)
    client.force_login(getattr(cast, act_page.by))
    fields = [name for name in {*right, *act_page.texts} if name != "seen_stage"]

    for value in HOSTILE.values():
        answer = send(client, address, {**dict.fromkeys(fields, value), "seen_stage": value})
        assert answer.status_code in (200, 302, 409), (value, answer.status_code)
    for name in fields:
        answer = send(client, address, {**right, name: ["x", "y", HOSTILE["number"]]})
        assert answer.status_code in (200, 302, 403, 404, 409), name
    assert client.get(address).status_code in (200, 403, 404, 409)


@pytest.mark.parametrize("act_page", WITH_FIELDS, ids=[page.key for page in WITH_FIELDS])
def test_no_date_falls_over_what_is_posted(cast, client, act_page):
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    right = act_page.filled(cast, dispute)
    dates = {name.rsplit("-", 1)[0] for name in right if name.endswith("-day")}
    client.force_login(getattr(cast, act_page.by))

    for name in dates:
        for parts in DAYS:
            typed = dict(zip([f"{name}-{box}" for box in BOXES], (*parts, "25:99"), strict=True))
            answer = client.post(address, {**right, **typed})
            assert answer.status_code == 200, (name, parts)
            assert "There is a problem" in answer.content.decode()
            assert parts[0] in answer.content.decode()


@pytest.mark.parametrize("act_page", WITH_TEXTS, ids=[page.key for page in WITH_TEXTS])
def test_a_text_of_a_megabyte_is_refused_kindly_and_kept(cast, client, act_page):
    """The message stands beside the field and above, the text in its field and in the draft."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    name = act_page.texts[0]
    huge = "Long words. " * 90_000
    client.force_login(getattr(cast, act_page.by))
    before = Act.objects.count()

    answer = client.post(address, {**act_page.filled(cast, dispute), name: huge})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    assert "characters or fewer" in page
    assert huge[:1000] in page
    assert Act.objects.count() == before
    assert Draft.objects.get(dispute=dispute).data[name] == [huge]


@pytest.mark.parametrize("act_page", WITH_FIELDS, ids=[page.key for page in WITH_FIELDS])
def test_what_was_not_asked_changes_nothing(cast, client, act_page):
    """Extra fields that name a stage, an owner, a time or an outcome are not read."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    extra = {
        "stage": "4", "outcome_reason_": "x", "raised_by": cast.police_lead.pk, "owner": cast.police_lead.pk,
        "by": cast.police_lead.pk, "dispute": "1", "target_at": "2000-01-01", "ended_at": "2026-01-01",
        "reference": "0000-0000", "is_late": "on", "agency": str(cast.trust.pk), "author": cast.police_lead.pk,
    }  # fmt: skip
    before = Dispute.objects.values("raised_by", "target_at", "reference", "raised_at").get(pk=dispute.pk)
    client.force_login(getattr(cast, act_page.by))

    answer = client.post(address, {**extra, **act_page.filled(cast, dispute)})

    assert answer.status_code == 302
    after = Dispute.objects.get(pk=dispute.pk)
    assert Dispute.objects.values("raised_by", "target_at", "reference", "raised_at").get(pk=dispute.pk) == before
    assert after.stage in (act_page.stage, act_page.stage + 1)


@pytest.mark.parametrize("act_page", WITH_TEXTS, ids=[page.key for page in WITH_TEXTS])
def test_markup_is_shown_as_it_was_typed(cast, client, act_page):
    """What looks like a tag or a template stands on the page as text."""
    dispute = begin(cast, act_page)
    address = act_page.come_to(cast, dispute)
    markup = HOSTILE["markup"]
    client.force_login(getattr(cast, act_page.by))

    page = client.post(address, {**dict.fromkeys(act_page.texts, markup), "seen_stage": dispute.stage})
    shown = (
        page.content.decode()
        if page.status_code == 200
        else client.get(f"/disputes/{dispute.reference}/people/").content.decode()
    )

    assert "<script>alert(1)</script>" not in shown
    assert page.status_code != 200 or "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:7 }}" in shown
