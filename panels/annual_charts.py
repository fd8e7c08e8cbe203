"""The annual submission's figures as charts and tables, from its plain data alone, the same on page and in print."""

import datetime as dt

from escalation import charts, periods
from escalation.charts import Table, percent, share
from escalation.moments import counted
from panels.suppression import FEWEST

HELD_BACK = "held back"
BETWEEN = f"1 to {FEWEST - 1}"
PAIRS_SHOWN = 30


def of_board(data):
    """The Board's charts, in order."""
    this = data["this"]
    shown = [(name, number) for name, number in this["categories"] if number]
    shown.sort(key=lambda row: -row[1])
    return [
        charts.bars("categories", "What the disputes were about", "Disputes raised, by category", shown,
                    ("Category", "Raised")),
        charts.bars("stages", "Where they ended", "Disputes that ended, by stage",
                    [(each["name"], each["number"]) for each in this["stages"]], ("Stage", "Ended")),
        charts.bars("bands", "How long they took", "Disputes that ended, by calendar days from raising to the end",
                    this["bands"], ("Time taken", "Ended")),
        charts.columns("months", "Ended within one week", "Share that ended within one week, %, by month",
                       [(dt.date.fromisoformat(month), number, within) for month, number, within in this["months"]],
                       under_way=this["is_under_way"] and dt.date.fromisoformat(this["months"][-1][0])),
    ]  # fmt: skip


def headlines(data):
    """The figures that lead the page: each a number and the words after it."""
    this, before = data["this"], data["before"]
    done = this["actions"]
    still = "still open now" if this["is_under_way"] else "still open at its end"
    return [
        (this["raised"], f"raised, {difference(this['raised'], before['raised'])}"),
        (this["ended"], f"ended, {this['open']} {still}"),
        (percent(this["within"], this["ended"]) if this["ended"] else "None",
         f"ended within one week ({this['within']} of {this['ended']})" if this["ended"] else "ended yet"),
        (this["panels"], "decided by a Resolution Panel"),
        (f"{done[1]} of {done[0]}", "actions of these panels done") if done[0] else ("–", "no panel action to follow"),
    ]  # fmt: skip


def difference(number, before):
    """'38 more than the year before'."""
    if number == before:
        return "as many as the year before"
    return f"{abs(number - before)} {'more' if number > before else 'fewer'} than the year before"


def beside(data):
    """The year beside the year before."""
    years = data["this"], data["before"]
    rows = [
        ("Raised", *(year["raised"] for year in years)),
        ("Ended", *(year["ended"] for year in years)),
        (f"Still open{' (now, and a year’s end before)' if data['this']['is_under_way'] else ' at its end'}",
         *(year["open"] for year in years)),
        ("Ended within one week", *(week_words(year) for year in years)),
        ("Half ended within", *(days_words(year["median"]) for year in years)),
        ("Nine in ten ended within", *(days_words(year["ninetieth"]) for year in years)),
        *((f"Ended at {name.lower()}", *(year["stages"][place]["number"] for year in years))
          for place, name in enumerate(each["name"] for each in data["this"]["stages"])),
        *((f"Ended: {name.lower()}", *(year["outcomes"][place][1] for year in years))
          for place, (name, _) in enumerate(data["this"]["outcomes"])),
    ]  # fmt: skip
    return Table("The year, and the year before", ("Figure", *heads(data)), tuple(rows))


def heads(data):
    return tuple(f"{data['year'] - back} to {data['year'] - back + 1}" for back in (0, 1))


def week_words(year):
    return f"{percent(year['within'], year['ended'])} ({year['within']} of {year['ended']})" if year["ended"] else "–"


def days_words(days):
    """'5 days'; 'the same day'."""
    if days is None:
        return "–"
    return counted(days, "day") if days else "the same day"


def categories(data):
    """Each category, and in the year before."""
    before = dict(map(tuple, data["before"]["categories"]))
    rows = ((name, number, before.get(name, 0)) for name, number in data["this"]["categories"])
    return Table("Raised, by category", ("Category", *heads(data)), tuple(rows))


def agencies(data):
    """What each agency raised and what was raised with it, those that raised none among them."""
    before = {each["name"]: each for each in data["before"]["agencies"]}
    none = {"raised": 0, "with": 0}
    this, last = heads(data)
    rows = (
        (each["name"], told(data, each["raised"]), before.get(each["name"], none)["raised"],
         told(data, each["with"]), before.get(each["name"], none)["with"])
        for each in data["this"]["agencies"]
    )  # fmt: skip
    head = ("Agency", f"Raised, {this}", f"Raised, {last}", f"Raised with it, {this}", f"Raised with it, {last}")
    return Table("By agency", head, tuple(rows))


def told(data, number):
    """A number beside an agency's name: all are told once the year is over, small ones not while it is under way.

    From one day to the next they would point at somebody whose dispute the Board may not see yet (R44).
    """
    return BETWEEN if data["this"]["is_under_way"] and 0 < number < FEWEST else number


def raised_none(data):
    return [each["name"] for each in data["this"]["agencies"] if not each["raised"]]


def pairs(data):
    """Who raised with whom, the most frequent first; by name where the numbers are not told."""
    rows = [(f"{one} with {other}", told(data, number)) for one, other, number in data["this"]["pairs"]]
    rows.sort(key=lambda row: (0, -row[1], row[0]) if isinstance(row[1], int) else (1, 0, row[0]))
    return Table("Who raised with whom", ("Raised by, and with", "Disputes"), tuple(rows[:PAIRS_SHOWN]))


def stage_times(data):
    """How long the disputes took that ended at each stage."""
    rows = tuple(
        (each["name"], each["number"], days_words(each["median"]), days_words(each["ninetieth"]))
        for each in data["this"]["stages"]
    )
    head = ("Ended at", "Disputes", "Half ended within", "Nine in ten ended within")
    return Table("Time taken, by the stage at which they ended", head, rows)


def month_name(month):
    return periods.month_name(dt.date.fromisoformat(month))


# For publication


def of_publication(data):
    """The charts of the version for publication: those tables of which anything is shown."""
    found = []
    for number, each in enumerate(data["this"]["tables"]):
        if each["total"] is None or all(shown is None for _, shown in each["rows"]):
            continue
        rows = [tuple(row) for row in each["rows"]]
        found.append(
            charts.bars(f"table{number}", each["caption"], f"{each['caption']}: {each['total']} in all", rows,
                        (each["of"], "Disputes"), shown=shown_or_not)
        )  # fmt: skip
    return found


def published_tables(data):
    """Every published table with the year before beside it, where that year has the same."""
    before = {each["caption"]: each for each in data["before"]["tables"]}
    for each in data["this"]["tables"]:
        last = before.get(each["caption"], {"total": None, "rows": []})
        numbers = dict(map(tuple, last["rows"]))
        rows = [(name, shown_or_not(number), shown_or_not(numbers.get(name))) for name, number in each["rows"]]
        rows.append(("All", shown_or_not(each["total"]), shown_or_not(last["total"])))
        yield Table(each["caption"], (each["of"], *heads(data)), tuple(rows))


def published_short(data):
    """The year beside the year before, as published."""
    years = data["this"], data["before"]
    rows = [
        ("Raised", *(shown_or_not(year["raised"]) for year in years)),
        ("Ended", *(shown_or_not(year["ended"]) for year in years)),
        ("Decided by a Resolution Panel", *(year["panels"] for year in years)),
        ("Ended within one week", *(published_week(year) for year in years)),
        ("Half ended within", *(published_days(year["median"]) for year in years)),
        ("Nine in ten ended within", *(published_days(year["ninetieth"]) for year in years)),
    ]
    return Table("The year, and the year before", ("Figure", *heads(data)), tuple(rows))


def published_week(year):
    if year["within"] is None or year["ended"] is None:
        return HELD_BACK
    return f"{year['within']} ({share(year['within'], year['ended'])}%)"


def published_days(days):
    return HELD_BACK if days is None else days_words(days)


def shown_or_not(number):
    return HELD_BACK if number is None else str(number)
