"""The one loader of disputes for pages: through visible_to, else 404."""

from django.db.models import Prefetch
from django.http import Http404

from escalation import on_record, same_adult
from escalation.models import Dispute, Party, Representative
from escalation.models.copies import of_link
from escalation.permissions import Position


def load(request, reference, at, *prefetch):
    """The dispute of this reference, if the signed-in person may see it, and the person's position in it."""
    disputes = Dispute.objects.filter(reference=askable(reference)).visible_to(request.user, at, each=True)
    dispute = disputes.select_related(*PEOPLE).prefetch_related(*POSITION, *prefetch).first()
    if dispute is None:
        raise Http404("No such dispute.")
    return dispute, Position(request.user, dispute, at)


def load_whole(request, reference, at):
    """The same, with all that is on record of it, and with the others that have the same name."""
    dispute, others = same_adult.with_others(request.user, at, askable(reference))
    if dispute is None:
        raise Http404("No such dispute.")
    on_record.read(dispute)
    same = same_adult.of_adult(others, dispute.adult_name, dispute.adult_born_on)
    return dispute, Position(request.user, dispute, at), same


def askable(reference):
    if "\0" in reference:  # which PostgreSQL does not even compare
        raise Http404("No such dispute.")
    return reference


PEOPLE = ("raised_by", "raising_agency", "safety_confirmed_by", "supporter")
# What a person's position is worked out from; for which agency one of several was chosen is read where it matters
POSITION = (
    Prefetch("parties", Party.objects.select_related("agency__safeguarding_contact", "view_by", *of_link("view_link"))),
    Prefetch("representatives", Representative.objects.select_related("person", "named_by")),
)
