"""R31: sittings arranged, re-arranged, cancelled, attended and adjourned; each keeps what stood before."""

import pytest

from agencies.models import Act, Notice
from escalation.models import Duty, DutyKind
from escalation.permissions import Conflict, NotPermitted
from panels.actions import convening, sittings
from panels.models import Answer, Attendance, Sitting
from tests import cast as casting
from tests.panels.after import CONVENED, DAY, HOUR, SITS, attended, convened, decided

pytestmark = pytest.mark.django_db


def sitting_of(panel):
    return panel.sittings.order_by("number").last()


def waiting(user, at):
    fresh = type(user).objects.get(pk=user.pk)
    return sorted(Duty.objects.waiting(at).of(fresh, at).values_list("kind", flat=True))


def there(*agencies, how="room"):
    return [{"agency": agency, "name": f"Somebody of {agency}", "how": how} for agency in agencies]


def attend(cast, panel, *agencies, at=SITS):
    return sittings.record_attendance(sitting=sitting_of(panel), by=cast.chair, at=at, attending=there(*agencies))


# Arranged


def test_rearranging_keeps_the_history_and_asks_anew(cast):
    panel = convened(cast)
    sittings.answer(panel=panel, by=cast.trust_lead, at=CONVENED, coming="yes")
    sitting = sitting_of(panel)

    later = SITS + DAY
    sittings.rearrange(
        sitting=sitting, by=cast.chair, at=CONVENED + HOUR, starts_at=later, link="https://meet.example/1",
        reason="A room is not free.",
    )  # fmt: skip

    sitting.refresh_from_db()
    assert (sitting.starts_at, sitting.place, sitting.sequence) == (later, "", 1)
    assert [(v.starts_at, v.place) for v in sitting.history.order_by("history_id")] == [
        (SITS, "Riverside House"), (later, ""),
    ]  # fmt: skip
    assert waiting(cast.trust_lead, CONVENED + HOUR) == [DutyKind.PANEL_INVITATION]
    assert Answer.objects.get().sequence == 0
    sittings.answer(panel=panel, by=cast.trust_lead, at=CONVENED + 2 * HOUR, coming="no")
    assert list(Answer.objects.values_list("sequence", "coming")) == [(0, "yes"), (1, "no")]
    titles = Notice.objects.filter(kind="panel sits", recipient=cast.council_lead).order_by("pk")
    assert [notice.title for notice in titles] == [
        "A Resolution Panel sits on Wed 27 May, 2:15pm", "A Resolution Panel now sits on Thu 28 May, 2:15pm"
    ]  # fmt: skip
    with pytest.raises(Conflict, match="Nothing differs"):
        sittings.rearrange(
            sitting=sitting, by=cast.chair, at=CONVENED + 2 * HOUR, starts_at=later, link="https://meet.example/1",
            reason="Again.",
        )  # fmt: skip


def test_a_cancelled_sitting_is_told_and_another_arranged(cast):
    panel = convened(cast)
    with pytest.raises(Conflict, match="A sitting is arranged for"):
        sittings.arrange(panel=panel, by=cast.chair, at=CONVENED, starts_at=SITS + DAY, place="Here")

    sittings.cancel(sitting=sitting_of(panel), by=cast.chair, at=CONVENED + HOUR, reason="The Chair is ill.")

    told = Notice.objects.filter(kind="panel cancelled").values_list("recipient", flat=True)
    assert {cast.trust_lead.pk, cast.council_lead.pk, cast.board_manager.pk} <= set(told)
    assert waiting(cast.trust_lead, CONVENED + HOUR) == []
    assert waiting(cast.chair, CONVENED + HOUR) == [DutyKind.PANEL_ARRANGE]
    assert waiting(cast.chair, SITS) == [DutyKind.PANEL_ARRANGE]
    with pytest.raises(Conflict, match="nothing to answer"):
        sittings.answer(panel=panel, by=cast.trust_lead, at=CONVENED + HOUR, coming="yes")
    with pytest.raises(Conflict, match="was cancelled on"):
        sittings.cancel(sitting=sitting_of(panel), by=cast.chair, at=CONVENED + HOUR, reason="Again.")

    sittings.arrange(panel=panel, by=cast.chair, at=CONVENED + 2 * HOUR, starts_at=SITS + DAY, place="Here")

    assert (sitting_of(panel).number, waiting(cast.chair, CONVENED + 2 * HOUR)) == (2, [])
    assert waiting(cast.trust_lead, CONVENED + 2 * HOUR) == [DutyKind.PANEL_INVITATION]


def test_only_the_chair_arranges_attends_and_adjourns(cast):
    panel = convened(cast)
    sitting = sitting_of(panel)

    acts = (
        (sittings.rearrange, {"sitting": sitting, "starts_at": SITS + DAY, "reason": "So.", "place": "Here"}),
        (sittings.cancel, {"sitting": sitting, "reason": "So."}),
        (sittings.record_attendance, {"sitting": sitting, "attending": []}),
        (sittings.adjourn, {"sitting": sitting, "reason": "So."}),
        (convening.add_member, {"panel": panel, "agency": cast.police, "person": cast.police_lead}),
    )

    for name in ("council_lead", "hospital_manager", "trust_lead", "board_manager"):
        for act, told in acts:
            with pytest.raises(NotPermitted, match="the Independent Chair"):
                act(by=getattr(cast, name), at=SITS, **told)


# Attended


def test_attendance_makes_the_quorum(cast):
    """Counted by who attends: in the room, by video, by telephone, or a deputy named the same day."""
    panel = convened(cast)
    attending = [
        {"agency": cast.council, "name": "Second Lead", "how": "room"},
        {"agency": cast.hospital, "name": "Named Today", "how": "video", "is_deputy": True},
        {"agency": cast.trust, "name": "Trust Lead", "how": "telephone"},
    ]

    quorum = sittings.record_attendance(sitting=sitting_of(panel), by=cast.chair, at=SITS, attending=attending)

    assert (quorum.is_met, quorum.reasons) == (True, ())
    assert list(Attendance.objects.values_list("name", "how", "is_deputy")) == [
        ("Second Lead", "room", False), ("Named Today", "video", True), ("Trust Lead", "telephone", False),
    ]  # fmt: skip


def test_attendance_can_be_put_right_and_its_history_is_kept(cast):
    panel = convened(cast)
    attend(cast, panel, cast.council, cast.trust)

    quorum = attend(cast, panel, cast.council, cast.hospital, at=SITS + HOUR)

    assert quorum.reasons == ("Two agencies are there, and a panel needs three at least.",)
    assert set(Attendance.objects.values_list("agency__name", flat=True)) == {str(cast.council), str(cast.hospital)}
    assert Attendance.history.filter(history_type="-", agency=cast.trust).count() == 1
    acts = Act.objects.filter(verb="recorded who attended the panel").order_by("pk")
    assert [act.facts["quorate"] for act in acts] == [False, False]


def test_attendance_is_of_the_day_and_of_members(cast):
    panel = convened(cast)

    with pytest.raises(Conflict, match="recorded from that day"):
        attend(cast, panel, cast.council, at=SITS - DAY)
    with pytest.raises(Conflict, match="Police has no member on this panel"):
        attend(cast, panel, cast.police)
    with pytest.raises(Conflict, match="Say who attended"):
        sittings.record_attendance(
            sitting=sitting_of(panel), by=cast.chair, at=SITS,
            attending=[{"agency": cast.council, "name": " ", "how": "room"}],
        )  # fmt: skip
    assert not Attendance.objects.exists()


# Adjourned


def test_an_absent_agency_is_told_that_day(cast):
    """R31: the lead of the agency, who stands for its Board member, and the Board Manager; at once."""
    for person in (cast.hospital_lead, cast.board_manager, cast.council_lead):
        person.wants_digest = True
        person.save()
    panel = convened(cast)
    attend(cast, panel, cast.council, cast.trust)

    sittings.adjourn(sitting=sitting_of(panel), by=cast.chair, at=SITS + HOUR, reason="The hospital is absent.")

    sitting = sitting_of(panel)
    assert (sitting.state, sitting.adjourned_reason) == ("adjourned", "The hospital is absent.")
    told = {n.recipient: n for n in Notice.objects.filter(kind__startswith="panel adjourned")}
    assert told[cast.hospital_lead].title == "The Resolution Panel was adjourned: your agency was absent"
    assert told[cast.board_manager].title == "The Resolution Panel was adjourned: Rother Valley Hospital absent"
    assert told[cast.trust_lead].title == "The Resolution Panel was adjourned"
    assert [told[who].send_after for who in (cast.hospital_lead, cast.board_manager)] == [SITS + HOUR] * 2
    assert told[cast.council_lead].in_digest
    assert waiting(cast.chair, SITS + HOUR) == [DutyKind.PANEL_ARRANGE]
    with pytest.raises(Conflict, match="was adjourned on"):
        attend(cast, panel, cast.council)


def test_further_sittings_until_one_decides(cast):
    panel = convened(cast)
    attend(cast, panel, cast.council, cast.trust)
    sittings.adjourn(sitting=sitting_of(panel), by=cast.chair, at=SITS + HOUR, reason="One is absent.")
    sittings.arrange(panel=panel, by=cast.chair, at=SITS + HOUR, starts_at=SITS + DAY, place="Here")

    assert attended(panel, cast, at=SITS + DAY).is_met
    assert list(Sitting.objects.values_list("number", "state")) == [(1, "adjourned"), (2, "arranged")]


def test_what_was_decided_is_not_adjourned(cast):
    panel = decided(cast, signed=False)

    with pytest.raises(Conflict, match="this sitting was held"):
        sittings.adjourn(sitting=sitting_of(panel), by=cast.chair, at=SITS, reason="So.")
    with pytest.raises(Conflict, match="it sits no further"):
        sittings.arrange(panel=panel, by=cast.chair, at=SITS, starts_at=SITS + DAY, place="Here")


def test_a_sitting_at_which_somebody_was_is_not_moved(cast):
    panel = convened(cast)
    attend(cast, panel, cast.council)

    with pytest.raises(Conflict, match="Adjourn it"):
        sittings.cancel(sitting=sitting_of(panel), by=cast.chair, at=SITS, reason="So.")


def test_four_agencies_all_concerned(cast):
    """Three agencies and more may be concerned: each of them must be there, and none besides is needed."""
    dispute = casting.at_stage(cast, 4, concerned_agencies=[cast.trust, cast.police])
    seats = [
        {"agency": cast.council, "person": cast.council_lead_2},
        {"agency": cast.hospital, "person": cast.hospital_lead},
        {"agency": cast.trust, "person": cast.trust_lead},
        {"agency": cast.police, "person": cast.police_lead},
    ]
    panel = convening.convene(
        dispute=dispute, by=cast.chair, at=CONVENED, seats=seats, starts_at=SITS, place="Riverside House"
    )

    assert attend(cast, panel, cast.council, cast.hospital, cast.trust).reasons == ("Police is concerned and absent.",)
    assert attend(cast, panel, cast.council, cast.hospital, cast.trust, cast.police).is_met
