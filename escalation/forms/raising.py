"""The pages on which a dispute is raised, the required ones first, and what they come to together (R1 to R10, R45)."""

from dataclasses import dataclass
from functools import partial

from crispy_forms.layout import Layout
from django.conf import settings
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from agencies.models import Agency, User
from agencies.worded import Worded
from escalation import deadlines
from escalation.fields import Choice, Moment, Pick, Picks, Prose, Text, YesNo
from escalation.forms.parts import About, Adult, Impact, KeptSafe, Statements, TimedForm, Views
from escalation.layouts import Beside
from escalation.models import AskedHow, Dispute
from escalation.moments import age, day_full, day_long, moment_full

FOR_ANOTHER = "another"
NOBODY = User.objects.none
NO_AGENCY = Agency.objects.none
OWN_PROCEDURE = (
    "A disagreement inside {agency} belongs to its own procedure: your manager or safeguarding lead there can help. "
    "Choose the other agency, if one is concerned"
)


def with_job_title(person):
    return f"{person.full_name}, {person.job_title}" if person.job_title else person.full_name


def people_of(agencies, besides):
    """The people with an account in these agencies at present."""
    people = User.objects.filter(
        is_active=True, memberships__agency__in=[agency.pk for agency in agencies], memberships__ended_at=None
    )
    return people.exclude(pk=besides.pk).distinct()


@partial(Worded, is_prepared=True)
def _active_agency(pk):
    return Agency.objects.active().filter(pk=pk).order_by()


class PickAgency(Pick):
    """One of the agencies of the Board."""

    def __init__(self, **kwargs):
        super().__init__(Agency.objects.active, **kwargs)

    def to_python(self, value):
        if not self.is_id(value):
            return super().to_python(value)
        agency = next(iter(_active_agency(pk=int(value))), None)
        if agency is None:
            raise self.refused()
        return agency


class PageForm(TimedForm):
    """A page of raising; it knows what the pages before it say (`raising`)."""

    later = "Save and come back later"

    def __init__(self, *args, raising, **kwargs):
        self.raising = raising
        super().__init__(*args, at=raising.at, adult_name=raising.adult_name, target_at=raising.target_at, **kwargs)
        self.prepare()

    def prepare(self):
        """Fit the questions to the person and to what was said before."""

    def one_or_typed(self, picked, typed_name):
        if self.cleaned_data.get(picked) and self.cleaned_data.get(typed_name):
            self.add_error(typed_name, "Choose from the list, or type a name: not both")


class AdultPage(PageForm):
    """Whom it concerns, who raises it, and whose decision it is about."""

    follow_ups = {"raised_for": {FOR_ANOTHER: ["for_name", "for_job_title", "for_agency", "for_how", "raised_at"]}}

    adult_name = Text(
        label="Name of the adult at risk",
        spellcheck=False,
        required_message="Give the name of the adult at risk",
        called="The name",
    )
    disputed_agency = PickAgency(
        label="Whose decision, action or inaction do you disagree with?",
        help_text="If it is more than one agency, choose the one that decides. You can name others later.",
        required_message="Choose the agency whose decision, action or inaction it is",
    )
    raised_for = Choice(label="Who raises it?", required_message="Say who raises it")
    for_name = Text(label="Their name", spellcheck=False, required_message="Give the name of whoever asked you")
    for_job_title = Text(label="Their job title", required=False)
    for_agency = PickAgency(label="Their agency", required_message="Choose the agency of whoever asked you")
    for_how = Choice(
        label="How they asked you", choices=AskedHow.choices, inline=True, required_message="Say how they asked you"
    )
    raised_at = Moment(
        label="When they asked you",
        help_text="The week runs from then.",
        required_message="Give the day and time they asked you",
        called="The day and time they asked you",
    )

    def prepare(self):
        own = self.raising.own_agencies
        self.fields["raised_for"].choices = [
            *((str(agency.pk), f"I do, for {agency.name}") for agency in own),
            (FOR_ANOTHER, "Somebody without an account, who asked me to"),
        ]
        if len(own) == 1:
            self.initial.setdefault("raised_for", str(own[0].pk))

    @property
    def raising_agency(self):
        """The agency for which it is raised; None while that is not known."""
        raised_for = self.cleaned_data.get("raised_for")
        if raised_for == FOR_ANOTHER:
            return self.cleaned_data.get("for_agency")
        return next((agency for agency in self.raising.own_agencies if str(agency.pk) == raised_for), None)

    def clean_raised_at(self):
        raised_at = self.cleaned_data["raised_at"]
        if raised_at and raised_at > self.at:
            self.add_error("raised_at", "The day and time they asked you must not be later than now")
        elif raised_at and (self.at - raised_at).days > 366:
            self.add_error("raised_at", "The day and time they asked you must be within the last year")
        return raised_at

    def clean(self):
        disputed = self.cleaned_data.get("disputed_agency")
        if disputed and disputed == self.raising_agency:
            self.add_error("disputed_agency", OWN_PROCEDURE.format(agency=disputed.name))


class StatementsPage(Statements, PageForm):
    """What the problem is, the disagreement, the aim (R9)."""


class TalkPage(PageForm):
    """The talk before: who spoke to whom, when, with what result, or why it could not be held (R2)."""

    follow_ups = {
        "was_discussed": {
            "yes": ["discussed_with", "discussed_by", "discussed_at", "discussed_result"],
            "no": ["not_discussed_why"],
        }
    }
    guidance = {
        "was_discussed": (
            "Why we ask",
            "Most disagreements end with a talk. If there was no time, or nobody could be reached, say so and go on: "
            "it does not stop you.",
        ),
    }
    who_answers = (
        "Who answers",
        "Whoever you choose is told now and can see the dispute. If you choose nobody, the agency’s safeguarding "
        "contact is told and finds the person.",
    )

    was_discussed = YesNo(
        label="Have you talked with [agency] about it?",
        yes="Yes, we have talked",
        no="No, the talk could not be held",
        inline=False,
        required_message="Say whether you have talked",
    )
    discussed_with = Text(
        label="Who you talked to",
        help_text="Name and job title.",
        spellcheck=False,
        required_message="Say who you talked to",
    )
    discussed_by = Text(label="Who talked to them", spellcheck=False, required_message="Say who talked to them")
    discussed_at = Moment(
        label="When",
        required_message="Give the day and time you talked",
        called="The day and time you talked",
    )
    discussed_result = Prose(label="With what result", rows=3, required_message="Say what came of the talk")
    not_discussed_why = Prose(
        label="Why it could not be held", rows=3, required_message="Say why you could not talk", called="The reason"
    )
    suggested = Pick(NOBODY, named=with_job_title, label="Who at [agency] should answer you?", required=False)
    suggested_name = Text(
        label="If they are not in the list, their name", required=False, spellcheck=False, called="The name"
    )

    def prepare(self):
        raising, other = self.raising, self.raising.disputed_agency
        for name in ("was_discussed", "suggested"):
            field = self.fields[name]
            field.label = field.label.replace("[agency]", other.name if other else "the other agency")
        if other:
            self.fields["suggested"].queryset = lambda: people_of([other], besides=raising.person)
        self.initial.setdefault("discussed_by", raising.referrer_name)

    def layout(self):
        return Layout("was_discussed", Beside("suggested", "suggested_name", guide=self.who_answers))

    def clean_discussed_at(self):
        discussed_at = self.cleaned_data["discussed_at"]
        if discussed_at and discussed_at > self.at:
            self.add_error("discussed_at", "The day and time you talked must not be later than now")
        return discussed_at

    def clean(self):
        self.one_or_typed("suggested", "suggested_name")


class SafetyPage(KeptSafe, PageForm):
    """What keeps the adult safe meanwhile (R37)."""


class KindPage(About, PageForm):
    """What kind of disagreement it is (R5, R10)."""


class ImpactPage(Impact, PageForm):
    """The impact, the urgency, the needed-by date (R4, R6)."""


class ViewsPage(Views, Adult, PageForm):
    """The adult's views, and what else is known of the adult; the name stands on the first page."""

    guidance = {**Adult.guidance, **Views.guidance}
    adult_name = None
    field_order = ["adult_views", "adult_views_why", "adult_told", "adult_objection"]


class OthersPage(PageForm):
    """Who else is concerned, who supports the referrer (R40), and an earlier dispute that this one follows."""

    guidance = {"concerned_agencies": "Each is asked for its view, and sees the dispute."}
    not_alone = (
        "You need not do this alone",
        "A colleague, your manager or a safeguarding professional can stand by you. Whoever you choose from the list "
        "sees the dispute; a typed name is only noted.",
    )

    concerned_agencies = Picks(NO_AGENCY, label="Which other agencies are concerned?", required=False)
    supporter = Pick(NOBODY, named=with_job_title, label="Who supports you?", required=False)
    supporter_name = Text(
        label="If they are not in the list, their name", required=False, spellcheck=False, called="The name"
    )
    continues = Text(
        label="Reference of an earlier dispute that this one follows",
        help_text="For example, 4729-1836.",
        required=False,
        width=10,
        max_length=20,
        spellcheck=False,
        called="The reference",
    )

    def prepare(self):
        raising = self.raising
        sides = [agency.pk for agency in (raising.raising_agency, raising.disputed_agency) if agency]
        self.fields["concerned_agencies"].queryset = lambda: Agency.objects.active().exclude(pk__in=sides)
        ours = {agency.pk: agency for agency in [*raising.own_agencies, raising.raising_agency] if agency}
        self.fields["supporter"].queryset = lambda: people_of(ours.values(), besides=raising.person)

    def layout(self):
        beside = Beside("supporter", "supporter_name", guide=self.not_alone)
        return Layout("concerned_agencies", beside, "continues")

    def clean_continues(self):
        """The dispute of this reference, if the person may see it."""
        reference = self.cleaned_data["continues"]
        if not reference:
            return None
        digits = "".join(character for character in reference if character in "0123456789")
        seen = Dispute.objects.visible_to(self.raising.person, self.at)
        earlier = seen.filter(reference=f"{digits[:4]}-{digits[4:]}").first()
        if earlier is None:
            self.add_error("continues", "You can see no dispute with this reference: leave it out, or look it up")
        return earlier

    def clean(self):
        self.one_or_typed("supporter", "supporter_name")


@dataclass(frozen=True)
class Page:
    """One page of raising; `about` is what the check page calls it while nothing is answered."""

    name: str
    title: str
    form: type
    about: str
    is_required: bool = False


PAGES = {
    page.name: page
    for page in (
        Page("adult", "Raise a dispute", AdultPage, "The adult and the other agency", is_required=True),
        Page("statements", "What you disagree about", StatementsPage, "What you disagree about", is_required=True),
        Page("talk", "Talking it through", TalkPage, "Talking it through", is_required=True),
        Page("safety", "What keeps [name] safe meanwhile", SafetyPage, "Safety meanwhile", is_required=True),
        Page("kind", "What kind of disagreement it is", KindPage, "Kind of disagreement"),
        Page("impact", "The impact, and how urgent it is", ImpactPage, "Impact and urgency"),
        Page("views", "[name]’s views, and what else is known", ViewsPage, "The adult’s views, and what else is known"),
        Page("others", "Who else is concerned, and who supports you", OthersPage, "Others concerned, and support"),
    )
}
REQUIRED = [name for name, page in PAGES.items() if page.is_required]
# What the pages ask that is not a column of the dispute
ASIDE = ("raised_for", "for_agency", "disputed_agency", "suggested", "suggested_name", "concerned_agencies")


class Raising:
    """A dispute as far as it is written: its pages as they were typed, judged anew at this moment."""

    def __init__(self, person, at, typed_pages):
        self.person, self.at, self.typed_pages = person, at, typed_pages
        self.own_agencies = [agency for agency in person.standing.agencies.values() if agency.is_active]
        self._judged = {}

    # What the pages say so far

    @property
    def adult(self):
        return self.answers("adult")

    # The first page is filled in before it says anything itself
    adult_name = property(lambda self: self.adult.get("adult_name", ""))
    disputed_agency = property(lambda self: self.adult.get("disputed_agency"))
    raised_at = property(lambda self: self.adult.get("raised_at") or self.at)
    referrer_name = property(lambda self: self.adult.get("for_name") or self.person.full_name)

    @property
    def raising_agency(self):
        return self.judged("adult").raising_agency if self.adult else None

    @property
    def target_at(self):
        return deadlines.target(self.raised_at, settings.TARGET_DAYS)

    @property
    def is_unsafe(self):
        """Whether the person said that nothing keeps the adult safe, or that they do not know."""
        return self.answers("safety").get("safety") in ("nothing", "unknown")

    @property
    def is_child(self):
        """Whether the date of birth is that of somebody under 18, for whom other procedures are meant (R46)."""
        born_on = self.answers("views").get("adult_born_on")
        return born_on is not None and age(born_on, self.at) < 18

    # The pages as forms

    def form(self, name, post=None):
        """The page's form, with what is posted, or as it was typed before."""
        form = PAGES[name].form
        before = self if name != "adult" else Blank(self)
        if post is not None:
            return form(post, raising=before)
        return form(as_typed=self.typed_pages.get(name), raising=before)

    def judged(self, name):
        """The page's form with its faults, over what was typed; once for each page."""
        if name not in self._judged:
            typed = MultiValueDict({field: list(texts) for field, texts in self.typed_pages.get(name, {}).items()})
            self._judged[name] = self.form(name, typed)
            self._judged[name].is_valid()
        return self._judged[name]

    def answers(self, name):
        """What a page says, cleaned; nothing while it has a fault or was not reached."""
        if name not in self.typed_pages or not self.judged(name).is_valid():
            return {}
        return self.judged(name).cleaned_data

    def title(self, name):
        return PAGES[name].title.replace("[name]", self.adult_name or "the adult")

    # How far it is

    @cached_property
    def first_missing(self):
        """The first page that is required and not yet complete, or None: then it can be raised."""
        return next((name for name in REQUIRED if not self.answers(name)), None)

    def may_open(self, name):
        """Whether everything a page builds on is there."""
        names = list(PAGES)
        return self.first_missing is None or names.index(name) <= names.index(self.first_missing)

    def after(self, name):
        """The page after this one, or None after the last."""
        names = list(PAGES)
        return next(iter(names[names.index(name) + 1 :]), None)

    def faults(self):
        """The pages that cannot be taken as they stand, with their forms."""
        names = [name for name in PAGES if name in self.typed_pages or PAGES[name].is_required]
        return [(name, self.judged(name)) for name in names if not self.answers(name)]

    def arguments(self):
        """What actions.raise_dispute takes, once there are no faults."""
        answers = {}
        for name in PAGES:
            answers |= self.answers(name)
        return {
            "raising_agency": self.raising_agency,
            "disputed_agency": answers["disputed_agency"],
            "concerned_agencies": list(answers.get("concerned_agencies", ())),
            "suggested": answers["suggested"],
            "suggested_name": answers["suggested_name"],
            "details": {name: value for name, value in answers.items() if name not in ASIDE},
        }

    def summary(self, name):
        """The questions of a page that were answered, with the answers in words."""
        answers = self.answers(name)
        form = self.judged(name)
        return [
            (form.fields[field].label, in_words(form.fields[field], value), form[field].auto_id)
            for field, value in ((field, answers.get(field)) for field in form.fields)
            if value or value is False
        ]


class Blank:
    """What the first page knows of the pages before it: the person, and now."""

    adult_name = ""

    def __init__(self, raising):
        self.person, self.at, self.own_agencies = raising.person, raising.at, raising.own_agencies
        self.target_at = deadlines.target(raising.at, settings.TARGET_DAYS)


def in_words(field, value):
    """An answer as the check page shows it."""
    if isinstance(field, Moment):
        return moment_full(value)
    if hasattr(value, "isoformat"):
        return day_long(value) if field.label == "Date of birth" else day_full(value)
    if isinstance(field, Pick):
        return field.named(value)
    if isinstance(field, Picks):
        return ", ".join(field.named(each) for each in value)
    if isinstance(field, YesNo):
        return dict(field.choices)["yes" if value else "no"]
    if hasattr(field, "choices"):
        labels = dict(field.choices)
        return ", ".join(labels[each] for each in value) if isinstance(value, list) else labels[value]
    return str(value)
