"""Sittings: re-arranged, cancelled, answered, attended, adjourned (R31)."""

from crispy_forms.layout import HTML, Layout

from escalation.fields import Choice, Prose, Text
from escalation.forms.acts import ActForm
from escalation.layouts import Box
from panels.forms.convening import Declare, When
from panels.models import AttendedHow, Coming, Conflict

ABSENT = "absent"


class Arrange(When):
    """A further sitting."""

    submit = "Arrange the sitting"


class Rearrange(When):
    """Another time or place, with the reason; the subject is the sitting."""

    submit = "Re-arrange the sitting"

    reason = Prose(label="Why it is re-arranged", rows=2, required_message="Say why it is re-arranged")

    def standing_answers(self):
        sitting = self.subject
        return {"starts_at": sitting.starts_at, "place": sitting.place, "link": sitting.link}

    def seen(self):
        return str(self.subject.sequence)

    def clean(self):
        super().clean()
        same = self.subject.starts_at, self.subject.place, self.subject.link
        if not self.errors and tuple(self.when().values()) == same:
            self.add_error("starts_at", "Nothing differs: give another time or place")


class Cancel(ActForm):
    """Why a sitting is not held."""

    submit = "Cancel the sitting"

    reason = Prose(label="Why it is cancelled", rows=2, required_message="Say why it is cancelled")


class Answer(ActForm):
    """Whether a member comes; the subject is the member."""

    submit = "Save the answer"
    follow_ups = {"coming": {Coming.DEPUTY: ["deputy_name", "deputy_job_title"]}}

    coming = Choice(
        label="Is this member coming?", choices=Coming.choices, required_message="Say whether this member is coming"
    )
    deputy_name = Text(
        label="Name of who comes instead", spellcheck=False, required_message="Give the name of who comes instead"
    )
    deputy_job_title = Text(label="Job title", required=False)

    def answer(self):
        return {name: self.cleaned_data[name] for name in ("coming", "deputy_name", "deputy_job_title")}


class Invitation(Answer, Declare):
    """The member's own answer: coming or not, and any conflict where that is not declared yet."""

    submit = "Send your answer"
    field_order = ("coming", "deputy_name", "deputy_job_title", "conflict", "detail")
    follow_ups = {**Answer.follow_ups, **Declare.follow_ups}
    guidance = {
        **Declare.guidance,
        "coming": (
            "If you cannot come",
            "In the room, by video or by telephone all count. Somebody else of your agency can come in your place, and "
            "can still be named on the day.",
        ),
    }

    def prepare(self):
        self.fields["coming"].label = "Are you coming?"
        self.fields["coming"].required_message = "Say whether you are coming"
        self.fields["conflict"].label = "Do you have a conflict of interest?"
        if self.subject.conflict != Conflict.NOT_ASKED:
            del self.fields["conflict"], self.fields["detail"]

    def declaration(self):
        """The declaration, where it was asked for."""
        if "conflict" not in self.fields:
            return None
        return {"conflict": self.cleaned_data["conflict"], "detail": self.cleaned_data["detail"]}


class Attendance(ActForm):
    """For each agency with a member: who was there, and how. The subject is (sitting, members, answers by member)."""

    submit = "Save who attended"

    def prepare(self):
        sitting, self.members, answers = self.subject
        recorded = {row.agency_id: row for row in sitting.attendance.all()}
        is_recorded = bool(recorded)
        for member in self.members:
            pk, row, answer = member.agency_id, recorded.get(member.agency_id), answers.get(member.pk)
            sends = answer if answer and answer.coming == Coming.DEPUTY else None
            self.fields[f"how_{pk}"] = Choice(
                label="Attended", choices=[*AttendedHow.choices, (ABSENT, "Absent")], mark_optional=False,
                required_message=f"Say whether {member.agency} attended", called=f"{member.agency}",
            )  # fmt: skip
            self.fields[f"name_{pk}"] = Text(
                label="Who", required=False, mark_optional=False, spellcheck=False,
                help_text=f"{member.display_name} sits for this agency. Change the name if somebody else came.",
            )  # fmt: skip
            self.fields[f"title_{pk}"] = Text(label="Job title", required=False)
            self.initial.setdefault(f"how_{pk}", row.how if row else ABSENT if is_recorded else None)
            name, title = member.display_name, member.display_job_title
            if row:
                name, title = row.name, row.job_title
            elif sends:
                name, title = sends.deputy_name, sends.deputy_job_title
            self.initial.setdefault(f"name_{pk}", name)
            self.initial.setdefault(f"title_{pk}", title)

    def layout(self):
        parts = []
        for number, member in enumerate(self.members):
            pk = member.agency_id
            heading = HTML(f'{{% include "panels/sittings/of_agency.html" with member=form.members.{number} %}}')
            parts.append(Box(heading, f"how_{pk}", f"name_{pk}", f"title_{pk}"))
        return Layout(*parts)

    def clean(self):
        for member in self.members:
            pk = member.agency_id
            if self.cleaned_data.get(f"how_{pk}") in AttendedHow.values and not self.cleaned_data.get(f"name_{pk}"):
                self.add_error(f"name_{pk}", f"Say who attended for {member.agency}")

    def attending(self):
        """Who attended, as the action takes it."""
        given = self.cleaned_data
        return [
            {
                "agency": member.agency,
                "name": given[f"name_{member.agency_id}"],
                "job_title": given[f"title_{member.agency_id}"],
                "how": given[f"how_{member.agency_id}"],
                "is_deputy": given[f"name_{member.agency_id}"] != member.display_name,
            }
            for member in self.members
            if given[f"how_{member.agency_id}"] != ABSENT
        ]


class Adjourn(ActForm):
    """Why the sitting is adjourned; the subject is its quorum."""

    submit = "Adjourn the sitting"

    reason = Prose(label="Why it is adjourned", rows=3, required_message="Say why it is adjourned")

    def standing_answers(self):
        return {"reason": " ".join(self.subject.reasons)}
