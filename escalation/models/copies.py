"""Who the record is copied to, and links for people without an account (R19)."""

from django.db import models
from django.db.models import Q

from agencies.audit import History
from agencies.models import Agency, User
from escalation.stages import StageNumber


class CopiedHow(models.TextChoices):
    RESOLVE = "resolve", "Can read it here"
    LINK = "link", "By a link from here"
    EMAIL = "email", "By secure email"
    POST = "post", "By post"
    HAND = "hand", "By hand"


class Copy(models.Model):
    """That somebody has a copy of the record: who, of which agency, when, how (R19, R20)."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="copies")
    record = models.ForeignKey(
        "escalation.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    stage = models.PositiveSmallIntegerField(choices=StageNumber)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=200, blank=True)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=200, blank=True)  # where it is none of the agencies here
    how = models.CharField(max_length=10, choices=CopiedHow)
    copied_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["copied_at", "pk"]
        verbose_name_plural = "copies"
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | ~Q(organisation=""), name="copy_to_an_agency_or_organisation"
            ),
        ]

    def __str__(self):
        return self.name


class LinkKind(models.TextChoices):
    READ = "read", "To read one record"
    REPLY = "reply", "To reply for an agency without accounts"


class LinkQuerySet(models.QuerySet):
    def working(self, at):
        return self.filter(expires_at__gt=at, withdrawn_at=None, used_at=None)


class Link(models.Model):
    """A link for one named person without an account, for seven days; each opening asks for a fresh code."""

    dispute = models.ForeignKey("escalation.Dispute", on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind)
    key = models.CharField(max_length=43, unique=True)  # opaque, in the address; opens nothing without a code
    name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=200, blank=True)
    email = models.EmailField()
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # replies
    copy = models.OneToOneField(Copy, null=True, blank=True, on_delete=models.PROTECT, related_name="link")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_for = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")  # which may withdraw it
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)  # the reply is sent

    history = History()
    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="read") & Q(copy__isnull=False)) | (Q(kind="reply") & Q(agency__isnull=False)),
                name="link_to_a_copy_or_for_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="link_withdrawn_by_and_at_together",
            ),
        ]

    def __str__(self):
        return f"{self.name}, by link"

    def is_working(self, at):
        return self.withdrawn_at is None and self.used_at is None and at < self.expires_at

    @property
    def is_for_reply(self):
        return self.kind == LinkKind.REPLY

    @property
    def whose(self):
        """For which agency or organisation its person stands."""
        if self.agency:
            return str(self.agency)
        return str(self.copy.agency or self.copy.organisation) if self.copy else ""

    @property
    def giver(self):
        """Who gave something by it, and whether that is confirmed: "Ann Lee (by link, not yet confirmed)"."""
        reply = getattr(self, "reply", None)
        confirmed = f"confirmed by {reply.confirmed_by}" if reply and reply.confirmed_at else "not yet confirmed"
        return f"{self.name} (by link, {confirmed})"


def of_link(name):
    """What is read with a row that a link gave, so that `giver` asks the database nothing."""
    return name, f"{name}__reply__confirmed_by"


class LinkCode(models.Model):
    """A code sent to the address of a link: good once, for a few minutes and a few attempts; kept as a digest."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=128)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["link", "-sent_at"], name="code_of_link")]

    def __str__(self):
        return f"code sent {self.sent_at:%Y-%m-%d %H:%M}"


class LinkDraft(models.Model):
    """What the person of a reply link typed and has not sent: no fact about the dispute, and without history."""

    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="draft")
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    def __str__(self):
        return f"draft of link {self.link_id}"


class ActionState(models.TextChoices):
    """What an agency says of the actions that are asked of it."""

    KNOWN = "known", "We know of it, and will do it"
    UNDER_WAY = "under_way", "It is under way"
    DONE = "done", "It is done"
    CANNOT = "cannot", "We cannot do it"


class LinkReply(models.Model):
    """That the person of a reply link has answered for their agency: marked so until somebody confirms it.

    The view, the entry and the answer to a proposal stand in rows of their own, which point to the link; what the
    agency reports of its actions stands here.
    """

    link = models.OneToOneField(Link, on_delete=models.PROTECT, related_name="reply")
    sent_at = models.DateTimeField()
    proposal = models.ForeignKey(
        "escalation.Proposal", null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )  # whose actions the report is about
    action_state = models.CharField(max_length=10, choices=ActionState, blank=True)
    action_report = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = History()

    class Meta:
        verbose_name_plural = "link replies"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="reply_confirmed_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(action_state="", proposal=None) | (~Q(action_state="") & Q(proposal__isnull=False)),
                name="report_about_a_proposal",
            ),
        ]

    def __str__(self):
        return f"reply of {self.link}"

    @property
    def dispute_id(self):
        return self.link.dispute_id
