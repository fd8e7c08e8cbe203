"""Files on a page of an act: judged and kept as they come, listed until it is saved, and nothing lost (R12, R18)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from escalation.files import Failed
from escalation.files.keeping import storage
from escalation.models import Draft, Evidence, StagedFile, StoredFile
from tests.cast import raise_dispute

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("own_folder")]

TYPED = {"kind": "minutes", "shows": "Item 3 of the minutes.", "whose": "Ward B4", "seen_stage": "1"}


def file(name="Minutes.txt", content=b"It was known.\n"):
    return SimpleUploadedFile(name, content)


EXE = ("program.exe", b"MZ\x90\x00")


@pytest.fixture
def dispute(cast):
    return raise_dispute(cast)


@pytest.fixture
def send(cast, client, dispute):
    """A function that posts the page of somebody of the council; `press` is the button."""
    client.force_login(cast.council_practitioner)

    def sent(*files, press=None, end="", **typed):
        data = {**TYPED, **typed, "files": list(files), **({press: "1"} if press else {})}
        return client.post(f"/disputes/{dispute.reference}/evidence/new/{end}", data)

    return sent


def staged():
    return list(StagedFile.objects.values_list("name", flat=True))


def in_storage():
    return len(list(storage().each()))


def test_one_refused_among_three_loses_none(client, dispute, send):
    """Beside the field why, the texts as typed, the two others in the list; saved at the second try."""
    before = in_storage()

    answer = send(file("one.txt"), file(*EXE), file("two.txt"))

    page = answer.text
    assert answer.status_code == 200
    assert page.count("program.exe is of a kind that is not taken (.exe).") == 2  # above, and beside the field
    assert 'href="#id_files"' in page
    assert "Item 3 of the minutes." in page
    assert "Added, not saved yet" in page
    assert staged() == ["one.txt", "two.txt"]
    assert not Evidence.objects.exists()
    assert "one.txt" in client.get(answer.request["PATH_INFO"]).text

    done = send()

    assert (done.status_code, done.url) == (302, f"/disputes/{dispute.reference}/evidence/")
    assert [each.name for each in Evidence.objects.get().files.all()] == ["one.txt", "two.txt"]
    assert (staged(), Draft.objects.count(), in_storage() - before) == ([], 0, 2)


def test_an_answer_refused_elsewhere_loses_no_file(dispute, send):
    page = send(file("one.txt"), kind="").text

    assert "Say what kind of evidence it is" in page
    assert "one.txt" in page
    assert send().status_code == 302
    assert StoredFile.objects.get().name == "one.txt"


def test_files_are_added_and_taken_out_without_a_script(client, send, django_capture_on_commit_callbacks):
    """“Add these files” and “Remove” save nothing, judge nothing else, and keep what was typed."""
    before = in_storage()

    added = send(file("one.txt"), file("two.txt"), press="add_files", kind="")
    with django_capture_on_commit_callbacks(execute=True):
        removed = client.post(added.request["PATH_INFO"], {**TYPED, "remove_file": StagedFile.objects.first().pk})
    nothing = send(press="add_files", kind="").text

    assert (added.status_code, removed.status_code) == (302, 302)
    assert (staged(), in_storage() - before) == (["two.txt"], 1)
    assert "Item 3 of the minutes." in client.get(added.request["PATH_INFO"]).text
    assert "Choose the files first" in nothing
    assert "Say what kind" not in nothing
    assert not Evidence.objects.exists()


def test_a_draft_keeps_its_files_and_throwing_it_away_removes_them(client, send, django_capture_on_commit_callbacks):
    before = in_storage()
    kept = send(file("one.txt"), file(*EXE), press="later")
    assert (kept.status_code, staged()) == (302, ["one.txt"])
    assert "program.exe is of a kind that is not taken" in client.get(kept.url).text

    with django_capture_on_commit_callbacks(execute=True):
        assert send(press="discard").status_code == 302

    assert (staged(), in_storage()) == ([], before)


def test_the_script_sends_and_removes_one_at_a_time(cast, client, dispute, send):
    """As the component of the page asks; whose file it is counts, not its id."""
    path = f"/disputes/{dispute.reference}/evidence/new/?files="

    taken = client.post(f"{path}send", {"documents": file("<b>one.txt")}).json()
    refused = client.post(f"{path}send", {"documents": file(*EXE)}).json()
    key = taken["file"]["filename"]
    client.force_login(cast.hospital_practitioner)
    not_theirs = client.post(f"{path}remove", json.dumps({"remove_file": key}), content_type="application/json").json()
    client.force_login(cast.council_practitioner)

    assert taken["success"]["messageText"].startswith("_b_one.txt, 14")
    assert refused["error"]["message"].startswith("program.exe is of a kind that is not taken")
    assert (not_theirs, staged()) == ({"name": ""}, ["_b_one.txt"])
    for body in (b"", b"[]", b"{}", b'"x"', b'{"remove_file": {"x": 1}}', b'{"remove_file": "99999999999999999999"}'):
        assert client.post(f"{path}remove", body, content_type="application/json").json() == {"name": ""}
    for data in ({}, {"documents": "text"}, {"documents": [file("a.txt"), file("b.txt")]}):
        assert "error" in client.post(f"{path}send", data).json()
    gone = client.post(f"{path}remove", json.dumps({"remove_file": key}), content_type="application/json").json()
    assert (gone, staged()) == ({"name": "_b_one.txt"}, [])


def test_who_may_not_sends_nothing(cast, client, dispute):
    """403 and 404 as for the page itself; nothing is kept."""
    before = in_storage()
    for who, status in ((cast.police_lead, 404), (cast.administrator, 404)):
        client.force_login(who)
        for end in ("", "?files=send"):
            answer = client.post(
                f"/disputes/{dispute.reference}/evidence/new/{end}", {"documents": file(), "files": file(), **TYPED}
            )
            assert answer.status_code == status
    assert (in_storage(), staged()) == (before, [])


def test_a_full_disk_is_said_and_leaves_nothing(monkeypatch, send):
    """No row, nothing in the storage, and the texts are kept (R12)."""
    before = in_storage()
    monkeypatch.setattr(type(storage()), "put", full)

    page = send(file()).text

    assert "Minutes.txt could not be kept: the server has no room for it" in page
    assert "Item 3 of the minutes." in page
    assert (in_storage(), staged(), StoredFile.objects.count(), Evidence.objects.count()) == (before, [], 0, 0)


def full(*_):
    raise Failed("no room")


def test_a_row_that_cannot_be_written_leaves_no_file(monkeypatch, send):
    before = in_storage()
    monkeypatch.setattr(StagedFile.objects, "create", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        send(file())

    assert in_storage() == before


def test_a_fault_while_saving_loses_no_file(monkeypatch, send):
    """The transaction is taken back as a whole; what was sent waits for the next try."""
    with monkeypatch.context() as patched:
        patched.setattr("escalation.notices.tell", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(file())
    assert (staged(), StoredFile.objects.count(), Evidence.objects.count()) == (["Minutes.txt"], 0, 0)

    assert send().status_code == 302

    assert storage().exists(StoredFile.objects.get().stored.name)


def test_more_than_a_dispute_may_hold_is_refused(settings, send):
    settings.EVIDENCE_TOTAL_MAX_MB = 1

    page = send(file("a.txt", b"x" * 700_000), file("b.txt", b"x" * 700_000)).text

    assert "b.txt is too much: all files of a dispute together may have 1 MB" in page
    assert staged() == ["a.txt"]


HOSTILE_NAMES = ("x" * 800 + ".txt", "..", "\u202etxt.exe", "../../etc/passwd.txt", "a\x00b.txt", "", "..\\\\c.txt")


def by_hand(*names):
    """Files as no browser names them."""
    head = 'Content-Disposition: form-data; name="files"; filename="{}"\r\nContent-Type: text/plain\r\n\r\nwords\r\n'
    return "".join([*(f"--x\r\n{head.format(name)}" for name in names), "--x--\r\n"]).encode()


def test_hostile_requests_are_answered_plainly(client, dispute, send):
    """No field of files, a text in its place, thirty of them, endless and empty names."""
    path = f"/disputes/{dispute.reference}/evidence/new/"

    assert client.post(path, {**TYPED, "shows": "", "files": "a text"}).status_code == 200
    thirty = send(*(file(f"{number}.txt") for number in range(30))).text
    names = client.generic("POST", path, by_hand(*HOSTILE_NAMES), "multipart/form-data; boundary=x").text

    endless = client.generic("POST", path, by_hand("x" * 5000), "multipart/form-data; boundary=x")

    assert endless.status_code == 400
    assert thirty.count("is one too many") == 40  # twenty, above and beside
    assert "passwd.txt" in names
    assert "etc/passwd" not in names
    assert all(len(name) <= 120 and "/" not in name for name in staged())
    for key in ("99999999999999999999", "-1", "x", "\u0664"):
        assert client.post(path, {**TYPED, "remove_file": key}).status_code == 302
    for body, kind in (("[" * 200_000, "application/json"), ("remove_file=1", "application/x-www-form-urlencoded")):
        assert client.generic("POST", f"{path}?files=remove", body, kind).json() == {"name": ""}
    assert client.post(f"{path}?files=remove", {"remove_file": "1"}).json() == {"name": ""}
    assert not Evidence.objects.exists()


def test_whoever_was_signed_out_is_told_to_choose_the_files_again(client, dispute, send):
    """What was typed is kept as on every page; a file of somebody not signed in is let go."""
    path = f"/disputes/{dispute.reference}/evidence/new/"
    slip = client.get(path).text.split('name="typed_by" value="')[1].split('"')[0]
    client.logout()

    answer = client.post(path, {**TYPED, "typed_by": slip, "files": file()}, follow=True)

    assert "What you typed is kept" in answer.text
    assert "Files must be chosen again." in answer.text
    assert (staged(), Draft.objects.get().data["shows"]) == ([], ["Item 3 of the minutes."])
