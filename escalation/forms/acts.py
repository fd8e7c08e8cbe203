"""What every form of an act knows: the dispute it is about and where the person stands in it."""

import hashlib
import json

from escalation.fields import Tick
from escalation.forms.parts import KeptSafe, TimedForm


class ActForm(TimedForm):
    """A form about one dispute; `subject` is the request, discussion or proposal it answers."""

    submit = "Save"

    def __init__(self, *args, at, dispute, position, subject=None, as_typed=None, **kwargs):
        self.dispute, self.position, self.subject = dispute, position, subject
        about = {"adult_name": dispute.adult_name, "target_at": dispute.target_at}
        super().__init__(*args, at=at, as_typed=as_typed, **about, **kwargs)
        # What the dispute holds comes first, then what was typed and kept.
        self.initial = {**self.standing_answers(), **self.initial}
        self.prepare()
        if as_typed:
            self.show_again(as_typed)  # in the fields that stand there only now

    def standing_answers(self):
        """The answers as they stand, by field."""
        return {}

    def prepare(self):
        """Adapt the fields to the dispute."""

    def seen(self):
        """A mark of what the page showed, so that it is noticed where that changed meanwhile; else nothing."""
        return ""


def mark_of(values):
    """A short mark of values, the same for the same values."""
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()[:16]


class Confirmed(KeptSafe):
    """What keeps the adult safe meanwhile: shown as it was last said, and to be confirmed (R37)."""

    is_right_today = Tick(
        label="I have checked: this is right today",
        required_message="Check what is keeping the adult safe, and tick that it is right today",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.dispute.adult_died_on:
            for name in KeptSafe.base_fields.keys() | {"is_right_today"}:
                del self.fields[name]

    def standing_answers(self):
        return {"safety": self.dispute.safety, "safety_detail": self.dispute.safety_detail}

    def safety_given(self):
        return {name: self.cleaned_data.get(name, getattr(self.dispute, name)) for name in KeptSafe.base_fields}
