"""The people of the load, and the few disputes played through the actions that all others are cast from."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from agencies.models import Agency, Membership, Role, User
from config.demo.people import hold, person
from escalation import actions
from escalation.models import How

BEGAN = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)  # a Wednesday of no bank holiday, before any clock change
ADULT, REFERENCE = "Qadultq Qnameq", "0000-0000"
SIDES, ROLES = ("a", "b"), (Role.PRACTITIONER, Role.MANAGER, Role.LEAD)
TALKS = {1: 1, 2: 1, 3: 4}  # at the stage where it ended, or is
SAFE = {"safety": "in_place", "safety_detail": "Seen hourly at night; both teams have the telephone number."}
STATEMENTS = {
    "problem": "The plan is to end support with two calls a day, though nobody has assessed what happens at night.",
    "disagreement": "The decision that the threshold is not met, taken before the assessment was read.",
    "aim": "An assessment first, and a decision that says what it rests on.",
}


def people():
    """Somebody of each role on both sides, with names found nowhere else, so that they can be replaced."""
    scene = SimpleNamespace(agencies={}, users={})
    for side in SIDES:
        agency = scene.agencies[side] = Agency.objects.create(name=f"Qagencyq{side}q", phone="01632 960 000")
        for role in ROLES:
            key = f"{side}_{role}"
            user = User.objects.create_user(f"{key}@mould.example", full_name=f"Qpersonq{key}q", job_title="worker")
            Membership.objects.create(user=user, role=role, agency=agency)
            scene.users[key] = user
    return scene


class Play:
    """One dispute, an act an hour or a day, as two agencies would have it."""

    def __init__(self, scene, category):
        self.a, self.b = ({role: scene.users[f"{side}_{role}"] for role in ROLES} for side in SIDES)
        self.at = BEGAN
        self.dispute = actions.raise_dispute(
            by=self.a[Role.PRACTITIONER],
            at=BEGAN,
            raising_agency=scene.agencies["a"],
            disputed_agency=scene.agencies["b"],
            suggested=self.b[Role.PRACTITIONER],
            details={
                "reference": REFERENCE,
                "adult_name": ADULT,
                "category": category,
                "urgency": "soon",
                "impact": "A fall at night, found in the morning.",
                "was_discussed": True,
                "discussed_by": "the duty worker",
                "discussed_with": "the ward",
                "discussed_result": "The plan stands.",
                **STATEMENTS,
                **SAFE,
            },
        )

    def later(self, **time):
        self.at += timedelta(**time)
        return self.at

    def talk(self, role):
        """Both sides record a discussion, and give their views the first time."""
        entry = actions.add_entry(
            dispute=self.dispute, by=self.a[role], at=self.later(hours=20), how=How.TELEPHONE, happened_at=self.at,
            facts="Found by the doors at 2am. (Ward chart)", opinions="The risk is not understood.",
            outcome="not_agreed", outcome_reason="Each side keeps to its view.",
        )  # fmt: skip
        actions.add_entry(
            dispute=self.dispute, by=self.b[role], at=self.later(hours=3), discussion=entry.discussion,
            facts="The chart shows one such night. (Ward chart)", opinions="The plan covers it.",
            outcome="not_agreed", outcome_reason="The plan was agreed before.",
        )  # fmt: skip

    def view(self, side):
        actions.state_view(
            dispute=self.dispute, by=side[Role.PRACTITIONER], at=self.later(hours=1), view="The threshold is the issue."
        )

    def climb(self, stage):
        """To this stage, by requests and their approval."""
        self.view(self.b)
        self.view(self.a)
        for number, (asks, approves) in enumerate(zip(ROLES, ROLES[1:], strict=False), start=1):
            if number >= stage:
                return
            self.talk(asks)
            request = actions.ask_escalation(
                dispute=self.dispute, by=self.a[asks], at=self.later(hours=1), reason="No agreement.", **SAFE
            )
            self.dispute = actions.approve(
                request=request, by=self.a[approves], at=self.later(hours=6), reason="For the reasons given."
            )
        if stage == 4:
            self.talk(Role.LEAD)
            self.dispute = actions.send_to_chair(
                dispute=self.dispute, by=self.a[Role.LEAD], at=self.later(hours=2), reason="No agreement.", **SAFE
            )

    def resolve(self, role):
        proposal = actions.propose(
            dispute=self.dispute, by=self.b[role], at=self.later(hours=5), resolution="Assess again within two days.",
            rationale="The chart was not before whoever decided.",
        )  # fmt: skip
        actions.agree(proposal=proposal, by=self.a[role], at=self.later(hours=4))


def clarified(play):
    play.view(play.b)
    actions.clarify(
        dispute=play.dispute, by=play.a[Role.PRACTITIONER], at=play.later(hours=9), reason="Under way already."
    )


def withdrawn(play):
    actions.withdraw(
        dispute=play.dispute, by=play.a[Role.PRACTITIONER], at=play.later(hours=30), reason="No longer needed."
    )


def resolved_at(stage):
    def act(play):
        play.climb(stage)
        for _ in range(TALKS[stage]):
            play.talk(ROLES[stage - 1])
        play.resolve(ROLES[stage - 1])

    return act


def open_at(stage):
    def act(play):
        play.climb(stage)
        for _ in range(TALKS.get(stage, 0)):
            play.talk(ROLES[stage - 1])

    return act


def asked(play):
    """At stage one, with a request that waits for a manager."""
    play.talk(Role.PRACTITIONER)
    actions.ask_escalation(
        dispute=play.dispute, by=play.a[Role.PRACTITIONER], at=play.later(hours=1), reason="No agreement.", **SAFE
    )


# What is played, and how often each is cast, of a hundred that ended and of a hundred that are open
ENDED = [
    (clarified, 22), (withdrawn, 6), (resolved_at(1), 34), (resolved_at(2), 24), (resolved_at(3), 14),
]  # fmt: skip
OPEN = [(open_at(1), 35), (asked, 15), (open_at(2), 30), (open_at(3), 14), (open_at(4), 6)]


def load_people(number, password):
    """The agencies of the load with their people, and the Board; who is there already stays."""
    found = []
    for count in range(1, number + 1):
        agency, _ = Agency.objects.get_or_create(name=f"Agency {count:02}", defaults={"phone": "01632 960 000"})
        users = {}
        for role, how_many in ((Role.PRACTITIONER, 4), (Role.MANAGER, 2), (Role.LEAD, 1)):
            users[role] = []
            for n in range(1, how_many + 1):
                key = f"{role}{n}.load{count:02}"
                user = person(key, f"{role.label} {n} of {agency.name}", role.label.lower(), "", password)
                hold(user, role, agency)
                users[role].append(user)
        if agency.safeguarding_contact_id is None:
            agency.safeguarding_contact = users[Role.LEAD][0]
            agency.save()
        found.append((agency, users))
    return found
