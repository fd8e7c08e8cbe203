"""What the tests of links share: a link to read, a link to reply, and how each is opened by its code."""

import re
from datetime import timedelta

from django.utils import timezone

from escalation import actions
from tests import cast as casting
from tests.cast import record_discussion

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CANARY = "Quinnoline Zephyrbird"
GP = {"name": "Dr Hugh Gee", "job_title": "GP", "organisation": "Surgery", "email": "hugh.gee@surgery.example"}


def to_read(cast, at=None, **changes):
    """A link of the council to the record of stage one, for a GP."""
    at = at or timezone.now()
    dispute = casting.at_stage(cast, 2, at - DAY, **changes)
    return actions.make_link(dispute=dispute, by=cast.council_practitioner, at=at, **GP)


def to_reply(cast, at=None, **changes):
    """A link for a small home, concerned and without accounts, while a proposal waits with an action for it."""
    at = at or timezone.now()
    dispute = casting.raise_dispute(cast, at - DAY, **changes)
    record_discussion(dispute, cast.council_practitioner, at - 20 * HOUR)
    link = casting.ask_reply(dispute, cast.council_practitioner, at - HOUR)
    what = [(link.agency, "Write down each night")]
    actions.propose(
        dispute=dispute, by=cast.council_practitioner, at=at - HOUR, resolution="Assess.", rationale="So.", actions=what
    )
    return link


def to_stage_three(cast, dispute, at, reason="Stuck."):
    request = actions.ask_escalation(dispute=dispute, by=cast.council_manager, at=at, reason=reason, **casting.SAFE)
    actions.approve(request=request, by=cast.council_lead, at=at, reason=reason)


def page(link, *parts):
    return "/".join(("", "links", link.key, *parts, ""))


def code_in(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def enter(client, link, mailbox):
    """Ask for a code, and open the link by it."""
    assert client.post(page(link, "code"), {"send": "1"}).status_code == 302
    return client.post(page(link, "code"), {"code": code_in(mailbox[-1])})
