"""What stands beside the record of a dispute: what was shared with commissioning, what was learned (R36, R42)."""

from escalation.models import CommissioningNote, LearningPoint


def read(dispute):
    """Read both, for its page; nothing is learned from a dispute that is open."""
    shared = CommissioningNote.objects.filter(dispute=dispute).select_related("by", "agency").defer("content")
    learned = LearningPoint.objects.filter(dispute=dispute).select_related("by", "agency") if dispute.ended_at else ()
    dispute._prefetched_objects_cache |= {"commissioning_notes": list(shared), "learning_points": list(learned)}
