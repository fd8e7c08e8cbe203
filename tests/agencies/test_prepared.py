"""Statements that the server keeps, and what happens to them."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from agencies import rows
from agencies.models import Agency
from agencies.worded import Worded

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


def cut_off():
    """End the connection from the other side, and wait until it is gone."""
    pid, other = connection.connection.info.backend_pid, connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


def asking(times):
    """A query with a prepared statement, asked so many times."""
    agency = Agency.objects.create(name="A")
    ask = Worded(lambda pk: Agency.objects.filter(pk=pk).order_by(), is_prepared=True)
    for _ in range(times):
        assert ask(pk=agency.pk) == [agency]
    return agency, ask


def test_a_connection_that_is_found_gone_is_not_asked_for_what_was_prepared_on_it():
    agency, ask = asking(3)
    connection.health_check_enabled, connection.health_check_done = True, False  # as a request begins
    cut_off()
    assert ask(pk=agency.pk) == [agency]


def test_a_connection_that_ends_while_something_is_prepared_is_known_to_have_failed():
    """It is given up at the end of the request, and whoever expects an error of the database knows it."""
    agency, ask = asking(1)
    cut_off()
    try:
        with pytest.raises(OperationalError):
            ask(pk=agency.pk)
        assert connection.errors_occurred
    finally:
        connection.close()
