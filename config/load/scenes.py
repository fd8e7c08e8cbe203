"""The few disputes that are played through the actions, and from which all others are cast."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from agencies.models import Agency, Membership, Role, User
from escalation import actions
from escalation.models import ConveyedHow, How, Record
from panels.actions import convening, deciding, following, reporting, representing, sittings
from panels.models import AttendedHow, Panel

BEGAN = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)  # a Wednesday of no bank holiday, before any clock change
ADULT, REFERENCE = "Qadultq Qnameq", "0000-0000"
SAYS = re.compile(r"Qsays([a-z]+?)(\d\d)q")  # what somebody writes: of which kind, and the how manieth
SIDES, ROLES = ("a", "b", "c"), (Role.PRACTITIONER, Role.MANAGER, Role.LEAD)
BOARD = {"board_manager": Role.BOARD_MANAGER, "chair": Role.CHAIR}
TALKS = {1: 1, 2: 1, 3: 4}  # at the stage where it ended, or is


def people():
    """Somebody of each role on every side and on the Board, with names found nowhere else, to be replaced."""
    scene = SimpleNamespace(agencies={}, users={})
    Membership.objects.filter(agency=None).update(ended_at=BEGAN)  # nobody else of the Board is told
    for side in SIDES:
        agency = scene.agencies[side] = Agency.objects.create(name=f"Qagencyq{side}q", phone="01632 960 000")
        for role in ROLES:
            scene.users[f"{side}_{role}"] = somebody(f"{side}_{role}", role, agency)
    for key, role in BOARD.items():
        scene.users[key] = somebody(key, role, None)
    return scene


def somebody(key, role, agency):
    user = User.objects.create_user(f"{key}@mould.example", full_name=f"Qpersonq{key}q", job_title="worker")
    Membership.objects.create(user=user, role=role, agency=agency)
    return user


class Play:
    """One dispute, an act an hour or a day, as two agencies would have it."""

    def __init__(self, scene, category):
        self.scene, self.number = scene, 0
        self.a, self.b, self.c = ({role: scene.users[f"{side}_{role}"] for role in ROLES} for side in SIDES)
        self.board_manager, self.chair = (scene.users[key] for key in BOARD)
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
                "adult_whereabouts": self.says("place"),
                "category": category,
                "urgency": "soon",
                "problem": self.says("problem"),
                "disagreement": self.says("disagreement"),
                "aim": self.says("aim"),
                "impact": self.says("impact"),
                "was_discussed": True,
                "discussed_by": "the duty worker",
                "discussed_with": "the ward",
                "discussed_result": self.says("result"),
                **self.safe(),
            },
        )

    def says(self, kind):
        """A mark where a text of this kind stands."""
        self.number += 1
        return f"Qsays{kind}{self.number:02}q"

    def safe(self):
        return {"safety": "in_place", "safety_detail": self.says("safety")}

    def later(self, **time):
        self.at += timedelta(**time)
        return self.at

    def talk(self, role):
        """Both sides record a discussion."""
        entry = actions.add_entry(
            dispute=self.dispute, by=self.a[role], at=self.later(hours=20), how=How.TELEPHONE, happened_at=self.at,
            facts=self.says("fact"), opinions=self.says("opinion"), outcome="not_agreed",
            outcome_reason=self.says("result"),
        )  # fmt: skip
        actions.add_entry(
            dispute=self.dispute, by=self.b[role], at=self.later(hours=3), discussion=entry.discussion,
            facts=self.says("fact"), opinions=self.says("opinion"), outcome="not_agreed",
            outcome_reason=self.says("result"),
        )  # fmt: skip

    def view(self, side):
        actions.state_view(
            dispute=self.dispute, by=side[Role.PRACTITIONER], at=self.later(hours=1), view=self.says("view")
        )

    def ask(self, role):
        return actions.ask_escalation(
            dispute=self.dispute, by=self.a[role], at=self.later(hours=1), reason=self.says("reason"), **self.safe()
        )

    def climb(self, stage):
        """To this stage, by requests and their approval; at stage three the Chair is informed."""
        self.view(self.b)
        self.view(self.a)
        for number, (asks, approves) in enumerate(zip(ROLES, ROLES[1:], strict=False), start=1):
            if number >= stage:
                return
            self.talk(asks)
            request = self.ask(asks)
            self.dispute = actions.approve(
                request=request, by=self.a[approves], at=self.later(hours=6), reason=self.says("reason")
            )
        actions.inform_chair(dispute=self.dispute, by=self.board_manager, at=self.later(hours=2))
        if stage == 4:
            self.talk(Role.LEAD)
            self.dispute = actions.send_to_chair(
                dispute=self.dispute, by=self.a[Role.LEAD], at=self.later(hours=2), reason=self.says("reason"),
                **self.safe(),
            )  # fmt: skip

    def resolve(self, role):
        proposal = actions.propose(
            dispute=self.dispute, by=self.b[role], at=self.later(hours=5), resolution=self.says("resolution"),
            rationale=self.says("reason"),
        )  # fmt: skip
        self.dispute = actions.agree(proposal=proposal, by=self.a[role], at=self.later(hours=4))

    # At stage four

    def convene(self):
        """A panel of the two agencies and a third one, which sits five days later."""
        self.panel = convening.convene(
            dispute=self.dispute, by=self.chair, at=self.later(hours=20), place="Council offices, room 2",
            seats=[{"agency": self.scene.agencies[side], "person": self.of(side)} for side in SIDES],
            starts_at=self.at + timedelta(days=5),
        )  # fmt: skip
        for side in SIDES:
            sittings.answer(panel=self.panel, by=self.of(side), at=self.later(hours=2), coming="yes")

    def of(self, side):
        """Who sits for a side."""
        return self.scene.users[f"{side}_{Role.LEAD}"]

    def decide(self):
        """Heard, decided, signed off, acknowledged, done and reported."""
        for representation, text in zip(self.panel.representations.filter(is_of_referrer=False), "ab", strict=True):
            representing.give_representation(
                representation=representation, by=self.of(text), at=self.later(hours=8), text=self.says("view")
            )
        sitting = self.panel.sittings.get()
        self.at = sitting.starts_at
        sittings.record_attendance(
            sitting=sitting, by=self.chair, at=self.later(hours=1),
            attending=[
                {"agency": self.scene.agencies[side], "name": self.of(side).full_name, "how": AttendedHow.ROOM}
                for side in SIDES
            ],
        )  # fmt: skip
        deciding.record_decision(
            panel=self.panel, by=self.chair, at=self.later(hours=1), decision=self.says("decision"),
            reasons=self.says("reason"), points_of_view=self.says("view"),
        )  # fmt: skip
        action = deciding.add_action(
            panel=self.panel, by=self.chair, at=self.later(minutes=10), agency=self.scene.agencies["b"],
            owner=self.of("b"), what=self.says("aim"), due_on=(self.at + timedelta(days=14)).date(),
        )  # fmt: skip
        deciding.sign_off(panel=self.panel, by=self.chair, at=self.later(hours=2))
        self.dispute.refresh_from_db()
        self.panel = Panel.objects.get(pk=self.panel.pk)
        for side in "ab":
            following.acknowledge(panel=self.panel, by=self.of(side), at=self.later(hours=9))
        following.record_done(
            action=action, by=self.of("b"), at=self.later(days=6), done_on=self.at.date(), shown_by=self.says("result")
        )
        reporting.write_report(
            panel=self.panel, by=self.board_manager, at=self.later(hours=5), issues=self.says("problem"),
            decisions=self.says("decision"), learning=self.says("opinion"),
        )  # fmt: skip
        reporting.seal_report(panel=self.panel, by=self.board_manager, at=self.later(hours=1))

    # After the end

    def after(self):
        """What the end leaves to do: the Board Manager's part, the outcome conveyed, the records filed."""
        dispute = self.dispute
        if dispute.stage >= 3:
            how = "By telephone with both leads."
            actions.record_involvement(dispute=dispute, by=self.board_manager, at=self.later(hours=9), how=how)
            referrer = self.a[Role.PRACTITIONER]
            actions.convey(
                dispute=dispute, by=self.a[Role.LEAD], at=self.later(hours=15), to=referrer.full_name,
                how=ConveyedHow.TELEPHONE,
            )  # fmt: skip
        else:
            actions.read_outcome(dispute=dispute, by=self.a[Role.PRACTITIONER], at=self.later(hours=15))
        role = ROLES[min(dispute.stage, 3) - 1]
        numbers = list(Record.objects.filter(stage__dispute=dispute).values_list("stage__number", flat=True))
        for side in (self.a, self.b):
            actions.file_record(dispute=dispute, by=side[role], at=self.later(days=1), stages=numbers)


def clarified(play):
    play.view(play.b)
    play.dispute = actions.clarify(
        dispute=play.dispute, by=play.a[Role.PRACTITIONER], at=play.later(hours=9), reason=play.says("reason")
    )


def withdrawn(play):
    play.dispute = actions.withdraw(
        dispute=play.dispute, by=play.a[Role.PRACTITIONER], at=play.later(hours=30), reason=play.says("reason")
    )


def resolved_at(stage):
    def act(play):
        play.climb(stage)
        for _ in range(TALKS[stage]):
            play.talk(ROLES[stage - 1])
        play.resolve(ROLES[stage - 1])

    return act


def decided(play):
    play.climb(4)
    play.convene()
    play.decide()


def followed_up(act):
    """The same, and all that is left to do after the end is done."""

    def whole(play):
        act(play)
        play.after()

    return whole


def open_at(stage):
    def act(play):
        play.climb(stage)
        for _ in range(TALKS.get(stage, 0)):
            play.talk(ROLES[stage - 1])

    return act


def asked(play):
    """At stage one, with a request that waits for a manager."""
    play.talk(Role.PRACTITIONER)
    play.ask(Role.PRACTITIONER)


def convened(play):
    play.climb(4)
    play.convene()


@dataclass(frozen=True)
class Scene:
    """What is played, and how often it is cast, of a hundred like it."""

    act: object
    weight: float


# Those that ended within the last weeks have still something to file; long ago all is done
ENDED = [
    Scene(followed_up(clarified), 22), Scene(followed_up(withdrawn), 6), Scene(followed_up(resolved_at(1)), 34),
    Scene(followed_up(resolved_at(2)), 24), Scene(followed_up(resolved_at(3)), 12), Scene(followed_up(decided), 2),
]  # fmt: skip
JUST_ENDED = [Scene(clarified, 30), Scene(resolved_at(1), 30), Scene(resolved_at(2), 28), Scene(resolved_at(3), 12)]
OPEN = [
    Scene(open_at(1), 35), Scene(asked, 15), Scene(open_at(2), 30), Scene(open_at(3), 14), Scene(open_at(4), 3),
    Scene(convened, 3),
]  # fmt: skip
