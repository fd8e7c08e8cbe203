"""Pages of the decision: as it stands, recorded, its actions, signed off (R15, R33)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from panels import wording
from panels.actions import deciding
from panels.forms import deciding as forms
from panels.permissions import Conflict
from panels.sittings import quorum_of
from panels.views.asking import Page
from panels.views.door import load
from panels.views.showing import frame

ACTIONS = ("decision__actions__agency", "decision__actions__owner", "decision__sitting")


@require_GET
def panel_decision(request, panel_id):
    """The decision: to the panel and the Board as a draft, to everybody who sees the panel once it is signed off."""
    _, place = load(request, panel_id, timezone.now(), *ACTIONS)
    return render(request, "panels/decision.html", {**frame(place, "panel_decision"), **shown(place)})


def shown(place):
    """What the decision's page shows."""
    decision = place.decision if place.is_decided or place.is_of_panel else None
    can = place.decision is None and not place.is_decided
    return {
        "decision": decision,
        "actions": list(decision.actions.all()) if decision else [],
        "without_action": without_action(place, decision) if decision and not place.is_decided else [],
        "may": {name: place.may(name) for name in ("record_decision", "add_action", "change_action", "sign_off")},
        "cannot": why_not(place) if can and place.may("record_decision") else "",
        "is_waiting": not place.is_decided and place.dispute.is_open,
    }


def why_not(place):
    """Why the panel cannot record a decision now, in words; nothing where it can."""
    try:
        deciding.deciding(place.panel, place, place.at)
    except Conflict as refusal:
        return str(refusal)
    return ""


def without_action(place, decision):
    """The agencies concerned that the decision gives nothing to do."""
    given = {action.agency_id for action in decision.actions.all()}
    return [party.agency for pk, party in place.position.parties.items() if pk not in given]


def record_decision(request, panel_id):
    """What the panel decided, and why; refused to a panel that is not quorate."""
    page = Page(request, panel_id)
    page.check("record_decision")
    with page.keeping():
        sitting = deciding.deciding(page.panel, page.place, page.at)
    if aside := page.ask(forms.Decision, page.place.decision):
        return aside
    if page.is_answered():
        page.act(deciding.record_decision, panel=page.panel, **page.form.cleaned_data)
        return page.done("The decision is recorded as a draft. Add its actions, then sign it off.", to="panel_decision")
    return page.show("decision", title="What the panel decided", sitting=sitting)


def add_panel_action(request, panel_id):
    """Give an agency something to do, or ask a body to decide again."""
    page = Page(request, panel_id, *ACTIONS)
    page.check("add_action")
    with page.keeping():
        deciding.draft_of(page.place)
    if aside := page.ask(forms.Action):
        return aside
    if page.is_answered():
        page.act(deciding.add_action, panel=page.panel, **page.form.action())
        return page.done("The action is added.", to="panel_decision")
    return page.show("action", title="Add an action")


def change_panel_action(request, panel_id, action_id):
    """Change an action before the decision is signed off."""
    page = Page(request, panel_id, *ACTIONS)
    page.check("change_action")
    action = found(page, action_id)
    if aside := page.ask(forms.Action, action):
        return aside
    if page.is_answered():
        page.act(deciding.change_action, action=action, **page.form.action())
        return page.done("The action is changed.", to="panel_decision")
    return page.show("action", title="Change the action")


def remove_panel_action(request, panel_id, action_id):
    """Take an action out before the decision is signed off."""
    page = Page(request, panel_id, *ACTIONS)
    page.check("remove_action")
    action = found(page, action_id)
    if aside := page.ask(forms.Remove):
        return aside
    if page.is_answered():
        page.act(deciding.remove_action, action=action)
        return page.done("The action is removed.", to="panel_decision")
    return page.show("action", title="Remove the action?", lede=wording.action_words(action), danger=True)


def found(page, action_id):
    decision = page.place.decision
    return page.find(decision.actions.all() if decision else (), action_id)


def sign_off(request, panel_id):
    """Sign the decision off as it stands; the dispute ends with it."""
    page = Page(request, panel_id, *ACTIONS)
    page.check("sign_off")
    with page.keeping():
        decision = deciding.draft_of(page.place)
        deciding.refuse_not_quorate(decision.sitting, page.place)
    if aside := page.ask(forms.SignOff, wording.mark(decision)):
        return aside
    if page.is_answered():
        page.act(deciding.sign_off, panel=page.panel, seen=request.POST.get("seen"))
        return page.done("The decision is signed off, and binds every agency concerned.", to="panel_decision")
    return page.show(
        "sign_off",
        title="Sign off the panel’s decision",
        decision=decision,
        actions=list(decision.actions.all()),
        without_action=without_action(page.place, decision),
        quorum=quorum_of(decision.sitting, page.position.parties.values()),
    )
