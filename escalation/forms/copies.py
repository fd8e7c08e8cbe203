"""Who is given a copy of the record, and who is given a link (R19)."""

from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from agencies.models import Agency, Role, User
from escalation import typed
from escalation.actions.copies import suggested_people
from escalation.fields import Choice, Day, Pick, Picks, Text
from escalation.forms.acts import ActForm
from escalation.models import CopiedHow
from escalation.stages import stage_name

NO_OTHER = (CopiedHow.EMAIL, CopiedHow.POST, CopiedHow.HAND)


def with_agency(person):
    """ "Aisha Rahman, social worker, Adult Social Care"."""
    agencies = dict.fromkeys(str(m.agency) for m in person.memberships.all() if m.agency and m.ended_at is None)
    return ", ".join(filter(None, (person.full_name, person.job_title, *agencies)))


class Email(Text):
    """An email address of one person."""

    def __init__(self, **kwargs):
        super().__init__(kind="email", max_length=254, width=30, spellcheck=False, **kwargs)

    def clean(self, value):
        address = super().clean(value)
        if address:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError("Enter an email address like name@example.org") from error
        return address


class RecordCopy(ActForm):
    """Who has a copy: people concerned, somebody else with an account, or somebody without one."""

    submit = "Record this"
    follow_ups = {
        "who": {
            "concerned": ["people"],
            "account": ["person"],
            "typed": ["name", "job_title", "organisation", "how"],
        }
    }
    guidance = {
        "who": (
            "Who sees it then",
            "Whoever you choose by account can read the dispute here from now on. A typed name sees nothing: you note "
            "that you sent the record yourself.",
            "Share it with those who need it for the adult, and with nobody else.",
        )
    }

    who = Choice(label="Who has a copy?", required_message="Say who has a copy")
    people = Picks(User.objects.none(), label="Which of them", named=with_agency, required_message="Choose who")
    person = Pick(User.objects.none(), label="Person", named=with_agency, required_message="Choose the person")
    name = Text(label="Name", spellcheck=False, required_message="Give the person’s name")
    job_title = Text(label="Job title", required=False)
    organisation = Text(label="Agency or organisation", required_message="Give the agency or organisation")
    how = Choice(
        label="How did they get it?",
        choices=[(how.value, how.label) for how in NO_OTHER],
        required_message="Say how they got it",
    )
    copied_on = Day(label="When?", called="The date of the copy", required_message="Give the date of the copy")

    def standing_answers(self):
        return {"copied_on": self.today}

    def prepare(self):
        suggested = suggested_people(self.dispute, self.position)
        people = User.objects.filter(is_active=True, memberships__ended_at=None)
        people = people.exclude(memberships__role=Role.ADMINISTRATOR).distinct()
        self.fields["people"].queryset = suggested.prefetch_related("memberships__agency")
        self.fields["person"].queryset = people.order_by("full_name", "pk").prefetch_related("memberships__agency")
        choices = [("account", "Somebody else with an account"), ("typed", "Somebody without an account")]
        if suggested.exists():
            choices.insert(0, ("concerned", "People who act here, are named, or lead"))
        self.fields["who"].choices = choices

    def clean(self):
        self.refuse_future("copied_on", "The date of the copy")

    def copy(self):
        """What was given, as the action takes it."""
        given = self.cleaned_data
        on = given["copied_on"]
        when = {"copied_at": None if on == self.today else typed.instant(on, time(12))}
        if given["who"] == "typed":
            return {name: given[name] for name in ("name", "job_title", "organisation", "how")} | when
        return {"people": list(given["people"]) if given["who"] == "concerned" else [given["person"]]} | when


class MakeLink(ActForm):
    """A copy of one sealed record for an outsider, by a link."""

    submit = "Send the link"
    guidance = {
        "email": (
            "What the link does",
            "It works for seven days and shows this one record, nothing else. Each time it is opened, a fresh code "
            "goes to this address. You can withdraw it at any time, and see when it was opened.",
            "Check the address letter by letter: whoever reads its mail can read the record.",
        )
    }

    record = Choice(label="Which record?", coerce=int, empty_value=None, required=False, mark_optional=False)
    name = Text(label="Name", spellcheck=False, required_message="Give the person’s name")
    job_title = Text(label="Job title", required=False)
    organisation = Text(label="Organisation", required_message="Give the organisation, like the name of the surgery")
    email = Email(label="Email address", required_message="Enter an email address like name@example.org")

    def prepare(self):
        sealed = self.subject
        self.fields["record"].choices = [
            (record.pk, f"The record of {stage_name(record.stage.number)}") for record in sealed
        ]
        self.initial.setdefault("record", sealed[0].pk)
        if len(sealed) == 1:
            del self.fields["record"]

    def chosen(self):
        """The record chosen, else the latest, which carries the earlier ones forward."""
        pk = self.cleaned_data.get("record") or self.subject[0].pk
        return next(record for record in self.subject if record.pk == pk)


class AskReply(ActForm):
    """A link for the named person of an agency concerned in which nobody has an account."""

    submit = "Send the link"
    guidance = {
        "email": (
            "What the link does",
            "It works for seven days, until the reply is sent. Its person reads what the agency needs to answer, and "
            "can give the agency’s view and an entry, agree or object to a proposed resolution, and report on its "
            "actions.",
            "What is given by a link counts as the agency’s answer, and is marked so until somebody confirms it.",
        )
    }

    agency = Pick(Agency.objects.none(), label="Which agency?", radios=True, required_message="Choose the agency")
    name = Text(label="Name of the person who answers for it", spellcheck=False, required_message="Give the name")
    job_title = Text(label="Job title", required=False)
    email = Email(label="Email address", required_message="Enter an email address like name@example.org")

    def prepare(self):
        agencies = self.subject
        self.fields["agency"].queryset = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        if len(agencies) == 1:
            self.initial.setdefault("agency", agencies[0].pk)
            named = self.position.named.get((agencies[0].pk, min(self.dispute.stage, 3)))
            if named and not named.person_id:
                self.initial.setdefault("name", named.name)
                self.initial.setdefault("job_title", named.job_title)


class WithdrawLink(ActForm):
    """Withdrawing a link: nothing to fill in."""

    submit = "Withdraw this link"


class ConfirmReply(ActForm):
    """Confirming what an agency gave by a link: nothing to fill in."""

    submit = "Confirm the reply"
