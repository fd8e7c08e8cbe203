"""The one loader of disputes for pages: through visible_to, else 404."""

from django.db.models import Prefetch
from django.http import Http404

from escalation.models import Dispute, Party, Representative
from escalation.models.copies import of_link
from escalation.permissions import Position


def load(request, reference, at, *prefetch):
    """The dispute of this reference, if the signed-in person may see it, and the person's position in it."""
    if "\0" in reference:  # which PostgreSQL does not even compare
        raise Http404("No such dispute.")
    disputes = Dispute.objects.visible_to(request.user, at).select_related(
        "raised_by", "raising_agency", "safety_confirmed_by", "supporter"
    )
    dispute = disputes.filter(reference=reference).prefetch_related(*POSITION, *prefetch).first()
    if dispute is None:
        raise Http404("No such dispute.")
    return dispute, Position(request.user, dispute, at)


# What a person's position is worked out from; for which agency one of several was chosen is read where it matters
POSITION = (
    Prefetch("parties", Party.objects.select_related("agency__safeguarding_contact", "view_by", *of_link("view_link"))),
    Prefetch("representatives", Representative.objects.select_related("person", "named_by")),
)
