"""The one loader of panels for pages: through the dispute's visible_to, else 404."""

from django.db.models import Prefetch
from django.http import Http404

from escalation.models import Dispute
from escalation.views.door import POSITION
from panels.models import Member, Panel
from panels.permissions import Place

OLDEST, LARGEST = 1, 2**63 - 1


def load(request, panel_id, at, *prefetch):
    """The panel, if the signed-in person may see its dispute, and the person's place at it."""
    if not OLDEST <= panel_id <= LARGEST:
        raise Http404("No such panel.")
    disputes = Dispute.objects.visible_to(request.user, at).select_related(
        "raised_by", "raising_agency", "safety_confirmed_by"
    )
    dispute = disputes.filter(panel=panel_id).prefetch_related(*POSITION, "participants").first()
    if dispute is None:
        raise Http404("No such panel.")
    panels = Panel.objects.select_related("convened_by", "on_behalf_of", "decision__signed_off_by", "report")
    panel = panels.prefetch_related(*SEATS, *prefetch).get(pk=panel_id)
    panel.dispute = dispute
    return panel, Place(request.user, panel, dispute, at)


# Who sits is asked on every page of a panel
SEATS = (Prefetch("members", Member.objects.select_related("person", "agency")), "sittings")
