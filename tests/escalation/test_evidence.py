"""Evidence: added, shown, taken back, given out, and listed in the record as it stood (R12, R18, R20, R43, R44)."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.models import Act
from agencies.outbox import Notice
from escalation import actions, appendix_b, files, staging
from escalation.files.keeping import storage
from escalation.models import Dispute, Evidence, FileState, Stage, StoredFile
from escalation.permissions import Conflict, NotPermitted
from tests.cast import RAISED, at_stage, kept_file, raise_dispute

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
CANARY = "CANARY-7421"
GIVEN = {"kind": "case_notes", "shows": "Found outside at 3:40am."}


def add(cast, dispute, at=RAISED + HOUR, by=None, **changes):
    by = by or cast.council_practitioner
    return actions.add_evidence(dispute=dispute, by=by, at=at, **{**GIVEN, **changes})


def one_file(cast, dispute, **changes):
    """The only file of a new item."""
    return add(cast, dispute, files=[kept_file(**changes)]).files.get()


def address(dispute, end=""):
    return f"/disputes/{dispute.reference}/evidence/{end}"


def content(answer):
    return b"".join(answer.streaming_content)


def in_storage():
    return {name for name, _ in storage().each()}


# Adding and taking back


def test_an_item_is_kept_with_its_files(cast):
    """R12, R20: kind, date, whose, what it shows; each file with its size and digest."""
    dispute = raise_dispute(cast)

    item = add(
        cast, dispute, dated_on=date(2026, 5, 12), whose="Ward B4",
        files=[kept_file("Chart of May.txt", b"one"), kept_file("b.txt", b"two2")],
    )  # fmt: skip

    assert (item.agency, item.by, item.stage, item.is_late) == (cast.council, cast.council_practitioner, 1, False)
    files = list(item.files.all())
    assert [(file.name, file.size, file.content_type, file.state) for file in files] == [
        ("Chart of May.txt", 3, "text/plain", FileState.UNSCANNED),
        ("b.txt", 4, "text/plain", FileState.UNSCANNED),
    ]
    assert "Chart" not in files[0].stored.name
    assert all(file.sha256 and file.dispute == dispute and file.agency == cast.council for file in files)
    act = Act.objects.get(verb="added evidence")
    assert (act.subject_id, act.facts["files"], act.facts["kind"]) == (item.pk, [f.pk for f in files], "case_notes")


def test_a_second_click_adds_no_second_item(cast):
    dispute = raise_dispute(cast)

    first, second = add(cast, dispute), add(cast, dispute, at=RAISED + HOUR + timedelta(seconds=5))

    assert first == second
    assert Evidence.objects.count() == Act.objects.filter(verb="added evidence").count() == 1


def test_two_clicks_at_once_save_each_file_once(cast):
    """The second waits for the first, with the same files in hand; what was taken out meanwhile is not saved."""
    dispute, by = raise_dispute(cast), cast.council_practitioner
    for name in ("a.txt", "b.txt"):
        staging.stage(by, "add_evidence", dispute, SimpleUploadedFile(name, b"words"), RAISED)
    in_hand = staging.kept(staging.of(by, "add_evidence", dispute))

    first, second = add(cast, dispute, files=in_hand), add(cast, dispute, files=in_hand)
    staged = staging.stage(by, "add_evidence", dispute, SimpleUploadedFile("c.txt", b"words"), RAISED)
    in_hand = staging.kept([staged])
    staging.unstage([staged])
    with pytest.raises(Conflict, match="taken out, or saved, on another page"):
        add(cast, dispute, files=in_hand)

    assert first == second
    assert [file.name for file in StoredFile.objects.all()] == ["a.txt", "b.txt"]


def test_nothing_at_all_is_no_evidence(cast):
    with pytest.raises(Conflict, match="Send a file"):
        add(cast, raise_dispute(cast), shows="")


def test_the_other_side_is_told_once_a_day_and_whoever_added_is_not(cast):
    dispute = raise_dispute(cast)
    for minutes in (60, 70, 80):
        add(cast, dispute, at=RAISED + timedelta(minutes=minutes), shows=f"Item {minutes}")
    add(cast, dispute, by=cast.hospital_practitioner, shows="An answer.")

    told = Notice.objects.filter(kind="evidence").values_list("recipient__full_name", flat=True)

    assert sorted(told) == ["Council Practitioner", "Hospital Practitioner"]
    assert not Notice.objects.filter(title__contains="Found outside").exists()


def test_only_the_agency_that_added_it_takes_it_back(cast):
    """The item stays, with who removed it, when and why; its words before stand in the history (R43)."""
    dispute = raise_dispute(cast)
    item = add(cast, dispute)
    with pytest.raises(NotPermitted, match="the agency that added it"):
        actions.remove_evidence(evidence=item, by=cast.hospital_lead, at=RAISED + 2 * HOUR, reason="No.")

    actions.remove_evidence(evidence=item, by=cast.council_manager, at=RAISED + 2 * HOUR, reason="Another adult’s.")

    item.refresh_from_db()
    assert (item.removed_by, item.removed_at, item.removal_reason) == (
        cast.council_manager, RAISED + 2 * HOUR, "Another adult’s.",
    )  # fmt: skip
    assert [row.removal_reason for row in item.history.order_by("history_date")] == ["", "Another adult’s."]
    told = Notice.objects.filter(kind="evidence removed").values_list("recipient__full_name", flat=True)
    assert list(told) == ["Hospital Practitioner"]
    with pytest.raises(Conflict, match="removed today, 4:15pm already"):
        actions.remove_evidence(evidence=item, by=cast.council_lead, at=RAISED + 3 * HOUR, reason="Again.")


@pytest.mark.usefixtures("own_folder")
def test_what_cannot_be_added_leaves_no_file_behind(cast, monkeypatch):
    """A refusal and a fault alike: no row, and nothing in the storage."""
    dispute = raise_dispute(cast)
    before = in_storage()
    monkeypatch.setattr("escalation.notices.tell", lambda *_, **__: 1 / 0)

    for by, refusal in ((cast.police_lead, Dispute.DoesNotExist), (cast.council_lead, ZeroDivisionError)):
        with pytest.raises(refusal):
            from_storage(cast, dispute, by)

    assert (in_storage(), StoredFile.objects.count(), Evidence.objects.count()) == (before, 0, 0)


def from_storage(cast, dispute, by):
    """As a page without a draft would: into the storage around the action."""
    with files.keeping([files.check(SimpleUploadedFile("a.txt", b"words"))]) as kept:
        add(cast, dispute, by=by, files=kept)


# The pages


def test_the_page_lists_whose_what_and_each_file(cast, client):
    """R12, R20, and that the virus check is said (it is not made here)."""
    dispute = raise_dispute(cast)
    item = add(cast, dispute, whose="Ward B4", dated_on=date(2026, 5, 12), files=[kept_file("Chart.txt")])
    client.force_login(cast.hospital_practitioner)

    page = client.get(address(dispute)).text

    file = item.files.get()
    for words in (
        "Case notes", "Tue 12 May 2026", "From Ward B4.", "Council Practitioner, Adult Social Care",
        "Found outside at 3:40am.", "Chart.txt", "Not checked for viruses.", address(dispute, f"{file.pk}/"),
    ):  # fmt: skip
        assert words in page, words
    assert "/remove/" not in page  # theirs is not hers to take back
    assert file.stored.name not in page
    shown = client.get(f"/disputes/{dispute.reference}/").text
    assert "added by Adult Social Care, 1 file" in shown


def test_an_empty_page_says_so_and_who_may_adds(cast, client):
    dispute = at_stage(cast, 3)
    client.force_login(cast.council_lead)
    own = client.get(address(dispute)).text
    client.force_login(cast.board_manager)
    board = client.get(address(dispute)).text

    assert "No evidence has been added." in own
    assert "/evidence/new/" in own
    assert "No evidence has been added." in board
    assert "/evidence/new/" not in board


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_statements_does_not_grow(cast, client, django_assert_num_queries, number):
    dispute = raise_dispute(cast)
    for item in range(number):
        add(cast, dispute, shows=f"Item {item}", files=[kept_file(f"{item}{n}.txt") for n in range(number)])
    client.force_login(cast.council_practitioner)
    client.get(address(dispute))

    with django_assert_num_queries(QUERIES):
        client.get(address(dispute))


QUERIES = 10


def test_what_is_removed_stays_listed_and_opens_for_nobody(cast, client):
    dispute = raise_dispute(cast)
    file = one_file(cast, dispute, name=f"{CANARY}.txt")
    actions.remove_evidence(
        evidence=file.evidence, by=cast.council_lead, at=RAISED + 2 * HOUR, reason="It is of another adult."
    )
    client.force_login(cast.hospital_practitioner)

    page, answer = client.get(address(dispute)), client.get(address(dispute, f"{file.pk}/"))

    assert "It is of another adult." in page.text
    assert "1 file, which can no longer be downloaded" in page.text
    assert "Found outside" not in page.text
    assert CANARY not in page.text
    assert answer.status_code == 409
    assert "can no longer be downloaded" in answer.text
    assert not Act.objects.filter(verb="downloaded evidence").exists()


def test_late_evidence_is_marked_and_outside_the_sealed_record(cast, client):
    """After the end it is taken, and said to be late, as late entries are."""
    dispute = raise_dispute(cast)
    actions.withdraw(dispute=dispute, by=cast.council_practitioner, at=RAISED + HOUR, reason="Settled.")
    dispute = Dispute.objects.get(pk=dispute.pk)
    record = Stage.objects.get(dispute=dispute).record
    before = record.content

    item = add(cast, dispute, at=RAISED + 2 * HOUR, by=cast.hospital_practitioner)
    client.force_login(cast.council_practitioner)

    record.refresh_from_db()
    assert item.is_late
    assert (record.content, record.is_intact) == (before, True)
    assert record.data["evidence"]["documents"] == []
    assert "After the end: outside the sealed record." in client.get(address(dispute)).text
    assert "Add late evidence" in client.get(address(dispute, "new/")).text


# The way out


def test_a_file_comes_as_it_was_sent_to_be_saved_and_is_noted(cast, client):
    """R43: attachment, its own type, no sniffing, no rights, no cache; and who took it."""
    dispute = raise_dispute(cast)
    file = one_file(cast, dispute, name="Aktenvermerk “Mai” ü; x.txt", content=b"as it was sent")
    client.force_login(cast.hospital_practitioner)

    answer = client.get(address(dispute, f"{file.pk}/"))

    assert (answer.status_code, content(answer)) == (200, b"as it was sent")
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Aktenvermerk%20")
    assert headers["Content-Type"] == "text/plain"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    act = Act.objects.get(verb="downloaded evidence")
    assert (act.by, act.subject_id, act.thread, act.agency) == (
        cast.hospital_practitioner, file.pk, dispute.pk, cast.hospital,
    )  # fmt: skip
    timeline = client.get(f"/disputes/{dispute.reference}/timeline/").text
    assert "Hospital Practitioner downloaded “Aktenvermerk" in timeline


@pytest.mark.parametrize(
    ("state", "words"),
    [(FileState.CHECKING, "still being checked for viruses"), (FileState.REFUSED, "A virus was found in this file")],
)
def test_a_file_that_is_not_released_is_not_given_out(cast, client, state, words):
    dispute = raise_dispute(cast)
    file = one_file(cast, dispute)
    file.state, file.checked_at = state, RAISED if state == FileState.REFUSED else None
    file.save()
    client.force_login(cast.council_practitioner)

    page, answer = client.get(address(dispute)).text, client.get(address(dispute, f"{file.pk}/"))

    assert answer.status_code == 409
    assert words in answer.text
    assert address(dispute, f"{file.pk}/") not in page
    assert {"checking": "Being checked for viruses:", "refused": "A virus was found"}[state] in page
    assert not Act.objects.filter(verb="downloaded evidence").exists()


def test_a_file_that_is_gone_from_the_storage_is_said_to_be(cast, client):
    dispute = raise_dispute(cast)
    file = one_file(cast, dispute)
    storage().take_out(file.stored.name)
    client.force_login(cast.council_practitioner)

    answer = client.get(address(dispute, f"{file.pk}/"))

    assert answer.status_code == 409
    assert "cannot be read at present" in answer.text


def test_to_a_stranger_there_is_no_evidence_and_no_file(cast, client):
    """R44: by the page, by the file's own address, by any id; and a file of another dispute is not found here."""
    dispute, other = raise_dispute(cast), raise_dispute(cast)
    file, elsewhere = one_file(cast, dispute, content=CANARY.encode()), one_file(cast, other, content=CANARY.encode())
    for stranger in (cast.police_lead, cast.administrator, cast.chair):
        client.force_login(stranger)
        for end in ("", "new/", f"{file.pk}/", f"items/{file.evidence_id}/remove/", "99999999999999999999/"):
            answer = client.get(address(dispute, end))
            assert (answer.status_code, CANARY in answer.text) == (404, False), (stranger, end)
    client.force_login(cast.council_practitioner)

    assert content(client.get(address(dispute, f"{file.pk}/"))) == CANARY.encode()
    assert client.get(address(dispute, f"{elsewhere.pk}/")).status_code == 404
    assert client.get(address(dispute, "99999999999999999999/")).status_code == 404
    assert client.post(address(dispute, f"{file.pk}/")).status_code == 405


def test_a_file_that_is_not_saved_is_nobodys(cast, client):
    """What waits beside a draft is no file of the dispute yet, under any id."""
    dispute = raise_dispute(cast)
    upload = SimpleUploadedFile("a.txt", CANARY.encode())
    staged = staging.stage(cast.council_practitioner, "add_evidence", dispute, upload, RAISED)
    client.force_login(cast.council_manager)

    assert client.get(address(dispute, f"{staged.pk}/")).status_code == 404
    assert CANARY not in client.get(address(dispute)).text
    assert "a.txt" not in client.get(address(dispute, "new/")).text


# The record


def test_the_record_lists_the_evidence_as_it_stood(cast):
    """R20: kinds ticked, date, what it shows, whose, file names and digests; each record keeps its own."""
    dispute = raise_dispute(cast)
    notes = add(cast, dispute, dated_on=date(2026, 5, 12), whose="Ward B4", files=[kept_file("Chart.txt")])
    mistake = add(cast, dispute, kind="email", shows=f"{CANARY} of another adult", files=[kept_file(f"{CANARY}.txt")])
    actions.remove_evidence(evidence=mistake, by=cast.council_lead, at=RAISED + HOUR, reason="By mistake.")
    dispute = escalated(cast, dispute)

    first = Stage.objects.get(dispute=dispute, number=1).record
    actions.remove_evidence(evidence=notes, by=cast.council_lead, at=RAISED + 5 * HOUR, reason="Out of date.")
    add(cast, dispute, at=RAISED + 6 * HOUR, kind="minutes", shows="Item 3.")
    second = appendix_b.contents(dispute, Stage.objects.get(dispute=dispute, number=2), at=RAISED + 7 * HOUR)

    (listed,) = first.data["evidence"]["documents"]
    assert (listed["kind"], listed["on"], listed["whose"]) == ("Case notes", "2026-05-12", "Ward B4")
    assert [(f["name"], f["digest"]) for f in listed["files"]] == [("Chart.txt", notes.files.get().sha256)]
    ticked = [each["kind"] for each in first.data["evidence"]["kinds"] if each["is_ticked"]]
    assert ticked == ["Case notes"]
    assert CANARY not in first.content
    removed, minutes = second["evidence"]["documents"]
    assert (removed["removed"]["reason"], removed["shows"], removed["files"]) == ("Out of date.", "", [])
    assert (minutes["kind"], minutes["shows"], minutes["removed"]) == ("Minutes", "Item 3.", None)
    assert first.is_intact


def escalated(cast, dispute):
    """Taken to stage two by a manager, after the talk."""
    return actions.take_up(
        dispute=dispute, by=cast.council_manager, at=RAISED + 3 * HOUR, reason="No agreement.", safety="in_place",
        safety_detail="She stays.",
    )  # fmt: skip
