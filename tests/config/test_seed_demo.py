"""The command that seeds the demo: when it does, and when it refuses."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command

from agencies.models import Agency, User
from config.demo.calendar import DemoCalendar
from config.demo.play import OutOfOrder, times
from config.demo.steps import Story, view
from config.demo.stories import STORIES
from config.management.commands import seed_demo
from escalation.models import Dispute
from escalation.moments import LONDON

# Nights, evenings, days after long weekends, and both changes of clocks
HARD = [
    datetime(2026, 11, 23, 2, 17, tzinfo=LONDON),
    datetime(2026, 4, 7, 8, 5, tzinfo=LONDON),
    datetime(2026, 12, 29, 0, 0, tzinfo=LONDON),
    datetime(2027, 12, 29, 9, 1, tzinfo=LONDON),
    datetime(2026, 3, 29, 23, 58, tzinfo=LONDON),
    datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=LONDON),
    datetime(2028, 1, 4, 16, 59, tzinfo=LONDON),
]
ANY = [datetime(2026, 1, 1, tzinfo=UTC) + number * timedelta(hours=53, minutes=7) for number in range(170)]


def seed(**options):
    out = io.StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_refuses_outside_demo_mode(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="in demo mode only"):
        seed()

    assert not User.objects.exists()


@pytest.mark.django_db
def test_leaves_people_who_are_there_alone():
    User.objects.create_user("somebody@test.example", full_name="Somebody")

    told = seed()

    assert "nothing was seeded" in told
    assert (User.objects.count(), Agency.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_an_interruption_leaves_nothing_half_seeded(monkeypatch):
    def interrupted(story, cast, now):
        raise KeyboardInterrupt

    monkeypatch.setattr(seed_demo, "play", interrupted)

    with pytest.raises(KeyboardInterrupt):
        seed()

    assert (User.objects.count(), Agency.objects.count(), Dispute.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("now", HARD, ids=str)
def test_every_story_is_over_by_now(now):
    assert [times(story, DemoCalendar(now))[-1] <= now for story in STORIES] == [True] * len(STORIES)


def test_every_story_is_told_in_order_whenever_it_is_seeded():
    assert sum(len(times(story, DemoCalendar(now))) for now in ANY for story in STORIES) > len(ANY) * 200


def test_a_story_that_runs_ahead_of_time_is_refused():
    story = Story("", "-2 10:00", "", "", "", {}, steps=(view("-3 10:00", "", ""),))

    with pytest.raises(OutOfOrder):
        times(story, DemoCalendar(HARD[0]))


def test_no_telephone_number_is_anybodys():
    """01632 960 is kept for fiction; any other number could ring."""
    texts = "\n".join(path.read_text() for path in Path(project.BASE_DIR, "config/demo").rglob("*.py"))
    numbers = re.findall(r"\+44[\d ]+|\b0\d{2,4}[ -]?\d{3}[ -]?\d{3,4}\b|\b0\d{4} \d{3} ", texts)

    assert numbers
    assert {number[:9] for number in numbers} == {"01632 960"}


def test_the_list_of_the_demo_names_every_story():
    listed = Path(project.BASE_DIR, "docs/demo.md").read_text()

    missing = [
        s.shows for s in STORIES if f"| {s.details['adult_name']} |" not in listed or f"| {s.shows} |" not in listed
    ]

    assert missing == []
