"""What every list asks of the database: as much for three hundred rows as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.audit import Act
from agencies.models import Agency, Membership, Notice, Role, User
from escalation.models import Duty, DutyKind, EscalationRequest, LearningPoint, NameWord, Sight
from escalation.names import kept
from panels.models import Panel, Sitting
from tests import bulk
from tests.cast import raise_dispute

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAME = "Margaret Okonkwo"
LISTS = {
    "council_lead": (
        "disputes", "disputes?state=open", "disputes?s", "home", "approvals", "notifications", "people", "panels",
        "dashboard", "not_filed",
    ),
    "council_practitioner": ("disputes", "disputes?state=ended", "disputes?s", "home", "timeline", "dispute"),
    "council_manager": ("approvals",),
    "board_manager": (
        "register", "register?state=open", "register?s", "register?last=1", "disputes", "home", "panels", "learning",
        "not_filed", "clockwork", "annual", "annual_year", "dashboard", "notifications",
    ),
    "administrator": ("people", "clockwork", "agency"),
}  # fmt: skip


def write(cast, number, first, at, thread):
    """As many more of everything that is listed: open disputes and ended ones, what waits, what was told."""
    rows = []
    for n in range(first, first + number):
        raised_at = at - 3 * DAY - n * timedelta(minutes=1)
        row = {"raising_agency": cast.council, "disputed_agency": cast.hospital, "raised_at": raised_at}
        row |= {"target_at": raised_at + 7 * DAY, "ended_at": None, "outcome": "", "category": "delay"}
        ended = {"ended_at": raised_at + DAY, "outcome": "resolved", "stage": 3}
        rows += [row | {"stage": 4}, row | ended]
    made = bulk.write(rows, cast.council_practitioner, adult_name=NAME)
    NameWord.objects.bulk_create(NameWord(dispute=dispute, word=word) for dispute in made for word in kept(NAME))
    story = {"person": cast.council_practitioner, "agency": cast.council, "why": "raised", "since": at - 9 * DAY}
    Sight.objects.bulk_create(Sight(dispute=dispute, **story) for dispute in made)
    asked = {"agency": cast.council, "stage": 3, "asked_by": cast.council_practitioner, "reason": "Stuck."}
    requests = EscalationRequest.objects.bulk_create(
        EscalationRequest(dispute=dispute, asked_at=at - DAY, way_round_at=at + DAY, **asked) for dispute in made[::2]
    )
    waits = {"stage": 3, "since": at - DAY, "starts_at": at - DAY, "due_at": at + DAY, "address": "/"}
    duties = [
        Duty(dispute=each.dispute, kind=DutyKind.APPROVE, subject_id=each.pk, agency=cast.council, role=role, **waits)
        for each in requests
        for role in (Role.MANAGER, Role.LEAD)
    ]
    for dispute in made:
        duties.append(Duty(dispute=dispute, kind=DutyKind.FILE, agency=cast.council, **waits))
        duties.append(Duty(dispute=dispute, kind=DutyKind.INFORM_CHAIR, role=Role.BOARD_MANAGER, **waits))
        duties.append(Duty(dispute=dispute, kind=DutyKind.ACT, person=cast.council_practitioner, **waits))
    Duty.objects.bulk_create(duties)
    panels = Panel.objects.bulk_create(
        Panel(dispute=dispute, convened_at=at - DAY, convened_by=cast.chair) for dispute in made[::2]
    )
    Sitting.objects.bulk_create(
        Sitting(panel=panel, number=1, starts_at=at + DAY, arranged_at=at - DAY, place="Riverside") for panel in panels
    )
    LearningPoint.objects.bulk_create(
        LearningPoint(dispute=dispute, by=cast.council_lead, agency=cast.council, at=at, text="Write it down.")
        for dispute in made[1::2]
    )
    for each in range(first, first + number):
        Notice.objects.bulk_create(
            Notice(
                event=f"{each}", kind="raised", recipient=who, thread=thread, title="Raised", address="/",
                written_at=at, send_after=at, message_id=f"{each}.{who.pk}",
            )
            for who in (cast.council_lead, cast.board_manager)
        )  # fmt: skip
    act = Act.objects.filter(thread=thread).first()
    fields = {
        field.attname: getattr(act, field.attname) for field in Act._meta.concrete_fields if field.attname != "id"
    }
    Act.objects.bulk_create(Act(**fields) for _ in range(number))
    Agency.objects.bulk_create(Agency(name=f"Agency {n}") for n in range(first, first + number))
    users = User.objects.bulk_create(
        User(email=f"p{n}@demo.example", full_name=f"Person {n}") for n in range(first, first + number)
    )
    Membership.objects.bulk_create(Membership(user=user, agency=cast.council, role=Role.PRACTITIONER) for user in users)


def asked(client, who, addresses):
    """How many statements each list of a person asks, by its name."""
    client.force_login(who)
    found = {}
    for name in LISTS[who.key]:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(addresses[who.key, name])
        assert response.status_code == 200, name
        found[who.key, name] = len(captured)
    return found


def test_every_list_asks_as_much_for_three_hundred_rows_as_for_one(cast, client):
    """Nothing is asked for each row; where a first page is full, what stands after it is not asked for at all."""
    at, dispute = timezone.now(), raise_dispute(cast, at=timezone.now() - DAY)
    of = {
        "timeline": [dispute.reference],
        "dispute": [dispute.reference],
        "agency": [cast.council.pk],
        "annual_year": [at.year],
    }
    addresses, results = {}, []
    for key, names in LISTS.items():
        who = User.objects.get(pk=getattr(cast, key).pk)
        client.force_login(who)
        for name in names:
            page, _, query = name.partition("?")
            addresses[key, name] = f"{reverse(page, args=of.get(page))}?{query}"
            if query == "s":
                addresses[key, name] = client.post(reverse(page), {"words": NAME})["Location"]
            client.get(addresses[key, name])  # what the first to ask has looked up is no part of it
    for first, number in ((1, 1), (2, 2), (4, 297)):
        write(cast, number, first, at, dispute.pk)
        results.append({})
        for key in LISTS:
            who = User.objects.get(pk=getattr(cast, key).pk)
            who.key = key
            results[-1] |= asked(client, who, addresses)
    one, three, many = results

    assert {name: (one[name], three[name]) for name in one if three[name] > one[name]} == {}
    assert {name: (one[name], many[name]) for name in one if many[name] > one[name]} == {}
    client.force_login(cast.council_lead)
    assert len(client.get(reverse("disputes")).context["rows"]) == 50
    assert len(client.get(reverse("panels")).context["rows"]) == 300
