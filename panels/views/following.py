"""Binding: each agency acknowledges, and what was decided is followed to its end (R33)."""

from django.http import Http404

from panels.actions import following as actions
from panels.forms.following import Acknowledge, AcknowledgeFor, RecordDone
from panels.models import PanelAction
from panels.views.asking import Page
from panels.views.door import LARGEST


def acknowledge(request, panel_id):
    """Acknowledge the decision for one’s agency."""
    page = Page(request, panel_id)
    page.check("acknowledge")
    with page.keeping():
        actions.refuse_acknowledged(page.place.decision, page.position.agency)
    if aside := page.ask(Acknowledge):
        return aside
    if page.is_answered():
        page.act(actions.acknowledge, panel=page.panel)
        return page.done("The decision is acknowledged for your agency.")
    return page.show("acknowledge", title=f"Acknowledge the decision for {page.position.agency}")


def acknowledge_for(request, panel_id, agency_id):
    """Record the acknowledgement of an agency where nobody has an account."""
    page = Page(request, panel_id)
    page.check("acknowledge_for")
    party = page.place.position.parties.get(agency_id)
    if party is None:
        raise Http404("No agency concerned.")
    with page.keeping():
        actions.refuse_accounts(page.place, party.agency)
        actions.refuse_acknowledged(page.place.decision, party.agency)
    if aside := page.ask(AcknowledgeFor):
        return aside
    if page.is_answered():
        page.act(actions.acknowledge_for, panel=page.panel, agency=party.agency, **page.form.cleaned_data)
        return page.done(f"It is recorded that {party.agency} acknowledges the decision.")
    return page.show("acknowledge", title=f"Record that {party.agency} acknowledges the decision")


def record_done(request, panel_id, action_id):
    """Record that an action is done, or what a body decided again."""
    page = Page(request, panel_id)
    rows = PanelAction.objects.select_related("agency", "decision__panel").filter(decision__panel=page.panel)
    action = rows.filter(pk=action_id).first() if action_id < LARGEST else None
    if action is None:
        raise Http404("No such action.")
    page.check("record_done", action)
    with page.keeping():
        actions.refuse_done(action)
    if aside := page.ask(RecordDone, action):
        return aside
    if page.is_answered():
        page.act(actions.record_done, action=action, **page.form.cleaned_data)
        said = "It is recorded what was decided again." if action.asks_again else "It is recorded that this is done."
        return page.done(said)
    title = "Record what was decided again" if action.asks_again else "Record that this is done"
    return page.show("record_done", title=title, action=action)
