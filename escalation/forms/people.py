"""Who acts for an agency, and which agencies are concerned."""

from agencies.models import Agency, Membership, Role, User
from escalation.fields import Choice, Pick, Text
from escalation.forms.acts import ActForm

ROLES_AT_STAGE = {
    1: (Role.PRACTITIONER, Role.MANAGER, Role.LEAD),
    2: (Role.MANAGER, Role.LEAD),
    3: (Role.LEAD,),
}


def people_of(agency_id, stage):
    """The people of an agency with an account whose role fits a stage."""
    fitting = Membership.objects.with_account().filter(agency=agency_id, role__in=ROLES_AT_STAGE[stage])
    return User.objects.filter(pk__in=fitting.values("user")).order_by("full_name", "pk")


def with_job_title(person):
    return f"{person.full_name}, {person.job_title}" if person.job_title else person.full_name


class NameSomebody(ActForm):
    """Who acts for an agency at a stage: somebody with an account, or a typed name (R24, R26)."""

    submit = "Name this person"
    follow_ups = {"who": {"account": ["person"], "typed": ["name", "job_title", "phone"]}}
    guidance = {
        "who": (
            "Nothing waits for a name",
            "Until somebody is named, anyone of the agency in the right role can act.",
            "Whoever you choose by account sees the dispute from now on. A typed name sees nothing, and cannot act "
            "here: somebody else of the agency records for them.",
        )
    }

    who = Choice(
        label="Who is it?",
        choices=[("account", "Somebody with an account"), ("typed", "Somebody without an account")],
        required_message="Say whether the person has an account",
    )
    person = Pick(User.objects.none(), label="Person", named=with_job_title, required_message="Choose the person")
    name = Text(label="Name", spellcheck=False, required_message="Give the person’s name")
    job_title = Text(label="Job title", required=False)
    phone = Text(label="Telephone number", kind="tel", max_length=40, width=20, required=False)

    def prepare(self):
        self.fields["person"].queryset = people_of(*self.subject)

    def representative(self):
        """Who was given, as the action takes it."""
        given = self.cleaned_data
        if given["who"] == "account":
            return {"person": given["person"]}
        return {name: given[name] for name in ("name", "job_title", "phone")}


class SuggestSomebody(NameSomebody):
    """Whom the raiser suggests to act for another agency at stage one."""

    submit = "Suggest this person"
    guidance = {
        "who": (
            "A suggestion",
            "The other agency may name somebody else. Whoever you choose by account is told of the dispute and sees it "
            "from now on; a typed name sees nothing.",
        )
    }


class AddAgency(ActForm):
    """Another agency concerned; it is asked for its view (R14)."""

    submit = "Add this agency"
    guidance = {
        "agency": (
            "Only who is concerned",
            "Its leads see the dispute from now on, and it is asked for its view. Share only what is needed.",
        )
    }

    agency = Pick(
        Agency.objects.none(), label="Which agency is concerned too?", required_message="Choose the agency to add"
    )

    def prepare(self):
        self.fields["agency"].queryset = Agency.objects.active().exclude(pk__in=self.position.parties)


class ChooseAgency(ActForm):
    """For which of several agencies a person acts on this dispute, for good."""

    submit = "Act for this agency"

    agency = Choice(label="For which agency do you act?", required_message="Choose the agency you act for", coerce=int)

    def prepare(self):
        self.fields["agency"].choices = [(pk, self.position.parties[pk].agency.name) for pk in self.position.seats]
