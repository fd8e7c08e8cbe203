"""The Board Manager's own acts, and how the outcome was conveyed (R28, R29, R35)."""

from escalation.fields import Choice, Moment, Prose, Text
from escalation.forms.acts import ActForm
from escalation.models import ConveyedHow


class InformChair(ActForm):
    """Tell the Chair now, by one button; or record that it was done already: when, and how (R28)."""

    submit = "Inform the Independent Chair"
    follow_ups = {"way": {"done": ["done_at", "how"]}}
    guidance = {
        "way": (
            "Why it is asked",
            "The protocol asks the Board Manager to inform the Independent Chair of each dispute that reaches stage "
            "three. The Chair sees the dispute in full from there.",
        ),
    }

    way = Choice(
        label="How is the Chair informed?",
        choices=[("now", "Now, by Resolve"), ("done", "It was done already")],
        hints={"now": "The Chair is told by email and here, with the reference alone, and it is recorded."},
        required_message="Choose how the Chair is informed",
    )
    done_at = Moment(label="When it was done", required_message="Say when it was done", called="The day and time")
    how = Prose(label="How it was done", rows=2, required_message="Say how it was done")

    def standing_answers(self):
        return {"way": "now"}

    def clean_done_at(self):
        self.refuse_future("done_at", "The day and time")
        return self.cleaned_data["done_at"]

    def given(self):
        return {"done_at": self.cleaned_data["done_at"], "how": self.cleaned_data["how"]}


class Involvement(ActForm):
    """How the Board Manager was involved when it was resolved, and when (R29)."""

    how = Prose(
        label="How you were involved in the resolution",
        help_text="What you were told, what you looked at, what you asked for. Leave out what stands in the record.",
        rows=4,
        required_message="Say how you were involved",
        called="How you were involved",
    )
    done_at = Moment(label="When, if not now", required=False, called="The day and time")

    def clean_done_at(self):
        self.refuse_future("done_at", "The day and time")
        return self.cleaned_data["done_at"]


class Convey(ActForm):
    """To whom the outcome was conveyed, when, and how (R35)."""

    guidance = {
        "how": (
            "Say it, do not only send it",
            "Whoever raised it should hear how it ended, what was agreed, and what happens next for the adult.",
        ),
    }

    to = Text(label="To whom", spellcheck=False, required_message="Say to whom it was conveyed", called="The name")
    how = Choice(
        label="How",
        choices=[(how.value, how.label) for how in ConveyedHow if how != ConveyedHow.READ],
        required_message="Say how it was conveyed",
    )
    conveyed_at = Moment(label="When", required_message="Say when it was conveyed", called="The day and time")

    def standing_answers(self):
        return {"to": self.dispute.referrer_name}

    def clean_conveyed_at(self):
        self.refuse_future("conveyed_at", "The day and time")
        given = self.cleaned_data["conveyed_at"]
        # The boxes hold minutes: the minute of the end counts
        if given and given < self.dispute.ended_at.replace(second=0, microsecond=0):
            self.add_error("conveyed_at", "The day and time must be after the dispute ended")
        return given
