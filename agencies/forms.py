"""Forms of the people pages; drawn by the pack, as all forms are."""

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Q

from agencies.fields import Choice, Pick, Text
from agencies.models import BOARD_ROLES, Agency, Role, Team, User


class PeopleForm(forms.Form):
    """What the forms of people and agencies share."""

    use_required_attribute = False
    submit = "Save"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def refuse(self, sentence):
        """Show why a change was not made, at the top of the form."""
        self.add_error(None, sentence)


def name_field(label, missing, max_length=120):
    return Text(label=label, max_length=max_length, required_message=missing, spellcheck=False)


def phone_field():
    return Text(label="Telephone", max_length=40, required=False)


class AgencyForm(PeopleForm):
    name = name_field("Name of the agency", "Enter the agency’s name")
    phone = phone_field()

    def __init__(self, *args, agency=None, **kwargs):
        self.agency = agency
        super().__init__(*args, **kwargs)

    def clean_name(self):
        name = self.cleaned_data["name"]
        if Agency.objects.filter(name__iexact=name).exclude(pk=getattr(self.agency, "pk", None)).exists():
            raise forms.ValidationError("There is an agency of this name already")
        return name


class AgencyChangeForm(AgencyForm):
    safeguarding_contact = Pick(
        User.objects.none(),
        label="Safeguarding contact",
        required=False,
        empty_label="The safeguarding leads (the usual way)",
        help_text="Told of each new dispute with this agency; acts where it has no lead.",
        error_messages={"invalid_choice": "Choose one of the agency’s people"},
    )
    is_active = forms.BooleanField(label="Takes part: disputes can be raised with it", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["safeguarding_contact"].queryset = User.objects.filter(
            is_active=True, memberships__agency=self.agency, memberships__ended_at=None
        ).distinct()


class TeamForm(PeopleForm):
    name = name_field("Name of the team", "Enter the team’s name")

    def __init__(self, *args, agency, **kwargs):
        self.agency = agency
        super().__init__(*args, **kwargs)

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.agency.teams.filter(name__iexact=name).exists():
            raise forms.ValidationError("The agency has a team of this name already")
        return name


class PersonForm(PeopleForm):
    full_name = name_field("Full name", "Enter the person’s name")
    job_title = Text(label="Job title", max_length=120, required=False)
    phone = phone_field()


class NewPersonForm(PersonForm):
    email = forms.EmailField(
        label="Email address",
        help_text="The person signs in with it, and sets a password by “I have forgotten my password”.",
        error_messages={
            "required": "Enter an email address",
            "invalid": "Enter an email address like name@example.org",
        },
    )
    field_order = ["email"]

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("There is an account with this email address already")
        return email


class EmailsForm(PeopleForm):
    """How emails come; what waits for the person comes at once, whatever is chosen."""

    wants_digest = Choice(
        label="When should emails come about what is not yours to act on?",
        help_text="What waits for you, and whatever is urgent, comes at once in any case.",
        choices=[("at_once", "At once"), ("digest", "Together, each working morning at 8am")],
        required_message="Choose when emails should come",
    )

    def clean_wants_digest(self):
        return self.cleaned_data["wants_digest"] == "digest"


class RoleForm(PeopleForm):
    """Which role, and in which agency or team; the roles of the Board have neither."""

    role = forms.ChoiceField(
        label="Role",
        choices=Role,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role", "invalid_choice": "Choose one of the roles"},
    )
    agency = Pick(
        Agency.objects.active(),
        label="Agency",
        required=False,
        empty_label="None: a role for the Board",
        error_messages={"invalid_choice": "Choose one of the agencies"},
    )
    team = Pick(
        Team.objects.select_related("agency"),
        label="Team",
        required=False,
        empty_label="No team",
        help_text="Where the agency has teams: a manager sees the disputes of the team’s people.",
        error_messages={"invalid_choice": "Choose one of the teams"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.select_related("agency").order_by("agency__name", "name")
        self.fields["team"].label_from_instance = lambda team: f"{team.agency}: {team}"

    def clean(self):
        cleaned = super().clean()
        role, agency, team = (cleaned.get(name) for name in ("role", "agency", "team"))
        if role in BOARD_ROLES and agency:
            self.add_error("agency", "A role for the Board belongs to no agency: choose “None”")
        if role and role not in BOARD_ROLES and not agency and "agency" not in self.errors:
            self.add_error("agency", "Choose the agency in which the role is held")
        if team and agency and team.agency_id != agency.pk:
            self.add_error("team", "Choose a team of that agency")
        return cleaned


class FindForm(PeopleForm):
    """A name or email address, posted, so that neither stands in an address."""

    words = Text(label="Name or email address", max_length=120, required=False)

    def find(self):
        words = self.cleaned_data["words"]
        return User.objects.filter(Q(full_name__icontains=words) | Q(email__icontains=words))[:50] if words else []
