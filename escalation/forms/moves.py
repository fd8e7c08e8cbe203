"""What is asked on the way to the next stage, and to the end."""

from crispy_forms.layout import HTML, Layout
from django.db.models import TextChoices

from escalation.fields import Choice, Day, Prose
from escalation.forms.acts import ActForm, Confirmed
from escalation.layouts import Box
from escalation.stages import BETWEEN, stage_name

SAFETY_FIELDS = ("safety", "safety_detail", "is_right_today")


class Escalate(Confirmed, ActForm):
    """Why the dispute should go to the next stage, and what keeps the adult safe meanwhile (R25, R37)."""

    field_order = ("reason", *SAFETY_FIELDS)
    guidance = {
        **Confirmed.guidance,
        "reason": (
            "Say what is still open",
            "Two or three sentences: what was tried, what is not agreed, what the adult needs now. The entries go "
            "forward by themselves; you need not repeat them.",
        ),
    }

    reason = Prose(label="Why it should go further", rows=4, required_message="Say why it should go further")

    def prepare(self):
        following = stage_name(self.dispute.stage + 1)
        if self.position.takes_up_alone:
            self.submit = f"Take it to {following}"
        else:
            self.submit = f"Ask to escalate to {following}"


class SendToChair(Escalate):
    """Why the leads did not agree, and what keeps the adult safe meanwhile (R26, R30)."""

    submit = "Send it to the Independent Chair"

    def prepare(self):
        self.fields["reason"].label = "Why it should go to a Resolution Panel"
        self.fields["reason"].required_message = "Say why it should go to a Resolution Panel"


class Decide(ActForm):
    """A manager's or lead's decision on a request; declining has a reason of its own (R25)."""

    submit = "Save your decision"
    follow_ups = {"decision": {"approve": ["approve_reason"], "decline": ["decline_reason"]}}

    decision = Choice(
        label="What do you decide?",
        choices=[("approve", "Approve"), ("decline", "Decline")],
        required_message="Choose whether you approve or decline",
    )
    approve_reason = Prose(
        label="Your reason",
        help_text="You may leave it as it is.",
        rows=2,
        required_message="Give your reason for approving",
    )
    decline_reason = Prose(label="Your reason for declining", rows=3, required_message="Give your reason for declining")

    @property
    def asker(self):
        return self.subject.asked_by.full_name

    @property
    def usual_reason(self):
        return f"For the reasons given by {self.asker}."

    def standing_answers(self):
        return {"approve_reason": self.usual_reason}

    def prepare(self):
        following = self.subject.next_stage
        self.fields["decision"].choices = [
            ("approve", f"Approve: take it to {stage_name(following)}"),
            ("decline", "Decline"),
        ]
        self.fields["decision"].hints = {
            "approve": f"It becomes yours, {BETWEEN[following]}. You may name somebody else to act.",
            "decline": f"{self.asker} sees your reason" + (
                ", and can still go to the safeguarding lead." if self.has_another_way else "."
            ),
        }  # fmt: skip
        self.fields["decline_reason"].help_text = f"{self.asker} sees it, and it goes on the record."

    @property
    def has_another_way(self):
        return not self.subject.is_with_lead

    def clean_decline_reason(self):
        reason = self.cleaned_data["decline_reason"]
        if reason and reason.rstrip(".").casefold() == self.usual_reason.rstrip(".").casefold():
            self.add_error("decline_reason", "Give a reason of your own for declining")
        return reason


class GoToLead(ActForm):
    """Taking a request to the designated safeguarding lead (R25, R40)."""

    submit = "Go to the safeguarding lead"

    reason = Prose(
        label="Anything the lead should know",
        help_text="Your request and its reason go along by themselves.",
        rows=3,
        required=False,
        called="What you add",
    )


class GoOn(ActForm):
    """Entering the next stage after the leads’ working day of silence: nothing to fill in."""

    def prepare(self):
        self.submit = f"Go on to {stage_name(self.subject.next_stage)}"


class Clarified(TextChoices):
    NO_ISSUE = "no_issue", "There is no practice issue"
    UNDER_WAY = "under_way", "Action is already under way"


class Clarify(ActForm):
    """Ending as clarified: no practice issue, or action already under way (R7)."""

    submit = "End the dispute as clarified"
    guidance = {
        "why": (
            "Something else than resolved",
            "Clarified means there was nothing to settle after all. If you agreed on something that was disagreed, "
            "propose a resolution instead.",
        )
    }

    which = Choice(label="What turned out?", choices=Clarified.choices, required_message="Say what turned out")
    why = Prose(label="How do you know?", rows=4, required_message="Say how you know", called="Your answer")

    def reason(self):
        return f"{Clarified(self.cleaned_data['which']).label}. {self.cleaned_data['why']}"


class Withdraw(ActForm):
    """Ending as withdrawn, with the reason (R7)."""

    submit = "Withdraw the dispute"
    guidance = {
        "reason": (
            "Nobody may press you",
            "Withdraw because the question is gone, not because the disagreement is unwelcome. If somebody presses "
            "you, speak to your safeguarding lead.",
        )
    }

    reason = Prose(label="Why you withdraw", rows=4, required_message="Say why you withdraw")


class AskWithdrawal(Withdraw):
    """At stage four the Independent Chair’s consent is needed."""

    submit = "Ask the Independent Chair"

    def prepare(self):
        self.fields["reason"].label = "Why you want to withdraw"


class DecideWithdrawal(ActForm):
    """The Chair’s consent to a withdrawal, or the refusal with its reason."""

    submit = "Save your decision"
    follow_ups = {"decision": {"consent": ["consent_reason"], "refuse": ["refuse_reason"]}}

    decision = Choice(
        label="What do you decide?",
        choices=[("consent", "Consent to the withdrawal"), ("refuse", "Refuse: the dispute goes on")],
        hints={"consent": "The dispute ends as withdrawn."},
        required_message="Choose whether you consent or refuse",
    )
    consent_reason = Prose(label="Anything to add", rows=2, required=False, called="What you add")
    refuse_reason = Prose(label="Your reason for refusing", rows=3, required_message="Give your reason for refusing")


class AnswerProposal(ActForm):
    """An agency’s answer to a proposed resolution; a refusal has its reason."""

    submit = "Save your answer"
    follow_ups = {"answer": {"refuse": ["reason"]}}

    answer = Choice(
        label="What does your agency answer?",
        choices=[("agree", "We agree"), ("refuse", "We do not agree")],
        required_message="Choose whether your agency agrees",
    )
    reason = Prose(
        label="Why not?",
        help_text="Your reason ends this proposal; another can be made. All agencies concerned see it.",
        rows=3,
        required_message="Say why your agency does not agree",
        called="Your reason",
    )

    def prepare(self):
        if self.position.agency_id not in self.subject.needed:
            self.fields["answer"].choices = [("agree", "We agree"), ("refuse", "We object")]
            self.fields["reason"].label = "Why do you object?"


class Settle(ActForm):
    """Recording that it is resolved: nothing to fill in."""

    submit = "Record that it is resolved"


MOST_ACTIONS = 5
OPEN_ACTIONS = 2


class Propose(ActForm):
    """A resolution with its rationale, and up to five actions, each of one agency (R13, R15)."""

    submit = "Propose this resolution"
    later = "Keep as draft"
    guidance = {
        "resolution": (
            "What happens next",
            "Whoever proposes agrees for their own agency. It stands when the agency that raised the dispute, the "
            "agency whose decision is disputed and each agency with an action have agreed.",
        ),
        "rationale": "Whoever reads it in a year should see why this was the right thing for the adult.",
    }

    resolution = Prose(label="What you propose to agree", rows=4, required_message="Say what you propose to agree")
    rationale = Prose(label="Why: the reasons for it", rows=4, required_message="Give the reasons for it")

    def prepare(self):
        agencies = [(pk, party.agency.name) for pk, party in self.position.parties.items()]
        for number in range(1, MOST_ACTIONS + 1):
            self.fields[f"agency_{number}"] = Choice(
                label=f"Action {number}: which agency", choices=agencies, select=True, required=False, coerce=int,
                empty_value=None, mark_optional=False,
            )  # fmt: skip
            self.fields[f"what_{number}"] = Prose(
                label=f"Action {number}: what it does", rows=2, required=False, mark_optional=False, max_length=4000
            )
            self.fields[f"due_{number}"] = Day(
                label=f"Action {number}: by when", required=False, called=f"The date of action {number}"
            )

    def layout(self):
        boxes = [Box(f"agency_{number}", f"what_{number}", f"due_{number}") for number in range(1, MOST_ACTIONS + 1)]
        shown = ' open=""' if self._uses_more() else ""
        return Layout(
            "resolution",
            "rationale",
            HTML('<h2 class="govuk-heading-m">Actions (optional)</h2><p class="govuk-body r-measure">Each agency with '
                 "an action must agree before the resolution stands.</p>"),
            *boxes[:OPEN_ACTIONS],
            HTML(f'<details class="govuk-details r-measure"{shown}><summary class="govuk-details__summary">'
                 '<span class="govuk-details__summary-text">More actions</span></summary>'),
            *boxes[OPEN_ACTIONS:],
            HTML("</details>"),
        )  # fmt: skip

    def _uses_more(self):
        """Whether anything stands, or is wrong, in the actions that are folded away."""
        names = [
            f"{part}_{number}" for number in range(OPEN_ACTIONS + 1, MOST_ACTIONS + 1)
            for part in ("agency", "what", "due")
        ]  # fmt: skip
        return any(self[name].errors if self.is_bound else False for name in names) or any(
            any(value.values()) if isinstance(value, dict) else value
            for value in (self[name].value() for name in names)
        )

    def clean(self):
        for number in range(1, MOST_ACTIONS + 1):
            agency, what, due = f"agency_{number}", f"what_{number}", f"due_{number}"
            if self.errors.keys() & {agency, what, due}:
                continue
            given = {name: self.cleaned_data.get(name) for name in (agency, what, due)}
            if not any(given.values()):
                continue
            if not given[agency]:
                self.add_error(agency, f"Choose the agency of action {number}")
            if not given[what]:
                self.add_error(what, f"Say what is done in action {number}")
            if given[due] and given[due] < self.today:
                self.add_error(due, f"The date of action {number} must be today or later")

    def actions(self):
        """The actions given, as (agency, what, due on)."""
        given = self.cleaned_data
        return [
            (self.position.parties[given[f"agency_{number}"]].agency, given[f"what_{number}"], given[f"due_{number}"])
            for number in range(1, MOST_ACTIONS + 1)
            if given[f"what_{number}"]
        ]
