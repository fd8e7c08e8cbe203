"""What is asked of a representation, of declining one, and of a refusal that the Chair was told (R32)."""

from django.conf import settings

from escalation.fields import Choice, Prose, Text
from escalation.forms.acts import ActForm
from escalation.forms.evidence import NOT_SCANNED, SCANNED
from escalation.forms.files import Files
from escalation.models import AskedHow
from panels.actions.representing import speaks_by_others

GIVE, DECLINE = "give", "decline"


class Represent(ActForm):
    """Give a representation, or decline; who has declined can still give one."""

    submit = "Send to the panel"
    later = "Keep as draft"
    follow_ups = {"way": {GIVE: ["text"], DECLINE: ["reason"]}}

    way = Choice(
        label="What do you want to do?",
        choices=[(GIVE, "Give a representation"), (DECLINE, "Decline to give one")],
        hints={DECLINE: "The panel decides on the record and the views as they stand."},
        required_message="Choose whether you give a representation or decline",
    )
    text = Prose(
        label="What you put to the panel",
        help_text="What the panel should know and weigh, and what you ask it to decide.",
        rows=10,
        required_message="Write what you put to the panel",
        called="What you put to the panel",
    )
    reason = Prose(
        label="Why you decline",
        help_text="One sentence is enough: “Our view on the record stands.”",
        rows=3,
        required_message="Say why you decline",
        called="Your reason",
    )
    files = Files(label="Files", required=False, called="The files")

    guidance = {
        "text": (
            "Practice, not the person",
            "Leave out what stands in the record already: the panel has it in front of it. It cannot be changed once "
            "it is sent.",
        ),
    }

    def standing_answers(self):
        return {"way": GIVE}

    def prepare(self):
        if self.subject.declined_at:
            self.fields["way"].choices = [(GIVE, "Give a representation after all")]
        scanned = SCANNED if settings.CLAMD_URL else NOT_SCANNED
        self.guidance = {**self.guidance, "files": ("Before you add files", scanned)}

    def clean(self):
        if self.cleaned_data.get("way") == DECLINE and self.cleaned_data.get("files"):
            self.add_error("files", "Take the files out again: they go with a representation, and you decline")


class RecordAnswer(ActForm):
    """That a party declines, as somebody of it told the Chair; or what it says, where nobody of it has an account."""

    submit = "Record their answer"
    follow_ups = {"way": {GIVE: ["text"], DECLINE: ["reason"]}}

    way = Choice(
        label="What did they say?",
        choices=[(DECLINE, "They decline to give a representation"), (GIVE, "They give one")],
        required_message="Say whether they decline or give one",
    )
    text = Prose(
        label="What they put to the panel",
        help_text="In their own words, as they wrote or told it.",
        rows=10,
        required_message="Write what they put to the panel",
    )

    name = Text(
        label="Who told you?",
        spellcheck=False,
        required_message="Say who told you that they decline",
        called="The name",
    )
    how = Choice(
        label="How?", choices=AskedHow.choices, required_message="Say how you were told", called="How you were told"
    )
    reason = Prose(
        label="Why they decline",
        help_text="If they gave no reason, say so.",
        rows=3,
        required_message="Say why they decline, or that they gave no reason",
        called="The reason",
    )

    field_order = ("name", "how", "way", "text", "reason")

    def prepare(self):
        if not speaks_by_others(self.subject, self.dispute):
            del self.fields["way"], self.fields["text"]
            self.submit = "Record that they decline"
