"""R43: what is recorded cannot be altered, not even by the application itself."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from agencies.models import Act
from escalation.models import Decision, Entry, Record, RenderedRecord, Response

KEPT = (Act, Record, RenderedRecord, Entry, Decision, Response)
HISTORIES = [model for model in apps.get_models() if model.__name__.startswith("Historical")]


def triggers_of(table):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        return cursor.fetchall()


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize("model", [*KEPT, *HISTORIES], ids=lambda model: model.__name__)
def test_every_history_is_append_only(model):
    """R43: a new model's history is made append-only by its migration, or this fails."""
    assert triggers_of(model._meta.db_table), f"{model.__name__} can be changed: add a migration with append_only()"


@pytest.mark.both_databases
def test_change_and_removal_are_refused(cast, at_stage):
    """R43, R22: who, when, what before, what after stay as they were written."""
    at_stage(2)
    for model in (Act, Record, Entry, Decision, apps.get_model("escalation", "HistoricalDispute")):
        first = model.objects.order_by("pk").values_list("pk", flat=True)[0]
        rows = model.objects.filter(pk=first)
        before = list(rows.values())
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(id=10**9)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(connection.alias)
        assert list(rows.values()) == before
