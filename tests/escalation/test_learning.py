"""R42: what was learned, without names, and who reads how much of it (R44)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from agencies import own
from agencies.models import Act, Membership, Role
from escalation import actions, learning, periods
from escalation.models import Draft, LearningPoint
from escalation.moments import london_date
from escalation.permissions import Conflict
from tests import cast as casting
from tests.cast import DETAILS, RAISED

HOUR = timedelta(hours=1)
END = RAISED + timedelta(hours=9)
LOW, HIGH = "Ask for the assessment before the meeting.", "Name one bed manager for each ward."
CANARIES = (DETAILS["adult_name"], "Adult Social Care", "Rother Valley Hospital", "Hospital Practitioner")


def ended(cast, stage, **changes):
    dispute = casting.at_stage(cast, stage, **changes)
    by = {1: cast.council_practitioner, 2: cast.council_manager, 3: cast.council_lead}[stage]
    return actions.withdraw(dispute=dispute, by=by, at=RAISED + 8 * HOUR, reason="It is settled.")


@pytest.fixture
def points(cast):
    """One point from stage one, and one from stage three."""
    low, high = ended(cast, 1, category="discharge"), ended(cast, 3, category="capacity")
    actions.record_learning(dispute=low, by=cast.hospital_practitioner, at=END, text=LOW)
    actions.record_learning(dispute=high, by=cast.hospital_lead, at=END + HOUR, text=HIGH)
    return low, high


def test_nothing_is_learned_from_a_dispute_that_is_open(cast):
    dispute = casting.raise_dispute(cast)
    with pytest.raises(Conflict, match="when the dispute has ended"):
        actions.record_learning(dispute=dispute, by=cast.council_practitioner, at=END, text=LOW)


def test_several_points_and_no_second_for_a_second_click(cast):
    dispute = ended(cast, 1)
    for text in (LOW, LOW, HIGH):
        actions.record_learning(dispute=dispute, by=cast.hospital_practitioner, at=END, text=text)

    assert [point.text for point in dispute.learning_points.all()] == [LOW, HIGH]
    assert Act.objects.filter(verb="recorded what was learned").count() == 2


def test_names_are_asked_about_and_may_stay(cast, client):
    """The warning shows which words; the text is kept meanwhile; whoever wrote it changes it or keeps it."""
    dispute = ended(cast, 1)
    page = reverse("record_learning", kwargs={"reference": dispute.reference})
    client.force_login(cast.hospital_practitioner)
    text = "margaret’s chart was read late, and Beth was not asked."

    warned = client.post(page, {"text": text})

    assert warned.status_code == 200
    assert warned.context["names"] == ["margaret", "Beth"]
    assert "Nothing is saved yet." in warned.text
    assert text in warned.text.replace("&#x27;", "'")
    assert not LearningPoint.objects.exists()
    assert Draft.objects.get().data["text"] == [text]
    keep = warned.context["keep"]
    # Another name is another question
    again = client.post(page, {"text": f"{text} Nor was Aisha.", "keep": keep})
    assert again.context["names"] == ["margaret", "Beth", "Aisha"]
    for wrong in ("", "1", "\x00", keep[:-1]):
        assert client.post(page, {"text": text, "keep": wrong}).status_code == 200
    assert client.post(page, {"text": text, "keep": keep}).status_code == 302
    assert [point.text for point in LearningPoint.objects.all()] == [text]
    assert not Draft.objects.exists()


def test_names_known_of_a_dispute(cast):
    """Of the adult, of everybody who took part or was named, and of those typed beside them."""
    dispute = casting.raise_dispute(
        cast,
        for_name="Rosa Bell",
        for_how="telephone",
        speaks_for_adult="Her niece Ifeoma Obi",
        supporter_name="Jo Field",
    )
    actions.record_consultation(
        dispute=dispute, by=cast.hospital_practitioner, at=END, consulted="Ruth Ellis, named nurse", consulted_role="",
        consulted_on=END.date(), advice="Ask.",
    )  # fmt: skip
    actions.name_representative(dispute=dispute, by=cast.council_manager, at=END, stage=2, name="Una Stubbs")

    words = "Okonkwo Rosa Obi Field Ellis Stubbs Aisha Ogden Council Hospital Police named nurse niece Trust"

    assert learning.names_in(words, dispute) == [
        "Okonkwo", "Rosa", "Obi", "Field", "Ellis", "Stubbs", "Aisha", "Ogden", "Council", "Hospital",
    ]  # fmt: skip


def test_the_board_reads_in_full_only_from_stage_three(points, cast, client):
    """Below, the point stands without reference, agency, author, kind and day: with the quarter alone (R44)."""
    low, high = points
    client.force_login(cast.board_manager)

    page = client.get(reverse("learning"), {"year": periods.year_of(END)})

    text = page.text
    assert LOW in text
    assert HIGH in text
    assert f'href="/disputes/{high.reference}/"' in text
    assert low.reference not in text
    assert "Hospital discharge" not in text
    [(quarter, [full, bare])] = page.context["quarters"]
    assert quarter == "April to June 2026"
    assert (full.text, full.agency, full.on) == (HIGH, "Rother Valley Hospital", london_date(END + HOUR))
    assert (bare.text, bare.reference, bare.agency, bare.on, bare.category) == (LOW, "", "", None, "")
    main = text[text.index("<main") :]
    assert [name for name in (*CANARIES[:2], "Hospital Practitioner", "Hospital Lead") if name in main] == []


def test_no_order_tells_when_in_the_quarter(cast):
    """Points from below stage three stand by their words, whichever came first."""
    for hours, text in ((1, "b"), (2, "c"), (3, "a")):
        actions.record_learning(dispute=ended(cast, 1), by=cast.hospital_lead, at=END + hours * HOUR, text=text)

    start = datetime(2026, 4, 1, tzinfo=UTC)
    assert [point.text for point in learning.points(start, start + timedelta(days=365))] == ["a", "b", "c"]


def test_points_of_a_stretch_of_time(points):
    """For the annual report (R34): from its start on, before its end."""
    assert [point.text for point in learning.points(END, END + HOUR)] == [LOW]
    assert [point.text for point in learning.points(END, END + 2 * HOUR)] == [HIGH, LOW]
    assert learning.points(END + 2 * HOUR, END + 3 * HOUR) == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("chair", 200),
        ("council_lead", 403),
        ("council_practitioner", 403),
        ("police_lead", 403),
        ("administrator", 403),
    ],
)
def test_who_reads_what_is_gathered(points, cast, client, who, status):
    client.force_login(getattr(cast, who))

    page = client.get(reverse("learning"))

    assert page.status_code == status
    assert (LOW in page.text) == (status == 200)
    assert ("/learning/" in client.get("/").text) == (status == 200)


def test_a_deputy_of_the_board_reads_it_too_but_nothing_in_full_of_the_own_agency(points, cast, client):
    """R44: for the Board nobody acts on, or sees, what concerns the deputy's own agency."""
    deputy = casting.person("deputy", "Dora Deputy", (Role.PRACTITIONER, cast.hospital))
    own.name_deputy(by=cast.board_manager, deputy=deputy, at=END, starts_at=END, ends_at=END + 30 * 24 * HOUR)

    start, end = END - HOUR, END + 2 * HOUR
    there = learning.seen_by(learning.readers(deputy, END + HOUR), END + HOUR, start, end)

    assert {point.text for point in there} == {LOW, HIGH}
    assert learning.readers(deputy, END + 60 * 24 * HOUR) == []
    membership = Membership.objects.get(user=deputy)
    assert membership.agency == cast.hospital


def test_hostile_years(points, cast, client):
    client.force_login(cast.chair)
    for year in ("", "x", "99999999999999999999", "-1", "\x00", "٢٠٢٦"):
        page = client.get(reverse("learning"), {"year": year})
        assert page.status_code == 200
        assert LOW in page.text


def test_it_is_offered_when_the_dispute_ends_and_nags_nobody(cast, client):
    """The button stands there until one point does; nothing waits for anybody because of it."""
    dispute = ended(cast, 1)
    client.force_login(cast.hospital_lead)
    page = f"/disputes/{dispute.reference}/"

    assert 'class="govuk-button">Record what was learned</a>' in client.get(page).text
    actions.record_learning(dispute=dispute, by=cast.hospital_lead, at=END, text=LOW)
    text = client.get(page).text
    assert 'class="govuk-button">Record what was learned</a>' not in text
    assert "Add another point" in text
    assert LOW in text
    assert not dispute.duties.filter(kind__contains="learn").exists()
