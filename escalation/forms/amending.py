"""Changing what stands in a dispute, a section at a time; the fields are those of raising (parts.py)."""

from escalation.actions.amending import DETAILS
from escalation.forms import parts
from escalation.forms.acts import ActForm, mark_of


class Section(ActForm):
    """A section of the details, as it stands."""

    submit = "Save the changes"

    def standing_answers(self):
        return {name: getattr(self.dispute, name) for name in self.base_fields}

    def seen(self):
        """So that nobody undoes, without knowing it, what another changed meanwhile."""
        return mark_of(self.standing_answers())

    def changes(self):
        return {name: self.cleaned_data[name] for name in self.base_fields}


class AmendStatements(Section, parts.Statements):
    """The three statements, in the raiser’s words (R9)."""


class AmendAdult(Section, parts.Adult):
    """Who the adult is."""


class AmendAbout(Section, parts.About):
    """What kind of disagreement it is, and how it came to light."""


class AmendImpact(Section, parts.Impact):
    """Impact, urgency and needed-by."""


class AmendViews(Section, parts.Views):
    """The adult’s views, and whether the adult was told."""


class AmendSafety(Section, parts.KeptSafe):
    """What is keeping the adult safe meanwhile."""


SECTIONS = {
    "adult": (AmendAdult, "Change the adult’s details"),
    "about": (AmendAbout, "Change what it is about"),
    "impact": (AmendImpact, "Change impact and urgency"),
    "safety": (AmendSafety, "Change what is keeping the adult safe"),
    "views": (AmendViews, "Change the adult’s views"),
}
assert all(name in DETAILS for form, _ in SECTIONS.values() for name in form.base_fields)
