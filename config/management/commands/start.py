"""Web, worker and beat under one command.

Each child leads a process group of its own, so Ctrl-C reaches only this process, which then asks each child
once to stop (a second signal makes Celery drop what it holds), waits, and ends by force what is left.
"""

import ctypes
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

SECONDS_TO_STOP = 8
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Run web, worker and beat until Ctrl-C or SIGTERM; HOST and PORT say where."
    requires_system_checks = []

    def handle(self, **options):
        host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
        refuse_taken_port(host, port)
        shown = f"[{host}]" if ":" in host else host
        if settings.DEMO:
            self.say_accounts()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, ask_to_stop)
        children = []
        code = 1
        try:
            children.append(child("web", web(f"{shown}:{port}")))
            children.append(child("worker", worker()))
            ready = False
            while not any(ended(process) for process in children):
                if not ready and answers(shown, port):
                    ready = True
                    self.stdout.write(f"Ready: http://{shown}:{port}/")
                    self.stdout.flush()
                time.sleep(0.2)
        except StopAsked:
            code = 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            stop(children)
        sys.exit(code)

    def say_accounts(self):
        accounts = get_user_model().objects.filter(email__endswith="@demo.example").values_list("email", flat=True)
        # Those with a number are second people of a kind.
        shown = sorted(
            (email for email in accounts if not re.search(r"\d", email)), key=lambda email: (agency(email), email)
        )
        self.stdout.write("Demo accounts, password " + os.environ.get("DEMO_PASSWORD", "resolve-together") + ":")
        for _, group in itertools.groupby(shown, key=agency):
            self.stdout.write("  " + "  ".join(group))


class StopAsked(Exception):
    pass


def ask_to_stop(number, frame):
    raise StopAsked


def agency(email):
    """Of ROLE.AGENCY@demo.example the agency; nothing for the Board's own accounts."""
    role, _, name = email.partition("@")[0].partition(".")
    return name if role in ("practitioner", "manager", "lead") else ""


def web(address):
    options = ["--workers=2", "--threads=4", "--graceful-timeout=5", "--log-level=warning", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind={address}", *options]


def worker():
    # As root Celery warns; whether that is so is the operator's choice, not the worker's.
    program = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "config"]
    schedule = settings.DATA_DIR / "celerybeat-schedule"
    options = ["--beat", f"--schedule={schedule}", "--pool=threads", "--concurrency=2", "--loglevel=WARNING"]
    return [*program, "worker", *options, "--without-gossip", "--without-mingle"]


def child(name, command):
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    process.name = name
    return process


def end_with_parent():
    """Have Linux stop this child when `start` itself is killed, which leaves it no time to."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def ended(process):
    if process.poll() is None:
        return False
    sys.stderr.write(f"The {process.name} ended by itself (code {process.returncode}); stopping.\n")
    return True


def answers(host, port):
    reached = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
    # The name that the application expects, whatever the address.
    named = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", reached)
    request = urllib.request.Request(f"http://{reached}:{port}/healthz", headers={"Host": named})
    try:
        urllib.request.urlopen(request, timeout=2).close()
    except OSError:
        return False
    return True


def refuse_taken_port(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return
    raise CommandError(f"Something answers on {host}:{port} already; choose another PORT.")


def stop(children):
    for process in children:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in children:
        try:
            process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"The {process.name} did not stop by itself; ending it.\n")
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()
