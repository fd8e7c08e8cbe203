"""What is asked of the brief report, and of sealing it (R34)."""

from escalation.fields import Prose, Tick
from escalation.forms.acts import ActForm, mark_of
from panels import reports


class WriteReport(ActForm):
    """The three texts, as they are drafted or were saved."""

    submit = "Save the report"
    guidance = {
        "issues": (
            "Nobody is named",
            "The report goes to the Board, and is gathered with others each year. Write “the adult”, the agency, the "
            "role. Keep it brief: what stands in the records need not be told again.",
        ),
    }

    issues = Prose(label="The issues", rows=12, required_message="Say what the issues were", called="The issues")
    decisions = Prose(
        label="What the panel decided, and why", rows=10, required_message="Say what the panel decided, and why"
    )
    learning = Prose(
        label="What was learned",
        help_text="What agencies could do otherwise, without names.",
        rows=5,
        required=False,
        called="What was learned",
    )

    def standing_answers(self):
        return reports.texts_of(self.subject)

    def seen(self):
        return mark_of(self.standing_answers())


class SealReport(ActForm):
    """That the report was read as it stands."""

    submit = "Seal the report"

    is_read = Tick(label="I have read it: this is the panel’s report", required_message="Tick that you have read it")

    def seen(self):
        return mark_of(reports.texts_of(self.subject))
