"""Files wait for a real virus scanner, and nobody opens one before it has answered (R12)."""

import contextlib
import json
import socket
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from agencies.models import Act, Notice
from escalation import files
from escalation.actions import files as actions
from escalation.actions.files import check_files
from escalation.files import scanner as clamd_client
from escalation.models import FileState, ScanLease, StoredFile
from tests.cast import RAISED
from tests.clamd import EICAR, LARGEST_FILE, LARGEST_STREAM
from tests.escalation.corpus import email, office, pdf, upload, zipped
from tests.mail_server import free_port, silent_server

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


@pytest.fixture
def add(at_stage, cast):
    """A function that adds a file with this content to a dispute."""
    dispute = at_stage(1)

    def add(content, name="minutes.pdf"):
        with files.keeping([files.check(upload(name, content))]) as kept:
            [file] = actions.add_files(
                dispute=dispute, kept=kept, by=cast.council_practitioner, agency=cast.council, at=RAISED
            )  # fmt: skip
        return file

    return add


def names():
    return {name for name, _ in storages["evidence"].each()}


@pytest.mark.usefixtures("scanner", "evidence_storage")
class TestBothStorages:
    def test_a_clean_file_waits_and_is_released(self, add, cast):
        file = add(pdf())
        assert (file.state, file.is_released) == (FileState.CHECKING, False)

        assert check_files(now) == {"clean": 1, "refused": 0, "held": 0}

        file.refresh_from_db()
        assert (file.state, file.is_released, file.checked_at is not None) == (FileState.CLEAN, True, True)
        assert b"".join(files.stream(file)) == pdf()
        assert not ScanLease.objects.exists()
        act = Act.objects.get(verb="checked a file")
        assert (act.by, act.timer, act.thread, act.subject_id) == (None, "virus check", file.dispute_id, file.pk)
        assert not Notice.objects.filter(kind="file refused").exists()
        assert [version.state for version in file.history.order_by("pk")] == ["checking", "clean"]

    @pytest.mark.parametrize("kind", ["plain", "in docx", "in email", "in pdf"])
    def test_a_virus_is_removed_and_the_row_says_so(self, add, cast, kind, django_capture_on_commit_callbacks):
        file = {
            "plain": lambda: add(EICAR, "notes.txt"),
            "in docx": lambda: add(office(more={"word/media/notes.bin": EICAR}), "minutes.docx"),
            "in email": lambda: add(email(body=EICAR.decode()), "chain.eml"),
            "in pdf": lambda: add(pdf(EICAR)),
        }[kind]()
        assert len(names()) == 1

        with django_capture_on_commit_callbacks(execute=True):
            assert check_files(now) == {"clean": 0, "refused": 1, "held": 0}

        file.refresh_from_db()
        assert (file.state, file.is_released, file.stored.name) == (FileState.REFUSED, False, "")
        assert names() == set()
        act = Act.objects.get(verb="removed a file with a virus")
        assert act.facts == {"virus": "Eicar-Test.UNOFFICIAL"}
        [told] = Notice.objects.filter(kind="file refused")
        assert told.recipient == cast.council_practitioner
        assert "minutes" not in told.title


@pytest.fixture
def held(add, scanner):
    """A function that adds a file, has it checked, and gives it if it is still held."""

    def held(content=None, name="minutes.pdf"):
        file = add(content or pdf(), name)
        assert check_files(now)["held"] == 1
        file.refresh_from_db()
        assert (file.state, file.is_released) == (FileState.CHECKING, False)
        return file

    return held


def test_nothing_is_released_while_the_scanner_is_away_and_all_is_checked_when_it_is_back(held, add, scanner, caplog):
    scanner.stop()
    first, second = held(), add(pdf())

    assert check_files(now) == {"clean": 0, "refused": 0, "held": 1}  # the second; the first waits its minute
    assert "is not checked: NoAnswer" in caplog.text
    assert {row.state for row in StoredFile.objects.all()} == {FileState.CHECKING}

    scanner.start()
    later = now() + timedelta(minutes=3)
    assert check_files(lambda: later) == {"clean": 2, "refused": 0, "held": 0}
    assert {each.state for each in StoredFile.objects.filter(pk__in=[first.pk, second.pk])} == {FileState.CLEAN}


def test_a_scanner_that_never_answers_holds_the_file(held, settings):
    settings.SCANNER_TIMEOUT = 0.2
    with silent_server() as port:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{port}"
        held()


@pytest.mark.parametrize("answer", [b"", b"stream: OK", b"stream: OK FOUND?\0", b"ERROR\0", b"\xff\xfe\0", b"x" * 9000])
def test_half_an_answer_or_a_strange_one_is_no_answer(answer, settings):
    settings.SCANNER_TIMEOUT = 2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        def speak():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):
                    while connection.recv(1000):
                        pass

        speaker = threading.Thread(target=speak)
        speaker.start()
        with pytest.raises(clamd_client.NoAnswer):
            clamd_client.virus_in([b"x"])
        speaker.join()


@pytest.mark.parametrize("size", [LARGEST_STREAM + 1, LARGEST_FILE + 1000], ids=["of the stream", "of a file"])
def test_a_file_over_a_limit_of_the_scanner_stays_held_and_holds_up_no_other(add, scanner, size):
    large = add(pdf(bytes(size)))
    small = add(pdf())

    assert check_files(now) == {"clean": 1, "refused": 0, "held": 1}

    assert StoredFile.objects.get(pk=large.pk).state == FileState.CHECKING
    assert StoredFile.objects.get(pk=small.pk).state == FileState.CLEAN


def test_a_virus_within_a_zip_within_a_zip_is_found(scanner):
    assert clamd_client.virus_in([zipped({"a.zip": zipped({"b.txt": EICAR})})]) == "Eicar-Test.UNOFFICIAL"
    assert clamd_client.virus_in([b"clean"]) == ""


def test_the_scanner_is_reached_over_a_socket_of_the_machine_too(scanner, settings):
    settings.CLAMD_URL = scanner.unix_url
    assert clamd_client.virus_in([EICAR[:20], EICAR[20:]]) == "Eicar-Test.UNOFFICIAL"

    settings.CLAMD_URL = scanner.unix_url + ".not-there"
    with pytest.raises(clamd_client.NoAnswer):
        clamd_client.virus_in([b"x"])


def test_content_that_is_not_there_is_held(held, add, scanner, settings, tmp_path):
    backend = {"BACKEND": "escalation.storing.folder.PrivateFolder", "OPTIONS": {"location": tmp_path / "elsewhere"}}
    file = add(pdf())
    settings.STORAGES = {**settings.STORAGES, "evidence": backend}

    assert check_files(now)["held"] == 1
    file.refresh_from_db()
    assert file.state == FileState.CHECKING


def test_waits_double_up_to_an_hour(held, settings):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    held()
    at, waits = now(), []
    for _ in range(9):
        lease = ScanLease.objects.get()
        at = lease.until + timedelta(seconds=1)
        check_files(lambda at=at: at)
        waits.append((ScanLease.objects.get().until - at).total_seconds() / 60)

    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_worker_that_died_leaves_its_file_to_the_next(add, scanner):
    add(pdf())
    assert actions.claim(now()) is not None
    assert actions.claim(now()) is None
    assert check_files(now) == {"clean": 0, "refused": 0, "held": 0}

    later = now() + actions.LEASE + timedelta(seconds=1)
    assert check_files(lambda: later)["clean"] == 1


def test_a_worker_whose_lease_ran_out_changes_nothing(add, scanner):
    add(pdf())
    slow = actions.claim(now())
    later = now() + actions.LEASE + timedelta(seconds=1)
    check_files(lambda: later)

    assert not actions.finish(slow, "Late.Virus", later)
    assert StoredFile.objects.get().state == FileState.CLEAN
    assert Act.objects.filter(verb="removed a file with a virus").count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_check_each_file_once(add, scanner):
    for _ in range(8):
        add(pdf())
    counts = []

    def work():
        try:
            counts.append(check_files(now)["clean"])
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(counts) == Act.objects.filter(verb="checked a file").count() == 8


def test_a_nudge_leaves_on_commit(add, scanner, monkeypatch, django_capture_on_commit_callbacks):
    nudged = []
    monkeypatch.setattr(actions.nudges, "nudge", nudged.append)

    with django_capture_on_commit_callbacks(execute=True):
        add(pdf())

    assert nudged == ["escalation.check_files"]


def test_without_a_scanner_a_file_is_released_unscanned_and_says_so(add, settings):
    settings.CLAMD_URL = ""

    file = add(pdf())

    assert (file.get_state_display(), file.is_released, file.checked_at) == ("Not checked for viruses", True, None)
    assert check_files(now) == {"clean": 0, "refused": 0, "held": 0}


def test_the_command_checks_and_clears(add, scanner):
    add(pdf())
    said = StringIO()

    call_command("check_files", "--clear", stdout=said)

    assert json.loads(said.getvalue()) == {"clean": 1, "refused": 0, "held": 0, "cleared": 0}


def test_a_file_held_for_over_an_hour_is_told_to_whoever_can_mend_it(held, settings, cast, client, caplog):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    file = held()
    at = file.received_at + timedelta(hours=2)

    for _ in range(2):
        assert actions.tell_late(at) == 1

    told = Notice.objects.filter(kind="unchecked")
    assert {notice.recipient for notice in told} == {cast.board_manager, cast.administrator}
    assert "1 files wait to be checked" in caplog.text
    client.force_login(cast.administrator)
    page = client.get("/clockwork/").text
    assert "A file has waited for more than an hour to be checked for viruses" in page
    assert "minutes" not in page.replace("five minutes", "")


def test_a_file_just_held_is_told_to_nobody(add, scanner):
    file = add(pdf())

    assert actions.tell_late(file.received_at + timedelta(minutes=59)) == 1

    assert not Notice.objects.filter(kind="unchecked").exists()
