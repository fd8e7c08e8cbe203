"""Pages of sittings: answered, arranged, attended and adjourned (R31)."""

from panels.actions import convening
from panels.actions import sittings as actions
from panels.forms import sittings as forms
from panels.permissions import Conflict
from panels.seats import answers_to
from panels.sittings import quorum_of
from panels.views.asking import Page


def answer_invitation(request, panel_id):
    """A member's answer: coming or not, and any conflict of interest."""
    page = Page(request, panel_id)
    page.check("answer")
    sitting = asked(page)
    if aside := page.ask(forms.Invitation, page.place.member):
        return aside
    if page.is_answered():
        declared = page.form.declaration()
        if declared:
            page.act(convening.declare, panel=page.panel, **declared)
        page.act(actions.answer, panel=page.panel, **page.form.answer())
        return page.done("Your answer is recorded.")
    return page.show("answer", title="Can you sit on this panel?", sitting=sitting)


def asked(page):
    """The sitting to which members are invited, or the refusal that there is none."""
    with page.keeping():
        sitting = actions.sitting_ahead(page.panel)
        if sitting is None:
            raise Conflict("No sitting is arranged at present: there is nothing to answer.")
    return sitting


def answer_for(request, panel_id, member_id):
    """The answer of a member without an account."""
    page = Page(request, panel_id)
    page.check("answer_for")
    member = page.find(page.place.members, member_id)
    with page.keeping():
        convening.refuse_account(member)
    sitting = asked(page)
    if aside := page.ask(forms.Answer, member):
        return aside
    if page.is_answered():
        page.act(actions.answer_for, member=member, **page.form.answer())
        return page.done(f"The answer of {member} is recorded.")
    return page.show("answer", title=f"Is {member} coming?", sitting=sitting)


def arrange_sitting(request, panel_id):
    """Arrange a further sitting."""
    page = Page(request, panel_id)
    page.check("arrange")
    with page.keeping():
        actions.refuse_arranged(page.panel)
    if aside := page.ask(forms.Arrange):
        return aside
    if page.is_answered():
        page.act(actions.arrange, panel=page.panel, **page.form.when())
        return page.done("The sitting is arranged, and everybody who sits is invited.")
    return page.show(title="Arrange a sitting")


def of_page(page, sitting_id):
    return page.find(page.panel.sittings.all(), sitting_id)


def rearrange_sitting(request, panel_id, sitting_id):
    """Another time or place; everybody is asked anew."""
    page = Page(request, panel_id)
    page.check("rearrange")
    sitting = of_page(page, sitting_id)
    with page.keeping():
        sitting = actions.arranged(sitting)
        actions.refuse_attended(sitting)
    if aside := page.ask(forms.Rearrange, sitting):
        return aside
    if page.is_answered():
        reason = page.form.cleaned_data["reason"]
        page.act(actions.rearrange, sitting=sitting, reason=reason, **page.form.when())
        return page.done("The sitting is re-arranged. Everybody who sits is asked anew.")
    lede = "Everybody who sits is asked anew whether they come. What was arranged before is kept."
    return page.show(title="Re-arrange the sitting", lede=lede)


def cancel_sitting(request, panel_id, sitting_id):
    """A sitting that is not held."""
    page = Page(request, panel_id)
    page.check("cancel")
    sitting = of_page(page, sitting_id)
    with page.keeping():
        actions.refuse_attended(actions.arranged(sitting))
    if aside := page.ask(forms.Cancel):
        return aside
    if page.is_answered():
        page.act(actions.cancel, sitting=sitting, **page.form.cleaned_data)
        return page.done("The sitting is cancelled, and everybody is told. Arrange another when you can.")
    return page.show(title="Cancel the sitting", danger=True)


def record_attendance(request, panel_id, sitting_id):
    """Who attended for each agency, and how; quorum is worked out from it."""
    page = Page(request, panel_id)
    page.check("record_attendance")
    sitting = of_page(page, sitting_id)
    with page.keeping():
        sitting = actions.held_on(sitting, page.at)
    if aside := page.ask(forms.Attendance, (sitting, page.place.members, answers_to(sitting))):
        return aside
    if page.is_answered():
        quorum = page.act(actions.record_attendance, sitting=sitting, attending=page.form.attending())
        if quorum.is_met:
            return page.done("It is recorded who attended. The panel can decide.")
        return page.done("It is recorded who attended.", f"This panel cannot decide. {' '.join(quorum.reasons)}")
    lede = "Counted are agencies, however they attend: in the room, by video, by telephone, or by somebody named today."
    return page.show(title="Who attended?", lede=lede)


def adjourn_sitting(request, panel_id, sitting_id):
    """Adjourn, with the reason; whoever was absent is told today."""
    page = Page(request, panel_id)
    page.check("adjourn")
    sitting = of_page(page, sitting_id)
    with page.keeping():
        sitting = actions.held_on(sitting, page.at)
        actions.refuse_decided(page.place)
    quorum = quorum_of(sitting, page.position.parties.values())
    if aside := page.ask(forms.Adjourn, quorum):
        return aside
    if page.is_answered():
        page.act(actions.adjourn, sitting=sitting, **page.form.cleaned_data)
        return page.done("The sitting is adjourned, and everybody is told. Arrange a further sitting when you can.")
    return page.show("adjourn", title="Adjourn the sitting", sitting=sitting, quorum=quorum)
