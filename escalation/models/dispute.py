"""The dispute itself, and the one door through which it is seen."""

import secrets
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When

from agencies.audit import History
from agencies.models import Agency, Role, User
from agencies.worded import numbered
from escalation.models.people import Party, Sight, Why
from escalation.stages import BETWEEN, Outcome, StageNumber


class Category(models.TextChoices):
    """What kind of disagreement it is (R10)."""

    CLOSURE = "closure", "Enquiry closure"
    THRESHOLD = "threshold", "Threshold"
    CAPACITY = "capacity", "Mental capacity"
    DISCHARGE = "discharge", "Hospital discharge"
    DELAY = "delay", "Delay"
    DECISION = "decision", "Decision or judgement"
    NOT_DONE = "not_done", "Action not carried out"
    INFORMATION = "information", "Information sharing"
    WISHES = "wishes", "Adult’s wishes not considered"
    DUTY = "duty", "Legal or procedural duty"
    RESPONSIBILITY = "responsibility", "Responsibility between agencies"
    OTHER = "other", "Other"


class CameToLight(models.TextChoices):
    """How the issue came to light (R5)."""

    OBSERVED = "observed", "Observed"
    READ = "read", "Read"
    DISCUSSED = "discussed", "Discussed"
    HEARD = "heard", "Heard"
    ADULT = "adult", "Told by the adult"
    LAW = "law", "Law"
    PROCEDURE = "procedure", "Procedure or protocol"
    PATHWAY = "pathway", "Pathway"
    GUIDANCE = "guidance", "Best practice guidance"


class Urgency(models.TextChoices):
    """How urgent it is (R6); "urgent" opens the way round a manager at once (R25)."""

    WEEK = "week", "It can wait for the one-week target"
    SOON = "soon", "Soon: within a few days"
    URGENT = "urgent", "Urgent: it cannot wait for one working day"


class Answer(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known or not agreed"


class Safety(models.TextChoices):
    """What is keeping the adult safe meanwhile (R37): every answer is an answer."""

    IN_PLACE = "in_place", "Something is in place"
    NOTHING = "nothing", "Nothing is in place"
    UNKNOWN = "unknown", "I do not know"


class Told(models.TextChoices):
    """Whether the adult was told of the dispute (R46); consent is not needed."""

    TOLD = "told", "The adult was told"
    OBJECTS = "objects", "The adult was told, and objects"
    NOT_YET = "not_yet", "Not yet told"
    RISK = "risk", "Not told, because telling adds to the risk"


class AskedHow(models.TextChoices):
    TELEPHONE = "telephone", "By telephone"
    IN_PERSON = "in_person", "In person"
    PAPER = "paper", "On paper"
    EMAIL = "email", "By email"


def new_reference():
    """A reference that is easy to say on the telephone and tells nothing: 4729-1836."""
    digits = f"{secrets.randbelow(90_000_000) + 10_000_000}"
    return f"{digits[:4]}-{digits[4:]}"


# What the Board sees: a column of the dispute itself, and no id to unite, so that an index gives it in its order
FOR_THE_BOARD = Q(stage__gte=StageNumber.THREE)


def in_state(state, at):
    """The condition that a dispute is open, or past its target, or ended; none for any other state."""
    match state:
        case "open":
            return Q(ended_at=None)
        case "past":
            return Q(ended_at=None, target_at__lt=at, target_stopped=False)
        case "ended":
            return Q(ended_at__isnull=False)
    return Q()


class DisputeQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def ended(self):
        return self.exclude(ended_at=None)

    def past_target(self, at):
        return self.filter(in_state("past", at))

    def in_state(self, state, at):
        """Those that a filter by state lets through: open ones, those past their target, ended ones, or all."""
        return self.filter(in_state(state, at))

    def visible_to(self, user, at, *, each=False):
        """The disputes this person may see at this instant (R44); ids are united, so that each part uses its index.

        With `each` it is asked row by row instead: for a few disputes that are found by other means.
        A deputy sees what the person covered sees; the Board's deputy nothing that concerns the deputy's own agency.
        """
        seen, parts = _seen_for_the_board(user, at), _seen_besides(user, at)
        if each:
            seen = _asked_of_each(seen, parts)
        elif parts:
            first, *others = parts
            # The column stands first: where it lets a row through, the ids are not asked
            seen |= Q(pk__in=first.union(*others, all=True) if others else first)
        return self.filter(seen) if seen else self.none()

    def visible_apart(self, user, at):
        """The same as several querysets, one for each reason, in which a dispute may stand more than once.

        What is wanted is the first few in an order: each is then read by the index that is best for it.
        """
        for_the_board = _seen_for_the_board(user, at)
        found = [self.filter(pk__in=ids) for ids in _seen_besides(user, at)]
        return [self.filter(for_the_board), *found] if for_the_board else found

    def apart_in(self, scope, at):
        """`visible_apart`, for an active person whom nobody has to stand in for, told by the scope alone.

        Of an agency all of whose disputes are seen its parties stand there, for the disputes that they belong to.
        """
        found = [self.filter(pk__in=ids) for ids in _visible_sights(scope, at, besides=scope.whole)]
        found += [Party.objects.filter(agency=agency) for agency in (scope.whole if scope.has_role else ())]
        return [self.for_the_board(), *found] if scope.is_of_board else found

    def for_the_board(self):
        """What the Board sees, whoever asks for it: no deputy."""
        return self.filter(FOR_THE_BOARD)

    def visible_for_the_board(self, user, at):
        """Of these disputes those that this person may see for the Board, or standing in for somebody of the Board."""
        seen = _seen_for_the_board(user, at)
        return self.filter(seen) if seen else self.none()

    def seen_in(self, scope, at):
        """`visible_to` with `each`, for an active person whom nobody has to stand in for, told by the scope alone."""
        seen = _asked_of_each(FOR_THE_BOARD if scope.is_of_board else Q(), _visible_parts(scope, at))
        return self.filter(seen) if seen else self.none()


def _asked_of_each(seen, parts):
    for ids in parts:
        seen |= Q(Exists(ids.filter(dispute=OuterRef("pk"))))
    return seen


def _seen_for_the_board(user, at):
    """What this person sees for the Board at this instant, as a condition on the dispute itself; empty for nothing."""
    seen = Q()
    for person in (user, *user.covered(at)) if user.is_active else ():
        if person.standing.is_of_board:
            seen |= _seen_by_the_board(user, is_deputy=person != user)
    return seen


def _seen_besides(user, at):
    """Ids of what this person sees for any other reason, as queries."""
    people = (user, *user.covered(at)) if user.is_active else ()
    return [part for person in people for part in _visible_parts(Scope.of(person), at)]


@dataclass(frozen=True)
class Scope:
    """By what a person sees disputes: ids of agencies and teams, and whether for the Board."""

    person: int
    agencies: tuple
    teams: tuple  # that the person manages
    whole: tuple  # agencies all of whose disputes are seen
    is_of_board: bool
    has_role: bool

    @classmethod
    def of(cls, person):
        held = person.standing
        ids = (tuple(held.agencies), tuple(held.teams_managed), tuple(whole_agencies(person)))
        return cls(person.pk, *ids, held.is_of_board, bool(held.memberships))

    @property
    def shape(self):
        """How many ids of each there are, and what is no id: people of one shape are asked for in the same words."""
        return len(self.agencies), len(self.teams), len(self.whole), self.is_of_board, self.has_role

    @property
    def ids(self):
        """All ids, each under a name of its own."""
        return numbered((self.person, *self.agencies, *self.teams, *self.whole))

    @classmethod
    def made(cls, shape, ids):
        """The scope of this shape with these ids."""
        agencies, teams, whole, *others = shape
        person, *rest = ids
        return cls(
            person, tuple(rest[:agencies]), tuple(rest[agencies : agencies + teams]), tuple(rest[agencies + teams :]),
            *others,
        )  # fmt: skip


def _seen_by_the_board(user, is_deputy):
    """What reached stage three; for a deputy nothing that concerns the deputy's own agency."""
    if not is_deputy:
        return FOR_THE_BOARD
    own = Party.objects.filter(agency__in=user.standing.agencies).order_by().values("dispute")
    return FOR_THE_BOARD & ~Q(pk__in=own)


def _visible_parts(scope, at):
    """Ids of the disputes a person sees, as queries to unite."""
    yield from _visible_sights(scope, at)
    if scope.has_role and scope.whole:
        yield Party.objects.filter(agency__in=scope.whole).order_by().values("dispute_id")


def _visible_sights(scope, at, besides=()):
    """Ids of the disputes that are seen as one's own or one's team's, not as an agency's; of one's own without those
    that are known to be of these agencies.
    """
    if not scope.has_role:
        return
    # In an agency where one works still. As a case, because whom a row is for and the agency go together: taken for
    # two conditions apart from each other, PostgreSQL expects hardly any row, and looks at every dispute one by one
    own = Case(
        When(agency=None, then=True),
        When(agency__in=scope.agencies, then=True),
        default=False,
        output_field=models.BooleanField(),
    )
    sights = Sight.objects.at(at).filter(own, person=scope.person)
    if besides:
        sights = sights.exclude(is_of_party=True, agency__in=besides)
    yield sights.values("dispute_id")
    if scope.teams:
        yield (
            Sight.objects.at(at)
            .filter(
                agency__teams__in=scope.teams,
                person__memberships__team__in=scope.teams,
                person__memberships__agency=F("agency"),
                person__memberships__ended_at=None,
                # Who supports a dispute, or entered it for somebody else's agency, opens it to nobody
                agency__parties__dispute=F("dispute"),
            )
            .exclude(why=Why.SUPPORTER)
            .values("dispute_id")
        )


def whole_agencies(user):
    """Ids of the agencies all of whose disputes one sees: as lead, as contact, as manager where there are no teams."""
    standing = user.standing
    whole = standing.agencies_as(Role.LEAD) | standing.managed_without_teams
    return whole | {pk for pk, agency in standing.agencies.items() if agency.safeguarding_contact_id == user.pk}


class Dispute(models.Model):
    """A disagreement between agencies about a decision, action or inaction that concerns an adult at risk (R1)."""

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)

    # The adult (R20, R47); only the name is required
    adult_name = models.CharField(max_length=200)
    adult_born_on = models.DateField(null=True, blank=True)
    adult_whereabouts = models.CharField(max_length=200, blank=True)
    speaks_for_adult = models.CharField(max_length=300, blank=True)
    section_42_reference = models.CharField(max_length=100, blank=True)
    provider_concerns = models.CharField(max_length=10, choices=Answer, blank=True)
    adult_died_on = models.DateField(null=True, blank=True)
    review_considered = models.TextField(blank=True)  # a Safeguarding Adults Review (R48)

    # What it is about (R5, R6, R9, R10)
    problem = models.TextField()
    disagreement = models.TextField()
    aim = models.TextField()
    category = models.CharField(max_length=20, choices=Category, blank=True)
    came_to_light = models.JSONField(default=list, blank=True)
    desired_outcome_achieved = models.CharField(max_length=10, choices=Answer, blank=True)
    desired_outcome_detail = models.TextField(blank=True)
    duty_of_care_met = models.CharField(max_length=10, choices=Answer, blank=True)
    duty_of_care_detail = models.TextField(blank=True)
    capacity_decision = models.TextField(blank=True)
    capacity_assessed_on = models.DateField(null=True, blank=True)
    capacity_assessed_by = models.CharField(max_length=200, blank=True)
    capacity_result = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    needed_by_on = models.DateField(null=True, blank=True)
    needed_by_reason = models.TextField(blank=True)

    # The adult's views, and whether the adult was told (R38, R46)
    adult_views = models.TextField(blank=True)
    adult_views_why = models.TextField(blank=True)
    adult_told = models.CharField(max_length=10, choices=Told, blank=True)
    adult_objection = models.TextField(blank=True)

    # What keeps the adult safe meanwhile (R37)
    safety = models.CharField(max_length=10, choices=Safety)
    safety_detail = models.TextField(blank=True)
    safety_confirmed_at = models.DateTimeField()
    safety_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    # The talk before (R2)
    was_discussed = models.BooleanField()
    discussed_by = models.CharField(max_length=200, blank=True)
    discussed_with = models.CharField(max_length=200, blank=True)
    discussed_at = models.DateTimeField(null=True, blank=True)
    discussed_result = models.TextField(blank=True)
    not_discussed_why = models.TextField(blank=True)

    # Who raised it, and for whom (R1, R40, R45)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="raised")
    raising_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="raised")
    raised_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    is_after_event = models.BooleanField(default=False)  # worked through on paper, and entered when it had ended
    for_name = models.CharField(max_length=200, blank=True)
    for_job_title = models.CharField(max_length=200, blank=True)
    for_how = models.CharField(max_length=10, choices=AskedHow, blank=True)
    supporter = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="supports")
    supporter_name = models.CharField(max_length=200, blank=True)
    continues = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="continued_by")

    # Where it stands (R4, R7)
    stage = models.PositiveSmallIntegerField(choices=StageNumber, default=StageNumber.ONE)
    target_at = models.DateTimeField()
    target_stopped = models.BooleanField(default=False)  # by choice, after the adult's death (R48)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    outcome_reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField()

    # moved_at is written with every act, beside the trail; the trail is its history
    history = History(excluded_fields=["moved_at"])
    objects = DisputeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["target_at", "id"], condition=Q(ended_at=None), name="dispute_open_target"),
            models.Index(fields=["-raised_at", "id"], name="dispute_raised"),
            models.Index(fields=["id"], condition=Q(stage=4), name="dispute_with_panel"),
            models.Index(
                fields=["target_at", "id"], condition=Q(stage__gte=3, ended_at=None), name="register_by_target"
            ),
            models.Index(fields=["raised_at", "id"], condition=Q(stage__gte=3), name="register_by_raised"),
            models.Index(fields=["ended_at", "id"], condition=Q(stage__gte=3), name="register_by_end"),
            # Of the register: how many its filters leave, and whether a dispute belongs to it
            models.Index(
                fields=["id"],
                include=[
                    "stage",
                    "category",
                    "urgency",
                    "outcome",
                    "raised_at",
                    "ended_at",
                    "target_at",
                    "target_stopped",
                ],
                condition=Q(stage__gte=3),
                name="register_counted",
            ),
            # What is counted is read from these alone; moved_at stands in none, since every act writes it
            models.Index(
                fields=["stage", "target_at"],
                include=["raised_at", "target_stopped", "urgency"],
                condition=Q(ended_at=None),
                name="dispute_open_figures",
            ),
            models.Index(
                fields=["ended_at"],
                include=["id", "stage", "raised_at", "target_at", "outcome", "is_after_event"],
                condition=Q(ended_at__isnull=False),
                name="dispute_ended_figures",
            ),
            models.Index(
                fields=["raised_at"], include=["id", "raising_agency", "category"], name="dispute_raised_figures"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="dispute_end_and_outcome_together",
            ),
            models.CheckConstraint(condition=Q(stage__gte=1, stage__lte=4), name="dispute_stage_one_to_four"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("raised_at")), name="dispute_ends_after_raised"
            ),
            models.CheckConstraint(
                condition=Q(was_discussed=False) | ~Q(discussed_with=""), name="dispute_discussed_with_somebody"
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_open(self):
        return self.ended_at is None

    @property
    def is_urgent(self):
        return self.urgency == Urgency.URGENT

    @property
    def between(self):
        return BETWEEN[self.stage]

    @property
    def stage_word(self):
        return StageNumber(self.stage).label

    @property
    def referrer_name(self):
        """Who raised it: the person it was raised for, where somebody else entered it (R45)."""
        return self.for_name or self.raised_by.full_name

    @property
    def referrer_job_title(self):
        return self.for_job_title if self.for_name else self.raised_by.job_title

    @property
    def came_to_light_words(self):
        return [CameToLight(value).label for value in self.came_to_light if value in CameToLight.values]
