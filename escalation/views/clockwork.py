"""How the clockwork goes, for the Board Manager and administrators."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from escalation import health


@require_GET
def clockwork(request):
    """When the timers last ran, what waits, and which addresses were refused. No dispute is shown."""
    at = timezone.now()
    if not health.may_see(request.user, at):
        raise PermissionDenied
    context = {
        "queue": health.queue(at),
        "held": health.held(at),
        "is_scanned": bool(settings.CLAMD_URL),
        "refused": health.refused(),
    }
    return render(request, "escalation/clockwork.html", context)
