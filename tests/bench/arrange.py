"""What bench needs to know of a loaded database, as JSON: who looks at which page, and how many statements it asks.

Run as a process of its own with the application's settings: `python -m tests.bench.arrange WHAT`.
"""

import json
import os
import re
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - after the set-up
from django.db import connection  # noqa: E402 - likewise
from django.db.models import Count  # noqa: E402 - likewise
from django.test import Client  # noqa: E402 - likewise
from django.test.utils import CaptureQueriesContext  # noqa: E402 - likewise
from django.urls import NoReverseMatch, reverse  # noqa: E402 - likewise
from django.utils import timezone  # noqa: E402 - likewise

from agencies.audit import Act  # noqa: E402 - likewise
from agencies.models import Agency, Notice, Role, User  # noqa: E402 - likewise
from config.demo.people import hold, person  # noqa: E402 - likewise
from escalation import timers  # noqa: E402 - likewise
from escalation.drafts import RAISING  # noqa: E402 - likewise
from escalation.forms.raising import PAGES  # noqa: E402 - likewise
from escalation.models import Clock, Dispute, Draft, Flag, FlagKind, NameWord, Watch  # noqa: E402 - likewise
from tests.bench import bare  # noqa: E402 - likewise

TURNS = 400  # drafts to be raised
# What signing in asks, and what opens and closes a part of a transaction
NOT_COUNTED = re.compile(r'"django_session"|FROM "agencies_user" WHERE "agencies_user"\."id" = |^(RELEASE )?SAVEPOINT')


def session(user):
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client, client.cookies["sessionid"].value


def board():
    """The Board Manager, made if need be."""
    manager = person("board.manager", "Helen Goddard", "Board Manager", "", make_password("unusable"))
    hold(manager, Role.BOARD_MANAGER)
    return manager


def pages():
    """Each page by name: who asks for it, its address, and what must be in it."""
    manager = board()
    lead = User.objects.get(email="lead1.load07@demo.example")
    agency = Agency.objects.get(name="Agency 07")
    acts = Act.objects.values("thread").annotate(number=Count("pk")).filter(number__gte=20, number__lte=26)
    seen = Dispute.objects.filter(pk__in=acts.values("thread"), parties__agency=agency).order_by("-raised_at")
    dispute = seen.filter(ended_at=None).first() or seen.first()
    standing = Dispute.objects.filter(ended_at=None, stage=1).select_related("raised_by").first()
    word = NameWord.objects.values("word").annotate(number=Count("pk")).order_by("-number").first()["word"]
    found = [
        ("list, 50 rows", lead, reverse("disputes"), b"page"),
        ("list, filtered", lead, reverse("disputes") + "?state=open", b""),
        ("dispute, 20 acts", lead, reverse("dispute", args=[dispute.reference]), dispute.reference.encode()),
        ("Appendix B as it stands", standing.raised_by, reverse("record_pdf", args=[standing.reference, 1]), b"%PDF"),
    ]
    found += searched(lead, word)
    for name, view in (("dashboard", "dashboard"), ("register, 50 rows", "register")):
        found += optional(name, manager, view)
    found += optional("annual figures", manager, "annual", timezone.now().year - 3)
    found += deep(manager, "register", "register, page 1,000")
    return found


def optional(name, user, view, *arguments):
    try:
        return [(name, user, reverse(view, args=arguments), b"</html>")]
    except NoReverseMatch:
        return []


def deep(user, view, name):
    """The last page of a list, by its own link."""
    if not optional(name, user, view):
        return []
    answer = Client(headers={"host": "127.0.0.1"})
    answer.force_login(user)
    found = re.search(r'href="([^"]*)"[^>]*rel="last"|rel="last"[^>]*href="([^"]*)"', answer.get(reverse(view)).text)
    if not found:
        return []
    address = (found.group(1) or found.group(2)).replace("&amp;", "&")
    return [(name, user, address if address.startswith("/") else reverse(view) + address, b"</html>")]


def searched(user, word):
    """What is found for a name, under the address to which the search leads."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    answer = client.post(reverse("disputes"), {"words": word})
    return [("search", user, answer["Location"], b"</html>")] if answer.status_code == 302 else []


def draft_of(user, other):
    """Something to raise: every page answered as it is typed."""
    answers = bare.ANSWERS | {
        "adult": bare.ANSWERS["adult"]
        | {"disputed_agency": [str(other.pk)], "raised_for": [str(next(iter(user.standing.agencies)))]}
    }
    data = {page: answers[page] for page in PAGES if page in answers}
    now = timezone.now()
    return Draft(person=user, form=RAISING, data=data, started_at=now, saved_at=now)


def drafts(number):
    """Keys of drafts that only wait to be raised, and who raises them."""
    user = User.objects.get(email="practitioner1.load07@demo.example")
    other = Agency.objects.get(name="Agency 09")
    made = Draft.objects.bulk_create([draft_of(user, other) for _ in range(number)])
    return user, [reverse("raise_check", args=[draft.key]) for draft in made]


def describe():
    """Pages with their sessions, and the statements each asks the second time."""
    told = []
    for name, user, address, contains in pages():
        client, key = session(user)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        told.append({"name": name, "paths": [address], "method": "GET", "session": key, "expect": 200,
                     "contains": contains.decode(), "sql": counted(captured)})  # fmt: skip
    user, (first, second, *paths) = drafts(TURNS + 2)
    client, key = session(user)
    for address in (first, second):
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(address)
        if answer.status_code != 302 or "done" not in answer["Location"]:
            raise SystemExit(f"raising answered {answer.status_code} {answer.get('Location')}")
    told.append({"name": "raise", "paths": paths, "method": "POST", "session": key, "expect": 302,
                 "contains": "", "sql": counted(captured)})  # fmt: skip
    return told


def counted(captured):
    return len([query for query in captured.captured_queries if not NOT_COUNTED.search(query["sql"])])


def sweep(due):
    """Settle, make this many due for the first time, and sweep them; then sweep when nothing is due."""
    now = timezone.now()
    settled = timers.sweep(now)
    make_due(due)
    analyse()
    before = rows()
    with CaptureQueriesContext(connection) as captured:
        began = time.perf_counter()
        counts = timers.sweep(now + timedelta(seconds=1))
        taken = time.perf_counter() - began
    written = {table: after - before[table] for table, after in rows().items()}
    with CaptureQueriesContext(connection) as idle:
        timers.sweep(now + timedelta(seconds=2))
    in_database = sum(float(query["time"]) for query in idle.captured_queries)
    bare_ms = min(bare.insert(written) for _ in range(3))
    return {
        "settled": settled, "counts": counts, "written": written, "elapsed_ms": round(taken * 1000, 1),
        "sql": counted(captured), "bare_ms": round(bare_ms * 1000, 1), "idle_sql": counted(idle),
        "idle_database_ms": round(in_database * 1000, 1),
    }  # fmt: skip


def make_due(number):
    """Forget that so many disputes are past their target: their flags, and what was told of it."""
    flagged = Flag.objects.filter(kind=FlagKind.PAST_TARGET, dispute__ended_at=None).select_related("dispute")[:number]
    disputes = [flag.dispute for flag in flagged]
    Flag.objects.filter(kind=FlagKind.PAST_TARGET, dispute__in=disputes).delete()
    Notice.objects.filter(kind=FlagKind.PAST_TARGET, thread__in=[dispute.pk for dispute in disputes]).delete()
    Watch.objects.bulk_create(
        Watch(dispute=dispute, clock=Clock.TARGET, look_at=dispute.target_at) for dispute in disputes
    )


def rows():
    found = {}
    with connection.cursor() as cursor:
        for table in ("escalation_flag", "agencies_act", "agencies_notice", "escalation_duty"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def analyse():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalation_flag, escalation_watch, agencies_notice")


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    sys.stdout.write(
        json.dumps({"describe": describe, "sweep": sweep, "bare": bare.figures}[what](*map(int, arguments)))
    )
