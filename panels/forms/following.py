"""What is asked of an acknowledgement, and of an action that is done (R33)."""

from escalation.fields import Choice, Day, Prose, Text, Tick
from escalation.forms.acts import ActForm
from escalation.models import AskedHow
from escalation.moments import day, london_date


class Acknowledge(ActForm):
    """That the agency has read the decision, and is bound by it."""

    submit = "Acknowledge for your agency"

    is_read = Tick(label="My agency", required_message="Tick that your agency has read the decision and is bound by it")

    def prepare(self):
        self.fields["is_read"].label = f"{self.position.agency} has read this decision, and is bound by it"


class AcknowledgeFor(ActForm):
    """Who of an agency where nobody has an account acknowledged, and how."""

    submit = "Record the acknowledgement"

    name = Text(
        label="Who acknowledged it?", spellcheck=False, required_message="Say who acknowledged it", called="The name"
    )
    how = Choice(
        label="How?", choices=AskedHow.choices, required_message="Say how you were told", called="How you were told"
    )


class RecordDone(ActForm):
    """On which day it was done, and what shows it; of a body asked again, what it decided."""

    submit = "Record that it is done"

    done_on = Day(label="When was it done?", required_message="Say when it was done", called="The date")
    shown_by = Prose(
        label="What shows it?",
        help_text="The document, entry or reference that somebody else could look up.",
        rows=3,
        required_message="Say what shows that it was done",
        called="What shows it",
    )

    def prepare(self):
        if self.subject.asks_again:
            self.submit = "Record what was decided"
            done_on, shown_by = self.fields["done_on"], self.fields["shown_by"]
            done_on.label, done_on.required_message = "When was it decided?", "Say when it was decided"
            shown_by.label, shown_by.required_message = "What was decided, and why?", "Say what was decided"
            shown_by.help_text = "The decision as it was made, with its reasons and where it is recorded."
            shown_by.called = "What was decided"

    def clean_done_on(self):
        self.refuse_future("done_on", "The date")
        given = self.cleaned_data["done_on"]
        decided_on = london_date(self.subject.decision.signed_off_at)
        if given and given < decided_on:
            self.add_error("done_on", f"The date must be the day of the panel’s decision, {day(decided_on)}, or later")
        return given
