"""How files arrive: where they are wanted, on disk, no more than may be kept, and never without a word (R12)."""

import errno
import io
import os
import subprocess
import sys
import tempfile

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from escalation.files import receiving
from escalation.files.names import shown
from tests.escalation.corpus import email, office, picture

pytestmark = pytest.mark.urls("tests.escalation.file_pages")
MEGABYTE = 1024**2


def file(name="a.pdf", size=10):
    return SimpleUploadedFile(name, b"x" * size)


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast.council_practitioner)
    return client


def test_files_arrive_beside_what_was_typed(signed_in):
    answer = signed_in.post("/taking/", {"files": [file("a.pdf"), file("b.pdf", MEGABYTE)], "typed": "words"})

    assert answer.json() == {
        "files": [
            {"name": "a.pdf", "size": 10, "fault": None, "kept": True},
            {"name": "b.pdf", "size": MEGABYTE, "fault": None, "kept": True},
        ],
        "typed": "words",
    }


def test_a_page_that_takes_no_files_gets_none(signed_in):
    assert signed_in.post("/taking-none/", {"files": [file()], "typed": "words"}).json() == {
        "files": 0,
        "typed": "words",
    }


def test_nothing_of_somebody_not_signed_in_reaches_the_disk(client, db, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: pytest.fail("a file was made"))

    assert client.post("/taking/", {"files": [file()]}).status_code == 302


def test_a_file_over_the_limit_is_let_go_while_it_arrives_and_the_others_are_kept(signed_in, settings):
    settings.EVIDENCE_FILE_MAX_MB = 1

    found = signed_in.post("/taking/", {"files": [file("big.pdf", MEGABYTE + 1), file()], "typed": "words"}).json()

    assert found["typed"] == "words"
    assert [(each["size"], each["fault"], each["kept"]) for each in found["files"]] == [
        (MEGABYTE + 1, "too large", False),
        (10, None, True),
    ]


def test_files_over_the_number_are_let_go(signed_in, settings):
    settings.EVIDENCE_FILES_AT_ONCE = 2

    found = signed_in.post("/taking/", {"files": [file(), file(), file()]}).json()

    assert [each["fault"] for each in found["files"]] == [None, None, "too many"]


@pytest.mark.parametrize("where", ["/taking/", "/taking-none/"])
def test_a_request_far_over_every_limit_is_broken_off_before_it_is_read(signed_in, settings, where):
    settings.EVIDENCE_FILE_MAX_MB = settings.EVIDENCE_FILES_AT_ONCE = 1
    length = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + (receiving.LENIENCE * MEGABYTE if where == "/taking/" else 0) + 1

    answer = signed_in.generic(
        "POST", where, b"x", content_type="multipart/form-data; boundary=parts", CONTENT_LENGTH=str(length)
    )  # fmt: skip

    assert answer.status_code == 413
    assert "Nothing was saved." in answer.content.decode()
    assert ("1 files of up to 1 MB each" in answer.content.decode()) == (where == "/taking/")


class FullDisk(io.RawIOBase):
    """A file on a disk without room, that finds that out when it is written, or when its buffer is."""

    def writable(self):
        return True

    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("size", [10, MEGABYTE])
def test_a_full_disk_is_said_of_the_file_and_loses_nothing_else(signed_in, monkeypatch, size):
    monkeypatch.setattr(receiving.tempfile, "TemporaryFile", lambda **_: io.BufferedWriter(FullDisk()))

    found = signed_in.post("/taking/", {"files": [file(size=size)], "typed": "words"}).json()

    assert found == {"files": [{"name": "a.pdf", "size": size, "fault": "no room", "kept": False}], "typed": "words"}


def test_an_upload_that_breaks_off_leaves_no_open_file(cast):
    body = b'--parts\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\nhalf'

    class Broken(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) or self.fail()

        def fail(self):
            raise OSError("the other side went away")

    request = RequestFactory().post("/taking/", b"x", content_type="multipart/form-data; boundary=parts")
    request.META["CONTENT_LENGTH"] = str(len(body) + 100)
    request._stream, request._read_started = Broken(body), False
    request.user, request.resolver_match = cast.chair, type("Match", (), {"func": receiving.takes_files(lambda: 0)})

    with pytest.raises(OSError, match="went away"):
        request.POST  # noqa: B018


NAMES = {
    "minutes of 20 May.pdf": "minutes of 20 May.pdf",
    "../../etc/passwd.pdf": "passwd.pdf",
    "C:\\Users\\Ann\\Desktop\\minutes.pdf": "minutes.pdf",
    "..\\..\\a.pdf": "a.pdf",
    "/etc/.pdf": "file.pdf",
    ".htaccess.txt": "htaccess.txt",
    "gpj.\u202efdp.exe": "gpj.fdp.exe",
    "a\u200b\u2066b\u2069.pdf": "a b.pdf",
    "a\x00b\r\nc\td.pdf": "ab c d.pdf",
    "  spaced   out .pdf ": "spaced out.pdf",
    "dots...pdf": "dots.pdf",
    "end.pdf. . .": "end.pdf",
    'what<is>"this"|?*.pdf': "what_is__this____.pdf",
    "CON.pdf": "_CON.pdf",
    "nul .txt": "_nul.txt",
    "com1.minutes.pdf": "_com1.minutes.pdf",
    "console.pdf": "console.pdf",
    "cafe\u0301.pdf": "caf\u00e9.pdf",
    "Gespräch mit Łęski 📎.pdf": "Gespräch mit Łęski 📎.pdf",
    "": "file",
    "...": "file",
    "\u202e": "file",
    "a" * 300 + ".pdf": "a" * 116 + ".pdf",
    "漢" * 300 + ".pdf": "漢" * 65 + ".pdf",
    "a." + "x" * 300: "a." + "x" * 20,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_without_what_misleads(name):
    assert shown(name) == NAMES[name]
    assert shown(NAMES[name]) == NAMES[name]


CHILD = """
import resource, sys, django
django.setup()
from django.core.files.storage import storages
from django.core.handlers.wsgi import WSGIRequest
from escalation import files
from escalation.models import StoredFile
import magic, PIL.Image, olefile

class User:
    is_authenticated = True
class Match:
    func = files.takes_files(lambda request: None)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def take(path):
    with open(path, "rb") as body:
        length = body.seek(0, 2)
        body.seek(0)
        request = WSGIRequest({"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": body,
            "CONTENT_TYPE": "multipart/form-data; boundary=parts", "CONTENT_LENGTH": str(length)})
        request.user, request.resolver_match = User, Match
        accepted = files.check(request.FILES["files"])
        with files.keeping([accepted]) as [kept]:
            row = StoredFile(**kept.fields())
            assert sum(map(len, files.stream(row))) == accepted.size
        files.remove(row)
        request.close()

before = None
for path in sys.argv[1:]:
    take(path)
    before = before or peak()
print(peak() - before)
"""


def test_memory_stays_bounded_however_large_the_files(tmp_path):
    """Received, checked, kept and given out: 16 MB of each kind that is read differently, after a small one."""
    large = {
        "a.txt": b"All is well.\r\n" * (16 * MEGABYTE // 14),
        "line.eml": email(body="x" * (16 * MEGABYTE)),
        "parts.eml": email(body="Hello there.\r\n" * (16 * MEGABYTE // 14)),
        "stored.docx": office(more={f"word/media/{n}.bin": os.urandom(MEGABYTE) for n in range(16)}),
        "unpacks.xlsx": office("xlsx", {"xl/a.xml": b"<c>1234</c>" * (9 * MEGABYTE // 11) * 10 + os.urandom(MEGABYTE)}),
        "a.jpg": picture("JPEG") + os.urandom(15 * MEGABYTE),
    }
    paths = []
    for name, content in {"small.docx": office(), "small.jpg": picture(), **large}.items():
        body = b'--parts\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n' % name.encode()
        path = tmp_path / name
        path.write_bytes(body + content + b"\r\n--parts--\r\n")
        paths.append(path)

    ended = subprocess.run(
        [sys.executable, "-c", CHILD, *paths],
        cwd=configured.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "1", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 12  # megabytes
