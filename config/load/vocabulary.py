"""Texts for the load, of words that are common and rare as in life; all invented.

Of each kind of text a few hundred are put together beforehand, from sentences with gaps, and cast after cast draws
among them. What a list has first is drawn far oftener than what it has last, and places are put together from parts,
so that most of their names stand in a few disputes only.
"""

from dataclasses import dataclass

from django.db import connection

from escalation.written import words_of

TEXTS = 400  # of each kind
PLACES = 3000
WHO = (
    "the ward", "the social worker", "the care home", "the duty worker", "the consultant", "the district nurse",
    "the manager", "her daughter", "the advocate", "the community nurse", "the officer", "the landlord", "his brother",
    "the therapist", "the dietitian", "the night staff", "the paramedics", "the pharmacist", "the deputy manager",
    "the housing officer", "the psychiatrist", "the chaplain", "the locum", "the speech therapist", "the podiatrist",
)  # fmt: skip
THING = (
    "medication", "a fall at night", "the care plan", "her money", "a pressure sore", "his tenancy", "the assessment",
    "the discharge", "weight loss", "the visits", "self-neglect", "the handover", "dehydration", "a bank card",
    "the hoist", "a bruise on the arm", "the catheter", "insulin", "the door sensor", "a missed appointment",
    "hoarding", "the bed rails", "warfarin", "the wheelchair", "a restraint", "a scald", "the pendant alarm",
    "the thickened fluids", "cuckooing", "the oxygen", "an overdose", "the syringe driver", "a ligature", "seizures",
    "aspiration", "the tracheostomy", "frostbite", "clozapine", "the stairlift", "a forged signature", "gangrene",
)  # fmt: skip
PAPER = (
    "the ward chart", "the case notes", "the risk assessment", "the minutes", "the referral", "the daily log",
    "an email", "the incident report", "the body map", "the capacity assessment", "the medication chart",
    "the bank statement", "the tenancy file", "the supervision notes", "the food diary", "the turning chart",
    "the call log", "the inspection report", "the custody record", "the discharge letter", "the post-mortem report",
)  # fmt: skip
WHEN = (
    "on Monday", "last week", "twice since May", "on Friday evening", "over the weekend", "in the night",
    "on three days in a row", "before the review", "after the strategy meeting", "at the handover", "on Christmas Eve",
    "since the spring", "during the heatwave", "in the first fortnight", "within an hour",
)  # fmt: skip
GAPS = {"who": WHO, "thing": THING, "paper": PAPER, "when": WHEN}
SENTENCES = {
    "problem": (
        "Support is to end though nobody has assessed what happens with {thing}.",
        "The concern about {thing} was closed {when} without a word to {who}.",
        "{who} says that {thing} is not a safeguarding matter.", "Nobody has taken responsibility for {thing}.",
        "The referral about {thing} waits since it was sent {when}.", "The plan leaves {thing} to {who}.",
        "{who} was not told of {thing}.", "Two agencies read {paper} differently.",
        "The adult refuses help with {thing}, and nobody has looked at capacity.",
        "Information about {thing} was asked for {when} and has not come.",
    ),
    "disagreement": (
        "The decision that the threshold is not met, taken before {paper} was read.",
        "Whether {thing} can wait for the next review.", "That {who} alone decided about {thing}.",
        "Whether {who} or the council leads on {thing}.", "The weight that was given to {paper}.",
        "That the enquiry was closed {when}, with {thing} unresolved.", "Whether capacity was assumed too readily.",
    ),
    "aim": (
        "An assessment first, and a decision that says what it rests on.", "That {who} looks at {thing} again.",
        "A meeting with {who}, within the week.", "That {paper} is shared and read by all.",
        "A plan for {thing} which names who does what.", "The enquiry opened again.", "That support goes on meanwhile.",
    ),
    "impact": (
        "A fall at night, found in the morning.", "Harm through {thing}, as happened {when}.",
        "Admission to hospital.", "Loss of the home.", "Distress, and trust in services lost.",
        "More of the same: {thing} again.", "Further loss of money.", "An infection that is found too late.",
    ),
    "safety": (
        "Seen hourly at night; both teams have the telephone number.", "{who} visits every day.",
        "{who} stays with the adult, and {thing} is looked at daily.", "A placement for respite until the decision.",
        "The police have marked the address.", "Meals and {thing} are checked by {who}.",
    ),
    "fact": (
        "{who} recorded {thing} {when}.", "{paper} shows {thing} {when}.", "Nobody visited {when}.",
        "{who} was told by telephone {when}.", "There were two calls about {thing}.",
        "{paper} has no entry about {thing}.", "The adult said that {thing} was a worry.", "{who} found the door open.",
        "The review was put off {when}.",
    ),
    "opinion": (
        "The risk of {thing} is not understood.", "The plan covers {thing}.", "{who} could have asked earlier.",
        "{paper} does not bear out what was said.", "The threshold is met because of {thing}.",
        "Waiting is the greater risk.", "This is a matter for {who}.", "The adult understands the choice.",
    ),
    "result": (
        "Each side keeps to its view.", "The plan stands.", "{who} will ask for {paper}; until then nothing changes.",
        "No agreement about {thing}.", "Agreed that {paper} was not complete, and nothing further.",
    ),
    "reason": (
        "No agreement.", "{who} cannot decide this alone.", "The risk of {thing} does not allow to wait.",
        "For the reasons given.", "{paper} was not before whoever decided.",
        "It needs somebody who can decide on {thing}.",
    ),
    "view": (
        "The threshold is the issue, and {thing} does not reach it.", "{paper} says otherwise.",
        "This was decided properly, with {who}.", "The duty to enquire was met {when}.",
        "We were not asked about {thing}.", "The adult’s wishes were heard by {who}.",
    ),
    "resolution": (
        "Assess again within two days.", "{who} reviews {thing} and tells the others.", "A joint visit {when}.",
        "{paper} goes to all agencies.", "The enquiry is opened again, led by {who}.",
        "Support goes on until the review.",
    ),
    "decision": (
        "The enquiry is to be opened again.", "{who} is asked to review {thing}.",
        "The agencies make one plan for {thing}.", "The threshold was met, and the concern is to be taken up.",
    ),
}  # fmt: skip
PARTS = (
    """Brack Thorn Ash Oak Elm Hazel Wether Raven Linden Stan Mickle Little Hather Swin Rother Dun Cold Hollin Birk
    Fern Gorse Lang Mill North Wood Wick Ket Skel Amble Crag Ling Marsh Nether Over Pen Quarry Rush Sand Tan
    Ulley""".split(),  # noqa: SIM905 - as in pour.py
    "en er ing le ley low more ton worth wick ham thwaite field gate den by ford holme sett ridge".split(),  # noqa: SIM905 - likewise
    "House Lodge Court View Grange Street Road Lane Gardens Close Avenue Mews Hall Croft Rise".split(),  # noqa: SIM905 - likewise
)


@dataclass(frozen=True)
class Said:
    """A text, its words as they are searched, and these with their stems as PostgreSQL holds them."""

    text: str
    words: str
    lexemes: str


def made(draw):
    """Texts by their kind, the words of each looked up; `place` are addresses."""
    texts = {kind: [paragraph(draw, frames) for _ in range(TEXTS)] for kind, frames in SENTENCES.items()}
    texts["place"] = [f"{1 + draw.randrange(180)} {place(draw)}" for _ in range(PLACES)]
    words = {text: words_of(text) for found in texts.values() for text in found}
    stems = stems_of({word for each in words.values() for word in each})
    return {kind: [said(text, words[text], stems) for text in found] for kind, found in texts.items()}


def paragraph(draw, frames):
    """One to three sentences, as one paragraph: records keep paragraphs apart."""
    number = min(1 + int(draw.random() * 2.5), len(frames))
    return " ".join(sentence(draw, frame) for frame in draw.sample(frames, number))


def sentence(draw, frame):
    filled = frame.format(**{gap: often(draw, words) for gap, words in GAPS.items()})
    return filled[:1].upper() + filled[1:]


def often(draw, words):
    """One of these, the first ones far oftener than the last."""
    return words[int(len(words) * draw.random() ** 2.2)]


def place(draw):
    begins, ends, kinds = (draw.choice(part) for part in PARTS)
    return f"{begins}{ends} {kinds}"


def stems_of(words):
    """The English stem of each word, where it has one, in one statement."""
    with connection.cursor() as cursor:
        statement = "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) word"
        cursor.execute(statement, [sorted(words)])
        return dict(cursor.fetchall())


def said(text, words, stems):
    lexemes = {*words, *filter(None, map(stems.get, words))}
    return Said(text, " ".join(words), lexemes_of(lexemes))


def lexemes_of(words):
    """Words as PostgreSQL reads a tsvector: they hold letters and digits only."""
    return " ".join(f"'{word}'" for word in sorted(words))
