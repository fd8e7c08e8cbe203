"""What a story is made of: how a dispute was raised, and the acts that followed, each with its time and its author."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One act: when (calendar.py), who (people.py), which verb of escalation.actions, and what it is told."""

    when: str
    who: str
    verb: str
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """One dispute, from its raising on."""

    shows: str  # for docs/demo.md and the progress shown
    when: str
    by: str
    agency: str
    against: str
    details: dict
    also: tuple = ()
    suggested: str = ""
    steps: tuple = ()


@dataclass(frozen=True)
class Paper(Story):
    """One dispute that was worked through on paper: entered at `when`, and ended long before."""

    began: tuple = ()  # the stages after the first
    ended: str = ""
    outcome: str = "resolved"
    outcome_reason: str = ""
    kept_where: str = ""


def entry(when, who, outcome, why, *, facts="", opinions="", how="telephone", spoke=None, again_on=None):
    """The first entry of a new discussion; `spoke` is when they did, if earlier."""
    told = {"how": how, "happened_at": spoke or when, "facts": facts, "opinions": opinions}
    told |= {"outcome": outcome, "outcome_reason": why, "again_on": again_on}
    return Step(when, who, "add_entry", told)


def answer(when, who, outcome, why, *, facts="", opinions=""):
    """Another entry for the discussion recorded last."""
    told = {"discussion": "last", "facts": facts, "opinions": opinions, "outcome": outcome, "outcome_reason": why}
    return Step(when, who, "add_entry", told)


def not_held(when, who, why, *, facts=""):
    """That a discussion could not be held."""
    told = {"how": "not_held", "happened_at": when, "facts": facts, "outcome": "not_held", "outcome_reason": why}
    return Step(when, who, "add_entry", told)


def view(when, who, text):
    return Step(when, who, "state_view", {"view": text})


def consulted(when, who, whom, role, advice):
    told = {"consulted": whom, "consulted_role": role, "consulted_on": when, "advice": advice}
    return Step(when, who, "record_consultation", told)


def meeting(when, who, mdt, why="", on=None):
    return Step(when, who, "record_mdt", {"mdt": mdt, "mdt_why": why, "mdt_on": on})


def named(when, who, person="", *, stage=1, **typed):
    return Step(when, who, "name_representative", {"person": person or None, "stage": stage, **typed})


def asked(when, who, reason, **safety):
    """Asked to escalate; what keeps the adult safe is confirmed as it stands, or changed."""
    return Step(when, who, "ask_escalation", {"reason": reason, **(safety or KEPT)})


def took_up(when, who, reason, **safety):
    return Step(when, who, "take_up", {"reason": reason, **(safety or KEPT)})


def to_chair(when, who, reason, **safety):
    return Step(when, who, "send_to_chair", {"reason": reason, **(safety or KEPT)})


def filed(when, who, *stages, reference="", **told):
    """The records of these stages are filed on the adult's record in the agency of whoever says so."""
    return Step(when, who, "file_record", {"stages": stages, "filed_on": when, "local_reference": reference, **told})


def evidence(when, who, kind, shows, *, dated_on=None, whose="", files=()):
    """An item of evidence; each file is its name and its text."""
    told = {"kind": kind, "shows": shows, "dated_on": dated_on, "whose": whose, "files": files}
    return Step(when, who, "add_evidence", told)


def did(when, who, verb, **facts):
    """Any other act, as its action names it."""
    return Step(when, who, verb, facts)


KEPT = {"safety": "as it stands"}
