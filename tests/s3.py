"""A real server on loopback that speaks S3 (moto's), with one bucket for each test."""

import contextlib
import itertools
import subprocess
import sys
import threading

import boto3

from tests.servers import end_with_parent

KEYS = {"access_key": "tests", "secret_key": "tests"}
REGION = "eu-west-2"
PROGRAM = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""


class S3:
    """The server; what it holds is gone with it."""

    def __init__(self, port):
        self.url, self._numbers = f"http://127.0.0.1:{port}", itertools.count(1)
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
            region_name=REGION,
        )

    def new_bucket(self):
        """The options of a storage over a bucket of its own."""
        name = f"evidence-{next(self._numbers)}"
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return {"bucket_name": name, "endpoint_url": self.url, "region_name": REGION, **KEYS}


@contextlib.contextmanager
def running_s3():
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=end_with_parent,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        port = next((line.strip() for line in process.stdout if line.strip().isdigit()), None)
        assert port, "the S3 server did not start"
        watchdog.cancel()
        yield S3(port)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
