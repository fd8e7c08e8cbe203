"""How every act with a panel begins and ends: the dispute locked first, the table asked, the trail written."""

from agencies import audit
from agencies.texts import clean_prose
from escalation import written
from escalation.actions.door import action as action
from escalation.actions.door import let_see
from escalation.models import Dispute, Why
from escalation.permissions import Conflict
from panels.models import Panel
from panels.permissions import Place


def begin(act, panel, *, by, at, subject=None):
    """Lock the dispute, refuse what is not permitted, and give the panel as it stands and the person's place at it.

    Raises Dispute.DoesNotExist for whoever may not see it, NotPermitted and Conflict as Place.check does.
    """
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=panel.dispute_id)
    panel = Panel.objects.select_related("decision").get(pk=panel.pk)
    panel.dispute = dispute
    place = Place(by, panel, dispute, at)
    if subject is not None:
        subject.refresh_from_db()
    place.acting = place.check(act, subject)
    if place.acting.covered and not place.acting.agency_id:
        let_see(dispute, by, Why.ACTED, at)  # a deputy of the Board sees later what they acted on
    return panel, place


def note(verb, panel, position, *, at, subject=None, text="", agency=None, **facts):
    """Write the act into the dispute's trail, and that the dispute moved; what it wrote for all can be found."""
    written.keep(verb, panel.dispute_id, subject or panel, text=text)
    Dispute.objects.filter(pk=panel.dispute_id).update(moved_at=at)
    return audit.record(
        verb,
        subject or panel,
        by=position.by,
        on_behalf_of=position.covered,
        at=at,
        thread=panel.dispute_id,
        agency=agency or position.agency,
        role=position.role,
        text=text,
        stage=panel.dispute.stage,
        **facts,
    )


def said(text, sentence):
    """The text, cleaned; refused with the sentence where nothing would show."""
    text = clean_prose(text)
    if not text:
        raise Conflict(sentence)
    return text
