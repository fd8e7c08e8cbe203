"""What is asked of somebody who comes by a link: the code, and a reply for their agency."""

from crispy_forms.layout import HTML, Layout
from django.core.exceptions import ValidationError

from escalation.fields import Choice, Prose, ProtocolForm, Text
from escalation.forms.recording import MOST_STATEMENTS, OUTCOMES
from escalation.links import DIGITS
from escalation.models import ActionState, EntryOutcome, Reply, paragraphs
from escalation.moments import on_moment
from escalation.typed import plain


class EnterCode(ProtocolForm):
    """The six digits of a code, with spaces or without."""

    submit = "Open"

    code = Text(
        label="Code",
        help_text="Six digits, from the email.",
        width=10,
        autocomplete="one-time-code",
        spellcheck=False,
        required_message="Enter the code from the email",
        called="The code",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def clean_code(self):
        code = plain(self.cleaned_data["code"]).replace(" ", "").replace("-", "")
        if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
            raise ValidationError(f"The code must be {DIGITS} digits, like 048215")
        return code


class WriteReply(ProtocolForm):
    """What an agency without accounts answers: as much of it as is asked, and at least one thing."""

    submit = "Continue"
    follow_ups = {
        "writes_entry": {"yes": ["facts", "opinions", "outcome", "outcome_reason"]},
        "answer": {Reply.REFUSES: ["reason"]},
    }
    guidance = {
        "view": (
            "Your own side of it",
            "Say how your agency sees the decision, and what it rests on. You need not answer point by point.",
            "Speak of the practice, not of the person.",
        ),
        "writes_entry": (
            "Fact or opinion?",
            "Fact: somebody can check it: seen, heard, written down. Say where from.",
            "Opinion: a judgement, yours or somebody else’s. The mark stays with each paragraph.",
        ),
        "answer": (
            "It counts as your agency’s answer",
            "It is marked as given by link until somebody confirms it. Silence is never taken for agreement.",
        ),
    }

    view = Prose(label="How your agency sees the reason for the dispute", rows=8, required=False, called="The view")
    writes_entry = Choice(
        label="Your entry",
        choices=[("yes", "Yes, I write what was said"), ("no", "No")],
        required=False,
        mark_optional=False,
    )
    facts = Prose(label="Facts (say where from)", rows=5, required=False, mark_optional=False)
    opinions = Prose(label="Professional opinion", rows=5, required=False, mark_optional=False)
    outcome = Choice(
        label="What came of it?",
        choices=[(value, label) for value, label in OUTCOMES if value != EntryOutcome.AGAIN],
        required_message="Say what came of the discussion",
    )
    outcome_reason = Prose(
        label="Why? The reason for this outcome", rows=3, required_message="Give the reason for this outcome"
    )
    answer = Choice(
        label="What does your agency answer?",
        choices=[(Reply.AGREES.value, "We agree"), (Reply.REFUSES.value, "We do not agree")],
        required=False,
    )
    reason = Prose(
        label="Why not?",
        help_text="Your reason ends this proposal; another can be made. All agencies concerned see it.",
        rows=3,
        required_message="Say why your agency does not agree",
        called="Your reason",
    )
    action_state = Choice(label="How do your agency’s actions stand?", choices=ActionState.choices, required=False)
    action_report = Prose(label="More on the actions", rows=3, required=False)

    def __init__(self, *args, asked, at, **kwargs):
        self.asked, self.at = asked, at
        super().__init__(*args, **kwargs)
        for names, is_asked in (
            (["view"], asked.view),
            (["writes_entry", "facts", "opinions", "outcome", "outcome_reason"], asked.discussion),
            (["answer", "reason"], asked.proposal),
            (["action_state", "action_report"], asked.actions),
        ):
            for name in names if not is_asked else ():
                del self.fields[name]
        if asked.discussion:
            talk = f"{asked.discussion.get_how_display().lower()}, {on_moment(asked.discussion.happened_at, at)}"
            self.fields["writes_entry"].label = f"Do you write your entry for the discussion {talk}?"

    def layout(self):
        heads = {
            "view": "Your agency’s view",
            "writes_entry": "The discussion",
            "answer": "The proposed resolution",
            "action_state": "Your agency’s actions",
        }
        fields = []
        for name in super().layout().fields:
            if name in heads:
                fields.append(HTML(f'<h2 class="govuk-heading-m">{heads[name]}</h2>'))
            fields.append(name)
        return Layout(*fields)

    def clean_facts(self):
        return self._few("facts")

    def clean_opinions(self):
        return self._few("opinions")

    def _few(self, name):
        text = self.cleaned_data[name]
        if len(paragraphs(text)) > MOST_STATEMENTS:
            self.add_error(name, f"Write {MOST_STATEMENTS} paragraphs or fewer, each one statement")
        return text

    def clean(self):
        given = self.cleaned_data
        writes = given.get("writes_entry") == "yes"
        if writes and not self.errors.keys() & {"facts", "opinions"} and not (given["facts"] or given["opinions"]):
            self.add_error("facts", "Write at least one fact or one opinion")
        if given.get("action_report") and not given.get("action_state"):
            self.add_error("action_state", "Say how your agency’s actions stand")
        if not self.errors and not writes and not any(given.get(name) for name in ("view", "answer", "action_state")):
            self.add_error(next(iter(self.fields)), "Answer at least one of the questions on this page")

    def reply(self):
        """The answers, as the action takes them."""
        given = self.cleaned_data
        entry = None
        if given.get("writes_entry") == "yes":
            entry = {name: given[name] for name in ("facts", "opinions", "outcome", "outcome_reason")}
        names = ("view", "answer", "reason", "action_state", "action_report")
        return {"entry": entry, **{name: given.get(name) or "" for name in names}}

    def rows(self):
        """The answers to be checked, as questions and answers."""
        given = self.cleaned_data
        shown = []
        for name, field in self.fields.items():
            value = given.get(name)
            if name == "writes_entry" or not value:
                continue
            words = dict(getattr(field, "choices", ())).get(value, value)
            shown.append({"key": field.label, "value": words})
        return shown
