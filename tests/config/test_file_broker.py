import os
import threading
from pathlib import Path
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


def test_a_message_is_there_whole_or_not_at_all(channel, monkeypatch):
    """Until it is renamed, which is one step, a reader finds nothing."""
    rename, seen = os.rename, []

    def look_first(old, new):
        if not old.endswith(".unfinished"):
            return rename(old, new)
        with pytest.raises(Empty):
            channel._get("celery")
        seen.append(Path(old).read_text())
        return rename(old, new)

    monkeypatch.setattr(os, "rename", look_first)
    channel._put("celery", {"count": 1})

    assert seen == ['{"count": 1}']
    assert channel._get("celery") == {"count": 1}
    with pytest.raises(Empty):
        channel._get("celery")


def test_a_table_that_is_being_written_is_read_again(channel, tmp_path):
    channel._queue_bind("celery", "celery", "", "celery")
    table = tmp_path / "control" / "celery.exchange"
    words = table.read_text()
    table.write_text("")
    threading.Timer(0.2, table.write_text, [words]).start()
    assert [row.queue for row in channel.get_table("celery")] == ["celery"]
