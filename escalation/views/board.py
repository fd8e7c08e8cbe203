"""Pages of the Board Manager's own acts, and of how the outcome was conveyed (R28, R29, R35)."""

from escalation import actions
from escalation.forms import board
from escalation.views.asking import Page


def inform_chair(request, reference):
    """Inform the Independent Chair now, or record that it was done already."""
    page = Page(request, reference)
    page.check("inform_chair")
    with page.keeping():
        actions.board.refuse_recorded_chair(page.dispute)
    if aside := page.ask(board.InformChair):
        return aside
    if page.is_answered():
        page.act(actions.inform_chair, dispute=page.dispute, **page.form.given())
        return page.done("It is recorded that the Independent Chair is informed.")
    return page.show(title="Inform the Independent Chair")


def record_involvement(request, reference):
    """Record how the Board Manager was involved in the resolution."""
    page = Page(request, reference)
    page.check("record_involvement")
    with page.keeping():
        actions.board.refuse_recorded_involvement(page.dispute)
    if aside := page.ask(board.Involvement):
        return aside
    if page.is_answered():
        page.act(actions.record_involvement, dispute=page.dispute, **page.form.cleaned_data)
        return page.done("Your involvement is recorded.")
    return page.show(title="Record your involvement", lede="It stands beside the record, and holds nothing up.")


def convey(request, reference):
    """Record that the outcome was conveyed to whoever raised it."""
    page = Page(request, reference)
    page.check("convey")
    with page.keeping():
        actions.board.refuse_open(page.dispute)
    if aside := page.ask(board.Convey):
        return aside
    if page.is_answered():
        page.act(actions.convey, dispute=page.dispute, **page.form.cleaned_data)
        return page.done("It is recorded that the outcome was conveyed.")
    return page.show(title="Record that the outcome was conveyed")
