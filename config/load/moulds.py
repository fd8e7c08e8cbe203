"""A mould: all rows that one played dispute has left in every table, ready to be cast again with other values.

What changes from cast to cast is kept as a place in a row's text: the row's own id and those it points to, instants
(stretched from the raising, but for the target), dates, people, agencies, the adult's name, the reference, and the
contents of sealed records with their digests.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter

from django.apps import apps
from django.db import connection, models

from agencies.models import Agency, User
from config.load.scenes import ADULT, BEGAN, REFERENCE, Play
from escalation.models import Dispute, DutyKind, Record

NOT_CAST = {"Draft", "Search", "SavedView", "Export", "Beat", "NameWord", "Written"}
# What a duty is about, by its kind
ABOUT = {
    DutyKind.APPROVE: "escalationrequest",
    DutyKind.GO_ROUND: "escalationrequest",
    DutyKind.WRITE_ENTRY: "discussion",
    DutyKind.ANSWER_PROPOSAL: "proposal",
    DutyKind.SETTLE: "proposal",
}
INSTANT = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?\+00:00"
DAY = r"\d{4}-\d\d-\d\d"


def cast_models():
    """The models whose rows belong to a dispute, with the histories of each."""
    found = [model for model in apps.get_app_config("escalation").get_models() if model.__name__ not in NOT_CAST]
    found += apps.get_app_config("panels").get_models()
    return [*found, apps.get_model("agencies", "Act"), apps.get_model("agencies", "Notice")]


def own_key(model):
    return model._meta.pk.column


def top(model):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max("{own_key(model)}"), 0) FROM "{model._meta.db_table}"')
        return cursor.fetchone()[0]


@dataclass
class Mould:
    """The rows of one played dispute; `lines` gives those of a cast as COPY reads them."""

    category: str
    models: list
    counts: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)  # what changes → its index in the values of a cast
    rows: dict = field(default_factory=lambda: defaultdict(list))
    contents: list = field(default_factory=list)
    instants: list = field(default_factory=list)  # seconds since the raising
    days: list = field(default_factory=list)
    ended_after: int = 0

    def place(self, *what):
        return self.places.setdefault(what, len(self.places))


def make(scene, act, category):
    """Play one dispute and take its mould. The caller rolls everything back afterwards."""
    found = cast_models()
    before = {model: top(model) for model in found}
    play = Play(scene, category)
    act(play)
    mould = Mould(category, found)
    dispute = Dispute.objects.get(pk=play.dispute.pk)
    taken = _Taking(mould, scene, before, dispute)
    for model in found:
        rows = list(
            model._default_manager.filter(pk__gt=before[model]).order_by("pk").values_list(*taken.columns(model))
        )
        mould.counts[model] = len(rows)
        taken.ids[model] = {row[0]: number for number, row in enumerate(rows)}
        taken.rows[model] = rows
    taken.contents()
    for model in found:
        for row in taken.rows[model]:
            mould.rows[model].append(taken.row(model, row))
    mould.ended_after = (dispute.ended_at - BEGAN).total_seconds() if dispute.ended_at else 0
    mould.lasts = max(mould.instants)
    return mould


class _Taking:
    """Turns the rows of a played dispute into lines with places."""

    def __init__(self, mould, scene, before, dispute):
        self.mould, self.dispute, self.before = mould, dispute, before
        self.ids, self.rows = {}, {}
        self.agencies = {agency.pk: key for key, agency in scene.agencies.items()}
        self.users = {user.pk: key for key, user in scene.users.items()}
        self.names = {agency.name: ("agency name", key) for key, agency in scene.agencies.items()}
        self.names |= {user.full_name: ("user name", key) for key, user in scene.users.items()}
        self.names |= {ADULT: ("adult",), REFERENCE: ("reference",)}
        self.words = re.compile("|".join(map(re.escape, self.names)))
        self.target = (dispute.target_at - BEGAN).total_seconds()
        self.by_name = {model._meta.model_name: model for model in mould.models}

    def columns(self, model):
        names = [each.attname for each in model._meta.concrete_fields]
        key = model._meta.pk.attname
        return [key, *(name for name in names if name != key)]

    def contents(self):
        """The contents of the sealed records, each a place of its own with its digest."""
        self.sealed = {}
        for number, record in enumerate(Record.objects.filter(stage__dispute=self.dispute)):
            plain, places = self.text(record.content, in_json=True)
            self.mould.contents.append((plain, getter(places)))
            self.sealed[record.content] = ("content", number)
            self.sealed[record.digest] = ("digest", number)

    def text(self, text, in_json=False):
        """A text as a format, and the places it names."""
        pieces, places = [], []
        pattern = self.words.pattern + (f'|{INSTANT}|(?<="){DAY}(?=")' if in_json else "")
        end = 0
        for found in re.finditer(pattern, text):
            pieces += [text[end : found.start()].replace("%", "%%"), "%s"]
            places.append(self.found(found.group()))
            end = found.end()
        pieces.append(text[end:].replace("%", "%%"))
        words = "".join(pieces)
        return (self.labelled(words, places), places) if in_json else (words, places)

    def labelled(self, words, places):
        """The same, with the words of the category as one more place."""
        label = json.dumps(self.dispute.get_category_display(), ensure_ascii=False)
        pieces, out, merged, used = words.split(label), [], [], 0
        for number, piece in enumerate(pieces):
            many = piece.replace("%%", "").count("%s")
            out.append(piece)
            merged += places[used : used + many]
            used += many
            if number < len(pieces) - 1:
                merged.append(self.mould.place("category words"))
        places[:] = merged
        return "%s".join(out)

    def found(self, text):
        if text in self.names:
            return self.mould.place(*self.names[text])
        if len(text) == 10:
            return self.day(date.fromisoformat(text))
        return self.instant(datetime.fromisoformat(text), "T" in text)

    def instant(self, value, with_t=False):
        seconds = (value - BEGAN).total_seconds()
        what = "target" if seconds == self.target else seconds
        if what != "target" and what not in self.mould.instants:
            self.mould.instants.append(what)
        return self.mould.place("instant T" if with_t else "instant", what)

    def day(self, value):
        days = (value - BEGAN.date()).days
        if days not in self.mould.days:
            self.mould.days.append(days)
        return self.mould.place("day", days)

    def row(self, model, row):
        """A row as a format of one COPY line, and the places it names."""
        formats, places = [], []
        values = dict(zip(self.columns(model), row, strict=True))
        for each in model._meta.concrete_fields:
            words, named = self.cell(model, each, values[each.attname], values)
            formats.append(words)
            places += named
        return "\t".join(formats) + "\n", getter(places)

    def cell(self, model, each, value, values):
        place = self.pointed(model, each, value, values)
        if place is not None:
            return "%s", [place]
        if value is None:
            return r"\N", []
        if isinstance(value, datetime):
            return "%s", [self.instant(value)]
        if isinstance(value, date):
            return "%s", [self.day(value)]
        if isinstance(value, bool):
            return ("t" if value else "f"), []
        if isinstance(each, models.JSONField):
            return escaped(self.facts(value)), []
        if each.attname == "category" and model in (Dispute, Dispute.history.model):
            return "%s", [self.mould.place("category")]
        text = str(value)
        if text in self.sealed:
            return "%s", [self.mould.place(*self.sealed[text])]
        words, named = self.text(text)
        return escaped(words), named

    def facts(self, value):
        # Agencies are named by id in the facts of raising; the figures of a cast would differ: left out
        return json.dumps({key: each for key, each in value.items() if key not in ("agencies", "added")}
                          if isinstance(value, dict) else value)  # fmt: skip

    def pointed(self, model, each, value, values):
        """The place of an id, where a column holds one."""
        if each.primary_key:
            return self.mould.place("row", model, self.ids[model][value])
        name, label = each.attname, model.__name__
        if label == "Notice" and name in ("event", "message_id", "parcel"):
            own = self.ids[model][values["id"]]
            return self.mould.place(name, own) if value else None
        if value is None:
            return None
        target = each.related_model if each.is_relation else None
        if target is None and label.startswith("Historical") and name == model.instance_type._meta.pk.attname:
            target = model.instance_type
        if name == "thread":
            target = Dispute
        if name == "subject_id" and value:
            target = self.by_name[values["subject_type"] if label == "Act" else ABOUT[values["kind"]]]
        if target is Agency:
            return self.mould.place("agency", self.agencies[value])
        if target is User:
            return self.mould.place("user", self.users[value])
        return self.mould.place("row", target, self.ids[target][value]) if target else None


def getter(places):
    """Picks the values of these places, always as a tuple."""
    if not places:
        return lambda values: ()
    return itemgetter(*places) if len(places) > 1 else lambda values, at=places[0]: (values[at],)


def escaped(text):
    """A text as COPY reads it; its own places stay."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
