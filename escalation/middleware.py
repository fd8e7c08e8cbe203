"""Refusals become pages: 404 for what one may not see, 403 for what one may not do, 409 for what came too late."""

from django.http import Http404
from django.shortcuts import render

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
        reference = (request.resolver_match.kwargs if request.resolver_match else {}).get("reference")
        return render(request, template, {"sentence": str(exception), "reference": reference}, status=status)
