"""Plays what happens with panels: convened, answered, represented, attended, adjourned, decided, followed."""

from panels.actions import convening, deciding, following, reporting, representing, sittings
from panels.models import Panel

# Verbs of panels by what each is told of the panel besides its own facts
OF_PANEL = {
    "answer": sittings.answer,
    "declare": convening.declare,
    "arrange": sittings.arrange,
    "record_decision": deciding.record_decision,
    "add_action": deciding.add_action,
    "sign_off": deciding.sign_off,
    "acknowledge": following.acknowledge,
    "write_report": reporting.write_report,
    "seal_report": reporting.seal_report,
}
OF_SITTING = {
    "rearrange": sittings.rearrange,
    "record_attendance": sittings.record_attendance,
    "adjourn": sittings.adjourn,
}
OF_REPRESENTATION = {
    "give_representation": representing.give_representation,
    "decline_representation": representing.decline_representation,
}
OF_ACTION = {"record_done": following.record_done}
VERBS = {"convene", *OF_PANEL, *OF_SITTING, *OF_REPRESENTATION, *OF_ACTION}


def perform(verb, dispute, told, cast, by, at):
    """One act with the panel of a dispute."""
    if verb == "convene":
        told["seats"] = [{"agency": cast.agencies[key], "person": cast.people[who]} for key, who in told["seats"]]
        convening.convene(dispute=dispute, by=by, at=at, **told)
        return
    panel = Panel.objects.get(dispute=dispute)
    if "owner" in told:
        told["owner"] = cast.people[told["owner"]]
    if "attending" in told:
        told["attending"] = [attending(cast, *each) for each in told["attending"]]
    if verb in OF_PANEL:
        OF_PANEL[verb](panel=panel, by=by, at=at, **told)
    elif verb in OF_SITTING:
        OF_SITTING[verb](sitting=panel.sittings.order_by("number").last(), by=by, at=at, **told)
    elif verb in OF_REPRESENTATION:
        representation = panel.representations.get(agency=told.pop("agency"))
        OF_REPRESENTATION[verb](representation=representation, by=by, at=at, **told)
    else:
        action = panel.decision.actions.filter(done_on=None, agency=told.pop("agency")).first()
        OF_ACTION[verb](action=action, by=by, at=at, **told)


def attending(cast, agency, who, how="room"):
    """Who was there: an account by its short name, or a deputy named the same day."""
    person = cast.people.get(who)
    told = {"agency": cast.agencies[agency], "how": how, "is_deputy": person is None}
    return {**told, "name": person.full_name if person else who, "job_title": person.job_title if person else ""}
