"""Notices: a message is a row before it is an email, written in the transaction of the act that causes it.

Sending claims rows with a lease (conditional update), sends, and marks. A worker that dies between sending and
marking leaves its lease to run out, and the mail goes again with the same Message-ID: at least once, never lost, at
most one double for each death. There is no final give-up; only a server's permanent refusal of one address (5xx) is
final, and is shown. Nothing here knows what a dispute is: a notice carries a reference, a title and a link.
"""

import contextlib
import logging
import secrets
import smtplib
import uuid
from datetime import timedelta
from email.utils import make_msgid
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=10)  # longer than BATCH times EMAIL_TIMEOUT, so that no lease runs out while sending
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
TOGETHER = 3  # more than these for one address at once leave as one email


class NoticeQuerySet(models.QuerySet):
    def unsent(self):
        return self.filter(sent_at=None, refused_at=None)

    def due(self, at):
        return self.unsent().filter(Q(leased_until=None) | Q(leased_until__lt=at), send_after__lte=at)

    def unread(self):
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message for one recipient: shown in the application at once, and sent as email."""

    event = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="notices")
    mailbox = models.EmailField(blank=True)  # a copy for a shared mailbox, which has no account
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    thread = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200)
    stage = models.CharField(max_length=80, blank=True)
    due_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=200)
    is_duty = models.BooleanField(default=False)
    in_digest = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    # Sending: a lease is no fact about the dispute, and has no history
    message_id = models.CharField(max_length=200, unique=True)
    send_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        app_label = "agencies"
        constraints = [
            models.UniqueConstraint(
                F("event"), Coalesce(F("recipient"), 0), F("mailbox"), name="notice_once_for_each_recipient"
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(mailbox=""), name="notice_is_for_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["send_after"], condition=Q(sent_at=None, refused_at=None), name="notice_to_send"),
            models.Index(fields=["recipient", "-written_at", "-id"], name="notice_of_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self):
        return f"{self.kind} {self.reference}"

    @property
    def email(self):
        return self.mailbox or self.recipient.email

    @property
    def link(self):
        return settings.BASE_URL + self.address


def new(**fields):
    """A notice not yet written, with the Message-ID it keeps for good."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return Notice(message_id=make_msgid(domain=domain), **fields)


def write(notices, nudge=True):
    """Write notices down; one written already is left as it is. Mail leaves after the commit, by a sweep."""
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)
        if nudge:
            transaction.on_commit(_nudge, robust=True)


def _nudge():
    """Ask a worker to send now; if the broker is away, the sweep of the next minute sends."""
    from celery import current_app  # noqa: PLC0415 - the web starts without it

    try:
        current_app.send_task("agencies.send_notices", retry=False, ignore_result=True)
    except Exception as error:  # whatever a broker's client raises, no page depends on it
        logger.warning("the broker took no nudge: %s", type(error).__name__)


def send_due(now, most=1000):
    """Send what is due; gives counts. `now` is a function: leases and retries count from when they are taken."""
    counts = {"sent": 0, "refused": 0, "failed": 0}
    while sum(counts.values()) < most:
        batch = claim(now())
        if not batch:
            break
        if not _send_batch(batch, now, counts):
            break
    return counts


def claim(at):
    """Lease the notices that are due, and nobody else's: the update is conditional, so two senders share none."""
    lease = uuid.uuid4()
    due = Notice.objects.due(at).order_by("send_after", "pk").values("pk")[:BATCH]
    ids = [row["pk"] for row in due]
    Notice.objects.due(at).filter(pk__in=ids).update(lease=lease, leased_until=at + LEASE)
    return list(Notice.objects.filter(lease=lease).select_related("recipient").order_by("recipient", "mailbox", "pk"))


def _send_batch(batch, now, counts):
    """Send a batch over one connection, marking each mail as it goes; False where the server is away."""
    connection = get_connection()
    waiting = list(_mails(batch))
    try:
        connection.open()
        while waiting:
            mail, notices = waiting[0]
            outcome = _send(connection, mail)
            waiting.pop(0)
            _mark(notices, outcome, now())
            counts[outcome if outcome in counts else "failed"] += len(notices)
    except (OSError, smtplib.SMTPException) as error:
        # The server, not one address: all that is left tries again, later each time
        left = [notice for _, notices in waiting for notice in notices]
        _mark(left, _code(error), now())
        counts["failed"] += len(left)
        logger.warning("mail server away: %s, %d notices wait", _code(error), len(left))
        return False
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()
    return True


def _mails(batch):
    """What leaves together: one mail for a notice, or one for all of an address where they are many or a digest."""
    for _, group in groupby(batch, key=lambda notice: (notice.recipient_id, notice.mailbox)):
        notices = list(group)
        together = [n for n in notices if n.in_digest] if len(notices) <= TOGETHER else notices
        if len(together) > 1:
            yield _mail(together), together
        else:
            together = []
        for notice in notices:
            if notice not in together:
                yield _mail([notice]), [notice]


def _mail(notices):
    """The email: reference, stage, what is asked, by when, a link; never a name, never a story."""
    first = notices[0]
    context = {"notices": notices, "board_name": settings.BOARD_NAME, "base_url": settings.BASE_URL}
    if len(notices) == 1:
        subject = f"{first.reference}: {first.title}" if first.reference else first.title
    else:
        subject = f"Resolve: {len(notices)} messages"
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("emails/notice.txt", context),
        to=[first.email],
        headers={"Message-ID": first.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    return mail


def _send(connection, mail):
    """Send one mail: "sent", "refused" where the address is refused for good, or what went wrong for now."""
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code = min((code for code, _ in error.recipients.values()), default=0)
        if 500 <= code < 600:
            return "refused"
        return f"SMTP {code}"
    except smtplib.SMTPResponseException as error:
        if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPAuthenticationError):
            raise
        return f"SMTP {error.smtp_code}"
    return "sent"


def _code(error):
    """What went wrong, without whatever words a server or an address would put in."""
    return f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__


def _mark(notices, outcome, at):
    ids = [notice.pk for notice in notices]
    rows = Notice.objects.filter(pk__in=ids)
    if outcome == "sent":
        rows.update(sent_at=at, leased_until=None, attempts=F("attempts") + 1, failure="")
    elif outcome == "refused":
        rows.update(refused_at=at, leased_until=None, attempts=F("attempts") + 1, failure="refused by the server")
    else:
        for notice in notices:
            Notice.objects.filter(pk=notice.pk).update(
                leased_until=None,
                attempts=F("attempts") + 1,
                failure=outcome[:40],
                send_after=at + retry_after(notice.attempts),
            )


def retry_after(attempts):
    """How long to wait after this many failed attempts: doubling up to an hour, with jitter, without end."""
    wait = min(FIRST_RETRY * 2 ** min(attempts, 10), LONGEST_RETRY)
    return wait * (0.75 + secrets.randbelow(500) / 1000)
