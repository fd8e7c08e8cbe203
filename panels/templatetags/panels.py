"""What pages of a dispute show of its panel."""

from django import template

from escalation.stages import StageNumber
from panels.models import Panel

register = template.Library()


@register.simple_tag
def panel_of(dispute):
    """The panel of a dispute that came to stage four; whoever sees the dispute sees that it has one."""
    return Panel.objects.filter(dispute=dispute).first() if dispute.stage == StageNumber.FOUR else None
