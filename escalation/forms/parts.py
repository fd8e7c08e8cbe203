"""Fields that raising and changing a dispute share: each is written, and guided, once.

A part is a form by itself, or the parent of one. Every form knows the moment it is filled in (`at`), since a date is
judged by it; and the adult's name, where it is known, so that a question can say it.
"""

from datetime import datetime

from escalation import deadlines
from escalation.fields import Choice, Choices, Day, Prose, ProtocolForm, Text
from escalation.models import Answer, CameToLight, Category, Safety, Told, Urgency
from escalation.moments import day, london_date


class TimedForm(ProtocolForm):
    """A form that knows when it is filled in, and of whom; `[name]` in a label is the adult's name."""

    def __init__(self, *args, at, adult_name="", target_at=None, **kwargs):
        self.at, self.adult_name, self.target_at = at, adult_name, target_at
        super().__init__(*args, **kwargs)
        self.name_adult(adult_name or "the adult")

    def name_adult(self, name):
        for field in self.fields.values():
            if field.label and "[name]" in field.label:
                field.label = field.label.replace("[name]", name)

    @property
    def today(self):
        return london_date(self.at)

    def refuse_future(self, name, thing):
        """Refuse a day or a moment that is still to come."""
        given = self.cleaned_data.get(name)
        if given is None:
            return
        if isinstance(given, datetime):
            if given > self.at:
                self.add_error(name, f"{thing} must not be later than now")
        elif given > self.today:
            self.add_error(name, f"{thing} must be today or earlier")


class Statements(TimedForm):
    """What the problem is, what exactly is disagreed, what is aimed at (R9)."""

    guidance = {
        "problem": (
            "Practice, not the person",
            "Name the decision, action or delay. Leave out what you think of whoever took it.",
            "Write: “The plan was agreed before the assessment was read.” Not: “The coordinator never listens.”",
        ),
        "disagreement": (
            "Be specific",
            "If you disagree about two things, name both. The other agency answers what stands here.",
        ),
        "aim": (
            "Not sure?",
            "Talk it through with your manager, a colleague or your safeguarding lead. You can note that you did. "
            "It does not hold you up.",
        ),
    }

    problem = Prose(
        label="What the problem is",
        help_text="What you saw, read or were told, and why it is not safe for the adult.",
        required_message="Say what the problem is",
    )
    disagreement = Prose(
        label="What exactly you disagree about",
        help_text="The one decision, action or inaction you want changed. One or two sentences.",
        required_message="Say what exactly you disagree about",
        rows=3,
    )
    aim = Prose(
        label="What you aim to achieve",
        help_text="What would have to happen for you to say: this is safe enough.",
        required_message="Say what you aim to achieve",
        rows=3,
    )


class Adult(TimedForm):
    """Whom it concerns: the name, and what else is known and needed (R20, R47)."""

    guidance = {
        "adult_name": (
            "Only the name is needed",
            "The rest helps the other agency to find the right person. Leave out what you do not know.",
        ),
        "speaks_for_adult": "An advocate, attorney, deputy or relative. Say which, and a telephone number.",
    }

    adult_name = Text(
        label="Name of the adult at risk",
        spellcheck=False,
        required_message="Give the name of the adult at risk",
        called="The name",
    )
    adult_born_on = Day(
        label="Date of birth", required=False, called="The date of birth", help_text="For example, 14 2 1938"
    )
    adult_whereabouts = Text(
        label="Where [name] is now", required=False, help_text="A ward, an address, a care home.", called="The place"
    )
    speaks_for_adult = Text(label="Who speaks for [name]", required=False, max_length=300, called="Who speaks for them")
    section_42_reference = Text(
        label="Reference of the section 42 enquiry", required=False, max_length=100, width=20, spellcheck=False
    )
    provider_concerns = Choice(
        label="Is a provider-concerns process open?", required=False, choices=Answer.choices, inline=True
    )

    def clean_adult_born_on(self):
        born_on = self.cleaned_data["adult_born_on"]
        if born_on and born_on > self.today:
            self.add_error("adult_born_on", "The date of birth must be in the past")
        return born_on


class About(TimedForm):
    """What kind of disagreement it is, with the questions of that kind, and how it came to light (R5, R10, R47)."""

    guidance = {
        "category": (
            "Why we ask",
            "The Board learns from the kinds of disagreement that come up. If none fits well, choose “Other”.",
        ),
        "came_to_light": "Choose as many as fit, or none.",
    }
    follow_ups = {
        "category": {
            Category.CLOSURE: [
                "desired_outcome_achieved",
                "desired_outcome_detail",
                "duty_of_care_met",
                "duty_of_care_detail",
            ],
            Category.CAPACITY: [
                "capacity_decision",
                "capacity_assessed_on",
                "capacity_assessed_by",
                "capacity_result",
            ],
        }
    }

    category = Choice(label="What kind of disagreement is it?", choices=Category.choices, required=False)
    desired_outcome_achieved = Choice(
        label="Has the outcome that [name] wanted been achieved?", choices=Answer.choices, required=False, inline=True
    )
    desired_outcome_detail = Prose(label="What you base this on", rows=2, required=False)
    duty_of_care_met = Choice(
        label="Has the duty of care under the Care Act been met?", choices=Answer.choices, required=False, inline=True
    )
    duty_of_care_detail = Prose(label="What you base that on", rows=2, required=False)
    capacity_decision = Prose(label="Which decision is it about?", rows=2, required=False, called="The decision")
    capacity_assessed_on = Day(label="When was capacity assessed?", required=False, called="The date of the assessment")
    capacity_assessed_by = Text(label="By whom?", required=False, called="Who assessed")
    capacity_result = Prose(label="With what result?", rows=2, required=False, called="The result")
    came_to_light = Choices(label="How did it come to light?", choices=CameToLight.choices, required=False)

    def clean_capacity_assessed_on(self):
        assessed_on = self.cleaned_data["capacity_assessed_on"]
        if assessed_on and assessed_on > self.today:
            self.add_error("capacity_assessed_on", "The date of the assessment must be today or earlier")
        return assessed_on


class Impact(TimedForm):
    """The likely impact, how urgent it is, and a shorter date with its reason (R4, R6)."""

    guidance = {
        "urgency": (
            "What urgency changes",
            "Where you say “urgent”, you need not wait for a manager who does not answer: the way to the safeguarding "
            "lead is open at once.",
        ),
        "needed_by_on": (
            "Why one week?",
            "The protocol aims for agreement within one week. It is a target: nothing closes or is refused when it "
            "passes.",
        ),
    }

    impact = Prose(
        label="What the likely impact on [name] is",
        help_text="What happens, or may happen, if nothing changes.",
        required=False,
    )
    urgency = Choice(label="How urgent is it?", choices=Urgency.choices, required=False)
    needed_by_on = Day(
        label="Is it needed sooner than one week?",
        help_text="If the adult needs an answer before the target, give the date.",
        required=False,
        called="The needed-by date",
    )
    needed_by_reason = Text(
        label="Why it is needed by then", help_text="If you give a date, say why.", required=False, max_length=1000
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.target_at:
            question = self.fields["needed_by_on"]
            question.help_text = f"The target is {day(self.target_at)}. If an answer is needed before, give the date."

    def clean_needed_by_on(self):
        needed_by_on = self.cleaned_data["needed_by_on"]
        if needed_by_on and needed_by_on != self.initial.get("needed_by_on"):
            if needed_by_on < self.today:
                self.add_error("needed_by_on", "The needed-by date must be today or later")
            elif self.target_at and deadlines.needed_by_at(needed_by_on) >= self.target_at:
                self.add_error("needed_by_on", f"The needed-by date must be before the target, {day(self.target_at)}")
        return needed_by_on

    def clean_needed_by_reason(self):
        reason = self.cleaned_data["needed_by_reason"]
        if self.cleaned_data.get("needed_by_on") and not reason:
            self.add_error("needed_by_reason", "Say why it is needed by then")
        return reason


class Views(TimedForm):
    """The adult's views where that is appropriate, and whether the adult was told (R38, R46)."""

    guidance = {
        "adult_views": (
            "Only where appropriate",
            "Ask where asking helps and does not add to the risk. Give the adult’s own words if you can.",
        ),
        "adult_told": (
            "Consent is not needed",
            "You may raise a dispute without it. Tell the adult unless that adds to the risk, record any objection, "
            "and share only what is needed.",
        ),
    }
    follow_ups = {"adult_told": {Told.OBJECTS: ["adult_objection"]}}

    adult_views = Prose(label="[name]’s views", rows=4, required=False, called="The adult’s views")
    adult_views_why = Prose(
        label="Why the views were, or were not, asked for",
        rows=2,
        required=False,
        called="Why the views were asked for",
    )
    adult_told = Choice(label="Was [name] told of the dispute?", choices=Told.choices, required=False)
    adult_objection = Prose(label="What [name] objects to", rows=2, required=False, called="The objection")


class KeptSafe(TimedForm):
    """What keeps the adult safe meanwhile: asked at raising and at each escalation (R37)."""

    guidance = {
        "safety": (
            "Every answer counts",
            "“Nothing is in place” and “I do not know” are answers. If somebody is at immediate risk, call 999; report "
            "a new concern to the Safeguarding Adults Team. A dispute does not do that for you.",
        )
    }
    follow_ups = {"safety": {Safety.IN_PLACE: ["safety_detail"]}}

    safety = Choice(
        label="What is keeping [name] safe meanwhile?",
        choices=Safety.choices,
        required_message="Say what is keeping the adult safe meanwhile",
    )
    safety_detail = Prose(
        label="What is in place, and who sees to it",
        rows=3,
        required_message="Say what is in place to keep the adult safe",
    )
