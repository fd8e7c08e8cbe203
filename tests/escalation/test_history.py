"""R43: every act leaves one line in the trail by whoever made it, and every row it changed knows its author."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from agencies.models import Act, Agency
from escalation import actions
from escalation.actions.links import BY_LINK
from escalation.models import Dispute
from escalation.stages import MOVES
from tests.cast import DETAILS, RAISED, SAFE, at_stage, kept_file, raise_dispute, record_discussion, reply_by_link

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CANARY = "CANARY"
WHY = {"reason": f"{CANARY} reason", "safety": "in_place", "safety_detail": f"{CANARY} safety"}
HISTORIES = [
    model
    for model in apps.get_app_config("escalation").get_models()
    if model.__name__.startswith("Historical")
]  # fmt: skip
TEXTS = {name: f"{CANARY} {name}" for name in ("adult_name", "problem", "disagreement", "aim", "discussed_result")}


class Story:
    """Acts one after another, an hour apart; each is checked as it is made."""

    def __init__(self, cast):
        self.cast = cast
        self.at = RAISED
        self.made = {}

    def do(self, verb, by, /, **arguments):
        self.at += timedelta(hours=1)
        acts = Act.objects.count()
        rows = {model: set(model.objects.values_list("pk", flat=True)) for model in HISTORIES}
        result = getattr(actions, verb)(by=by, at=self.at, **arguments)
        written = list(Act.objects.order_by("pk")[acts:])
        self.made.setdefault(verb, []).append([act.verb for act in written])
        assert {(act.by, act.at) for act in written} == {(by, self.at)}, verb
        for model, before in rows.items():
            for row in model.objects.exclude(pk__in=before):
                assert (row.history_user, row.history_date) == (by, self.at), (verb, row)
        return result


def told(cast):
    """A story in which every verb is used."""
    story, trust = Story(cast), cast.trust
    p, m, m2, lead = cast.council_practitioner, cast.council_manager, cast.council_manager_2, cast.council_lead
    hp, hm, hl = cast.hospital_practitioner, cast.hospital_manager, cast.hospital_lead
    do = story.do
    terms = {"resolution": f"{CANARY} outcome", "rationale": f"{CANARY} rationale"}
    entry = {
        "how": "telephone", "outcome": "not_agreed", "outcome_reason": f"{CANARY} why", "facts": f"{CANARY} fact",
        "opinions": f"{CANARY} opinion",
    }  # fmt: skip
    dispute = do(
        "raise_dispute", p, raising_agency=cast.council, disputed_agency=cast.hospital,
        concerned_agencies=[trust], suggested_name=f"{CANARY} suggested", details={**DETAILS, **TEXTS},
    )  # fmt: skip
    on = {"dispute": dispute}
    do("suggest_representative", p, **on, agency=cast.hospital, person=hp)
    do("name_representative", m, **on, stage=3, name=f"{CANARY} name", job_title=f"{CANARY} title")
    do("amend_statements", p, **on, changes={"aim": f"{CANARY} aim 2"})
    do("amend", hp, **on, changes={"impact": f"{CANARY} impact", "adult_name": f"{CANARY} other name"})
    do("state_view", hp, **on, view=f"{CANARY} view")
    do("state_view", hl, **on, view=f"{CANARY} view 2")
    do("record_consultation", p, **on, consulted=f"{CANARY} who", consulted_role="", consulted_on=RAISED.date(),
       advice=f"{CANARY} advice")  # fmt: skip
    do("record_mdt", p, **on, mdt="not_needed", mdt_why=f"{CANARY} mdt")
    do("refer_concern", hm, **on, referred_on=RAISED.date(), team_reference=f"{CANARY} ref")
    do("record_death", p, **on, died_on=RAISED.date(), stop_target=False, review_considered=f"{CANARY} review")
    item = do("add_evidence", p, **on, kind="other", whose=f"{CANARY} whose", shows=f"{CANARY} shows",
              files=[kept_file(f"{CANARY} name.txt")])  # fmt: skip
    do("remove_evidence", m, evidence=item, reason=f"{CANARY} mistake")
    housing = Agency.objects.create(name="Housing")
    do("add_agency", p, **on, agency=housing)
    do("record_copy", p, **on, name=f"{CANARY} name", organisation=f"{CANARY} surgery", how="post")
    person = {"name": f"{CANARY} name", "email": "canary@surgery.example"}
    do("withdraw_link", p, link=do("ask_reply", p, **on, agency=housing, **person))
    first = do("add_entry", p, **on, **entry)
    do("add_entry", hp, **on, **entry, discussion=first.discussion)
    proposal = do("propose", p, **on, **terms, actions=[(trust, f"{CANARY} action")])
    do("refuse", hp, proposal=proposal, reason=f"{CANARY} no")
    request = do("ask_escalation", p, **on, **WHY)
    do("decline", m, request=request, reason=f"{CANARY} decline")
    request = do("take_to_lead", p, request=request, reason=f"{CANARY} lead")
    story.at += timedelta(days=7)
    do("open_unanswered", p, request=request)
    request = do("ask_escalation", m2, **on, **WHY)
    do("approve", lead, request=request, reason=f"{CANARY} approve")
    do("add_entry", lead, **on, **entry)
    proposal = do("propose", lead, **on, **terms)
    do("agree", hl, proposal=proposal)
    do("inform_chair", cast.board_manager, **on, how=f"{CANARY} told")
    do("make_link", m, **on, organisation=f"{CANARY} surgery", **person)
    link = do("ask_reply", lead, **on, agency=housing, **person)
    reply = reply_by_link(link, story.at, view=f"{CANARY} view")  # by nobody with an account
    do("confirm_reply", cast.board_manager, reply=reply)
    do("send_to_chair", lead, **on, **WHY)
    withdrawal = do("ask_withdrawal", lead, **on, reason=f"{CANARY} moot")
    do("refuse_withdrawal", cast.chair, withdrawal=withdrawal, reason=f"{CANARY} no")
    withdrawal = do("ask_withdrawal", lead, **on, reason=f"{CANARY} moot")
    dispute = do("consent_withdrawal", cast.chair, withdrawal=withdrawal, reason=f"{CANARY} yes")
    do("record_involvement", cast.board_manager, dispute=dispute, how=f"{CANARY} part")
    do("convey", lead, dispute=dispute, to=f"{CANARY} referrer", how="telephone")
    filed = {"local_reference": f"{CANARY} local", "filed_by_name": f"{CANARY} clerk"}
    do("file_record", hl, dispute=dispute, stages=[1, 4], **filed)
    do("share_passages", m, dispute=dispute, chosen=["aim"], shared_with=f"{CANARY} to", contract=f"{CANARY} contract",
       reason=f"{CANARY} share")  # fmt: skip
    do("record_learning", hp, dispute=dispute, text=f"{CANARY} learning")
    shorter(story)
    return story


def shorter(story):
    """The verbs that end a dispute otherwise, each in one of its own."""
    cast, do = story.cast, story.do
    raised = [raise_dispute(cast, story.at, **TEXTS, concerned_agencies=[cast.trust]) for _ in range(3)]
    proposal = do("propose", cast.council_practitioner, dispute=raised[0], resolution=CANARY, rationale=CANARY)
    do("agree", cast.hospital_practitioner, proposal=proposal)
    story.at += timedelta(days=7)
    do("settle", cast.council_practitioner, proposal=proposal)
    do("clarify", cast.council_practitioner, dispute=raised[1], reason=CANARY)
    do("take_up", cast.hospital_manager, dispute=raised[2], **WHY)
    do("withdraw", cast.council_manager, dispute=raised[2], reason=CANARY)
    at_the_panel = at_stage(cast, 4, story.at, **TEXTS)
    story.at += timedelta(days=1)
    do("decide", cast.chair, dispute=at_the_panel, decision=CANARY)
    paper = {**TEXTS, "for_name": CANARY, "raised_at": RAISED}
    do("enter_after_event", cast.hospital_manager, raising_agency=cast.council, disputed_agency=cast.hospital,
       details=paper, began=[RAISED], ended_at=RAISED, outcome="resolved", outcome_reason=CANARY,
       kept_where=CANARY)  # fmt: skip


STAGE, END = "entered the stage", "ended"
EXPECTED = {
    "raise_dispute": [["raised"]],
    "enter_after_event": [["entered after the event"]],
    "suggest_representative": [["suggested"]],
    "name_representative": [["named"]],
    "amend_statements": [["changed statements"]],
    "amend": [["changed details"]],
    "state_view": [["gave the view"], ["changed the view"]],
    "record_consultation": [["recorded a consultation"]],
    "record_mdt": [["considered a meeting"]],
    "refer_concern": [["reported a concern"]],
    "record_death": [["recorded the death"]],
    "add_evidence": [["added evidence"]],
    "remove_evidence": [["removed evidence"]],
    "add_agency": [["added an agency"]],
    "add_entry": [["wrote an entry"]] * 3,
    "propose": [["proposed a resolution"]] * 3,
    "refuse": [["refused"]],
    "ask_escalation": [["asked to escalate"]] * 2,
    "decline": [["declined the escalation"]],
    "take_to_lead": [["went to the lead"]],
    "open_unanswered": [["opened the stage unanswered", STAGE]],
    "approve": [["approved the escalation", STAGE]],
    "agree": [["agreed"]] * 2,
    "send_to_chair": [["sent it to the Chair", STAGE]],
    "ask_withdrawal": [["asked to withdraw"]] * 2,
    "refuse_withdrawal": [["refused the withdrawal"]],
    "consent_withdrawal": [["consented to the withdrawal", END]],
    "decide": [[END]],
    "settle": [[END]],
    "clarify": [[END]],
    "take_up": [["took it up", STAGE]],
    "withdraw": [[END]],
    "inform_chair": [["informed the Chair"]],
    "record_involvement": [["recorded the involvement"]],
    "convey": [["conveyed the outcome"]],
    "file_record": [["filed the record"]],
    "record_copy": [["recorded a copy"]],
    "make_link": [["made a link"]],
    "ask_reply": [["asked for a reply"]] * 2,
    "withdraw_link": [["withdrew a link"]],
    "confirm_reply": [["confirmed the reply"]],
    "share_passages": [["shared passages"]],
    "record_learning": [["recorded what was learned"]],
}


def test_every_act_leaves_its_line_and_its_author(cast):
    """One line by the person for each act, and one for the stage it opened or the end it made."""
    story = told(cast)

    assert story.made == EXPECTED
    assert set(EXPECTED) == {*MOVES, "raise_dispute", "enter_after_event"}
    for model in HISTORIES:
        nobody = model.objects.filter(history_user=None).exclude(history_type="-")
        assert set(nobody.values_list("history_change_reason", flat=True)) <= {BY_LINK}, model


def test_the_trail_holds_no_text(cast):
    """Verbs, ids, roles, times and salted digests: what was written stands in the domain's rows alone."""
    told(cast)
    texts = [name for name, field in ((f.name, f) for f in Act._meta.fields) if not isinstance(field, ForeignKey)]

    written = json.dumps(list(Act.objects.values(*texts)), default=str)

    assert CANARY not in written
    assert all(act.digest and act.salt for act in Act.objects.filter(verb__in=("raised", "wrote an entry", "ended")))
    assert Act.objects.filter(verb="raised").values("digest").distinct().count() == 5


def test_each_act_says_as_what_and_for_whom(cast):
    told(cast)

    roles = set(Act.objects.exclude(timer=BY_LINK).values_list("verb", "role", "agency__name"))

    assert ("raised", "practitioner", "Adult Social Care") in roles
    assert ("approved the escalation", "lead", "Adult Social Care") in roles
    assert ("refused", "practitioner", "Rother Valley Hospital") in roles
    assert ("consented to the withdrawal", "chair", None) in roles
    assert not [row for row in roles if not row[1]]


def test_who_entered_it_from_outside_is_known_by_their_own_role(cast):
    """R45: the trail says as what the person acted, who is not of the agency that raised it."""
    dispute = raise_dispute(cast, by=cast.police_lead, for_name="Rosa Bell", for_how="telephone")
    actions.withdraw(dispute=dispute, by=cast.police_lead, at=RAISED + timedelta(hours=1), reason="Settled.")

    assert set(Act.objects.values_list("verb", "role")) == {("raised", "lead"), ("ended", "lead")}


def test_a_refused_act_leaves_no_line(cast):
    dispute = raise_dispute(cast)
    with pytest.raises(Dispute.DoesNotExist):
        record_discussion(dispute, cast.police_lead, RAISED + timedelta(hours=1))
    with pytest.raises(Exception, match="can be done by"):
        actions.clarify(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + timedelta(hours=1), reason="Moot.")

    assert Act.objects.count() == 1


def test_what_stood_before_is_kept(cast):
    """R43: what before, what after, by whom, when."""
    dispute = raise_dispute(cast)
    at = RAISED + timedelta(hours=1)

    actions.amend(dispute=dispute, by=cast.hospital_practitioner, at=at, changes={"impact": "A fall.", **SAFE})

    after, before = dispute.history.order_by("-history_date")[:2]
    assert (before.impact, after.impact) == ("", "A fall.")
    assert (before.history_user, after.history_user) == (cast.council_practitioner, cast.hospital_practitioner)
    assert (before.history_date, after.history_date) == (RAISED, at)
