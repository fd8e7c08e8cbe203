"""The timers (R4, R25, R28, R35, R43, R48): each due exactly once, by the same functions that the pages show."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agencies import outbox
from agencies.audit import Act
from agencies.models import Notice
from escalation import actions, deadlines, timers, watches
from escalation.models import Beat, Dispute, Duty, DutyKind, Flag, FlagKind, Watch
from tests.cast import RAISED, SAFE, make, raise_dispute, record_discussion

LONDON = ZoneInfo("Europe/London")
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def london(*parts):
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)


def flags(dispute=None):
    """When each flag was set, by kind."""
    rows = Flag.objects.filter(dispute=dispute) if dispute else Flag.objects.all()
    return dict(rows.order_by("at").values_list("kind", "at"))


def told(kind):
    return sorted(str(notice.recipient) for notice in Notice.objects.filter(kind=kind).select_related("recipient"))


def quiet(dispute):
    """Leave the target's clock alone to speak: nothing waits, and all has just moved."""
    Duty.objects.filter(dispute=dispute).delete()
    Notice.objects.all().delete()


def first_sweep_that_flags(dispute, kind, guess):
    """Sweep a second before, at, and a second after: the first instant at which the flag is set."""
    for at in (guess - SECOND, guess, guess + SECOND):
        timers.sweep(at)
        if kind in flags(dispute):
            return at
    return None


# Targets, by the clock that the page shows

CLOCKS = {
    "an ordinary week": (2026, 5, 20, 14, 15),
    "over the end of summer time": (2026, 10, 20, 9, 30),
    "in the hour that comes twice": (2026, 10, 18, 1, 30),
    "over the start of summer time": (2026, 3, 25, 16, 0),
    "in the hour that is left out": (2026, 3, 22, 1, 30),
    "over Easter": (2026, 3, 31, 11, 0),
    "to Good Friday": (2026, 3, 27, 11, 0),
    "over Christmas": (2026, 12, 21, 15, 0),
    "to Boxing Day": (2026, 12, 19, 15, 0),
    "to 29 February": (2028, 2, 22, 10, 0),
    "from 29 February": (2028, 2, 29, 10, 0),
}


@pytest.mark.parametrize("raised", CLOCKS.values(), ids=CLOCKS)
def test_a_target_is_flagged_once_neither_early_nor_late(cast, raised):
    raised_at = london(*raised)
    dispute = raise_dispute(cast, at=raised_at)
    quiet(dispute)
    target_at = deadlines.target(raised_at)
    assert dispute.target_at == target_at

    assert first_sweep_that_flags(dispute, FlagKind.PAST_TARGET, target_at) == target_at + SECOND
    for at in (target_at - SECOND, target_at, target_at + SECOND):
        shown = deadlines.clock(raised_at, dispute.target_at, None, at)
        assert shown.is_past == Dispute.objects.past_target(at).exists() == (at > target_at)
    timers.sweep(target_at + 3 * DAY)
    assert Flag.objects.filter(kind=FlagKind.PAST_TARGET).count() == 1
    assert Act.objects.filter(verb="flagged past target").count() == 1


@pytest.mark.parametrize("raised", CLOCKS.values(), ids=CLOCKS)
def test_reminders_come_when_the_clock_says_and_once(cast, raised):
    """Two days before and on the morning, each on the working day before where it would fall on a day off."""
    raised_at = london(*raised)
    dispute = raise_dispute(cast, at=raised_at)
    quiet(dispute)
    two_days_at, morning_at = deadlines.reminders_at(dispute.target_at)
    for reminder_at in (two_days_at, morning_at):
        assert deadlines.is_working_day(reminder_at)
        assert deadlines.next_sending_time(reminder_at) == reminder_at

    if two_days_at < morning_at:
        assert first_sweep_that_flags(dispute, FlagKind.TWO_DAYS, two_days_at) == two_days_at
    assert first_sweep_that_flags(dispute, FlagKind.MORNING, morning_at) == morning_at
    for hours in range(72):
        timers.sweep(morning_at + hours * HOUR)
    counts = Counter(Flag.objects.exclude(kind=FlagKind.NO_MOVEMENT).values_list("kind", flat=True))
    assert counts == {
        **({"two_days": 1} if two_days_at < morning_at else {}),
        "morning": 1,
        **({"past_target": 1} if dispute.target_at < morning_at + 71 * HOUR else {}),
    }
    assert told("morning") == ["Council Practitioner", "Hospital Practitioner"]


def test_reminders_say_how_much_is_left(cast):
    """A target on a Sunday: reminded of on Friday, which is two days before."""
    raise_dispute(cast, at=london(2026, 5, 17, 14, 15))
    timers.sweep(london(2026, 5, 22, 10, 0))
    assert {n.title for n in Notice.objects.filter(kind="morning")} == {"2 days left to the one-week target"}


@given(days=st.integers(0, 800), seconds=st.integers(0, 86399), back=st.integers(0, 9 * 86400), count=st.integers(1, 2))
def test_working_days_ago_is_the_inverse_of_working_days_later(days, seconds, back, count):
    at = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)
    since = at - timedelta(seconds=back)
    before, gap_from, gap_until = deadlines.working_days_ago(at, count)
    assert (since < before and not gap_from <= since < gap_until) == (deadlines.working_days_later(since, count) < at)


@given(days=st.integers(0, 800), seconds=st.integers(0, 86399), ahead=st.integers(0, 9 * 86400))
def test_reminded_until_is_the_inverse_of_reminders_at(days, seconds, ahead):
    at = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)
    target_at = at + timedelta(seconds=ahead)
    assert [target_at < until for until in deadlines.reminded_until(at)] == [
        reminder_at <= at for reminder_at in deadlines.reminders_at(target_at)
    ]


def test_past_target_tells_actors_leads_and_from_stage_three_the_board_manager(cast, at_stage, settings):
    settings.BOARD_MAILBOX = "board@test.example"
    low, high = at_stage(1), at_stage(3)
    timers.sweep(low.target_at + SECOND)
    people = {
        dispute: sorted(
            str(notice.recipient or notice.mailbox)
            for notice in Notice.objects.filter(kind="past_target", thread=dispute.pk)
        )
        for dispute in (low, high)
    }
    assert people[low] == [
        "Council Lead", "Council Practitioner", "Hospital Lead", "Hospital Practitioner", "Second Lead"
    ]  # fmt: skip
    assert people[high] == ["Council Lead", "Helen Goddard", "Hospital Lead", "Second Lead", "board@test.example"]


def test_a_row_without_a_deadline_is_never_overdue(cast):
    """R48: the target stopped by choice after the adult's death; no timer speaks of it any more."""
    dispute = raise_dispute(cast)
    actions.record_death(
        dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, died_on=RAISED.date(), stop_target=True
    )
    Notice.objects.all().delete()
    for days in range(30):
        timers.sweep(RAISED + days * DAY)
    assert not Notice.objects.exists()
    assert not Flag.objects.exists()


def test_an_ended_dispute_is_silent(cast):
    dispute = raise_dispute(cast)
    actions.clarify(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="We misread it.")
    Notice.objects.all().delete()
    for days in range(30):
        timers.sweep(RAISED + days * DAY)
    assert not Flag.objects.exists()
    assert not Notice.objects.exclude(kind=DutyKind.FILE).exists()


# When they leave


@pytest.mark.parametrize(
    ("urgency", "at", "leaves_at"),
    [
        ("week", london(2026, 5, 28, 11, 0), london(2026, 5, 28, 11, 0)),
        ("week", london(2026, 5, 28, 17, 59, 59), london(2026, 5, 28, 17, 59, 59)),
        ("week", london(2026, 5, 28, 18, 0), london(2026, 5, 29, 8, 0)),
        ("week", london(2026, 5, 28, 7, 59), london(2026, 5, 28, 8, 0)),
        ("week", london(2026, 5, 30, 11, 0), london(2026, 6, 1, 8, 0)),
        ("urgent", london(2026, 5, 30, 3, 0), london(2026, 5, 30, 3, 0)),
    ],
)
def test_reminders_leave_in_working_hours_and_the_urgent_at_any(cast, urgency, at, leaves_at):
    raise_dispute(cast, urgency=urgency)
    Notice.objects.all().delete()
    timers.sweep(at)
    assert {notice.send_after for notice in Notice.objects.all()} == {leaves_at}
    assert {notice.in_hours for notice in Notice.objects.all()} == {urgency == "week"}


# Standing still


def test_no_movement_is_told_once_for_each_standstill(cast):
    """Two working days after the last act: raised on Wednesday, due after Friday at the same time."""
    dispute = raise_dispute(cast)
    due_at = deadlines.working_days_later(RAISED, 2)
    assert due_at == london(2026, 5, 22, 14, 15)
    timers.sweep(due_at)
    assert told("no_movement") == []
    timers.sweep(due_at + SECOND)
    timers.sweep(due_at + 2 * DAY)
    assert told("no_movement") == ["Council Practitioner", "Hospital Practitioner"]

    record_discussion(dispute, cast.council_practitioner, due_at + 2 * DAY)  # on a Sunday, before a bank holiday
    again_at = deadlines.working_days_later(due_at + 2 * DAY, 2)
    assert again_at == london(2026, 5, 28, 9, 0)
    timers.sweep(again_at)
    assert len(told("no_movement")) == 2
    timers.sweep(again_at + SECOND)
    timers.sweep(again_at + DAY)
    assert len(told("no_movement")) == 4


def test_a_movement_during_a_sweep_begins_a_standstill_of_its_own(cast):
    """An act whose instant was taken before the sweep's, and which is committed after it."""
    dispute = raise_dispute(cast)
    at = deadlines.working_days_later(RAISED, 2) + MINUTE
    timers.sweep(at)
    record_discussion(dispute, cast.council_practitioner, at - SECOND)
    timers.sweep(at + 7 * DAY)
    assert Flag.objects.filter(kind=FlagKind.NO_MOVEMENT).count() == 2


def test_what_moves_again_after_a_day_off_is_told_of_in_time(cast):
    """Saturday counts to Wednesday at 9am, Monday at 8am to Wednesday at 8am."""
    saturday, monday = london(2026, 6, 6, 11, 0), london(2026, 6, 8, 8, 0)
    dispute = raise_dispute(cast, saturday)
    record_discussion(dispute, cast.council_practitioner, monday)
    due_at = london(2026, 6, 10, 8, 0)
    assert first_sweep_that_flags(dispute, FlagKind.NO_MOVEMENT, due_at) == due_at + SECOND


@given(st.integers(0, 14 * 24), st.integers(0, 72))
def test_no_look_at_a_standstill_comes_too_late(hours, later):
    moved_at = RAISED + hours * HOUR
    stands_still_at = deadlines.working_days_later(moved_at + later * HOUR, watches.STANDS_STILL)
    assert watches.standstill_look(moved_at) <= stands_still_at + watches.AFTER


# Duties


def chases(kind, until, step=HOUR, since=RAISED):
    """When the timers wrote reminders of a duty, sweeping by the hour."""
    at = since
    while at <= until:
        timers.sweep(at)
        at += step
    return sorted({notice.written_at for notice in Notice.objects.filter(kind=kind) if "Reminder" in notice.title})


def test_a_view_not_given_is_chased_once_after_a_working_day(cast):
    raise_dispute(cast)
    assert chases(DutyKind.GIVE_VIEW, RAISED + 14 * DAY) == [RAISED + DAY + HOUR]


def test_an_approval_is_chased_once_when_its_time_has_passed_and_the_way_round_opens(cast):
    """R25: one working day, or half the time that is left."""
    dispute = raise_dispute(cast)
    record_discussion(dispute, cast.council_practitioner, RAISED)
    request = actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED, reason="?", **SAFE)
    opens_at = request.way_round_at
    timers.sweep(opens_at - SECOND)
    assert told("go_round") == []
    timers.sweep(opens_at)
    timers.sweep(opens_at + SECOND)
    assert told("go_round") == ["Council Practitioner"]
    assert told("unanswered") == ["Council Lead", "Second Lead"]
    assert chases(DutyKind.APPROVE, opens_at + 7 * DAY, since=opens_at + SECOND) == [opens_at + SECOND]


def test_an_urgent_approval_is_not_chased_the_minute_it_was_asked(cast):
    """Its way round opens at once (R25); the reminder comes after a working day all the same."""
    dispute = raise_dispute(cast, urgency="urgent")
    record_discussion(dispute, cast.council_practitioner, RAISED)
    actions.ask_escalation(dispute=dispute, by=cast.council_practitioner, at=RAISED, reason="?", **SAFE)
    assert chases(DutyKind.APPROVE, RAISED + 7 * DAY) == [RAISED + DAY + HOUR]


def test_informing_the_chair_is_chased_each_working_day_until_done(cast, at_stage):
    """R28: raised on Wednesday, at stage three four hours later; Monday is a bank holiday."""
    dispute = at_stage(3)
    since = RAISED + 4 * HOUR
    days = sorted({at.date().day for at in chases(DutyKind.INFORM_CHAIR, since + 9 * DAY, MINUTE * 30, since=since)})
    assert days == [21, 22, 26, 27, 28]

    actions.inform_chair(dispute=dispute, by=cast.board_manager, at=since + 9 * DAY + HOUR)
    count = len(told(DutyKind.INFORM_CHAIR))
    timers.sweep(since + 15 * DAY)
    assert len(told(DutyKind.INFORM_CHAIR)) == count


def test_what_waits_for_somebody_who_has_left_goes_to_the_contact(cast):
    """R50"""
    raise_dispute(cast)
    cast.hospital_practitioner.memberships.update(ended_at=RAISED)
    Notice.objects.all().delete()
    timers.sweep(RAISED + DAY + HOUR)
    assert told(DutyKind.ANSWER_DISPUTE) == ["Hospital Lead"]


# Away for a week


def test_a_week_away_brings_one_notice_for_each_duty_in_one_mail_for_each_person(cast, mailoutbox):
    """Nothing that happened meanwhile is told day by day; what stands now is told once."""
    references = [raise_dispute(cast, at=RAISED + n * MINUTE).reference for n in range(25)]
    stuck = Dispute.objects.get(reference=references[0])
    record_discussion(stuck, cast.council_practitioner, RAISED + HOUR)
    actions.ask_escalation(dispute=stuck, by=cast.council_practitioner, at=RAISED + HOUR, reason="?", **SAFE)
    outbox.send_due(lambda: RAISED + HOUR)
    mailoutbox.clear()
    Notice.objects.all().delete()

    back_at = london(2026, 6, 2, 10, 0)
    for minutes in range(3):
        timers.sweep(back_at + minutes * MINUTE)
        outbox.send_due(lambda: back_at + minutes * MINUTE)  # noqa: B023 - called at once

    per_event = Counter((n.thread, n.kind, n.recipient_id) for n in Notice.objects.all())
    assert set(per_event.values()) == {1}
    assert {n.kind for n in Notice.objects.filter(thread=stuck.pk)} == {
        "approve", "give_view", "go_round", "no_movement", "past_target", "unanswered",
        "write_entry",
    }  # fmt: skip
    assert not Notice.objects.filter(kind__in=["two_days", "morning"]).exists()
    assert Counter(mail.to[0] for mail in mailoutbox if mail.to[0] != "manager.council@test.example") == {
        recipient.email: 1
        for recipient in (
            cast.council_practitioner, cast.council_lead, cast.council_lead_2, cast.hospital_lead,
            cast.hospital_practitioner, cast.council_manager_2,
        )
    }  # fmt: skip


# The sweep itself


def test_a_sweep_changes_no_tracked_row_and_its_acts_name_the_timer(cast, at_stage):
    """R43"""
    for number in (1, 2, 3):
        at_stage(number)

    def versions():
        return {
            model: (model.objects.count())
            for model in apps.get_models()
            if model.__name__.startswith("Historical")
        }  # fmt: skip

    def tracked():
        return {
            model: list(model.objects.order_by("pk").values())
            for model in apps.get_models()
            if hasattr(model, "history")
        }  # fmt: skip

    histories, rows, acts = versions(), tracked(), Act.objects.count()
    for days in range(20):
        timers.sweep(RAISED + days * DAY + HOUR)
    assert versions() == histories
    assert tracked() == rows
    written = Act.objects.order_by("pk")[acts:]
    assert {(act.verb, act.timer, act.by) for act in written} == {
        ("flagged past target", "one-week target", None),
        ("reminded of the target", "one-week target", None),
        ("reminded that nothing moved", "standstill", None),
    }


def queries(at):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        counts = timers.sweep(at)
    asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    return len(asked), counts


def test_a_sweep_over_nothing_due_costs_five_queries_at_most(cast, at_stage):
    for number in (1, 2, 3):
        at_stage(number)
    timers.sweep(RAISED + 5 * HOUR)
    assert queries(RAISED + 5 * HOUR + MINUTE) == (4, dict.fromkeys(timers.TIMERS, 0))


def many(dispute, number):
    """As many disputes as one, with all that stands round it, copied: none of them was ever swept."""
    parties, duties = list(dispute.parties.all()), list(dispute.duties.all())
    copies = []
    for _ in range(number):
        dispute.pk, dispute.reference, dispute._state.adding = (
            None,
            Dispute._meta.get_field("reference").default(),
            True,
        )
        copies.append(Dispute(**{f.attname: getattr(dispute, f.attname) for f in Dispute._meta.concrete_fields}))
    Dispute.objects.bulk_create(copies)
    Watch.objects.bulk_create([watch for copy in copies for watch in watches.new(copy)])
    for rows in (parties, duties):
        model = type(rows[0])
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in ("id", "dispute_id")]
        model.objects.bulk_create(
            [model(dispute=copy, **{name: getattr(row, name) for name in names}) for copy in copies for row in rows]
        )
    return copies


def test_queries_grow_with_batches_and_not_with_rows(cast):
    at = RAISED + 10 * DAY
    asked = {}
    first = raise_dispute(cast)
    for number in (10, 200):
        many(Dispute.objects.get(pk=first.pk), number)
        asked[number], counts = queries(at)
        assert counts["one-week target"] >= number
        Notice.objects.all().delete()
    assert asked[200] - asked[10] <= 6  # further batches of rows to insert
    assert asked[10] < 40


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_each_thing_once(transactional_db):
    """500 due disputes, two threads with connections of their own; what each left to the other, the next one tells."""
    first = raise_dispute(make())
    many(Dispute.objects.get(pk=first.pk), 499)
    Notice.objects.all().delete()
    at = RAISED + 10 * DAY
    start, counts, errors = threading.Barrier(2), [], []

    def run():
        try:
            start.wait()
            counts.append(timers.sweep(at))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    timers.sweep(at)
    assert Flag.objects.filter(kind=FlagKind.PAST_TARGET).count() == 500
    acts = Counter(Act.objects.exclude(timer="").values_list("thread", "verb"))
    assert set(acts.values()) == {1}
    assert len(acts) == 1000
    per_event = Counter((n.thread, n.kind, n.recipient_id) for n in Notice.objects.all())
    assert set(per_event.values()) == {1}
    assert Notice.objects.filter(kind="past_target").count() == 499 * 4 + 5  # the first has somebody named
    assert timers.sweep(at) == dict.fromkeys(timers.TIMERS, 0)


def test_a_timer_that_fails_stops_no_other_and_says_so(cast, monkeypatch, caplog):
    dispute = raise_dispute(cast)

    def fails(at):
        raise RuntimeError("Margaret Whitworth")

    monkeypatch.setattr(timers, "TIMERS", {"broken": fails, **timers.TIMERS})
    with pytest.raises(RuntimeError):
        timers.sweep(dispute.target_at + SECOND)
    assert Flag.objects.filter(kind=FlagKind.PAST_TARGET).exists()
    assert "'broken' failed: RuntimeError" in caplog.text
    assert "Margaret" not in caplog.text
    assert not Beat.objects.exists()


def test_a_sweep_leaves_when_it_ran_and_what_it_found(cast):
    dispute = raise_dispute(cast)
    timers.sweep(dispute.target_at + SECOND)
    timers.sweep(dispute.target_at + MINUTE)
    beat = Beat.objects.get()
    assert (beat.timer, beat.began_at) == ("sweep", dispute.target_at + MINUTE)
    assert beat.counts == dict.fromkeys(timers.TIMERS, 0)
