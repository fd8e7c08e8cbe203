"""What is recorded at every stage: entries, views, consultations, the meeting, a concern, a death."""

from datetime import timedelta

from crispy_forms.layout import HTML, Layout
from django.db.models import TextChoices

from escalation.fields import Choice, Day, Moment, Prose, Text
from escalation.forms.acts import ActForm
from escalation.models import EntryOutcome, How, Meeting, paragraphs
from escalation.moments import day, in_london, london_date

MOST_STATEMENTS = 100
OUTCOMES = [(value, label) for value, label in EntryOutcome.choices if value != EntryOutcome.NOT_HELD]
AFTER_NO_AGREEMENT = {
    1: "You can then ask to escalate to stage two.",
    2: "You can then ask to escalate to stage three.",
    3: "You can then send it to the Independent Chair.",
}


WHAT_WAS_SAID = (
    '<h2 class="govuk-heading-m">What was said</h2><p class="govuk-body">Write in one of the two boxes, or in both.</p>'
)


def today_in_boxes(at):
    """Today's date in the boxes, the time left open."""
    local = in_london(at)
    return {"day": local.day, "month": local.month, "year": local.year, "time": ""}


class WriteEntry(ActForm):
    """One's own entry of a discussion already recorded (R11 to R13)."""

    submit = "Save entry"
    later = "Keep as draft"
    follow_ups = {"outcome": {EntryOutcome.AGAIN: ["again_on"]}}
    guidance = {
        "facts": (
            "Fact or opinion?",
            "Fact: “She was found at the bus stop at 3:40am.” Somebody can check it: seen, heard, written down.",
            "Opinion: “She does not understand the risk.” A judgement, yours or somebody else’s.",
            "Both belong here. The mark stays with each statement in every page, print and export.",
        ),
        "opinions": "If you are not sure, it is probably an opinion. Speak of the practice, not of the person.",
        "outcome_reason": (
            "Nothing is typed twice",
            "Your entry goes into the record of this stage and, if you escalate, into the report to the next.",
        ),
    }

    facts = Prose(
        label="Facts (say where from)",
        help_text="Each paragraph is one statement. Put its source and time in brackets: (ward chart, 12 May, 2am).",
        required=False,
        mark_optional=False,
        rows=6,
    )
    opinions = Prose(
        label="Professional opinion",
        help_text="Each paragraph is one statement.",
        required=False,
        mark_optional=False,
        rows=6,
    )
    outcome = Choice(label="What came of it?", choices=OUTCOMES, required_message="Say what came of the discussion")
    again_on = Day(
        label="When do you talk again?",
        called="The date you talk again",
        required_message="Give the date you talk again",
    )
    outcome_reason = Prose(
        label="Why? The reason for this outcome",
        help_text="A few sentences. Whoever reads it later should see how you came to it.",
        required_message="Give the reason for this outcome",
        rows=3,
    )

    def prepare(self):
        self.fields["outcome"].hints = {
            "agreed": "The dispute can end here. You say what was agreed next.",
            "in_part": "You say what is still open.",
            "not_agreed": AFTER_NO_AGREEMENT.get(self.dispute.stage, "") if self.dispute.is_open else "",
            "again": "You give the date.",
        }
        if self.subject and not self.subject.was_held:
            del self.fields["outcome"], self.fields["again_on"]
            self.fields["outcome_reason"].label = "Why, as you saw it, it could not be held"
            self.fields["facts"].mark_optional = self.fields["opinions"].mark_optional = True

    def layout(self):
        fields = super().layout().fields
        if "outcome" in fields:
            fields.insert(fields.index("outcome"), HTML('<h2 class="govuk-heading-m">Outcome</h2>'))
        if not self.subject or self.subject.was_held:
            fields.insert(fields.index("facts"), HTML(WHAT_WAS_SAID))
        return Layout(*fields)

    def clean_again_on(self):
        again_on = self.cleaned_data["again_on"]
        if again_on and again_on < self.today:
            self.add_error("again_on", "The date you talk again must be today or later")
        return again_on

    def clean_facts(self):
        return self._few_statements("facts", "facts")

    def clean_opinions(self):
        return self._few_statements("opinions", "opinions")

    def _few_statements(self, name, words):
        """Refuse what nobody could read, and no printer lay out: a whole file pasted line by line."""
        text = self.cleaned_data[name]
        number = len(paragraphs(text))
        if number > MOST_STATEMENTS:
            self.add_error(
                name,
                f"Your {words} are {number} paragraphs: write {MOST_STATEMENTS} or fewer, each one statement",
            )
        return text

    def clean(self):
        if not self.was_held or self.errors.keys() & {"facts", "opinions"}:
            return
        if not self.cleaned_data.get("facts") and not self.cleaned_data.get("opinions"):
            self.add_error("facts", "Write at least one fact or one opinion")

    @property
    def was_held(self):
        return self.subject.was_held

    def entry(self):
        """What the entry says, as the action takes it."""
        given = self.cleaned_data
        return {
            "facts": given["facts"],
            "opinions": given["opinions"],
            "outcome": given.get("outcome") or EntryOutcome.NOT_HELD,
            "outcome_reason": given["outcome_reason"],
            "again_on": given.get("again_on"),
        }


class RecordDiscussion(WriteEntry):
    """A new discussion, with one's own entry; or why it could not be held (R2, R11, R26)."""

    guidance = {
        **WriteEntry.guidance,
        "how": (
            "Could not reach each other?",
            "Choose “It could not be held” and say why. That counts as your attempt, and the dispute can move on.",
        ),
    }
    follow_ups = {**WriteEntry.follow_ups, "how": {How.NOT_HELD: ["not_held_why"]}}
    field_order = ("how", "not_held_why", "happened_at", "facts", "opinions", "outcome", "again_on", "outcome_reason")

    how = Choice(label="How did you talk?", choices=How.choices, required_message="Say how you talked")
    not_held_why = Prose(
        label="Why it could not be held", rows=3, required_message="Say why the discussion could not be held"
    )
    happened_at = Moment(
        label="When?",
        help_text="If it could not be held: when you last tried.",
        required_message="Give the day and time of the discussion",
        called="The day and time",
    )

    def standing_answers(self):
        return {"happened_at": today_in_boxes(self.at)}

    @property
    def was_held(self):
        return self.data.get("how") != How.NOT_HELD

    def _clean_fields(self):
        if not self.was_held:
            for name in ("outcome", "outcome_reason"):
                self.fields[name].required = False
        super()._clean_fields()

    def clean_happened_at(self):
        happened_at = self.cleaned_data["happened_at"]
        raised_on = london_date(self.dispute.raised_at)
        if happened_at > self.at + timedelta(minutes=1):
            self.add_error("happened_at", "The day and time must not be later than now")
        elif london_date(happened_at) < raised_on:
            self.add_error("happened_at", f"The day must not be before the dispute was raised, {day(raised_on)}")
        return happened_at

    def entry(self):
        given = self.cleaned_data
        entry = {**super().entry(), "how": given["how"], "happened_at": given["happened_at"]}
        if not self.was_held:
            entry |= {"outcome": EntryOutcome.NOT_HELD, "outcome_reason": given["not_held_why"], "again_on": None}
        return entry


class StateView(ActForm):
    """One's agency's own view of the reason for the dispute (R14)."""

    submit = "Save your agency’s view"
    later = "Keep as draft"
    guidance = {
        "view": (
            "Your own side of it",
            "Say how your agency sees the decision, and what it rests on. You need not answer point by point.",
            "It stands beside the other agencies’ views. Nobody else can change it, and you can until the end; "
            "what it said before stays in the history.",
        )
    }

    view = Prose(
        label="How your agency sees the reason for the dispute",
        rows=10,
        required_message="Write your agency’s view",
        called="Your agency’s view",
    )

    def standing_answers(self):
        return {"view": self.position.parties[self.position.agency_id].view}


class RecordConsultation(ActForm):
    """That a colleague, manager or safeguarding professional was consulted (R8, R23)."""

    submit = "Save"
    later = "Keep as draft"
    guidance = {
        "consulted": (
            "Anybody may be asked",
            "In your agency or in another: a colleague, your manager, a named safeguarding professional. It is advice, "
            "not permission.",
        )
    }

    consulted = Text(label="Whom you consulted", spellcheck=False, required_message="Say whom you consulted")
    consulted_role = Text(label="Their job and agency", required=False)
    consulted_on = Day(
        label="When?", called="The date you consulted them", required_message="Give the date you consulted them"
    )
    advice = Prose(label="What they advised", required_message="Say what they advised")

    def standing_answers(self):
        return {"consulted_on": self.today}

    def clean(self):
        self.refuse_future("consulted_on", "The date you consulted them")


class RecordMeeting(ActForm):
    """Whether a multi-disciplinary meeting was held, is arranged, or is not needed, and why (R23)."""

    guidance = {
        "mdt": (
            "Considered, never compulsory",
            "A meeting of all who work with the adult often settles what letters do not. If it would not help, say why "
            "in a line.",
        )
    }
    follow_ups = {
        "mdt": {
            Meeting.HELD: ["held_on", "held_why"],
            Meeting.ARRANGED: ["arranged_on"],
            Meeting.NOT_NEEDED: ["not_needed_why"],
        }
    }

    mdt = Choice(
        label="A multi-disciplinary meeting at this stage",
        choices=Meeting.choices,
        required_message="Say whether a meeting was held, is arranged, or is not needed",
    )
    held_on = Day(label="When was it held?", called="The date of the meeting", required_message="Give its date")
    held_why = Prose(label="What came of it", rows=2, required=False)
    arranged_on = Day(label="When is it?", called="The date of the meeting", required_message="Give its date")
    not_needed_why = Prose(label="Why it is not needed", rows=2, required_message="Say why a meeting is not needed")

    def standing_answers(self):
        stage = self.subject
        return {
            "mdt": stage.mdt,
            "held_on": stage.mdt_on if stage.mdt == Meeting.HELD else None,
            "held_why": stage.mdt_why if stage.mdt == Meeting.HELD else "",
            "arranged_on": stage.mdt_on if stage.mdt == Meeting.ARRANGED else None,
            "not_needed_why": stage.mdt_why if stage.mdt == Meeting.NOT_NEEDED else "",
        }

    def clean(self):
        self.refuse_future("held_on", "The date of the meeting")
        arranged_on = self.cleaned_data.get("arranged_on")
        if arranged_on and arranged_on < self.today:
            self.add_error("arranged_on", "The date of the meeting must be today or later")

    def meeting(self):
        given = self.cleaned_data
        return {
            "mdt": given["mdt"],
            "mdt_on": given["held_on"] or given["arranged_on"],
            "mdt_why": given["held_why"] or given["not_needed_why"],
        }


class ReferConcern(ActForm):
    """That a new concern went to the Safeguarding Adults Team: date and reference (R37)."""

    guidance = {"referred_on": "Report it first, in the usual manner. This page only notes that you did."}

    referred_on = Day(
        label="When did you report it?",
        called="The date you reported it",
        required_message="Give the date you reported it",
    )
    team_reference = Text(
        label="The team’s reference", required=False, max_length=100, width=20, spellcheck=False, called="The reference"
    )

    def standing_answers(self):
        return {"referred_on": self.today}

    def clean(self):
        self.refuse_future("referred_on", "The date you reported it")


class Clock(TextChoices):
    GOES_ON = "on", "The target and the reminders stay"
    STOPS = "off", "The target and the reminders stop"


class RecordDeath(ActForm):
    """That the adult has died; whether targets and reminders stay; the question of a review (R48)."""

    guidance = {
        "clock": (
            "It need not end here",
            "What is disagreed may still matter to others. You choose whether the week goes on counting.",
        ),
        "review_considered": (
            "A Safeguarding Adults Review",
            "The Board must review a death where abuse or neglect is suspected and agencies could have worked better "
            "together. Consider a referral, and note what you decided.",
        ),
    }

    died_on = Day(label="When did [name] die?", called="The date", required_message="Give the date of death")
    clock = Choice(
        label="The one-week target and the reminders",
        choices=Clock.choices,
        required_message="Say whether the target and the reminders stay or stop",
    )
    review_considered = Prose(
        label="Was a referral for a Safeguarding Adults Review considered?",
        help_text="What was decided, by whom, and why.",
        rows=3,
        required=False,
        called="What was decided",
    )

    def standing_answers(self):
        dispute = self.dispute
        if not dispute.adult_died_on:
            return {}
        return {
            "died_on": dispute.adult_died_on,
            "clock": Clock.STOPS if dispute.target_stopped else Clock.GOES_ON,
            "review_considered": dispute.review_considered,
        }

    def clean(self):
        self.refuse_future("died_on", "The date")
        died_on, born_on = self.cleaned_data.get("died_on"), self.dispute.adult_born_on
        if died_on and born_on and died_on < born_on:
            self.add_error("died_on", "The date must not be before the date of birth")
