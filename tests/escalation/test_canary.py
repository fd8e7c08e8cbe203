"""No adult's name and no free text in any mail, log line or notice, whatever happens to a dispute."""

import logging
from datetime import timedelta

import pytest

from agencies import outbox
from agencies.models import Notice
from escalation import actions, timers
from escalation.models import Urgency
from escalation.stages import Outcome
from tests.cast import DETAILS, RAISED, SAFE, at_stage, raise_dispute, record_discussion
from tests.mail_server import mail_server

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CANARY = "Canary-{}"
TEXTS = {
    name: CANARY.format(name)
    for name in (
        "adult_name", "problem", "disagreement", "aim", "safety_detail", "discussed_by", "discussed_with",
        "discussed_result", "adult_whereabouts", "speaks_for_adult", "impact", "adult_views", "needed_by_reason",
    )
}  # fmt: skip


@pytest.fixture
def mail(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.BOARD_MAILBOX = "board@test.example"
        yield server


def test_no_name_and_no_text_leaves(cast, mail, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    for number in (1, 2, 3, 4):
        dispute = at_stage(cast, number, **TEXTS)
        assert dispute.adult_name == "Canary-adult_name"
    ended = raise_dispute(cast, urgency=Urgency.URGENT, **TEXTS)
    record_discussion(ended, cast.hospital_practitioner, RAISED, facts=CANARY, opinions=CANARY, outcome_reason=CANARY)
    request = actions.ask_escalation(dispute=ended, by=cast.council_practitioner, at=RAISED, reason=CANARY, **SAFE)
    actions.decline(request=request, by=cast.council_manager, at=RAISED, reason=CANARY)
    actions.clarify(dispute=ended, by=cast.council_practitioner, at=RAISED, reason=CANARY)
    ended.refresh_from_db()
    assert ended.outcome == Outcome.CLARIFIED
    for days in range(12):
        timers.sweep(RAISED + days * DAY)
        outbox.send_due(lambda: RAISED + days * DAY)  # noqa: B023 - called at once

    kinds = {notice.kind for notice in Notice.objects.exclude(sent_at=None)}
    assert {"answer_dispute", "inform_chair", "convene", "declined", "ended", "past_target", "no_movement"} <= kinds
    written = [message.as_string() for _, message in mail.arrived]
    written += [part.get_content() for _, message in mail.arrived for part in message.iter_parts()]
    written += [str(value) for row in Notice.objects.values() for value in row.values()]
    written.append(caplog.text)
    assert len(written) > 100
    names = [DETAILS["adult_name"], "Canary"]
    assert not [words for words in written for name in names if name in words]
