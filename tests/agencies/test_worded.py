"""Queries that are worded once: nothing in their words is worked out from a value."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agencies.models import Notice, User
from agencies.worded import Worded

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)


def test_values_change_and_words_do_not(cast):
    ask = Worded(
        lambda since, on: User.objects.filter(date_joined__gte=since, date_joined__date__lte=on).order_by("pk")
    )

    everybody = list(User.objects.order_by("pk"))
    assert ask(since=datetime(2000, 1, 1, tzinfo=UTC), on=date(2100, 1, 1)) == everybody
    assert ask(since=datetime(2000, 1, 1, tzinfo=UTC), on=date(2001, 1, 1)) == []
    assert len(ask.worded) == 1


@pytest.mark.parametrize(
    "build",
    [
        lambda at: User.objects.filter(date_joined__lt=at, last_login__lt=at - timedelta(days=7)),
        lambda at: User.objects.filter(date_joined__lt=at, date_joined__date=at.date()),
        lambda at: Notice.objects.all(),
    ],
)
def test_what_is_worked_out_from_a_value_is_refused(build):
    """It would be kept from the first who asks."""
    with pytest.raises(ValueError, match="as it was given"):
        Worded(build)(at=AT)
