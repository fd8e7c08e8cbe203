"""R30, R31, R44: who convenes, who must sit, what a member sees, and until when."""

from datetime import timedelta

import pytest

from agencies import own
from agencies.models import Act, Agency, Membership, Notice, Role
from escalation import actions, timers
from escalation.models import Dispute, Duty, DutyKind, Sight, Why
from escalation.permissions import Conflict, NotPermitted
from panels.actions import convening, sittings
from panels.models import Conflict as Declared
from panels.models import Member, Panel
from tests import cast as casting
from tests.cast import RAISED, SAFE, record_discussion
from tests.panels.after import CONVENED, DAY, HOUR, SITS, convened, decided

pytestmark = pytest.mark.django_db

EVERYBODY = (
    "council_practitioner", "council_manager", "council_lead", "hospital_practitioner", "hospital_manager",
    "hospital_lead", "board_manager",
)  # fmt: skip
OUTSIDE = ("trust_practitioner", "trust_lead", "police_practitioner", "police_manager", "police_lead", "administrator")


def seats(cast, **changes):
    people = {cast.council: cast.council_lead_2, cast.hospital: cast.hospital_manager, cast.trust: cast.trust_lead}
    return [{"agency": agency, "person": person} for agency, person in {**people, **changes}.items()]


def convene(cast, dispute, by, at=CONVENED, **changes):
    told = {"seats": seats(cast), "starts_at": SITS, "place": "Riverside House", **changes}
    return convening.convene(dispute=dispute, by=by, at=at, **told)


def waiting(user, at=CONVENED):
    """The kinds of what waits for a person, with addresses."""
    fresh = type(user).objects.get(pk=user.pk)
    return [(duty.kind, duty.address) for duty in Duty.objects.waiting(at).of(fresh, at)]


# Who


def test_nobody_but_the_chair_convenes(cast):
    """All roles; to whoever is not concerned there is nothing to convene."""
    dispute = casting.at_stage(cast, 4)

    for name in EVERYBODY:
        with pytest.raises(NotPermitted, match="convened by the Independent Chair"):
            convene(cast, dispute, getattr(cast, name))
    for name in OUTSIDE:
        with pytest.raises(Dispute.DoesNotExist):
            convene(cast, dispute, getattr(cast, name))

    assert not Panel.objects.exists()


def test_the_chairs_recorded_deputy_convenes_for_the_chair(cast):
    """R30, R44: as "A for B", and sees later what they acted on; not one whose own agency is concerned."""
    dispute = casting.at_stage(cast, 4)
    deputy = casting.person("deputy", "Dora Deputy", (Role.LEAD, cast.police))
    own.name_deputy(by=cast.chair, deputy=deputy, at=RAISED, starts_at=RAISED, ends_at=CONVENED + DAY)

    panel = convene(cast, dispute, deputy)

    assert (panel.convened_by, panel.on_behalf_of) == (deputy, cast.chair)
    act = Act.objects.get(verb="convened a Resolution Panel")
    assert (act.by, act.on_behalf_of, act.role) == (deputy, cast.chair, "chair")
    later = type(deputy).objects.get(pk=deputy.pk)
    assert Dispute.objects.visible_to(later, CONVENED + 30 * DAY).filter(pk=dispute.pk).exists()


def test_a_deputy_whose_agency_is_concerned_does_not_convene(cast):
    dispute = casting.at_stage(cast, 4)
    own.name_deputy(by=cast.chair, deputy=cast.hospital_lead, at=RAISED, starts_at=RAISED, ends_at=CONVENED + DAY)

    with pytest.raises(NotPermitted):
        convene(cast, dispute, type(cast.chair).objects.get(pk=cast.hospital_lead.pk))


# When


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_only_at_stage_four(cast, stage):
    dispute = casting.at_stage(cast, stage)

    refusal = Conflict if stage == 3 else Dispute.DoesNotExist
    with pytest.raises(refusal):
        convene(cast, dispute, cast.chair)


def test_once_for_each_dispute(cast):
    panel = convened(cast)

    with pytest.raises(Conflict, match=r"^Ines Chair convened the panel for this dispute on Thu 21 May"):
        convene(cast, panel.dispute, cast.chair, at=CONVENED + HOUR)


def test_not_after_the_end(cast):
    dispute = casting.at_stage(cast, 4)
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=CONVENED - HOUR, reason="Settled.")
    actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=CONVENED - HOUR)

    with pytest.raises(Conflict, match="ended on"):
        convene(cast, dispute, cast.chair)


def test_convening_moves_no_stage_and_is_what_the_chair_was_asked_for(cast):
    """R30: the dispute stands at stage four already."""
    dispute = casting.at_stage(cast, 4)
    assert (DutyKind.CONVENE, f"/disputes/{dispute.reference}/convene/") in waiting(cast.chair)

    panel = convene(cast, dispute, cast.chair)

    dispute.refresh_from_db()
    assert (dispute.stage, dispute.ended_at, dispute.stages.count()) == (4, None, 4)
    assert waiting(cast.chair) == []
    address = f"/panels/{panel.pk}/sittings/{panel.sittings.get().pk}/attendance/"
    assert waiting(cast.chair, SITS) == [(DutyKind.PANEL_SITTING, address)]


# Who sits


def test_every_agency_concerned_must_sit(cast):
    dispute = casting.at_stage(cast, 4, concerned_agencies=[cast.police])

    with pytest.raises(Conflict, match="^Police is concerned in this dispute, and must sit.$"):
        convene(cast, dispute, cast.chair)


def test_three_agencies_at_least(cast):
    dispute = casting.at_stage(cast, 4)

    with pytest.raises(Conflict, match="three agencies at least"):
        convene(cast, dispute, cast.chair, seats=seats(cast)[:2])


def test_who_cannot_sit(cast):
    """Whoever works elsewhere, and a second member of one agency."""
    dispute = casting.at_stage(cast, 4)
    elsewhere = [*seats(cast)[:2], {"agency": cast.trust, "person": cast.police_lead}]
    second = [*seats(cast), {"agency": cast.council, "person": cast.council_lead}]

    with pytest.raises(Conflict, match="Police Lead does not work for"):
        convene(cast, dispute, cast.chair, seats=elsewhere)
    with pytest.raises(Conflict, match="has a member on the panel already"):
        convene(cast, dispute, cast.chair, seats=second)
    assert not Member.objects.exists()


def test_the_chair_stands_for_no_agency(cast):
    """R31: nor whoever acts for the Chair."""
    Membership.objects.create(user=cast.chair, role=Role.LEAD, agency=cast.trust)
    chair = type(cast.chair).objects.get(pk=cast.chair.pk)
    dispute = casting.at_stage(cast, 4)
    wrong = [*seats(cast)[:2], {"agency": cast.trust, "person": chair}]

    with pytest.raises(Conflict, match="the Chair stands for no agency"):
        convene(cast, dispute, chair, seats=wrong)


def test_a_sitting_is_still_to_come_and_somewhere(cast):
    dispute = casting.at_stage(cast, 4)

    with pytest.raises(Conflict, match="still to come"):
        convene(cast, dispute, cast.chair, starts_at=CONVENED)
    with pytest.raises(Conflict, match="Say where"):
        convene(cast, dispute, cast.chair, place=" \u200b")


# What a member sees (R44)


def test_a_member_sees_the_dispute_until_stood_down(cast):
    dispute = casting.at_stage(cast, 4)
    assert not Dispute.objects.visible_to(cast.trust_lead, CONVENED).exists()

    panel = convene(cast, dispute, cast.chair)
    assert Dispute.objects.visible_to(cast.trust_lead, CONVENED).get() == dispute
    for other in (cast.trust_practitioner, cast.trust_manager, cast.police_lead):
        assert not Dispute.objects.visible_to(other, CONVENED).exists()

    member = panel.members.get(agency=cast.trust)
    at = CONVENED + HOUR
    convening.declare(panel=panel, by=cast.trust_lead, at=at - HOUR / 2, conflict=Declared.NONE)
    convening.stand_down(member=member, by=cast.chair, at=at, reason="Knows the family.")

    assert not Dispute.objects.visible_to(cast.trust_lead, at).exists()
    assert waiting(cast.trust_lead, at) == []
    assert Sight.objects.get(person=cast.trust_lead, why=Why.PANEL).until == at
    with pytest.raises(Dispute.DoesNotExist):
        sittings.answer(panel=panel, by=cast.trust_lead, at=at, coming="yes")
    with pytest.raises(Conflict, match="stood down on"):
        convening.stand_down(member=member, by=cast.chair, at=at, reason="Again.")


def test_who_stood_down_can_sit_again(cast):
    panel = convened(cast)
    convening.stand_down(
        member=panel.members.get(agency=cast.trust), by=cast.chair, at=CONVENED + HOUR, reason="On leave."
    )

    convening.add_member(panel=panel, by=cast.chair, at=CONVENED + 2 * HOUR, agency=cast.trust, person=cast.trust_lead)

    assert Dispute.objects.visible_to(cast.trust_lead, CONVENED + 2 * HOUR).exists()
    assert panel.members.filter(agency=cast.trust).count() == 2
    assert waiting(cast.trust_lead, CONVENED + 2 * HOUR) == [(DutyKind.PANEL_INVITATION, f"/panels/{panel.pk}/answer/")]


def test_a_typed_name_sits_and_sees_nothing(cast):
    """An agency without accounts sends somebody: the Chair records what they say."""
    charity = Agency.objects.create(name="Open Door")
    dispute = casting.at_stage(cast, 4)
    typed = {"agency": charity, "name": "Rosa Bell", "job_title": "Trustee", "phone": "01632 960 011"}

    panel = convene(cast, dispute, cast.chair, seats=[*seats(cast)[:2], typed])

    member = panel.members.get(agency=charity)
    assert (str(member), member.is_concerned) == ("Rosa Bell", False)
    assert Sight.objects.filter(why=Why.PANEL).count() == 2
    convening.declare_for(member=member, by=cast.chair, at=CONVENED, conflict="declared", detail="Knows the ward.")
    answer = sittings.answer_for(member=member, by=cast.chair, at=CONVENED, coming="deputy", deputy_name="Ann Other")
    assert (answer.deputy_name, answer.by) == ("Ann Other", cast.chair)
    with pytest.raises(Conflict, match="has an account"):
        convening.declare_for(
            member=panel.members.get(agency=cast.council), by=cast.chair, at=CONVENED, conflict="none"
        )


# What is asked of members, and what they say


def test_members_are_invited_by_a_notice_without_names_or_story(cast):
    """One email for each, with reference, date and link."""
    panel = convened(cast)

    notice = Notice.objects.get(kind="panel invitation", recipient=cast.trust_lead)
    assert notice.title == (
        "You are asked to sit on a Resolution Panel on Wed 27 May, 2:15pm: answer, and declare any conflict"
    )
    assert (notice.reference, notice.address, notice.is_duty) == (
        panel.dispute.reference, f"/panels/{panel.pk}/answer/", True
    )  # fmt: skip
    asked = Notice.objects.filter(kind="panel invitation").values_list("recipient", flat=True)
    assert set(asked) == {cast.council_lead_2.pk, cast.hospital_manager.pk, cast.trust_lead.pk}
    told = Notice.objects.filter(kind="panel sits").values_list("recipient", flat=True)
    assert set(told) == {
        cast.council_practitioner.pk, cast.council_lead.pk, cast.hospital_lead.pk, cast.board_manager.pk
    }  # fmt: skip


def test_a_member_answers_and_declares(cast):
    panel = convened(cast)

    convening.declare(panel=panel, by=cast.trust_lead, at=CONVENED, conflict="declared", detail="Knows the ward.")
    sittings.answer(panel=panel, by=cast.trust_lead, at=CONVENED, coming="deputy", deputy_name="Ann Other")

    member = panel.members.get(agency=cast.trust)
    assert (member.conflict, member.conflict_detail) == ("declared", "Knows the ward.")
    assert member.answers.get().deputy_name == "Ann Other"
    assert waiting(cast.trust_lead) == []
    assert Notice.objects.get(kind="panel conflict").recipient == cast.chair
    sittings.answer(panel=panel, by=cast.trust_lead, at=CONVENED + HOUR, coming="no")
    answer = member.answers.get()
    assert (answer.coming, answer.deputy_name, answer.history.count()) == ("no", "", 2)
    assert Notice.objects.get(kind="panel not coming").recipient == cast.chair


def test_what_a_member_cannot_leave_open(cast):
    panel = convened(cast)
    said = {"panel": panel, "by": cast.trust_lead, "at": CONVENED}

    with pytest.raises(Conflict, match="Say what the conflict is"):
        convening.declare(**said, conflict="declared", detail=" ")
    with pytest.raises(Conflict, match="anything to declare"):
        convening.declare(**said, conflict="")
    with pytest.raises(Conflict, match="Say who comes instead"):
        sittings.answer(**said, coming="deputy")
    with pytest.raises(Conflict, match="Say whether"):
        sittings.answer(**said, coming="perhaps")


def test_only_who_sits_answers(cast):
    panel = convened(cast)

    for name in ("council_lead", "hospital_lead", "board_manager", "chair"):
        with pytest.raises(NotPermitted, match="whoever sits on the panel"):
            sittings.answer(panel=panel, by=getattr(cast, name), at=CONVENED, coming="yes")


def test_who_stands_in_for_a_member_answers_for_them(cast):
    panel = convened(cast)
    own.name_deputy(
        by=cast.trust_lead, deputy=cast.trust_manager, at=CONVENED, starts_at=CONVENED, ends_at=CONVENED + DAY
    )
    deputy = type(cast.trust_manager).objects.get(pk=cast.trust_manager.pk)

    sittings.answer(panel=panel, by=deputy, at=CONVENED + HOUR, coming="yes")

    act = Act.objects.get(verb="answered the invitation to the panel")
    assert (act.by, act.on_behalf_of, act.agency) == (deputy, cast.trust_lead, cast.trust)


# The rest of the dispute goes on


def test_the_leads_may_still_agree_and_the_panel_closes(cast):
    """ "Agreed after all": who sits is told, nothing waits, and nothing is decided any more."""
    panel = convened(cast)
    at = CONVENED + DAY
    proposal = actions.propose(
        dispute=panel.dispute, by=cast.council_lead, at=at, resolution="Assess first.", rationale="The nights."
    )
    actions.agree(proposal=proposal, by=cast.hospital_lead, at=at)

    told = Notice.objects.filter(kind="panel closed")
    assert set(told.values_list("recipient", flat=True)) >= {cast.trust_lead.pk, cast.hospital_manager.pk}
    assert waiting(cast.trust_lead, at) == []
    with pytest.raises(Conflict, match="Its panel decides nothing more"):
        sittings.answer(panel=panel, by=cast.trust_lead, at=at, coming="yes")
    with pytest.raises(Conflict, match="Its panel decides nothing more"):
        decided(cast, panel=panel)


def test_a_member_of_another_agency_still_has_no_part_in_the_dispute(cast):
    """Whoever sits sees, and does nothing that belongs to the agencies concerned."""
    panel = convened(cast)

    with pytest.raises(NotPermitted):
        record_discussion(panel.dispute, cast.trust_lead, CONVENED)
    with pytest.raises(Conflict):
        actions.send_to_chair(dispute=panel.dispute, by=cast.trust_lead, at=CONVENED, reason="Moot.", **SAFE)


def test_a_reminder_reaches_a_member_of_an_agency_that_is_not_concerned(cast):
    """The timer asks again, once the time for an answer has passed."""
    panel = convened(cast)
    timers.sweep(CONVENED + timedelta(days=2))

    assert Notice.objects.filter(
        recipient=cast.trust_lead, kind=DutyKind.PANEL_INVITATION, address=f"/panels/{panel.pk}/answer/"
    ).exists()
