"""What every form is built of: the fields of `agencies.fields`, days and moments, and the form itself.

A field under an answer (`follow_ups`) counts only with that answer: required there, set aside elsewhere.
"""

from datetime import date, datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from agencies.fields import NOT_OFFERED as NOT_OFFERED
from agencies.fields import Choice as Choice
from agencies.fields import Choices as Choices
from agencies.fields import Pick as Pick
from agencies.fields import Picks as Picks
from agencies.fields import Prose as Prose
from agencies.fields import Spoken
from agencies.fields import Text as Text
from agencies.fields import Tick as Tick
from agencies.fields import YesNo as YesNo
from agencies.texts import without_traps
from escalation import typed
from escalation.moments import clock_time, in_london


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
        return {box: without_traps(str(shown.get(box) or "")) for box in self.boxes}


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
            self.show_again(as_typed)

    def show_again(self, as_typed):
        """Show in the fields what was typed once."""
        data = MultiValueDict({name: list(values) for name, values in as_typed.items()})
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
                    kept[each] = [without_traps(str(value)) for value in values]
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
