"""Files in the storage, and out of it: a folder and a bucket behave alike (R12)."""

import errno
import os
import re
import resource
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError
from django.conf import settings as configured
from django.core.files.storage import storages
from django.http import Http404
from django.utils import timezone

from escalation import files
from escalation.actions import files as actions
from escalation.models import FileState, StagedFile, StoredFile
from escalation.permissions import Conflict
from escalation.storing import CHUNK, Failed, folder
from escalation.views.downloads import attachment
from tests.cast import RAISED
from tests.escalation.corpus import pdf, picture, upload
from tests.mail_server import free_port

pytestmark = pytest.mark.django_db
MEGABYTE = 1024**2


def names():
    return {name for name, _ in storages["evidence"].each()}


def accepted(content=None, name="minutes.pdf"):
    return files.check(upload(name, content or pdf()))


def added(dispute, cast, *all_accepted):
    with files.keeping(all_accepted or [accepted()]) as kept:
        return actions.add_files(
            dispute=dispute, kept=kept, by=cast.council_practitioner, agency=cast.council, at=RAISED
        )  # fmt: skip


@pytest.mark.usefixtures("evidence_storage")
class TestBothStorages:
    def test_what_was_sent_comes_back_by_chunks(self, at_stage, cast):
        content = pdf(os.urandom(3 * CHUNK + 10))

        [file] = added(at_stage(1), cast, accepted(content))

        chunks = list(files.stream(StoredFile.objects.get()))
        assert b"".join(chunks) == content
        assert max(map(len, chunks)) <= CHUNK
        assert (file.name, file.size, file.content_type) == ("minutes.pdf", len(content), "application/pdf")

    def test_a_stored_name_tells_nothing(self, at_stage, cast):
        added(at_stage(1), cast, accepted(name="Margaret Whitworth.pdf"))

        assert all(re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}", name) for name in names())
        assert len(names()) == 1

    def test_evidence_has_no_address(self, at_stage, cast):
        [file] = added(at_stage(1), cast)

        with pytest.raises(ValueError, match="no address"):
            storages["evidence"].url(file.stored.name)

    def test_what_is_refused_afterwards_leaves_nothing(self, at_stage, cast):
        class Refused(Exception):
            pass

        during = set()

        def act():
            during.update(names())
            raise Refused

        with pytest.raises(Refused), files.keeping([accepted(), accepted(picture(), "a.jpg")]):
            act()

        assert len(during) == 2
        assert names() == set()

    def test_a_file_that_cannot_be_kept_takes_the_others_with_it(self, monkeypatch):
        storage = storages["evidence"]
        put, calls = storage.put, []

        def put_one(*arguments):
            calls.append(arguments)
            if len(calls) == 2:
                raise Failed("no room")
            put(*arguments)

        monkeypatch.setattr(storage, "put", put_one)

        with pytest.raises(files.CannotKeep) as told, files.keeping([accepted(), accepted(name="second.pdf")]):
            pytest.fail("nothing may follow")

        assert str(told.value).startswith("second.pdf could not be kept: the server has no room for it")
        assert names() == set()

    def test_the_files_of_a_dispute_have_a_limit(self, at_stage, cast, settings):
        settings.EVIDENCE_TOTAL_MAX_MB = 1
        dispute = at_stage(1)
        added(dispute, cast, accepted(pdf(bytes(700_000))))

        with pytest.raises(Conflict, match="together may have 1 MB; this one has 1 MB already"):
            added(dispute, cast, accepted(pdf(bytes(400_000))))

        assert StoredFile.objects.count() == len(names()) == 1

    def test_what_is_not_what_was_received_is_not_given_out_whole(self, at_stage, cast):
        [file] = added(at_stage(1), cast, accepted(pdf(bytes(2 * CHUNK))))
        file.sha256 = "0" * 64

        given = files.stream(file)
        with pytest.raises(files.Missing):
            list(given)

    def test_what_has_got_lost_is_missing_before_the_first_byte(self, at_stage, cast):
        [file] = added(at_stage(1), cast)
        files.remove(file)

        with pytest.raises(files.Missing):
            files.stream(file)

    def test_removing_twice_is_no_fault(self, at_stage, cast):
        [file] = added(at_stage(1), cast)

        files.remove(file)
        files.remove(file)

        assert names() == set()

    def test_only_what_no_row_knows_is_cleared_and_only_after_a_day(self, at_stage, cast):
        [file] = added(at_stage(1), cast)
        now = timezone.now()
        with files.keeping([accepted(), accepted()]) as [staged, left_over]:
            pass
        StagedFile.objects.create(
            person=cast.council_practitioner, form="add_evidence", dispute=file.dispute, staged_at=now,
            stored=staged.stored, name="a.pdf", content_type="application/pdf", size=1, sha256=staged.sha256,
        )  # fmt: skip

        assert files.clear_left_over(now + timedelta(hours=23)) == 0
        assert files.clear_left_over(now + timedelta(hours=25)) == 1
        assert names() == {file.stored.name, staged.stored}
        assert left_over.stored not in names()

    def test_a_download_is_an_attachment_of_its_own_type_and_goes_nowhere_else(self, at_stage, cast):
        [file] = added(at_stage(1), cast, accepted(name="Gespräch “eins”.pdf"))

        answer = attachment(file)

        assert b"".join(answer) == pdf()
        answer.close()
        assert dict(answer.headers) == {
            "Content-Type": "application/pdf",
            "Content-Length": str(len(pdf())),
            "Content-Disposition": "attachment; filename*=utf-8''Gespr%C3%A4ch%20%E2%80%9Ceins%E2%80%9D.pdf",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store, private",
        }

    @pytest.mark.parametrize("state", [FileState.CHECKING, FileState.REFUSED])
    def test_what_is_not_released_is_not_given_out(self, at_stage, cast, state):
        [file] = added(at_stage(1), cast)
        file.state = state

        with pytest.raises(Http404):
            attachment(file)

    def test_a_download_nobody_reads_is_closed(self, at_stage, cast):
        [file] = added(at_stage(1), cast)

        attachment(file).close()  # else Python warns of the open file, and the tests fail


def test_a_folder_is_for_its_owner_alone(at_stage, cast, settings, tmp_path):
    use_folder(settings, tmp_path)
    added(at_stage(1), cast)

    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "evidence").rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in [tmp_path / "evidence", *(tmp_path / "evidence").iterdir()]}
    assert (modes, folders) == ({0o600}, {0o700})


def use_folder(settings, tmp_path):
    backend = {"BACKEND": "escalation.storing.folder.PrivateFolder", "OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": backend}


def test_a_disk_that_takes_no_more_is_said_and_leaves_neither_row_nor_file(settings, tmp_path):
    use_folder(settings, tmp_path)
    given = accepted(pdf(bytes(2 * MEGABYTE)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, hard))
    try:
        with pytest.raises(files.CannotKeep, match="no room"), files.keeping([given]):
            pytest.fail("nothing may follow")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()] == []
    assert not StoredFile.objects.exists()


def test_a_disk_that_finds_out_late_is_said_too(settings, tmp_path, monkeypatch):
    """Some say so only when what was written must reach the disk."""

    def no_room(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    use_folder(settings, tmp_path)
    given = accepted()
    monkeypatch.setattr(folder.os, "fsync", no_room)

    with pytest.raises(files.CannotKeep, match="no room"), files.keeping([given]):
        pytest.fail("nothing may follow")

    assert [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()] == []


def test_a_bucket_that_is_away_is_said_within_seconds(settings, caplog):
    options = {"bucket_name": "evidence", "endpoint_url": f"http://127.0.0.1:{free_port()}", "region_name": "eu-west-2",
               "access_key": "a", "secret_key": "b"}  # fmt: skip
    backend = {"BACKEND": "escalation.storing.bucket.PrivateBucket", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "evidence": backend}

    with pytest.raises(files.CannotKeep, match="its storage is away"), files.keeping([accepted()]):
        pytest.fail("nothing may follow")
    with pytest.raises(files.Missing):
        files.stream(StoredFile(stored="ab/cd"))
    assert EndpointConnectionError.__name__ in caplog.text


def test_a_bucket_answers_nobody_without_the_keys(at_stage, cast, settings, s3):
    options = s3.new_bucket()
    backend = {"BACKEND": "escalation.storing.bucket.PrivateBucket", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "evidence": backend}
    [file] = added(at_stage(1), cast)

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{s3.url}/{options['bucket_name']}/{file.stored.name}")


def test_by_default_evidence_lies_in_a_folder_of_the_data():
    assert configured.STORAGES["evidence"]["OPTIONS"]["location"] == configured.DATA_DIR / "evidence"
