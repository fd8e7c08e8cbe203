"""Statements that the server keeps, and what happens to them."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from agencies import rows
from agencies.models import Agency

AT = datetime(2026, 5, 20, 13, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_connection_that_is_new_prepares_anew():
    for number in range(6):
        rows.add(Agency(name=f"A{number}"), at=AT)
        if number % 3 == 2:
            connection.close()
    assert Agency.objects.count() == 6


def test_what_was_prepared_outlasts_a_transaction_that_fails():
    rows.add(Agency(name="A"), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.add(Agency(name="A"), at=AT)  # prepared here
    rows.add(Agency(name="B"), at=AT)
    assert Agency.objects.count() == 2
