"""Groups of fields for a form's `layout()`, besides those of crispy-forms (Layout, Div, Fieldset, HTML, Submit)."""

from crispy_forms.layout import Div, LayoutObject
from django.template.loader import render_to_string


class Beside(LayoutObject):
    """Several fields with one guidance beside them: a template ending in .html, a text, or (heading, text, ...)."""

    def __init__(self, *fields, guide):
        self.fields = list(fields)
        self.guide = guide

    def render(self, form, context, template_pack, **kwargs):
        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string(
            f"{template_pack}/layout/beside.html", {**context.flatten(), "fields": fields, "guide": self.guide}
        )


class Pair(Div):
    """Two fields on one line, where there is room."""

    css_class = "r-pair"


class Box(Div):
    """Fields with a line round them."""

    css_class = "r-box"
