"""Which words of a text look like the names of people (R42): asked before something is read without names. No database.

A gentle check, no filter: it says which words it means, and whoever wrote them decides. It knows a name without its
accents, in a possessive ("Lowther’s") or a plural ("the Lowthers"), one half of a double name, a first name or a
surname alone. A name that is a word of every day too ("Will", "Mark", "May") is meant only with its capital.
"""

import re
import unicodedata

from escalation.names import folded

SHORTEST = 3  # letters of a name that is looked for alone; shorter ones only as part of the whole name
MOST_WORDS = 50  # told of one text


def words_of(text):
    return frozenset(text.split())


TITLES = words_of("mr mrs miss ms mx dr doctor prof professor rev reverend sir dame lady lord sgt insp")
# What stands beside names where somebody typed who it was: no part of a name
ROLES = words_of(
    """
    the and for from with her his their its our who was not our she him hers them this that one two all any named
    nurse doctor social worker manager lead safeguarding team officer coordinator consultant ward sister matron
    senior deputy head service services adult adults care carer mental health hospital police council advocate
    attorney solicitor colleague duty line professional designated practitioner assessor therapist discharge
    community staff charge registrar inspector sergeant constable chair board agency court guardian mother father
    son daughter wife husband partner brother sister niece nephew cousin friend neighbour family parent parents
    grandson granddaughter somebody nobody unknown home house housing office department unit locality north south
    east west principal physiotherapist occupational psychiatric psychiatrist psychologist paramedic pharmacist
    support association independent imca imha lasting power appointee landlord tenant tenancy
    """
)
# Names that are words of every day
COMMON = ROLES | words_of(
    """
    abbott april art august autumn baker banks barber barker bell best bill bin bird bishop black bond booth bow
    bowman brook brooks brown bull burn burns bush butcher butler cane cannon carpenter carter case cash castle
    chance chase child christian clay close cole coleman constance cook cooke cooper cope cotton cross crystal daisy
    dale dame dawn day deacon dean dear dell dick dolly don drew duke dyer earl english faith farmer fern field
    fielding fields finch fisher flint flower flowers ford forest foster fox frank free french frost gay gem gene
    gent good goodman grace grant grave graves gray green grey grove guy hall hand hardy harry hart hazel heath
    heather hill holiday holly holt hood hope hunt hunter iris ivory ivy jack jade jasmine jay jean jewel john
    joiner jolly joy june just justice keen key king kitty knight lake lamb lance lane lark laurel law lawn lily
    little lock long love low lucky luck major mark marsh marshall martin mason mat matt max may mead meadows mercy
    mike miles mill miller mills mint mist moody moon moor moore moss mountain myrtle nice nick noble noel norm
    north oak olive opal page paige paris park parker parson parsons pat patience peace pearl penny pepper peter
    phil pike pitt poll pond pool poppy porter potter power price pride prime prince prior prudence purse rain ray
    read reed reeve rich ridge river rivers rob robin rock rocky rod rose rosemary rowan ruby rush rust sage sally
    sands sandy sharp shaw shore short silver skinner sky slater small smart smith sparrow speed spring star steel
    stern still stone storm strange street strong sue summer summers sunny swan sweet swift tailor tanner taylor
    temple thatcher thorn tim tom tower town tracy turner van vice victor viola violet von wade wait waite wales
    walker wall walls ward waters way weaver webb welcome well wells west wheeler white wild will wilson win winter
    winters wise wolf wood woods woody worth wright wynn young abu ben bob
    """
)
WORD = re.compile(r"[^\W_]+(?:[-'’ʼ‘\u2010\u2011.][^\W_]+)*['’ʼ]?")
POSSESSIVE = re.compile(r"(?:['’ʼ‘]s|(?<=s)['’ʼ])$", re.IGNORECASE)
JOINS = re.compile(r"[-\u2010\u2011.]")


def people(*names):
    """Names of people, as they are known from their accounts and from the adult's details."""
    return [name for name in names if name]


def typed(*texts):
    """Names out of what somebody typed: "Ward sister Beth Ogden, discharge coordinator" gives "Beth Ogden"."""
    found = []
    for text in filter(None, texts):
        for line in re.split(r"[,;:()\n/]|\band\b|\bwith\b", text):
            words = [word for word in WORD.findall(line) if word[:1].isupper() and _folds(word)[0] not in ROLES]
            if words:
                found.append(" ".join(words))
    return found


def names_in(text, names):
    """The words of a text that look like these names, as they stand in it, each once, in order."""
    alone, whole = _sought(names)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    words = [(match[0], _folds(match[0])) for match in WORD.finditer(text)]
    marked = {place for place, (word, folds) in enumerate(words) if _is_meant(word, folds, alone)}
    plain = [folds[0] for _, folds in words]
    for parts in whole:
        for start in range(len(plain) - len(parts) + 1):
            if plain[start : start + len(parts)] == parts:
                marked.update(range(start, start + len(parts)))
    found = dict.fromkeys(POSSESSIVE.sub("", words[place][0]) for place in sorted(marked))
    return list(found)[:MOST_WORDS]


def _sought(names):
    """The words that are looked for alone, and the names that are looked for whole."""
    alone, whole = set(), []
    for name in names:
        parts = [(joined, pieces) for joined, pieces in folded(name) if joined not in TITLES]
        for joined, pieces in parts:
            alone |= {word for word in (joined, *pieces) if len(word) >= SHORTEST and word not in TITLES}
        if len(parts) > 1:
            whole.append([joined for joined, _ in parts])
    return alone, whole


def _folds(word):
    """A word as names are compared, without its possessive; then its parts, and each without a plural's s."""
    bare = POSSESSIVE.sub("", word)
    joined, pieces = next(iter(folded(bare)), ("", []))
    halves = [next(iter(folded(half)), ("", []))[0] for half in JOINS.split(bare)]
    return list(dict.fromkeys([joined, *pieces, *halves]))


def _is_meant(word, folds, alone):
    has_capital = word[:1].isupper() or not word[:1].islower()  # letters of some scripts have no case
    for fold in folds:
        if fold in alone and (has_capital or fold not in COMMON):
            return True
        # "the Lowthers"
        if has_capital and fold.endswith("s") and fold[:-1] in alone and len(fold) > SHORTEST:
            return True
    return False
