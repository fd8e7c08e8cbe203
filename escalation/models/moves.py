"""What is asked for and decided on the way to the next stage, or to the end."""

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.stages import StageNumber


class RequestState(models.TextChoices):
    OPEN = "open", "Waiting"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    UNANSWERED = "unanswered", "Not answered"
    LAPSED = "lapsed", "Lapsed"


class EscalationRequest(models.Model):
    """An agency's actor asks a manager or lead of the same agency to take the dispute further (R25)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="requests")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Who asked in the place of `asked_by`, as deputy
    deputy = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField()
    # From here the way to the lead is open (R25); with leads only, from here the stage opens unanswered
    way_round_at = models.DateTimeField()
    # Passed to the leads: at once from stage two, by the asker at stage one
    to_lead_at = models.DateTimeField(null=True, blank=True)
    to_lead_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_lead_reason = models.TextField(blank=True)
    lead_answer_due_at = models.DateTimeField(null=True, blank=True)
    after = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "agency"], condition=Q(state="open"), name="one_open_request_per_agency"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="request_state_and_time_together",
            ),
            models.CheckConstraint(
                condition=Q(to_lead_at=None, lead_answer_due_at=None)
                | Q(to_lead_at__isnull=False, lead_answer_due_at__isnull=False),
                name="request_to_lead_and_due_together",
            ),
        ]

    def __str__(self):
        return f"to stage {StageNumber(self.stage + 1).label}"

    @property
    def is_open(self):
        return self.state == RequestState.OPEN

    @property
    def is_with_lead(self):
        return self.to_lead_at is not None

    @property
    def askers(self):
        """Ids of whoever asked: the person, and the deputy who did it for them."""
        return {self.asked_by_id, self.deputy_id} - {None}

    @property
    def next_stage(self):
        return self.stage + 1


class Decision(models.Model):
    """One manager's or lead's answer to a request; the first approval counts, and there is only one."""

    request = models.ForeignKey(EscalationRequest, on_delete=models.PROTECT, related_name="decisions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    approved = models.BooleanField()
    reason = models.TextField()

    history = History()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "by"], name="one_decision_of_each_person"),
            models.UniqueConstraint(fields=["request"], condition=Q(approved=True), name="one_approval_per_request"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_with_reason"),
        ]

    def __str__(self):
        return "approved" if self.approved else "declined"

    @property
    def deciders(self):
        """Ids of whose decision it is: the person's, and where a deputy decided also the person covered."""
        return {self.by_id, self.on_behalf_of_id} - {None}

    @property
    def who(self):
        """'Dora Deputy for Mark Manager'."""
        return f"{self.by} for {self.on_behalf_of}" if self.on_behalf_of_id else str(self.by)


class ProposalState(models.TextChoices):
    OPEN = "open", "Waiting for agreement"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Not agreed"
    VOID = "void", "Void: the dispute moved on"


class Proposal(models.Model):
    """A resolution proposed by an actor of the present stage, with its rationale (R15)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="proposals")
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    resolution = models.TextField()
    rationale = models.TextField()
    # Until then an agency concerned, whose agreement is not needed, may object
    object_by = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dispute"], condition=Q(state="open"), name="one_open_proposal"),
            models.CheckConstraint(condition=~Q(rationale=""), name="proposal_with_rationale"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="proposal_state_and_time_together",
            ),
        ]

    def __str__(self):
        return self.get_state_display()

    @property
    def is_open(self):
        return self.state == ProposalState.OPEN


class AgreedAction(models.Model):
    """Something an agency is to do under a proposed or agreed resolution."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="actions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    due_on = models.DateField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.what


class Reply(models.TextChoices):
    AGREES = "agrees", "Agrees"
    REFUSES = "refuses", "Does not agree"


class Response(models.Model):
    """One agency's answer to a proposal; silence has no row, and reads "no reply"."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="responses")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # By which it was given, where the agency has no account
    link = models.ForeignKey("escalation.Link", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reply = models.CharField(max_length=10, choices=Reply)
    reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "agency"], name="one_response_of_each_agency"),
            models.CheckConstraint(condition=Q(reply="agrees") | ~Q(reason=""), name="refusal_with_reason"),
            models.CheckConstraint(
                condition=Q(by__isnull=False, link=None) | Q(by=None, link__isnull=False),
                name="response_by_a_person_or_a_link",
            ),
        ]

    def __str__(self):
        return f"{self.agency}: {self.get_reply_display()}"

    @property
    def giver(self):
        """Who answered: a name, and where it came by a link that it did."""
        return self.link.giver if self.link_id else self.by.full_name


class Withdrawal(models.Model):
    """At stage four: the owner asks to withdraw, and the Independent Chair consents or not."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="withdrawals")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField()
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    consented = models.BooleanField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute"], condition=Q(decided_at=None), name="one_open_withdrawal"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, consented=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, consented__isnull=False),
                name="withdrawal_decided_by_and_at_together",
            ),
        ]

    def __str__(self):
        return "withdrawal"
