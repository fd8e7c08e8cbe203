"""A mould: all rows that one played dispute has left in every table, ready to be cast again with other values.

What changes from cast to cast is kept as a place in a row's text: the row's own id and those it points to, instants
(stretched from the raising, but for the target), dates, people, agencies, the adult's name, the reference, what
somebody wrote, and the contents of what is sealed with their digests.
"""

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter

from django.apps import apps
from django.db import connection, models

from agencies.models import Act, Agency, Notice, User
from config.load.scenes import ADULT, BEGAN, REFERENCE, SAYS, Play
from config.load.vocabulary import lexemes_of, stems_of
from escalation.models import Dispute, DutyKind, Entry, Record, Written
from escalation.moments import day_full
from panels.models import Report

NOT_CAST = {"Draft", "Search", "SavedView", "Export", "Beat", "NameWord", "Written"}
# What a duty is about, by its kind
ABOUT = {
    DutyKind.APPROVE: "escalationrequest",
    DutyKind.GO_ROUND: "escalationrequest",
    DutyKind.WRITE_ENTRY: "discussion",
    DutyKind.ANSWER_PROPOSAL: "proposal",
    DutyKind.SETTLE: "proposal",
    DutyKind.REPRESENT: "representation",
    DutyKind.ACKNOWLEDGE: "paneldecision",
    DutyKind.DO_ACTION: "panelaction",
    DutyKind.WRITE_REPORT: "paneldecision",
    DutyKind.PANEL_INVITATION: "sitting",
    DutyKind.PANEL_SITTING: "sitting",
    DutyKind.PANEL_SIGN_OFF: "paneldecision",
}
# Rows in the address of a page
IN_ADDRESS = {
    "panels": "panel", "requests": "escalationrequest", "discussions": "discussion", "proposals": "proposal",
    "representations": "representation", "sittings": "sitting", "actions": "panelaction",
}  # fmt: skip
NAMED = r" (?:qagencyq|qpersonq)\w*| \w*leadq\b"
OF_AGENCY = ("of_agency", "of", "added")  # facts that name an agency by its id
OF_AGENCIES = ("agencies", "absent")
INSTANT = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?\+00:00"
DAY = r"\d{4}-\d\d-\d\d"
DAY_IN_WORDS = r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]+ \d{4}"


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
    counts: list = field(default_factory=list)  # (model, number of rows)
    places: dict = field(default_factory=dict)  # what changes → its index in the values of a cast
    rows: dict = field(default_factory=dict)  # all of a model's as one format, and what it takes
    contents: list = field(default_factory=list)
    digests: list = field(default_factory=list)  # (salt, format, what it takes) of the texts of the trail
    written: tuple = ()  # the words of all that was written, and their lexemes
    lasts: float = 0  # seconds, from the raising to the last act
    at: dict = field(default_factory=dict)  # the places by what stands in them, for the casting

    def place(self, *what):
        return self.places.setdefault(what, len(self.places))

    def sort_places(self):
        """Sort the places by what stands in them, once all are known."""
        at = self.at = {kind: [] for kind in ("row", "instant", "day", "agency", "user", "told", "notice")}
        at |= {kind: defaultdict(list) for kind in ("content", "digest", "said")}
        says = defaultdict(list)
        for what, index in self.places.items():
            match what:
                case ("row", model, own):
                    at["row"].append((index, model, own))
                case ("instant" | "instant T" as kind, seconds):
                    at["instant"].append((index, "T" if kind == "instant T" else " ", seconds))
                case ("day" | "day in words" as kind, days):
                    at["day"].append((index, date.isoformat if kind == "day" else day_full, days))
                case ("agency" | "agency name" as kind, side):
                    at["agency"].append((index, side, "pk" if kind == "agency" else "name"))
                case ("user" | "user name" as kind, key):
                    at["user"].append((index, key, "pk" if kind == "user" else "full_name"))
                case ("event" | "message_id" | "parcel" as kind, own):
                    at["notice"].append((index, "load:{}" if kind == "event" else "<load.{}@localhost>", own))
                case ("says" | "words" | "lexemes" as kind, of, number):
                    says[of, number].append((index, "text" if kind == "says" else kind))
                case ("content" | "digest" | "said" as kind, number):
                    at[kind][number].append(index)
                case (told,):
                    at["told"].append((index, told))
        at["says"] = [(kind, indexes) for (kind, _), indexes in says.items()]


def make(scene, act, category):
    """Play one dispute and take its mould. The caller rolls everything back afterwards."""
    found = cast_models()
    before = {model: top(model) for model in found}
    play = Play(scene, category)
    act(play)
    mould = Mould(category, found)
    dispute = Dispute.objects.get(pk=play.dispute.pk)
    _send(Notice.objects.filter(pk__gt=before[Notice]), dispute)
    taken = _Taking(mould, scene, before, dispute)
    for model in found:
        rows = list(
            model._default_manager.filter(pk__gt=before[model]).order_by("pk").values_list(*taken.columns(model))
        )
        if rows:
            mould.counts.append((model, len(rows)))
        taken.ids[model] = {row[0]: number for number, row in enumerate(rows)}
        taken.rows[model] = rows
    taken.contents()
    for model in found:
        if taken.rows[model]:
            rows = [taken.row(model, row) for row in taken.rows[model]]
            mould.rows[model] = "".join(text for text, _ in rows), getter([place for _, each in rows for place in each])
    mould.written = taken.written()
    last = Act.objects.filter(thread=dispute.pk).order_by("-at").values_list("at", flat=True)[0]
    mould.lasts = (last - BEGAN).total_seconds()
    mould.sort_places()
    return mould


def _send(notices, dispute):
    """As it is by then: the emails have left, and of what ended the notices are read."""
    notices.update(sent_at=models.F("written_at"), attempts=1)
    if dispute.ended_at:
        notices.update(read_at=models.F("written_at") + timedelta(hours=1))


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
        self.words = re.compile("|".join([*map(re.escape, self.names), SAYS.pattern]))
        self.target = (dispute.target_at - BEGAN).total_seconds()
        self.by_name = {model._meta.model_name: model for model in mould.models}

    def columns(self, model):
        names = [each.attname for each in model._meta.concrete_fields]
        key = model._meta.pk.attname
        return [key, *(name for name in names if name != key)]

    def contents(self):
        """The contents of what is sealed, each a place of its own with its digest; and the texts of the trail."""
        self.sealed = {}
        sealed = [*Record.objects.filter(stage__dispute=self.dispute)]
        sealed += Report.objects.filter(panel__dispute=self.dispute).exclude(content="")
        for number, record in enumerate(sealed):
            plain, places = self.text(record.content, in_json=True)
            self.mould.contents.append((plain, getter(places)))
            self.sealed[record.content] = ("content", number)
            self.sealed[record.digest] = ("digest", number)
        self.said = set(self.sealed)
        for model, rows in self.rows.items():
            self.said |= {value for row in rows for value in row if isinstance(value, str)}
            if model is Entry:
                self.said |= {each.facts + each.opinions for each in Entry.objects.filter(dispute=self.dispute)}
            if model is Report:
                reports = Report.objects.filter(panel__dispute=self.dispute)
                self.said |= {f"{each.issues}\n{each.decisions}\n{each.learning}" for each in reports}
        self.said.add("\n".join((self.dispute.problem, self.dispute.disagreement, self.dispute.aim)))

    def digest(self, salt, digest):
        """The place of a digest of the trail: of a text that is found among those of the rows."""
        for text in self.said:
            if hashlib.sha256((salt + text).encode()).hexdigest() == digest:
                if text in self.sealed:
                    self.mould.digests.append((salt, "%s", getter([self.mould.place(*self.sealed[text])])))
                else:
                    words, places = self.text(text)
                    self.mould.digests.append((salt, words, getter(places)))
                return self.mould.place("said", len(self.mould.digests) - 1)
        raise LookupError("The trail has a text that stands in no row.")

    def written(self):
        """(format, what it takes) of the words of all that was written, and of their lexemes."""
        # Whom the panel's decision names is left out: their names fall apart here, and are others in each cast
        words = re.sub(NAMED, "", Written.objects.get(dispute=self.dispute).words)
        pieces, places, lexemes, end, own = [], [], [], 0, set()
        for found in re.finditer(SAYS.pattern.lower(), words):
            pieces += [words[end : found.start()], "%s"]
            places.append(self.mould.place("words", *found.groups()))
            lexemes.append(self.mould.place("lexemes", *found.groups()))
            own |= set(words[end : found.start()].split())
            end = found.end()
        own |= set(words[end:].split())
        own |= set(filter(None, stems_of(own).values()))
        plain = " ".join([lexemes_of(own), *["%s"] * len(set(lexemes))])
        return (escaped("".join([*pieces, words[end:]])), getter(places)), (plain, getter(list(dict.fromkeys(lexemes))))

    def text(self, text, in_json=False):
        """A text as a format, and the places it names."""
        pieces, places = [], []
        pattern = self.words.pattern + (f'|{INSTANT}|(?<="){DAY}(?=")' if in_json else "") + f"|{DAY_IN_WORDS}"
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
        if says := SAYS.fullmatch(text):
            return self.mould.place("says", *says.groups())
        if re.fullmatch(DAY_IN_WORDS, text):
            return self.mould.place("day in words", (in_words(text) - BEGAN.date()).days)
        if len(text) == 10:
            return self.day(date.fromisoformat(text))
        return self.instant(datetime.fromisoformat(text), "T" in text)

    def instant(self, value, with_t=False):
        seconds = (value - BEGAN).total_seconds()
        what = "target" if seconds == self.target else seconds
        return self.mould.place("instant T" if with_t else "instant", what)

    def day(self, value):
        return self.mould.place("day", (value - BEGAN.date()).days)

    def row(self, model, row):
        """A row as a format of one COPY line, and the places it names."""
        formats, places = [], []
        values = dict(zip(self.columns(model), row, strict=True))
        for each in model._meta.concrete_fields:
            words, named = self.cell(model, each, values[each.attname], values)
            formats.append(words)
            places += named
        return "\t".join(formats) + "\n", places

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
            words, named = self.text(json.dumps(self.facts(value)), in_json=True)
            return self.agencies_in(escaped(words), named)
        if each.attname == "digest" and model is Act and value:
            return "%s", [self.digest(values["salt"], value)]
        if each.attname == "address":
            return self.address(value)
        if each.attname == "category" and model in (Dispute, Dispute.history.model):
            return "%s", [self.mould.place("category")]
        text = str(value)
        if text in self.sealed:
            return "%s", [self.mould.place(*self.sealed[text])]
        words, named = self.text(text)
        return escaped(words), named

    def facts(self, value):
        """The facts of an act, with marks in the place of the agencies' ids."""
        if not isinstance(value, dict):
            return value
        told = dict(value)
        for key in OF_AGENCY:
            if key in told:
                told[key] = f"agency:{self.agencies[told[key]]}"
        for key in OF_AGENCIES:
            if key in told:
                told[key] = [f"agency:{self.agencies[pk]}" for pk in told[key]]
        return told

    def agencies_in(self, words, named):
        """The same with a place for each mark."""
        pieces, places, taken, end = [], [], iter(named), 0
        for found in re.finditer(r'"agency:(\w+)"|%%|%s', words):
            pieces.append(words[end : found.start()])
            end = found.end()
            if found.group(1):
                places.append(self.mould.place("agency", found.group(1)))
            elif found.group() == "%s":
                places.append(next(taken))
            pieces.append("%s" if found.group() != "%%" else "%%")
        return "".join([*pieces, words[end:]]), places

    def address(self, text):
        """The address of a page, with the ids of this cast."""
        pieces, places, end = [], [], 0
        for found in re.finditer(rf"{REFERENCE}|({'|'.join(IN_ADDRESS)})/(\d+)", text):
            if found.group() == REFERENCE:
                pieces += [text[end : found.start()], "%s"]
                places.append(self.mould.place("reference"))
            else:
                model = self.by_name[IN_ADDRESS[found.group(1)]]
                pieces += [text[end : found.start(2)], "%s"]
                places.append(self.mould.place("row", model, self.ids[model][int(found.group(2))]))
            end = found.end()
        return "".join([*pieces, text[end:]]), places

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


def in_words(text):
    """The date that is written like this in a record."""
    day = BEGAN.date() - timedelta(days=366)
    while day_full(day) != text:
        day += timedelta(days=1)
    return day


def escaped(text):
    """A text as COPY reads it; its own places stay."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
