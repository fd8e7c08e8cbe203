"""The figures of a year as they are published: small numbers held back, and no agency's words (R34). No database.

Only tables that add up to a known total are published (see `suppression`), so what the Board reads as months, as
agencies in pairs, as time taken at each stage or as what is still open is left out. The number of panels is public:
what a panel decided is counted apart, and no other number has it inside.
"""

from panels.suppression import FEWEST, protect, tell_of_each_other

BEFORE_A_DECISION = ("Stage one", "Stage two", "Stage three, or stage four before a panel decided")


def published_year(figures):
    """What is published of one year's figures (`annual.figures_of`)."""
    panels = figures["panels"]
    agencies = [each["name"] for each in figures["agencies"]]
    by_agency = [each["raised"] for each in figures["agencies"]]
    with_agency = [each["with"] for each in figures["agencies"]]
    tables = [
        table("Disputes raised, by category", "Category", *columns(figures["categories"])),
        table("Disputes raised, by the agency that raised them", "Agency", agencies, by_agency),
    ]
    if not tell_of_each_other(by_agency, with_agency):
        tables.append(table("Disputes raised, by the agency they were raised with", "Agency", agencies, with_agency))
    ended = figures["ended"]
    is_ended_shown = ended - panels >= FEWEST
    week = protect([figures["within"], ended - figures["within"]])
    if is_ended_shown:
        one, two, three, four = (each["number"] for each in figures["stages"])
        tables += [
            table(
                "Ended without a panel’s decision, by stage", "Stage", BEFORE_A_DECISION,
                [one, two, three + four - panels],
            ),
            table("Ended without a panel’s decision, by how", "How", *columns(figures["outcomes"][:-1])),
        ]  # fmt: skip
    return {
        "words": figures["words"],
        "is_under_way": figures["is_under_way"],
        "panels": panels,
        "raised": at_least_few(figures["raised"]),
        "ended": ended if is_ended_shown else None,
        "within": week.cells[0] if is_ended_shown else None,
        # A time that so many took says how many took less: only where both are shown
        "median": figures["median"] if is_ended_shown and week.is_whole else None,
        "ninetieth": figures["ninetieth"] if is_ended_shown and week.is_whole else None,
        "tables": tables,
    }


def table(caption, of, names, numbers):
    shown = protect(numbers)
    rows = [[name, number] for name, number in zip(names, shown.cells, strict=True)]
    return {"caption": caption, "of": of, "total": shown.total, "rows": rows}


def columns(rows):
    """The names and the numbers of rows of two."""
    return [name for name, _ in rows], [number for _, number in rows]


def at_least_few(number):
    return number if number >= FEWEST else None
