"""What clamd says of a file, over its socket: no answer is not clean, and a limit reached is no answer.

Our own lines: the clients to be had break off with an error of their own where a file is over clamd's limit.
"""

import contextlib
import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

DEFAULT_PORT = 3310
LONGEST_ANSWER = 4096
# With `AlertExceedsMax yes` clamd says so of what it has not looked through; without, it calls that clean
OVER_LIMITS = "Heuristics.Limits.Exceeded"


class NoAnswer(Exception):
    """The scanner did not say whether the file is clean."""


class OverLimit(NoAnswer):
    """The scanner is there, and does not scan this file: it is over a limit of the scanner."""


def virus_in(chunks):
    """The name of the virus in these bytes, or nothing where there is none. NoAnswer, OverLimit."""
    with _connected() as connection:
        try:
            try:
                connection.sendall(b"zINSTREAM\0")
                for chunk in chunks:
                    connection.sendall(struct.pack(">L", len(chunk)) + chunk)
                connection.sendall(struct.pack(">L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # over its limit clamd closes, and has said so before
            answer = _answer(connection)
        except OSError as error:
            raise NoAnswer(type(error).__name__) from error
    if answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        if name.startswith(OVER_LIMITS):
            raise OverLimit(name)
        return name
    if answer == "stream: OK":
        return ""
    raise (OverLimit if "size limit exceeded" in answer else NoAnswer)(answer[:100] or "no answer")


def _connected():
    url = urlsplit(settings.CLAMD_URL)
    try:
        if url.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(settings.SCANNER_TIMEOUT)
            with contextlib.ExitStack() as stack:
                stack.callback(connection.close)
                connection.connect(url.path)
                stack.pop_all()
            return connection
        return socket.create_connection((url.hostname, url.port or DEFAULT_PORT), settings.SCANNER_TIMEOUT)
    except (OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error


def _answer(connection):
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        received = connection.recv(LONGEST_ANSWER)
        if not received:
            break
        answer += received
    if b"\0" not in answer:  # broken off: half an answer is none
        raise NoAnswer("broken off")
    return answer.split(b"\0")[0].decode("ascii", "replace")
