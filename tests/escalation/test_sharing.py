"""R36: passages shared with commissioning: a deliberate act, frozen, a note by itself, seen by those concerned."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from agencies.models import Act, Notice
from escalation import actions, passages
from escalation.models import CommissioningNote, Entry
from escalation.permissions import Conflict
from tests import cast as casting
from tests.cast import DETAILS, RAISED
from tests.escalation.act_pages import proposed
from tests.journeys.steps import TAGGED, marks_of
from tests.records import text_of

HOUR = timedelta(hours=1)
AT = RAISED + timedelta(days=2)
WHY = {"shared_with": "Amir Khan, contracts officer", "contract": "Bed block 7", "reason": "Two nights without staff."}
FACT = "She was found by the ward doors at 2am. (Ward chart, 12 May)"
OPINION = "She does not understand the risk."


def share(dispute, by, chosen, at=AT, **changes):
    return actions.share_passages(dispute=dispute, by=by, at=at, chosen=chosen, **{**WHY, **changes})


@pytest.fixture
def dispute(cast):
    """With each side's entry, a view, and an agreed resolution."""
    dispute = casting.raise_dispute(cast)
    casting.record_discussion(dispute, cast.council_practitioner, RAISED + HOUR)
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=RAISED + HOUR, view="We followed the plan.")
    return dispute


@pytest.fixture
def entry(dispute):
    return Entry.objects.get(dispute=dispute)


def test_everything_written_can_be_chosen_with_its_mark(cast, dispute, entry):
    """R12: a fact stays a fact; each passage says where it stands, and by whom."""
    found = {passage.key: (passage.mark, passage.by, passage.text) for passage in passages.of(dispute)}

    author = "Council Practitioner"
    view = dispute.parties.get(agency=cast.hospital)
    assert found == {
        "problem": ("", author, DETAILS["problem"]),
        "disagreement": ("", author, DETAILS["disagreement"]),
        "aim": ("", author, DETAILS["aim"]),
        f"view-{view.pk}": ("", "Hospital Practitioner", "We followed the plan."),
        f"entry-{entry.pk}-1": ("fact", author, FACT),
        f"entry-{entry.pk}-2": ("opinion", author, OPINION),
        f"entry-{entry.pk}-outcome": ("", author, "Each side keeps to its view."),
    }


def test_how_it_ended_can_be_chosen(cast, client):
    dispute = casting.raise_dispute(cast, at=AT)
    ids = proposed(cast, dispute)
    proposal = dispute.proposals.get(pk=ids["proposal_id"])
    actions.agree(proposal=proposal, by=cast.hospital_practitioner, at=proposal.at + HOUR)

    found = [(passage.title, passage.text) for passage in passages.of(dispute.__class__.objects.get(pk=dispute.pk))]

    assert found[3:] == [
        ("Resolved at stage one", "Assess first."),
        ("Why it was agreed", "The nights."),
        ("Action for Rother Valley Hospital", "Assess her"),
    ]


def test_what_was_shared_is_frozen(cast, dispute, entry):
    """It stands as it was, whatever changes since; no row of it can be changed or removed."""
    note = share(dispute, cast.hospital_lead, ["aim", f"entry-{entry.pk}-1"])
    actions.amend(dispute=dispute, by=cast.council_practitioner, at=AT, changes={"impact": "A fall."})

    shared = passages.read(CommissioningNote.objects.get())

    assert passages.is_intact(note)
    assert [(p["title"], p["mark"], p["text"]) for p in shared["passages"]] == [
        ("What is to be achieved", "", DETAILS["aim"]),
        ("Fact, paragraph 1", "fact", FACT),
    ]
    assert (shared["shared_with"], shared["by"]["agency"]) == (WHY["shared_with"], "Rother Valley Hospital")
    assert DETAILS["adult_name"] not in note.content
    assert DETAILS["problem"] not in note.content
    for change in (lambda: CommissioningNote.objects.update(reason="x"), CommissioningNote.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_nothing_is_sent_and_nobody_is_told(cast, dispute):
    before = Notice.objects.count()
    share(dispute, cast.hospital_lead, ["aim"])

    assert (Notice.objects.count(), mail.outbox) == (before, [])
    act = Act.objects.get(verb="shared passages")
    assert act.facts["passages"] == ["aim"]
    assert (act.role, act.agency) == ("lead", cast.hospital)


def test_a_second_click_makes_no_second_note(cast, dispute):
    share(dispute, cast.hospital_lead, ["aim"])
    share(dispute, cast.hospital_lead, ["aim"], at=AT + timedelta(seconds=2))
    assert CommissioningNote.objects.count() == 1
    share(dispute, cast.hospital_lead, ["aim", "problem"], at=AT + timedelta(seconds=4))
    assert CommissioningNote.objects.count() == 2


def test_only_what_stands_on_the_dispute_is_shared(cast, dispute):
    """Keys of another dispute, or made up, bring nothing."""
    other = casting.record_discussion(casting.raise_dispute(cast), cast.council_practitioner, RAISED + HOUR)
    for keys in ([], ["x"], [f"entry-{other.pk}-1"], ["adult_name", "safety_detail"]):
        with pytest.raises(Conflict, match="none of it stands"):
            share(dispute, cast.hospital_lead, keys)
    assert not CommissioningNote.objects.exists()


def test_what_changed_after_it_was_looked_over_is_not_shared(cast, client):
    dispute = casting.raise_dispute(cast)
    page = reverse("share_passages", kwargs={"reference": dispute.reference})
    client.force_login(cast.hospital_manager)
    looked = client.post(page, {"share_about": ["aim"], **WHY})
    seen = looked.context["seen"]
    actions.amend_statements(dispute=dispute, by=cast.council_practitioner, at=AT, changes={"aim": "Another aim."})

    again = client.post(page, {"share_about": ["aim"], "confirmed": seen, **WHY})

    assert again.status_code == 200
    assert "was changed meanwhile" in again.text
    assert "Another aim." in again.text
    assert not CommissioningNote.objects.exists()
    with pytest.raises(Conflict, match="Look it over again"):
        share(dispute, cast.hospital_lead, ["aim"], seen=seen)


def test_what_is_typed_comes_back_and_is_checked_for_names(cast, client, dispute, entry):
    """Before it is shared it is shown word for word, with the words that look like names; then it can be changed."""
    actions.state_view(dispute=dispute, by=cast.hospital_lead, at=AT, view="Beth saw Mrs Okonkwo first.")
    page = reverse("share_passages", kwargs={"reference": dispute.reference})
    view = f"view-{dispute.parties.get(agency=cast.hospital).pk}"
    client.force_login(cast.hospital_manager)
    fields = {"share_views": [view], f"share_entry_{entry.pk}": [f"entry-{entry.pk}-2"], **WHY}

    nothing = client.post(page, {**WHY})
    looked = client.post(page, fields)
    back = client.get(page)

    assert "Choose at least one passage" in nothing.text
    assert looked.context["names"] == ["Beth", "Okonkwo"]
    assert OPINION in looked.text
    assert FACT not in looked.text
    assert f'value="{view}" checked' in back.text
    assert WHY["reason"] in back.text
    assert not CommissioningNote.objects.exists()


def address(note, name="commissioning_note"):
    return reverse(name, kwargs={"reference": note.dispute.reference, "note_id": note.pk})


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("council_practitioner", 200), ("hospital_practitioner", 200), ("hospital_lead", 200), ("police_lead", 404),
        ("trust_practitioner", 404), ("board_manager", 404), ("chair", 404), ("administrator", 404),
    ],
)  # fmt: skip
def test_who_sees_what_was_shared(cast, client, dispute, who, status):
    """Those concerned, and nobody else; the Board from stage three only (R44)."""
    note = share(dispute, cast.hospital_lead, ["aim"])
    client.force_login(getattr(cast, who))

    for name in ("commissioning_note", "commissioning_pdf"):
        page = client.get(address(note, name))
        assert page.status_code == status
        body = page.content.decode("latin-1")
        assert status == 200 or (WHY["contract"] not in body and DETAILS["aim"] not in body)
    shown = client.get(f"/disputes/{dispute.reference}/")
    assert (WHY["contract"] in shown.text) == (status == 200)


def test_the_note_of_another_dispute_is_not_found(cast, client, dispute):
    note = share(dispute, cast.hospital_lead, ["aim"])
    other = casting.raise_dispute(cast)
    client.force_login(cast.hospital_lead)
    for pk in (note.pk, 99999999999999999999):
        path = reverse("commissioning_note", kwargs={"reference": other.reference, "note_id": pk})
        assert client.get(path).status_code == 404


def test_the_board_manager_shares_where_she_may_see(cast, client):
    dispute = casting.at_stage(cast, 3)
    note = share(dispute, cast.board_manager, ["aim"])
    client.force_login(cast.board_manager)

    assert (note.agency, passages.read(note)["by"]["name"]) == (None, "Helen Goddard")
    assert WHY["reason"] in client.get(address(note)).text


def test_the_pdf_is_tagged_and_says_what_was_shared(cast, client, dispute, entry):
    note = share(dispute, cast.hospital_lead, ["aim", f"entry-{entry.pk}-2"], reason="<b>Staffing</b> & nights")
    client.force_login(cast.council_practitioner)

    pdf = client.get(address(note, "commissioning_pdf"))

    assert marks_of(pdf.content) == TAGGED
    text = text_of(pdf.content)
    words = (note.dispute.reference, WHY["contract"], "<b>Staffing</b> & nights", "Opinion", OPINION, DETAILS["aim"])
    assert [each for each in words if each not in text] == []
    assert DETAILS["problem"] not in text
    assert DETAILS["adult_name"] not in text
    assert "Whitworth" not in pdf.headers["Content-Disposition"]
    assert Act.objects.get(verb="downloaded what was shared").by == cast.council_practitioner


def test_a_note_that_was_altered_is_not_shown(cast, client, dispute):
    """Where somebody got round the trigger."""
    note = share(dispute, cast.hospital_lead, ["aim"])
    CommissioningNote.objects.bulk_create(
        [CommissioningNote(**{f.attname: getattr(note, f.attname) for f in note._meta.fields if f.name != "id"}
                           | {"content": note.content.replace("Bed block", "Bad block")})]
    )  # fmt: skip
    client.force_login(cast.hospital_lead)

    page = client.get(address(CommissioningNote.objects.last()))

    assert page.status_code == 409
    assert "does not match its digest" in page.text
    assert "Bad block" not in page.text
