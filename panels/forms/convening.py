"""Who sits, when and where: what the Chair is asked to convene a panel, and to change it (R30, R31)."""

from crispy_forms.layout import HTML, Layout
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q

from agencies.models import Agency, Role, User
from escalation.fields import Choice, Choices, Moment, Pick, Prose, Text
from escalation.forms.acts import ActForm
from escalation.forms.people import with_job_title
from panels import quorum
from panels.acted import RANK, Acted, listed, people_of
from panels.models import Conflict

is_address = URLValidator(schemes=["http", "https"], message="The link must begin with https:// or http://")


class When(ActForm):
    """When and where the panel meets."""

    guidance = {
        "place": (
            "It goes into calendars",
            "The invitation is a calendar file. It says the reference, when and where, and never the name of the "
            "adult: leave it out here too.",
        ),
    }

    starts_at = Moment(
        label="When the panel meets", required_message="Say when the panel meets", called="The day and time"
    )
    place = Text(label="Where", required=False, max_length=300, help_text="A room, with its address.")
    link = Text(label="Link of the video meeting", required=False, max_length=500, kind="url", spellcheck=False)

    def clean_starts_at(self):
        given = self.cleaned_data["starts_at"]
        if given and given <= self.at:
            self.add_error("starts_at", "The day and time must be in the future")
        return given

    def clean_place(self):
        place = self.cleaned_data["place"]
        if self.dispute.adult_name.casefold() in place.casefold():
            raise ValidationError("Leave the adult’s name out of the place: it goes into people’s calendars")
        return place

    def clean_link(self):
        link = self.cleaned_data["link"]
        if link:
            is_address(link)
        return link

    def clean(self):
        given = self.cleaned_data
        if not self.errors.keys() & {"place", "link"} and not (given.get("place") or given.get("link")):
            self.add_error("place", "Say where the panel meets: a place, or the link of a meeting")

    def when(self):
        return {name: self.cleaned_data[name] for name in ("starts_at", "place", "link")}


class Convene(When):
    """The builder: who must sit, who else sits, when and where, and until when representations are asked for."""

    submit = "Convene the panel"
    later = "Keep as draft"

    others = Choices(label="Agencies not concerned in this dispute", required=False)
    typed_agency = Pick(Agency.objects.none(), label="Agency", required=False)
    typed_name = Text(label="Name", required=False, spellcheck=False)
    typed_job_title = Text(label="Job title", required=False)
    represent_by = Moment(
        label="Until when representations are asked for",
        required=False,
        called="The day and time",
        help_text="If you leave it open, until the panel meets.",
    )
    field_order = ("others", "typed_agency", "typed_name", "typed_job_title", "starts_at", "place", "link")

    def prepare(self):
        self.acted = Acted(self.dispute)
        self.concerned = [party.agency for party in self.position.parties.values()]
        uninvolved = list(Agency.objects.active().exclude(pk__in=self.position.parties))
        self.people = people_of([*self.concerned, *uninvolved])
        selves = {self.position.user.pk, self.position.by.pk}
        for people in self.people.values():
            people[:] = [person for person in people if person.pk not in selves]
        for agency in self.concerned:
            self._ask_for(agency)
        # Whom an uninvolved agency sends: by default its safeguarding contact, else its lead
        self.senders = {agency: self.best_of(agency) for agency in uninvolved}
        offered = [agency for agency, person in self.senders.items() if person]
        self.fields["others"].choices = [(str(agency.pk), agency.name) for agency in offered]
        self.fields["others"].hints = {str(agency.pk): self._sender_words(agency) for agency in offered}
        self.fields["typed_agency"].queryset = Agency.objects.active().filter(pk__in=[each.pk for each in uninvolved])
        missing = max(quorum.LEAST - len(self.concerned), 0)
        self.initial.setdefault("others", [str(agency.pk) for agency in self._fresh_first(offered)[:missing]])

    def _ask_for(self, agency):
        """The fields for one agency that must sit."""
        people = self.people.get(agency.pk, [])
        best = self.best_of(agency)
        self.fields[f"seat_{agency.pk}"] = Choice(
            label=f"Representative of {agency}", select=True, required=False, mark_optional=False, coerce=int,
            empty_value=None,
            choices=[(person.pk, self._words(person)) for person in people], called=f"The representative of {agency}",
        )  # fmt: skip
        self.initial.setdefault(f"seat_{agency.pk}", best.pk if best else None)
        self.fields[f"name_{agency.pk}"] = Text(
            label="Name, where the person has no account", required=False, mark_optional=False, spellcheck=False
        )
        self.fields[f"title_{agency.pk}"] = Text(label="Job title", required=False)

    def best_of(self, agency):
        """Who might sit for an agency: a lead or manager who has not acted, else a lead, else whoever there is."""

        def rank(person):
            is_senior = person.rank < RANK[Role.PRACTITIONER]
            is_contact = person.pk == agency.safeguarding_contact_id
            return not is_senior, bool(self.acted.stages_of(person.pk)), not is_contact, person.rank, person.full_name

        return min(self.people.get(agency.pk, []), key=rank, default=None)

    def _fresh_first(self, agencies):
        """Those first whose sender has had no part in the dispute."""
        return sorted(agencies, key=lambda agency: bool(self.acted.stages_of(self.senders[agency].pk)))

    def _words(self, person):
        acted = self.acted.words(person.pk)
        return f"{with_job_title(person)} ({acted})" if acted else with_job_title(person)

    def _sender_words(self, agency):
        person = self.senders[agency]
        acted = self.acted.words(person.pk)
        return f"{with_job_title(person)}. {acted[:1].upper()}{acted[1:]}" if acted else (
            f"{with_job_title(person)}. No part in this dispute"
        )  # fmt: skip

    def layout(self):
        must = [
            HTML(f'{{% include "panels/convene/seat.html" with seat=form.seats.{number} %}}')
            for number in range(len(self.concerned))
        ]
        fields = [
            (before, f"seat_{agency.pk}", HTML('{% include "panels/convene/without_account.html" %}'),
             f"name_{agency.pk}", f"title_{agency.pk}", HTML("</details></div>"))
            for agency, before in zip(self.concerned, must, strict=True)
        ]  # fmt: skip
        return Layout(
            HTML('{% include "panels/convene/must_sit.html" %}'),
            *(part for parts in fields for part in parts),
            HTML('{% include "panels/convene/who_else.html" %}'),
            "others",
            HTML('{% include "panels/convene/typed.html" %}'),
            "typed_agency",
            "typed_name",
            "typed_job_title",
            HTML("</details>"),
            HTML('{% include "panels/convene/enough.html" %}'),
            HTML('<h2 class="govuk-heading-m">When and how</h2>'),
            "starts_at",
            "place",
            "link",
            "represent_by",
            HTML('{% include "panels/convene/what_happens.html" %}'),
        )

    @property
    def seats(self):
        """Each agency that must sit, with who of it has acted and who has not, for the page."""
        found = []
        for agency in self.concerned:
            people = self.people.get(agency.pk, [])
            chosen = str(self[f"seat_{agency.pk}"].value() or "")
            person = next((each for each in people if str(each.pk) == chosen), None)
            acted = self.acted.words(person.pk) if person else ""
            fresh = [each.full_name for each in people if not self.acted.stages_of(each.pk)][:3]
            found.append(
                {
                    "agency": agency, "person": person, "acted": acted, "fresh": listed(fresh),
                    "one": len(fresh) == 1, "has_people": bool(people),
                    "is_typed": bool(self[f"name_{agency.pk}"].value()) or not people,
                }
            )  # fmt: skip
        return found

    @property
    def enough(self):
        """Whether those chosen are enough, in words: computed from what stands on the page."""
        chosen = [str(value) for value in (self["others"].value() or [])]
        others = [agency for agency in self.senders if str(agency.pk) in chosen]
        if self["typed_name"].value():
            typed = str(self["typed_agency"].value() or "")
            others += [agency for agency in self.senders if str(agency.pk) == typed and agency not in others]
        sitting = [*self.concerned, *others]
        return {
            "is_met": len(sitting) >= quorum.LEAST,
            "agencies": listed(sitting),
            "number": f"{quorum.agencies(len(sitting))} {'are' if len(sitting) > 1 else 'is'}",
            "missing": quorum.LEAST - len(sitting),
            "all_concerned": not others,
        }

    def clean_represent_by(self):
        given = self.cleaned_data["represent_by"]
        if given and given <= self.at:
            self.add_error("represent_by", "The day and time must be in the future")
        return given

    def clean(self):
        super().clean()
        for agency in self.concerned:
            seat, name = f"seat_{agency.pk}", f"name_{agency.pk}"
            if not (self.cleaned_data.get(seat) or self.cleaned_data.get(name)) and seat not in self.errors:
                self.add_error(seat, f"Choose who sits for {agency}")
        typed, name = self.cleaned_data.get("typed_agency"), self.cleaned_data.get("typed_name")
        if typed and not name:
            self.add_error("typed_name", f"Give the name of who sits for {typed}")
        if name and not typed and "typed_agency" not in self.errors:
            self.add_error("typed_agency", f"Choose the agency of {name}")
        if typed and str(typed.pk) in self.cleaned_data.get("others", ()):
            self.add_error("typed_agency", f"{typed} is chosen above already")
        if len({seat["agency"] for seat in self.seats_given()}) < quorum.LEAST and "others" not in self.errors:
            self.add_error("others", "Choose agencies that are not concerned, until three are to sit")
        before, meets = self.cleaned_data.get("represent_by"), self.cleaned_data.get("starts_at")
        if before and meets and before > meets:
            self.add_error("represent_by", "The day and time must not be after the panel meets")

    def seats_given(self):
        """Who sits, as the action takes it."""
        given, found = self.cleaned_data, []
        for agency in self.concerned:
            name = given.get(f"name_{agency.pk}")
            person = next((p for p in self.people.get(agency.pk, []) if p.pk == given.get(f"seat_{agency.pk}")), None)
            if name:
                found.append({"agency": agency, "name": name, "job_title": given.get(f"title_{agency.pk}", "")})
            else:
                found.append({"agency": agency, "person": person})
        for agency, person in self.senders.items():
            if str(agency.pk) in given.get("others", ()):
                found.append({"agency": agency, "person": person})
        if given.get("typed_agency") and given.get("typed_name"):
            typed = {"name": given["typed_name"], "job_title": given["typed_job_title"]}
            found.append({"agency": given["typed_agency"], **typed})
        return found


class WhichAgency(ActForm):
    """For which agency somebody is to sit."""

    submit = "Continue"

    agency = Pick(Agency.objects.none(), label="Which agency sits?", required_message="Choose the agency")

    def prepare(self):
        self.fields["agency"].queryset = Agency.objects.active().exclude(pk__in=self.subject)


class Seat(ActForm):
    """Who sits for an agency: somebody with an account, or a typed name; the subject is the agency."""

    submit = "Add this member"
    follow_ups = {"who": {"account": ["person"], "typed": ["name", "job_title", "phone"]}}
    guidance = {
        "who": (
            "Who sees what",
            "Whoever you choose by account sees this dispute from now on, and is invited. A typed name sees nothing: "
            "you ask by other means, and record what was said.",
        )
    }

    who = Choice(
        label="Who is it?",
        choices=[("account", "Somebody with an account"), ("typed", "Somebody without an account")],
        required_message="Say whether the person has an account",
    )
    person = Pick(User.objects.none(), label="Person", required_message="Choose the person")
    name = Text(label="Name", spellcheck=False, required_message="Give the person’s name")
    job_title = Text(label="Job title", required=False)
    phone = Text(label="Telephone number", kind="tel", max_length=40, width=20, required=False)

    def prepare(self):
        acted = Acted(self.dispute)
        ids = [each.pk for each in people_of([self.subject]).get(self.subject.pk, [])]
        selves = Q(pk__in=[self.position.user.pk, self.position.by.pk])
        self.fields["person"].queryset = User.objects.filter(pk__in=ids).exclude(selves).order_by("full_name", "pk")
        self.fields["person"].named = lambda person: ", ".join(
            filter(None, (with_job_title(person), acted.words(person.pk)))
        )

    def seat(self):
        given = self.cleaned_data
        if given["who"] == "account":
            return {"person": given["person"]}
        return {name: given[name] for name in ("name", "job_title", "phone")}


class StandDown(ActForm):
    """Why somebody sits no longer."""

    submit = "Stand this member down"

    reason = Prose(label="Why", rows=3, required_message="Say why this member stands down", called="The reason")


class Declare(ActForm):
    """Whether a member has a conflict of interest; the subject is the member."""

    submit = "Save the declaration"
    follow_ups = {"conflict": {Conflict.DECLARED: ["detail"]}}
    guidance = {
        "conflict": (
            "What counts",
            "You know the adult or the family, you managed somebody who acted, you took a decision in this matter, or "
            "anything else that a fair-minded person would want to know.",
            "A declaration bars nobody. The Chair reads it, and decides who sits.",
        ),
    }

    conflict = Choice(
        label="Is there a conflict of interest?",
        choices=[(Conflict.NONE, "Nothing to declare"), (Conflict.DECLARED, "Something to declare")],
        required_message="Say whether there is anything to declare",
    )
    detail = Prose(label="What it is", rows=3, required_message="Say what the conflict is")

    def standing_answers(self):
        return {"conflict": self.subject.conflict, "detail": self.subject.conflict_detail}
