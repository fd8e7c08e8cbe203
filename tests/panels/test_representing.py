"""Representations: invited, given, declined, late; by whom, and never after the decision (R32)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agencies.models import Act, Membership, Notice
from escalation import actions as of_dispute
from escalation import timers
from escalation.models import Dispute, Duty, DutyKind
from escalation.permissions import Conflict, NotPermitted
from panels.actions import representing
from tests.cast import at_stage
from tests.panels.after import ASKED_UNTIL, CONVENED, DAY, HOUR, SIGNED, convened, decided, declined, given, of

pytestmark = pytest.mark.django_db
CANARY = "CANARY-REPRESENTATION"


def test_every_party_is_invited_and_the_referrer_told(cast):
    """R32: each agency's lead by a date; whoever raised it may, and owes nothing."""
    panel = convened(cast)

    rows = list(panel.representations.values_list("agency", "is_of_referrer", "due_at"))
    assert rows == [
        (cast.council.pk, False, ASKED_UNTIL),
        (cast.hospital.pk, False, ASKED_UNTIL),
        (None, True, ASKED_UNTIL),
    ]
    owed = Duty.objects.filter(kind=DutyKind.REPRESENT).values_list("agency", "due_at", "address")
    assert sorted(owed) == sorted(
        (row.agency_id, ASKED_UNTIL, f"/panels/{panel.pk}/representations/{row.pk}/")
        for row in panel.representations.filter(is_of_referrer=False)
    )
    told = Notice.objects.filter(recipient=cast.council_practitioner, kind="may represent")
    assert [notice.address for notice in told] == [f"/panels/{panel.pk}/representations/"]
    assert Notice.objects.filter(recipient=cast.hospital_lead, kind=DutyKind.REPRESENT).exists()


def test_given_in_time_declined_and_not_yet(cast):
    panel = convened(cast)

    given(panel, cast)
    declined(panel, cast)

    council, hospital, referrer = panel.representations.all()
    assert (council.given_by, council.is_late, council.text) == (cast.council_lead, False, "The nights are not safe.")
    assert (hospital.declined_by, hospital.declined_reason) == (cast.hospital_lead, "Our view on the record stands.")
    assert not referrer.is_answered
    assert not Duty.objects.waiting(CONVENED + 2 * DAY).filter(kind=DutyKind.REPRESENT).exists()
    verbs = Act.objects.filter(verb__contains="repres").values_list("verb", "agency__name", "facts__is_late")
    assert set(verbs) == {
        ("invited representations", None, None),
        ("gave a representation", "Adult Social Care", False),
        ("declined to represent", "Rother Valley Hospital", False),
    }
    last = council.history.first()
    assert (last.history_user, last.history_date) == (cast.council_lead, CONVENED + DAY)


def test_late_ones_are_taken_and_marked(cast):
    """R32: until the decision is signed off, also after declining."""
    panel = convened(cast)
    declined(panel, cast)

    late = representing.give_representation(
        representation=of(panel, cast.hospital),
        by=cast.hospital_lead,
        at=ASKED_UNTIL + HOUR,
        text="We changed our mind.",
    )

    assert (late.is_late, late.declined_at, late.declined_reason) == (True, None, "")
    assert Act.objects.get(verb="gave a representation").facts["is_late"] is True
    assert list(late.history.values_list("declined_reason", flat=True))[1] == "Our view on the record stands."


def test_what_was_given_stands_and_nothing_comes_after_the_decision(cast):
    panel = convened(cast)
    given(panel, cast)
    for act in (given, lambda panel, cast: representing.decline_representation(
        representation=of(panel, cast.council), by=cast.council_lead, at=CONVENED + DAY, reason="No.")):  # fmt: skip
        with pytest.raises(Conflict, match="stands as it was given"):
            act(panel, cast)
    declined(panel, cast)
    with pytest.raises(Conflict, match="declined, on"):
        declined(panel, cast)

    decided(cast, panel=panel)

    with pytest.raises(Conflict, match="Decided by panel|decided by panel"):
        representing.give_representation(
            representation=of(panel, cast.hospital), by=cast.hospital_lead, at=SIGNED + HOUR, text="Wait."
        )


@pytest.mark.parametrize("who", ["chair", "board_manager", "hospital_lead", "council_manager", "trust_lead"])
def test_nobody_speaks_for_an_agency_but_its_lead(cast, who):
    panel = convened(cast)

    with pytest.raises(NotPermitted):
        representing.give_representation(
            representation=of(panel, cast.council), by=getattr(cast, who), at=CONVENED + HOUR, text="No."
        )

    assert not of(panel, cast.council).is_answered


def test_whoever_sees_nothing_finds_no_panel(cast, client):
    """R44: to a lead of an agency that is not concerned it does not exist."""
    panel = convened(cast)
    given(panel, cast, text=CANARY)
    row = of(panel, cast.hospital)

    with pytest.raises(Dispute.DoesNotExist):
        representing.give_representation(representation=row, by=cast.police_lead, at=CONVENED + HOUR, text="No.")
    for name in ("police_lead", "trust_practitioner", "administrator"):
        client.force_login(getattr(cast, name))
        for url, ids in (("panel_representations", {}), ("represent", {"representation_id": row.pk}),
                         ("panel_bundle", {}), ("panel_bundle_pdf", {})):  # fmt: skip
            answer = client.get(reverse(url, kwargs={"panel_id": panel.pk, **ids}))
            assert (answer.status_code, CANARY in answer.text) == (404, False)
    client.force_login(cast.trust_lead)
    assert CANARY in client.get(reverse("panel_representations", kwargs={"panel_id": panel.pk})).text


def test_the_referrer_gives_one_and_owes_none(cast):
    """R32: whoever raised it may; nobody else for them."""
    panel = convened(cast)
    with pytest.raises(NotPermitted):
        representing.give_representation(
            representation=of(panel), by=cast.council_lead, at=CONVENED + HOUR, text="For her."
        )

    row = representing.give_representation(
        representation=of(panel), by=cast.council_practitioner, at=CONVENED + HOUR, text="I was there."
    )

    assert row.given_by == cast.council_practitioner
    assert Duty.objects.waiting(CONVENED + DAY).filter(kind=DutyKind.REPRESENT).count() == 2


def without_accounts(agency):
    Membership.objects.filter(agency=agency).update(ended_at=CONVENED - DAY)


TOLD = {"name": "Beth Ogden", "how": "telephone"}


def test_the_chair_records_a_refusal_told_by_telephone(cast):
    """R32: for a party without accounts, of which the Chair is asked."""
    dispute = at_stage(cast, 4)
    without_accounts(cast.hospital)
    panel = convened(cast, dispute=dispute, hospital_name="Ann Other")
    asked = Duty.objects.waiting(CONVENED).filter(kind=DutyKind.TELL_PARTY)
    row = of(panel, cast.hospital)
    assert [(duty.role, duty.address) for duty in asked] == [
        ("chair", f"/panels/{panel.pk}/representations/{row.pk}/refusal/")
    ]
    with pytest.raises(NotPermitted):
        representing.record_refusal(representation=row, by=cast.council_lead, at=CONVENED, **TOLD)

    row = representing.record_refusal(
        representation=row, by=cast.chair, at=CONVENED + HOUR, reason="Nobody can come.", **TOLD
    )

    assert (row.told_by, row.get_told_how_display(), row.declined_by) == ("Beth Ogden", "By telephone", cast.chair)
    assert not asked.all().exists()


def test_the_chair_records_what_a_party_without_accounts_says(cast, client):
    """R32, R50: in its words; never for a party that can speak for itself."""
    dispute = at_stage(cast, 4)
    without_accounts(cast.hospital)
    panel = convened(cast, dispute=dispute, hospital_name="Ann Other")
    with pytest.raises(Conflict, match="gives its representation itself"):
        representing.record_representation(
            representation=of(panel, cast.council), by=cast.chair, at=CONVENED, text="x", **TOLD
        )
    client.force_login(cast.chair)

    address = reverse("record_refusal", args=[panel.pk, of(panel, cast.hospital).pk])
    assert client.post(address, {**TOLD, "way": "give", "text": CANARY}).status_code == 302

    row = of(panel, cast.hospital)
    assert (row.text, row.told_by, row.given_by) == (CANARY, "Beth Ogden", cast.chair)
    shown = client.get(reverse("panel_representations", args=[panel.pk])).text
    assert "Told to the Chair, by telephone, and recorded by Ines Chair." in shown
    assert Act.objects.get(verb="recorded a representation").by == cast.chair


def test_who_does_not_answer_is_reminded_when_the_date_has_passed(cast):
    panel = convened(cast)
    given(panel, cast)
    timers.sweep(CONVENED + 2 * DAY)
    reminded = Notice.objects.filter(kind=DutyKind.REPRESENT, title__startswith="Reminder")
    assert not reminded.exists()

    for days in (0, 1, 2):
        timers.sweep(ASKED_UNTIL + timedelta(minutes=1) + days * DAY)

    assert [notice.recipient for notice in reminded] == [cast.hospital_lead]


def test_agreed_after_all_there_is_nothing_to_say(cast):
    panel = convened(cast)
    proposal = of_dispute.propose(
        dispute=panel.dispute, by=cast.council_lead, at=CONVENED + HOUR, resolution="Assess.", rationale="The nights."
    )
    of_dispute.agree(proposal=proposal, by=cast.hospital_lead, at=CONVENED + 2 * HOUR)

    with pytest.raises(Conflict, match="ended"):
        given(panel, cast)

    assert not Duty.objects.waiting(CONVENED + DAY).filter(kind=DutyKind.REPRESENT).exists()


# The pages


def page_of(panel, row):
    return reverse("represent", kwargs={"panel_id": panel.pk, "representation_id": row.pk})


def test_the_page_takes_one_or_a_refusal(cast, client):
    dispute = at_stage(cast, 4)
    panel = convened(cast, dispute=dispute)
    client.force_login(cast.hospital_lead)
    address = page_of(panel, of(panel, cast.hospital))

    assert "Choose whether you give" in client.post(address, {"way": ""}).text
    assert "Write what you put to the panel" in client.post(address, {"way": "give"}).text
    answer = client.post(address, {"way": "decline", "reason": f"{CANARY} <b>our</b> view stands.", "text": "x"})

    assert answer.status_code == 302
    row = of(panel, cast.hospital)
    assert (row.text, row.declined_reason) == ("", f"{CANARY} <b>our</b> view stands.")
    shown = client.get(reverse("panel_representations", kwargs={"panel_id": panel.pk})).text
    assert f"{CANARY} &lt;b&gt;our&lt;/b&gt; view stands." in shown
    assert "Give one after all" in shown
    assert client.post(address, {"way": "give", "text": "After all."}).status_code == 302
    assert client.get(address).status_code == 409


def test_the_pages_refuse_whoever_may_not(cast, client):
    panel = convened(cast)
    row = of(panel, cast.hospital)
    client.force_login(cast.council_lead)

    assert client.get(page_of(panel, row)).status_code == 403
    assert client.get(reverse("record_refusal", args=[panel.pk, row.pk])).status_code == 403
    for wrong in (0, row.pk + 99, 2**63 + 5):
        assert client.get(reverse("represent", args=[panel.pk, wrong])).status_code == 404
        assert client.get(reverse("representation_file", args=[panel.pk, wrong])).status_code == 404
    client.force_login(cast.chair)
    answer = client.post(
        reverse("record_refusal", args=[panel.pk, row.pk]),
        {"name": "Beth Ogden", "how": "telephone", "reason": "None given."},
    )
    assert answer.status_code == 302
    assert "Told to the Chair, by telephone" in client.get(reverse("panel_representations", args=[panel.pk])).text


def test_files_go_with_it_and_open_only_for_whoever_sees_the_panel(cast, client):
    """R32, R44: sent on the page, shown to the panel, each download in the trail."""
    panel = convened(cast)
    client.force_login(cast.council_lead)
    upload = SimpleUploadedFile("logs.txt", CANARY.encode())
    answer = client.post(
        page_of(panel, of(panel, cast.council)), {"way": "give", "text": "Three logs.", "files": upload}
    )
    assert answer.status_code == 302
    file = of(panel, cast.council).files.get()
    address = reverse("representation_file", args=[panel.pk, file.pk])

    client.force_login(cast.trust_lead)
    assert address in client.get(reverse("panel_representations", args=[panel.pk])).text
    assert b"".join(client.get(address).streaming_content) == CANARY.encode()
    assert "logs.txt" in client.get(reverse("panel_bundle", args=[panel.pk])).text
    for who in ("police_lead", "trust_manager"):
        client.force_login(getattr(cast, who))
        assert client.get(address).status_code == 404
    client.force_login(cast.council_lead)
    assert client.get(reverse("evidence_file", args=[panel.dispute.reference, file.pk])).status_code == 404
    assert Act.objects.get(verb="downloaded a file of a representation").by == cast.trust_lead
    said = client.get(reverse("timeline", args=[panel.dispute.reference])).text
    assert "downloaded “logs.txt” of a representation" in said
    assert "gave the representation of Adult Social Care" in said


def test_a_file_does_not_go_with_a_refusal(cast, client):
    panel = convened(cast)
    client.force_login(cast.council_lead)
    sent = {"way": "decline", "reason": "No.", "files": SimpleUploadedFile("logs.txt", b"words")}

    assert "you decline" in client.post(page_of(panel, of(panel, cast.council)), sent).text

    assert not of(panel, cast.council).is_answered
