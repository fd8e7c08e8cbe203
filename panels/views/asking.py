"""How a page of one act with a panel goes: as a page of an act on a dispute does, and back to the panel."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from escalation import drafts
from escalation.views import asking
from panels.views.door import load
from panels.views.showing import frame


class Page(asking.Page):
    """One page about one panel, as its view tells it what to ask, to do and to show."""

    def __init__(self, request, panel_id, *prefetch):
        self.request, self.user = request, request.user
        self.at = timezone.now()
        self.panel, self.place = load(request, panel_id, self.at, *prefetch)
        self.dispute, self.position = self.panel.dispute, self.place.position
        self.name = drafts.form_name(request.resolver_match)
        self.form = self.draft = None

    def check(self, act, subject=None):
        """Refuse whoever may not make the act now (403, 409), keeping what was sent."""
        with self.keeping():
            self.position = self.place.check(act, subject)

    def done(self, said, *more, to="panel"):
        """Back to the panel, or another of its pages, saying what was done."""
        messages.success(self.request, said)
        for each in more:
            messages.warning(self.request, each)
        return redirect(to, panel_id=self.panel.pk)

    def to_dispute(self):
        return redirect("panel", panel_id=self.panel.pk)

    def show(self, template="form", **context):
        """The page, with its form if it has one."""
        shown = {"page": self, "form": self.form, "position": self.position, **frame(self.place), **context}
        return render(self.request, f"panels/acts/{template}.html", shown)
