"""A dispute that was worked through on paper, as its paper record tells it; and that record itself."""

from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError

from agencies.fields import Spoken
from agencies.models import Agency
from escalation import files
from escalation.fields import Choice, Day, Moment, Pick, Picks, Prose, Text
from escalation.files import kinds
from escalation.forms.parts import TimedForm
from escalation.forms.raising import OWN_PROCEDURE, in_words
from escalation.models import Category
from escalation.stages import BETWEEN, Outcome, StageNumber, can_end

ENDS = {
    Outcome.RESOLVED: "Resolved by agreement",
    Outcome.CLARIFIED: "Clarified: no practice issue, or action already under way",
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.DECIDED: "Decided by a Resolution Panel",
}
NO_AGENCY = Agency.objects.none()
NO_TIME = "If the paper gives no time, give 9am."


class AfterEvent(TimedForm):
    """Whom it concerned, who disagreed about what, and how, where and when it ended."""

    submit = "Continue"
    later = "Save and come back later"
    guidance = {
        "adult_name": (
            "Only what has ended",
            "A dispute that still goes on is raised in the usual way, for somebody else if they asked you: then the "
            "clock, the reminders and the next steps work for it.",
        ),
        "problem": (
            "Short is enough",
            "The paper record is attached and tells the rest. A sentence or two here lets others find and count it.",
        ),
        "raised_at": (
            "Its own times",
            "The Board counts it by the dates on the paper. Nobody is reminded of anything, and the target it may have "
            "passed is not flagged.",
        ),
    }

    adult_name = Text(
        label="Name of the adult at risk",
        spellcheck=False,
        required_message="Give the name of the adult at risk",
        called="The name",
    )
    adult_born_on = Day(label="Date of birth", required=False, called="The date of birth")
    raising_agency = Pick(
        NO_AGENCY, label="Which agency raised it?", required_message="Choose the agency that raised it"
    )
    for_name = Text(label="Who raised it", spellcheck=False, required_message="Say who raised it", called="The name")
    for_job_title = Text(label="Their job title", required=False)
    disputed_agency = Pick(
        NO_AGENCY,
        label="Whose decision, action or inaction was it about?",
        required_message="Choose the agency whose decision, action or inaction it was",
    )
    concerned_agencies = Picks(NO_AGENCY, label="Which other agencies were concerned?", required=False)
    category = Choice(label="What kind of disagreement was it?", choices=Category.choices, required=False, select=True)
    problem = Prose(label="What the problem was", rows=2, required_message="Say what the problem was")
    disagreement = Prose(
        label="What exactly was disagreed about", rows=2, required_message="Say what exactly was disagreed about"
    )
    aim = Prose(label="What was to be achieved", rows=2, required_message="Say what was to be achieved")
    discussed_with = Text(
        label="Who was talked to before it was raised", help_text="If the paper says so.", required=False
    )
    safety_detail = Prose(
        label="What kept the adult safe meanwhile", help_text="If the paper says so.", rows=2, required=False
    )
    raised_at = Moment(
        label="When it was raised",
        help_text=NO_TIME,
        required_message="Give the day and time it was raised",
        called="The day and time it was raised",
    )
    stage = Choice(
        label="At which stage did it end?",
        choices=[(str(number), f"Stage {word}: {BETWEEN[number]}") for number, word in StageNumber.choices],
        required_message="Choose the stage at which it ended",
    )
    began_2 = Moment(label="When stage two began", required=False, called="The day and time stage two began")
    began_3 = Moment(label="When stage three began", required=False, called="The day and time stage three began")
    began_4 = Moment(label="When stage four began", required=False, called="The day and time stage four began")
    outcome = Choice(
        label="How did it end?",
        choices=[(outcome.value, words) for outcome, words in ENDS.items()],
        required_message="Say how it ended",
    )
    outcome_reason = Prose(
        label="What was agreed or decided, and why",
        help_text="The outcome and the actions, as the paper has them.",
        rows=4,
        required_message="Say what was agreed or decided, and why",
    )
    ended_at = Moment(
        label="When it ended",
        help_text=NO_TIME.replace("9am", "5pm"),
        required_message="Give the day and time it ended",
        called="The day and time it ended",
    )

    def __init__(self, *args, person, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.active()
        for name in ("raising_agency", "disputed_agency", "concerned_agencies"):
            self.fields[name].queryset = agencies

    def layout(self):
        names = list(self.fields)
        heads = {
            "adult_name": "Whom it concerned",
            "raising_agency": "Who disagreed",
            "category": "What it was about",
            "raised_at": "From its raising to its end",
        }
        rows = []
        for name in names:
            if name in heads:
                rows.append(HTML(f'<h2 class="govuk-heading-m">{heads[name]}</h2>'))
            if name == "began_2":
                rows.append(HTML('<p class="govuk-body">Of the stages after the first, give those it reached.</p>'))
            rows.append(name)
        return Layout(*rows)

    @property
    def number(self):
        """The stage at which it ended; 0 while that is not known."""
        return int(self.cleaned_data.get("stage") or 0)

    @property
    def began(self):
        return [self.cleaned_data.get(f"began_{number}") for number in range(2, self.number + 1)]

    def clean_adult_born_on(self):
        self.refuse_future("adult_born_on", "The date of birth")
        return self.cleaned_data["adult_born_on"]

    def clean(self):
        self._check_agencies()
        self._check_stages()
        self._check_order()

    def _check_agencies(self):
        given = self.cleaned_data
        raising, disputed = given.get("raising_agency"), given.get("disputed_agency")
        if not raising or not disputed:
            return
        if raising == disputed:
            self.add_error("disputed_agency", OWN_PROCEDURE.format(agency=raising.name))
            return
        mine = self.person.standing.agencies_as("manager", "lead")
        if not mine & {agency.pk for agency in (raising, disputed, *given.get("concerned_agencies", ()))}:
            self.add_error(
                "raising_agency", "An agency of which you are manager or lead must be one of those concerned"
            )

    def _check_stages(self):
        if not self.number:
            return
        for number in (2, 3, 4):
            name = f"began_{number}"
            if number <= self.number and not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, f"Give the day and time {self._stage(number)} began")
            if number > self.number and self.cleaned_data.get(name):
                self.add_error(name, f"Leave {self._stage(number)} empty, or choose it as the stage at which it ended")
        outcome = self.cleaned_data.get("outcome")
        if outcome and not can_end(outcome, self.number):
            self.add_error("outcome", f"A dispute cannot end like this at {self._stage(self.number)}")

    def _stage(self, number):
        return f"stage {StageNumber(number).label}"

    def _check_order(self):
        """Each time after the one before, none later than now."""
        names = ["raised_at", *(f"began_{number}" for number in range(2, self.number + 1)), "ended_at"]
        before = None
        for name in names:
            given = self.cleaned_data.get(name)
            if given is None:
                continue
            subject = self.fields[name].called
            if given > self.at:
                self.add_error(name, f"{subject} must not be later than now")
            elif before and given < self.cleaned_data[before]:
                words = self.fields[before].called.removeprefix("The day and time ")
                self.add_error(name, f"{subject} must not be before {words}")
            before = name

    def arguments(self):
        """What the action takes, besides the paper record."""
        given = dict(self.cleaned_data)
        aside = {name: given.pop(name) for name in ("raising_agency", "disputed_agency", "outcome", "outcome_reason")}
        aside["concerned_agencies"] = list(given.pop("concerned_agencies"))
        aside["ended_at"] = given.pop("ended_at")
        aside["began"] = self.began
        details = {name: value for name, value in given.items() if not name.startswith("began_") and name != "stage"}
        return {**aside, "details": details}

    def summary(self):
        """The questions that were answered, as rows of a summary list."""
        rows = [(self.fields[name], self.cleaned_data.get(name), self[name].auto_id) for name in self.fields]
        return [{"key": field.label, "value": in_words(field, value)} for field, value, _ in rows if value]


class PaperInput(forms.FileInput):
    """An input for the files of one paper record."""

    allow_multiple_selected = True

    def __init__(self):
        super().__init__({"multiple": True, "accept": kinds.ACCEPT})

    def value_from_datadict(self, data, given, name):
        return given.getlist(name) if hasattr(given, "getlist") else []


class Papers(Spoken, forms.Field):
    """Files sent together with the last answer; cleaned, a list of Accepted."""

    widget = PaperInput
    ask = "Choose files:"

    def clean(self, value):
        accepted, refused = [], []
        for upload in value or ():
            try:
                accepted.append(files.check(upload))
            except files.FileRefused as error:
                refused.append(str(error))
            except files.CannotCheck:
                refused.append("No files can be taken at present: say where the paper record is kept")
                break
        if refused:
            raise ValidationError(refused)
        return accepted


class PaperRecord(TimedForm):
    """The paper record itself, or where it is kept."""

    submit = "Enter this dispute"
    guidance = {
        "paper": (
            "Word, PDF, or a picture of it",
            "It is kept as evidence, as it is. Everybody concerned in the dispute can open it.",
        ),
    }

    paper = Papers(label="The paper record", required=False, mark_optional=False)
    kept_where = Text(
        label="If you cannot attach it: where it is kept", help_text="Which agency has it, and where.", required=False
    )

    def clean(self):
        if self.errors:
            return
        if not self.cleaned_data.get("paper") and not self.cleaned_data.get("kept_where"):
            self.add_error("paper", "Choose the file of the paper record, or say where it is kept")
