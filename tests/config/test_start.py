import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

SECONDS_TO_START = 60


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A folder with an embedded database, migrated and without people."""
    folder = tmp_path_factory.mktemp("migrated")
    for command in ("migrate", "createcachetable"):
        manage = [sys.executable, "manage.py", command, "--verbosity=0"]
        subprocess.run(manage, cwd=settings.BASE_DIR, env=embedded(folder), check=True)
    return folder


@pytest.fixture
def demo(migrated, tmp_path):
    """The environment of a demo of its own, on a free port."""
    folder = shutil.copytree(migrated, tmp_path / "data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {**embedded(folder), "HOST": "127.0.0.1", "PORT": str(port)}


def embedded(folder):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {**kept, "DEMO": "1", "DATA_DIR": str(folder)}


def started(environment):
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", "start"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until_ready(process, port):
    lines = []
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        lines.append(line)
        if line == f"Ready: http://127.0.0.1:{port}/\n":
            return
        if not line:
            break
    raise AssertionError("".join(lines))


def alive(words):
    """The numbers of the processes whose command line holds these words."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if words in (folder / "cmdline").read_text(errors="replace").replace("\0", " "):
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_serves_and_stops_within_ten_seconds(demo, number):
    web, worker = f"127.0.0.1:{demo['PORT']}", f"{demo['DATA_DIR']}/celerybeat-schedule"
    process = started(demo)
    try:
        read_until_ready(process, demo["PORT"])
        with urllib.request.urlopen(f"http://127.0.0.1:{demo['PORT']}/healthz", timeout=5) as answer:
            assert answer.read() == b"ok\n"

        assert alive(web)
        assert alive(worker)

        asked = time.monotonic()
        process.send_signal(number)
        rest, _ = process.communicate(timeout=15)

        assert time.monotonic() - asked < 10
        assert process.returncode == 0
        assert "Traceback" not in rest
        assert "did not stop by itself" not in rest
        assert alive(web) == alive(worker) == []
    finally:
        process.kill()
        process.wait()


def test_start_stops_all_when_one_child_ends(demo):
    process = started(demo)
    try:
        read_until_ready(process, demo["PORT"])
        leader = min(alive(f"{demo['DATA_DIR']}/celerybeat-schedule"))
        os.kill(leader, signal.SIGKILL)
        rest, _ = process.communicate(timeout=15)

        assert process.returncode == 1
        assert "The worker ended by itself" in rest
        assert alive(f"127.0.0.1:{demo['PORT']}") == []
    finally:
        process.kill()
        process.wait()


def test_nothing_is_left_when_start_itself_is_killed(demo):
    web, worker = f"127.0.0.1:{demo['PORT']}", f"{demo['DATA_DIR']}/celerybeat-schedule"
    process = started(demo)
    read_until_ready(process, demo["PORT"])
    process.kill()
    process.communicate(timeout=15)

    deadline = time.monotonic() + 15
    while (alive(web) or alive(worker)) and time.monotonic() < deadline:
        time.sleep(0.2)

    assert alive(web) == alive(worker) == []


STAGE_THREE = """
from datetime import timedelta
import django
django.setup()
from django.utils import timezone
from tests import cast as casting
print(casting.at_stage(casting.make(), 3, at=timezone.now() - timedelta(hours=4)).reference)
"""


def test_a_stage_three_reaches_the_board_manager_by_email_through_start(demo):
    """The worker of `start`, with the broker of files, runs the timers and sends what is due."""
    demo |= {"SWEEP_SECONDS": "2"}
    mails, sweeps = Path(demo["DATA_DIR"]) / "mail", "SELECT count(*) FROM escalation_beat"
    process = started(demo)
    try:
        read_until_ready(process, demo["PORT"])
        script = [sys.executable, "-W", "ignore", "-c", STAGE_THREE]
        environment = {**demo, "DJANGO_SETTINGS_MODULE": "config.settings"}
        reference = subprocess.check_output(script, cwd=settings.BASE_DIR, env=environment, text=True).strip()

        def arrived():
            with contextlib.closing(sqlite3.connect(Path(demo["DATA_DIR"]) / "resolve.sqlite3")) as database:
                swept = database.execute(sweeps).fetchone()[0]
            words = " ".join("".join(path.read_text() for path in mails.glob("*")).split())
            return swept and f"{reference}: Stage three was reached: inform the Independent Chair" in words

        deadline = time.monotonic() + 45
        while not arrived() and time.monotonic() < deadline:
            time.sleep(0.3)
        assert arrived()
    finally:
        process.terminate()
        process.communicate(timeout=15)


def test_start_refuses_a_port_that_is_taken(demo):
    with socket.create_server(("127.0.0.1", int(demo["PORT"]))):
        rest, _ = (process := started(demo)).communicate(timeout=30)

    assert process.returncode == 1
    assert f"Something answers on 127.0.0.1:{demo['PORT']} already" in rest
