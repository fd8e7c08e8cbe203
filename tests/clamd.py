"""A real clamd on loopback, with a database made by hand: it knows the EICAR test file, and nothing else.

Debian's clamav-daemon brings the program; no signatures are fetched. It can be stopped and started again.
"""

import contextlib
import shutil
import signal
import socket
import subprocess

from tests.servers import end_with_parent

SECONDS_TO_START = 30
# In two parts: this file is not a virus
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST_STREAM, LARGEST_FILE = 4 * 1024**2, 3 * 1024**2
SETTINGS = f"""
Foreground yes
TCPAddr 127.0.0.1
TCPSocket {{port}}
LocalSocket {{folder}}/clamd.socket
DatabaseDirectory {{folder}}/database
TemporaryDirectory {{folder}}
AlertExceedsMax yes
StreamMaxLength {LARGEST_STREAM}
MaxFileSize {LARGEST_FILE}
MaxThreads 2
"""


class Clamd:
    """The server at a port of its own, up or down."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.process = folder, None
        self.url, self.unix_url = f"tcp://127.0.0.1:{self.port}", f"unix://{folder}/clamd.socket"
        (folder / "database").mkdir()
        (folder / "database" / "tests.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(SETTINGS.format(port=self.port, folder=folder))

    def start(self):
        if self.process is not None:
            return
        command = [shutil.which("clamd") or "/usr/sbin/clamd", "--config-file", self.folder / "clamd.conf"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=end_with_parent
        )
        for line in self.process.stdout:  # it listens before it says so
            if "Self checking" in line:
                return
        raise AssertionError("clamd did not start")

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=SECONDS_TO_START)
            self.process = None


@contextlib.contextmanager
def running_clamd(folder):
    server = Clamd(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
