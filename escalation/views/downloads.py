"""Files on their way out: as attachments, of their own type, never shown in place, never cached."""

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from escalation import files


def attachment(file):
    """The answer that holds a StoredFile, by chunks. The view has asked whether it may be opened, and noted that.

    Raises Http404 where it is not released (being checked, or removed), files.Missing where it has got lost.
    """
    if not file.is_released:
        raise Http404("Not released.")
    response = StreamingHttpResponse(files.stream(file), content_type=file.content_type)
    response["Content-Length"] = file.size
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    # Where a browser shows it all the same, it has no rights there, and no part of Resolve's own
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store, private"
    return response
