"""A dispute worked through on paper, entered after the event: as it was, marked so, and waiting for nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agencies.models import Act, Notice
from escalation import actions, timers
from escalation.models import Dispute, Draft, Duty, Evidence, Flag, Record, StoredFile
from escalation.permissions import Conflict, NotPermitted
from tests import cast as casting
from tests.escalation.act_pages import boxes

AT = datetime(2026, 6, 24, 9, 30, tzinfo=UTC)
RAISED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ADULT = "Doreen Canary Hepworth"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
PDF += b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
PDF += b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n"


def enter(cast, by="hospital_manager", number=1, **changes):
    """A dispute of the council with the hospital that ended after so many stages, two days for each."""
    arguments = {
        "raising_agency": cast.council,
        "disputed_agency": cast.hospital,
        "details": {
            "adult_name": ADULT, "raised_at": RAISED, "for_name": "Rosa Bell", "problem": "One.",
            "disagreement": "Two.", "aim": "Three.", "category": "delay",
        },
        "began": [RAISED + 2 * each * DAY for each in range(1, number)],
        "ended_at": RAISED + 2 * number * DAY + timedelta(hours=3),
        "outcome": "resolved",
        "outcome_reason": "A visit each morning.",
        "kept_where": "Council archive, box 12",
    }  # fmt: skip
    details = {**arguments["details"], **changes.pop("details", {})}
    return actions.enter_after_event(
        by=getattr(cast, by), at=changes.pop("at", AT), **{**arguments, **changes, "details": details}
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_it_stands_as_it_was(cast, number):
    """Each stage left has one sealed record; the times are the paper's; the clock of R4 is worked out from them."""
    dispute = enter(cast, number=number)

    stages = list(dispute.stages.select_related("record"))
    assert [stage.number for stage in stages] == list(range(1, number + 1))
    assert [stage.end for stage in stages] == ["escalated"] * (number - 1) + ["ended"]
    assert (stages[0].began_at, stages[-1].ended_at) == (RAISED, dispute.ended_at)
    assert all(later.began_at == before.ended_at for before, later in zip(stages, stages[1:], strict=False))
    assert all(stage.record.is_intact and stage.record.sealed_at == AT for stage in stages)
    data = stages[-1].record.data
    assert data["resolution"]["took_minutes"] == (2 * number * 24 + 3) * 60
    assert data["steps"][-1]["reason"] == "A visit each morning."
    assert [part["text"] for part in data["notes"] if part["key"] == "entered"] == [
        "Entered after the event from a paper record by Hospital Manager, Rother Valley Hospital"
    ]
    [paper] = data["evidence"]["documents"]
    assert (paper["kind"], paper["shows"]) == ("The record as it was kept on paper", "Council archive, box 12")
    assert (data["referrer"]["name"], data["referrer"]["agency"]) == ("Rosa Bell", "Adult Social Care")
    assert (dispute.target_at - RAISED).days in (6, 7)
    assert {row.history_user for row in dispute.history.all()} == {cast.hospital_manager}


@pytest.mark.parametrize("number", [1, 3])
def test_nothing_of_it_waits_for_anybody(cast, number):
    """No duty, no reminder, no flag, however long the timers run; who must know is told, once."""
    dispute = enter(cast, number=number, concerned_agencies=[cast.trust])

    for days in range(0, 20, 2):
        timers.sweep(AT + days * DAY)

    assert not Duty.objects.filter(dispute=dispute).exists()
    assert not Flag.objects.filter(dispute=dispute).exists()
    told = {(notice.kind, notice.recipient.full_name) for notice in Notice.objects.filter(recipient__isnull=False)}
    contacts = {"Council Lead", "Second Lead", "Trust Lead"}
    board = {("after the event at three", "Helen Goddard")} if number == 3 else set()
    assert told == {("after the event", name) for name in contacts} | board
    assert not [notice for notice in Notice.objects.all() if "Canary" in notice.title]
    assert [act.verb for act in Act.objects.filter(thread=dispute.pk)] == ["entered after the event"]


def test_the_board_manager_is_told_only(cast, client):
    """R29: involvement cannot be had after the event."""
    dispute = enter(cast, number=3)
    client.force_login(cast.board_manager)

    page = client.get(f"/disputes/{dispute.reference}/")

    assert "Told that it was entered after the event" in page.text
    assert "Record your involvement" not in page.text
    with pytest.raises(Conflict, match="nothing left to be involved in"):
        actions.record_involvement(dispute=dispute, by=cast.board_manager, at=AT, how="Read it.")


@pytest.mark.parametrize(
    "by",
    [
        "hospital_practitioner",
        "council_practitioner",
        "police_lead",
        "trust_lead",
        "board_manager",
        "chair",
        "administrator",
    ],
)
def test_only_a_manager_or_lead_of_an_agency_concerned_enters_it(cast, by):
    with pytest.raises(NotPermitted):
        enter(cast, by=by)
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"began": [RAISED - DAY], "ended_at": RAISED + DAY},
        {"began": [RAISED + 3 * DAY, RAISED + 2 * DAY], "ended_at": RAISED + 9 * DAY},
        {"ended_at": RAISED - timedelta(minutes=1)},
        {"ended_at": AT + timedelta(minutes=1)},
        {"outcome": "decided"},
        {"outcome": "clarified", "number": 4},
        {"began": [RAISED + each * DAY for each in range(1, 5)], "ended_at": RAISED + 9 * DAY},
        {"kept_where": ""},
    ],
)
def test_what_cannot_have_been_is_refused(cast, wrong):
    """Times are never negative; no end that the protocol does not know; no entry without its paper."""
    with pytest.raises(Conflict):
        enter(cast, **wrong)
    assert not Dispute.objects.exists()
    assert not Record.objects.exists()


def test_who_sees_it(cast, client):
    """R44: as if it had been raised here."""
    dispute = enter(cast, number=2)
    seen = {
        name: Dispute.objects.visible_to(getattr(cast, name), AT).filter(pk=dispute.pk).exists()
        for name in (
            "hospital_manager", "hospital_lead", "council_manager", "council_lead", "council_practitioner",
            "hospital_practitioner", "trust_lead", "police_lead", "board_manager", "chair",
        )
    }  # fmt: skip
    assert {name for name, sees in seen.items() if sees} == {
        "hospital_manager", "hospital_lead", "council_manager", "council_lead",
    }  # fmt: skip
    client.force_login(cast.police_lead)
    assert client.get(f"/disputes/{dispute.reference}/").status_code == 404


@pytest.mark.parametrize(("number", "outcome"), [(1, "resolved"), (3, "clarified"), (4, "decided")])
def test_it_is_marked_wherever_it_is(cast, client, number, outcome):
    """On its page, in the list, in the timeline; "entered" stands beside "raised" (R45)."""
    dispute = enter(cast, number=number, outcome=outcome)
    client.force_login(cast.council_lead)

    page, listed, trail = (
        client.get(path).text
        for path in (f"/disputes/{dispute.reference}/", "/disputes/", f"/disputes/{dispute.reference}/timeline/")
    )

    assert "<strong>Entered after the event</strong> from a paper record by Hospital Manager" in page
    assert "Mon 2 Mar, 9am" in page.replace("\xa0", " ")
    assert "The paper record does not say what kept" in page
    assert "Entered after the event" in listed
    assert "entered the dispute after the event, from a paper record" in trail


# The pages

FIELDS = {
    "adult_name": ADULT, "for_name": "Rosa Bell", "problem": "One.", "disagreement": "Two.", "aim": "Three.",
    "stage": "2", "outcome": "resolved", "outcome_reason": "A visit each morning.",
}  # fmt: skip


def filled(cast, **changes):
    fields = {**FIELDS, "raising_agency": cast.council.pk, "disputed_agency": cast.hospital.pk}
    for name, at in (("raised_at", RAISED), ("began_2", RAISED + DAY), ("ended_at", RAISED + 2 * DAY)):
        fields |= boxes(name, at, "9am")
    return {**fields, **changes}


PAGE, CHECK = "/disputes/after-the-event/", "/disputes/after-the-event/check/"


def test_the_paper_record_goes_in_with_it(cast, client):
    """Typed, looked over, the file attached; a second click finds it done."""
    client.force_login(cast.hospital_manager)

    typed = client.post(PAGE, filled(cast))
    looked = client.get(CHECK)
    paper = SimpleUploadedFile(f"{ADULT}.pdf", PDF, "application/pdf")
    done = client.post(CHECK, {"paper": paper})
    again = client.post(CHECK, {"kept_where": "Box 12"})

    assert (typed.status_code, typed.url) == (302, CHECK)
    assert "A visit each morning." in looked.text
    dispute = Dispute.objects.get()
    assert (done.status_code, done.url) == (302, f"/disputes/{dispute.reference}/")
    assert again.url == PAGE
    assert (dispute.stage, dispute.is_after_event, dispute.adult_name) == (2, True, ADULT)
    evidence, stored = Evidence.objects.get(), StoredFile.objects.get()
    assert (evidence.kind, evidence.is_late, stored.evidence, stored.agency) == (
        "paper_record", False, evidence, cast.hospital,
    )  # fmt: skip
    assert not Draft.objects.exists()


def test_without_a_file_it_says_where_the_paper_is(cast, client):
    client.force_login(cast.council_lead)
    client.post(PAGE, filled(cast))

    neither = client.post(CHECK, {})
    wrong = client.post(CHECK, {"paper": SimpleUploadedFile("run.exe", b"MZ" + b"\0" * 300)})
    done = client.post(CHECK, {"kept_where": "Box 12"})

    assert "or say where it is kept" in neither.text
    assert "There is a problem" in wrong.text
    assert not StoredFile.objects.exists()
    assert done.status_code == 302
    assert Evidence.objects.get().shows == "Box 12"


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(cast, client):
    client.force_login(cast.council_lead)
    late = boxes("ended_at", datetime.now(UTC) + 3 * DAY, "9am")
    tries = {
        "must not be later than now": late,
        "must not be before stage two began": boxes("ended_at", RAISED, "8am"),
        "Give the day and time stage two began": {f"began_2-{box}": "" for box in ("day", "month", "year", "time")},
        "Give the day and time stage three began": {"stage": "3"},
        "Leave stage two empty": {"stage": "1"},
        "A dispute cannot end like this at stage two": {"outcome": "decided"},
        "belongs to its own procedure": {"disputed_agency": cast.council.pk},
        "An agency of which you are manager or lead": {
            "raising_agency": cast.trust.pk, "disputed_agency": cast.hospital.pk,
        },
    }  # fmt: skip
    for words, changes in tries.items():
        answer = client.post(PAGE, filled(cast, **changes))
        assert answer.status_code == 200, words
        assert words in answer.text
    assert client.get(CHECK).url == PAGE  # it cannot be entered like that
    client.post(PAGE, filled(cast, problem="Kept words of mine."))
    assert "Kept words of mine." in client.get(PAGE).text
    assert not Dispute.objects.exists()


def test_nothing_falls_over_what_is_posted(cast, client):
    client.force_login(cast.council_lead)
    right = filled(cast)
    for value in ("", "a\x00b\u202ed", "\u200b", "<script>alert(1)</script>", "9" * 20, "x" * 30_000):
        answer = client.post(PAGE, dict.fromkeys(right, value))
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.text
        assert client.get(CHECK).status_code == 302
    for name in right:
        answer = client.post(PAGE, {**right, name: ["x", "y"]})
        assert answer.status_code in (200, 302)
    assert not Dispute.objects.exists()


@pytest.mark.parametrize("who", ["council_practitioner", "board_manager", "administrator"])
def test_whoever_may_not_enter_is_told_so(cast, client, who):
    client.force_login(getattr(cast, who))

    for path in (PAGE, CHECK):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "by a manager or lead of an agency concerned" in answer.text
        assert client.post(path, filled(cast)).status_code == 403
    assert PAGE not in client.get("/disputes/").text


def test_what_is_typed_is_nobody_elses(cast, client):
    """Drafts are seen by their writer alone; and kept where the session ended meanwhile."""
    client.force_login(cast.council_lead)
    slip = client.get(PAGE).text.split('name="typed_by" value="')[1].split('"')[0]
    client.logout()
    client.post(PAGE, {**filled(cast, problem="Canary words"), "typed_by": slip})

    client.force_login(cast.hospital_lead)
    assert "Canary words" not in client.get(PAGE).text
    client.force_login(cast.council_lead)
    assert "Canary words" in client.get(PAGE).text


# By telephone (R45): both times stand on the page, in the record and in the trail


def test_raised_by_telephone_and_entered_later_shows_both(cast, client):
    raised, entered = AT - timedelta(hours=20), AT
    dispute = casting.raise_dispute(
        cast, at=entered, raised_at=raised, for_name="Rosa Bell", for_job_title="care worker", for_how="telephone"
    )
    actions.record_consultation(
        dispute=dispute, by=cast.hospital_practitioner, at=entered, consulted="Ruth", consulted_role="nurse",
        consulted_on=raised.date(), advice="Ask.",
    )  # fmt: skip
    client.force_login(cast.council_lead)
    page = client.get(f"/disputes/{dispute.reference}/").text.replace("\xa0", " ")
    trail = client.get(reverse("timeline", kwargs={"reference": dispute.reference})).text

    assert "Tue 23 Jun, 2:30pm" in page
    assert "Wed 24 Jun, 10:30am" in page
    assert "who was asked by telephone" in page
    assert page.count("Recorded") == 1
    assert "entered now" in trail
    assert "with ruth, nurse" in trail.lower()
