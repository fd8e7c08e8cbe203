"""The page of a dispute and its timeline: who sees them, and what stands on them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.models import Membership, Role
from escalation import actions
from escalation.models import Consultation, How
from tests import cast as casting
from tests.cast import record_discussion

HOUR = timedelta(hours=1)
CANARY = "Quinnoline Zephyrbird"
SECRET = "the marmalade ledger"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
EVERYBODY = (
    "council_practitioner", "council_manager", "council_lead", "hospital_practitioner", "hospital_manager",
    "hospital_lead", "trust_practitioner", "trust_lead", "police_practitioner", "police_manager", "police_lead",
    "board_manager", "chair", "administrator",
)  # fmt: skip
CONCERNED = {
    "council_practitioner", "council_manager", "council_lead", "hospital_practitioner", "hospital_manager",
    "hospital_lead",
}  # fmt: skip


def recently(cast, stage, **changes):
    """A dispute raised a day ago, taken to this stage."""
    return casting.at_stage(cast, stage, timezone.now() - 24 * HOUR, **changes)


def read(client, person, path):
    client.force_login(person)
    response = client.get(path)
    return response, response.content.decode()


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_only_those_concerned_see_it(cast, client, stage):
    """R44: to anyone else it does not exist, on any page, in any list, by any search."""
    dispute = recently(cast, stage, adult_name=CANARY, problem=SECRET)
    page, timeline = f"/disputes/{dispute.reference}/", f"/disputes/{dispute.reference}/timeline/"
    see = CONCERNED | ({"board_manager", "chair"} if stage >= 3 else set())

    for name in EVERYBODY:
        person = getattr(cast, name)
        found = {}
        for path in (page, timeline):
            response, text = read(client, person, path)
            found[path] = (response.status_code, CANARY in text)
        for path in ("/", "/disputes/", "/approvals/"):
            _, text = read(client, person, path)
            found[path] = CANARY in text or dispute.reference in text
        for words in ("Quinn zeph", dispute.reference):
            text = client.post("/disputes/", {"words": words}, follow=True).content.decode()
            found[words] = CANARY in text
        sees = name in see
        assert (name, found) == (
            name,
            {
                page: (200, True) if sees else (404, False),
                timeline: (200, True) if sees else (404, False),
                "/": sees,
                "/disputes/": sees,
                "/approvals/": False,
                "Quinn zeph": sees,
                dispute.reference: sees,
            },
        )


def test_a_reference_that_does_not_exist_looks_the_same(cast, client):
    dispute = recently(cast, 1)
    hidden, text = read(client, cast.police_lead, f"/disputes/{dispute.reference}/")
    missing, other = read(client, cast.police_lead, "/disputes/0000-0000/")

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert TOKEN.sub("", text) == TOKEN.sub("", other)


def test_the_first_screen_says_where_it_stands(cast, client):
    """Who, stage, clock, what happens next and who must do it (R4, R24)."""
    cast.hospital_manager.phone = "01632 960 777"
    cast.hospital_manager.job_title = "matron"
    cast.hospital_manager.save()
    dispute = recently(cast, 2, category="discharge")
    _, text = read(client, cast.council_manager, f"/disputes/{dispute.reference}/")
    head = text[: text.index("What it is about")]

    for words in (
        "Margaret Eleanor Whitworth-Okonkwo", dispute.reference, "Stage two of four", "6 days left",
        "Hospital discharge.", "Adult Social Care disagrees with Rother Valley Hospital.",
        "<strong>You and Hospital Manager</strong> talk, manager to manager.", "matron", "01632 960 777",
        "is at immediate risk, call 999", "She stays on the ward.", "Record a discussion",
    ):  # fmt: skip
        assert words in head


@pytest.mark.parametrize(
    ("safety", "words"), [("nothing", "Nothing is in place to keep"), ("unknown", "It is not known what is keeping")]
)
def test_no_safety_is_loud(cast, client, safety, words):
    """R37: nothing in place, and not known, are answers that nobody can overlook."""
    dispute = recently(cast, 1, safety=safety, safety_detail="")
    _, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    assert f'class="r-past">{words}' in text
    assert "r-safety--alarm" in text


def test_after_a_death_the_999_line_goes(cast, client):
    """R48: the question of a Safeguarding Adults Review comes in its place."""
    dispute = recently(cast, 1)
    now = timezone.now()
    actions.record_death(dispute=dispute, by=cast.council_practitioner, at=now, died_on=now.date(), stop_target=True)
    _, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    assert "Consider a referral for a Safeguarding Adults Review?" in text
    assert f"If {dispute.adult_name} is at immediate risk" not in text
    assert "The target was stopped" in text


def test_missing_views_and_entries_keep_their_place(cast, client):
    """R11, R14: what is missing is shown as missing; nobody is said to agree by silence."""
    dispute = recently(cast, 1, concerned_agencies=[cast.trust])
    record_discussion(dispute, cast.council_practitioner, timezone.now() - HOUR, facts="A fact.\n\nAnother fact.")
    _, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    assert text.count("Not yet given") == 3
    assert text.count("not yet written") == 2
    assert text.count('<span class="r-mark">Fact</span>') == 2
    assert text.count('<span class="r-mark r-mark--opinion">Opinion</span>') == 1
    assert "Outcome: we do not agree." in text


def test_silence_is_never_agreement(cast, client):
    """rules: silence is recorded as "no reply"."""
    dispute = recently(cast, 1, concerned_agencies=[cast.trust])
    began = timezone.now() - 20 * HOUR
    proposal = actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=began, resolution="Assess her first.", rationale="Safer."
    )
    proposal.object_by = began + HOUR
    proposal.save()
    _, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    assert "<strong>Rother Valley Mental Health Trust</strong>: <strong>no reply</strong>" in text
    assert "<strong>Rother Valley Hospital</strong>: <strong>no reply yet</strong>" in text
    assert text.count(": agrees") == 1


def test_an_end_shows_outcome_reason_and_actions(cast, client):
    """R7, R15: in words, with the actions agreed, and no act but what an end permits."""
    dispute = recently(cast, 1)
    proposal = actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=timezone.now() - 2 * HOUR, resolution="Assess her first.",
        rationale="The nights in April.", actions=[(cast.hospital, "Assess on Monday")],
    )  # fmt: skip
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=timezone.now() - HOUR)
    record_discussion(dispute, cast.hospital_practitioner, timezone.now(), how=How.WRITING)
    response, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    for words in ("How it ended: resolved", "Assess her first.", "The nights in April.", "Assess on Monday"):
        assert words in text
    assert "After the end: outside the sealed record" in text
    assert {offer.move for offer in response.context["case"].offers} == {
        "add_entry", "add_evidence", "refer_concern", "record_death", "record_learning", "record_copy", "make_link",
        "file_record",
    }  # fmt: skip


def test_the_board_reads_and_has_no_acts_but_its_own(cast, client):
    dispute = recently(cast, 3)
    actions.inform_chair(dispute=dispute, by=cast.board_manager, at=timezone.now())
    for person in (cast.board_manager, cast.chair):
        response, text = read(client, person, f"/disputes/{dispute.reference}/")
        assert {offer.move for offer in response.context["case"].offers} <= {"share_passages"}
        assert '<a href="/disputes/' not in text.split('id="next"')[1].split("</section>")[0]


def test_raised_for_somebody_and_entered_later(cast, client):
    """R45: the clock starts when it was raised; when it was entered stands beside."""
    now = timezone.now()
    dispute = casting.raise_dispute(
        cast, now - HOUR, for_name="Callum Doyle", for_job_title="care worker", for_how="telephone",
        raised_at=now - 48 * HOUR,
    )  # fmt: skip
    _, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")

    assert "Raised for Callum Doyle." in text
    assert "entered at" in text
    assert "5 days left" in text


def test_one_person_at_two_stages_is_warned_of(cast, client):
    """Readings: warn, do not block."""
    Membership.objects.create(user=cast.council_manager, role=Role.LEAD, agency=cast.council)
    dispute = recently(cast, 2)
    actions.name_representative(
        dispute=dispute, by=cast.council_manager, at=timezone.now(), stage=3, person=cast.council_manager
    )
    now = timezone.now()
    record_discussion(dispute, cast.council_manager, now)
    actions.take_up(dispute=dispute, by=cast.council_manager, at=now, reason="Stuck.", **casting.SAFE)
    _, text = read(client, cast.council_manager, f"/disputes/{dispute.reference}/")

    assert "Council Manager acts at stage two and stage three." in text


def test_texts_are_texts(cast, client):
    """What was typed is shown, and never run."""
    script = "<script>alert(1)</script>"
    dispute = recently(cast, 1, adult_name=script, problem=script, impact=script, adult_views=script, aim=script)
    now = timezone.now()
    record_discussion(dispute, cast.council_practitioner, now, facts=script, opinions=script, outcome_reason=script)
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=now, view=script)
    actions.record_consultation(
        dispute=dispute, by=cast.council_practitioner, at=now, consulted=script, consulted_role=script,
        consulted_on=now.date(), advice=script,
    )  # fmt: skip
    actions.amend(dispute=dispute, by=cast.council_practitioner, at=now, changes={"impact": script + "2"})
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=now, reason=script, **casting.SAFE)
    actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=now, resolution=script, rationale=script,
        actions=[(cast.hospital, script)],
    )  # fmt: skip
    for path in (f"/disputes/{dispute.reference}/", f"/disputes/{dispute.reference}/timeline/", "/", "/disputes/"):
        _, text = read(client, cast.council_practitioner, path)
        assert script not in text
        assert "&lt;script&gt;alert(1)" in text


def fill(cast, dispute, number):
    """So many of each thing that a page shows."""
    now = timezone.now() - 10 * HOUR
    for n in range(number):
        record_discussion(dispute, cast.council_practitioner, now + n * HOUR)
        actions.refer_concern(dispute=dispute, by=cast.council_practitioner, at=now, referred_on=now.date())
        Consultation.objects.create(
            dispute=dispute, stage=1, by=cast.council_practitioner, agency=cast.council, consulted="A colleague",
            consulted_on=now.date(), advice="Wait.", recorded_at=now,
        )  # fmt: skip
        proposal = actions.propose(
            dispute=dispute, by=cast.council_practitioner, at=now + n * HOUR, resolution="A", rationale="B",
            actions=[(cast.hospital, "Assess")],
        )  # fmt: skip
        actions.refuse(proposal=proposal, by=cast.hospital_practitioner, at=now + n * HOUR, reason="No.")
        request = actions.ask_escalation(
            dispute=dispute, by=cast.council_practitioner, at=now + n * HOUR, reason="Stuck.", **casting.SAFE
        )
        actions.decline(request=request, by=cast.council_manager, at=now + n * HOUR, reason="No.")
        actions.add_evidence(
            dispute=dispute, by=cast.council_practitioner, at=now, kind="email", shows=f"{n}",
            files=[casting.kept_file() for _ in range(number)],
        )  # fmt: skip
    dispute.refresh_from_db()


@pytest.mark.parametrize("number", [1, 3])
def test_statements_of_the_pages(cast, client, django_assert_num_queries, number):
    """The same number however much is on record: two to sign in, one for who one is, and the rest for the page."""
    dispute = recently(cast, 1)
    fill(cast, dispute, number)
    client.force_login(cast.council_practitioner)

    with django_assert_num_queries(3 + 4):
        client.get(f"/disputes/{dispute.reference}/")
    with django_assert_num_queries(3 + 15):
        client.get(f"/disputes/{dispute.reference}/timeline/")


# The timeline


def test_the_timeline_tells_who_did_what_as_what(cast, client):
    """R43: people's acts and what follows of itself are told apart, the newest first."""
    dispute = recently(cast, 2)
    response, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/timeline/")

    assert [(item.title, item.agency, item.is_machine) for item in response.context["items"]][1:] == [
        ("Council Manager approved the escalation to stage two", "Adult Social Care, manager", False),
        ("Council Practitioner asked to escalate to stage two", "Adult Social Care, practitioner", False),
        (
            f"Council Practitioner wrote an entry for the discussion {on(response.context['items'][3])}",
            "Adult Social Care, practitioner",
            False,
        ),
        ("Council Practitioner raised the dispute", "Adult Social Care, practitioner", False),
    ]
    first = response.context["items"][0]
    assert (first.title.split(".")[0], first.is_machine) == ("Stage two began", True)
    assert "“Needed.”" in text


def on(item):
    return item.title.split("discussion ")[1]


def test_the_timeline_shows_before_and_after(cast, client):
    dispute = recently(cast, 1, impact="She may fall.", urgency="soon")
    at = timezone.now() - HOUR
    actions.amend(
        dispute=dispute, by=cast.council_practitioner, at=at,
        changes={"impact": "She may leave at night.", "urgency": "urgent", "needed_by_on": at.date()},
    )  # fmt: skip
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=at, view="First view.")
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=at + HOUR / 2, view="Second view.")
    response, text = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/timeline/?show=changes")
    view, details = response.context["items"]

    assert [(change.before, change.after) for change in view.changes] == [("First view.", "Second view.")]
    assert [(change.what, change.before) for change in details.changes] == [
        ("Likely impact", "She may fall."), ("Urgency", "Soon: within a few days"), ("Needed by", ""),
    ]  # fmt: skip
    assert "What changed" in text


@pytest.mark.parametrize(("show", "number"), [("", 5), ("people", 4), ("changes", 0), ("decisions", 2), ("other", 5)])
def test_the_timeline_is_filtered(cast, client, show, number):
    dispute = recently(cast, 2)
    response, _ = read(client, cast.council_manager, f"/disputes/{dispute.reference}/timeline/?show={show}")

    assert len(response.context["items"]) == number


def test_an_entry_never_written_keeps_its_place_after_the_end(cast, client):
    """R11: who did not write is seen, and nobody is asked any more."""
    dispute = recently(cast, 1)
    record_discussion(dispute, cast.council_practitioner, timezone.now() - 2 * HOUR)
    _, page = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")
    assert "not yet written" in page

    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=timezone.now(), reason="Action is under way.")

    _, page = read(client, cast.council_practitioner, f"/disputes/{dispute.reference}/")
    assert ("Rother Valley Hospital: not written" in page, "not yet written" in page) == (True, False)
