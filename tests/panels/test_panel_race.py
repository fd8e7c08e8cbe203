"""Two at once, each over a connection of their own: one panel for a dispute, one decision, one sitting ahead."""

import pytest
from django.db import connection

from agencies import own
from agencies.models import Act, Role, User
from escalation import actions
from escalation.models import Dispute, Proposal
from panels.actions import convening, deciding, sittings
from panels.models import Panel
from tests import cast as casting
from tests.escalation.test_race import at_once, winner_and_loser
from tests.panels.after import CONVENED, DAY, SIGNED, SITS, convened, decided

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    assert connection.vendor == "postgresql"
    return casting.make()


def verb(action, who, at, /, **arguments):
    def run():
        fresh = {
            name: type(value).objects.get(pk=value.pk) if name in ("dispute", "panel", "sitting", "proposal") else value
            for name, value in arguments.items()
        }
        return action(by=User.objects.get(pk=who.pk), at=at, **fresh)

    return run


def test_of_two_who_convene_one_does(cast):
    """The Chair and the Chair's deputy at once: the other is told who was quicker."""
    deputy = casting.person("deputy", "Dora Deputy", (Role.LEAD, cast.police))
    own.name_deputy(by=cast.chair, deputy=deputy, at=CONVENED, starts_at=CONVENED, ends_at=CONVENED + DAY)
    seats = [
        {"agency": cast.council, "person": cast.council_lead_2},
        {"agency": cast.hospital, "person": cast.hospital_manager},
        {"agency": cast.trust, "person": cast.trust_lead},
    ]
    for _ in range(3):
        dispute = casting.at_stage(cast, 4)
        told = {"dispute": dispute, "seats": seats, "starts_at": SITS, "place": "Here"}

        won, refusal = winner_and_loser(
            at_once(
                verb(convening.convene, cast.chair, CONVENED, **told),
                verb(convening.convene, deputy, CONVENED, **told),
            )
        )

        assert str(refusal).startswith(f"{('Ines Chair', 'Dora Deputy')[won]} convened the panel for this dispute")
        panel = Panel.objects.get(dispute=dispute)
        assert (panel.members.count(), panel.sittings.count(), panel.representations.count()) == (3, 1, 3)
        assert Act.objects.filter(verb="convened a Resolution Panel", thread=dispute.pk).count() == 1


def test_of_the_sign_off_and_a_late_agreement_one_ends_it(cast):
    for _ in range(3):
        panel = decided(cast, signed=False)
        proposal = actions.propose(
            dispute=panel.dispute, by=cast.council_lead, at=SITS, resolution="Assess.", rationale="The nights."
        )

        won, _ = winner_and_loser(
            at_once(
                verb(deciding.sign_off, cast.chair, SIGNED, panel=panel),
                verb(actions.agree, cast.hospital_lead, SIGNED, proposal=Proposal.objects.get(pk=proposal.pk)),
            )
        )

        assert Dispute.objects.get(pk=panel.dispute_id).outcome == ("decided", "resolved")[won]


def test_a_sitting_arranged_twice_is_arranged_once(cast):
    panel = convened(cast)
    sittings.cancel(sitting=panel.sittings.get(), by=cast.chair, at=CONVENED, reason="Ill.")
    arrange = verb(sittings.arrange, cast.chair, CONVENED, panel=panel, starts_at=SITS, place="Here")

    winner_and_loser(at_once(arrange, arrange))

    assert panel.sittings.count() == 2
