"""A panel in tests, reached by actions: convened, and decided with its actions."""

from datetime import date, timedelta

from panels.actions import convening, deciding, representing, sittings
from panels.models import Panel
from tests import cast as casting
from tests.cast import RAISED

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONVENED = RAISED + DAY  # Thu 21 May 2026, 2:15pm in London
ASKED_UNTIL = CONVENED + 4 * DAY  # Mon 25 May
SITS = RAISED + 7 * DAY  # Wed 27 May 2026, 2:15pm
SIGNED = SITS + HOUR
DECISION = {
    "points_of_view": "The council sees a pattern; the hospital sees single nights.",
    "decision": "Her capacity is assessed before any discharge.",
    "reasons": "Three nights in two weeks cannot be left to chance.",
}


def convened(cast, *, dispute=None, hospital_name="", **changes):
    """A panel of the council, the hospital (whose member may have a name alone) and, uninvolved, the trust."""
    dispute = dispute or casting.at_stage(cast, 4, **changes)
    seats = [
        {"agency": cast.council, "person": cast.council_lead_2},
        {"agency": cast.hospital, **({"name": hospital_name} if hospital_name else {"person": cast.hospital_manager})},
        {"agency": cast.trust, "person": cast.trust_lead},
    ]
    panel = convening.convene(
        dispute=dispute, by=cast.chair, at=CONVENED, seats=seats, starts_at=SITS, place="Riverside House",
        represent_by=ASKED_UNTIL,
    )  # fmt: skip
    return Panel.objects.get(pk=panel.pk)


def of(panel, agency=None):
    """The invitation of an agency, or of whoever raised the dispute."""
    return panel.representations.get(agency=agency) if agency else panel.representations.get(is_of_referrer=True)


def given(panel, cast, at=CONVENED + DAY, text="The nights are not safe."):
    return representing.give_representation(
        representation=of(panel, cast.council), by=cast.council_lead, at=at, text=text
    )


def declined(panel, cast, at=CONVENED + DAY, reason="Our view on the record stands."):
    return representing.decline_representation(
        representation=of(panel, cast.hospital), by=cast.hospital_lead, at=at, reason=reason
    )


def attended(panel, cast, at=SITS):
    people = {cast.council: cast.council_lead_2, cast.hospital: cast.hospital_manager, cast.trust: cast.trust_lead}
    attending = [{"agency": agency, "name": str(person), "how": "room"} for agency, person in people.items()]
    return sittings.record_attendance(
        sitting=panel.sittings.order_by("number").last(), by=cast.chair, at=at, attending=attending
    )


def decided(cast, *, panel=None, signed=True, **changes):
    """A decision with an action of the council's practitioner, and one by which the hospital asks the police again."""
    panel = panel or convened(cast, **changes)
    attended(panel, cast)
    deciding.record_decision(panel=panel, by=cast.chair, at=SITS, **DECISION)
    deciding.add_action(
        panel=panel, by=cast.chair, at=SITS, agency=cast.council, owner=cast.council_manager_2,
        what="Visit her and assess her capacity.", due_on=date(2026, 5, 29),
    )  # fmt: skip
    deciding.add_action(
        panel=panel, by=cast.chair, at=SITS, agency=cast.hospital, owner_name="Beth Ogden", kind="decide_again",
        body="clinical", reasons="The nights were not known.", what="Decide again when she is fit to leave.",
        due_on=date(2026, 6, 2),
    )  # fmt: skip
    if signed:
        deciding.sign_off(panel=panel, by=cast.chair, at=SIGNED)
    return Panel.objects.get(pk=panel.pk)


def action_of(panel, agency):
    return panel.decision.actions.get(agency=agency)
