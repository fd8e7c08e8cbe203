"""Casts disputes from their moulds and copies them into the tables: COPY first, indexes and foreign keys after.

All in one transaction: whoever stops it leaves the database as it was.
"""

import hashlib
import io
import json
import random
from bisect import bisect
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import accumulate

from django.db import connection, transaction

from agencies.models import Notice
from config.load import moulds, people, scenes, vocabulary
from escalation import deadlines
from escalation.models import Category, Dispute, NameWord, Written
from escalation.names import kept

AGENCIES = 40
YEARS = 10
CHUNK = 1_000
JUST = timedelta(days=30)  # ended so lately that not all is done that follows
FIRST = """
    Margaret Patricia Doreen Harold Stanley Winifred Aneta Mohammed Siân Zofia Kwame Parveen Brian Joan Derek Eileen
    Gwendolen Arthur Rashida Tomasz Beryl Clifford Ivy Norman Maureen Leroy Nasreen Chidi Agnieszka Ronald
    """.split()  # noqa: SIM905 - words read better than a list of strings
LAST = """
    Whitworth Lowther O’Shea Ackroyd Hussain Nowak Okonkwo Barraclough Singh Fearnley Haigh Murray Kaur Dyson Rawlinson
    Begum Adeyemi Tordoff Kowalski Clegg Mensah Bottomley Shah Entwistle Lumb Varga Nair Sykes Mahmood Ogden
    """.split()  # noqa: SIM905 - words read better than a list of strings
MIDDLE = "Ann Jean Rose Mary Elizabeth John Ray May Grace Lee".split()  # noqa: SIM905 - words read better than a list of strings


def pour(number, open_percent, now, password, seed=0, progress=lambda done: None):
    """Make this many disputes; gives how many rows each table got. PostgreSQL only."""
    with transaction.atomic():
        agencies, board = people.make(AGENCIES, password)
        load = _Load(number, open_percent, now, agencies, board, random.Random(seed))
        with _without_indexes(load.tables):
            load.run(progress)
        load.set_sequences()
    # As the server does of itself a little later: an index alone answers only what is known to be seen by all
    tidy = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for model in load.tables:
            cursor.execute(f'{tidy} "{model._meta.db_table}"')
    return load.written


class _Kinds:
    """Moulds of disputes, each with its weight; every one is cast once before any is drawn again."""

    def __init__(self, played):
        self.moulds = [mould for _, mould in played]
        self.weights = list(accumulate(scene.weight for scene, _ in played))
        self.not_yet = self.moulds[::-1]

    def draw(self, draw):
        if self.not_yet:
            return self.not_yet.pop()
        return self.moulds[bisect(self.weights, draw.random() * self.weights[-1])]


def _kinds():
    """The moulds of what ended, of what has just ended, and of what is open; what was played is rolled back."""
    with transaction.atomic():
        people_of_the_scene = scenes.people()
        kinds = []
        for group in (scenes.ENDED, scenes.JUST_ENDED, scenes.OPEN):
            played = []
            for scene in group:
                played.append((scene, moulds.make(people_of_the_scene, scene.act, Category.THRESHOLD)))
                _forget_reference()
            kinds.append(_Kinds(played))
        transaction.set_rollback(True)
    return kinds


def _forget_reference():
    """So that the next one played can have the same."""
    Dispute.objects.filter(reference=scenes.REFERENCE).update(reference=f"x{random.randrange(10**8):08}")


class _Load:
    """The casting of all disputes: their values drawn, their lines written."""

    def __init__(self, number, open_percent, now, agencies, board, draw):
        self.now, self.draw = now, draw
        self.open_number = round(number * open_percent / 100)
        self.backlog = open_percent > 10
        self.agencies, self.board = agencies, board
        self.agency_weights = list(accumulate(1 / (n + 3) for n in range(len(agencies))))
        self.ended, self.just_ended, self.open = _kinds()
        self.says = vocabulary.made(draw)
        self.cast_models = moulds.cast_models()
        self.tables = [*self.cast_models, NameWord, Written]
        self.next_id = {model: moulds.top(model) + 1 for model in [*self.cast_models, NameWord]}
        self.first_id = dict(self.next_id)
        taken = set(Dispute.objects.values_list("reference", flat=True))
        drawn = draw.sample(range(10_000_000, 100_000_000), number)
        self.references = [each for n in drawn if (each := f"{n // 10_000}-{n % 10_000:04}") not in taken]
        self.number = min(number, len(self.references))
        self.columns = {model: _columns(model) for model in self.tables}
        self.words = {}

    @property
    def written(self):
        return {model.__name__: self.next_id[model] - self.first_id[model] for model in self.next_id} | {
            "Written": self.number
        }

    def run(self, progress):
        numbers = list(range(self.number))
        open_ones = set(self.draw.sample(numbers, min(self.open_number, self.number)))
        connection.ensure_connection()
        database, copying = connection.connection, None  # the driver's own: Django's belongs to this thread
        with ThreadPoolExecutor(1) as copier:
            for start in range(0, self.number, CHUNK):
                lines = {model: [] for model in self.tables}
                for n in numbers[start : start + CHUNK]:
                    self.cast(n, n in open_ones, lines)
                # The database copies some while the next are cast
                if copying:
                    copying.result()
                    progress(start)
                copying = copier.submit(self.copy, database, lines)
            if copying:
                copying.result()
        progress(self.number)

    def copy(self, database, lines):
        """Copy the lines into their tables."""
        with database.cursor() as cursor:
            for model, written in lines.items():
                if written:
                    names = ", ".join(f'"{name}"' for name in self.columns[model])
                    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
                    cursor.copy_expert(statement, io.StringIO("".join(written)))

    def cast(self, n, is_open, lines):
        """The lines of one dispute."""
        mould, raised_at, stretch = self.in_time(is_open)
        adult = self.adult()
        values, dispute = self.values(mould, n, adult, raised_at, stretch)
        for model, (text, pick) in mould.rows.items():
            lines[model].append(text % pick(values))
        (words, of_words), (lexemes, of_lexemes) = mould.written
        lines[Written].append(f"{dispute}\t{words % of_words(values)}\t{lexemes % of_lexemes(values)}\n")
        for word in self.words_of(adult):
            lines[NameWord].append(f"{self.next_id[NameWord]}\t{dispute}\t{word}\n")
            self.next_id[NameWord] += 1

    def in_time(self, is_open):
        """A mould, when its cast was raised, and how much longer or shorter all took than in the mould."""
        draw = self.draw
        if is_open:
            # Short of now; the more of a backlog, the longer ago
            mould = self.open.draw(draw)
            days = draw.random() * (60 if self.backlog else 9)
            lasted = max(days * 86_400 * draw.random(), 3600)
            return mould, self.now - timedelta(days=days, seconds=3700), lasted / max(mould.lasts, 1)
        ago = timedelta(seconds=draw.random() * YEARS * 365.25 * 86_400)
        mould = (self.just_ended if ago < JUST else self.ended).draw(draw)
        stretch = draw.lognormvariate(0, 0.6)
        return mould, self.now - timedelta(seconds=mould.lasts * stretch) - ago, stretch

    def values(self, mould, n, adult, raised_at, stretch):
        """What stands in each place of the mould in this cast, and the id of the dispute."""
        draw, at = self.draw, mould.at
        values = [None] * len(mould.places)
        bases = {}
        for model, count in mould.counts:
            bases[model] = self.next_id[model]
            self.next_id[model] += count
        for index, model, own in at["row"]:
            values[index] = bases[model] + own
        raised_at = raised_at.replace(microsecond=0)
        target_at = deadlines.target(raised_at)
        for index, separator, seconds in at["instant"]:
            instant = target_at if seconds == "target" else raised_at + timedelta(seconds=int(seconds * stretch))
            values[index] = instant.isoformat(separator)
        for index, write, days in at["day"]:
            values[index] = write((raised_at + timedelta(days=days * stretch)).date())
        sides = dict(zip(scenes.SIDES, self.agencies_of(), strict=True))
        for index, side, attribute in at["agency"]:
            values[index] = getattr(sides[side][0], attribute)
        who = {
            f"{side}_{role}": draw.choice(users[role]) for side, (_, users) in sides.items() for role in scenes.ROLES
        }
        who |= self.board
        for index, key, attribute in at["user"]:
            values[index] = getattr(who[key], attribute)
        category = draw.choice(Category.values)
        told = {
            "adult": adult, "reference": self.references[n], "category": category,
            "category words": json.dumps(Category(category).label, ensure_ascii=False),
        }  # fmt: skip
        for index, what in at["told"]:
            values[index] = told[what]
        for kind, indexes in at["says"]:
            said = draw.choice(self.says[kind])
            for index, attribute in indexes:
                values[index] = getattr(said, attribute)
        for index, form, own in at["notice"]:
            values[index] = form.format(bases[Notice] + own)
        self.seal(mould, values)
        return values, bases[Dispute]

    def seal(self, mould, values):
        """The contents of what is sealed, the digest of each, and those of the texts of the trail."""
        at = mould.at
        for number, (text, pick) in enumerate(mould.contents):
            content = text % pick(values)
            for index in at["content"].get(number, ()):
                values[index] = content
            for index in at["digest"].get(number, ()):
                values[index] = hashlib.sha256(content.encode()).hexdigest()
        for number, (salt, text, pick) in enumerate(mould.digests):
            said = hashlib.sha256((salt + text % pick(values)).encode()).hexdigest()
            for index in at["said"].get(number, ()):
                values[index] = said
        for number in at["content"]:
            for index in at["content"][number]:
                values[index] = moulds.escaped(values[index])

    def agencies_of(self):
        """Three agencies, the large ones oftener."""
        found = []
        while len(found) < len(scenes.SIDES):
            drawn = bisect(self.agency_weights, self.draw.random() * self.agency_weights[-1])
            if drawn not in found:
                found.append(drawn)
        return [self.agencies[drawn] for drawn in found]

    def adult(self):
        draw = self.draw
        middle = f"{draw.choice(MIDDLE)} " if draw.random() < 0.5 else ""
        last = draw.choice(LAST)
        return f"{draw.choice(FIRST)} {middle}{last}{'-' + draw.choice(LAST) if draw.random() < 0.2 else ''}"

    def words_of(self, name):
        if name not in self.words:
            self.words[name] = kept(name)
        return self.words[name]

    def set_sequences(self):
        with connection.cursor() as cursor:
            for model, following in self.next_id.items():
                key = model._meta.pk.column
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)",
                    [f'"{model._meta.db_table}"', key, following],
                )


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
