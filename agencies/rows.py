"""New rows of several tables in one statement, each tracked one with its first version in the history.

Django words every INSERT anew, and simple-history each version as a row of its own. Here a statement is worded once for
each shape (which tables, how many rows of each), and a version is copied within the database from the row it shows.
PostgreSQL takes all the tables in one statement; SQLite takes one for each table, and one for its history.

For rows that are new, of models whose keys the database gives, where many are written or often: elsewhere `save` and
`bulk_create` are as good. What `save`, or a signal, of a model would do besides is not done.
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


def add_if_new(model, written):
    """Write new rows of an untracked model, but for those that a unique key knows already.

    Each is given as its values by column attribute, which costs less than an object of the model; what is left out has
    its default.
    """
    if not written:
        return
    if connection.vendor != "postgresql":
        new = [model(**{name: row[name] for name in _names(model) if name in row}) for row in written]
        model._default_manager.bulk_create(new, ignore_conflicts=True, batch_size=500)
        return
    said = set().union(*written)
    columns = [
        (
            field,
            [row.get(field.attname, default) for row in written] if field.attname in said else [default] * len(written),
        )
        for field, default in _defaults(model)
    ]
    if len(written) <= ONE_BY_ONE:
        columns = [[field.get_db_prep_save(value, connection) for value in values] for field, values in columns]
        statement, values = (
            _inserting(model, len(written)),
            [value for row in zip(*columns, strict=True) for value in row],
        )
    else:
        statement, values = _many(model, columns)
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", values)


def _defaults(model):
    """The columns with what stands where nothing is said; a default that is made is made anew for each statement."""
    return [(field, field.get_default()) for field in _fields(model)]


@lru_cache
def _names(model):
    return [field.attname for field in _fields(model)]


def _many(model, columns):
    """An INSERT of very many rows: each column as an array, or as one value where all rows say the same."""
    quote, names, selected, arrays, alone, together = connection.ops.quote_name, [], [], [], [], []
    for field, values in columns:
        names.append(quote(field.column))
        kind = field.db_type(connection).partition("(")[0]
        if values.count(values[0]) == len(values):
            selected.append(f"%s::{kind}")
            alone.append(field.get_db_prep_save(values[0], connection))
        else:
            selected.append(f"u.{quote(field.column)}")
            arrays.append((quote(field.column), kind))
            # Of what rows hold, JSON alone is not what PostgreSQL takes
            is_json = isinstance(field, JSONField)
            together.append([field.get_db_prep_save(each, connection) for each in values] if is_json else values)
    unnested = ", ".join(f"%s::{kind}[]" for _, kind in arrays)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(names)}) SELECT {', '.join(selected)}"
        f" FROM unnest({unnested}) AS u({', '.join(name for name, _ in arrays)})"
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
