"""Pages that need no account, and the page for what could not be read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.shortcuts import render
from django.utils import timezone

from escalation import drafts
from escalation.files import receiving


@login_not_required
def guidance(request):
    """The protocol in plain words."""
    return render(request, "pages/guidance.html", {"target_days": settings.TARGET_DAYS})


@login_not_required
def accessibility(request):
    return render(request, "pages/accessibility.html")


@login_not_required
def privacy(request):
    return render(request, "pages/privacy.html")


def bad_request(request, exception):
    """The page for what could not be read: too much of it (413), or not as it should be (400)."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        too_big = isinstance(exception, RequestDataTooBig)
        context = {
            "megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2 if too_big else None,
            "files": settings.EVIDENCE_FILES_AT_ONCE if receiving.is_wanted(request) else None,
            "file_megabytes": settings.EVIDENCE_FILE_MAX_MB,
        }
        return render(request, "413.html", context, status=413)
    return render(request, "400.html", status=400)


def csrf_failure(request, reason=""):
    """The page for a form that was open too long; what was typed is kept for whoever the form was given to."""
    match = request.resolver_match
    is_kept = bool(match) and drafts.rescue(request, match, timezone.now())
    return render(request, "403_csrf.html", {"is_kept": is_kept}, status=403)
