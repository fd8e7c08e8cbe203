"""What was learned, and what is shared with commissioning (R36, R42)."""

from crispy_forms.layout import HTML, Layout

from escalation import learning, passages
from escalation.fields import Choices, Prose, Text
from escalation.forms.acts import ActForm, mark_of


class RecordLearning(ActForm):
    """One point of what was learned, written for the Board without names (R42)."""

    later = "Keep as draft"
    guidance = {
        "text": (
            "Without names",
            "The Board reads this without the reference, unless the dispute reached stage three. Leave out the name of "
            "the adult and of everybody who took part.",
            "Write what another team could do differently: “Ask for the capacity assessment before the discharge "
            "meeting, not after it.” One point at a time; you can add others.",
        ),
    }

    text = Prose(
        label="What was learned",
        help_text="What helped, what got in the way, what should be done differently.",
        required_message="Say what was learned",
        rows=4,
        max_length=4000,
    )

    def names(self):
        """The words that look like names, unless whoever wrote them has said to keep just these."""
        found = learning.names_in(self.cleaned_data["text"], self.dispute)
        return [] if self.data.get("keep") == mark_of(found) else found


class SharePassages(ActForm):
    """Which passages, with whom, under which contract and why (R36); looked over on a page of its own before."""

    submit = "Continue"
    later = "Keep as draft"
    guidance = {
        "shared_with": (
            "Never by itself",
            "Nothing is sent. A note is made that stands by itself, for you to print or to give as a PDF. Everybody "
            "concerned in the dispute can see what was shared, with whom and why.",
        ),
    }

    shared_with = Text(
        label="Who it is shared with",
        help_text="The name and the role of whoever reads it in commissioning.",
        spellcheck=False,
        required_message="Say who it is shared with",
        called="Who it is shared with",
    )
    contract = Text(
        label="Which contract it is about",
        help_text="Its name or number, as commissioning knows it.",
        required_message="Say which contract it is about",
        called="The contract",
    )
    reason = Prose(
        label="Why it is shared",
        help_text="What these passages show about whether the contract is kept.",
        rows=3,
        required_message="Say why it is shared",
        called="The reason",
    )

    def prepare(self):
        self.groups = []
        asked = dict(self.fields)
        self.fields.clear()
        for group, found in passages.in_groups(self.dispute):
            name = f"share_{group}"
            self.groups.append(name)
            self.fields[name] = Choices(
                label=found[0].heading,
                choices=[(passage.key, passage.title) for passage in found],
                hints={passage.key: passage.text for passage in found},
                required=False,
                mark_optional=False,
            )
        self.fields.update(asked)

    def layout(self):
        heading = '<h2 class="govuk-heading-m">{}</h2>'
        what, why = heading.format("What is shared"), heading.format("With whom, and why")
        return Layout(HTML(what), *self.groups, HTML(why), "shared_with", "contract", "reason")

    def clean(self):
        if not any(self.cleaned_data.get(name) for name in self.groups) and not self.errors.keys() & set(self.groups):
            self.add_error(self.groups[0], "Choose at least one passage")

    def given(self):
        """What the action takes."""
        chosen = [key for name in self.groups for key in self.cleaned_data[name]]
        return {"chosen": chosen} | {name: self.cleaned_data[name] for name in ("shared_with", "contract", "reason")}

    def typed_again(self):
        """The answers as pairs of name and value, for the page on which they are looked over."""
        return [(name, value) for name, values in self.as_typed().items() for value in values]
