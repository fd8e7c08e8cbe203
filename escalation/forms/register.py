"""Filters of the register, and the name of a view that somebody keeps."""

import datetime as dt

from django import forms

from agencies.fields import Text
from escalation.filters import NOT_INFORMED
from escalation.forms.search import Day, SearchForm, State
from escalation.stages import Outcome, StageNumber

FIRST_YEAR, LAST_YEAR = 1950, 2150


class On(forms.DateField):
    """A day, as browsers send it, or as a person types it where the browser has no picker of days."""

    def __init__(self, label):
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d %B %Y"],
            error_messages={"invalid": f"{label}: give a day like 27/5/2026"},
            widget=Day(format="%Y-%m-%d", attrs={"type": "date", "class": "govuk-input"}),
        )

    def clean(self, value):
        on = super().clean(value)
        if on and not FIRST_YEAR <= on.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return on


class RegisterForm(SearchForm):
    """What to show of the register."""

    stage = State("Stage", [(str(n), StageNumber(n).label.capitalize()) for n in (3, 4)])
    outcome = State("Ended how", Outcome.choices)
    chair = State("Independent Chair", [(NOT_INFORMED, "Not yet informed")])
    raised_from, raised_to = On("Raised from"), On("Raised to")
    ended_from, ended_to = On("Ended from"), On("Ended to")

    FIRST = ("words", "written", "state", "stage", "agency", "category")

    @property
    def first(self):
        return [self[name] for name in self.FIRST]

    @property
    def more(self):
        return [self[name] for name in self.fields if name not in self.FIRST]

    @property
    def shows_more(self):
        """Whether something is set, or wrong, among the filters that are folded away."""
        given = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return any(given.get(field.name) or field.errors for field in self.more)

    @property
    def chosen(self):
        """The filters that are set, as an address has them: never the words."""
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value for name, value in super().chosen.items()
        }


class ViewForm(forms.Form):
    """The name under which filters are kept."""

    name = Text(label="Name of the view", max_length=60, required_message="Give the view a name")
