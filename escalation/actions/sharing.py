"""What was learned, and what was shared with commissioning: deliberate acts, beside a dispute or after (R36, R42)."""

from escalation import passages
from escalation.actions.door import TWO_CLICKS, action, begin, note
from escalation.models import CommissioningNote, LearningPoint, canonical, digest_of
from escalation.permissions import Conflict

CHANGED = "What you chose has changed since you looked it over. Look it over again before you share it."


@action
def record_learning(*, dispute, by, at, text):
    """Record one point of what was learned, for the Board to read without names (R42)."""
    dispute, position = begin("record_learning", dispute, by=by, at=at)
    refuse_before_the_end(dispute)
    if point := dispute.learning_points.filter(by=by, text=text).first():
        return point  # a second click
    point = LearningPoint.objects.create(dispute=dispute, by=by, agency=position.agency, at=at, text=text)
    note("recorded what was learned", dispute, position, at=at, subject=point, text=text)
    return point


def refuse_before_the_end(dispute):
    """Refuse to record what was learned while the dispute is open."""
    if dispute.is_open:
        raise Conflict("What was learned is recorded when the dispute has ended.")


@action
def share_passages(*, dispute, by, at, chosen, shared_with, contract, reason, seen=""):
    """Share passages with commissioning for contract compliance, frozen as they stand now (R36).

    `chosen` are keys of `passages.of`; `seen`, where given, is the mark of what the person has looked over.
    """
    dispute, position = begin("share_passages", dispute, by=by, at=at)
    found = passages.chosen(dispute, chosen)
    if not found:
        raise Conflict("Choose what to share: none of it stands on this dispute any more.")
    if seen and seen != passages.mark(found):
        raise Conflict(CHANGED)
    given = {"shared_with": shared_with, "contract": contract, "reason": reason}
    just_now = dispute.commissioning_notes.filter(by=by, at__gt=at - TWO_CLICKS, at__lte=at, **given)
    for shared in just_now:
        if passages.keys_of(shared) == [passage.key for passage in found]:
            return shared  # a second click
    content = canonical(passages.contents(dispute, position, found, at=at, **given))
    shared = CommissioningNote.objects.create(
        dispute=dispute,
        by=by,
        agency=position.agency,
        at=at,
        content=content,
        digest=digest_of(content),
        **given,
    )
    note("shared passages", dispute, position, at=at, subject=shared, text=content, passages=[p.key for p in found])
    return shared
