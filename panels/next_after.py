"""What happens next once a panel has decided, for one person: what waits for them, else for others (R33 to R35)."""

from escalation import readiness
from escalation.moments import counted, on_day, on_moment
from escalation.stages import MOVES
from panels.acted import listed


def words(place, following, is_sealed):
    """Who does what, as (who, words, detail, button, (URL name, ids)); the last two empty where there is no button."""
    return (
        to_acknowledge(place, following)
        or to_do(place, following)
        or to_tell(place)
        or to_report(place, is_sealed)
        or standing(place, following)
    )


def to_acknowledge(place, following):
    if not following.may_acknowledge:
        return None
    said = f"acknowledge the decision for {place.party.agency}. It binds every agency concerned."
    return "You", said, "", "Acknowledge the decision", ("acknowledge", {})


def to_do(place, following):
    """The nearest action that is the person's own, or their agency's."""
    mine = [each.action for each in following.actions if each.may_record and is_own(place, each.action)]
    if not mine:
        return None
    first = mine[0]
    more = f"And {counted(len(mine) - 1, 'further action')}." if mine[1:] else ""
    said = f"have an action of the panel, due {on_day(first.due_on, place.at)}: do it, and record what shows it."
    return "You", said, more, "Record that it is done", ("record_done", {"action_id": first.pk})


def is_own(place, action):
    return action.owner_id in {each.pk for each in place.selves} or place.lead_of(action.agency_id) is not None


def to_tell(place):
    """Whoever raised it is told (R35)."""
    if not may_convey(place):
        return None
    said = f"tell {place.dispute.referrer_name}, who raised the dispute, what the panel decided."
    return "You", said, "Then record how and when.", "Record that the referrer was told", ("convey", None)


def may_convey(place):
    """Whether it is still to be told, and this person may tell it."""
    return not readiness.is_conveyed(place.dispute) and place.position.is_(MOVES["convey"].who)


def to_report(place, is_sealed):
    if is_sealed or not place.board_manager:
        return None
    return "You", "write the panel’s brief report, and seal it.", "", "Go to the report", ("panel_report", {})


def standing(place, following):
    """What is still waited for."""
    when = on_moment(place.decision.signed_off_at, place.at)
    said = f"{when}. Its decision binds every agency concerned, and is not reopened at a lower stage."
    return "The panel decided", said, waited_for(following), "Read the decision", ("panel_decision", {})


def waited_for(following):
    waits = []
    if following.waits_for:
        verb = "has" if len(following.waits_for) == 1 else "have"
        waits.append(f"{listed([str(agency) for agency in following.waits_for])} {verb} still to acknowledge.")
    open_ = len(following.actions) - following.done
    if open_:
        waits.append(f"{counted(open_, 'action')} {'is' if open_ == 1 else 'are'} still to be done.")
    return " ".join(waits)
