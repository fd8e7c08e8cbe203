"""What bench needs to know of a loaded database, as JSON: who looks at which page, and how many statements it asks.

Run as a process of its own with the application's settings: `python -m tests.bench.arrange WHAT`.
"""

import json
import os
import re
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - after the set-up
from django.db import connection  # noqa: E402 - likewise
from django.db.models import Count  # noqa: E402 - likewise
from django.test import Client  # noqa: E402 - likewise
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402 - likewise
from django.urls import reverse  # noqa: E402 - likewise
from django.utils import timezone  # noqa: E402 - likewise

from agencies.audit import Act  # noqa: E402 - likewise
from agencies.models import Agency, Notice, Role, User  # noqa: E402 - likewise
from config.demo.people import hold, person  # noqa: E402 - likewise
from escalation import timers  # noqa: E402 - likewise
from escalation.drafts import RAISING  # noqa: E402 - likewise
from escalation.exports import AT_ONCE  # noqa: E402 - likewise
from escalation.forms.raising import PAGES  # noqa: E402 - likewise
from escalation.models import Clock, Dispute, Draft, Flag, FlagKind, NameWord, Watch  # noqa: E402 - likewise
from escalation.paging import Place  # noqa: E402 - likewise
from tests.asked import statements  # noqa: E402 - likewise
from tests.bench import bare  # noqa: E402 - likewise

TURNS = 400  # drafts to be raised
DEEP = 0.9  # how far down a deep page lies
ROWS = 50
TABLES = ("escalation_flag", "agencies_act", "agencies_notice", "escalation_duty")


def signed_in(user):
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def board():
    """The Board Manager, made if need be."""
    manager = person("board.manager", "Helen Goddard", "Board Manager", "", make_password("unusable"))
    hold(manager, Role.BOARD_MANAGER)
    return manager


def of_the_board(manager):
    """The Board Manager's pages: name, who asks, address, how many disputes it must list."""
    upper, agency = Dispute.objects.filter(stage__gte=3), Agency.objects.get(name="Agency 07")
    register = reverse("register")
    # A large file is made by a worker
    is_small = upper.filter(parties__agency=agency).count() <= AT_ONCE
    csv = ("register as CSV, of one agency", manager, f"{reverse('register_csv')}?agency={agency.pk}", 0)
    return [
        ("dashboard", manager, reverse("dashboard"), 0),
        ("register", manager, register, min(ROWS, upper.count())),
        ("register, filtered", manager, f"{register}?stage=3", min(ROWS, upper.filter(stage=3).count())),
        ("register, deep page", manager, deep(manager, register, upper), ROWS),
        *([csv] if is_small else []),
    ]


def of_others(manager):
    """The pages of a lead and of others who act in disputes, and the Board Manager's of a year."""
    lead = User.objects.get(email="lead1.load07@demo.example")
    agency = Agency.objects.get(name="Agency 07")
    own = Dispute.objects.filter(parties__agency=agency)
    dispute = busy()
    busy_lead = User.objects.get(email=f"lead1.load{dispute.raising_agency.name[-2:]}@demo.example")
    standing = Dispute.objects.filter(ended_at=None, stage=1).select_related("raised_by").first()
    word = NameWord.objects.values("word").annotate(number=Count("pk")).order_by("-number").first()["word"]
    address = reverse("disputes")
    return [
        ("dashboard of a lead", lead, reverse("dashboard"), 0),
        ("list", lead, address, min(ROWS, own.count())),
        ("list, filtered", lead, f"{address}?state=ended", min(ROWS, own.exclude(ended_at=None).count())),
        ("list, deep page", lead, deep(lead, address, own), ROWS),
        ("search by name", lead, searched(lead, words=word), 1),
        ("search by text", lead, searched(lead, written=" ".join(words_of(own))), 1),
        ("dispute, 20 acts", busy_lead, reverse("dispute", args=[dispute.reference]), 0),
        ("annual figures", manager, reverse("annual_year", args=[timezone.now().year - 3]), 0),
        ("Appendix B as it stands", standing.raised_by, reverse("record_pdf", args=[standing.reference, 1]), 0),
    ]


def busy():
    """A dispute with twenty acts or a few more, an open one where there is one."""
    acts = Act.objects.values("thread").annotate(number=Count("pk")).filter(number__gte=20, number__lte=26)
    found = Dispute.objects.filter(pk__in=acts.values("thread")).select_related("raising_agency").order_by("-raised_at")
    dispute = found.filter(ended_at=None).first() or found.first()
    if dispute is None:
        raise SystemExit("no dispute has twenty acts")
    return dispute


def deep(user, address, disputes):
    """A page most of the way down, where only disputes are that have ended; small databases have their last one."""
    ended = disputes.exclude(ended_at=None).order_by("-ended_at", "-pk")
    last = max(ended.count() - ROWS - 1, 0)
    row = ended[min(int(ended.count() * DEEP), last)]
    key = Place(1, row.ended_at, row.pk).key
    answer = signed_in(user).get(address, {"after": key})
    first = next(iter(listed(answer)), None)
    if first is None or Dispute.objects.get(reference=first).ended_at > row.ended_at:
        raise SystemExit(f"{address} does not go on after the row it was given")
    return f"{address}?after={key}"


def listed(answer):
    """The references of the disputes that a page leads to, each once."""
    return list(dict.fromkeys(re.findall(r'href="/disputes/(\d{4}-\d{4})/"', answer.text)))


def searched(user, **words):
    """The address to which a search leads: what is searched for stands in none."""
    return signed_in(user).post(reverse("disputes"), words)["Location"]


def words_of(disputes):
    """Two long words of what was written in one of these."""
    return re.findall(r"[a-z]{7,}", disputes.order_by("-raised_at").first().problem.lower())[:2]


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


def describe(is_whole=1):
    """Pages with their sessions, what each asks the second time, and its HTML; of a backlog the Board's alone."""
    manager = board()
    pages = of_the_board(manager) + (of_others(manager) if is_whole else [])
    told = [looked_at(*page) for page in pages] + ([raised()] if is_whole else [])
    return {"pages": told, "options": connection.settings_dict["OPTIONS"]["options"]}


def looked_at(name, user, address, rows):
    """A page to be asked for; that it is what it is called is made sure of here, not while it is timed."""
    client = signed_in(user)
    client.get(address)
    # As it is worded, for whoever asks it elsewhere
    with override_settings(PREPARE_STATEMENTS=False), CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    content = b"%PDF" if ".pdf" in address else b"Reference,Adult" if ".csv" in address else b"</html>"
    if answer.status_code != 200 or content not in answer.getvalue():
        raise SystemExit(f"{address} answered {answer.status_code}")
    if rows and not rows <= len(listed(answer)) <= ROWS + 1:
        raise SystemExit(f"{name} lists {len(listed(answer))} disputes and not {rows}")
    asked, is_page = statements(captured), content == b"</html>"
    return {
        "name": name, "paths": [address], "method": "GET", "session": client.cookies["sessionid"].value,
        "expect": 200, "contains": content.decode(), "sql": len(asked),
        "statements": asked if is_page else [], "html": answer.text if is_page else "",
    }  # fmt: skip


def raised():
    """The final POST of raising, each time of another draft."""
    user, (first, second, *paths) = drafts(TURNS + 2)
    client = signed_in(user)
    for address in (first, second):
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(address)
        if answer.status_code != 302 or "done" not in answer["Location"]:
            raise SystemExit(f"raising answered {answer.status_code} {answer.get('Location')}")
    return {"name": "raise", "paths": paths, "method": "POST", "session": client.cookies["sessionid"].value,
            "expect": 302, "contains": "", "sql": len(statements(captured)), "statements": []}  # fmt: skip


def sweep(due):
    """Settle, make this many due for the first time, and sweep them; then sweep when nothing is due."""
    now = timezone.now()
    settled = timers.sweep(now)
    make_due(due)
    before, counts = rows(), {}
    with CaptureQueriesContext(connection) as captured:
        cost = bare.cost(lambda: counts.update(timers.sweep(now + timedelta(seconds=1))))
    written = {table: after - before[table] for table, after in rows().items()}
    with CaptureQueriesContext(connection) as idle:
        timers.sweep(now + timedelta(seconds=2))
    in_database = sum(float(query["time"]) for query in idle.captured_queries)
    least = [bare.cost(lambda: bare.insert(written)) for _ in range(3)]
    return {
        "settled": settled, "counts": counts, "written": written, **cost, "sql": len(statements(captured)),
        "I": {key: min(each[key] for each in least) for key in least[0]},
        "idle_sql": len(statements(idle)), "idle_database_ms": round(in_database * 1000, 1),
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
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalation_flag, escalation_watch, agencies_notice")


def rows():
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    sys.stdout.write(
        json.dumps({"describe": describe, "sweep": sweep, "bare": bare.figures}[what](*map(int, arguments)))
    )
