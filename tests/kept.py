"""What the tests set up by actions is played once in each process, and put back row by row for later tests.

A world is put back only where nothing else was written in the test before: then the actions would have left the very
same rows. Tests that commit, that change a setting, or that wrote something of their own first play it all anew.
"""

import functools
import pickle
from types import SimpleNamespace

from django.apps import apps
from django.conf import UserSettingsHolder, settings
from django.db import connection
from django.db.models import Model

READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "EXPLAIN", "PRAGMA", "BEGIN", "COMMIT")
LEAST = 2  # played so often before it is kept: what is asked for once is not worth it


class _Keeper:
    """What this test has put into the database so far: a chain of worlds, or None for anything else."""

    def __init__(self):
        self.chain, self.worlds, self.asked = (), {}, {}

    def new_test(self):
        self.chain = ()

    def watch(self, execute, sql, params, many, context):
        """As Django wraps the execution of each statement: whatever writes ends the chain."""
        if not sql.lstrip().upper().startswith(READS):
            self.chain = None
        return execute(sql, params, many, context)


_keeper = _Keeper()
new_test = _keeper.new_test


def start_watching():
    """Look at every statement of this process from now on."""
    connection.execute_wrappers.append(_keeper.watch)


def once(least=LEAST):
    """Decorates what builds a world from arguments; what it returns must be made of models and plain values."""

    def decorate(build):
        @functools.wraps(build)
        def run(*arguments, **named):
            chain = _keeper.chain
            key = _key(chain, build, arguments, named)
            if key is None:
                return build(*arguments, **named)
            _keeper.asked[key] = _keeper.asked.get(key, 0) + 1
            if key not in _keeper.worlds and _keeper.asked[key] >= least:
                return _play_and_keep(key, lambda: build(*arguments, **named))
            if _keeper.worlds.get(key) is None:
                return build(*arguments, **named)
            rows, result = _keeper.worlds[key]
            _put_back(rows)
            _keeper.chain = (*chain, key)
            return pickle.loads(result)

        return run

    return decorate


def _key(chain, build, arguments, named):
    """What tells one world from another, or None where it cannot be kept."""
    if chain is None or not connection.in_atomic_block or isinstance(settings._wrapped, UserSettingsHolder):
        return None
    try:
        key = (chain, build, _frozen(arguments), _frozen(named))
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value):
    match value:
        case SimpleNamespace():
            return "cast"  # which the chain began with
        case dict():
            return tuple((name, _frozen(each)) for name, each in sorted(value.items()))
        case list() | tuple():
            return tuple(map(_frozen, value))
        case Model():
            return value._meta.label, value.pk
    return value


def _play_and_keep(key, play):
    before = _all_rows()
    result = play()
    after = _all_rows()
    changes = {}
    for table, (columns, rows) in after.items():
        old = before[table][1]
        if old.keys() - rows.keys():  # something was removed, which is not put back
            _keeper.worlds[key] = None
            return result
        new = [row for pk, row in rows.items() if pk not in old]
        changed = [(pk, row) for pk, row in rows.items() if pk in old and old[pk] != row]
        if new or changed:
            changes[table] = (columns, new, changed)
    _keeper.worlds[key] = (changes, pickle.dumps(result))
    _keeper.chain = (*key[0], key)
    return pickle.loads(_keeper.worlds[key][1])


def _all_rows():
    """Table → its columns, the primary key first, and its rows by that key."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            key = model._meta.pk.column
            columns = [key, *(f.column for f in model._meta.concrete_fields if f.column != key)]
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}"')
            rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
            found[model._meta.db_table] = (columns, {row[0]: row for row in sorted(rows, key=lambda row: row[0])})
    return found


def _put_back(changes):
    """Past Django, in one statement where the database takes several at once; it is no part of any test.

    No later row gets an id that is put back: a sequence of PostgreSQL never goes back, and SQLite counts from the top.
    """
    cursor = connection.connection.cursor()
    mark = "%s" if connection.vendor == "postgresql" else "?"
    statements = [each for table, change in changes.items() for each in _statements(table, *change, mark)]
    if connection.vendor == "postgresql" and statements:
        cursor.execute(b";".join(cursor.mogrify(sql, values) for sql, values in statements))
    else:
        for sql, values in statements:
            cursor.execute(sql, values)
    cursor.close()


def _statements(table, columns, new, changed, mark):
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join([mark] * len(columns))
    if new:
        yield f'INSERT INTO "{table}" ({names}) VALUES ' + ", ".join([f"({marks})"] * len(new)), sum(new, ())
    for pk, row in changed:
        yield f'UPDATE "{table}" SET ({names}) = ({marks}) WHERE "{columns[0]}" = {mark}', (*row, pk)
