"""What the crispy pack `govuk` and the error summary need to know of a form and its fields."""

from dataclasses import dataclass, field

from django import forms, template

from escalation.fields import DayBoxes, MomentBoxes
from escalation.forms.files import FilesInput

register = template.Library()

# The first that fits: a subclass stands before its parent.
KINDS = (
    (MomentBoxes, "boxes"),
    (DayBoxes, "boxes"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (FilesInput, "files"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
)
CLASSES = {
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "file": "govuk-file-upload",
    "files": "govuk-file-upload moj-multi-file-upload__input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "input": "govuk-input",
}
BOXES = {"day": ("Day", 2), "month": ("Month", 2), "year": ("Year", 4), "time": ("Time", 5)}


@dataclass
class Option:
    """One radio or checkbox, with the fields that belong under it."""

    id: str
    value: str
    label: str
    checked: bool
    hint: str = ""
    follow_ups: list = field(default_factory=list)

    @property
    def has_errors(self):
        return any(each.errors for each in self.follow_ups)


@dataclass
class Box:
    """One of the boxes of a date."""

    id: str
    name: str
    label: str
    width: int
    value: str
    is_at_fault: bool
    is_number: bool


@dataclass
class Drawn:
    """What a template needs to draw one field."""

    bound: forms.BoundField
    kind: str

    @property
    def template(self):
        return f"govuk/fields/{self.kind}.html"

    @property
    def id(self):
        return self.bound.field.widget.attrs.get("id") or self.bound.auto_id

    @property
    def hint_id(self):
        return f"{self.id}_helptext" if self.bound.help_text else ""

    @property
    def error_id(self):
        return f"{self.id}_error" if self.bound.errors else ""

    @property
    def described_by(self):
        return " ".join(filter(None, (self.hint_id, self.error_id)))

    @property
    def is_optional(self):
        return not self.bound.field.required and getattr(self.bound.field, "mark_optional", True)

    @property
    def is_inline(self):
        return getattr(self.bound.field, "inline", False)

    @property
    def control(self):
        """The input, select or textarea itself."""
        widget = self.bound.field.widget
        own = CLASSES[self.kind]
        classes = [own, f"{own.split()[0]}--error" if self.bound.errors else "", widget.attrs.get("class", "")]
        attrs = {"class": " ".join(filter(None, classes))}
        if self.kind == "password":
            attrs |= {"spellcheck": "false", "autocapitalize": "none"}
        if self.described_by:
            attrs["aria-describedby"] = self.described_by
        # A placeholder vanishes when it is needed and is too pale to read; the label says it.
        widget.attrs.pop("placeholder", None)
        return self.bound.as_widget(attrs=attrs)

    @property
    def has_follow_ups(self):
        return self.bound.name in getattr(self.bound.form, "follow_ups", {})

    @property
    def options(self):
        bound = self.bound
        hints = getattr(bound.field, "hints", {})
        # As posted: an enumeration's member finds itself in a dict, its value does not find it.
        answers = getattr(bound.form, "follow_ups", {}).get(bound.name, {})
        follow_ups = {str(answer): names for answer, names in answers.items()}
        return [
            Option(
                id=each.id_for_label,
                value=str(each.data["value"]),
                label=each.choice_label,
                checked=each.data["selected"],
                hint=hints.get(str(each.data["value"]), ""),
                follow_ups=[
                    bound.form[name]
                    for name in follow_ups.get(str(each.data["value"]), ())
                    if name in bound.form.fields
                ],
            )
            for each in bound.subwidgets
        ]

    @property
    def is_checked(self):
        return self.bound.field.widget.check_test(self.bound.value())

    @property
    def boxes(self):
        widget = self.bound.field.widget
        shown = widget.format_value(self.bound.value())
        faulty = boxes_at_fault(self.bound)
        return [
            Box(
                id=f"{self.id}-{box}",
                name=f"{self.bound.html_name}-{box}",
                label=BOXES[box][0],
                width=BOXES[box][1],
                value=shown[box],
                is_at_fault=box in faulty,
                is_number=box != "time",
            )
            for box in widget.boxes
        ]


@register.simple_tag
def draw(bound):
    """The field as its template needs it."""
    widget = bound.field.widget
    return Drawn(bound, next((kind for type_, kind in KINDS if isinstance(widget, type_)), "input"))


def boxes_at_fault(bound):
    """The boxes that an error names by its code; all of them where it names none."""
    boxes = bound.field.widget.boxes
    named = {part for error in bound.errors.as_data() for part in (error.code or "").split() if part in boxes}
    return named or (set(boxes) if bound.errors else set())


@register.simple_tag
def guide_for(bound):
    """The guidance that the form has for this field, if it has any."""
    return getattr(bound.form, "guidance", {}).get(bound.name, "")


@register.inclusion_tag("components/guide.html", takes_context=True)
def guide(context, words):
    """Guidance beside a field: a template ending in .html, a text, or (heading, text, ...)."""
    if isinstance(words, str):
        words = ("", words)
    heading, *paragraphs = words
    own = paragraphs[0] if len(paragraphs) == 1 and paragraphs[0].endswith(".html") else ""
    return {**context.flatten(), "heading": heading, "paragraphs": paragraphs, "own_template": own}


def first_id(bound):
    """The id of the element that an error about this field leads to."""
    drawn = draw(bound)
    if drawn.kind == "boxes":
        faulty = boxes_at_fault(bound)
        return next(f"{drawn.id}-{box}" for box in bound.field.widget.boxes if box in faulty or not faulty)
    if drawn.kind in ("radios", "checkboxes"):
        return next((option.id for option in drawn.options), f"{drawn.id}_group")
    return drawn.id


@register.simple_tag
def form_errors_id(form):
    """The id of the place where a form says what is wrong with it as a whole."""
    return f"{form.prefix}-errors" if form.prefix else "form-errors"


@register.simple_tag
def form_wide_errors(form):
    """Errors of the form as a whole and of its hidden fields, which have no place of their own."""
    hidden = [error for bound in form.hidden_fields() for error in bound.errors]
    return [*form.non_field_errors(), *hidden]


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms_of_page):
    """“There is a problem”, with a link to the place of each error, in the order of the page."""
    links = []
    for form in filter(None, forms_of_page):
        links += [(f"#{form_errors_id(form)}", error) for error in form_wide_errors(form)]
        for bound in in_order_of_page(form):
            links += [(f"#{first_id(bound)}", error) for error in bound.errors]
    return {"links": links}


def in_order_of_page(form):
    """The visible fields as they stand on the page: by the layout, each followed by those under its answers."""
    helper = getattr(form, "helper", None)
    names = [pointer.name for pointer in helper.layout.get_field_names()] if helper and helper.layout else []
    follow_ups = getattr(form, "follow_ups", {})
    ordered = []

    def add(name):
        if name in form.fields and name not in ordered:
            ordered.append(name)
            for under in follow_ups.get(name, {}).values():
                for each in under:
                    add(each)

    for name in (*names, *form.fields):
        add(name)
    return [form[name] for name in ordered if not form[name].is_hidden]


@register.filter
def has_errors(form):
    """Whether the page's title begins with “Error:”."""
    return bool(getattr(form, "is_bound", False) and not form.is_valid())
