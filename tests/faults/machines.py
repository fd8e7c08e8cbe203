"""The servers and processes of the fault suite, each of which can be stopped, killed and started again."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg2

from tests.servers import free_port, new_postgresql, running_postgresql, running_redis

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "f" * 32
LEASE_SECONDS = 10  # longer than EMAIL_TIMEOUT and the restart of PostgreSQL


class Server:
    """A server at a fixed port, up or down."""

    def __init__(self, start):
        self.start_it, self.stack, self.process = start, contextlib.ExitStack(), None

    def start(self):
        self.process = self.stack.enter_context(self.start_it())

    def stop(self):
        self.stack.close()
        self.stack = contextlib.ExitStack()


class Machines:
    """A PostgreSQL, a Redis, a web, two workers and a beat."""

    def __init__(self, folder, mail_port):
        self.folder, self.processes, self.killed = folder, {}, 0
        command, self.pg_port = new_postgresql(folder)
        self.postgresql = Server(lambda: running_postgresql(command, folder, self.pg_port))
        self.redis_port, self.web_port = free_port(), free_port()
        self.redis = Server(lambda: running_redis(folder, self.redis_port))
        self.environment = {
            **os.environ,
            "DEMO": "1",
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": f"postgres://resolve@127.0.0.1:{self.pg_port}/resolve",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "BOARD_MAILBOX": "board@test.example",
            "SWEEP_SECONDS": "2",
            "EMAIL_TIMEOUT": "4",
            "NOTICE_LEASE_SECONDS": str(LEASE_SECONDS),
            "NOTICE_RETRY_SECONDS": "2",
        }

    def set_up(self):
        self.postgresql.start()
        self.redis.start()
        with contextlib.closing(self.connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute("CREATE DATABASE resolve")
        for command in ("migrate", "createcachetable"):
            arguments = [sys.executable, "manage.py", command, "--verbosity=0"]
            subprocess.run(arguments, cwd=ROOT, env=self.environment, check=True)
        self.run("web", "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.web_port}", "--workers=2",
                 "--threads=4", "--log-level=warning", "--no-control-socket")  # fmt: skip
        for name in ("worker 1", "worker 2"):
            self.run_worker(name)
        self.run("beat", "-m", "celery", "--quiet", "-A", "config", "beat", "--loglevel=WARNING", "--pidfile=",
                 f"--schedule={self.folder / 'schedule'}")  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.request("GET", "/healthz") == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the web did not start: " + self.log("web"))

    def run(self, name, *command):
        with (self.folder / f"{name}.log").open("a") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-W", "ignore", *command],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def run_worker(self, name):
        self.run(name, "-m", "celery", "--quiet", "-A", "config", "worker", "--concurrency=1", "--loglevel=WARNING",
                 f"--hostname={name.replace(' ', '')}@here", "--without-gossip", "--without-mingle")  # fmt: skip

    def kill_worker(self, name):
        """kill -9 a worker and its child, and start another in its place."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()
        self.killed += 1
        self.run_worker(name)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def logs(self):
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def connect(self, name="resolve"):
        return psycopg2.connect(host="127.0.0.1", port=self.pg_port, user="resolve", dbname=name)

    def query(self, statement, *arguments):
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            return cursor.fetchall()

    def request(self, method, path, session="", **fields):
        """The status of a page; fields are posted as a form of somebody signed in."""
        headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "Connection": "close"}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, urlencode({**fields, "csrfmiddlewaretoken": TOKEN}), headers)
            return connection.getresponse().status

    def shut_down(self):
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.redis.stop()
        self.postgresql.stop()
