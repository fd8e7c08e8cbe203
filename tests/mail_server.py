"""A real mail server on loopback, which refuses, hangs and goes away as it is told."""

import asyncio
import contextlib
import logging
import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.ERROR)  # it logs every word of every conversation


@dataclass
class MailServer:
    """What has arrived, and how the server answers; addresses map to the answer that their RCPT gets."""

    port: int
    arrived: list = field(default_factory=list)  # pairs of address and message, in order
    answers: dict = field(default_factory=dict)
    answer_to_all: str = ""
    data_answers: dict = field(default_factory=dict)
    hangs: bool = False
    drops: set = field(default_factory=set)  # addresses over which the connection breaks
    on_arrival: object = None  # called for each message that has arrived, before the answer
    delay: float = 0  # between arrival and answer

    def to(self, address):
        return [message for to, message in self.arrived if to == address]

    async def handle_RCPT(self, server, session, envelope, address, options):
        while self.hangs:
            await asyncio.sleep(0.05)
        answer = self.answer_to_all or self.answers.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        while self.hangs:
            await asyncio.sleep(0.05)
        address = envelope.rcpt_tos[0]
        if address in self.drops:
            server.transport.close()
            return "421 closing"
        if address in self.data_answers:
            return self.data_answers[address]
        self.arrived.append((address, message_from_bytes(envelope.content, policy=default)))
        if self.on_arrival:
            self.on_arrival()
        await asyncio.sleep(self.delay)
        return "250 OK"


@contextlib.contextmanager
def mail_server(port=None):
    server = MailServer(port or free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    server.controller = controller
    try:
        yield server
    finally:
        server.hangs = False
        controller.stop()


@contextlib.contextmanager
def silent_server():
    """A port of loopback that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
