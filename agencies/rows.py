"""New rows of several tables in one statement, each tracked one with its first version in the history.

Django words every INSERT anew, and simple-history each version as a row of its own. Here a statement is worded once for
each shape (which tables, how many rows of each), and a version is copied within the database from the row it shows.
PostgreSQL takes all the tables in one statement; SQLite takes one for each table, and one for its history.
"""

from functools import lru_cache
from itertools import groupby

from django.db import connection, transaction
from django.db.models import JSONField
from django.utils import timezone

ONE_BY_ONE = 100  # rows; many more are left to Django, which gives them to the database as arrays


def add(*rows, by=None, at=None):
    """Write new rows, grouped by model and in order; tracked ones with a version by this person at this instant."""
    groups = [(model, list(group)) for model, group in groupby(rows, key=type)]
    with transaction.atomic(savepoint=False):
        if connection.vendor == "postgresql" and len(rows) <= ONE_BY_ONE:
            _add_at_once(groups, rows, by, at)
            return
        for model, group in groups:
            model._default_manager.bulk_create(group)
            if is_tracked(model):
                copy(model, [row.pk for row in group], "+", by=by, at=at)


def add_if_new(*rows):
    """Write new rows of one model, untracked, but for those that a unique key knows already; they get no ids."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        return
    if len(rows) <= ONE_BY_ONE:
        values = [value for row in rows for value in _values(model, row)]
        statement = _inserting(model, len(rows))
    else:
        statement, values = _many(model, rows)
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", values)


def _many(model, rows):
    """An INSERT of very many rows: each column as an array, or as one value where all rows say the same."""
    quote, columns, selected, arrays, alone, together = connection.ops.quote_name, [], [], [], [], []
    for field in _fields(model):
        columns.append(quote(field.column))
        of_rows = [getattr(row, field.attname) for row in rows]
        kind = field.db_type(connection)
        kind = kind.partition("(")[0]
        if all(value == of_rows[0] for value in of_rows):
            selected.append(f"%s::{kind}")
            alone.append(field.get_db_prep_save(of_rows[0], connection))
        else:
            selected.append(f"u.{quote(field.column)}")
            arrays.append((quote(field.column), kind))
            # Of what rows hold, JSON alone is not what PostgreSQL takes
            is_json = isinstance(field, JSONField)
            together.append([field.get_db_prep_save(each, connection) for each in of_rows] if is_json else of_rows)
    unnested = ", ".join(f"%s::{kind}[]" for _, kind in arrays)
    names = ", ".join(name for name, _ in arrays)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) SELECT {', '.join(selected)}"
        f" FROM unnest({unnested}) AS u({names})"
    )
    return statement, [*alone, *together]


def is_tracked(model):
    return hasattr(model._meta, "simple_history_manager_attribute")


def _add_at_once(groups, rows, by, at):
    values = [value for model, group in groups for row in group for value in _values(model, row)]
    values += [each for model, _ in groups if is_tracked(model) for each in _version("+", by, at)]
    statement = _statement(tuple((model, len(group)) for model, group in groups))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        ids = [key for (key,) in cursor.fetchall()]
    for row, key in zip(rows, ids, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias


def _values(model, row):
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _fields(model)]


@lru_cache
def _fields(model):
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@lru_cache(maxsize=500)
def _statement(shape):
    """The statement for so many rows of these models: the rows, their versions, and the ids of the rows in order."""
    parts, versions, ids = [], [], []
    for number, (model, count) in enumerate(shape):
        parts.append(f"new{number} AS ({_inserting(model, count)} RETURNING *)")
        ids.append(f"SELECT {connection.ops.quote_name(model._meta.pk.column)} FROM new{number}")
        if is_tracked(model):
            versions.append(f"version{number} AS ({_copying(model, f'new{number}')})")
    return f"WITH {', '.join(parts + versions)} {' UNION ALL '.join(ids)}"


@lru_cache(maxsize=500)
def _inserting(model, count):
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields(model))
    row = f"({', '.join(['%s'] * len(_fields(model)))})"
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"


# Versions


def copy(model, ids, kind, *, by=None, at=None, reason=None):
    """Write a version of these rows as they stand now: "+" the first, "~" a later one."""
    key = connection.ops.quote_name(model._meta.pk.column)
    most = 500  # SQLite takes no more than about a thousand values
    with connection.cursor() as cursor:
        for start in range(0, len(ids), most):
            some = ids[start : start + most]
            where = f" WHERE {key} IN ({', '.join(['%s'] * len(some))}) ORDER BY {key}"
            statement = _copying(model, connection.ops.quote_name(model._meta.db_table)) + where
            cursor.execute(statement, [*_version(kind, by, at, reason), *some])


def _version(kind, by, at, reason=None):
    """What a version says beside what the row says, in the order of `_copying`."""
    at = connection.ops.adapt_datetimefield_value(at or timezone.now())
    return [at, reason, kind, by.pk if by else None]


@lru_cache
def _copying(model, source):
    """The statement that copies rows into the history of their model."""
    quote = connection.ops.quote_name
    history = getattr(model, model._meta.simple_history_manager_attribute).model
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    person = connection.ops.quote_name("history_user_id")
    about = f"{quote('history_date')}, {quote('history_change_reason')}, {quote('history_type')}, {person}"
    cast = {"date": "%s", "reason": "%s", "person": "%s"}
    if connection.vendor == "postgresql":
        cast = {"date": "%s::timestamptz", "reason": "%s::text", "person": "%s::bigint"}
    told = f"{cast['date']}, {cast['reason']}, %s, {cast['person']}"
    table = quote(history._meta.db_table)
    return f"INSERT INTO {table} ({columns}, {about}) SELECT {columns}, {told} FROM {source}"
