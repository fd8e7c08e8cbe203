"""Another dispute about an adult of the same name: told to whoever may see it, hidden from everybody else (R44)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from agencies.models import User
from escalation import same_adult
from escalation.models import Dispute
from tests import cast as casting
from tests.cast import RAISED, at_stage, raise_dispute
from tests.escalation.raise_pages import page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AT = RAISED + timedelta(days=3)
TOLD = "about an adult of the same name"
NAME = casting.DETAILS["adult_name"]


def others(user, name, **given):
    found = same_adult.others(User.objects.get(pk=user.pk), AT, name, **given)
    return [dispute.adult_name for dispute in found.shown]


def test_the_same_name_however_it_is_written(cast):
    raise_dispute(cast, adult_name="Siân O’Shea-Łukasz")

    for same in ("sian o'shea-lukasz", "SIÂN  O’SHEA-ŁUKASZ", "Sian O'Shea-Lukasz"):
        assert others(cast.council_lead, same) == ["Siân O’Shea-Łukasz"]
    for other in ("Sian O'Shea", "Siân", "O’Shea-Łukasz Siân", "Siân Mary O’Shea-Łukasz", "", "?"):
        assert others(cast.council_lead, other) == []


def test_a_date_of_birth_tells_two_apart_where_both_are_known(cast):
    raise_dispute(cast, adult_name="Ann Bell", adult_born_on=date(1940, 2, 3))

    assert others(cast.council_lead, "Ann Bell", born_on=date(1940, 2, 3)) == ["Ann Bell"]
    assert others(cast.council_lead, "Ann Bell") == ["Ann Bell"]
    assert others(cast.council_lead, "Ann Bell", born_on=date(1950, 2, 3)) == []
    raise_dispute(cast, adult_name="Ann Bell")
    assert others(cast.council_lead, "Ann Bell", born_on=date(1950, 2, 3)) == ["Ann Bell"]


def test_who_is_told_on_the_page(cast, client, monkeypatch):
    """With the reference, to whoever sees both; of a dispute that one may not see there is no trace."""
    monkeypatch.setattr(timezone, "now", lambda: AT)
    here = at_stage(cast, 3)
    elsewhere = raise_dispute(
        cast, by=cast.hospital_practitioner, raising_agency=cast.hospital, disputed_agency=cast.trust, suggested=None
    )
    upper = at_stage(cast, 4)
    seen = {}
    for name in ("council_lead", "hospital_lead", "board_manager", "chair"):
        client.force_login(getattr(cast, name))
        text = client.get(f"/disputes/{here.reference}/").text
        assert TOLD in text
        seen[name] = {each.reference for each in (elsewhere, upper) if each.reference in text}

    assert seen == {
        "council_lead": {upper.reference},
        "hospital_lead": {elsewhere.reference, upper.reference},
        "board_manager": {upper.reference},
        "chair": {upper.reference},
    }
    Dispute.objects.filter(pk=upper.pk).update(stage=2)
    client.force_login(cast.board_manager)
    assert TOLD not in client.get(f"/disputes/{here.reference}/").text


def test_it_is_told_at_raising(cast, raiser, send):
    """Before it is raised, and after; not to somebody who may not see the other one."""
    other = raise_dispute(
        cast, by=cast.trust_practitioner, raising_agency=cast.trust, disputed_agency=cast.police, suggested=None,
        adult_name=NAME,
    )  # fmt: skip
    send({"adult": {"adult_name": NAME.lower()}})
    check = page("adult").replace("/adult/", "/check/")
    text = raiser.get(check).text
    assert TOLD not in text
    assert other.reference not in text

    mine = raise_dispute(cast, adult_name=NAME)
    text = raiser.get(check).text
    assert TOLD in text
    assert mine.reference in text
    assert other.reference not in text
    done = raiser.post(check, follow=True).text
    assert "Dispute raised" in done
    assert mine.reference in done
    assert other.reference not in done


def test_it_costs_one_statement_and_shows_a_few(cast, django_assert_num_queries):
    for _ in range(7):
        raise_dispute(cast)
    user = User.objects.get(pk=cast.council_lead.pk)
    assert user.standing

    with django_assert_num_queries(1):
        found = same_adult.others(user, AT, NAME)
    assert (len(found.shown), found.number, found.more) == (5, 7, 2)
