"""The one loader of disputes for pages: through visible_to, else 404."""

from django.http import Http404

from escalation.models import Dispute
from escalation.permissions import Position


def load(request, reference, at, *prefetch):
    """The dispute of this reference, if the signed-in person may see it, and the person's position in it."""
    disputes = Dispute.objects.visible_to(request.user, at).select_related("raised_by", "raising_agency")
    dispute = disputes.filter(reference=reference).prefetch_related(*POSITION, *prefetch).first()
    if dispute is None:
        raise Http404("No such dispute.")
    return dispute, Position(request.user, dispute)


# What a person's position is worked out from
POSITION = ("parties__agency", "representatives__person", "participants")
