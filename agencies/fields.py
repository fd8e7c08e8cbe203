"""Fields that never fall over what is typed, and say plainly what is wrong; they stand in the lowest app, for all.

- Texts are cleaned here and nowhere else (`texts.py` says how); what was typed is shown again, whatever it was.
- `required_message` is what a person reads who leaves a field empty. `called` is how messages name the answer.
- There is no `maxlength` in the page: browsers cut a pasted text without a word.
"""

from django import forms
from django.core.exceptions import ValidationError

from agencies import texts

NOT_OFFERED = "Choose one of the answers offered"
LARGEST_ID = 2**63 - 1


class Spoken:
    """A field with messages of its own, told apart by what it is called."""

    ask = "Fill in"

    def __init__(self, *args, required_message=None, called=None, mark_optional=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.required_message = required_message or (kwargs.get("error_messages") or {}).get("required")
        self.called = called
        self.mark_optional = mark_optional

    @property
    def subject(self):
        """What a message begins with: “Your reason”, or the label where that is no question."""
        return self.called or (self.label if self.label and not self.label.endswith("?") else "Your answer")

    def missing(self):
        return self.required_message or (f"{self.ask} “{self.label}”" if self.label else "Answer this question")

    def clean(self, value):
        try:
            return super().clean(value)
        except ValidationError as error:
            for each in error.error_list:
                if each.code == "required":
                    each.message = self.missing()
            raise


class Text(Spoken, forms.CharField):
    """One line of text."""

    widget = forms.TextInput
    tidy = staticmethod(texts.clean_line)

    def __init__(self, *, max_length=200, width=None, kind="text", autocomplete="off", spellcheck=None, **kwargs):
        """Width in characters (2, 3, 4, 5, 10, 20, 30). Autocomplete stays off: what is typed concerns others."""
        super().__init__(strip=False, **kwargs)
        self.max_length = max_length
        self.widget.attrs.setdefault("autocomplete", autocomplete)
        if isinstance(self.widget, forms.TextInput) and kind != "text":
            self.widget.input_type = kind
        if width:
            self.widget.attrs.setdefault("class", f"govuk-input--width-{width}")
        if spellcheck is not None:
            self.widget.attrs.setdefault("spellcheck", "true" if spellcheck else "false")

    def to_python(self, value):
        if value in self.empty_values:
            return self.empty_value
        text = texts.without_traps(str(value))
        # Composing shortens a text, but not to a quarter: one far too long is not worked on at all.
        if len(text) <= 4 * self.max_length:
            text = self.tidy(text)
        if len(text) > self.max_length:
            raise ValidationError(self.too_long(len(text)), code="max_length")
        return text or self.empty_value

    def too_long(self, length):
        return f"{self.subject} must be {self.max_length:,} characters or fewer (it has {length:,})"

    def bound_data(self, data, initial):
        return texts.without_traps(data) if isinstance(data, str) else data


class Prose(Text):
    """A text of several lines."""

    widget = forms.Textarea
    tidy = staticmethod(texts.clean_prose)

    def __init__(self, *, max_length=20_000, rows=5, spellcheck=True, **kwargs):
        super().__init__(max_length=max_length, spellcheck=spellcheck, **kwargs)
        self.widget.attrs.pop("cols", None)
        self.widget.attrs["rows"] = rows


class Offered(Spoken):
    """A field whose answers are offered."""

    ask = "Choose an answer:"

    def __init__(self, *args, hints=None, inline=False, **kwargs):
        """Hints by value; `inline` puts two or three short answers on one line."""
        super().__init__(*args, **kwargs)
        self.hints = {str(value): hint for value, hint in (hints or {}).items()}
        self.inline = inline
        self.not_offered = (kwargs.get("error_messages") or {}).get("invalid_choice", NOT_OFFERED)
        for code in ("invalid_choice", "invalid_list", "invalid_pk_value"):
            self.error_messages[code] = self.not_offered


class Choice(Offered, forms.TypedChoiceField):
    """One of the answers offered: radios, or a select where there are many."""

    def __init__(self, *, choices=(), select=False, **kwargs):
        if not select:
            kwargs.setdefault("widget", forms.RadioSelect)
        super().__init__(choices=choices, **kwargs)
        if select:
            self.choices = [("", "Choose"), *((value, label) for value, label in self.choices if value != "")]


class YesNo(Choice):
    """Yes or no, as True or False; None where it is optional and left open."""

    def __init__(self, *, yes="Yes", no="No", **kwargs):
        kwargs.setdefault("inline", True)
        super().__init__(choices=[("yes", yes), ("no", no)], coerce="yes".__eq__, empty_value=None, **kwargs)

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class Choices(Offered, forms.MultipleChoiceField):
    """Any of the answers offered: checkboxes."""

    widget = forms.CheckboxSelectMultiple


class Tick(Spoken, forms.BooleanField):
    """One checkbox."""

    ask = "Tick"

    def __init__(self, **kwargs):
        super().__init__(mark_optional=False, **kwargs)


class Rows(forms.models.ModelChoiceIterator):
    """What is offered, not asked for before it is shown."""

    def __init__(self, field):
        self.field = field

    @property
    def queryset(self):
        return self.field.queryset


class Named(Offered):
    """People or agencies to pick from, as `named(row)` tells; junk in place of an id is not offered.

    In place of a queryset stands a function that gives it, where it is wanted only if something is picked or shown.
    """

    iterator = Rows

    def __init__(self, queryset, *, named=str, **kwargs):
        self.named = named
        super().__init__(queryset, **kwargs)

    def __deepcopy__(self, memo):
        copied = forms.Field.__deepcopy__(self, memo)
        copied.queryset = self._queryset
        return copied

    @property
    def queryset(self):
        if callable(self._queryset):
            self._queryset = self._queryset()
        return self._queryset

    @queryset.setter
    def queryset(self, rows):
        self._queryset = rows if callable(rows) else rows.all()
        self.widget.choices = self.choices

    def label_from_instance(self, row):
        return self.named(row)

    def is_id(self, value):
        """Whether it can be the id of a row at all: a database stumbles over others in more ways than one."""
        text = str(value)
        return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID

    def refused(self):
        return ValidationError(self.not_offered, code="invalid_choice")


class Pick(Named, forms.ModelChoiceField):
    """One person or agency: a select, or radios."""

    def __init__(self, queryset, *, radios=False, **kwargs):
        kwargs.setdefault("empty_label", None if radios else "Choose")
        if radios:
            kwargs.setdefault("widget", forms.RadioSelect)
        super().__init__(queryset, **kwargs)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if not isinstance(value, self.queryset.model) and not self.is_id(value):
            raise self.refused()
        return super().to_python(value)


class Picks(Named, forms.ModelMultipleChoiceField):
    """Any of the people or agencies: checkboxes."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        if isinstance(value, list | tuple) and not all(self.is_id(each) for each in self.prepare_value(value)):
            raise self.refused()
        return super().clean(value)
