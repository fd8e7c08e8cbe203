"""Whatever breaks, what was committed is told: real PostgreSQL, Redis, workers and mail server, each of which fails.

200 disputes are made, 180 of them taken to stage three over HTTP and 20 in transactions that fail, while workers are
killed, Redis stops and comes back empty, and hangs, the mail server refuses, goes away and hangs, and PostgreSQL
restarts. Email arrives at least once: each killed worker may cause one double, with the same Message-ID.
"""

import json
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from types import SimpleNamespace

import pytest

from tests.faults.machines import ROOT, Machines
from tests.mail_server import mail_server
from tests.servers import temporary_folder

NUMBER, ROLLED_BACK = 200, 20
BOARD = ("board.manager@test.example", "board@test.example")
STATES = "SELECT d.reference, d.stage FROM escalation_dispute d"
NOTICES = """
    SELECT n.reference, coalesce(u.email, n.mailbox), n.parcel, n.message_id, n.sent_at IS NOT NULL, n.kind, n.title
    FROM agencies_notice n LEFT JOIN agencies_user u ON u.id = n.recipient_id
"""
CANARIES = ("Margaret", "Whitworth", "capacity", "ward doors", "discharge her", "No agreement", "Aisha", "Ogden")


@pytest.fixture(scope="module")
def aftermath():
    """What was found once everything had failed, come back and settled."""
    with temporary_folder() as folder, mail_server() as mail:
        machines = Machines(folder, mail.port)
        try:
            machines.set_up()
            yield Play(machines, mail).run()
        except BaseException:
            sys.stderr.write(machines.logs())
            raise
        finally:
            machines.shut_down()


class Play:
    """The acts, and the faults between them."""

    def __init__(self, machines, mail):
        self.machines, self.mail = machines, mail
        self.pages = queue.Queue()
        self.done, self.errors, self.rolled_back, self.slowest = 0, [], [], 0
        self.database_away = False
        self.lock = threading.Lock()

    def run(self):
        self.mail.delay = 0.02
        scene = [sys.executable, "-W", "ignore", "-m", "tests.faults.scene", str(NUMBER)]
        process = subprocess.Popen(
            scene, cwd=ROOT, env=self.machines.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.session = json.loads(process.stdout.readline())["session"]
        actors = [threading.Thread(target=self.act, daemon=True) for _ in range(2)]
        for thread in (*actors, threading.Thread(target=self.read, args=[process], daemon=True)):
            thread.start()
        self.break_everything()
        for thread in actors:
            thread.join(60)
        assert not process.wait(10)
        settled = self.settle()
        found = self.look(settled)
        sys.stdout.write(f"{found.killed} killed, {found.doubles} doubles, slowest page {found.slowest:.1f} s\n")
        return found

    def read(self, process):
        for line in process.stdout:
            words = json.loads(line)
            if "reference" in words:
                self.pages.put(words["reference"])
            else:
                self.rolled_back.append(words["rolled_back"])
        process.stdout.close()
        for _ in range(2):
            self.pages.put(None)

    def act(self):
        """Take each dispute to stage three over HTTP, again where the database was away."""
        fields = {"reason": "No agreement.", "safety": "in_place", "safety_detail": "On the ward.",
                  "is_right_today": "on", "seen_stage": 2}  # fmt: skip
        while (reference := self.pages.get()) is not None:
            while True:
                was_away, began = self.database_away, time.monotonic()
                status = self.machines.request("POST", f"/disputes/{reference}/escalate/", self.session, **fields)
                is_database = was_away or self.database_away
                if not is_database:
                    self.slowest = max(self.slowest, time.monotonic() - began)
                if status in (302, 409) or (status == 403 and is_database):
                    break
                if not (is_database and status >= 500):
                    self.errors.append((reference, status))
                    break
                time.sleep(0.2)
            with self.lock:
                self.done += 1

    def until(self, number):
        deadline = time.monotonic() + 90
        while self.done < number and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.done >= number, f"only {self.done} acts were done"

    def break_everything(self):
        machines, mail = self.machines, self.mail
        self.until(15)  # workers, between handing a mail to the server and noting it
        handed_over = threading.Event()
        mail.on_arrival = handed_over.set
        mail.delay = 1
        assert handed_over.wait(20)
        for name in ("worker 1", "worker 2"):
            machines.kill_worker(name)
        mail.on_arrival, mail.delay = None, 0.02

        self.until(35)  # Redis stops, and comes back empty
        machines.redis.stop()
        self.until(50)
        machines.redis.start()

        self.until(65)  # the mail server refuses for a while
        mail.answer_to_all = "451 come back later"
        self.until(80)
        mail.answer_to_all = ""

        self.until(90)  # it hangs
        mail.hangs = True
        self.until(105)
        mail.hangs = False

        self.until(115)  # PostgreSQL restarts
        self.database_away = True
        machines.postgresql.stop()
        time.sleep(0.5)
        machines.postgresql.start()
        time.sleep(1)
        self.database_away = False

        self.until(130)  # Redis hangs
        machines.redis.process.send_signal(signal.SIGSTOP)
        self.until(140)
        machines.redis.process.send_signal(signal.SIGCONT)

        self.until(150)  # a worker, at any moment
        machines.kill_worker("worker 1")
        self.until(NUMBER - ROLLED_BACK)

    def settle(self):
        """Wait until nothing waits to be sent any more."""
        deadline = time.monotonic() + 90
        unsent = "SELECT count(*) FROM agencies_notice WHERE sent_at IS NULL AND send_after < now() + interval '1 hour'"
        while time.monotonic() < deadline:
            if self.machines.query(unsent) == [(0,)]:
                return True
            time.sleep(0.3)
        return False

    def look(self, settled):
        names = ("reference", "address", "parcel", "message_id", "is_sent", "kind", "title")
        return SimpleNamespace(
            settled=settled,
            stages=dict(self.machines.query(STATES)),
            rolled_back={row[0] for row in self.machines.query(STATES + " WHERE d.id = ANY(%s)", self.rolled_back)},
            notices=[SimpleNamespace(**dict(zip(names, row, strict=True))) for row in self.machines.query(NOTICES)],
            arrived=list(self.mail.arrived),
            errors=self.errors,
            slowest=self.slowest,
            killed=self.machines.killed,
            doubles=len(self.mail.arrived) - len({(to, mail["Message-ID"]) for to, mail in self.mail.arrived}),
            logs={path.name: path.read_text() for path in self.machines.folder.glob("*.log")},
        )


def test_no_page_failed_because_of_redis_or_the_mail_server(aftermath):
    assert aftermath.errors == []
    assert aftermath.slowest < 10  # seconds, on a busy machine


def test_every_committed_stage_three_has_its_notices_and_no_other_dispute_has(aftermath):
    """For the Board Manager and the Board's mailbox, each once."""
    at_three = {reference for reference, stage in aftermath.stages.items() if stage == 3}
    assert len(at_three) == NUMBER - ROLLED_BACK
    assert len(aftermath.rolled_back) == ROLLED_BACK
    assert not at_three & aftermath.rolled_back
    for address in BOARD:
        told = [n.reference for n in aftermath.notices if n.kind == "inform_chair" and n.address == address]
        assert sorted(told) == sorted(at_three)


def test_every_notice_was_delivered_at_least_once(aftermath):
    assert aftermath.settled
    mails = defaultdict(list)
    for address, mail in aftermath.arrived:
        mails[address, mail["Message-ID"]].append(mail)
    for notice in aftermath.notices:
        if notice.kind == "inform_chair":
            assert notice.is_sent
            [mail, *_] = mails[notice.address, notice.parcel]
            assert f"Reference: {notice.reference}" in mail.get_body(("plain",)).get_content()


def test_doubles_are_at_most_one_for_each_kill_and_bear_the_same_message_id(aftermath):
    """What a mail says is told in no mail of another Message-ID."""
    assert 1 <= aftermath.doubles <= aftermath.killed
    contents = defaultdict(set)
    for address, mail in aftermath.arrived:
        contents[address, mail["Message-ID"]].add(mail.get_body(("plain",)).get_content())
    assert {len(bodies) for bodies in contents.values()} == {1}
    assert {mail["Message-ID"] for _, mail in aftermath.arrived} <= {n.parcel for n in aftermath.notices}
    told = Counter(
        (address, reference)
        for (address, _), [body] in ((key, list(bodies)) for key, bodies in contents.items())
        for reference in re.findall(r"inform the Independent Chair\s+Reference: (\S+),", body)
    )
    assert set(told.values()) == {1}


def test_no_name_and_no_text_of_a_dispute_in_any_mail_or_log(aftermath):
    written = [mail.as_string() for _, mail in aftermath.arrived] + list(aftermath.logs.values())
    written += [part.get_content() for _, mail in aftermath.arrived for part in mail.iter_parts()]
    assert not [words for words in written for canary in CANARIES if canary in words]
