"""Everything to file in one archive: what it holds, what it leaves out, and that its digests match (R16)."""

import hashlib
import io
import json
import re
import subprocess
import tempfile
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from agencies.models import Act
from escalation import actions, files
from escalation.filing import sealed
from escalation.models import EvidenceKind, FileState, Filing, Record, StoredFile
from escalation.pack import Pack
from tests.cast import at_stage, kept_file
from tests.records import text_of

pytestmark = [pytest.mark.django_db]

HOUR = timedelta(hours=1)
ADULT = "Canary Pack-Quince"
# Names that somebody may give a file: of the adult, of a folder above, that turn what follows, too long, twice the same
NAMES = (
    "Canary Pack-Quince visit.txt",
    "../../etc/passwd.txt",
    "..\\win.txt",
    "photo\u202etxt.exe.txt",
    "a" * 190 + ".txt",
    "x.txt",
    "x.txt",
)


def add(dispute, by, *names, kind=EvidenceKind.CASE_NOTES, **told):
    """An item of evidence with files of these names."""
    kept = [kept_file(name, f"content {number} of {name}\n".encode()) for number, name in enumerate(names)]
    return actions.add_evidence(dispute=dispute, by=by, at=timezone.now(), kind=kind, files=kept, **told)


def fetched(client, user, dispute):
    client.force_login(user)
    return client.get(f"/disputes/{dispute.reference}/pack.zip")


def opened(answer):
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


@pytest.fixture
def dispute(cast):
    return at_stage(cast, 3, at=timezone.now() - 12 * HOUR, adult_name=ADULT)


@pytest.mark.both_databases
@pytest.mark.usefixtures("evidence_storage")
def test_it_holds_the_sealed_records_and_the_evidence_with_digests_that_match(cast, client, dispute):
    """R16, R12: each record as printed and as sealed, each file, an index, a manifest, and sums that can be checked."""
    item = add(dispute, cast.council_lead, *NAMES, shows="What was seen.", whose="Ward B4")

    answer = fetched(client, cast.hospital_practitioner, dispute)
    pack = opened(answer)

    names = pack.namelist()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{dispute.reference}-pack.zip"'
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"].startswith("no-store")
    assert names == [
        "records/stage-1.pdf", "records/stage-1.json", "records/stage-2.pdf", "records/stage-2.json",
        "evidence/01-case-notes.txt", *(f"evidence/01-{n}-case-notes.txt" for n in range(2, len(NAMES) + 1)),
        "index.html", "manifest.json", "SHA256SUMS",
    ]  # fmt: skip
    assert pack.testzip() is None
    for line in pack.read("SHA256SUMS").decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(pack.read(name)).hexdigest() == digest
        names.remove(name)
    assert names == ["SHA256SUMS"]
    for record in Record.objects.select_related("stage"):
        assert hashlib.sha256(pack.read(f"records/stage-{record.stage.number}.json")).hexdigest() == record.digest
        assert ADULT in text_of(pack.read(f"records/stage-{record.stage.number}.pdf"))
    kept = list(item.files.order_by("pk"))
    manifest = json.loads(pack.read("manifest.json"))
    assert [each["seal"] for each in manifest["records"]] == list(
        Record.objects.order_by("stage__number").values_list("digest", flat=True)
    )
    assert [(each["called"], each["sha256"]) for each in manifest["evidence"][0]["files"]] == [
        (file.name, file.sha256) for file in kept
    ]
    index = pack.read("index.html").decode()
    assert "What was seen." in index
    assert [link for link in re.findall(r'href="([^"]+)"', index) if link not in pack.namelist()] == []
    assert "http" not in index
    with tempfile.TemporaryDirectory() as folder:
        pack.extractall(folder)
        assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode == 0


def test_what_may_not_be_opened_is_left_out_and_the_index_says_why(cast, client, dispute):
    """Being checked, with a virus, removed: named with the reason; what came after the end is marked so."""
    add(dispute, cast.council_lead, "checking.txt")
    add(dispute, cast.council_lead, "virus.txt")
    removed = add(dispute, cast.council_lead, "removed.txt", kind=EvidenceKind.EMAIL, shows="Not for others.")
    now = timezone.now()
    StoredFile.objects.filter(name="checking.txt").update(state=FileState.CHECKING)
    StoredFile.objects.filter(name="virus.txt").update(state=FileState.REFUSED, checked_at=now)
    actions.remove_evidence(evidence=removed, by=cast.council_lead, at=now, reason="Of another adult.")
    actions.withdraw(dispute=dispute, by=cast.council_lead, at=now, reason="Settled.")
    add(dispute, cast.council_lead, "late.txt", kind=EvidenceKind.MINUTES)

    pack = opened(fetched(client, cast.council_lead, dispute))

    assert [name for name in pack.namelist() if name.startswith("evidence/")] == ["evidence/04-minutes.txt"]
    index = " ".join(pack.read("index.html").decode().split())
    for words in (
        "“checking.txt”<br> <strong>Not in this archive: being checked for viruses.",
        "“virus.txt”<br> <strong>Not in this archive: removed: a virus was found.",
        "“removed.txt”<br> <strong>Removed, so it is not in this archive.",
        "Of another adult.",
        "Added after the end, outside the sealed record.",
    ):
        assert words.replace("> <", "><") in index.replace("> <", "><")
    assert "Not for others." not in index
    left_out = [
        file.get("left_out") for each in json.loads(pack.read("manifest.json"))["evidence"] for file in each["files"]
    ]
    assert [bool(words) for words in left_out] == [True, True, True, False]


def test_who_downloads_it_is_noted_for_the_pack_and_each_file_and_counts_as_sent(cast, client, dispute):
    """R16, R43"""
    item = add(dispute, cast.council_lead, "one.txt", "two.txt")

    opened(fetched(client, cast.hospital_lead, dispute))

    noted = Act.objects.filter(by=cast.hospital_lead).order_by("pk")
    assert [(act.verb, act.subject_type, act.subject_id, act.thread, act.role) for act in noted] == [
        ("downloaded the pack", "dispute", dispute.pk, dispute.pk, "lead"),
        *(("downloaded evidence", "storedfile", file.pk, dispute.pk, "lead") for file in item.files.order_by("pk")),
    ]
    assert noted[0].facts == {"stage": 3, "records": [1, 2]}
    sent = Filing.objects.values_list("record__stage__number", "agency", "sent_by")
    assert list(sent) == [(number, cast.hospital.pk, cast.hospital_lead.pk) for number in (1, 2)]
    timeline = client.get(f"/disputes/{dispute.reference}/timeline/").content.decode()
    assert "downloaded everything to file" in timeline


@pytest.mark.parametrize("broken", ["missing", "altered", "record"])
def test_what_is_missing_or_altered_is_said_and_no_archive_is_sent(cast, client, dispute, broken, monkeypatch):
    """Nobody saves half an archive, and nothing is noted as sent."""
    add(dispute, cast.council_lead, "whole.txt", "one.txt")
    file = StoredFile.objects.get(name="one.txt")
    if broken == "record":
        monkeypatch.setattr(Record, "is_intact", False)
    else:
        files.remove(file)
        if broken == "altered":
            storages["evidence"].put(file.stored.name, io.BytesIO(b"something else"))

    answer = fetched(client, cast.council_lead, dispute)

    said = "does not match its seal" if broken == "record" else "“one.txt” is not there as it was received"
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert not Act.objects.filter(verb="downloaded the pack").exists()
    assert not Filing.objects.exists()


def test_without_room_it_says_so(cast, client, dispute, monkeypatch):
    """Where the temporary file cannot grow."""

    class Full(tempfile.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)

    answer = fetched(client, cast.council_lead, dispute)

    assert answer.status_code == 409
    assert "no room here to make the archive" in answer.content.decode()


def test_it_is_made_in_bounded_memory(cast, dispute, monkeypatch):
    """However large a file: chunks from the storage to the disk."""
    add(dispute, cast.council_lead, "large.txt")
    chunk, number = b"x" * 65536, 800  # 50 MB
    digest = hashlib.sha256(chunk * number).hexdigest()
    StoredFile.objects.update(size=len(chunk) * number, sha256=digest)
    held = []

    class Large:
        def __iter__(self):
            for _ in range(number):
                yield chunk

        def close(self):
            held.append("closed")

    monkeypatch.setattr(files, "stream", lambda file: Large())
    tracemalloc.start()
    made = Pack(dispute, sealed(dispute), at=timezone.now())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    with made.file:
        assert made.file.seek(0, io.SEEK_END) > len(chunk) * number
    assert peak < 25 * 1024 * 1024
    assert held == ["closed"]


@pytest.mark.parametrize("who", ["police_lead", "trust_manager", "administrator"])
def test_to_others_neither_pack_nor_report_exists(cast, client, dispute, who):
    """R44"""
    add(dispute, cast.council_lead, "one.txt")

    for path in ("pack.zip", "handover.pdf"):
        client.force_login(getattr(cast, who))
        answer = client.get(f"/disputes/{dispute.reference}/{path}")
        assert answer.status_code == 404
        assert ADULT not in answer.content.decode()
    assert not Act.objects.filter(verb__startswith="downloaded").exists()


@pytest.mark.parametrize("number", [1, 3])
def test_it_takes_the_same_statements_for_one_and_three(cast, client, dispute, django_assert_num_queries, number):
    for each in range(number):
        add(dispute, cast.council_lead, *(f"{each}-{n}.txt" for n in range(number)))
    opened(fetched(client, cast.board_manager, dispute))

    with django_assert_num_queries(14):
        opened(client.get(f"/disputes/{dispute.reference}/pack.zip"))
