"""Whatever waits for somebody: one kind of row, which home, approvals, chasers and covers read."""

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, When
from django.db.models.functions import Coalesce

from agencies.models import Agency, Role, User
from escalation.models.dispute import Dispute
from escalation.models.moves import EscalationRequest
from escalation.models.people import Party


class DutyKind(models.TextChoices):
    ANSWER_DISPUTE = "answer_dispute", "Read the dispute and talk to the agency that raised it"
    GIVE_VIEW = "give_view", "Give your agency’s view"
    WRITE_ENTRY = "write_entry", "Write your entry for the discussion"
    APPROVE = "approve", "Approve or decline"
    GO_ROUND = "go_round", "Choose another way: your request has not been answered"
    ACT = "act", "Talk to the other agency and record it"
    ANSWER_PROPOSAL = "answer_proposal", "Agree or refuse the proposed resolution"
    SETTLE = "settle", "Record that it is resolved"
    CONVENE = "convene", "Stage four: waiting for you to convene a Resolution Panel"
    CONSENT = "consent", "Consent to the withdrawal, or refuse it"
    INFORM_CHAIR = "inform_chair", "Inform the Independent Chair, and record it"
    BE_INVOLVED = "be_involved", "Record your involvement in the resolution"
    CONVEY = "convey", "Tell the person who raised it how it ended, and record it"
    FILE = "file", "File the record on the adult’s record, and say so"
    REPRESENT = "represent", "Give your agency’s representation to the panel, or decline"
    ACKNOWLEDGE = "acknowledge", "Acknowledge the panel’s decision for your agency"
    TELL_PARTY = "tell_party", "Ask an agency where nobody has an account, and record its answer to the panel"
    DO_ACTION = "do_action", "Do what the panel decided, and record what shows it"
    WRITE_REPORT = "write_report", "Write the panel’s brief report, and seal it"
    PANEL_INVITATION = "panel_invitation", "Say whether you can sit on the Resolution Panel, and declare any conflict"
    PANEL_SITTING = "panel_sitting", "The panel sits: record who attends, and what it decides"
    PANEL_ARRANGE = "panel_arrange", "Arrange when the panel sits"
    PANEL_SIGN_OFF = "panel_sign_off", "Sign off the panel’s decision"
    CONFIRM_REPLY = "confirm_reply", "Confirm what an agency gave by a link"
    NAME_SOMEBODY = "name_somebody", "Name who acts for your agency"


class DutyQuerySet(models.QuerySet):
    def waiting(self, at):
        return self.filter(done_at=None, lapsed_at=None, starts_at__lte=at)

    def of(self, user, at):
        """What waits for this person: named for it, or holding the role in the agency, and able to see the dispute."""
        return self.owned(user, at).filter(dispute__in=Dispute.objects.visible_to(user, at).values("pk"))

    def owned(self, user, at, of_few=False):
        """The same, whether or not the person may see the dispute; for a caller that knows by other means.

        `of_few`: for what reads the duties of few disputes. As a case the condition takes no index of its own: that
        of the owner leads to all that ever waits for a role, of which PostgreSQL expects hardly any.
        """
        owned = owned_by(user, at)
        is_owned = Case(When(owned, then=True), default=False, output_field=models.BooleanField())
        found = self.filter(is_owned if of_few else owned)
        if not user.covered(at):
            return found
        # What waits for somebody covered is shown with their name
        is_own = ExpressionWrapper(_owned_by(user), output_field=models.BooleanField())
        return found.annotate(is_own=is_own).select_related("person")

    def by_urgency(self):
        """Overdue duties first, then the nearest target."""
        return self.order_by(F("due_at").asc(nulls_last=True), "dispute__target_at", "pk")


def owned_by(user, at):
    """The condition that a duty waits for this person, by name or by a role held, or for somebody covered at present.

    A deputy decides no request of their own, and for the Board nothing that concerns the deputy's own agency.
    """
    mine = _owned_by(user)
    for person in user.covered(at):
        theirs = _owned_by(person) & ~(Q(kind=DutyKind.APPROVE) & Exists(_asked_by(user)))
        if person.standing.is_of_board:
            own = Party.objects.filter(dispute=OuterRef("dispute"), agency__in=user.standing.agencies)
            theirs &= ~(Q(agency=None) & Exists(own))
        mine |= theirs
    return mine


def _asked_by(user):
    return EscalationRequest.objects.filter(Q(asked_by=user) | Q(deputy=user), pk=OuterRef("subject_id"))


def _owned_by(user):
    return owned_as(user, held_by(user))


def owned_as(person, held):
    """The condition that a duty waits for a person by name, or for one of the roles that are held."""
    mine = Q(person=person)
    for role, agencies in held:
        mine |= Q(person=None, role=role, agency__in=agencies) if agencies else Q(person=None, role=role, agency=None)
    return mine


def held_by(user):
    """The roles for which duties wait for this person, each with the agencies, or with none for the Board's."""
    standing = user.standing
    found = [(role, standing.agencies_as(role)) for role in (Role.PRACTITIONER, Role.MANAGER, Role.LEAD)]
    contact_of = {pk for pk, agency in standing.agencies.items() if agency.safeguarding_contact_id == user.pk}
    found.append(("", standing.agencies_as(Role.LEAD) | contact_of))
    board = ((Role.BOARD_MANAGER, standing.is_board_manager), (Role.CHAIR, standing.is_chair))
    return [(role, agencies) for role, agencies in found if agencies] + [(role, ()) for role, holds in board if holds]


def which_of(duties, user, at):
    """The ids of those of some duties that wait for this person, or for somebody covered at present."""
    if user.covered(at):  # what a deputy may not do is asked of the database
        return set(Duty.objects.filter(owned_by(user, at), pk__in=[d.pk for d in duties]).values_list("pk", flat=True))
    held = dict(held_by(user))

    def is_mine(duty):
        if duty.person_id:
            return duty.person_id == user.pk
        return duty.role in held and (duty.agency_id in held[duty.role] if duty.agency_id else not held[duty.role])

    return {duty.pk for duty in duties if is_mine(duty)}


class Duty(models.Model):
    """Something that waits: for a person, or for whoever holds a role in an agency or for the Board.

    Without a person and a role it waits for the agency's safeguarding contact: its leads, by default.
    """

    kind = models.CharField(max_length=20)
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="duties")
    # What has been done is found by its dispute, what waits by an index of its own
    agency = models.ForeignKey(
        Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    role = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="duties", db_index=False
    )
    stage = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField(default=0)  # the request, discussion or proposal it is about
    address = models.CharField(max_length=200)
    since = models.DateTimeField()
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    look_at = models.DateTimeField(null=True, blank=True)  # when the timers must look at it next; empty: never again

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        constraints = [
            # Nobody is 0, not NULL: SQLite holds two NULLs to be different
            models.UniqueConstraint(
                F("dispute"),
                F("kind"),
                Coalesce(F("agency"), 0),
                Coalesce(F("person"), 0),
                F("role"),
                F("subject_id"),
                condition=Q(done_at=None, lapsed_at=None),
                name="duty_waits_once",
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(lapsed_at=None), name="duty_done_or_lapsed"),
        ]
        indexes = [
            models.Index(
                fields=["person", "agency", "role", "kind"],
                condition=Q(done_at=None, lapsed_at=None),
                name="duty_owner",
            ),
            models.Index(fields=["dispute"], condition=Q(done_at=None, lapsed_at=None), name="duty_dispute"),
            models.Index(fields=["kind", "agency"], condition=Q(done_at=None, lapsed_at=None), name="duty_kind"),
            models.Index(fields=["look_at"], condition=Q(done_at=None, lapsed_at=None), name="duty_to_look_at"),
        ]

    def __str__(self):
        return self.title

    @property
    def title(self):
        return DutyKind(self.kind).label if self.kind in DutyKind.values else self.kind
