"""The decision of a panel, its reasons and its actions (R15, R33)."""

from agencies.models import User
from escalation.fields import Choice, Day, Pick, Prose, Text
from escalation.forms.acts import ActForm
from escalation.forms.people import with_job_title
from escalation.permissions import works_for
from panels.acted import people_of
from panels.models import Body, PanelActionKind


class Decision(ActForm):
    """What the panel decided, and why; the subject is the decision recorded before, or None."""

    submit = "Save the decision"
    later = "Keep as draft"
    guidance = {
        "decision": (
            "The next course of action",
            "What happens now, for the adult. Who does what by when is added after this, as actions.",
            "Where the law gives a decision to one body, the panel cannot take it. It can ask that body to decide "
            "again: add that as an action of its own kind.",
        ),
        "reasons": "Whoever reads it in a year should see why. Practice, not the person.",
    }

    points_of_view = Prose(
        label="Points of view",
        required=False,
        rows=5,
        help_text="What the agencies put to the panel, in a few sentences. The representations stand beside it.",
    )
    decision = Prose(label="What the panel decided", rows=4, required_message="Say what the panel decided")
    reasons = Prose(label="The reasons for it", rows=5, required_message="Give the reasons for the decision")

    def standing_answers(self):
        names = ("points_of_view", "decision", "reasons")
        return {name: getattr(self.subject, name) for name in names} if self.subject else {}


class Action(ActForm):
    """One action of the decision; the subject is the action recorded before, or None."""

    submit = "Save the action"
    follow_ups = {"kind": {PanelActionKind.DECIDE_AGAIN: ["body", "reasons"]}}
    field_order = ("kind", "body", "reasons", "agency", "owner", "owner_name", "what", "due_on")
    guidance = {
        "kind": (
            "A decision that the law gives to one body",
            "A section 42 enquiry, mental capacity, police, clinical and court decisions belong to whoever the law "
            "names. The panel asks that body to decide again, by a date, and says why.",
        ),
        "owner": (
            "One person owns it",
            "Whoever you choose by account sees the dispute, and is asked to record that it is done.",
        ),
    }

    kind = Choice(
        label="What kind of action is it?",
        choices=[
            (PanelActionKind.ACTION, "An agency does something"),
            (PanelActionKind.DECIDE_AGAIN, "A body is asked to decide again"),
        ],
        required_message="Choose what kind of action it is",
    )
    body = Choice(
        label="Whose decision is it by law?", choices=Body.choices, required_message="Say whose decision it is"
    )
    reasons = Prose(
        label="Why it should be decided again", rows=3, required_message="Say why it should be decided again"
    )
    agency = Choice(
        label="Which agency does it, or asks for it", select=True, coerce=int, required_message="Choose the agency"
    )
    owner = Pick(User.objects.none(), label="Who owns it", required=False, mark_optional=False)
    owner_name = Text(
        label="Or their name, where they have no account", required=False, mark_optional=False, spellcheck=False
    )
    what = Prose(
        label="What is to be done, or decided again", rows=3, max_length=4000, required_message="Say what is to be done"
    )
    due_on = Day(label="By when", required_message="Say by when", called="The date")

    def prepare(self):
        parties = {pk: party.agency for pk, party in self.position.parties.items()}
        self.fields["agency"].choices = [("", "Choose"), *((pk, agency.name) for pk, agency in parties.items())]
        agency_of = {}
        for agency_id, people in people_of(parties).items():
            for person in people:
                agency_of.setdefault(person.pk, []).append(parties[agency_id].name)
        self.fields["owner"].queryset = User.objects.filter(pk__in=agency_of).order_by("full_name", "pk")
        self.fields["owner"].named = lambda person: f"{with_job_title(person)} ({', '.join(agency_of[person.pk])})"

    def standing_answers(self):
        row = self.subject
        if row is None:
            return {}
        return {
            "kind": row.kind, "body": row.body, "reasons": row.reasons, "agency": row.agency_id, "owner": row.owner_id,
            "owner_name": "" if row.owner_id else row.owner_name, "what": row.what, "due_on": row.due_on,
        }  # fmt: skip

    def clean(self):
        given = self.cleaned_data
        if given.get("due_on") and given["due_on"] < self.today:
            self.add_error("due_on", "The date must be today or later")
        if "owner" in self.errors or "owner_name" in self.errors:
            return
        agency = given.get("agency") and self.position.parties[given["agency"]].agency
        if not given.get("owner") and not given.get("owner_name"):
            self.add_error("owner", "Say who owns the action")
        elif given.get("owner") and agency and not works_for(given["owner"], agency):
            self.add_error("owner", f"{given['owner']} does not work for {agency}")

    def action(self):
        """The action, as the verbs take it."""
        given = dict(self.cleaned_data)
        given["agency"] = self.position.parties[given["agency"]].agency
        return given


class Remove(ActForm):
    """Whether an action is to be taken out."""

    submit = "Remove the action"


class SignOff(ActForm):
    """The Chair's signature under a decision as it stands; the subject is its mark."""

    submit = "Sign off the decision"

    def seen(self):
        return self.subject
