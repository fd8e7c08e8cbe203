"""Every page of an act of convening, sitting and deciding: how to come to it, who may, and what to fill in."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from panels import wording
from panels.actions import convening, deciding, sittings
from panels.models import Panel
from tests import cast as casting
from tests.escalation.act_pages import boxes
from tests.kept import once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHEN = {"place": "Riverside House", "link": "https://meet.example/1"}


BEGUN = timezone.now()


def now():
    """When this process began: the same instant for every test, so that what they set up can be kept."""
    return BEGUN


def coming(name="starts_at", days=4):
    return boxes(name, now() + days * DAY, "10am")


@once()
def waiting(cast):
    """A dispute that waits for the Chair, with a supporter who may see it and do nothing."""
    return casting.at_stage(cast, 4, at=now() - 6 * DAY, supporter=cast.police_practitioner)


@once()
def convened(cast, dispute=None, sits=None):
    """A panel of the council, the hospital, and of a charity whose member has no account; the trust sits too."""
    dispute = dispute or waiting(cast)
    seats = [
        {"agency": cast.council, "person": cast.council_lead_2},
        {"agency": cast.hospital, "person": cast.hospital_manager},
        {"agency": cast.trust, "person": cast.trust_lead},
        {"agency": cast.police, "name": "Rosa Bell", "job_title": "Chief Inspector"},
    ]
    at = now() - 5 * DAY
    return convening.convene(
        dispute=dispute, by=cast.chair, at=at, seats=seats, starts_at=sits or now() + 3 * DAY, **WHEN
    )


@once()
def today(cast):
    return convened(cast, sits=now() - timedelta(seconds=5))


@once()
def attended(cast):
    panel = today(cast)
    people = (cast.council, cast.council_lead_2), (cast.hospital, cast.hospital_manager), (cast.trust, cast.trust_lead)
    there = [{"agency": agency, "name": str(person), "how": "room"} for agency, person in people]
    sittings.record_attendance(sitting=panel.sittings.get(), by=cast.chair, at=now(), attending=there)
    return panel


@once()
def drafted(cast):
    panel = attended(cast)
    deciding.record_decision(
        panel=panel, by=cast.chair, at=now(), decision="She is assessed.", reasons="The nights.", points_of_view="Two."
    )
    deciding.add_action(
        panel=panel, by=cast.chair, at=now(), agency=cast.council, owner_name="Ann", what="Visit her.",
        due_on=(now() + 3 * DAY).date(),
    )  # fmt: skip
    return Panel.objects.get(pk=panel.pk)


@once()
def adjourned(cast):
    panel = today(cast)
    sittings.adjourn(sitting=panel.sittings.get(), by=cast.chair, at=now(), reason="Nobody came.")
    return panel


@once()
def decided(cast):
    panel = drafted(cast)
    deciding.sign_off(panel=panel, by=cast.chair, at=now())
    return Panel.objects.get(pk=panel.pk)


STATES = {
    "convened": convened,
    "today": today,
    "attended": attended,
    "drafted": drafted,
    "adjourned": adjourned,
    "decided": decided,
}


@dataclass
class ActPage:
    """One page: its URL name, the state it is tried in, who may, and a right answer."""

    name: str
    state: str
    data: object = field(default_factory=dict)
    by: str = "chair"
    also: tuple = ()  # who else may
    ids: object = None  # a function (cast, panel) that gives the ids in the address
    query: object = None
    can_err: bool = True

    def address(self, cast, panel):
        ids = self.ids(cast, panel) if self.ids else {}
        found = reverse(self.name, kwargs={"panel_id": panel.pk, **ids})
        return f"{found}?{self.query(cast)}" if self.query else found

    def filled(self, cast, panel):
        return self.data(cast, panel) if callable(self.data) else self.data


def sitting_id(cast, panel):
    return {"sitting_id": panel.sittings.order_by("number").last().pk}


def of_account(cast, panel):
    return {"member_id": panel.members.get(agency=cast.trust).pk}


def of_name(cast, panel):
    return {"member_id": panel.members.get(agency=cast.police).pk}


def action_id(cast, panel):
    return {"action_id": panel.decision.actions.get().pk}


def attendance(cast, panel):
    agencies = (cast.council, cast.hospital, cast.trust, cast.police)
    return {
        **{f"how_{agency.pk}": "absent" if agency == cast.hospital else "video" for agency in agencies},
        **{f"name_{agency.pk}": "Somebody" for agency in agencies},
    }


def new_action(cast, panel):
    return {
        "kind": "decide_again", "body": "capacity", "reasons": "It was not known.", "agency": cast.council.pk,
        "owner": cast.council_manager.pk, "what": "Assess her again.", **boxes("due_on", now() + 5 * DAY),
    }  # fmt: skip


def mark(cast, panel):
    return {"seen": wording.mark(panel.decision)}


def of_party(cast, panel):
    return {"representation_id": panel.representations.get(agency=cast.council).pk}


def done(cast, panel):
    return {**boxes("done_on", now()), "shown_by": "Entry 14."}


PAGES = [
    ActPage("add_member", "adjourned", lambda cast, panel: {"agency": panel_agency(cast)}),
    ActPage(
        "add_member", "adjourned", {"who": "typed", "name": "Ann Other"},
        query=lambda cast: f"agency={panel_agency(cast)}",
    ),
    ActPage("stand_down", "convened", {"reason": "On leave."}, ids=of_account),
    ActPage("declare_conflict", "convened", {"conflict": "declared", "detail": "A cousin."}, by="trust_lead"),
    ActPage("declare_for", "convened", {"conflict": "none"}, ids=of_name),
    ActPage(
        "answer_invitation", "convened", {"coming": "deputy", "deputy_name": "Ann", "conflict": "none"},
        by="trust_lead",
    ),
    ActPage("answer_for", "convened", {"coming": "no"}, ids=of_name),
    ActPage("arrange_sitting", "adjourned", lambda cast, panel: {**coming(), **WHEN}),
    ActPage(
        "rearrange_sitting", "convened", lambda cast, panel: {**coming(), **WHEN, "reason": "No room."},
        ids=sitting_id,
    ),
    ActPage("cancel_sitting", "convened", {"reason": "No room."}, ids=sitting_id),
    ActPage("record_attendance", "today", attendance, ids=sitting_id),
    ActPage("adjourn_sitting", "today", {"reason": "Nobody came."}, ids=sitting_id),
    ActPage("record_decision", "attended", {"decision": "She is assessed.", "reasons": "The nights."}),
    ActPage("add_panel_action", "drafted", new_action),
    ActPage("change_panel_action", "drafted", new_action, ids=action_id),
    ActPage("remove_panel_action", "drafted", ids=action_id, can_err=False),
    ActPage("sign_off", "drafted", mark, can_err=False),
    ActPage("represent", "convened", {"way": "decline", "reason": "It stands."}, by="council_lead", ids=of_party),
    ActPage("record_refusal", "convened", {"name": "Ann", "how": "telephone", "reason": "No time."}, ids=of_party),
    ActPage("acknowledge", "decided", {"is_read": "on"}, by="council_lead"),
    ActPage("record_done", "decided", done, ids=action_id, also=("council_lead", "board_manager")),
    ActPage("write_report", "decided", {"issues": "A pattern.", "decisions": "So."}, also=("board_manager",)),
    ActPage("seal_report", "decided", {"is_read": "on"}, also=("board_manager",)),
]  # fmt: skip


def panel_agency(cast):
    return cast.charity.pk
