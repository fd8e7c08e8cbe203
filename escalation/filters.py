"""What is asked of the lists and of the register: which filters are set, and what they say.

Which are set makes the wording of what the database is asked, and that is done once in each process
(`agencies/worded.py`); what they say are values in it.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q

from escalation import names, written
from escalation.models import BoardAct, BoardActKind, Party
from escalation.models.dispute import in_state
from escalation.moments import LONDON, in_utc

NOT_INFORMED = "not_informed"
TEXTS = ("category", "urgency", "outcome")
DAYS = {
    f"{column}_{end}": (f"{column}_at__{bound}", dt.timedelta(days=later))
    for column in ("raised", "ended")
    for end, bound, later in (("from", "gte", 0), ("to", "lt", 1))  # both days count
}


@dataclass(frozen=True)
class Wanted:
    """Filters and words: `key` is all that the wording depends on, `values` are those on which it does not."""

    key: tuple = ()
    values: dict = field(default_factory=dict)


EVERYTHING = Wanted()


def wanted(filters):
    """What some filters ask for: texts by name, as an address has them, judged by a form."""
    values = {name: filters[name] for name in TEXTS if filters.get(name)}
    if filters.get("agency"):
        values["agency"] = int(filters["agency"])
    values |= {name: midnight(filters[name], later) for name, (_, later) in DAYS.items() if filters.get(name)}
    shape_of_name, words = names.asked(filters.get("words"))
    shape_of_text, texts = written.asked(filters.get("written"))
    state, stage, chair = (filters.get(name) or "" for name in ("state", "stage", "chair"))
    key = (state, stage, chair, tuple(values), shape_of_name, shape_of_text)
    return Wanted(key if any(key) else (), {**values, **words, **texts})


def letting_through(key, at, values):
    """The condition on a dispute that filters with this key and these values let it through."""
    if not key:
        return Q()
    state, stage, chair, given, shape_of_name, shape_of_text = key
    condition = in_state(state, at)
    if stage:
        condition &= Q(stage=stage)
    if chair == NOT_INFORMED:
        condition &= ~Q(pk__in=informed().values("dispute"))
    for name in given:
        if name == "agency":
            condition &= Q(pk__in=Party.objects.filter(agency=values[name]).order_by().values("dispute"))
        else:
            condition &= Q(**{DAYS[name][0] if name in DAYS else name: values[name]})
    return condition & names.holding(shape_of_name, values) & written.holding(shape_of_text, values)


def midnight(day, later=dt.timedelta()):
    return in_utc(dt.datetime.combine(dt.date.fromisoformat(day) + later, dt.time(), tzinfo=LONDON))


def informed():
    return BoardAct.objects.filter(kind=BoardActKind.CHAIR_INFORMED).order_by()
