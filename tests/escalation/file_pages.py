"""Two pages of the tests: one that takes files and says what arrived, and one that takes none."""

from django.http import JsonResponse
from django.urls import include, path

from config.urls import handler400 as handler400
from escalation.files import takes_files


@takes_files
def taking(request):
    files = [
        {"name": each.name, "size": each.size, "fault": each.fault, "kept": each.file is not None}
        for each in request.FILES.getlist("files")
    ]
    return JsonResponse({"files": files, "typed": request.POST.get("typed")})


def taking_none(request):
    return JsonResponse({"files": len(request.FILES), "typed": request.POST.get("typed")})


urlpatterns = [
    path("taking/", taking, name="taking"),
    path("taking-none/", taking_none, name="taking_none"),
    path("", include("config.urls")),
]
