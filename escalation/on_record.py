"""All that is on record of one dispute, read in one statement, and whoever is named in it in another.

A page that shows everything would ask for twenty tables one by one; asking costs more than reading. So each table
gives its rows as JSON lists, and one statement unites them: its text is written once. Rows become the models that they
are, joined as `prefetch_related` and `select_related` would join them; each person and agency is made once.
"""

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, partial
from operator import attrgetter

from django.db import connection, models

from agencies import prepared
from agencies.models import Agency, Cover, Membership, Role, User
from agencies.worded import Worded, numbered, padded
from escalation.models import (
    AgreedAction,
    BoardAct,
    CommissioningNote,
    Consultation,
    Conveyance,
    Decision,
    Discussion,
    Dispute,
    Duty,
    Entry,
    EscalationRequest,
    Evidence,
    Filing,
    LearningPoint,
    Link,
    LinkReply,
    Participant,
    Party,
    Proposal,
    Record,
    ReferredConcern,
    Representative,
    Response,
    Stage,
    StoredFile,
    Withdrawal,
)


@dataclass(frozen=True)
class Table:
    """The rows of a table that belong to a dispute: by which way, and which of its columns are not read."""

    model: type
    way: tuple = ("dispute",)  # from its rows to the dispute
    only: str = ""  # a further condition
    besides: tuple = ()  # long columns
    also: tuple = ()  # other rows that they hang on, besides the first of the way


TABLES = (
    Table(Party),
    Table(Representative),
    Table(Participant),
    Table(Stage),
    Table(Record, ("stage", "dispute"), besides=("content",)),
    Table(Filing, ("record", "stage", "dispute")),
    Table(Link),
    Table(Discussion),
    Table(Entry),
    Table(Evidence),
    Table(EscalationRequest),
    Table(Decision, ("request", "dispute")),
    Table(Proposal),
    Table(AgreedAction, ("proposal", "dispute")),
    Table(Response, ("proposal", "dispute")),
    Table(LinkReply, ("link", "dispute"), also=("proposal",)),
    Table(Consultation),
    Table(ReferredConcern),
    Table(BoardAct),
    Table(Conveyance),
    Table(Withdrawal),
    Table(CommissioningNote, besides=("content",)),
    Table(LearningPoint),
    Table(Duty, only="done_at IS NULL AND lapsed_at IS NULL"),
)
AGENCIES = f"SELECT agency_id FROM {Party._meta.db_table} WHERE dispute_id = %s"
NAMED = f"SELECT person_id FROM {Representative._meta.db_table} WHERE dispute_id = %s AND replaced_at IS NULL"
# The managers and leads of the agencies concerned, and whoever is named to act for one
MANAGERS_AND_LEADS = f"role IN ('{Role.MANAGER.value}', '{Role.LEAD.value}')"
OF_PERSON = ("id", "email", "full_name", "job_title", "phone", "is_active")
KNOWN = (Dispute, User, Agency, *(table.model for table in TABLES))


class OnRecord:
    """What was read with a dispute besides its own rows: the people of the agencies, covers, and what waits."""

    def __init__(self, dispute):
        self.rows = _rows(dispute)
        self.made = {model: {row.pk: row for row in rows} for model, rows in self.rows.items()}
        self._read_people()
        for model, rows in self.rows.items():
            _point(model, rows, self.made)
        for table in TABLES:
            _hang(table, self.made)
        self.members = [each for each in self.rows[Membership] if each.user.is_active]
        self.members.sort(key=lambda each: self.rank[each.user_id])

    def _read_people(self):
        """Everybody who is named in the rows, in the order of their names, and agencies that are not concerned."""
        wanted = {User: set(), Agency: set()}
        for made, rows in self.rows.items():
            for attname, _, model in _pointers(made):
                if model in wanted:
                    wanted[model].update(getattr(row, attname) for row in rows)
        if others := wanted[Agency] - self.made[Agency].keys() - {None}:
            self.rows[Agency] += Agency.objects.filter(pk__in=others)
            self.made[Agency] = {row.pk: row for row in self.rows[Agency]}
            wanted[User] |= {agency.safeguarding_contact_id for agency in self.rows[Agency]}
        self.made[User] = {person.pk: person for person in _people(wanted[User] - {None})}
        self.rank = {pk: number for number, pk in enumerate(self.made[User])}

    def away(self, at):
        """By person, the cover that holds at this instant; of several the one that lasts longest."""
        covers = sorted(self.rows[Cover], key=lambda cover: cover.ends_at)
        return {cover.person_id: cover for cover in covers if cover.starts_at <= at < cover.ends_at}


def read(dispute):
    """Read all that is on record of the dispute, unless it is read already; its rows stand behind their names."""
    if not hasattr(dispute, "on_record"):
        dispute.on_record = OnRecord(dispute)
    return dispute.on_record


def _people(ids):
    """The accounts of these ids, by name."""
    return _people_worded(**numbered(padded(ids)))


@partial(Worded, is_prepared=True)
def _people_worded(**ids):
    return User.objects.filter(pk__in=list(ids.values())).order_by("full_name").only(*OF_PERSON)


# The statement


@cache
def _statement(vendor):
    """The text of the statement, with the dispute's id in so many places, for this kind of database."""
    array = "json_build_array({})::text" if vendor == "postgresql" else "json_array({})"
    parts = []
    for model, where in _sources(vendor):
        columns = ", ".join(f'"{field.column}"' for field in _columns(model))
        parts.append(f'SELECT {len(parts)}, {array.format(columns)} FROM "{model._meta.db_table}" WHERE {where}')
    files = StoredFile._meta.db_table
    parts.append(
        f"SELECT {len(parts)}, {array.format('evidence_id, COUNT(*)')} FROM {files} "
        "WHERE dispute_id = %s AND evidence_id IS NOT NULL GROUP BY evidence_id"
    )
    statement = " UNION ALL ".join(parts)
    return statement, statement.count("%s")


@cache
def _sources(vendor):
    """Each model with the condition under which its rows belong to a dispute."""
    # PostgreSQL plans a list in half the time of a join
    among = "= ANY(ARRAY({}))" if vendor == "postgresql" else "IN ({})"
    found = []
    for table in TABLES:
        where = _way(table.model, table.way, among)
        found.append((table.model, f"{where} AND {table.only}" if table.only else where))
    members = f"ended_at IS NULL AND agency_id {among.format(AGENCIES)}"
    people = f"SELECT user_id FROM {Membership._meta.db_table} WHERE {members}"
    return (
        (Dispute, '"id" = %s'),
        *found,
        (Agency, f"id {among.format(AGENCIES)}"),
        (Membership, f"{members} AND ({MANAGERS_AND_LEADS} OR user_id {among.format(NAMED)})"),
        (Cover, f"ended_at IS NULL AND person_id {among.format(people)}"),
    )


def _way(model, way, among):
    first, *rest = way
    column = f'"{model._meta.get_field(first).column}"'
    if not rest:
        return f"{column} = %s"
    there = model._meta.get_field(first).related_model
    return f"{column} {among.format(_select(there, rest, among))}"


def _select(model, way, among):
    return f'SELECT "id" FROM "{model._meta.db_table}" WHERE {_way(model, way, among)}'


@cache
def _columns(model):
    besides = next((table.besides for table in TABLES if table.model is model), ())
    return tuple(field for field in model._meta.concrete_fields if field.name not in besides)


def _rows(dispute):
    """The rows of each model, in the order of the statement; the dispute's own fill what is given of it."""
    statement, number = _statement(connection.vendor)
    with connection.cursor() as cursor:
        prepared.execute(cursor, statement, [dispute.pk] * number)
        answer = cursor.fetchall()
    sources = _sources(connection.vendor)
    found, files = {model: [] for model, _ in sources}, {}
    for source, text in answer:
        values = json.loads(text)
        if source == len(sources):
            files[values[0]] = values[1]
            continue
        model = sources[source][0]
        names, readings = _reading(model)
        for place, reading in readings:
            if values[place] is not None:
                values[place] = reading(values[place])
        if model is Dispute:
            dispute.__dict__.update(zip(names, values, strict=True))
            found[model].append(dispute)
        else:
            found[model].append(model.from_db(connection.alias, names, values))
    for rows in found.values():
        rows.sort(key=attrgetter("pk"))
    for item in found[Evidence]:
        item.number_of_files = files.get(item.pk, 0)
    return found


@cache
def _reading(model):
    """The names of the columns that are read, and at which places JSON does not hold the value as it is."""
    fields = _columns(model)
    readings = {
        models.DateTimeField: _instant,
        models.DateField: dt.date.fromisoformat,
        models.BooleanField: bool,
        models.JSONField: _nested,
    }
    places = [(place, readings[type(field)]) for place, field in enumerate(fields) if type(field) in readings]
    return [field.attname for field in fields], places


def _instant(text):
    instant = dt.datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)  # SQLite keeps UTC without saying so


def _nested(value):
    return json.loads(value) if isinstance(value, str) else value  # SQLite keeps JSON as text


# The rows, joined


@cache
def _pointers(model):
    """The columns that point to rows which are read here: (column, name, model)."""
    return [(f.attname, f.name, f.related_model) for f in model._meta.concrete_fields if f.related_model in KNOWN]


def _point(model, rows, made):
    """Give each row the rows that it points to; what is not there is asked for when it is wanted."""
    for attname, name, of in _pointers(model) if rows else ():
        for row in rows:
            if there := made[of].get(getattr(row, attname)):
                row._state.fields_cache[name] = there


def _hang(table, made):
    """Give the rows that others hang on the list of them, in its order, or the only one."""
    rows = _in_order(table.model, made[table.model].values())
    for name in (table.way[0], *table.also):
        field = table.model._meta.get_field(name)
        relation = field.remote_field
        accessor, hanging = relation.get_accessor_name(), defaultdict(list)
        for row in rows:
            hanging[getattr(row, field.attname)].append(row)
        for pk, holder in made[field.related_model].items():
            if relation.multiple:
                cached = holder.__dict__.setdefault("_prefetched_objects_cache", {})
                cached[accessor] = hanging[pk]
            else:
                holder._state.fields_cache[accessor] = hanging[pk][0] if hanging[pk] else None


def _in_order(model, rows):
    rows = list(rows)
    if len(rows) > 1:
        for key in reversed(model._meta.ordering):
            name = key.removeprefix("-").replace("__", ".")
            rows.sort(key=attrgetter(name), reverse=key.startswith("-"))
    return rows
