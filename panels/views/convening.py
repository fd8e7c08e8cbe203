"""Pages of convening: the builder, and who sits (R30, R31)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies.models import Agency
from escalation import drafts
from escalation.views import asking
from panels.acted import listed
from panels.actions import convening
from panels.forms import convening as forms
from panels.views.asking import Page


class Builder(asking.Page):
    """The page of a dispute whose panel is not convened yet."""

    def check_convene(self):
        with self.keeping():
            self.position = convening.check_convene(self.dispute, self.position)

    def show(self, **context):
        shown = {"page": self, "form": self.form, "dispute": self.dispute, "position": self.position, "at": self.at}
        return render(self.request, "panels/convene/builder.html", {**shown, **context})


def convene(request, reference):
    """Convene the panel of a dispute at stage four: who must sit, who else sits, when and where."""
    page = Builder(request, reference)
    page.check_convene()
    if page.is_post and "check" in request.POST:
        # As typed, and not judged yet: only whether those chosen are enough
        page.form = forms.Convene(
            as_typed=drafts.typed_in(request.POST), at=page.at, dispute=page.dispute, position=page.position
        )
        return show_builder(page)
    if aside := page.ask(forms.Convene):
        return aside
    if page.is_answered():
        panel = page.act(
            convening.convene, dispute=page.dispute, seats=page.form.seats_given(),
            represent_by=page.form.cleaned_data["represent_by"], **page.form.when(),
        )  # fmt: skip
        messages.success(request, "The panel is convened. Everybody who sits and has an account is invited.")
        without = [each.display_name for each in panel.members.all() if each.person_id is None]
        if without:
            messages.warning(request, f"Invite by other means, and record the answer: {listed(without)} (no account).")
        return redirect("panel", panel_id=panel.pk)
    return show_builder(page)


def show_builder(page):
    return page.show(title="Convene a Resolution Panel")


def add_member(request, panel_id):
    """Add a member: for which agency, then who."""
    page = Page(request, panel_id)
    page.check("add_member")
    taken = [member.agency_id for member in page.place.members]
    chosen = request.GET.get("agency", "")
    if not chosen:
        if aside := page.ask(forms.WhichAgency, taken):
            return aside
        if page.is_answered():
            drafts.drop(page.user, page.name, page.dispute)
            return redirect(f"{request.path}?{urlencode({'agency': page.form.cleaned_data['agency'].pk})}")
        return page.show(title="Which agency sits?")
    agency = Agency.objects.active().exclude(pk__in=taken).filter(pk=number(chosen)).first()
    if agency is None:
        raise Http404("No such agency, or it sits already.")
    page.name = f"{page.name}:{agency.pk}"
    if aside := page.ask(forms.Seat, agency):
        return aside
    if page.is_answered():
        member = page.act(convening.add_member, panel=page.panel, agency=agency, **page.form.seat())
        return page.done(f"{member} sits for {agency}.")
    return page.show(title=f"Who sits for {agency}?")


def number(text):
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def stand_down(request, panel_id, member_id):
    """Stand a member down, with the reason."""
    page = Page(request, panel_id)
    page.check("stand_down")
    member = page.find(page.place.members, member_id)
    if aside := page.ask(forms.StandDown):
        return aside
    if page.is_answered():
        page.act(convening.stand_down, member=member, **page.form.cleaned_data)
        page.done(f"{member} sits no longer.")
        if member.is_concerned:
            messages.warning(request, f"{member.agency} must sit: name somebody else.")
            add = reverse("add_member", kwargs={"panel_id": panel_id})
            return redirect(f"{add}?{urlencode({'agency': member.agency_id})}")
        return redirect("panel", panel_id=panel_id)
    lede = (
        f"{member} sits for {member.agency}. From now on {member} no longer sees this dispute on the panel’s account."
    )
    return page.show(title=f"Stand {member} down", lede=lede, danger=True)


def declare_conflict(request, panel_id):
    """A member's own declaration, given or changed."""
    page = Page(request, panel_id)
    page.check("declare")
    if aside := page.ask(forms.Declare, page.place.member):
        return aside
    if page.is_answered():
        page.act(convening.declare, panel=page.panel, **page.form.cleaned_data)
        return page.done("Your declaration is recorded.")
    return page.show(title="Do you have a conflict of interest?")


def declare_for(request, panel_id, member_id):
    """What a member without an account declared."""
    page = Page(request, panel_id)
    page.check("declare_for")
    member = page.find(page.place.members, member_id)
    with page.keeping():
        convening.refuse_account(member)
    if aside := page.ask(forms.Declare, member):
        return aside
    if page.is_answered():
        page.act(convening.declare_for, member=member, **page.form.cleaned_data)
        return page.done(f"What {member} declared is recorded.")
    return page.show(title=f"What {member} declared")
