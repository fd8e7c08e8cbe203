"""Runs the measures one after the other, and prints each as a multiple of its unit.

    bin/bench [--sizes 1000,100000] [--seconds 3] [--output FILE]

Elapsed times move with the machine and its neighbours; processor time does less. The ratio given is the better of both.
"""

import argparse
import contextlib
import json
import os
import platform
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from tests import servers
from tests.bench.measure import ROOT, Web, others_percent

DURABLE = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "512MB",
    "max_wal_size": "4GB", "jit": "off",
}  # fmt: skip
DUE = 5_000
MEMORY_MIB = 110
# Page → the unit it is told in, the most of it, and the most statements
LIMITS = {
    "dashboard": ("F", 2.0, 10),
    "register, 50 rows": ("F", 2.0, 6),
    "register, page 1,000": ("F", 2.0, 6),
    "list, 50 rows": ("F", 2.0, 6),
    "list, filtered": ("F", 2.0, 6),
    "search": ("F", 2.5, 6),
    "dispute, 20 acts": ("F", 2.0, 14),
    "raise": ("W", 3.0, 16),
    "annual figures": ("G", 1.5, 14),
    "Appendix B as it stands": ("P", 1.5, None),
}
PDF = "Appendix B as it stands"


def main():
    arguments = argparse.ArgumentParser(prog="bin/bench", description=__doc__.split("\n")[0])
    arguments.add_argument("--sizes", default="1000,100000", help="how many disputes, one run for each")
    arguments.add_argument(
        "--backlog", default="100000", help="sizes that are also run with 40 %% open; empty for none"
    )
    arguments.add_argument("--seconds", type=float, default=3.0, help="how long each page is asked for")
    arguments.add_argument("--output", help="a file for the figures as JSON")
    given = arguments.parse_args()
    sizes = [(int(size), 2) for size in given.sizes.split(",") if size]
    sizes += [(int(size), 40) for size in given.backlog.split(",") if size and int(size) in dict(sizes)]
    began = time.monotonic()
    report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "runs": []}
    with servers.temporary_folder() as folder, postgresql(folder) as server, servers.redis_server(folder) as broker:
        for number, percent in sizes:
            say(f"\n{number:,} disputes, {percent} % open")
            run = Run(folder, server, broker, number, percent, given.seconds).figures()
            report["runs"].append(run)
            say(table(run))
            if given.output:
                Path(given.output).write_text(json.dumps(report, indent=1))
    say(f"\n{report['machine']}\nDone in {time.monotonic() - began:.0f} s")


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
        run["others_percent"] = others_percent()
        run["floor"] = self.floor(floor_session)
        run["bare"] = json.loads(self.python("-m", "tests.bench.arrange", "bare"))
        pages = json.loads(self.python("-m", "tests.bench.arrange", "describe"))
        run["pages"], run["memory_mib"] = self.pages(pages)
        run["floor_after"] = self.floor(floor_session)
        due = min(DUE, self.number * self.percent // 400)
        run["sweep"] = json.loads(self.python("-m", "tests.bench.arrange", "sweep", str(due)))
        return run

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
        return found, memory

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


def table(run):
    """The run as lines: what, how long, as a multiple of its unit, the limit, the statements."""
    head = line("operation", "elapsed ms", "processor ms", "ratio", "limit", "SQL", "at most")
    lines = ["", head, "|" + "|".join("-" * len(cell) for cell in head.split("|")[1:-1]) + "|"]
    units = unit(run)
    for name, each in units.items():
        lines.append(line(f"{name} (unit)", each["elapsed_ms"], each["processor_ms"], "1", "", "", ""))
    for name, figures in run["pages"].items():
        of, most, statements = LIMITS[name]
        value = ratio(name, figures, run, units)
        lines.append(
            line(name, figures["elapsed_ms"], figures["processor_ms"], f"{value:.2f} {of}", limit(name, run, units),
                 figures["sql"], statements or "")
        )  # fmt: skip
    sweep = run["sweep"]
    value = sweep["elapsed_ms"] / sweep["bare_ms"] if sweep["bare_ms"] else 0
    due = sum(sweep["counts"].values())
    lines.append(line(f"sweep, {due:,} due", sweep["elapsed_ms"], "", f"{value:.2f} I", "3", sweep["sql"], 60))
    lines.append(line("sweep, nothing due", sweep["idle_database_ms"], "", "", "5 ms", sweep["idle_sql"], 5))
    lines.append(f"\nMemory of a web worker, PDFs apart: {run['memory_mib']} MiB (limit {MEMORY_MIB}).")
    lines.append(f"Seeded in {run['seeded_s']} s. Others' use of the processors: {run['others_percent']} %.")
    return "\n".join(lines)


def line(name, elapsed, processor, value, most, sql, most_sql):
    return f"| {name:<26} | {elapsed:>10} | {processor:>12} | {value:>5} | {most:>5} | {sql:>3} | {most_sql:>7} |"


def unit(run):
    """F and W as the mean of before and after."""
    return {
        name: {
            key: round((run["floor"][name][key] + run["floor_after"][name][key]) / 2, 2)
            for key in ("elapsed_ms", "processor_ms")
        }
        for name in ("F", "W")
    }


def ratio(name, figures, run, units):
    """The better of the ratios by elapsed and by processor time."""
    of = LIMITS[name][0]
    if of in units:
        return min(figures[key] / units[of][key] for key in ("elapsed_ms", "processor_ms"))
    bare = run["bare"]["year_ms" if of == "G" else "pdf_ms"]
    return min(max(figures[key] - units["F"][key], 0) / bare for key in ("elapsed_ms", "processor_ms"))


def limit(name, run, units):
    """The limit as it stands in the run: the dashboard's grows with its period's figures."""
    of, most, _ = LIMITS[name]
    if name == "dashboard":
        most = 2.0 if run["open_percent"] < 10 else 5.0
        return f"{most + 1.5 * run['bare']['period_ms'] / units['F']['elapsed_ms']:.2f}"
    return f"{most} + F" if of in ("G", "P") else str(most)


def machine():
    model = next((text.split(":")[1].strip() for text in Path("/proc/cpuinfo").read_text().splitlines()
                  if text.startswith("model name")), "")  # fmt: skip
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def say(words):
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
