"""The Appendix B record: what it holds, and what it carries forward (R17, R20 to R22)."""

from datetime import date

import pytest

from escalation import actions, appendix_b, pdfs
from escalation.models import Record, Stage, canonical, digest_of
from tests.cast import RAISED, SAFE, at_stage, kept_file, raise_dispute, record_discussion
from tests.records import HOUR, in_order, ordinary, printed, text_of


def standing(dispute, at=RAISED + 9 * HOUR):
    """The data of the stage under way, as it stands."""
    return appendix_b.contents(dispute, dispute.stages.get(number=dispute.stage), at=at)


def test_each_stage_carries_the_ones_before(cast):
    """R17, R22: the third record holds everything of the first two; nothing has to be typed twice."""
    dispute = at_stage(cast, 3)
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=RAISED + 5 * HOUR, view="We presume capacity.")
    proposal = actions.propose(
        dispute=dispute, by=cast.council_lead, at=RAISED + 6 * HOUR, resolution="Assess first.",
        rationale="The nights in April.", actions=[(cast.hospital, "Assess her capacity", date(2026, 5, 22))],
    )  # fmt: skip
    dispute = actions.agree(proposal=proposal, by=cast.hospital_lead, at=RAISED + 7 * HOUR)

    one, two, three = (record.data for record in Record.objects.order_by("stage__number"))

    assert three["steps"][:2] == two["steps"] == [*one["steps"], two["steps"][1]]
    for number, record in enumerate((one, two)):
        assert three["evidence"]["stages"][: number + 1] == record["evidence"]["stages"]
    text = text_of(printed(Record.objects.get(stage__number=3)))
    assert (
        in_order(
            text,
            [
                "This record carries forward earlier stages: file this one.",
                "Stage one, professional to professional",
                "As recorded by Council Practitioner",
                "Stage two, manager to manager",
                "As recorded by Council Manager",
                "Not resolved. Escalated to stage two",
                "Not resolved. Escalated to stage three",
                "Resolved at stage three.",
                "Resolution proposed by Council Lead, Adult Social Care, Wed 20 May 2026, 8:15pm: agreed",
                "Assess first.",
                "Reasons: The nights in April.",
                "Action for Rother Valley Hospital, by Fri 22 May 2026: Assess her capacity",
                "Adult Social Care: agrees (Council Lead, Wed 20 May 2026, 8:15pm)",
                "Rother Valley Hospital: agrees (Hospital Lead, Wed 20 May 2026, 9:15pm)",
                "Stage at which resolution agreed Stage three, senior manager to senior manager",
                "7 hours: raised Wed 20 May 2026, 2:15pm, ended Wed 20 May 2026, 9:15pm (0 of 7 days).",
            ],
        )
        == []
    )
    assert (three["resolution"]["took"], three["resolution"]["took_minutes"]) == ("7 hours", 420)


def test_what_was_changed_since_stands_beside_what_stood_then(cast):
    """R17, R43: an amended text does not push the earlier one out of the record that goes forward."""
    dispute = raise_dispute(cast, adult_views="She wants to go home.")
    actions.state_view(dispute=dispute, by=cast.council_practitioner, at=RAISED, view="The first view.")
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED, reason="No.", **SAFE)
    dispute = actions.approve(request=request, by=cast.council_manager, at=RAISED + HOUR, reason="Yes.")
    later = {"dispute": dispute, "by": cast.council_manager, "at": RAISED + 2 * HOUR}
    changes = {"adult_name": "Maggie Okonkwo", "adult_views": "", "impact": "Harm.", "safety_detail": "Moved to B5."}
    actions.amend(**later, changes=changes)
    actions.state_view(**later, view="The second view.")

    data = standing(dispute)

    now = {part["key"]: part for part in data["details"] + data["summary"] + data["safety"] + data["views"]}
    before = {key: [(then["stage"], then["text"]) for then in part["before"]] for key, part in now.items()}
    assert data["adult"]["name"] == "Maggie Okonkwo"
    assert before["name"] == [(1, "Margaret Eleanor Whitworth-Okonkwo")]
    assert before["adult_views"] == [(1, "She wants to go home.")]
    assert now["adult_views"]["lead"] == "No longer given"
    assert before["safety"] == [(1, "She stays on the ward.")]
    assert before[f"view {cast.council.pk}"] == [(1, "The first view.")]
    assert before["impact"] == before["problem"] == []
    text = text_of(pdfs.as_it_stands(dispute, dispute.stages.get(number=2), at=RAISED + 3 * HOUR))
    assert "When stage one ended (Council Practitioner, Wed 20 May 2026, 2:15pm): The first view." in text


def test_a_request_that_was_declined_and_taken_round_is_told_in_full(cast):
    """R15, R25: who asked, who declined and why, that the lead was asked, and that nobody answered."""
    dispute = raise_dispute(cast)
    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_practitioner, at=RAISED, reason="No agreement.", **SAFE
    )
    actions.decline(request=request, by=cast.council_manager, at=RAISED + HOUR, reason="Talk again.")
    request = actions.take_to_lead(
        request=request, by=cast.council_practitioner, at=RAISED + 2 * HOUR, reason="There is no time."
    )
    actions.open_unanswered(request=request, by=cast.council_practitioner, at=RAISED + 60 * HOUR)

    (step,) = Record.objects.get().data["steps"]

    assert [(act["what"], act["who"]["name"], act["reason"]) for act in step["acts"]] == [
        ("Asked for by", "Council Practitioner", "No agreement."),
        ("Declined by", "Council Manager", "Talk again."),
        ("Taken to the safeguarding lead by", "Council Practitioner", "There is no time."),
        ("Not answered in time. Taken to stage two by", "Council Practitioner", ""),
    ]
    assert step["headline"].startswith("Not resolved. The request was not answered")


def test_whoever_takes_it_up_gives_the_reason(cast):
    """R15: a manager who need not ask, and a lead who sends it to the Chair, still say why."""
    dispute = raise_dispute(cast, by=cast.council_lead)
    actions.take_up(dispute=dispute, by=cast.council_lead, at=RAISED + HOUR, reason="It cannot wait.", **SAFE)
    dispute = actions.take_up(dispute=dispute, by=cast.council_lead, at=RAISED + HOUR, reason="Nor here.", **SAFE)
    record_discussion(dispute, cast.council_lead, RAISED + 2 * HOUR)
    actions.send_to_chair(dispute=dispute, by=cast.council_lead, at=RAISED + 3 * HOUR, reason="No way left.", **SAFE)

    steps = Record.objects.get(stage__number=3).data["steps"]

    assert [[(act["what"], act["who"]["name"], act["reason"]) for act in step["acts"]] for step in steps] == [
        [("Taken to stage two by", "Council Lead", "It cannot wait.")],
        [("Taken to stage three by", "Council Lead", "Nor here.")],
        [("Sent to the Independent Chair by", "Council Lead", "No way left.")],
    ]
    assert steps[2]["next"] == [{"name": "", "job_title": "Independent Chair", "agency": ""}]


@pytest.mark.parametrize(
    ("ending", "headline", "where"),
    [
        ("clarify", "Clarified at stage one: no practice issue", "Stage one, professional to professional (clarified)"),
        ("withdraw", "Withdrawn at stage one.", "No resolution was agreed: withdrawn at stage one"),
    ],
)
def test_an_ending_names_who_ended_it_and_why(cast, ending, headline, where):
    """R7, R15, R21: clarified and withdrawn are something else than resolved, and each has its reason."""
    dispute = raise_dispute(cast)
    getattr(actions, ending)(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="It was in hand.")

    data = Record.objects.get().data

    (step,) = data["steps"]
    assert step["headline"].startswith(headline)
    assert step["reason"] == "It was in hand."
    assert [act["who"]["name"] for act in step["acts"]] == ["Council Practitioner"]
    assert (data["resolution"]["stage"], data["resolution"]["took"]) == (where, "1 hour")


def test_silence_is_no_reply(cast):
    """R20: an agency that let its working day pass has not agreed."""
    dispute = raise_dispute(cast, concerned_agencies=[cast.trust])
    proposal = actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=RAISED, resolution="Assess.", rationale="Nights."
    )
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=RAISED + HOUR)
    actions.settle(proposal=proposal, by=cast.council_practitioner, at=RAISED + 24 * HOUR)

    (step,) = Record.objects.get().data["steps"]

    assert [(row["agency"], row["reply"]) for row in step["proposals"][0]["replies"]] == [
        ("Adult Social Care", "Agrees"),
        ("Rother Valley Hospital", "Agrees"),
        ("Rother Valley Mental Health Trust", "No reply"),
    ]


def test_nothing_later_than_the_seal_is_in_it(cast):
    """R22: what is changed, written or named afterwards leaves the record, its digest and its print as they were."""
    dispute = at_stage(cast, 2)
    record = Record.objects.get()
    content, first = record.content, printed(record)
    later = {"dispute": dispute, "by": cast.council_manager, "at": RAISED + 9 * HOUR}
    actions.amend(**later, changes={"impact": "LATER-IMPACT", "adult_name": "LATER-NAME"})
    actions.state_view(**later, view="LATER-VIEW")
    actions.clarify(**later, reason="LATER-REASON")
    record_discussion(dispute, cast.hospital_manager, RAISED + 10 * HOUR, facts="LATER-FACT")
    cast.council_manager.full_name = "LATER-MANAGER"
    cast.council_manager.save()

    again = Record.objects.get(pk=record.pk)

    assert again.content == content
    assert "LATER" not in content
    assert again.is_intact
    assert printed(again) == first
    drawn_now = pdfs.draw(data=again.data, digest=again.digest[:12], sealed_at=again.sealed_at.isoformat())
    assert text_of(drawn_now) == text_of(first)
    last = Record.objects.get(stage__number=2).content
    assert "LATER-VIEW" in last
    assert "LATER-FACT" not in last  # written after the end


def test_a_late_entry_of_an_earlier_stage_goes_forward_as_such(cast):
    """R11, R17: an entry still missing when its stage ended is carried by the next record, and says so."""
    dispute = at_stage(cast, 2)
    discussion = dispute.discussions.get()
    actions.add_entry(
        dispute=dispute, by=cast.hospital_practitioner, at=RAISED + 9 * HOUR, discussion=discussion,
        facts="It was dry.", outcome="not_agreed", outcome_reason="See above.",
    )  # fmt: skip

    (recorded,) = standing(dispute)["evidence"]["stages"][0]["discussions"]

    assert [(e["by"]["name"], e["after_stage"]) for e in recorded["entries"]] == [
        ("Council Practitioner", False),
        ("Hospital Practitioner", True),
    ]
    assert recorded["missing"] == []


def test_it_was_raised_for_somebody_else_earlier(cast):
    """R45: who asked, how, when it was raised and when it was entered; the time taken runs from raising."""
    dispute = raise_dispute(
        cast, at=RAISED, raised_at=RAISED - 5 * HOUR, for_name="Dev Patel", for_job_title="Care worker",
        for_how="telephone",
    )  # fmt: skip
    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="In hand.")

    data = Record.objects.get().data

    assert data["referrer"]["name"] == "Dev Patel"
    assert data["resolution"]["took"] == "6 hours"
    (entered,) = [part for part in data["notes"] if part["key"] == "entered"]
    assert entered["lead"] == "By telephone"
    assert entered["at"] == RAISED.isoformat()
    assert "entered for Dev Patel by Council Practitioner" in entered["text"]


@pytest.mark.both_databases
def test_a_seal_is_the_digest_of_canonical_plain_data(cast):
    """R22: the same content gives the same bytes, whichever database kept it."""
    ordinary(cast)
    record = Record.objects.get()

    assert record.content == canonical(record.data)
    assert record.digest == digest_of(record.content)
    assert record.data["began_at"] == "2026-05-20T13:15:00+00:00"
    assert record.data["adult"]["born_on"] == "1938-02-14"


def test_a_record_takes_a_constant_number_of_queries(cast, django_assert_num_queries):
    """Entries, requests and proposals grow in number; what is read does not."""
    dispute = ordinary(cast)
    stage = Stage.objects.get(dispute=dispute, number=2)
    for number in (1, 3):
        while dispute.proposals.count() < number:
            at = RAISED + (30 + dispute.proposals.count()) * HOUR
            record_discussion(dispute, cast.council_manager, at)
            proposal = actions.propose(
                dispute=dispute, by=cast.council_manager, at=at, resolution="Assess.", rationale="Nights.",
                actions=[(cast.hospital, "Assess")],
            )  # fmt: skip
            actions.refuse(proposal=proposal, by=cast.hospital_manager, at=at, reason="No bed.")
            actions.add_evidence(
                dispute=dispute, by=cast.council_manager, at=at, kind="email", shows="Asked.", files=[kept_file()]
            )
        with django_assert_num_queries(24):
            appendix_b.contents(dispute, stage, at=RAISED + 99 * HOUR)
