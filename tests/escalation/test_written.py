"""What was written in a dispute, found by its words: what can be found, by whom, and what never (R44)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import own
from agencies.models import Role
from escalation import actions, register, timers, written
from escalation.actions import exports
from escalation.models import Dispute, Search, Written
from escalation.register import Register
from panels.actions import deciding, following, representing, sittings
from tests import bulk
from tests.asked import statements
from tests.cast import RAISED, SAFE, at_stage, person, raise_dispute, record_discussion
from tests.panels import after

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = RAISED + DAY
both_databases = pytest.mark.both_databases


def found(words):
    return list(written.search(Dispute.objects.all(), words))


@both_databases
def test_words_are_found_by_how_they_begin(cast):
    """In any order, anywhere in the dispute; no accents, no case; what stands in every text is not asked for."""
    dispute = raise_dispute(
        cast, problem="The Catheter was changed on Ward K9.", aim="No re-admission; his wife’s view.",
        impact="ÅNGSTRÖM theatre", section_42_reference="S42/2026-QZ",
    )  # fmt: skip
    raise_dispute(cast)

    for words in (
        "catheter", "CATHETER Ángström", "angstrom cathe", "the catheter", "re-admission", "readmission", "admission",
        "wife's", "théatre", "s42/2026", "cat", "k9",
    ):  # fmt: skip
        assert found(words) == [dispute], words
    # A word of one or two letters is a whole word
    for words in ("ca", "k", "theter", "catheter zebra", "%", "_", "cath_ter", "!!!", "the and of"):
        assert found(words) == [], words


def test_words_are_found_by_their_stem(cast):
    if connection.vendor != "postgresql":
        pytest.fail("Stems are PostgreSQL's")
    wrote = "discharged assessments happiness"
    dispute = raise_dispute(cast, problem=f"She was {wrote}.", disagreement="It.", aim="That.")

    for words in ("discharge", "discharging", "assessment", "happin", "happily", "assessed discharge"):
        assert found(words) == ([] if words == "happily" else [dispute]), words


# Which acts


def every_act(cast):
    """A dispute in which each text that everybody reads has a word of its own, of WORDS."""
    dispute = raise_dispute(cast, AT - DAY, impact="Aardvark", adult_views="Axolotl", concerned_agencies=[cast.trust])
    by, at = cast.council_practitioner, AT
    record_discussion(dispute, by, at, facts="Badger", opinions="Bittern", outcome_reason="Bobolink")
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=at, view="Caiman")
    actions.state_view(dispute=dispute, by=cast.hospital_practitioner, at=at + HOUR / 2, view="Capybara")
    actions.amend(dispute=dispute, by=by, at=at, changes={"impact": "Chinchilla", "capacity_result": "Civet"})
    told = {"consulted": "Coypu", "consulted_role": "Curlew", "consulted_on": at.date(), "advice": "Dabchick"}
    actions.record_consultation(dispute=dispute, by=by, at=at, **told)
    actions.record_mdt(dispute=dispute, by=by, at=at, mdt="not_needed", mdt_why="Dingo")
    actions.refer_concern(dispute=dispute, by=by, at=at, referred_on=at.date(), team_reference="Dipper7")
    actions.add_evidence(dispute=dispute, by=by, at=at, kind="email", shows="Dodo", whose="Dormouse")
    safe = {"safety": "in_place", "safety_detail": "Dugong"}
    request = actions.ask_escalation(dispute=dispute, by=by, at=at, reason="Dunnock", **safe)
    actions.decline(request=request, by=cast.council_manager, at=at + HOUR, reason="Echidna")
    at += 2 * HOUR
    record_discussion(dispute, by, at)
    request = actions.ask_escalation(dispute=dispute, by=by, at=at, reason="Again.", **SAFE)
    dispute = actions.approve(request=request, by=cast.council_manager, at=at, reason="Eider")
    proposal = actions.propose(
        dispute=dispute, by=cast.council_manager, at=at + HOUR, resolution="Ermine", rationale="Falcon",
        actions=[(cast.hospital, "Ferret")],
    )  # fmt: skip
    actions.refuse(proposal=proposal, by=cast.hospital_manager, at=at + 2 * HOUR, reason="Fieldfare")
    record_discussion(dispute, cast.council_manager, at + 2 * HOUR)
    request = actions.ask_escalation(
        dispute=dispute, by=cast.council_manager, at=at + 2 * HOUR, reason="Gannet", **SAFE
    )
    dispute = actions.approve(request=request, by=cast.council_lead, at=at + 3 * HOUR, reason="Needed.")
    actions.record_death(
        dispute=dispute, by=cast.council_lead, at=at + 3 * HOUR, died_on=at.date(), stop_target=False,
        review_considered="Gecko",
    )  # fmt: skip
    record_discussion(dispute, cast.council_lead, at + 3 * HOUR)
    dispute = actions.send_to_chair(dispute=dispute, by=cast.council_lead, at=at + 4 * HOUR, reason="Gerbil", **SAFE)
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=at + 5 * HOUR, reason="Gibbon")
    actions.refuse_withdrawal(withdrawal=withdrawal, by=cast.chair, at=at + 5 * HOUR, reason="Godwit")
    withdrawal = actions.ask_withdrawal(dispute=dispute, by=cast.council_lead, at=at + 6 * HOUR, reason="Goshawk")
    dispute = actions.consent_withdrawal(withdrawal=withdrawal, by=cast.chair, at=at + 6 * HOUR, reason="Grebe")
    late = {"facts": "Guillemot", "outcome_reason": "Harrier"}
    record_discussion(dispute, cast.hospital_lead, at + 7 * HOUR, **late)
    actions.record_learning(dispute=dispute, by=cast.council_lead, at=at + 7 * HOUR, text="Heron")
    return dispute


WORDS = """
    aardvark axolotl badger bittern bobolink caiman capybara chinchilla civet coypu curlew dabchick dingo dipper7 dodo
    dormouse dugong dunnock echidna eider ermine falcon ferret fieldfare gannet gecko gerbil gibbon godwit goshawk grebe
    guillemot harrier heron""".split()  # noqa: SIM905 - words read better than a list of strings


@both_databases
def test_what_everybody_reads_is_found(cast, client):
    """Late entries and what stood before a change too; each of the words stands on the page or the timeline."""
    raise_dispute(cast)
    dispute = every_act(cast)

    assert [word for word in WORDS if found(word) != [dispute]] == []
    client.force_login(cast.council_lead)
    shown = "".join(
        client.get(f"/disputes/{dispute.reference}/{path}").text.lower() for path in ("", "timeline/", "evidence/")
    )
    assert [word for word in WORDS if word not in shown] == []


@both_databases
def test_the_words_of_removed_evidence_are_found_no_more(cast):
    """What was sent by mistake leads nobody to the dispute; what others wrote in the same words stays."""
    dispute = raise_dispute(cast, problem="A dodo and an emu.")
    common = {"dispute": dispute, "by": cast.council_practitioner, "at": AT, "kind": "email"}
    evidence = actions.add_evidence(shows="Quagga emu", whose="Quetzal", **common)
    actions.add_evidence(shows="Quagga dodo", **common)
    assert found("quetzal") == found("quagga emu") == [dispute]

    actions.remove_evidence(evidence=evidence, by=cast.council_practitioner, at=AT, reason="Mistaken for a rhea.")

    assert found("quetzal") == []
    assert [found(word) for word in ("quagga", "dodo", "emu", "rhea")] == [[dispute]] * 4
    other = dispute.evidence.get(removed_at=None)
    actions.remove_evidence(evidence=other, by=cast.council_practitioner, at=AT, reason="Too.")
    assert found("quagga") == []


def test_what_was_entered_after_the_event_is_found(cast):
    dispute = actions.enter_after_event(
        by=cast.council_manager, at=AT, raising_agency=cast.council, disputed_agency=cast.hospital,
        details={
            "adult_name": "Ada", "problem": "Okapi", "disagreement": "It.", "aim": "That.", "for_name": "Ann",
            "raised_at": AT - 9 * DAY,
        },
        began=[], ended_at=AT - 8 * DAY, outcome="clarified", outcome_reason="Ocelot", kept_where="Ostrich cabinet",
    )  # fmt: skip

    assert [found(word) for word in ("okapi", "ocelot", "ostrich")] == [[dispute]] * 3


def test_what_is_put_to_a_panel_and_said_in_it_is_not_found(cast):
    """Who sees the dispute does not read all of it: not before the sign-off, and representations never here."""
    panel = after.convened(cast)
    after.given(panel, cast, text="Warbler")
    after.declined(panel, cast, reason="Waxwing")
    sitting = panel.sittings.get()
    sittings.rearrange(
        sitting=sitting, by=cast.chair, at=after.CONVENED, starts_at=after.SITS + HOUR, reason="Weasel",
        place="Riverside House",
    )  # fmt: skip
    from_member = {"panel": panel, "by": cast.trust_lead, "at": after.CONVENED}
    after.convening.declare(conflict="declared", detail="Wheatear", **from_member)
    after.attended(panel, cast, after.SITS + HOUR)
    told = {"decision": "Whimbrel", "reasons": "Wigeon", "points_of_view": "Wolverine"}
    deciding.record_decision(panel=panel, by=cast.chair, at=after.SITS + HOUR, **told)
    action = deciding.add_action(
        panel=panel, by=cast.chair, at=after.SITS + HOUR, agency=cast.council, owner=cast.council_lead,
        what="Wombat", due_on=(after.SITS + 9 * DAY).date(),
    )  # fmt: skip
    inside = ["warbler", "waxwing", "weasel", "wheatear"]
    decision = ["whimbrel", "wigeon", "wolverine", "wombat"]
    assert [word for word in inside + decision if found(word)] == []

    deciding.sign_off(panel=panel, by=cast.chair, at=after.SITS + 2 * HOUR)
    following.record_done(
        action=action, by=cast.council_lead, at=after.SITS + 3 * HOUR, done_on=after.SITS.date(), shown_by="Wren"
    )

    assert [word for word in inside if found(word)] == []
    assert [word for word in [*decision, "wren"] if not found(word)] == []


def test_what_some_alone_read_is_not_found(cast):
    """The Board Manager's record, who has a copy, what was shared, what was conveyed, what is typed and not saved."""
    dispute = at_stage(cast, 3, AT)
    actions.inform_chair(dispute=dispute, by=cast.board_manager, at=AT + 5 * HOUR, how="Yaffle")
    lead = {"dispute": dispute, "by": cast.council_lead, "at": AT + 5 * HOUR}
    actions.record_copy(name="Yak", job_title="Yellowhammer", organisation="Zander", how="letter", **lead)
    actions.make_link(name="Zebu", job_title="Zho", organisation="Zokor", email="a@b.example", **lead)
    shared = {"shared_with": "Zorilla", "contract": "Zeren", "reason": "Ziege"}
    actions.share_passages(chosen=["problem"], **shared, **lead)
    actions.name_representative(stage=3, name="Zingel", **lead)
    dispute = actions.withdraw(reason="Done.", dispute=dispute, by=cast.council_lead, at=AT + 6 * HOUR)
    board = {"dispute": dispute, "by": cast.board_manager, "at": AT + 7 * HOUR}
    actions.record_involvement(how="Zebrafinch", **board)
    actions.convey(dispute=dispute, by=cast.council_lead, at=AT + 7 * HOUR, to="Zapus", how="telephone")

    words = "yaffle yak yellowhammer zander zebu zho zokor zorilla zeren ziege zingel zebrafinch zapus".split()  # noqa: SIM905 - words read better than a list of strings
    assert [word for word in words if found(word)] == []


def test_no_act_of_a_panel_but_these_can_be_found():
    """Whoever adds an act that all may read adds it here too; what is not named is not found."""
    verbs = representing_verbs()
    assert {"invited representations", "gave a representation"} <= verbs
    assert set(written.FOUND) & verbs == set()


def representing_verbs():
    with open(representing.__file__) as source:
        return set(re.findall(r'"((?:gave|declined|recorded a r|invited)[^"]*)"', source.read()))


# Who finds what


CANARY = "xylophone"


def people(cast):
    return {name: user for name, user in vars(cast).items() if hasattr(user, "standing")}


@pytest.fixture
def looked_for(client):
    """A function that gives what a person is shown who looks for a word, in the list and in the register."""

    def look(user, word=CANARY):
        client.force_login(user)
        shown = ""
        for path in ("/disputes/", "/register/"):
            response = client.post(path, {"written": word}, follow=True)
            if response.status_code == 200:
                assert word not in "".join(address for address, _ in response.redirect_chain)
                shown += response.text
                for file in re.findall(r'href="(/register\.csv[^"]*)"', response.text):
                    answer = client.get(file.replace("&amp;", "&"))
                    shown += b"".join(answer.streaming_content).decode()
        return shown

    return look


def test_a_word_leads_nobody_to_a_dispute_they_may_not_see(cast, looked_for):
    """R44: in the list, the register and its files; below stage three the Board finds nothing."""
    reference = raise_dispute(cast, AT, problem=f"The {CANARY}.").reference
    far = raise_dispute(
        cast, AT, by=cast.police_practitioner, raising_agency=cast.police, disputed_agency=cast.trust, suggested=None,
        problem=f"The {CANARY}.",
    ).reference  # fmt: skip

    seen = {name: (reference in shown, far in shown) for name, user in people(cast).items()
            for shown in [looked_for(user)]}  # fmt: skip

    assert seen == {
        name: (
            name in ("council_practitioner", "hospital_practitioner") or name.startswith(("council_m", "council_l"))
            or name in ("hospital_manager", "hospital_lead"),
            name.startswith("police") or name in ("trust_manager", "trust_lead"),
        )
        for name in people(cast)
    }  # fmt: skip
    assert seen["board_manager"] == seen["chair"] == seen["administrator"] == (False, False)


def test_the_board_finds_what_reached_stage_three_and_a_deputy_nothing_of_their_own(cast, looked_for, client):
    reached = at_stage(cast, 3, timezone.now() - DAY, problem=f"The {CANARY}.", concerned_agencies=[cast.trust])
    deputy = person("deputy", "Dora Deputy", (Role.LEAD, cast.trust))
    other = person("other", "Otto Other", (Role.LEAD, cast.police))
    for each, manager in ((deputy, cast.board_manager), (other, cast.chair)):
        now = timezone.now()
        own.name_deputy(by=manager, deputy=each, at=now, starts_at=now, ends_at=now + DAY)

    for user in (cast.board_manager, cast.chair, other, cast.council_lead):
        assert reached.reference in looked_for(user), user
    client.force_login(deputy)
    assert reached.reference not in client.post("/register/", {"written": CANARY}, follow=True).text
    assert reached.reference not in looked_for(cast.police_practitioner)


def test_a_large_file_holds_what_its_search_found(cast):
    """The worker that makes it looks for the same words, among what its asker may see."""
    hit, miss = (at_stage(cast, 3, timezone.now() - DAY, aim=text) for text in (f"A {CANARY}.", "A piano."))
    export = exports.ask_export(
        by=cast.board_manager, at=timezone.now(), kind="csv", filters={"written": CANARY}, rows=1
    )
    assert exports.make_exports(timezone.now)["made"] == 1

    export.refresh_from_db()
    text = b"".join(export.stored.storage.chunks(export.stored.name)).decode()
    assert hit.reference in text
    assert miss.reference not in text


# The pages


@both_databases
def test_both_searches_together_must_both_hold(cast, client):
    made = {
        (name, text): at_stage(cast, 3, timezone.now() - DAY, adult_name=name, problem=f"A {text}.").reference
        for name in ("Ada Finch", "Bea Rook") for text in ("trombone", "bassoon")
    }  # fmt: skip
    for user, path in ((cast.council_lead, "/disputes/"), (cast.board_manager, "/register/")):
        client.force_login(user)
        shown = client.post(path, {"words": "finch", "written": "trombone"}, follow=True).text
        assert [pair for pair, reference in made.items() if reference in shown] == [("Ada Finch", "trombone")]


@both_databases
def test_what_was_searched_for_stays_in_the_box_and_out_of_the_address(cast, client):
    client.force_login(cast.council_lead)
    response = client.post("/disputes/", {"written": "Saxophone", "state": "open"})

    assert re.fullmatch(r"/disputes/\?s=[\w-]+", response["Location"])
    assert Search.objects.get().words == {"state": "open", "written": "Saxophone"}
    page = client.get(response["Location"])
    assert page.context["form"]["written"].value() == "Saxophone"
    assert 'You searched what was written for “<span class="r-long">Saxophone</span>”' in page.text
    assert "Try fewer words" in page.text
    assert client.get("/disputes/?written=Saxophone").context["form"]["written"].value() in ("", None)
    assert "All of them, in any order." in page.text


TYPED = [
    ("the of and", "These words are too common to be searched for"),
    ("it's a", "These words are too common to be searched for"),
    ("x" * 10_000, "must be 200 characters or fewer"),
    (" ".join("bcdefghjklmnopqruvwxyz"), "Search for 20 words or fewer"),
    ("ﷺ" * 20, ""),
    ("a & | ! b:* <-> c", ""),
    ("'; DROP TABLE escalation_dispute; --", ""),
    ("\"quoted\" 'words' \\ \\' $$", ""),
    ("nul\x00 \ud800 \u202e", ""),
    ("!!! ???", ""),
    ("%s %(x)s {} %", ""),
]


@both_databases
def test_nothing_that_is_typed_breaks_the_search(cast, client):
    raise_dispute(cast)
    for user, path in ((cast.council_lead, "/disputes/"), (cast.board_manager, "/register/")):
        client.force_login(user)
        for typed, says in TYPED:
            response = client.post(path, {"written": typed.encode("utf-8", "replace").decode()}, follow=True)
            assert response.status_code == 200
            assert says in response.text
            assert bool(response.context["form"].errors) == bool(says)
            assert ('aria-describedby="id_written_helptext id_written_error"' in response.text) == bool(says)


def test_the_latest_raised_stands_first(cast, client):
    """Of what was searched for; another order can still be asked for on the register."""
    days = (5, 1, 3)
    made = [at_stage(cast, 3, timezone.now() - n * DAY, adult_name=f"Day {n}", aim="Oboe.") for n in days]
    actions.withdraw(dispute=made[1], by=cast.council_lead, at=timezone.now(), reason="Done.")
    client.force_login(cast.board_manager)
    page = client.post("/register/", {"written": "oboe"}, follow=True)

    assert [row.adult for row in page.context["rows"]] == ["Day 1", "Day 3", "Day 5"]
    assert "raised latest first" in page.text
    other = client.get(f"{page.redirect_chain[-1][0]}&sort=time")
    assert [row.adult for row in other.context["rows"]] == ["Day 5", "Day 3", "Day 1"]
    assert client.get("/register/").context["rows"][0].adult == "Day 5"


def test_a_view_keeps_no_words_that_were_searched_for(cast, client):
    at_stage(cast, 3, AT)
    client.force_login(cast.board_manager)
    page = client.post("/register/", {"written": CANARY, "stage": "3"}, follow=True)
    save = re.search(r'href="(/register/views/new/[^"]*)"', page.text).group(1)

    assert CANARY not in save
    assert "The words that you searched for are not kept." in client.get(save).text
    client.post(save, {"name": "Mine"})
    assert cast.board_manager.saved_views.get().filters == {"stage": "3"}


# What it costs


def test_an_act_adds_its_words_in_one_statement(cast, django_assert_num_queries):
    dispute = raise_dispute(cast)
    with django_assert_num_queries(1):
        written.keep("raised", dispute.pk, dispute)
    with django_assert_num_queries(0):
        written.keep("chose an agency", dispute.pk, dispute, text="Nothing to be found.")


def test_a_word_in_a_hidden_dispute_is_looked_for_as_one_that_nobody_wrote(cast, client):
    """R44: how much is asked of the database, and so how long it takes, does not tell that a word was written."""
    raise_dispute(cast, AT, problem=f"The {CANARY}.")
    client.force_login(cast.police_practitioner)
    numbers = {}
    for word in (CANARY, "nowhere"):
        address = client.post("/disputes/", {"written": word})["Location"]
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).context["rows"] == []
        numbers[word] = len(captured)

    assert numbers[CANARY] == numbers["nowhere"]


def test_a_page_of_what_is_found_costs_the_same_however_many(cast, client):
    """For a word in one dispute and a word in all, in the list and in the register: six statements at most."""
    for number in range(3):
        at_stage(cast, 3, AT - number * DAY, aim=f"Common. {'Rare.' if not number else ''}")
    for user, path in ((cast.council_lead, "/disputes/"), (cast.board_manager, "/register/")):
        client.force_login(user)
        numbers = set()
        for word, most in (("common", 3), ("rare", 1), ("never", 0)):
            address = client.post(path, {"written": word})["Location"]
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address)
            assert len(response.context["rows"]) == most
            numbers.add(len(statements(captured)))
        assert max(numbers) <= 6, (path, numbers)


def test_of_common_words_no_more_are_counted_than_need_be(cast, client, monkeypatch):
    monkeypatch.setattr(written, "RARE", -1)
    monkeypatch.setattr(register, "FOUND_COUNTED", 2)
    for number in range(3):
        at_stage(cast, 3, AT - number * DAY, adult_name=f"Day {number}", aim="Piccolo.")
    client.force_login(cast.board_manager)
    page = client.post("/register/", {"written": "piccolo"}, follow=True)

    assert "More than 2 disputes" in page.text
    assert [row.adult for row in page.context["rows"]] == ["Day 0", "Day 1", "Day 2"]
    client.force_login(cast.council_lead)
    assert len(client.post("/disputes/", {"written": "piccolo"}, follow=True).context["rows"]) == 3
    assert client.post("/disputes/", {"written": "piccolo bassoon"}, follow=True).context["rows"] == []


@both_databases
def test_a_sweep_leaves_it_untouched(cast):
    dispute = at_stage(cast, 3, RAISED)
    before = list(Written.objects.values_list())
    assert before

    for days in range(1, 12):
        timers.sweep(RAISED + days * DAY)

    assert dispute.flags.exists()
    assert list(Written.objects.values_list()) == before


@both_databases
def test_a_dispute_may_hold_any_number_of_words(cast, monkeypatch):
    """Beyond a bound nothing more is found, and nothing fails: what is written stands in its own row."""
    monkeypatch.setattr(written, "MOST_KEPT", 2000)
    dispute = raise_dispute(cast)
    for number in range(30):
        facts = " ".join(f"ẃord{number}x{n}" for n in range(400))
        record_discussion(dispute, cast.council_practitioner, AT + number * HOUR, facts=facts)

    assert len(Written.objects.get().words.encode()) < 2 * 2000 + 100
    assert found("word0x1") == [dispute]
    assert found("word29x1") == []


def test_rare_words_are_read_from_their_index(cast, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.fail("The index is PostgreSQL's")
    row = {"raising_agency": cast.council, "disputed_agency": cast.hospital, "stage": 3, "ended_at": None}
    rows = [
        {**row, "raised_at": RAISED + n * HOUR, "target_at": RAISED, "outcome": "", "reference": f"0000-{n:04}"}
        for n in range(600)
    ]
    for number, dispute in enumerate(bulk.write(rows, cast.council_practitioner)):
        dispute.problem = "Common words." if number else "Common words, and a harpsichord."
        written.keep("raised", dispute.pk, dispute)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for way in ("seqscan", "indexscan", "indexonlyscan"):  # of few rows any way is as good
            cursor.execute(f"SET LOCAL enable_{way} = off")
    lead = type(cast.council_lead).objects.get(pk=cast.council_lead.pk)
    disputes = Dispute.objects.visible_to(lead, AT)
    few = Written.objects.filter(lexemes__hold=written.pairs(written.terms("harpsichords")))
    assert "written_lexemes" in few[: written.ALL].explain()
    assert [dispute.reference for dispute in written.search(disputes, "harpsichords")] == ["0000-0000"]
    register = Register(cast.board_manager, {"written": "harpsichords"}, AT, "-raised")
    assert [dispute.reference for dispute in register.page().rows] == ["0000-0000"]
    monkeypatch.setattr(written, "RARE", -1)
    assert "written_lexemes" in written.search(disputes, "harpsichords").explain()
    assert [dispute.reference for dispute in written.search(disputes, "harpsichords")] == ["0000-0000"]
