"""The four stages, and every move a dispute permits: one table to hold against the protocol. No database.

A move names at which stages it may be made, by whom, and what it does to the stage. `permissions.py` says what each
"who" means for one person and one dispute; `actions` makes the move. A move that is not in the table does not exist.
"""

from dataclasses import dataclass

from django.db import models


class StageNumber(models.IntegerChoices):
    ONE = 1, "one"
    TWO = 2, "two"
    THREE = 3, "three"
    FOUR = 4, "four"


BETWEEN = {
    1: "professional to professional",
    2: "manager to manager",
    3: "senior manager to senior manager",
    4: "Resolution Panel",
}


class Outcome(models.TextChoices):
    """How a dispute ended (R7)."""

    CLARIFIED = "clarified", "Clarified"
    RESOLVED = "resolved", "Resolved"
    DECIDED = "decided", "Decided by panel"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Who(models.TextChoices):
    """Who may make a move; what is meant by each is settled in permissions.py."""

    ACTOR = "actor", "whoever acts at this stage, for any agency concerned"
    RAISING_ACTOR = "raising_actor", "whoever acts at this stage for the agency that raised it"
    RAISER = "raiser", "whoever raised it"
    OWNER = "owner", "the referrer at stage one, the owner for the raising agency from stage two"
    PARTY = "party", "anyone of an agency concerned who may see the dispute"
    NAMER = "namer", "a manager or lead of the agency"
    MANAGER_ACTOR = "manager_actor", "an actor who is a manager or lead: at stage two, who is a lead"
    APPROVER = "approver", "a manager of the agency that asks; a lead from stage two, or when passed to the lead"
    ADDER = "adder", "the agency that added it"
    ASKER = "asker", "whoever asked, or acts for the agency that asked"
    LEAD = "lead", "a lead of an agency concerned"
    CHAIR = "chair", "the Independent Chair"
    BOARD_MANAGER = "board_manager", "the Board Manager"
    SHARER = "sharer", "a manager or lead of an agency concerned, or the Board Manager"
    LEARNER = "learner", "anyone of an agency concerned, the Board Manager or the Independent Chair"
    CONFIRMER = "confirmer", "somebody with an account of the agency that replied, or the Board Manager"
    MAKER = "maker", "the agency that made it"
    CONVEYOR = "conveyor", "whoever acts for the agency that raised it, the person who raised it, or the Board Manager"


@dataclass(frozen=True)
class Move:
    """One permitted move: at which stages, by whom, and where it leads."""

    name: str
    title: str
    who: Who
    stages: tuple = (1, 2, 3)
    after_end: bool = False
    leads_to: int | None = None  # how many stages further
    ends_as: Outcome | None = None


MOVES = {
    move.name: move
    for move in (
        # Recording, at every stage (R8, R11 to R15, R23)
        Move("add_entry", "Record a discussion", Who.ACTOR, (1, 2, 3, 4), after_end=True),
        Move("state_view", "Give your agency’s view", Who.PARTY, (1, 2, 3, 4)),
        Move("record_consultation", "Record who you consulted", Who.PARTY, (1, 2, 3, 4)),
        Move("record_mdt", "Record whether a multi-disciplinary meeting is needed", Who.ACTOR),
        Move("name_representative", "Name who acts for your agency", Who.NAMER),
        Move("suggest_representative", "Suggest who acts for the other agency", Who.RAISER, (1,)),
        Move("add_evidence", "Add evidence", Who.PARTY, (1, 2, 3, 4), after_end=True),
        Move("remove_evidence", "Remove evidence", Who.ADDER, (1, 2, 3, 4), after_end=True),
        Move("amend", "Change the details", Who.ACTOR, (1, 2, 3, 4)),
        Move("amend_statements", "Change what you wrote", Who.RAISER, (1, 2, 3)),
        Move("add_agency", "Add an agency concerned", Who.ACTOR),
        Move("refer_concern", "Record that you reported a concern", Who.PARTY, (1, 2, 3, 4), after_end=True),
        Move("record_death", "Record that the adult has died", Who.PARTY, (1, 2, 3, 4), after_end=True),
        # To the next stage (R24 to R26, R40)
        Move("ask_escalation", "Ask to escalate", Who.ACTOR, (1, 2)),
        Move("take_up", "Take it to the next stage yourself", Who.MANAGER_ACTOR, (1, 2), leads_to=1),
        Move("approve", "Approve", Who.APPROVER, (1, 2), leads_to=1),
        Move("decline", "Decline", Who.APPROVER, (1, 2)),
        Move("take_to_lead", "Go to the safeguarding lead", Who.ASKER, (1,)),
        Move("open_unanswered", "Go on: nobody answered", Who.ASKER, (1, 2), leads_to=1),
        Move("send_to_chair", "Send it to the Independent Chair", Who.LEAD, (3,), leads_to=1),
        # To its end (R7, R13, R15); at stage four the leads may still agree
        Move("propose", "Propose a resolution", Who.ACTOR, (1, 2, 3, 4)),
        Move("agree", "Agree", Who.ACTOR, (1, 2, 3, 4), ends_as=Outcome.RESOLVED),
        Move("refuse", "Refuse or object", Who.ACTOR, (1, 2, 3, 4)),
        Move("settle", "Record that it is resolved", Who.ACTOR, (1, 2, 3, 4), ends_as=Outcome.RESOLVED),
        Move("clarify", "End as clarified", Who.RAISING_ACTOR, ends_as=Outcome.CLARIFIED),
        Move("withdraw", "Withdraw", Who.OWNER, ends_as=Outcome.WITHDRAWN),
        Move("ask_withdrawal", "Ask the Chair to let you withdraw", Who.OWNER, (4,)),
        Move("consent_withdrawal", "Consent to the withdrawal", Who.CHAIR, (4,), ends_as=Outcome.WITHDRAWN),
        Move("refuse_withdrawal", "Refuse the withdrawal", Who.CHAIR, (4,)),
        Move("decide", "Sign off the panel’s decision", Who.CHAIR, (4,), ends_as=Outcome.DECIDED),
        # The Board's part, and the outcome conveyed (R28, R29, R35)
        Move("inform_chair", "Inform the Independent Chair", Who.BOARD_MANAGER, (3, 4), after_end=True),
        Move("record_involvement", "Record your involvement", Who.BOARD_MANAGER, (3, 4), after_end=True),
        Move("convey", "Record that the outcome was conveyed", Who.CONVEYOR, (1, 2, 3, 4), after_end=True),
        # A copy on the adult's record in every agency, of each record that is sealed (R16)
        Move("file_record", "Record that the record is filed", Who.PARTY, (1, 2, 3, 4), after_end=True),
        # Who the record is copied to, and links for people without an account (R19)
        Move("record_copy", "Record who has a copy", Who.PARTY, (1, 2, 3, 4), after_end=True),
        Move("make_link", "Give somebody a copy by a link", Who.PARTY, (1, 2, 3, 4), after_end=True),
        Move("ask_reply", "Ask an agency without accounts to reply by a link", Who.ACTOR, (1, 2, 3, 4), after_end=True),
        Move("withdraw_link", "Withdraw a link", Who.MAKER, (1, 2, 3, 4), after_end=True),
        Move("confirm_reply", "Confirm what was given by a link", Who.CONFIRMER, (1, 2, 3, 4), after_end=True),
        # Beside it, and after it (R36, R42)
        Move("share_passages", "Share passages with commissioning", Who.SHARER, (1, 2, 3, 4), after_end=True),
        Move("record_learning", "Record what was learned", Who.LEARNER, (1, 2, 3, 4), after_end=True),
    )
}


def permits(name, stage, ended=False):
    """Whether the table permits this move at this stage, whoever makes it."""
    move = MOVES[name]
    return stage in move.stages and (move.after_end or not ended)


def can_end(outcome, stage):
    """Whether a dispute can end like this at this stage, by whatever move."""
    return any(move.ends_as == outcome and stage in move.stages for move in MOVES.values())


def stage_name(number):
    """'stage two'."""
    return f"stage {StageNumber(number).label}"
