"""Statements that the server keeps read and planned, for as long as a connection lasts.

PostgreSQL takes longer to read and plan a statement that writes to many tables than to carry it out. What is said a
second time on a connection, in the same words, is therefore prepared there, and from then on its values are sent alone.
`PREPARE_STATEMENTS=0` turns it off, for a pooler that gives each transaction another connection.
"""

from itertools import count
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

MOST = 60  # on one connection: the server holds them in memory
_numbers = count()
_known = WeakKeyDictionary()  # by connection: each statement as it is now asked for; None after the first time


def execute(cursor, statement, values):
    """Run a statement of the default connection, of which only the values change from one time to the next."""
    cursor.execute(wording(statement, len(values)), values)


def wording(statement, number):
    """The words by which to ask for this statement with so many values: its own, or those of a prepared one."""
    if connection.vendor != "postgresql" or not settings.PREPARE_STATEMENTS:
        return statement
    connection.close_if_health_check_failed()  # as a cursor would do: what was prepared is gone with the connection
    connection.ensure_connection()
    known = _known.setdefault(connection.connection, {})
    if statement not in known:
        if len(known) < MOST:
            known[statement] = None
        return statement
    if known[statement] is None:
        known[statement] = _prepare(statement, number, f"kept_{next(_numbers)}")
    return known[statement]


def _prepare(statement, number, name):
    """Prepare it, beside what Django does and tells of; a statement that is no plain list of values stays as it is."""
    parts = statement.split("%s")
    if len(parts) != number + 1 or "%" in "".join(parts):
        return statement
    numbered = parts[0] + "".join(f"${place}{part}" for place, part in enumerate(parts[1:], 1))
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(f"PREPARE {name} AS {numbered}")
    return f"EXECUTE {name} ({', '.join(['%s'] * number)})" if number else f"EXECUTE {name}"
