"""Notices: a message is a row before it is an email, written in the transaction of the act that causes it.

Sending claims rows with a lease (conditional update), sends, and marks. A worker that dies between sending and
marking leaves its lease to run out, and the mail goes again with the same Message-ID: at least once, never lost, at
most one double for each death. What leaves together as one mail is fixed in the rows (`parcel`) before the first try:
the same Message-ID over other notices would make a mail server drop what it takes for a double.
There is no final give-up; only a server's permanent refusal of one address (5xx) is final, and is shown.
Nothing here knows what a dispute is: a notice carries a reference, a title and a link.
"""

import contextlib
import logging
import secrets
import smtplib
import time
import uuid
from datetime import timedelta
from email.utils import make_msgid
from itertools import count, groupby

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import DatabaseError, InterfaceError, OperationalError, models, transaction
from django.db import connection as database
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from agencies import nudges, rows

logger = logging.getLogger(__name__)

BATCH = 20  # addresses
MOST_TOGETHER = 200  # in one email
LEASE = timedelta(
    seconds=settings.NOTICE_LEASE_SECONDS
)  # renewed before each mail: longer than one takes, each answer within EMAIL_TIMEOUT
NOT_THE_ADDRESS = (530, 535, 538)  # the server asks us to sign in: no fault of the address
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=settings.NOTICE_RETRY_SECONDS), timedelta(hours=1)
OF_OPERATORS = ("unsent", "unchecked")
TOGETHER = 3  # more than these for one address at once leave as one email


class NoticeQuerySet(models.QuerySet):
    def unsent(self):
        return self.filter(sent_at=None, refused_at=None)

    def due(self, at):
        """What may be sent now: neither held by another sender, nor a reminder out of hours."""
        due = self.unsent().filter(Q(leased_until=None) | Q(leased_until__lt=at), send_after__lte=at)
        is_in_hours = import_string(settings.REMINDERS_LEAVE_AT)(at) <= at
        return due if is_in_hours else due.filter(in_hours=False)

    def late(self, at):
        """What has waited for more than an hour since it could first have been sent."""
        hour_ago = at - timedelta(hours=1)
        return self.unsent().filter(Q(send_after__lt=hour_ago) | Q(attempts__gt=0, written_at__lt=hour_ago))

    def unread(self):
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message for one recipient: shown in the application at once, and sent as email."""

    event = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    # Two indexes begin with the recipient
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    mailbox = models.EmailField(blank=True)  # a copy for a shared mailbox, which has no account
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
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
    message_id = models.CharField(max_length=200)
    parcel = models.CharField(max_length=200, blank=True)  # the Message-ID of the mail it leaves in, from the first try
    send_after = models.DateTimeField()
    in_hours = models.BooleanField(default=False)  # leaves in the hours of reminders alone, however late
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
            models.UniqueConstraint(fields=["message_id"], name="notice_message_id_once"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(mailbox=""), name="notice_is_for_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["send_after"], condition=Q(sent_at=None, refused_at=None), name="notice_to_send"),
            models.Index(fields=["recipient", "-written_at", "-id"], name="notice_of_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["refused_at"], condition=Q(refused_at__isnull=False), name="notice_refused"),
            models.Index(fields=["parcel"], condition=Q(sent_at=None, refused_at=None), name="notice_parcel"),
            models.Index(fields=["thread"], name="notice_of_thread"),
            models.Index(fields=["lease"], condition=Q(sent_at=None, refused_at=None), name="notice_lease"),
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
    return Notice(message_id=next(message_ids()), **fields)


def message_ids():
    """Message-IDs that no other mail has, without end: one drawn at random, with a number."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    drawn, _, domain = make_msgid(domain=domain).partition("@")
    for number in count():
        yield f"{drawn}.{number}@{domain}"


def write(notices, nudge=True):
    """Write notices down, or their columns as `rows` takes them; one written already is left as it is.

    Mail leaves after the commit, by a sweep.
    """
    if notices:
        rows.add_if_new(Notice, [vars(each) if isinstance(each, Notice) else each for each in notices])
        if nudge:
            nudges.on_commit("agencies.send_notices")


def send_due(now, most=1000):
    """Send what is due; gives counts. `now` is a function: leases and retries count from when they are taken."""
    counts = {"sent": 0, "refused": 0, "failed": 0}
    while sum(counts.values()) < most:
        batch = claim(now())
        if not batch or not _send_batch(batch, now, counts):
            break
    return counts


def claim(at):
    """Lease notices that are due, and nobody else's: the update is conditional, so two senders share none.

    A claim is by address: with a notice come all others due for it, so that many at once leave as one. The row of
    the person is locked meanwhile, or two senders would each take a part; whom another one holds is passed by.
    """
    lease = uuid.uuid4()
    with transaction.atomic():
        due = Notice.objects.due(at)
        first = list(due.order_by("send_after", "pk").values_list("recipient", "mailbox")[:BATCH])
        if not first:
            return []
        users = get_user_model().objects.filter(pk__in={recipient for recipient, _ in first if recipient})
        mine = list(users.select_for_update(no_key=True, skip_locked=True).order_by("pk").values_list("pk", flat=True))
        boxes = {mailbox for recipient, mailbox in first if not recipient}
        theirs = due.filter(Q(recipient__in=mine) | Q(recipient=None, mailbox__in=boxes))
        ids = list(theirs.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
        due.filter(pk__in=ids).update(lease=lease, leased_until=at + LEASE)
        batch = list(Notice.objects.filter(lease=lease).select_related("recipient").order_by("pk"))
        _bind(batch)
    return batch


def _bind(batch):
    """Fix which notices leave together: one for itself, or all of an address where they are many or a digest."""
    for notice in batch:
        notice.is_fresh = not notice.parcel
    fresh = sorted((n for n in batch if n.is_fresh), key=lambda n: (n.recipient_id or 0, n.mailbox, n.pk))
    alone = []
    for _, group in groupby(fresh, key=lambda notice: (notice.recipient_id, notice.mailbox)):
        notices = list(group)
        together = notices if len(notices) > TOGETHER else [n for n in notices if n.in_digest]
        for start in range(0, len(together) if len(together) > 1 else 0, MOST_TOGETHER):
            bound = together[start : start + MOST_TOGETHER]
            for notice in bound:
                notice.parcel = bound[0].message_id
            Notice.objects.filter(pk__in=[n.pk for n in bound]).update(parcel=bound[0].message_id)
        alone += [notice for notice in notices if not notice.parcel]
    for notice in alone:
        notice.parcel = notice.message_id
    Notice.objects.filter(pk__in=[notice.pk for notice in alone]).update(parcel=F("message_id"))


def _send_batch(batch, now, counts):
    """Send a batch, marking each mail as it goes; False where the server is away, and what is left tries again later.

    A connection that breaks over one mail holds up that mail alone: the others go over a new one. Twice running is
    the server's fault.
    """
    waiting = _parcels(batch)
    connection, broken = None, 0
    try:
        while waiting:
            if broken == 2:
                raise smtplib.SMTPServerDisconnected
            if connection is None:
                connection = get_connection()
                connection.open()
            notices = waiting[0]
            if not _keep(notices, now()):
                waiting.pop(0)
                continue
            outcome, is_broken = _send(connection, notices)
            waiting.pop(0)
            _mark(notices, outcome, now())
            counts[outcome if outcome in counts else "failed"] += len(notices)
            broken = broken + 1 if is_broken else 0
            if is_broken:
                _close(connection)
                connection = None
    except (OSError, smtplib.SMTPException) as error:
        left = [notice for notices in waiting for notice in notices]
        _mark(left, _code(error), now())
        # What was never tried may leave in other company next time
        Notice.objects.unsent().filter(pk__in=[n.pk for n in left if n.is_fresh], lease=left[0].lease).update(parcel="")
        counts["failed"] += len(left)
        logger.warning("mail server away: %s, %d notices wait", _code(error), len(left))
        return False
    finally:
        if connection is not None:
            _close(connection)
    return True


def _close(connection):
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.close()


def _parcels(batch):
    """What leaves together, each and all in the order written."""
    parcels = {}
    for notice in sorted(batch, key=lambda notice: notice.pk):
        parcels.setdefault(notice.parcel, []).append(notice)
    return list(parcels.values())


def _keep(notices, at):
    """Renew the lease just before sending; False where it ran out and another sender has taken over."""
    held = Notice.objects.unsent().filter(pk__in=[notice.pk for notice in notices], lease=notices[0].lease)
    return held.update(leased_until=at + LEASE) == len(notices)


def _mail(notices):
    """The email: reference, stage, what is asked, by when, a link; never a name, never a story."""
    first = notices[0]
    context = {"notices": notices, "board_name": settings.BOARD_NAME, "base_url": settings.BASE_URL}
    if len(notices) == 1:
        subject = f"{first.reference}: {first.title}" if first.reference else first.title
    else:
        subject = f"Resolve: {len(notices)} messages"
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("emails/notice.txt", context),
        to=[first.email],
        headers={"Message-ID": first.parcel, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    return mail


def _send(connection, notices):
    """Send one mail; gives "sent", "refused" for good, or what went wrong for now, and whether the connection broke."""
    try:
        connection.send_messages([_mail(notices)])
    except smtplib.SMTPRecipientsRefused as error:
        code = min((code for code, _ in error.recipients.values()), default=0)
        is_final = 500 <= code < 600 and code not in NOT_THE_ADDRESS
        return "refused" if is_final else f"SMTP {code}", code == 421
    except smtplib.SMTPResponseException as error:
        return _code(error), True
    except (OSError, smtplib.SMTPException) as error:
        return _code(error), True
    except DatabaseError:
        raise
    except Exception as error:  # what cannot be written as a mail holds up no other
        logger.error("a notice cannot be written as a mail: %s", type(error).__name__)
        return type(error).__name__, False
    return "sent", False


def _code(error):
    """What went wrong, without whatever words a server or an address would put in."""
    return f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__


def _mark(notices, outcome, at):
    """Write down how it went. Whoever sent it says so, lease or no lease; a failure speaks for its own lease alone."""
    if not notices:
        return
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    tried = {"leased_until": None, "attempts": F("attempts") + 1}
    if outcome == "sent":
        _in_the_end(lambda: rows.update(sent_at=at, failure="", **tried))
        return
    rows = rows.unsent().filter(lease=notices[0].lease)
    if outcome == "refused":
        rows.update(refused_at=at, failure="refused by the server", **tried)
        return
    for parcel in _parcels(notices):
        later = at + retry_after(max(notice.attempts for notice in parcel))
        rows.filter(parcel=parcel[0].parcel).update(failure=outcome[:40], send_after=later, **tried)


def _in_the_end(write):
    """Write, again and again while the database is away, as long as the lease lasts: unmarked, a mail goes twice."""
    give_up_at = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return write()
        except (InterfaceError, OperationalError):
            if database.in_atomic_block or time.monotonic() > give_up_at:
                raise
            database.close()
            time.sleep(0.2)


def retry_after(attempts):
    """How long to wait after this many failed attempts: doubling up to an hour, with jitter, without end."""
    wait = min(FIRST_RETRY * 2 ** min(attempts, 10), LONGEST_RETRY)
    return wait * (0.75 + secrets.randbelow(500) / 1000)


def check(at):
    """Say so where something has waited unsent for over an hour: in the log, and to whoever can mend it, once a day."""
    late = Notice.objects.late(at).exclude(kind__in=OF_OPERATORS).count()
    if late:
        logger.error("%d notices have waited unsent for over an hour", late)
        tell_operators("unsent", "Emails have waited for over an hour: see how the clockwork goes", at)
    return late


def tell_operators(kind, title, at):
    """Write a notice about the clockwork for the Board Manager and the administrators, once a day for each kind."""
    users = get_user_model().objects.filter(
        memberships__role__in=("board_manager", "administrator"), memberships__ended_at=None, is_active=True
    )
    common = {"kind": kind, "title": title, "address": "/clockwork/", "written_at": at, "send_after": at}
    write([new(event=f"{kind}:{at:%Y-%m-%d}", recipient=user, **common) for user in users.distinct()], nudge=False)
