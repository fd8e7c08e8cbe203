"""Casts disputes from their moulds and copies them into the tables: COPY first, indexes and foreign keys after.

All in one transaction: whoever stops it leaves the database as it was.
"""

import hashlib
import io
import json
import random
from bisect import bisect
from datetime import UTC, timedelta
from itertools import accumulate

from django.apps import apps
from django.db import connection, transaction

from config.load import moulds, scenes
from escalation import deadlines
from escalation.models import Category, NameWord
from escalation.names import fold

AGENCIES = 40
YEARS = 10
CHUNK = 2_000
FIRST = """Margaret Patricia Doreen Harold Stanley Winifred Aneta Mohammed Siân Zofia Kwame Parveen Brian Joan Derek
 Eileen
 Gwendolen Arthur Rashida Tomasz Beryl Clifford Ivy Norman Maureen Leroy Nasreen Chidi Agnieszka Ronald""".split()  # noqa: SIM905 - words read better than a list of strings
LAST = """Whitworth Lowther O’Shea Ackroyd Hussain Nowak Okonkwo Barraclough Singh Fearnley Haigh Murray Kaur Dyson
 Rawlinson Begum Adeyemi Tordoff Kowalski Clegg Mensah Bottomley Shah Entwistle Lumb Varga Nair Sykes Mahmood
 Ogden""".split()  # noqa: SIM905 - words read better than a list of strings
MIDDLE = "Ann Jean Rose Mary Elizabeth John Ray May Grace Lee".split()  # noqa: SIM905 - words read better than a list of strings


def pour(number, open_percent, now, password, seed=0, progress=lambda done: None):
    """Make this many disputes; gives how many rows each table got. PostgreSQL only."""
    with transaction.atomic():
        agencies = scenes.load_people(AGENCIES, password)
        ended, is_open = _moulds()
        load = _Load(number, open_percent, now, agencies, random.Random(seed), ended, is_open)
        tables = [*moulds.cast_models(), NameWord]
        with _without_indexes(tables):
            load.run(progress)
        load.set_sequences()
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    return load.written


def _moulds():
    """Each mould with its weight; what was played for them is rolled back."""
    with transaction.atomic():
        scene = scenes.people()
        pairs = []
        for kinds in (scenes.ENDED, scenes.OPEN):
            made = []
            for act, weight in kinds:
                made.append((moulds.make(scene, act, Category.THRESHOLD), weight))
                _forget_reference()
            pairs.append(made)
        transaction.set_rollback(True)
    return pairs


def _forget_reference():
    """So that the next one played can have the same."""
    dispute = apps.get_model("escalation", "Dispute")
    dispute.objects.filter(reference=scenes.REFERENCE).update(reference=f"x{random.randrange(10**8):08}")


class _Load:
    """The casting of all disputes: their values drawn, their lines written."""

    def __init__(self, number, open_percent, now, agencies, draw, ended, is_open):
        self.number, self.now, self.draw = number, now, draw
        self.open_number = round(number * open_percent / 100)
        self.backlog = open_percent > 10
        self.agencies = agencies
        self.agency_weights = list(accumulate(1 / (n + 3) for n in range(len(agencies))))
        self.ended, self.open = (_weighted(made) for made in (ended, is_open))
        self.tables = [*moulds.cast_models()]
        self.next_id = {model: moulds.top(model) + 1 for model in [*self.tables, NameWord]}
        self.first_id = dict(self.next_id)
        taken = set(apps.get_model("escalation", "Dispute").objects.values_list("reference", flat=True))
        self.references = [
            f"{n // 10_000}-{n % 10_000:04}" for n in draw.sample(range(10_000_000, 100_000_000), number)
        ]
        self.references = [each for each in self.references if each not in taken]
        self.number = min(number, len(self.references))
        self.columns = {model: _columns(model) for model in [*self.tables, NameWord]}
        self.words = {}

    @property
    def written(self):
        return {model.__name__: self.next_id[model] - self.first_id[model] for model in self.next_id}

    def run(self, progress):
        numbers = list(range(self.number))
        open_ones = set(self.draw.sample(numbers, self.open_number))
        for start in range(0, self.number, CHUNK):
            lines = {model: [] for model in [*self.tables, NameWord]}
            for n in numbers[start : start + CHUNK]:
                self.cast(n, n in open_ones, lines)
            with connection.cursor() as cursor:
                for model, written in lines.items():
                    if written:
                        names = ", ".join(f'"{name}"' for name in self.columns[model])
                        statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
                        cursor.copy_expert(statement, io.StringIO("".join(written)))
            progress(min(start + CHUNK, self.number))

    def cast(self, n, is_open, lines):
        """The lines of one dispute."""
        draw = self.draw
        weights, made = self.open if is_open else self.ended
        mould = made[bisect(weights, draw.random() * weights[-1])]
        raised_at, stretch = self.times(mould, is_open)
        values = self.values(mould, n, raised_at, stretch)
        for model, rows in mould.rows.items():
            out = lines[model]
            for text, pick in rows:
                out.append(text % pick(values))
        dispute = values[mould.places["row", self.dispute_model, 0]]
        for word in self.words_of(values[mould.places["adult",]]):
            lines[NameWord].append(f"{self.next_id[NameWord]}\t{dispute}\t{word}\n")
            self.next_id[NameWord] += 1

    dispute_model = apps.get_model("escalation", "Dispute")

    def times(self, mould, is_open):
        """When it was raised, and how much longer or shorter all took than in the mould."""
        draw = self.draw
        if is_open:
            # Short of now; the more of a backlog, the longer ago
            days = draw.random() * (60 if self.backlog else 9)
            lasted = max(days * 86_400 * draw.random(), 3600)
            return self.now - timedelta(days=days, seconds=3700), lasted / max(mould.lasts, 1)
        stretch = draw.lognormvariate(0, 0.6)
        lasts = timedelta(seconds=mould.lasts * stretch)
        ago = draw.random() * YEARS * 365.25 * 86_400
        return self.now - lasts - timedelta(seconds=ago), stretch

    def values(self, mould, n, raised_at, stretch):
        """What stands in each place of the mould in this cast."""
        a, b = self.pair()
        cast = {"a": a, "b": b}
        bases = {}
        for model, count in mould.counts.items():
            bases[model] = self.next_id[model]
            self.next_id[model] += count
        adult, category = self.adult(), self.draw.choice(Category.values)
        people = {f"{side}_{role}": self.draw.choice(users[role])
                  for side, (_, users) in cast.items() for role in scenes.ROLES}  # fmt: skip
        raised_at = raised_at.replace(microsecond=0)
        raised_on = raised_at.date()
        values, late = [None] * len(mould.places), []
        for what, index in mould.places.items():
            match what:
                case ("row", model, own):
                    values[index] = bases[model] + own
                case ("instant", "target"):
                    values[index] = deadlines.target(raised_at).isoformat(" ")
                case ("instant T", "target"):
                    values[index] = deadlines.target(raised_at).isoformat()
                case ("instant", seconds):
                    values[index] = (raised_at + timedelta(seconds=int(seconds * stretch))).isoformat(" ")
                case ("instant T", seconds):
                    values[index] = (raised_at + timedelta(seconds=int(seconds * stretch))).astimezone(UTC).isoformat()
                case ("day", days):
                    values[index] = (raised_on + timedelta(days=days)).isoformat()
                case ("agency", side):
                    values[index] = cast[side][0].pk
                case ("agency name", side):
                    values[index] = cast[side][0].name
                case ("user", key):
                    values[index] = people[key].pk
                case ("user name", key):
                    values[index] = people[key].full_name
                case ("adult",):
                    values[index] = adult
                case ("reference",):
                    values[index] = self.references[n]
                case ("category",):
                    values[index] = category
                case ("category words",):
                    values[index] = json.dumps(Category(category).label, ensure_ascii=False)
                case ("event" | "message_id" | "parcel" as name, own):
                    number = bases[self.notice] + own
                    values[index] = f"load:{number}" if name == "event" else f"<load.{number}@localhost>"
                case _:
                    late.append((what, index))
        self.seal(mould, values, late)
        return values

    notice = apps.get_model("agencies", "Notice")

    def seal(self, mould, values, late):
        """The contents of the records, and the digest of each."""
        sealed = [text % pick(values) for text, pick in mould.contents]
        for (what, number), index in late:
            text = sealed[number]
            values[index] = moulds.escaped(text) if what == "content" else hashlib.sha256(text.encode()).hexdigest()

    def pair(self):
        total = self.agency_weights[-1]
        first = bisect(self.agency_weights, self.draw.random() * total)
        second = first
        while second == first:
            second = bisect(self.agency_weights, self.draw.random() * total)
        return self.agencies[first], self.agencies[second]

    def adult(self):
        draw = self.draw
        middle = f"{draw.choice(MIDDLE)} " if draw.random() < 0.5 else ""
        last = draw.choice(LAST)
        return f"{draw.choice(FIRST)} {middle}{last}{'-' + draw.choice(LAST) if draw.random() < 0.2 else ''}"

    def words_of(self, name):
        if name not in self.words:
            self.words[name] = fold(name)
        return self.words[name]

    def set_sequences(self):
        with connection.cursor() as cursor:
            for model, following in self.next_id.items():
                key = model._meta.pk.column
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)",
                    [f'"{model._meta.db_table}"', key, following],
                )


def _weighted(made):
    return list(accumulate(weight for _, weight in made)), [mould for mould, _ in made]


def _columns(model):
    return [each.column for each in model._meta.concrete_fields]


class _without_indexes:
    """Drop the tables' foreign keys and indexes, primary keys apart, and make them again afterwards."""

    def __init__(self, models):
        self.tables = [model._meta.db_table for model in models]

    def __enter__(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
                   WHERE contype IN ('f', 'u') AND conrelid::regclass::text = ANY(%s) ORDER BY contype""",
                [self.tables],
            )
            self.constraints = cursor.fetchall()
            for table, name, _ in self.constraints:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute(
                """SELECT quote_ident(i.relname), pg_get_indexdef(i.oid) FROM pg_index x
                   JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
                   WHERE t.relname = ANY(%s) AND NOT x.indisprimary""",
                [self.tables],
            )
            self.indexes = cursor.fetchall()
            for name, _ in self.indexes:
                cursor.execute(f"DROP INDEX {name}")

    def __exit__(self, kind, *error):
        if kind:
            return
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            for _, definition in self.indexes:
                cursor.execute(definition)
            for table, name, definition in sorted(self.constraints, key=lambda each: each[2].startswith("FOREIGN")):
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
