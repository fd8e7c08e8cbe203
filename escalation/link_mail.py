"""The email that carries a code: sent at once, and in no row.

It does not go through the outbox, whose rows hold what they say and are tried again for days: a code is good for ten
minutes, and its digits may stand nowhere but in this one email. If the mail server does not take it now, whoever asked
is told so, and asks again.
"""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from escalation import links

logger = logging.getLogger(__name__)


def send_code(link, reference, code):
    """Send a code to the address of a link; False where the mail server does not take it."""
    context = {
        "code": code,
        "reference": reference,
        "minutes": int(links.CODE_LASTS.total_seconds() // 60),
        "board_name": settings.BOARD_NAME,
    }
    mail = EmailMessage(
        # No digits here: subjects stand in the logs of mail servers
        subject=f"{reference}: your code for Resolve",
        body=render_to_string("emails/code.txt", context),
        to=[link.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("a code for link %d was not sent: %s", link.pk, type(error).__name__)
        return False
    return True
