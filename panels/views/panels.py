"""The list of panels, and one panel: who sits, when, and where it stands."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from panels.views.door import load
from panels.views.showing import frame


@require_GET
def panel(request, panel_id):
    """One panel."""
    _, place = load(request, panel_id, timezone.now())
    return render(request, "panels/panel.html", frame(place, "panel"))
