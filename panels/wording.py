"""The decision of a panel in words, as the record of stage four carries it: what, why, and who does what by when."""

import hashlib

from escalation.moments import day_full
from panels.models import PanelActionKind


def in_words(decision):
    """The decision, its reasons and actions as one text (R15, R20)."""
    parts = [decision.decision, f"Reasons: {decision.reasons}"]
    if decision.points_of_view:
        parts.append(f"Points of view: {decision.points_of_view}")
    actions = [action_words(each) for each in decision.actions.select_related("agency", "owner")]
    if actions:
        parts.append("Actions:\n" + "\n".join(actions))
    return "\n\n".join(parts)


def action_words(action):
    """'Adult Social Care: open an enquiry. Rukhsana Malik, by Thu 28 May 2026.'"""
    what = action.what.rstrip(".")
    if action.kind == PanelActionKind.DECIDE_AGAIN:
        what = f"asked to decide again ({action.get_body_display()}): {what}. Why: {action.reasons.rstrip('.')}"
    return f"{action.agency}: {what}. {action.owner_name}, by {day_full(action.due_on)}."


def mark(decision):
    """A short mark of a decision with its actions, the same for the same words."""
    return hashlib.sha256(in_words(decision).encode()).hexdigest()[:16]
