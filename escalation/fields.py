"""What every form is built of: fields that never fall over what is typed, and say plainly what is wrong.

- Texts are cleaned here and nowhere else (`typed.py` says how); what was typed is shown again, whatever it was.
- `required_message` is what a person reads who leaves a field empty. `called` is how messages name the answer.
- A field under an answer (`follow_ups`) counts only with that answer: required there, set aside elsewhere.
- There is no `maxlength` in the page: browsers cut a pasted text without a word.
"""

from datetime import date, datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from escalation import typed
from escalation.moments import clock_time, in_london

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
    tidy = staticmethod(typed.clean_line)

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
        text = typed.without_traps(str(value))
        # Composing shortens a text, but not to a quarter: one far too long is not worked on at all.
        if len(text) <= 4 * self.max_length:
            text = self.tidy(text)
        if len(text) > self.max_length:
            raise ValidationError(self.too_long(len(text)), code="max_length")
        return text or self.empty_value

    def too_long(self, length):
        return f"{self.subject} must be {self.max_length:,} characters or fewer (it has {length:,})"

    def bound_data(self, data, initial):
        return typed.without_traps(data) if isinstance(data, str) else data


class Prose(Text):
    """A text of several lines."""

    widget = forms.Textarea
    tidy = staticmethod(typed.clean_prose)

    def __init__(self, *, max_length=20_000, rows=5, spellcheck=True, **kwargs):
        super().__init__(max_length=max_length, spellcheck=spellcheck, **kwargs)
        self.widget.attrs.pop("cols", None)
        self.widget.attrs["rows"] = rows


class DayBoxes(forms.Widget):
    """Boxes for day, month and year; a value is what stands in each."""

    boxes = ("day", "month", "year")
    use_fieldset = True

    def id_for_label(self, id_):
        return f"{id_}-day" if id_ else id_

    def value_from_datadict(self, data, files, name):
        return {box: data.get(f"{name}-{box}", "") for box in self.boxes}

    def value_omitted_from_data(self, data, files, name):
        return all(f"{name}-{box}" not in data for box in self.boxes)

    def names(self, name):
        return [f"{name}-{box}" for box in self.boxes]

    def format_value(self, value):
        """What each box shows, for a date or instant, or as it was typed."""
        if isinstance(value, datetime):
            value = in_london(value)
            shown = {"day": value.day, "month": value.month, "year": value.year, "time": clock_time(value)}
        elif isinstance(value, date):
            shown = {"day": value.day, "month": value.month, "year": value.year}
        else:
            shown = value if isinstance(value, dict) else {}
        return {box: typed.without_traps(str(shown.get(box) or "")) for box in self.boxes}


class MomentBoxes(DayBoxes):
    """Boxes for day, month, year and time of day."""

    boxes = ("day", "month", "year", "time")


class Day(Spoken, forms.Field):
    """A date in three boxes, from 1900 to 2100."""

    widget = DayBoxes
    ask = "Give the date:"

    @property
    def subject(self):
        return self.called or "The date"

    def clean(self, value):
        value = value if isinstance(value, dict) else self.widget.format_value(value)
        return super().clean(value if any(typed.plain(text) for text in value.values()) else None)

    def to_python(self, value):
        if not value:
            return None
        day, boxes, fault = typed.read_day(value.get("day"), value.get("month"), value.get("year"))
        if fault:
            # The code tells the page which boxes to mark.
            raise ValidationError(f"{self.subject} {fault}", code=" ".join(boxes))
        return day

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != initial
        except ValidationError:
            return True


class Moment(Day):
    """A day and a time of day, as an aware datetime in London; a time that a clock change skips moves forward."""

    widget = MomentBoxes
    ask = "Give the day and time:"

    @property
    def subject(self):
        return self.called or "The day and time"

    def to_python(self, value):
        if not value:
            return None
        day = super().to_python(value)
        if not typed.plain(value.get("time")):
            raise ValidationError(f"{self.subject} must include a time", code="time")
        at, fault = typed.read_time(value["time"])
        if fault:
            raise ValidationError(f"{self.called or 'The time'} {fault}", code="time")
        return typed.instant(day, at)


class Offered(Spoken):
    """A field whose answers are offered."""

    ask = "Choose an answer:"

    def __init__(self, *args, hints=None, inline=False, **kwargs):
        """Hints by value; `inline` puts two or three short answers on one line."""
        super().__init__(*args, **kwargs)
        self.hints = {str(value): hint for value, hint in (hints or {}).items()}
        self.inline = inline
        self.error_messages["invalid_choice"] = NOT_OFFERED
        self.error_messages["invalid_list"] = NOT_OFFERED


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


class Named(Offered):
    """People or agencies to pick from, as `named(row)` tells; junk in place of an id is not offered."""

    def __init__(self, queryset, *, named=str, **kwargs):
        self.named = named
        super().__init__(queryset, **kwargs)
        self.error_messages["invalid_pk_value"] = NOT_OFFERED

    def label_from_instance(self, row):
        return self.named(row)

    def is_id(self, value):
        """Whether it can be the id of a row at all: a database stumbles over others in more ways than one."""
        text = str(value)
        return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID

    def refused(self):
        return ValidationError(NOT_OFFERED, code="invalid_choice")


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


class ProtocolForm(forms.Form):
    """A form drawn by the pack `govuk`; the page around it is `components/form_page.html`."""

    submit = "Continue"
    later = ""  # the words of a second button, which posts `later`
    guidance = {}  # field: a template ending in .html, a text, or (heading, text, ...)
    follow_ups = {}  # field: {answer as posted: [fields that belong under it]}
    use_required_attribute = False

    def __init__(self, *args, as_typed=None, **kwargs):
        """A form; `as_typed` is what `self.as_typed()` gave once, shown again and not judged yet."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if as_typed:
            self._show_again(MultiValueDict({name: list(values) for name, values in as_typed.items()}))

    def _show_again(self, data):
        for name, field in self.fields.items():
            html_name = self.add_prefix(name)
            if not field.widget.value_omitted_from_data(data, {}, html_name):
                self.initial[name] = field.widget.value_from_datadict(data, {}, html_name)

    def as_typed(self):
        """What was typed, as plain lists of texts by name, for a draft to keep."""
        kept = {}
        for name, field in self.fields.items():
            html_name = self.add_prefix(name)
            for each in field.widget.names(html_name) if isinstance(field.widget, DayBoxes) else [html_name]:
                if each in self.data:
                    values = self.data.getlist(each) if hasattr(self.data, "getlist") else [self.data[each]]
                    kept[each] = [typed.without_traps(str(value)) for value in values]
        return kept

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.include_media = False
        helper.layout = self.layout()
        return helper

    def layout(self):
        """The fields in order, those under an answer left to it; override for groups (`layouts.py`)."""
        under_answers = set(self._answers_by_follow_up())
        return Layout(*(name for name in self.fields if name not in under_answers))

    def _answers_by_follow_up(self):
        """Each field that belongs under answers, with the question and those answers."""
        found = {}
        for question, answers in self.follow_ups.items():
            if question not in self.fields:
                continue
            for answer, names in answers.items():
                for name in names:
                    found.setdefault(name, (question, set()))[1].add(str(answer))
        return found

    def _clean_fields(self):
        """Clean the fields, then set aside what stands under an answer that was not given.

        Here and not in clean(), so that a form that has a clean() of its own cannot forget it.
        """
        super()._clean_fields()
        under = self._answers_by_follow_up()
        set_aside = set()
        for name in [name for name in self.fields if name in under]:
            question, answers = under[name]
            given = self[question].data if question not in set_aside else None
            given = given if isinstance(given, list) else [given]
            if not answers.intersection(map(str, given)):
                set_aside.add(name)
                self._errors.pop(name, None)
                field = self.fields[name]
                field.required = False
                self.cleaned_data[name] = field.clean(None)
