"""New rows of several tables in one statement, each tracked one with its first version in the history.

Django words every INSERT anew, and simple-history each version as a row of its own. Here a statement is worded once for
each shape (which tables, how many rows of each), and a version is copied within the database from the row it shows.
PostgreSQL takes all the tables in one statement; SQLite takes one for each table, and one for its history.

For rows that are new, of models whose keys the database gives, where many are written or often: elsewhere `save` and
`bulk_create` are as good. What `save`, or a signal, of a model would do besides is not done.
"""

import contextlib
from contextvars import ContextVar
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Field, JSONField
from django.utils import timezone

from agencies import prepared

ONE_BY_ONE = 100  # rows; many more are left to Django, which gives them to the database as arrays
LEFT = "ON CONFLICT DO NOTHING"  # what a unique key knows already is left as it is
PLAIN = frozenset({str, int, bool, type(None)})  # what a database is given as it is


class Alike(NamedTuple):
    """New rows that say the same but for a few columns: what they share, and what each says besides, or instead."""

    shared: dict
    rows: list


class Part(NamedTuple):
    """What is written in one statement with others: so many rows of a model, or what a statement of its own says."""

    model: type | None
    count: int = 0
    is_if_new: bool = False
    statement: str = ""


_together = ContextVar("together", default=None)


@contextlib.contextmanager
def together():
    """Let what is written here meanwhile be one statement, at the end of it.

    Until then it is not there, and the rows are never given their keys: not for what is to be read or named at once.
    Within a savepoint that is set meanwhile all is written at once, to be undone with it.
    """
    if connection.vendor != "postgresql" or _together.get() is not None:
        yield
        return
    parts = []
    token = _together.set((parts, _savepoints()))
    try:
        yield
    finally:
        _together.reset(token)
    if parts:
        _run_at_once(parts)


def _gathering():
    """The parts of what is written together now, or None."""
    parts, savepoints = _together.get() or (None, None)
    return parts if savepoints == _savepoints() else None


def _savepoints():
    return [each for each in connection.savepoint_ids if each]


def run(statement, values):
    """Run a statement that writes and of which only the values change, with what is written together."""
    _write(Part(None, statement=statement), values)


def change(row, *names):
    """Write these columns of one untracked row, named as its attributes, with what is written together."""
    told = [each for each in _told(type(row)) if each[0].attname in names]
    values = [_value(field, is_plain, getattr(row, field.attname)) for field, is_plain in told]
    run(_changing(type(row), names), [*values, row.pk])


def add(*rows, by=None, at=None):
    """Write new rows, grouped by model and in order; tracked ones with a version by this person at this instant."""
    groups = [(model, list(group)) for model, group in groupby(rows, key=type)]
    with transaction.atomic(savepoint=False):
        if connection.vendor != "postgresql" or len(rows) > ONE_BY_ONE:
            for model, group in groups:
                model._default_manager.bulk_create(group)
                if is_tracked(model):
                    copy(model, [row.pk for row in group], "+", by=by, at=at)
            return
        parts = [_part(model, group, by, at) for model, group in groups]
        gathered = _gathering()
        if gathered is None:
            _take_keys(rows, _run_at_once(parts, gives_keys=True))
        else:
            gathered.extend(parts)


def add_unless_known(row, *, by=None, at=None):
    """Write one new row, at once, unless a unique key knows it; whether it was written."""
    model = type(row)
    if connection.vendor == "postgresql":
        with transaction.atomic(savepoint=False):
            part = _part(model, [row], by, at, is_if_new=True)
            return _take_keys([row], _run_at_once([part], gives_keys=True))
    try:
        with transaction.atomic():
            add(row, by=by, at=at)
    except IntegrityError:
        row.pk = None
        same = ({field.attname: getattr(row, field.attname)} for field in _fields(model) if field.unique)
        if not any(model._default_manager.filter(**each).exists() for each in same):
            raise
        return False
    return True


def add_if_new(model, written):
    """Write new rows of an untracked model, but for those that a unique key knows already.

    Each is given as its values by column attribute, which costs less than an object of the model, or several of them
    as `Alike`; what is left out has its default.
    """
    if not written:
        return
    number = sum(len(each.rows) if isinstance(each, Alike) else 1 for each in written)
    if connection.vendor == "postgresql" and number > ONE_BY_ONE:
        statement, values = _many(model, written)
        with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
            cursor.execute(f"{statement} {LEFT}", values)
        return
    # A default that is made is made anew for each statement
    defaults = [(field, is_plain, field.get_default()) for field, is_plain in _told(model)]
    if connection.vendor == "postgresql":
        values = [
            _value(field, is_plain, row.get(field.attname, default))
            for row in _each(written)
            for field, is_plain, default in defaults
        ]
        _write(Part(model, number, is_if_new=True), values)
        return
    new = [
        model(**{field.attname: row.get(field.attname, default) for field, _, default in defaults})
        for row in _each(written)
    ]
    model._default_manager.bulk_create(new, ignore_conflicts=True, batch_size=500)


def _each(written):
    for each in written:
        if isinstance(each, Alike):
            yield from ({**each.shared, **row} for row in each.rows)
        else:
            yield each


def _many(model, written):
    """An INSERT of very many rows: each column as an array, or as one value where all rows say the same.

    Where rows come as `Alike`, what they share is an array of those, joined to what each says itself.
    """
    columns, shared = {field: field.get_default() for field in _fields(model)}, []
    if all(isinstance(each, Alike) for each in written):
        rows = [row for each in written for row in each.rows]
        own = set().union(*rows)
        shared = [field for field in columns if field.attname not in own]
        rows = [row if len(row) == len(own) else {**each.shared, **row} for each in written for row in each.rows]
    else:
        rows = list(_each(written))
    quote, alone, selected = connection.ops.quote_name, [], []
    arrays = {"u": [], "g": []}
    for field, default in columns.items():
        table, said = ("g", (each.shared for each in written)) if field in shared else ("u", rows)
        values = [row.get(field.attname, default) for row in said]
        if values.count(values[0]) == len(values):
            selected.append(f"%s::{_kind(field)}")
            alone.append(field.get_db_prep_save(values[0], connection))
        else:
            selected.append(f"{table}.{quote(field.column)}")
            # Of what rows hold, JSON alone is not what PostgreSQL takes
            is_json = isinstance(field, JSONField)
            values = [field.get_db_prep_save(each, connection) for each in values] if is_json else values
            arrays[table].append((quote(field.column), _kind(field), values))
    if arrays["g"]:
        arrays["u"].append(("nth", "int", [nth for nth, each in enumerate(written, 1) for _ in each.rows]))
    source = _unnested("u", arrays["u"])
    if arrays["g"]:
        source += f" JOIN {_unnested('g', arrays['g'], numbered='nth')} USING (nth)"
    names = ", ".join(quote(field.column) for field in columns)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {', '.join(selected)} FROM {source}"
    return statement, [*alone, *(values for table in arrays.values() for _, _, values in table)]


def _kind(field):
    return field.db_type(connection).partition("(")[0]


def _unnested(name, arrays, numbered=""):
    """Arrays as a table, its rows numbered from 1 if wanted."""
    kinds = ", ".join(f"%s::{kind}[]" for _, kind, _ in arrays)
    columns = ", ".join([*(column for column, _, _ in arrays), *([numbered] if numbered else [])])
    return f"unnest({kinds}) {'WITH ORDINALITY ' if numbered else ''}AS {name}({columns})"


def is_tracked(model):
    return hasattr(model._meta, "simple_history_manager_attribute")


@lru_cache
def _fields(model):
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@lru_cache
def _told(model):
    """The columns, each with whether plain values are given to the database as they are."""
    return [
        (field, type(field).pre_save is Field.pre_save and not isinstance(field, JSONField)) for field in _fields(model)
    ]


def _value(field, is_plain, value):
    return value if is_plain and type(value) in PLAIN else field.get_db_prep_save(value, connection)


def _values(model, row):
    said = row.__dict__
    return [
        _value(field, is_plain, said[field.attname] if is_plain else field.pre_save(row, add=True))
        for field, is_plain in _told(model)
    ]


# One statement


def _part(model, group, by, at, is_if_new=False):
    """New rows as part of a statement: what is written, its values, and those of its versions."""
    values = [value for row in group for value in _values(model, row)]
    return Part(model, len(group), is_if_new), values, _version("+", by, at) if is_tracked(model) else ()


def _write(part, values):
    """Write a part of no tracked rows by itself, or with what is written together."""
    parts = _gathering()
    if parts is not None:
        parts.append((part, values, ()))
        return
    _execute(part.statement or _inserting(part.model, part.count, part.is_if_new), values)


def _run_at_once(parts, gives_keys=False):
    """Run parts as one statement; gives the keys of their rows in order, if wanted."""
    shape, values, versions = zip(*parts, strict=True)
    return _execute(_statement(shape, gives_keys), [value for each in (*values, *versions) for value in each])


def _execute(statement, values):
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        prepared.execute(cursor, statement, values)
        return [key for (key,) in cursor.fetchall()] if cursor.description else []


def _take_keys(rows, keys):
    """Give rows the keys that they have now; whether there are any."""
    for row, key in zip(rows, keys, strict=bool(keys)):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias
    return bool(keys)


@lru_cache(maxsize=500)
def _statement(shape, gives_keys):
    """The statement for these parts: the rows, their versions, and in order the keys of the rows, if wanted."""
    parts, versions, keys = [], [], []
    for number, (model, count, is_if_new, statement) in enumerate(shape):
        writing = statement or _inserting(model, count, is_if_new)
        if model and is_tracked(model):
            writing += " RETURNING *"
            versions.append(f"version{number} AS ({_copying(model, f'new{number}')})")
        elif gives_keys:
            writing += f" RETURNING {connection.ops.quote_name(model._meta.pk.column)}"
        parts.append(f"new{number} AS ({writing})")
        if gives_keys:
            keys.append(f"SELECT {connection.ops.quote_name(model._meta.pk.column)} FROM new{number}")
    return f"WITH {', '.join(parts + versions)} {' UNION ALL '.join(keys) or 'SELECT 1'}"


@lru_cache(maxsize=500)
def _inserting(model, count, is_if_new=False):
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields(model))
    row = f"({', '.join(['%s'] * len(_fields(model)))})"
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"
    return f"{insert} {LEFT}" if is_if_new else insert


@lru_cache
def _changing(model, names):
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(field.column)} = %s" for field in _fields(model) if field.attname in names)
    return f"UPDATE {quote(model._meta.db_table)} SET {columns} WHERE {quote(model._meta.pk.column)} = %s"


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
