import threading
from queue import Empty

import pytest
from kombu import Connection

import config.celery  # noqa: F401 - names the broker


@pytest.fixture
def channel(tmp_path):
    folders = {name: str(tmp_path / "messages") for name in ("data_folder_in", "data_folder_out")}
    options = {**folders, "control_folder": str(tmp_path / "control")}
    (tmp_path / "messages").mkdir()
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.default_channel


def test_a_reader_never_sees_a_message_half_written(channel):
    """Read by force while it is written: 3,000 messages, none of them empty, none lost."""
    number, read = 3000, []

    def write():
        for count in range(number):
            channel._put("celery", {"count": count})

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive() or len(read) < number:
        try:
            read.append(channel._get("celery")["count"])
        except Empty:
            if not writer.is_alive() and len(read) == number:
                break
    assert sorted(read) == list(range(number))


def test_a_table_that_is_being_written_is_read_again(channel, tmp_path):
    channel._queue_bind("celery", "celery", "", "celery")
    table = tmp_path / "control" / "celery.exchange"
    words = table.read_text()
    table.write_text("")
    threading.Timer(0.2, table.write_text, [words]).start()
    assert [row.queue for row in channel.get_table("celery")] == ["celery"]
