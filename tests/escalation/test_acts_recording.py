"""The pages on which something is recorded: what they ask, show beside it, and keep."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Act
from escalation import actions
from escalation.models import Dispute, Draft, Entry, Mark, Party
from tests import cast as casting
from tests.cast import SAFE, record_discussion
from tests.escalation.act_pages import ENTRY, boxes, now

EARLIER = timedelta(hours=12)


@pytest.fixture
def dispute(cast):
    return casting.raise_dispute(cast, at=now() - EARLIER)


@pytest.fixture
def practitioner(cast, client):
    client.force_login(cast.council_practitioner)
    return client


def address(name, dispute, **ids):
    return reverse(name, kwargs={"reference": dispute.reference, **ids})


def text_of(response):
    return response.content.decode()


def a_discussion(**changes):
    entry = {
        **ENTRY,
        "how": "telephone",
        "outcome_reason": "Each keeps to its view.",
        **boxes("happened_at", now(), "12:01am"),
    }
    return {**entry, **changes}


def test_an_entry_keeps_its_marks_and_each_paragraph(practitioner, dispute):
    """R11, R12, R13: two boxes, each paragraph a statement with its mark."""
    sent = a_discussion(facts="She fell. (Note, 2am)\n\nShe was alone.", opinions="It is too early.")

    practitioner.post(address("add_entry", dispute), sent)

    entry = Entry.objects.get()
    assert entry.statements == [
        (Mark.FACT, "She fell. (Note, 2am)"), (Mark.FACT, "She was alone."), (Mark.OPINION, "It is too early."),
    ]  # fmt: skip
    assert (entry.outcome, entry.outcome_reason) == ("not_agreed", "Each keeps to its view.")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome_reason": " "}, "Give the reason for this outcome"),
        ({"facts": "", "opinions": "\u200b"}, "Write at least one fact or one opinion"),
        ({"outcome": "again"}, "Give the date you talk again"),
        ({"outcome": "again", **boxes("again_on", now() - timedelta(days=2))}, "must be today or later"),
        ({"outcome": "not_held"}, "Choose one of the answers offered"),
        (boxes("happened_at", now() + timedelta(days=1), "9am"), "must not be later than now"),
        (boxes("happened_at", now() - timedelta(days=9), "9am"), "must not be before the dispute was raised"),
        ({"how": "not_held"}, "Say why the discussion could not be held"),
    ],
)
def test_an_entry_that_lacks_something_says_so_and_keeps_the_text(practitioner, dispute, changes, message):
    """R15: nothing is saved without its reason; what was typed stands on the page and in the draft."""
    answer = practitioner.post(address("add_entry", dispute), a_discussion(facts="Words to keep.") | changes)

    assert answer.status_code == 200
    assert message in text_of(answer)
    assert Entry.objects.count() == 0
    if "facts" not in changes:
        assert "Words to keep." in text_of(answer)
        assert "Words to keep." in text_of(practitioner.get(address("add_entry", dispute)))


def test_a_file_pasted_line_by_line_is_refused_and_kept(practitioner, dispute):
    """R12: each paragraph is a statement; a thousand of them nobody reads, and no printer lays out."""
    pasted = "\n".join(f"line {number}" for number in range(101))

    page = practitioner.post(address("add_entry", dispute), a_discussion(facts=pasted))

    assert "Your facts are 101 paragraphs: write 100 or fewer" in text_of(page)
    assert "line 100" in text_of(page)
    assert not Entry.objects.exists()


def test_that_it_could_not_be_held_needs_only_the_reason(practitioner, dispute):
    """R2, R26: the attempt is an entry too."""
    sent = {"how": "not_held", "not_held_why": "She is on leave.", **boxes("happened_at", now(), "12:01am")}

    answer = practitioner.post(address("add_entry", dispute), sent)

    entry = Entry.objects.get()
    assert answer.status_code == 302
    assert (entry.outcome, entry.outcome_reason, entry.facts) == ("not_held", "She is on leave.", "")


def test_the_other_side_s_discussion_is_offered_first_and_its_entry_read(cast, practitioner, dispute):
    """Each professional writes an entry of their own of the same discussion (R11)."""
    record_discussion(dispute, cast.hospital_practitioner, now(), facts="The chart says so.")
    discussion = dispute.discussions.get()
    link = address("add_entry_to", dispute, discussion_id=discussion.pk)

    offered = text_of(practitioner.get(address("add_entry", dispute)))
    beside = text_of(practitioner.get(link))
    practitioner.post(link, {**ENTRY, "outcome_reason": "No."})

    assert f'href="{link}"' in offered
    assert "The chart says so." in beside
    assert {entry.author for entry in discussion.entries.all()} == {
        cast.hospital_practitioner,
        cast.council_practitioner,
    }
    assert link not in text_of(practitioner.get(address("add_entry", dispute)))


def test_one_s_entry_is_written_once(cast, practitioner, dispute):
    """R11: nobody changes an entry, the writer included."""
    entry = record_discussion(dispute, cast.council_practitioner, now(), facts="Mine alone.")
    link = address("add_entry_to", dispute, discussion_id=entry.discussion_id)

    shown = practitioner.get(link)
    refused = practitioner.post(link, {**ENTRY, "outcome_reason": "No."})

    assert (shown.status_code, refused.status_code) == (200, 409)
    assert "Mine alone." in text_of(shown)
    assert Entry.objects.count() == 1


def test_a_draft_is_kept_shown_to_its_writer_and_thrown_away(cast, client, dispute):
    """What is put aside is judged by nobody and seen by nobody else."""
    page = address("add_entry", dispute)
    client.force_login(cast.council_practitioner)
    kept = client.post(page, {"facts": "Half a thought", "later": "1"})
    assert (kept.status_code, Entry.objects.count()) == (302, 0)
    assert "Half a thought" in text_of(client.get(page))
    client.force_login(cast.hospital_practitioner)
    assert "Half a thought" not in text_of(client.get(page))
    client.force_login(cast.council_practitioner)

    thrown = client.post(page, {"facts": "Half a thought", "discard": "1"})

    assert thrown.status_code == 302
    assert not Draft.objects.exists()
    assert "Half a thought" not in text_of(client.get(page))


def test_views_stand_side_by_side(cast, practitioner, dispute):
    """R14: the other agency's view is read beside one's own; a missing one says so."""
    assert "Not yet given" in text_of(practitioner.get(address("state_view", dispute)))
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=now(), view="The plan was sound.")

    assert "The plan was sound." in text_of(practitioner.get(address("state_view", dispute)))
    practitioner.post(address("state_view", dispute), {"view": "It was not."})

    assert set(Party.objects.values_list("view", flat=True)) == {"The plan was sound.", "It was not."}


def test_what_another_changed_meanwhile_is_not_undone_unseen(cast, client, dispute):
    """Two people with the same page open: the second is told, and the text is kept."""
    page = address("amend", dispute, section="impact")
    client.force_login(cast.hospital_practitioner)
    seen = client.get(page).context["form"].seen()
    actions.amend(dispute=dispute, by=cast.council_practitioner, at=now(), changes={"impact": "A fall."})

    answer = client.post(page, {"seen_stage": 1, "seen": seen, "impact": "Nothing much then."})

    assert answer.status_code == 409
    assert "Nothing much then." in text_of(answer)
    assert Dispute.objects.get().impact == "A fall."
    again = text_of(client.get(page))
    assert "Nothing much then." in again
    assert "These details changed after you typed this" in again


def test_a_needed_by_date_has_its_reason_and_lies_before_the_target(practitioner, dispute):
    """R4: a shorter date, with its reason."""
    page = address("amend", dispute, section="impact")

    late = practitioner.post(page, {**boxes("needed_by_on", now() + timedelta(days=30)), "needed_by_reason": "x"})
    bare = practitioner.post(page, boxes("needed_by_on", now() + timedelta(days=2)))

    assert "must be before the target" in text_of(late)
    assert "Say why it is needed by then" in text_of(bare)


def test_the_statements_stand_once_another_has_answered_them(cast, practitioner, dispute):
    """R9, rules: the raiser changes them until another agency has given its view; one is told before typing."""
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=now(), view="The plan was sound.")

    answer = practitioner.get(address("amend_statements", dispute))

    assert answer.status_code == 409
    assert "Another agency has given its view" in text_of(answer)


def test_the_questions_of_the_category_are_kept_with_it_alone(practitioner, dispute):
    """R10: what belongs to enquiry closure goes when it is a delay after all."""
    page = address("amend", dispute, section="about")
    practitioner.post(page, {"category": "closure", "desired_outcome_achieved": "no", "duty_of_care_met": "yes"})
    closure = Dispute.objects.get()
    practitioner.post(page, {"category": "delay", "desired_outcome_achieved": "no"})
    delay = Dispute.objects.get()

    assert (closure.category, closure.desired_outcome_achieved, closure.duty_of_care_met) == ("closure", "no", "yes")
    assert (delay.category, delay.desired_outcome_achieved, delay.duty_of_care_met) == ("delay", "", "")


def test_after_a_death_nobody_is_asked_what_keeps_the_adult_safe(cast, practitioner, dispute):
    """R48: the choice about the target is kept; the 999 line and the question of safety go."""
    practitioner.post(address("record_death", dispute), {**boxes("died_on", now()), "clock": "off"})

    dead = Dispute.objects.get()
    assert (dead.adult_died_on is not None, dead.target_stopped) == (True, True)
    assert "safe meanwhile" not in text_of(practitioner.get(address("escalate", dispute)))
    assert (
        "is at immediate risk" not in text_of(practitioner.get(address("refer_concern", dispute))).split("<footer")[0]
    )
    assert practitioner.post(address("escalate", dispute), {"reason": "It matters to others."}).status_code == 302


def test_an_entry_still_missing_from_an_earlier_stage_is_welcome(cast, client):
    """Whoever acted at the stage of a discussion may still write of it."""
    dispute = casting.raise_dispute(cast, at=now() - EARLIER)
    entry = record_discussion(dispute, cast.hospital_practitioner, now())
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=now(), reason="?", **SAFE)
    actions.approve(request=request, by=cast.council_manager, at=now(), reason="Yes.")
    client.force_login(cast.council_practitioner)

    answer = client.post(
        address("add_entry_to", dispute, discussion_id=entry.discussion_id),
        {**ENTRY, "outcome_reason": "No.", "seen_stage": 1},
    )

    assert answer.status_code == 302
    assert Entry.objects.get(author=cast.council_practitioner).stage == 1


CONSULTED = {"consulted": "Jo Field", "advice": "Go on.", **boxes("consulted_on", now())}
REPORTED = boxes("referred_on", now())


@pytest.mark.parametrize(
    ("name", "data", "rows", "other"),
    [
        ("add_entry", a_discussion(), "entries", {"outcome": "in_part"}),
        ("record_consultation", CONSULTED, "consultations", {"advice": "Wait."}),
        ("refer_concern", REPORTED, "concerns", {"team_reference": "SA-7"}),
    ],
)
def test_what_is_sent_twice_is_written_once(practitioner, dispute, name, data, rows, other):
    """A double click: nobody could take the second one away again. What differs is no second click."""
    for _ in range(2):
        answer = practitioner.post(address(name, dispute), data)
        assert (answer.status_code, answer.url) == (302, f"/disputes/{dispute.reference}/")
    written = getattr(dispute, rows)
    assert (written.count(), Act.objects.filter(thread=dispute.pk).count()) == (1, 2)

    practitioner.post(address(name, dispute), {**data, **other})
    assert written.count() == 2


def test_the_same_words_an_hour_later_are_another_attempt(cast, dispute):
    """Nobody answers the telephone twice: two attempts."""
    for hours in (2, 1):
        record_discussion(dispute, cast.council_practitioner, now() - timedelta(hours=hours), how="not_held")

    assert dispute.entries.count() == 2
