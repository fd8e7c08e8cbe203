"""A query that is asked again and again: Django words it once in each process, and from then on only its values change.

Wording the roles of a person takes Django several times as long as the database takes to find them, on every page.
"""

import copy
from datetime import UTC, date, datetime, timedelta

from django.db import connection, connections

from agencies import prepared

# Values that no row has, each with its place added, to stand for those to come
MARKS = {
    int: lambda place: 4_611_686_018_427_387_904 + place,
    str: lambda place: f"\0{place}",
    datetime: lambda place: datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=place),
    date: lambda place: date(1800, 1, 1) + timedelta(days=place),
}
OTHERS = 1_000_000  # places by which a second set of them is away from the first
LEAST = 16  # ids that are asked for at once, where their number varies


class Worded:
    """`build` gives the query for some keywords (MARKS has their kinds); calling gives its rows for others, as a list.

    Nothing else of the query may depend on them: each stands in it as a value, as it was given, or the first call
    fails. What else it may depend on (a role, how many ids) makes another query, to be kept under another key.
    """

    def __init__(self, build, is_prepared=False):
        """`is_prepared`: where planning takes longer than finding few rows by their keys, the server keeps the plan."""
        self.build, self.is_prepared = build, is_prepared
        self.worded = {}

    def __call__(self, **values):
        kinds = tuple((name, type(value)) for name, value in values.items())
        if kinds not in self.worded:
            self.worded[kinds] = self._word(kinds)
        rows, compiler, statement, parameters = self.worded[kinds]
        given = [_adapted(value) for value in values.values()]
        parameters = tuple(given[place] if is_given else fixed for is_given, place, fixed in parameters)
        if self.is_prepared:
            statement = prepared.wording(statement, len(parameters))
        compiler = copy.copy(compiler)
        compiler.connection = connections[rows.db]  # of this thread
        compiler.as_sql = lambda *args, **kwargs: (statement, parameters)
        rows = rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)  # a queryset could be narrowed further, of which the statement would know nothing

    def _word(self, kinds):
        """The query with values that stand for those to come, its statement, and where each of them stands in it."""
        rows, compiler, statement, places = self._marked(kinds, 0)
        # With other marks it must be the same: nothing in it may be worked out from a value
        if not {place for is_given, place, _ in places if is_given} == set(range(len(kinds))) or (
            (statement, places) != self._marked(kinds, OTHERS)[2:]
        ):
            raise ValueError("A value does not stand in the query as it was given.")
        if self.is_prepared and connection.vendor == "postgresql":
            statement, places = _with_what_stays(statement, places)
        # What is worded is kept no longer as conditions: they are the greater part of a query
        rows.query.where = type(rows.query.where)()
        compiler.where = compiler.having = compiler.qualify = None
        return rows, compiler, statement, places

    def _marked(self, kinds, first):
        marks = {name: MARKS[kind](first + place) for place, (name, kind) in enumerate(kinds)}
        rows = self.build(**marks).all()
        compiler = rows.query.get_compiler(connection.alias)
        statement, parameters = compiler.as_sql()
        adapted = [_adapted(mark) for mark in marks.values()]
        places = [(True, adapted.index(each), None) if each in adapted else (False, None, each) for each in parameters]
        return rows, compiler, statement, places


def _with_what_stays(statement, places):
    """The statement with all that never changes written into it: by that it is planned, and by it an index is found."""
    first, *others = statement.split("%s")
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        values = ["%s" if is_given else cursor.mogrify("%s", [fixed]).decode() for is_given, _, fixed in places]
    written = first + "".join(value + part for value, part in zip(values, others, strict=True))
    if "%" in written.replace("%s", ""):
        return statement, places  # which is no plain list of values, and so never prepared
    return written, [place for place in places if place[0]]


def numbered(ids, called="id"):
    """Ids as keywords for a query, each under a name of its own."""
    return {f"{called}_{place}": pk for place, pk in enumerate(ids)}


def padded(ids):
    """Any number of ids, but none, as one of few numbers of them, each worded once: the first stands there again."""
    ids = list(ids)
    return ids + ids[:1] * (max(LEAST, 1 << (len(ids) - 1).bit_length()) - len(ids))


def _adapted(value):
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
