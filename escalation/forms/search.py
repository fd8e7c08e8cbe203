"""Filters of the list of disputes, and the words searched for."""

from django import forms

from agencies.fields import Text
from escalation import names
from escalation.models import Category, Urgency
from escalation.stages import StageNumber

ANY = [("", "Any")]


class State(forms.ChoiceField):
    """A filter with few answers, none of which is required."""

    def __init__(self, label, choices):
        super().__init__(label=label, choices=[*ANY, *choices], required=False)
        self.widget.attrs["class"] = "govuk-select"


class SearchForm(forms.Form):
    """What to show of the disputes that a person may see."""

    words = Text(label="Name or reference", max_length=200, required=False, spellcheck=False)
    state = State("State", [("open", "Open"), ("past", "Past target"), ("ended", "Ended")])
    stage = State("Stage", [(str(number), label.capitalize()) for number, label in StageNumber.choices])
    agency = State("Agency", [])
    category = State("Category", Category.choices)
    urgency = State("Urgency", Urgency.choices)

    def __init__(self, data, agencies):
        super().__init__(data)
        self.fields["agency"].choices = [*ANY, *((str(pk), name) for pk, name in agencies)]
        self.fields["words"].widget.attrs["class"] = "govuk-input"
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs |= {"aria-describedby": f"id_{name}_error", "aria-invalid": "true"}

    @property
    def chosen(self):
        """The filters that are set, for an address: never the words."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "words"}

    def found(self, disputes, at):
        """Those of the disputes that the filters and the words let through."""
        given = self.cleaned_data
        match given.get("state"):
            case "open":
                disputes = disputes.open()
            case "past":
                disputes = disputes.past_target(at)
            case "ended":
                disputes = disputes.ended()
        for name in ("stage", "category", "urgency"):
            if given.get(name):
                disputes = disputes.filter(**{name: given[name]})
        if given.get("agency"):
            disputes = disputes.filter(parties__agency=given["agency"])
        return names.search(disputes, given.get("words"))
