"""A copy on the adult's record in every agency: sent, filed, put right, asked for and chased once (R16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.models import Act, Agency, Notice
from escalation import actions, deadlines, timers
from escalation.models import Dispute, Duty, DutyKind, Filing
from escalation.moments import london_date
from escalation.permissions import Conflict, NotPermitted
from tests.cast import RAISED, at_stage, raise_dispute
from tests.escalation.act_pages import boxes

pytestmark = [pytest.mark.django_db]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CANARY = "Canary Filing-Quince"


def ended(cast, stage=2, at=RAISED, **changes):
    """A dispute that the council withdrew at this stage, six hours after raising it."""
    dispute = at_stage(cast, stage, at=at, **changes)
    by = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}[stage]
    return actions.withdraw(dispute=dispute, by=by, at=at + 6 * HOUR, reason="Settled.")


def files(dispute, by, *stages, at=RAISED + 7 * HOUR, **told):
    return actions.file_record(dispute=dispute, by=by, at=at, stages=stages, **told)


def waiting(dispute):
    duties = Duty.objects.filter(dispute=dispute, kind=DutyKind.FILE, done_at=None, lapsed_at=None)
    return {str(duty.agency): duty for duty in duties.select_related("agency", "person")}


def page(client, user, path):
    client.force_login(user)
    return " ".join(client.get(path).content.decode().split())


# The duty


def test_each_agency_is_asked_at_the_end_and_not_before(cast):
    """R16, R50: due in five working days; nobody is asked where nobody has an account."""
    small = Agency.objects.create(name="Small Care")
    dispute = at_stage(cast, 2, concerned_agencies=[cast.trust, small])
    assert waiting(dispute) == {}

    actions.withdraw(dispute=dispute, by=cast.council_manager, at=RAISED + 6 * HOUR, reason="Settled.")

    found = waiting(dispute)
    assert set(found) == {"Adult Social Care", "Rother Valley Hospital", "Rother Valley Mental Health Trust"}
    assert {duty.due_at for duty in found.values()} == {deadlines.working_days_later(RAISED + 6 * HOUR, 5)}
    assert found["Adult Social Care"].person == cast.council_manager
    assert found["Rother Valley Hospital"].role == "manager"
    assert found["Adult Social Care"].address == f"/disputes/{dispute.reference}/filing/"


def test_it_is_chased_once_and_told_with_the_end_before(cast):
    """R16: one reminder when it is due, however long nobody files; those who filed are left alone."""
    dispute = ended(cast)
    files(dispute, cast.council_practitioner, 2)
    assert not Notice.objects.filter(kind=DutyKind.FILE).exists()
    told = Notice.objects.filter(kind="ended", title__contains="file its record")
    assert cast.hospital_manager in {notice.recipient for notice in told}
    due_at = waiting(dispute)["Rother Valley Hospital"].due_at

    timers.sweep(due_at - HOUR)
    assert not Notice.objects.filter(kind=DutyKind.FILE).exists()
    for days in range(0, 28, 2):
        timers.sweep(due_at + HOUR + days * DAY)

    chased = list(Notice.objects.filter(kind=DutyKind.FILE).select_related("recipient"))
    assert [notice.recipient for notice in chased] == [cast.hospital_manager]
    assert chased[0].title == "Reminder: a dispute has ended: file its record on the adult’s record, and say so"
    assert dispute.adult_name not in str(vars(chased[0]))


@pytest.mark.both_databases
def test_filing_the_latest_discharges_the_earlier_ones(cast):
    """R16: the duty is done by the latest alone, for the agency that filed it."""
    dispute = ended(cast)

    files(dispute, cast.hospital_practitioner, 1)
    assert len(waiting(dispute)) == 2
    files(dispute, cast.hospital_practitioner, 2)
    assert set(waiting(dispute)) == {"Adult Social Care"}
    files(dispute, cast.council_lead, 2)

    assert waiting(dispute) == {}


# The act


def test_a_filing_is_recorded_with_date_person_and_reference(cast):
    """R16, R43: by whom, when, under which reference; the trail names ids, and the dispute has not moved by it."""
    dispute = at_stage(cast, 3)
    moved_at = Dispute.objects.get(pk=dispute.pk).moved_at
    on = london_date(RAISED)

    told = {"filed_on": on, "local_reference": "PAS/44", "filed_by_name": "Jo Clerk"}
    filings = files(dispute, cast.hospital_practitioner, 2, 1, **told)

    assert [(f.record.stage.number, f.agency, f.filed_on, f.who, f.local_reference) for f in filings] == [
        (1, cast.hospital, on, "Jo Clerk", "PAS/44"), (2, cast.hospital, on, "Jo Clerk", "PAS/44"),
    ]  # fmt: skip
    act = Act.objects.get(verb="filed the record")
    assert act.facts == {"stage": 3, "records": [1, 2], "of_agency": cast.hospital.pk}
    assert Dispute.objects.get(pk=dispute.pk).moved_at == moved_at


def test_it_is_never_too_late_to_file(cast):
    dispute = ended(cast)

    files(dispute, cast.hospital_lead, 2, at=RAISED + 400 * DAY)

    assert set(waiting(dispute)) == {"Adult Social Care"}


@pytest.mark.parametrize(
    ("by", "stages", "refusal", "why"),
    [
        ("hospital_practitioner", [3], Conflict, "no sealed record of stage three"),
        ("hospital_practitioner", [], Conflict, "Choose which record"),
        ("council_manager", [1], Conflict, "Council Practitioner recorded .* filed the record of stage one"),
        ("police_lead", [1], Dispute.DoesNotExist, "."),
    ],
)
def test_what_cannot_be_filed_is_refused(cast, by, stages, refusal, why):
    """Not what is not sealed, not twice, and not by strangers; nothing is left behind."""
    dispute = at_stage(cast, 3)
    files(dispute, cast.council_practitioner, 1)

    with pytest.raises(refusal, match=why):
        files(dispute, getattr(cast, by), *stages)

    assert Filing.objects.count() == 1


def test_only_an_agency_itself_says_what_it_has_filed_unless_nobody_there_can(cast):
    """R16, R50: nothing stalls where nobody has an account."""
    small = Agency.objects.create(name="Small Care")
    dispute = ended(cast, concerned_agencies=[small])

    with pytest.raises(NotPermitted, match="recorded by somebody of Rother Valley Hospital"):
        files(dispute, cast.council_manager, 2, agency=cast.hospital)
    with pytest.raises(NotPermitted):
        files(dispute, cast.council_manager, 2, agency=cast.police)
    (filing,) = files(dispute, cast.council_manager, 2, agency=small, filed_by_name="Ada Small")

    assert (filing.agency, filing.who, filing.filed_by) == (small, "Ada Small", cast.council_manager)


def test_a_filing_can_be_put_right_and_what_stood_before_is_kept(cast):
    """R43"""
    dispute = ended(cast)
    (filing,) = files(dispute, cast.hospital_practitioner, 2, local_reference="PAS/1")
    told = {"filed_on": filing.filed_on, "local_reference": "PAS/2", "at": RAISED + 8 * HOUR}

    with pytest.raises(NotPermitted):
        actions.correct_filing(filing=filing, by=cast.council_manager, **told)
    actions.correct_filing(filing=filing, by=cast.hospital_lead, **told)

    versions = filing.history.order_by("-history_date").values_list("local_reference", "history_user__full_name")
    assert list(versions) == [("PAS/2", "Hospital Lead"), ("PAS/1", "Hospital Practitioner")]


@pytest.mark.both_databases
def test_whoever_downloads_a_sealed_record_has_been_sent_it(cast, client):
    """R16: once for each agency; a record that is not sealed, and the Board's download, count for none."""
    dispute = at_stage(cast, 3)
    for user in (cast.board_manager, cast.hospital_practitioner, cast.hospital_lead):
        client.force_login(user)
        for stage in (1, 3):
            assert client.get(f"/disputes/{dispute.reference}/records/{stage}.pdf").status_code == 200

    sent = list(Filing.objects.values_list("record__stage__number", "agency__name", "sent_by__full_name", "filed_on"))
    assert sent == [(1, "Rother Valley Hospital", "Hospital Practitioner", None)]
    files(dispute, cast.hospital_lead, 1)
    assert Filing.objects.get().sent_by == cast.hospital_practitioner


# The pages


def test_the_page_of_the_records_tells_each_record_in_each_agency(cast, client):
    """R16: not yet filed, downloaded, filed by whom, when, under which reference, and carried by a later one."""
    small = Agency.objects.create(name="Small Care")
    dispute = ended(cast, 3, at=timezone.now() - 12 * HOUR, concerned_agencies=[small])
    records = f"/disputes/{dispute.reference}/records/"
    client.force_login(cast.hospital_lead)
    client.get(f"{records}3.pdf")
    files(dispute, cast.council_lead, 2, at=timezone.now(), local_reference="LAS-9", filed_by_name="Jo Clerk")

    ours = page(client, cast.hospital_manager, records)
    theirs = page(client, cast.council_manager, records)
    seen = page(client, cast.board_manager, records)

    assert ours.index("Rother Valley Hospital <span") < ours.index("Adult Social Care</th>")
    assert "by Jo Clerk, under LAS-9" in ours
    assert "Downloaded by Hospital Lead" in ours
    assert "Nobody there has an account" in ours
    assert ours.count("Carried by a later record that is filed") == 1
    assert ours.count("Not filed: a later record carries it") == 4
    assert ours.count("<strong>Not yet filed</strong>") == 3
    assert "Record that you have filed it" in ours
    assert "Record that Small Care has filed it" in ours
    assert "Correct this" not in ours
    assert "Correct this" in theirs
    assert not any(words in seen for words in ("Correct this", "Record that"))


def test_a_correction_and_a_filing_for_others_are_made_on_pages(cast, client):
    small = Agency.objects.create(name="Small Care")
    now = timezone.now()
    dispute = ended(cast, at=now - 12 * HOUR, concerned_agencies=[small])
    (filing,) = files(dispute, cast.hospital_practitioner, 2, at=now, local_reference="PAS/1")
    base = f"/disputes/{dispute.reference}/filing/"
    client.force_login(cast.hospital_manager)

    asked = client.get(f"{base}{filing.pk}/")
    sent = {**boxes("filed_on", now), "local_reference": "PAS/2", "seen": asked.context["form"].seen()}
    done = client.post(f"{base}{filing.pk}/", sent)
    again = client.post(f"{base}{filing.pk}/", sent)
    unnamed = client.post(f"{base}for/{small.pk}/", {"records": ["2"], **boxes("filed_on", now)})
    early = {**boxes("filed_on", now - 9 * DAY), "records": ["2"], "filed_by_name": "Ada Small"}
    before_sealed = client.post(f"{base}for/{small.pk}/", early)
    for_them = client.post(f"{base}for/{small.pk}/", {**early, **boxes("filed_on", now)})

    assert 'value="PAS/1"' in asked.content.decode()
    assert (done.status_code, for_them.status_code) == (302, 302)
    assert again.status_code == 409
    assert "Somebody changed these details meanwhile" in again.content.decode()
    assert "Say who filed it, or told you so" in unnamed.content.decode()
    assert "must not be before it was sealed" in before_sealed.content.decode()
    assert [client.get(f"{base}{path}").status_code for path in (f"for/{cast.trust.pk}/", "999/", "for/999/")] == [
        404
    ] * 3
    assert client.get(f"{base}for/{cast.council.pk}/").status_code == 403
    assert client.get(f"{base}for/{small.pk}/").status_code == 200
    assert set(Filing.objects.values_list("agency__name", "local_reference", "filed_by_name")) == {
        ("Rother Valley Hospital", "PAS/2", ""), ("Small Care", "", "Ada Small"),
    }  # fmt: skip
    client.force_login(cast.council_manager)
    assert client.get(f"{base}{filing.pk}/").status_code == 403
    timeline = page(client, cast.council_manager, f"/disputes/{dispute.reference}/timeline/")
    assert "corrected what is recorded of the filing of stage two at Rother Valley Hospital" in timeline
    assert "recorded the filing of stage two at Small Care" in timeline


def test_before_a_stage_has_ended_there_is_nothing_to_file(cast, client):
    dispute = raise_dispute(cast, timezone.now())
    records = page(client, cast.council_practitioner, f"/disputes/{dispute.reference}/records/")

    assert "Filed on the adult’s record" not in records
    assert "pack.zip" not in records
    assert client.get(f"/disputes/{dispute.reference}/filing/").status_code == 409
    assert client.get(f"/disputes/{dispute.reference}/pack.zip").status_code == 409


@pytest.mark.both_databases
def test_what_is_not_yet_filed_of_disputes_one_may_see(cast, client):
    """R16, R44: the Board Manager every agency, from stage three; a lead the own agency; nobody what is not theirs."""
    now = timezone.now()
    ended(cast, 2, at=now - 12 * HOUR, adult_name=f"{CANARY} below")
    above = ended(cast, 3, at=now - 12 * HOUR, adult_name=f"{CANARY} above")
    at_stage(cast, 3, at=now - 12 * HOUR, adult_name=f"{CANARY} open")
    files(above, cast.council_lead, 3, at=now)

    board = page(client, cast.board_manager, "/filing/")
    lead = page(client, cast.hospital_lead, "/filing/")
    raising = page(client, cast.council_lead, "/filing/")

    assert (board.count(CANARY), lead.count(CANARY), raising.count(CANARY)) == (1, 2, 1)
    assert f"{CANARY} above" in board
    assert f"{CANARY} below" in raising
    assert "Not yet downloaded" in board
    for user in (cast.board_manager, cast.chair):
        goes_on = page(client, user, "/filing/?show=open")
        assert goes_on.count(f"{CANARY} open") == goes_on.count(CANARY) == 2
    for user in (cast.police_lead, cast.trust_lead, cast.administrator):
        for path in ("/filing/", "/filing/?show=open"):
            empty = page(client, user, path)
            assert CANARY not in empty
            assert "Nothing:" in empty
    files(above, cast.hospital_lead, 3, at=now)
    assert "each record of an ended dispute that you can see here is filed" in page(
        client, cast.board_manager, "/filing/"
    )


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements_for_one_and_three(cast, client, django_assert_num_queries, number):
    for _ in range(number):
        ended(cast, 3, at=timezone.now() - 12 * HOUR)
    client.force_login(cast.board_manager)
    client.get("/filing/")

    with django_assert_num_queries(5):  # two to sign in, the standing, what the frame counts, the list
        assert client.get("/filing/").content.count(b"Not yet downloaded") == 2 * number
