"""That a record is filed on the adult's record in an agency: which, when, by whom, under which reference (R16)."""

from escalation import filing
from escalation.fields import Choices, Day, Text
from escalation.forms.acts import ActForm, mark_of
from escalation.moments import day, london_date
from escalation.stages import BETWEEN, stage_name


class Filed(ActForm):
    """What is said of one filing; `subject` is the agency, or the filing that is put right."""

    submit = "Record the filing"
    guidance = {
        "local_reference": (
            "So that it is found again",
            "Give the number of the adult’s record in your system. Nobody outside the dispute sees it.",
        ),
    }

    filed_on = Day(
        label="When it was filed",
        required_message="Give the date on which it was filed",
        called="The date of the filing",
    )
    local_reference = Text(
        label="Your own reference", max_length=100, width=20, required=False, spellcheck=False, called="The reference"
    )
    filed_by_name = Text(label="Who filed it, if not you", required=False, spellcheck=False, called="The name")

    def standing_answers(self):
        return {"filed_on": self.today}

    def sealed_on(self):
        """The day from which it can have been filed."""
        raise NotImplementedError

    def clean_filed_on(self):
        self.refuse_future("filed_on", "The date of the filing")
        given = self.cleaned_data["filed_on"]
        from_day = self.sealed_on()
        if given and from_day and given < from_day:
            self.add_error("filed_on", f"The date of the filing must not be before it was sealed, {day(from_day)}")
        return given

    def given(self):
        return {name: self.cleaned_data[name] for name in ("filed_on", "local_reference", "filed_by_name")}


class FileRecord(Filed):
    """Which records an agency has filed; `subject` is the agency."""

    field_order = ("records",)
    guidance = {
        **Filed.guidance,
        "records": (
            "The latest is enough",
            "Each record carries the stages before forward. If you have filed earlier ones too, tick them as well.",
        ),
    }

    records = Choices(label="Which record is filed?", required_message="Choose which record is filed")

    def prepare(self):
        self.sealed = filing.sealed(self.dispute)
        waits = sorted(filing.not_filed(self.dispute, self.subject.pk), reverse=True)
        self.fields["records"].choices = [
            (str(number), f"{stage_name(number).capitalize()}, {BETWEEN[number]}") for number in waits
        ]
        latest = max(self.sealed)
        if latest > 1 and latest in waits:
            self.fields["records"].hints = {str(latest): "The latest: it carries the earlier stages forward."}
        self.initial.setdefault("records", [str(waits[0])])
        if self.subject.pk != self.position.agency_id:
            self.fields["local_reference"].label = f"The reference of {self.subject}"
            self.fields["filed_by_name"].label = "Who filed it, or told you so"
            self.fields["filed_by_name"].required = True
            self.fields["filed_by_name"].required_message = "Say who filed it, or told you so"

    def sealed_on(self):
        chosen = [int(number) for number in self.cleaned_data.get("records") or () if int(number) in self.sealed]
        return max((london_date(self.sealed[number].sealed_at) for number in chosen), default=None)

    def stages(self):
        return [int(number) for number in self.cleaned_data["records"]]


class CorrectFiling(Filed):
    """What was recorded of a filing, put right; `subject` is the filing."""

    submit = "Save the correction"

    def standing_answers(self):
        names = ("filed_on", "local_reference", "filed_by_name")
        return {name: getattr(self.subject, name) for name in names}

    def seen(self):
        return mark_of(self.standing_answers())

    def sealed_on(self):
        return london_date(self.subject.record.sealed_at)
