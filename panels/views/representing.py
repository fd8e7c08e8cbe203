"""Representations: the list with what was said, giving one or declining, and the files (R32)."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from escalation.files import takes_files
from escalation.models import StoredFile
from escalation.moments import moment
from escalation.views import sending
from escalation.views.evidence import give
from panels.actions import representing as actions
from panels.bundle import REPRESENTATIONS
from panels.forms.representing import DECLINE, GIVE, RecordAnswer, Represent
from panels.invitations import invitations
from panels.views.asking import Page
from panels.views.door import LARGEST, load
from panels.views.showing import frame


class FilesPage(sending.FilesPage, Page):
    """A page of an act with a panel whose form takes files."""


def find(page, representation_id):
    """The party's invitation, or 404."""
    rows = REPRESENTATIONS.filter(panel=page.panel)
    row = rows.filter(pk=representation_id).first() if representation_id < LARGEST else None
    if row is None:
        raise Http404("Nobody is invited here.")
    row.panel = page.panel
    return row


@require_GET
def representations(request, panel_id):
    """What each party put to the panel: given, declined or not yet."""
    panel, place = load(request, panel_id, timezone.now())
    context = {"invited": invitations(place)}
    return render(request, "panels/representations.html", {**frame(place, "panel_representations"), **context})


@takes_files
def represent(request, panel_id, representation_id):
    """Give a representation for one’s agency, or as the person who raised it; or decline."""
    page = FilesPage(request, panel_id)
    row = find(page, representation_id)
    page.check("give_representation", row)
    with page.keeping():
        actions.refuse_given(row)
    if aside := page.ask(Represent, row):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        if given["way"] == DECLINE:
            page.act(actions.decline_representation, representation=row, reason=given["reason"])
            return page.done("It is recorded that you decline. You can still give one until the panel has decided.")
        page.act(actions.give_representation, representation=row, text=given["text"], files=given["files"])
        late = ["It is late, and marked so."] if page.at > row.due_at else []
        return page.done("Your representation is with the panel.", *page.warnings(), *late)
    who = "Your representation" if row.is_of_referrer else f"The representation of {row}"
    past = " That has passed: it is taken, and marked late." if page.at > row.due_at else ""
    return page.show(title=who, lede=f"The panel asks for it by {moment(row.due_at, page.at)}.{past}")


def record_refusal(request, panel_id, representation_id):
    """The Chair records that a party declines, as it was told; or what it says, where nobody of it has an account."""
    page = Page(request, panel_id)
    row = find(page, representation_id)
    page.check("record_refusal", row)
    with page.keeping():
        actions.refuse_answered(row)
    if aside := page.ask(RecordAnswer, row):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        told = {"representation": row, "name": given["name"], "how": given["how"]}
        if given.get("way") == GIVE:
            page.act(actions.record_representation, text=given["text"], **told)
            return page.done("What this party puts to the panel is recorded.")
        page.act(actions.record_refusal, reason=given["reason"], **told)
        return page.done("It is recorded that this party declines.")
    return page.show(title=f"{row}: record {'their answer' if 'way' in page.form.fields else 'that they decline'}")


@require_safe
def representation_file(request, panel_id, file_id):
    """A file of a representation, to be saved; noted in the trail."""
    at = timezone.now()
    panel, place = load(request, panel_id, at)
    files = StoredFile.objects.filter(dispute=panel.dispute, representations__panel=panel)
    file = files.filter(pk=file_id).first() if file_id < LARGEST else None
    if file is None:
        raise Http404("No such file.")
    return give(request, panel.dispute, place.position, file, at, "downloaded a file of a representation")
