"""The slip in a form by which what is typed is kept when the session has ended."""

from django import template
from django.utils.html import format_html

from escalation import drafts

register = template.Library()


@register.simple_tag(takes_context=True)
def slip(context, path=""):
    """A hidden field that says, signed, who fills in the form; `path` is the form's address if not the page's."""
    request = context["request"]
    if not request.user.is_authenticated:
        return ""
    signed = drafts.slip(request.user, path or request.path)
    return format_html('<input type="hidden" name="{}" value="{}">', drafts.SLIP, signed)
