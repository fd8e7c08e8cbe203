"""How long a page takes: elapsed for one client, and processor time of web and database for each request."""

import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.servers import end_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "b" * 32


class Web:
    """Gunicorn with two sync workers, and the database behind it, whose processor time is counted together."""

    def __init__(self, application, environment, postmaster):
        self.port, self.postmaster = free_port(), postmaster
        command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{self.port}", "--workers=2",
                   "--worker-class=sync", "--log-level=error", "--no-control-socket"]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=end_with_parent
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.request("GET", "/healthz", "")
                return
            time.sleep(0.1)
        raise SystemExit(f"{application} did not start")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(20)

    def request(self, method, path, session, **fields):
        headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "Connection": "close"}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Location")

    def seconds(self):
        """Processor time so far of web and database, in seconds."""
        return processor_seconds([self.process.pid, self.postmaster])

    def peak_mib(self):
        """The most memory a worker has held."""
        return max(peak_mib(pid) for pid in children([self.process.pid]) - {self.process.pid})

    def measure(self, requests, seconds=3.0, warm=10, expect=200, contains=b""):
        """Ask again and again for what `requests` yields; gives medians in ms."""
        requests = iter(requests)

        def ask():
            method, path, session = next(requests)
            began = time.perf_counter()
            status, body, _ = self.request(method, path, session)
            taken = time.perf_counter() - began
            if status != expect or contains not in body:
                raise SystemExit(f"{path} answered {status}: {body[:300]!r}")
            return taken

        for _ in range(warm):
            ask()
        times, processor, began = [], self.seconds(), time.monotonic()
        while len(times) < 10 or time.monotonic() - began < seconds:
            try:
                times.append(ask())
            except StopIteration:
                break
        spent = self.seconds() - processor
        return {
            "elapsed_ms": round(statistics.median(times) * 1000, 2),
            "processor_ms": round(spent / len(times) * 1000, 2),
            "requests": len(times),
        }


def _processes():
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            # Of its own and of children already waited for
            found[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    return found


def children(pids, processes=None):
    """These processes and all that descend from them."""
    processes = processes or _processes()
    keep, grew = set(pids), True
    while grew:
        more = {pid for pid, (parent, _) in processes.items() if parent in keep} - keep
        keep |= more
        grew = bool(more)
    return keep


def processor_seconds(pids):
    processes = _processes()
    ticks = sum(processes[pid][1] for pid in children(pids, processes) if pid in processes)
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


def others_percent(seconds=1.0):
    """How busy the processors are while nothing is asked: the neighbours' noise."""

    def read():
        numbers = [int(number) for number in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
        return sum(numbers), numbers[3] + numbers[4]

    (all_before, idle_before) = read()
    time.sleep(seconds)
    (all_after, idle_after) = read()
    return round(100 * (1 - (idle_after - idle_before) / (all_after - all_before)))
