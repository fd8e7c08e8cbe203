"""When somebody is away, and who stands in."""

from datetime import time, timedelta

from agencies import own
from agencies.models import User
from escalation import typed
from escalation.fields import Day, Pick
from escalation.forms.parts import TimedForm
from escalation.moments import day

LONGEST = timedelta(days=366)


class CoverForm(TimedForm):
    """The first and the last day away, and a deputy, or none."""

    submit = "Save"
    guidance = {
        "deputy": (
            "What a deputy does",
            "Sees what you see, is told what you are told, and acts for you: the record says “for” you. "
            "Nobody decides a request of their own, nor as a deputy.",
        ),
    }

    first_day = Day(
        label="First day away", called="The first day", required_message="Give the first day you are away",
        help_text="If it is today, the cover begins at once.",
    )  # fmt: skip
    last_day = Day(
        label="Last day away", called="The last day", required_message="Give the last day you are away",
        help_text="The cover ends with this day. You can end it before.",
    )  # fmt: skip
    deputy = Pick(
        User.objects.none(),
        label="Who stands in for you",
        required=False,
        mark_optional=False,
        empty_label="Nobody: your leads are told",
        error_messages={"invalid_choice": "Choose one of the people offered"},
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = own.possible_deputies(person)
        self.fields["deputy"].label_from_instance = lambda user: (
            f"{user.full_name}, {user.job_title}" if user.job_title else user.full_name
        )
        if not person.standing.agencies:
            self.fields["deputy"].empty_label = "Nobody"

    def refuse(self, sentence):
        """Show why it was not done, at the top of the form."""
        self.add_error(None, sentence)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and first < self.today:
            self.add_error("first_day", f"The first day must be today or later: today is {day(self.at)}")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not be before the first day")
        elif first and last and last - first > LONGEST:
            self.add_error("last_day", "The last day must be within a year of the first day")
        return cleaned

    def given(self):
        """The two instants between which the person is away, and the deputy."""
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        starts_at = self.at if first == self.today else typed.instant(first, time(0))
        ends_at = typed.instant(last + timedelta(days=1), time(0))
        return {"starts_at": starts_at, "ends_at": ends_at, "deputy": self.cleaned_data["deputy"]}
