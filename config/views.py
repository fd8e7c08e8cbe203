import logging

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseServerError, JsonResponse
from django.template import TemplateDoesNotExist, loader
from django.utils import timezone

from escalation import health

logger = logging.getLogger(__name__)


@login_not_required
def healthz(request):
    """Alive: answers without touching anything else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def readyz(request):
    """Able to serve: the database must answer; the broker is reported, and no page depends on it."""
    found = {"database": database_answers(), "broker": broker_answers()}
    report = {name: "ok" if answers else "no answer" for name, answers in found.items()}
    report |= ages(timezone.now()) if found["database"] else NO_AGES
    return JsonResponse(report, status=200 if found["database"] else 503)


NO_AGES = {"oldest_unsent_notice_seconds": None, "last_sweep_seconds": None, "oldest_unchecked_file_seconds": None}


def ages(at):
    """How long the oldest notice and file wait, and how long ago the timers ran: reported, no part of being ready."""
    try:
        queue, held = health.queue(at), health.held(at)
    except DatabaseError:
        logger.error("the queue cannot be read")
        return NO_AGES
    ages = dict(zip(NO_AGES, (queue.oldest_waits, queue.since_sweep, held.oldest_waits), strict=True))
    return {name: None if age is None else int(age.total_seconds()) for name, age in ages.items()}


def database_answers():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.error("the database does not answer")
        return False
    return True


def broker_answers():
    if not settings.REDIS_URL:
        return True
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            return client.ping()
    except redis.RedisError:
        logger.error("the broker does not answer")
        return False


def server_error(request):
    """The page for our own fault, drawn without the database, which may be that fault."""
    try:
        template = loader.get_template("500.html")
    except TemplateDoesNotExist:
        return HttpResponseServerError("Something went wrong. What you had typed may not be saved.")
    return HttpResponseServerError(
        template.render(
            {
                "board_name": settings.BOARD_NAME,
                "safeguarding_team_phone": settings.SAFEGUARDING_TEAM_PHONE,
                "emergency_duty_team_phone": settings.EMERGENCY_DUTY_TEAM_PHONE,
            }
        )
    )
