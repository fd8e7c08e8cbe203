"""A form with every field and every way to lay it out, and its page, at addresses that only these tests have."""

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import include, path

from agencies.models import Agency
from escalation.fields import Choice, Choices, Day, Moment, Pick, Picks, Prose, ProtocolForm, Text, Tick, YesNo
from escalation.layouts import Beside, Box, Pair

HOW = [("phone", "By telephone"), ("person", "In person"), ("video", "By video"), ("writing", "In writing")]


class Sample(ProtocolForm):
    submit = "Save entry"
    later = "Save and come back later"
    guidance = {
        "problem": (
            "Practice, not the person",
            "Name the decision, action or delay.",
            "Leave out opinions of people.",
        ),
        "aim": "Talk it through with your manager first, if you are not sure.",
    }
    follow_ups = {"spoken": {"yes": ["spoken_to", "spoken_at"], "no": ["why_not"]}, "evidence": {"other": ["which"]}}

    problem = Prose(
        label="What the problem is",
        help_text="What you saw, read or were told, and why it is not safe for the adult.",
        required_message="Say what the problem is",
    )
    aim = Prose(label="What you aim to achieve", rows=3, required_message="Say what you aim to achieve")
    name = Text(label="Name of the adult", width=20, spellcheck=False, required_message="Give the adult’s name")
    reference = Text(label="Your case reference", required=False, width=10, max_length=20)
    phone = Text(label="Your telephone number", kind="tel", required=False, width=20)
    needed_by = Day(
        label="Is it needed sooner than one week?",
        help_text="If the adult needs an answer before the target, give the date.",
        required=False,
        called="The needed-by date",
    )
    held_at = Moment(label="When did you talk?", required_message="Give the day and time of the discussion")
    how = Choice(
        label="How did you talk?",
        choices=HOW,
        hints={"writing": "A letter or emails."},
        required_message="Say how you talked",
    )
    category = Choice(
        label="Category",
        choices=[("delay", "Delay"), ("threshold", "Threshold"), ("other", "Other")],
        select=True,
        required_message="Choose the category",
    )
    spoken = YesNo(
        label="Have you spoken to them?",
        inline=False,
        required_message="Say whether you have spoken",
    )
    spoken_to = Text(label="Who you spoke to", required_message="Say who you spoke to")
    spoken_at = Moment(label="When", required_message="Give the day and time you spoke")
    why_not = Prose(label="Why it could not be held", rows=3, required_message="Say why you have not spoken")
    evidence = Choices(
        label="What evidence is there?",
        choices=[("notes", "Case notes"), ("minutes", "Minutes"), ("other", "Something else")],
        hints={"notes": "Yours or another agency’s."},
        required=False,
    )
    which = Text(label="What it is", required_message="Say what the evidence is")
    agency = Pick(Agency.objects.all(), label="The other agency", required_message="Choose the other agency")
    told = Picks(Agency.objects.all(), label="Who is told", required_message="Choose who is told")
    lead = Pick(Agency.objects.all(), label="Who decides", radios=True, required=False)
    sure = Tick(label="I have read the other entry", help_text="It stands above.", required_message="Read it first")
    document = forms.FileField(label="A document", required=False)
    seen_stage = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self):
        if self.cleaned_data.get("reference") == "clash":
            self.add_error(None, "The two answers do not fit together")

    def layout(self):
        return Layout(
            "problem",
            "aim",
            HTML('<h2 class="govuk-heading-m">The adult</h2>'),
            Box(Pair("name", "reference"), "phone"),
            Beside("needed_by", "held_at", guide=("Why one week?", "It is a target: nothing closes when it passes.")),
            Fieldset("The discussion", "how", "spoken", "category"),
            Div("evidence", "agency", "told", "lead", css_class="r-measure"),
            "sure",
            "document",
            "seen_stage",
        )


def sample(request):
    form = Sample(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Your entry is saved.")
        return redirect("sample")
    return render(
        request,
        "escalation/form_page.html",
        {"form": form, "title": "Record your discussion", "caption": "Stage two: manager to manager", "back": "/"},
    )


@login_not_required
def broken(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [
    path("look/sample/", sample, name="sample"),
    path("look/broken/", broken, name="broken"),
    path("", include("config.urls")),
]
handler400 = "config.pages.bad_request"
handler500 = "config.views.server_error"
