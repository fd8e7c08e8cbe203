"""What an Appendix B record holds (R20 to R22)."""

from escalation.models import Record, canonical, digest_of


def seal(stage, *, at):
    """Freeze the record of a stage that has just ended, in the transaction that ends it."""
    content = canonical(contents(stage.dispute, stage, at=at))
    return Record.objects.create(stage=stage, content=content, digest=digest_of(content), sealed_at=at)


def contents(dispute, stage, *, at):
    """The record of a stage as plain data."""
    return {"reference": dispute.reference, "stage": stage.number}
