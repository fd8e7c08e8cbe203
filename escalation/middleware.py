"""Refusals become pages: 404 for what one may not see, 403 for what one may not do, 409 for what came too late.

And what is sent after the session ended is kept before the sign-in page takes its place.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from escalation import drafts
from escalation.models import Dispute
from escalation.permissions import Conflict, NotPermitted


class RefusalMiddleware:
    """Answer a refused move with its sentence."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        match exception:
            case Conflict():
                return self.refuse(request, "409.html", 409, exception)
            case NotPermitted():
                return self.refuse(request, "403.html", 403, exception)
            case Dispute.DoesNotExist():
                raise Http404 from exception
        return None

    def refuse(self, request, template, status, exception):
        in_address = (request.resolver_match.kwargs if request.resolver_match else {}).get("reference")
        reference = getattr(exception, "reference", None) or in_address
        context = {
            "sentence": str(exception),
            "reference": reference,
            # What a page of an act says besides (views/asking.py): the texts sent, and that one must choose an agency
            "typed": getattr(exception, "typed", None),
            "must_choose": getattr(exception, "must_choose", False),
        }
        return render(request, template, context, status=status)


class KeepTypedMiddleware:
    """Keep what somebody typed whose session ended meanwhile; it stands on the page again after signing in.

    Before the middleware that refuses a request: then nothing is left to keep. A form whose token is out of date is
    kept by the page that says so (config.pages.csrf_failure).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_anonymous_post = request.method == "POST" and not request.user.is_authenticated
        if is_anonymous_post and drafts.rescue(request, request.resolver_match, timezone.now()):
            again = " Files must be chosen again." if request.content_type == "multipart/form-data" else ""
            messages.info(
                request, f"You had been signed out. What you typed is kept: sign in, and it is there again.{again}"
            )
