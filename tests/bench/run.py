"""Runs the measures one after the other, and prints each as a multiple of its unit.

    bin/bench [--sizes 1000,100000] [--backlog 100000] [--seconds 3] [--output FILE]

Elapsed times move with the machine and its neighbours; processor time does less. The ratio given is the better of both.
`--sizes 1000,100000,1000000` takes half an hour more.
"""

import argparse
import contextlib
import json
import os
import platform
import secrets
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from tests import servers
from tests.bench.measure import ROOT, Web, others_percent
from tests.bench.report import of_run, whole

DURABLE = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "512MB",
    "max_wal_size": "4GB", "jit": "off",
}  # fmt: skip
DUE = 5_000
A_BACKLOG = 40  # per cent open
PDF = "Appendix B as it stands"


def main():
    arguments = argparse.ArgumentParser(prog="bin/bench", description=__doc__.split("\n")[0])
    arguments.add_argument("--sizes", default="1000,100000", help="how many disputes, one run for each")
    arguments.add_argument(
        "--backlog", default="100000", help="sizes that are also run with 40 %% open; empty for none"
    )
    arguments.add_argument("--seconds", type=float, default=3.0, help="how long each page is asked for")
    arguments.add_argument("--output", help="a file for the tables as Markdown; for the figures, if it ends in .json")
    given = arguments.parse_args()
    sizes = [(int(size), 2) for size in given.sizes.split(",") if size]
    sizes += [(int(size), A_BACKLOG) for size in given.backlog.split(",") if size and int(size) in dict(sizes)]
    began = time.monotonic()
    command = shlex.join(["bin/bench", *sys.argv[1:]])
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "machine": machine(),
        "runs": [],
    }
    with servers.temporary_folder() as folder, postgresql(folder) as server, servers.redis_server(folder) as broker:
        for number, percent in sizes:
            say(f"\n{number:,} disputes, {percent} % open")
            run = Run(folder, server, broker, number, percent, given.seconds).figures()
            report["runs"].append(run)
            report["seconds"] = round(time.monotonic() - began)
            say("\n" + of_run(run))
            if given.output:
                is_json = given.output.endswith(".json")
                Path(given.output).write_text(json.dumps(report, indent=1) if is_json else whole(report))
    say("\n" + whole(report))


@contextlib.contextmanager
def postgresql(folder):
    """A server of our own that keeps what it commits; gives its port and process."""
    command, port = servers.new_postgresql(folder)
    command += [part for name, value in DURABLE.items() for part in ("-c", f"{name}={value}")]
    with servers.running_postgresql(command, folder, port) as process:
        yield port, process.pid


class Run:
    """One size and profile: a database of its own, filled, and everything measured on it."""

    def __init__(self, folder, server, broker, number, percent, seconds):
        self.port, self.postmaster = server
        self.number, self.percent, self.seconds = number, percent, seconds
        name = f"n{number}_{percent}"
        self.environment = {
            **os.environ,
            "DEMO": "1",
            "DATA_DIR": os.environ.get("DATA_DIR", str(folder / "data")),
            "DATABASE_URL": f"postgres://resolve@127.0.0.1:{self.port}/{name}",
            "REDIS_URL": broker,
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "SECRET_KEY": secrets.token_hex(32),
            "FLOOR_PORT": str(self.port),
            "FLOOR_DATABASE": f"{name}_floor",
            "OUR_DATABASE": name,
            "OUR_PAGES": str(folder / f"{name}.json"),
        }
        for database in (name, f"{name}_floor"):
            connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="resolve", dbname="postgres")
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {database}")
            connection.close()

    def figures(self):
        floor_session = self.python("-c", f"from tests.bench import floor; print(floor.prepare({self.number}))").strip()
        for command in (["migrate", "--verbosity=0"], ["createcachetable"]):
            self.python("manage.py", *command)
        began = time.monotonic()
        self.python("manage.py", "seed_load", f"--disputes={self.number}", f"--open={self.percent}", show=True)
        run = {"disputes": self.number, "open_percent": self.percent, "seeded_s": round(time.monotonic() - began)}
        noise = [others_percent()]
        is_whole = self.percent != A_BACKLOG
        run["floor"] = self.floor(floor_session)
        run["bare"] = json.loads(self.arrange("bare", int(is_whole)))
        told = json.loads(self.arrange("describe", int(is_whole)))
        run["pages"], run["memory_mib"] = self.pages(told["pages"])
        self.bare_pages(told, run["pages"], floor_session)
        run["floor_after"] = self.floor(floor_session)
        run["others_percent"] = [*noise, others_percent()]
        due = min(DUE, self.number * self.percent // 400)
        run["sweep"] = json.loads(self.arrange("sweep", due))
        return run

    def arrange(self, what, *arguments):
        return self.python("-m", "tests.bench.arrange", what, *map(str, arguments))

    def floor(self, session):
        """F and W, before and after the pages; the mean of both is the unit."""
        with Web("tests.bench.floor:application", self.environment, self.postmaster) as web:
            select = web.measure(forever("GET", "/select/", session), self.seconds, contains=b"</html>")
            insert = web.measure(forever("POST", "/insert/", session), self.seconds, expect=302)
        return {"F": select, "W": insert}

    def pages(self, pages):
        found = {}
        # Sessions are signed with the same key, so the one server knows all of them
        with Web("config.wsgi:application", self.environment, self.postmaster) as web:
            memory = 0
            for page in sorted(pages, key=lambda page: page["name"] == PDF):
                if page["name"] == PDF:
                    memory = web.peak_mib()
                requests = ((page["method"], path, page["session"]) for path in page["paths"])
                if page["method"] == "GET":
                    requests = forever("GET", page["paths"][0], page["session"])
                measured = web.measure(
                    requests, self.seconds, expect=page["expect"], contains=page["contains"].encode()
                )
                found[page["name"]] = {**measured, "sql": page["sql"]}
            return found, memory or web.peak_mib()

    def bare_pages(self, told, measured, session):
        """Each page once more as its statements and its HTML alone, beside what it takes when it is worked out."""
        pages = [page for page in told["pages"] if page["statements"]]
        Path(self.environment["OUR_PAGES"]).write_text(json.dumps(pages))
        environment = {**self.environment, "OUR_DATABASE_OPTIONS": told["options"]}
        with Web("tests.bench.floor:application", environment, self.postmaster) as web:
            for number, page in enumerate(pages):
                requests = forever("GET", f"/page/{number}/", session)
                measured[page["name"]]["bare"] = web.measure(requests, self.seconds / 2, contains=b"</html>")

    def python(self, *arguments, show=False):
        out = subprocess.run(
            [sys.executable, "-W", "ignore", *arguments],
            cwd=ROOT, env=self.environment, stdout=None if show else subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if out.returncode:
            raise SystemExit(f"{arguments} failed: {(out.stdout or '')[-2000:]}")
        return out.stdout


def forever(*request):
    while True:
        yield request


def machine():
    model = next((text.split(":")[1].strip() for text in Path("/proc/cpuinfo").read_text().splitlines()
                  if text.startswith("model name")), "")  # fmt: skip
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def say(words):
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
