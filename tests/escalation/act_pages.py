"""Every page of an act: how to come to it, who may, and what to fill in. The tests of these pages go through them."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency
from escalation import actions, passages
from escalation.models import EntryOutcome, How
from escalation.moments import clock_time, in_london
from tests import cast as casting
from tests.cast import SAFE, record_discussion
from tests.kept import once


def boxes(name, moment, time=""):
    """What a browser sends for a date in boxes."""
    local = in_london(moment)
    sent = {f"{name}-day": local.day, f"{name}-month": local.month, f"{name}-year": local.year}
    return {**sent, f"{name}-time": time} if time else sent


BEGUN = timezone.now()


def now():
    """When this process began: the same instant for every test, so that what they set up can be kept."""
    return BEGUN


ENTRY = {"facts": "She was found outside. (Chart)", "opinions": "It is too early.", "outcome": "not_agreed"}
SAFETY = {"safety": "in_place", "safety_detail": "She stays on the ward.", "is_right_today": "on"}


@dataclass(eq=False)
class ActPage:
    """One page: its URL name, the stage it is tried at, who may, and a right answer."""

    name: str
    by: str
    data: dict = field(default_factory=dict)
    stage: int = 1
    reach: object = None  # a function (cast, dispute) that makes what the address names, and gives the ids in it
    ids: dict = field(default_factory=dict)
    after_end: bool = False
    only_after_end: bool = False  # begin() ends the dispute for it
    texts: tuple = ()  # the fields in which somebody writes
    back: str = ""  # the page of the dispute to which it leads back
    can_err: bool = True  # whether anything can be wrong with what is seen at first

    @property
    def key(self):
        return "-".join([self.name, *map(str, self.ids.values()), str(self.stage)])

    def come_to(self, cast, dispute):
        """The page's address, for this dispute."""
        ids = once()(self.reach)(cast, dispute) if self.reach else self.ids
        return reverse(self.name, kwargs={"reference": dispute.reference, **ids})

    def filled(self, cast, dispute):
        """A right answer, as a browser sends it."""
        data = self.data(cast, dispute) if callable(self.data) else self.data
        return {"seen_stage": dispute.stage, **data}


def other_entry(cast, dispute):
    """A discussion that the other agency has recorded."""
    entry = record_discussion(dispute, cast.hospital_practitioner, now(), how=How.VIDEO)
    return {"discussion_id": entry.discussion_id}


def not_held_entry(cast, dispute):
    entry = record_discussion(
        dispute, cast.hospital_practitioner, now(), how=How.NOT_HELD, outcome=EntryOutcome.NOT_HELD
    )
    return {"discussion_id": entry.discussion_id}


def asked(cast, dispute):
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=now(), reason="Stuck.", **SAFE)
    return {"request_id": request.pk}


def asked_of_lead(cast, dispute):
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=now(), reason="Stuck.", **SAFE)
    return {"request_id": request.pk}


def declined(cast, dispute):
    ids = asked(cast, dispute)
    request = dispute.requests.get(pk=ids["request_id"])
    actions.decline(request=request, by=cast.council_manager, at=now(), reason="Not yet.")
    return ids


def unanswered(cast, dispute):
    """A request that has waited for its leads long enough."""
    long_ago = now() - timedelta(days=10)
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=long_ago, reason="Stuck.", **SAFE)
    return {"request_id": request.pk}


def with_evidence(cast, dispute):
    given = {"kind": "minutes", "shows": "It was known."}
    item = actions.add_evidence(dispute=dispute, by=cast.council_manager, at=now(), **given)
    return {"evidence_id": item.pk}


def proposed(cast, dispute):
    proposal = actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=now(), resolution="Assess first.", rationale="The nights.",
        actions=[(cast.hospital, "Assess her", None)],
    )  # fmt: skip
    return {"proposal_id": proposal.pk}


def withdrawal_asked(cast, dispute):
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=now(), reason="Settled.")
    return {"withdrawal_id": withdrawal.pk}


def linked(cast, dispute):
    gp = {"name": "Dr Gee", "organisation": "Surgery", "email": "gee@surgery.example"}
    return {"link_id": actions.make_link(dispute=dispute, by=cast.council_practitioner, at=now(), **gp).pk}


def replied(cast, dispute):
    link = casting.ask_reply(dispute, cast.council_lead, now())
    return {"reply_id": casting.reply_by_link(link, now(), view="We did as told.").pk}


PAGES = [
    ActPage(
        "add_entry",
        "council_practitioner",
        lambda cast, dispute: {
            **ENTRY,
            **boxes("happened_at", now(), "12:01am"),
            "how": "telephone",
            "outcome_reason": "Each keeps to its view.",
        },
        after_end=True,
        texts=("facts", "opinions", "outcome_reason"),
    ),
    ActPage(
        "add_entry_to", "council_practitioner", {**ENTRY, "outcome_reason": "No."}, reach=other_entry,
        texts=("facts", "opinions", "outcome_reason"),
    ),
    ActPage(
        "add_entry_to", "council_practitioner", {"outcome_reason": "He was away."}, reach=not_held_entry, stage=1,
        texts=("outcome_reason",), ids={"discussion": "not_held"},
    ),
    ActPage("state_view", "hospital_practitioner", {"view": "We followed the plan."}, texts=("view",)),
    ActPage(
        "record_consultation",
        "hospital_practitioner",
        lambda cast, dispute: {
            "consulted": "Jo Named", "consulted_role": "named nurse", "advice": "Ask again.",
            **boxes("consulted_on", now()),
        },
        texts=("consulted", "consulted_role", "advice"),
    ),
    ActPage(
        "record_mdt", "council_practitioner", {"mdt": "not_needed", "not_needed_why": "One question only."},
        texts=("not_needed_why",),
    ),
    ActPage(
        "refer_concern", "hospital_practitioner",
        lambda cast, dispute: {**boxes("referred_on", now()), "team_reference": "SAT/1"},
        after_end=True, texts=("team_reference",),
    ),
    ActPage(
        "record_death", "council_practitioner",
        lambda cast, dispute: {**boxes("died_on", now()), "clock": "off", "review_considered": "Asked the Board."},
        after_end=True, texts=("review_considered",),
    ),
    ActPage(
        "add_evidence", "hospital_practitioner",
        lambda cast, dispute: {
            "kind": "minutes", "whose": "Ward B4", "shows": "Item 3.", **boxes("dated_on", now() - timedelta(days=2)),
        },
        after_end=True, texts=("whose", "shows"), back="evidence/",
    ),
    ActPage(
        "remove_evidence", "council_practitioner", {"reason": "Sent by mistake."}, reach=with_evidence,
        after_end=True, texts=("reason",), back="evidence/",
    ),
    ActPage(
        "amend", "council_practitioner",
        lambda cast, dispute: {"adult_name": "Siân O’Shea", **boxes("adult_born_on", now() - timedelta(days=20000))},
        ids={"section": "adult"}, texts=("adult_name", "adult_whereabouts", "speaks_for_adult", "section_42_reference"),
    ),
    ActPage(
        "amend", "council_practitioner",
        {"category": "closure", "desired_outcome_achieved": "no", "came_to_light": ["read", "heard"]},
        ids={"section": "about"}, texts=("desired_outcome_detail", "duty_of_care_detail"), can_err=False,
    ),
    ActPage(
        "amend", "hospital_practitioner",
        lambda cast, dispute: {
            "impact": "A fall.", "urgency": "soon", **boxes("needed_by_on", now() + timedelta(days=1)),
            "needed_by_reason": "Discharge is planned.",
        },
        ids={"section": "impact"}, texts=("impact", "needed_by_reason"),
    ),
    ActPage(
        "amend", "council_practitioner", {"safety": "in_place", "safety_detail": "A nurse sits with her."},
        ids={"section": "safety"}, texts=("safety_detail",),
    ),
    ActPage(
        "amend", "council_practitioner",
        {"adult_views": "I want to go home.", "adult_told": "objects", "adult_objection": "She wants no fuss."},
        ids={"section": "views"}, texts=("adult_views", "adult_views_why", "adult_objection"),
    ),
    ActPage(
        "amend_statements", "council_practitioner", {"problem": "One.", "disagreement": "Two.", "aim": "Three."},
        texts=("problem", "disagreement", "aim"),
    ),
    ActPage(
        "name_representative", "hospital_manager",
        lambda cast, dispute: {"who": "account", "person": cast.hospital_practitioner.pk},
    ),
    ActPage(
        "suggest_representative", "council_practitioner",
        {"who": "typed", "name": "Beth Ogden", "job_title": "sister", "phone": "01632 960 001"},
        texts=("name", "job_title", "phone"),
    ),
    ActPage("add_agency", "hospital_practitioner", lambda cast, dispute: {"agency": cast.trust.pk}),
    ActPage("escalate", "council_practitioner", {"reason": "No agreement.", **SAFETY},
            texts=("reason", "safety_detail")),
    ActPage("escalate", "council_manager", {"reason": "No agreement.", **SAFETY}, stage=2,
            texts=("reason", "safety_detail")),
    ActPage(
        "decide_request", "council_manager", {"decision": "decline", "decline_reason": "Talk once more."}, reach=asked,
        texts=("decline_reason",),
    ),
    ActPage(
        "decide_request", "council_lead", {"decision": "approve", "approve_reason": "Needed."}, reach=asked_of_lead,
        stage=2, texts=("approve_reason",),
    ),
    ActPage("go_round", "council_practitioner", {"reason": "It is urgent."}, reach=declined, texts=("reason",)),
    ActPage("go_round", "council_manager", {}, reach=unanswered, stage=2, can_err=False),
    ActPage("send_to_chair", "council_lead", {"reason": "No agreement.", **SAFETY}, stage=3,
            texts=("reason", "safety_detail")),
    ActPage(
        "propose", "council_practitioner",
        lambda cast, dispute: {
            "resolution": "Assess first.", "rationale": "The nights.", "agency_1": cast.hospital.pk,
            "what_1": "Assess her", **boxes("due_1", now() + timedelta(days=3)),
        },
        texts=("resolution", "rationale", "what_1", "what_5"),
    ),
    ActPage("answer_proposal", "hospital_practitioner", {"answer": "refuse", "reason": "Too late."}, reach=proposed,
            texts=("reason",)),
    ActPage("clarify", "council_practitioner", {"which": "under_way", "why": "A visit is booked."}, texts=("why",)),
    ActPage("withdraw", "council_practitioner", {"reason": "It is settled."}, texts=("reason",)),
    ActPage("withdraw", "council_lead", {"reason": "It is settled."}, stage=4, texts=("reason",)),
    ActPage("decide_withdrawal", "chair", {"decision": "refuse", "refuse_reason": "The panel is near."}, stage=4,
            reach=withdrawal_asked, texts=("refuse_reason",)),
    ActPage("inform_chair", "board_manager", {"way": "now"}, stage=3, after_end=True),
    ActPage(
        "inform_chair", "board_manager",
        lambda cast, dispute: {"way": "done", "how": "By telephone.", **boxes("done_at", now(), "12:01am")},
        stage=4, after_end=True, texts=("how",),
    ),
    ActPage("record_involvement", "board_manager", {"how": "I read the resolution."}, stage=3, only_after_end=True,
            after_end=True, texts=("how",)),
    ActPage(
        "convey", "council_practitioner",
        lambda cast, dispute: {"to": "Aisha", "how": "telephone", **boxes("conveyed_at", now(), clock_time(now()))},
        only_after_end=True, after_end=True, texts=("to",),
    ),
    ActPage(
        "record_learning", "hospital_practitioner", {"text": "Ask for the assessment before the meeting."},
        only_after_end=True, after_end=True, texts=("text",),
    ),
    ActPage(
        "share_passages", "hospital_manager",
        lambda cast, dispute: {
            "share_about": ["problem", "aim"], "shared_with": "A. Reader", "contract": "Beds", "reason": "Staffing.",
            "confirmed": passages.mark(passages.chosen(dispute, ["problem", "aim"])),
        },
        after_end=True, texts=("shared_with", "contract", "reason"),
    ),
    ActPage(
        "record_copy", "council_practitioner",
        lambda cast, dispute: {
            "who": "typed", "name": "Dr Gee", "organisation": "Surgery", "how": "post", **boxes("copied_on", now()),
        },
        after_end=True, texts=("name", "job_title", "organisation"),
    ),
    ActPage(
        "make_link", "hospital_practitioner",
        {"name": "Dr Gee", "organisation": "Surgery", "email": "gee@surgery.example"},
        stage=2, after_end=True, texts=("name", "job_title", "organisation"),
    ),
    ActPage(
        "ask_reply", "council_practitioner",
        lambda cast, dispute: {
            "agency": Agency.objects.get(name="Small Home").pk, "name": "Ann Lee", "email": "ann@smallhome.example",
        },
        after_end=True, texts=("name", "job_title"),
    ),
    ActPage("withdraw_link", "council_manager", {}, stage=2, after_end=True, reach=linked, can_err=False),
    ActPage("confirm_reply", "board_manager", {}, stage=3, after_end=True, reach=replied, can_err=False),
    ActPage(
        "file_record", "hospital_practitioner",
        lambda cast, dispute: {"records": ["1"], **boxes("filed_on", now()), "local_reference": "PAS/1"},
        stage=2, after_end=True, texts=("local_reference", "filed_by_name"),
    ),
]  # fmt: skip


@once()
def begin(cast, page, **changes):
    """A dispute at the page's stage, raised some hours ago, with a supporter who may see it and do nothing."""
    at = now() - timedelta(hours=12)
    if page.name == "go_round" and page.stage == 2:
        at -= timedelta(days=12)
    if page.name == "ask_reply":
        changes["concerned_agencies"] = [Agency.objects.create(name="Small Home")]
    dispute = casting.at_stage(cast, page.stage, at=at, supporter=cast.police_practitioner, **changes)
    if page.name == "send_to_chair":
        record_discussion(dispute, cast.council_lead, at + timedelta(hours=9))
    if page.only_after_end:
        actor = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}[page.stage]
        dispute = actions.withdraw(dispute=dispute, by=actor, at=at + timedelta(hours=10), reason="Settled.")
    return dispute
