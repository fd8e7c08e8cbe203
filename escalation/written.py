"""What was written in a dispute, found by its words, for whoever may see it.

FOUND is the one list of the acts whose texts can be found: those that everybody who sees the dispute reads on its page
or its timeline. What is not there leads nobody to a dispute: what is put to a panel and said inside it, the Board
Manager's own record, what was shared with commissioning, what is typed and not saved.

Each act adds its words in one statement to a row that belongs to the dispute and has no history of its own. Nothing is
taken out but the words of evidence that is removed: what stood before a change is on the timeline still.

Rare words and common ones are looked for in two ways, of which PostgreSQL's own count of words tells the better. The
disputes with rare ones are read from the index of words before anything else; where words stand in many, disputes are
read in the order that is wanted, and each is asked for the words, until a page is full. Left alone, PostgreSQL takes
the second way for rare words too: of how a word begins it expects no fewer than one in two hundred.
"""

from operator import attrgetter

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from agencies import rows
from agencies.worded import numbered
from escalation import names
from escalation.models import Written
from escalation.models.lexemes import ENGLISH, NOTHING, Hold

MOST_WORDS = 20  # of a search; each asks the database once more
MOST_KEPT = 200_000  # bytes, of an act and of a dispute: beyond it nothing more is found (a tsvector holds a mebibyte)
LEAST = 3  # letters; fewer are a whole word
RARE = 0.01  # of all disputes: PostgreSQL expects as many with a word that it has not counted
ALL = 1_000_000_000  # disputes: any number, and so found by themselves
# In so many texts that they lead nowhere: PostgreSQL's own list for English
COMMON = frozenset(
    """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves what which who whom this that these those am is are
    was were be been being have has had having do does did doing a an the and but if or because as until while
    of at by for with about against between into through during before after above below to from up down in out
    on off over under again further then once here there when where why how all any both each few more most
    other some such no nor not only own same so than too very s t can will just don should now""".split()  # noqa: SIM905 - words read better than a list of strings
)
TEXT = "text"  # what the act itself says
STATED = (
    "adult_whereabouts", "speaks_for_adult", "section_42_reference", "problem", "disagreement", "aim",
    "desired_outcome_detail", "duty_of_care_detail", "capacity_decision", "capacity_assessed_by", "capacity_result",
    "impact", "needed_by_reason", "adult_views", "adult_views_why", "adult_objection", "safety_detail",
    "discussed_by", "discussed_with", "discussed_result", "not_discussed_why", "supporter_name",
)  # fmt: skip
# The fields, by the verb of the act, of the row that it is about; a verb that is not here writes nothing to be found
FOUND = {
    "raised": STATED,
    "entered after the event": (*STATED, "outcome_reason"),
    "changed details": STATED,
    "changed statements": STATED,
    "wrote an entry": ("facts", "opinions", "outcome_reason"),
    "gave the view": ("view",),
    "changed the view": ("view",),
    "recorded a consultation": ("consulted", "consulted_role", "advice"),
    "considered a meeting": ("mdt_why",),
    "reported a concern": ("team_reference",),
    "recorded the death": ("review_considered",),
    "added evidence": ("whose", "shows"),
    "removed evidence": ("removal_reason",),
    "asked to escalate": ("reason", "dispute.safety_detail"),
    "approved the escalation": (TEXT,),
    "declined the escalation": (TEXT,),
    "went to the lead": ("to_lead_reason",),
    "took it up": (TEXT, "safety_detail"),
    "sent it to the Chair": (TEXT, "safety_detail"),
    "proposed a resolution": ("resolution", "rationale"),
    "refused": (TEXT,),
    "replied by link": (TEXT,),
    "asked to withdraw": ("reason",),
    "consented to the withdrawal": ("decision_reason",),
    "refused the withdrawal": ("decision_reason",),
    "ended": (TEXT,),  # the panel's decision with its reasons and actions among them, once it is signed off
    "recorded what was learned": (TEXT,),
    "recorded an action done": ("shown_by",),
    "recorded what was decided again": ("shown_by",),
}
REMOVED = {"removed evidence": FOUND["added evidence"]}


# Keeping


def keep(verb, dispute_id, row, *, text="", also=(), fields=None):
    """Add what an act has written to what can be found: the row's texts, and `also` texts of rows below it.

    `fields` are those that changed, where not all that stand in the row are new.
    """
    if verb in REMOVED:
        _take_out(dispute_id, _line(attrgetter(*REMOVED[verb])(row)))
    found = [name for name in FOUND.get(verb, ()) if fields is None or name in fields]
    line = _line([*(text if name == TEXT else attrgetter(name)(row) for name in found), *also])
    if line:
        _add(dispute_id, line)


def words_of(text):
    """The words of a text that can be found, each once: folded, those left out that stand in every text."""
    return [word for word in names.fold(text) if word not in COMMON]


def _line(texts):
    """The words of an act as a line, with a space on either side of each; empty where there is none."""
    words, room = [], MOST_KEPT
    for word in words_of("\n".join(filter(None, texts))):
        room -= len(word.encode()) + 1
        if room < 0:
            break
        words.append(word)
    return f" {' '.join(words)} \n" if words else ""


def _add(dispute_id, line):
    table = Written._meta.db_table
    if connection.vendor == "postgresql":
        statement = f"""
            INSERT INTO {table} (dispute_id, words, lexemes)
            VALUES (%s, %s, array_to_tsvector(%s::text[]) || strip(to_tsvector('{ENGLISH}', %s::text)))
            ON CONFLICT (dispute_id) DO UPDATE
            SET words = {table}.words || EXCLUDED.words, lexemes = {table}.lexemes || EXCLUDED.lexemes
            WHERE octet_length({table}.words) < %s"""
        values = [dispute_id, line, line.split(), line, MOST_KEPT]
    else:
        statement = f"""
            INSERT INTO {table} (dispute_id, words) VALUES (%s, %s)
            ON CONFLICT (dispute_id) DO UPDATE SET words = {table}.words || EXCLUDED.words
            WHERE length({table}.words) < %s"""
        values = [dispute_id, line, MOST_KEPT]
    rows.run(statement, values)


def _take_out(dispute_id, line):
    """Take the words of one act out again; those that others wrote as well stay."""
    words = Written.objects.filter(dispute=dispute_id).values_list("words", flat=True).first() or ""
    lines = words.split("\n")
    if not line or line.rstrip("\n") not in lines:
        return
    lines.remove(line.rstrip("\n"))
    Written.objects.filter(dispute=dispute_id).delete()
    if rest := "\n".join(lines):
        _add(dispute_id, rest)


# Finding


class TooCommon(Exception):
    """Nothing but words that stand in every text."""


class TooMany(Exception):
    """More words than are searched for at once."""


def terms(words):
    """What is searched for: for each word a list of alternatives, each of these a list of beginnings.

    A word with a hyphen or an apostrophe is found joined, and in its parts. Raises TooCommon and TooMany.
    """
    found, was_common = {}, False
    for whole, parts in names.folded(words):
        left = [part for part in parts if part not in COMMON]
        if left and whole not in COMMON:
            found[whole] = [[whole], left] if len(parts) > 1 else [[whole]]
        was_common = was_common or not left or whole in COMMON
    if len(found) > MOST_WORDS:
        raise TooMany
    if was_common and not found:
        raise TooCommon
    return list(found.values())


def asked(words):
    """What is looked for: its shape, on which alone depends how it is worded, and its words by name."""
    if not words:
        return (), {}
    try:
        wanted = pairs(terms(words))
    except (TooCommon, TooMany):
        wanted = []
    lengths = tuple(tuple(tuple(is_whole for _, is_whole in parts) for parts in each) for each in wanted)
    texts = [word for each in wanted for parts in each for word, _ in parts]
    return (_is_rare(wanted), lengths), numbered(texts, "text")


def holding(shape, texts):
    """The condition that all of these words were written in a dispute."""
    if not shape:
        return Q()
    is_rare, lengths = shape
    given = iter([text for name, text in texts.items() if name.startswith("text_")])
    wanted = [[[(next(given), is_whole) for is_whole in parts] for parts in each] for each in lengths]
    if not wanted:
        return NOTHING
    if connection.vendor != "postgresql":
        return Q(pk__in=Written.objects.filter(_plainly(wanted)).values("pk"))
    found = Written.objects.filter(lexemes__hold=wanted)
    if is_rare:
        return Q(pk__in=found.values("pk")[:ALL])
    return Q(pk__in=found.values("pk"))


def search(disputes, words):
    """Those of the disputes in which all of these words were written, each found by its beginning or its stem."""
    return disputes.filter(holding(*asked(words)))


def pairs(wanted):
    """Terms as an index is asked for them: of each word, whether it is found only as it is."""
    return [[[(word, len(word) < LEAST) for word in parts] for parts in each] for each in wanted]


def _is_rare(wanted):
    """Whether PostgreSQL expects the words in hardly more disputes than it expects for a word it has not counted."""
    if not wanted or connection.vendor != "postgresql":
        return False
    query, values = Hold.query(wanted)
    rows = f"SELECT FROM {Written._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {rows} WHERE lexemes @@ ({query}) UNION ALL {rows}", values)
        (plan,) = cursor.fetchone()
    found, altogether = (each["Plan Rows"] for each in plan[0]["Plan"]["Plans"])
    return found <= RARE * altogether


def _plainly(wanted):
    condition = Q()
    for alternatives in wanted:
        either = Q()
        for parts in alternatives:
            all_parts = Q()
            for word, is_whole in parts:
                # Every word has a space on either side
                beginning = Concat(Value(" "), Value(word), Value(" " if is_whole else ""))
                all_parts &= Q(GreaterThan(StrIndex("words", beginning), 0))
            either |= all_parts
        condition &= either
    return condition
