"""Filters of the list of disputes, and the words searched for."""

from html import escape

from django import forms
from django.forms.utils import flatatt
from django.utils.safestring import mark_safe

from agencies.fields import Text
from escalation import filters, written
from escalation.models import Category, Urgency
from escalation.stages import StageNumber

ANY = [("", "Any")]
WORDS = ("words", "written")  # what is searched for: never in an address


class Choice(forms.Select):
    """A choice whose options are written at once: by a template each, the agencies take longer than the disputes."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = "" if value is None else str(value)
        options = [
            f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(label)}</option>'
            for key, label in ((str(key), str(label)) for key, label in self.choices)
        ]
        attrs = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{attrs}>{''.join(options)}</select>")  # each part is escaped


class AtOnce:
    """A line to type in, written at once like a choice."""

    def render(self, name, value, attrs=None, renderer=None):
        value = self.format_value(value)
        given = {"type": self.input_type, "name": name} | ({} if value is None else {"value": value})
        return mark_safe(f"<input{flatatt({**given, **self.build_attrs(self.attrs, attrs)})}>")  # flatatt escapes


class Line(AtOnce, forms.TextInput):
    pass


class Day(AtOnce, forms.DateInput):
    pass


class State(forms.ChoiceField):
    """A filter with few answers, none of which is required."""

    widget = Choice

    def __init__(self, label, choices):
        super().__init__(label=label, choices=[*ANY, *choices], required=False)
        self.widget.attrs["class"] = "govuk-select"


class Words(Text):
    """Words of texts, of which some are too common to lead anywhere."""

    widget = Line

    def clean(self, value):
        words = super().clean(value)
        try:
            written.terms(words)
        except written.TooCommon:
            raise forms.ValidationError(
                "These words are too common to be searched for: add one that tells this dispute from others"
            ) from None
        except written.TooMany:
            raise forms.ValidationError(f"Search for {written.MOST_WORDS} words or fewer") from None
        return words


class SearchForm(forms.Form):
    """What to show of the disputes that a person may see."""

    words = Text(label="Name or reference", max_length=200, required=False, spellcheck=False, widget=Line)
    written = Words(
        label="Words in what was written",
        max_length=200,
        required=False,
        spellcheck=False,
        help_text="All of them, in any order. The first three letters are enough.",
    )
    state = State("State", [("open", "Open"), ("past", "Past target"), ("ended", "Ended")])
    stage = State("Stage", [(str(number), label.capitalize()) for number, label in StageNumber.choices])
    agency = State("Agency", [])
    category = State("Category", Category.choices)
    urgency = State("Urgency", Urgency.choices)

    def __init__(self, data, agencies):
        super().__init__(data)
        self.fields["agency"].choices = [*ANY, *((str(pk), name) for pk, name in agencies)]
        for name in WORDS:
            self.fields[name].widget.attrs["class"] = "govuk-input"
        for name in self.errors if self.is_bound else ():
            hint = f"id_{name}_helptext " if self.fields[name].help_text else ""
            self.fields[name].widget.attrs |= {"aria-describedby": f"{hint}id_{name}_error", "aria-invalid": "true"}

    @property
    def chosen(self):
        """The filters that are set, for an address: never the words."""
        return {name: value for name, value in self.cleaned_data.items() if value and name not in WORDS}

    @property
    def searched(self):
        """The words that are searched for, by field."""
        return {name: self.cleaned_data[name] for name in WORDS if self.cleaned_data.get(name)}

    @property
    def leaves(self):
        """Whether the filters leave open ones, and ended ones."""
        state = self.cleaned_data.get("state")
        return state != "ended", state not in ("open", "past")

    @property
    def wanted(self):
        """What the filters and the words ask for."""
        return filters.wanted({**self.chosen, **self.searched})
