"""A run of bench as Markdown: each operation beside its limit, and how it grows from one size to the next."""

from datetime import datetime

MEMORY_MIB, IDLE_MS, MOST_IDLE_SQL, MOST_SWEEP_SQL, MOST_GROWTH = 110, 5, 5, 60, 1.3
# An operation → the most it may cost, as factors of its units, and the most statements
LIMITS = {
    "dashboard": (((2.0, "F"), (1.5, "B")), 10),
    "dashboard of a lead": (((2.0, "F"), (1.5, "B")), 10),
    "register": (((2.0, "F"),), 6),
    "register, filtered": (((2.0, "F"),), 6),
    "register, deep page": (((2.0, "F"),), 6),
    "list": (((2.0, "F"),), 6),
    "list, filtered": (((2.0, "F"),), 6),
    "list, deep page": (((2.0, "F"),), 6),
    "search by name": (((2.5, "F"),), 6),
    "search by text": (((2.5, "F"),), 6),
    "dispute, 20 acts": (((2.0, "F"),), 14),
    "raise": (((3.0, "W"),), 16),
    "sweep": (((3.0, "I"),), MOST_SWEEP_SQL),
    "annual figures": (((1.5, "G"), (1.0, "F")), 14),
    "Appendix B as it stands": (((1.5, "P"), (1.0, "F")), None),
}
BACKLOG = ((5.0, "F"), (1.5, "B"))  # the dashboard's, from 10 % open on
FLAT = {"list", "dispute, 20 acts", "raise"}
MEASURES = ("elapsed_ms", "processor_ms")
HEAD = ("operation", "elapsed ms", "processor ms", "is", "may be", "of the limit", "SQL", "at most", "bare", "of bare")


def whole(report):
    """The report as it goes into docs/performance.md."""
    made = datetime.fromisoformat(report["at"])
    parts = [
        f"Run on {made.day} {made:%B %Y} at {made:%H:%M} UTC by `{report['command']}` in {report['seconds']} s on"
        f" {report['machine']}.",
        *(of_run(run) for run in report["runs"]),
    ]
    if growth := of_sizes(report["runs"]):
        parts.append(growth)
    return "\n\n".join(parts) + "\n"


def of_run(run):
    """One size and profile."""
    units = units_of(run)
    lines = [line(HEAD), line("-" * len(each) for each in HEAD)]
    lines += [line((f"{name} (unit)", *(f"{each[key]:.1f}" for key in MEASURES), *[""] * 7))
              for name, each in units.items()]  # fmt: skip
    figures = {**run["pages"], **({"sweep": run["sweep"]} if "sweep" in run else {})}
    lines += [operation(name, each, units, run) for name, each in figures.items()]
    if "sweep" in run:
        idle = run["sweep"]
        share = f"{idle['idle_database_ms'] / IDLE_MS:.0%}"
        cells = ("sweep, nothing due", f"{idle['idle_database_ms']:.1f}", "", "in the database", f"{IDLE_MS} ms", share)
        lines.append(line((*cells, idle["idle_sql"], MOST_IDLE_SQL, "", "")))
    share = f"{run['memory_mib'] / MEMORY_MIB:.0%}"
    lines.append(
        line(("memory of a web worker", "", "", f"{run['memory_mib']} MiB", f"{MEMORY_MIB} MiB", share, *[""] * 4))
    )
    noise = " and ".join(f"{percent} %" for percent in run["others_percent"])
    return (
        f"### {run['disputes']:,} disputes, {run['open_percent']} % open\n\n" + "\n".join(lines) + "\n\n"
        f"Seeded in {run['seeded_s']} s. Others kept the processors busy for {noise} of the time, before and after."
    )


def operation(name, figures, units, run):
    elapsed, processor = (figures[key] for key in MEASURES)
    if name not in LIMITS:  # asked for what it takes of memory
        return line((name, f"{elapsed:.1f}", f"{processor:.1f}", "", "", "", figures["sql"], "", "", ""))
    terms, statements = LIMITS[name]
    if name.startswith("dashboard") and run["open_percent"] >= 10:
        terms = BACKLOG
    shown = name
    if name == "sweep":
        shown = f"sweep, {sum(figures['counts'].values()):,} due"
    first = terms[0][1]
    # Of very little work the clock of processor time tells nothing
    value = {key: figures[key] / budget(terms, units, key) for key in MEASURES if units[first][key]}
    key = min(value, key=value.get)
    share = value[key]
    by = "" if key == "processor_ms" else " elapsed"
    is_now = f"{figures[key] / units[first][key]:.2f} {first}{by}"
    may_be = " + ".join(f"{factor:g} {unit}" if factor != 1 else unit for factor, unit in terms)
    cells = (shown, f"{elapsed:.1f}", f"{processor:.1f}", is_now, may_be, f"{share:.0%}", figures["sql"])
    return line((*cells, statements or "", *beside_bare(figures, units[first], key, first)))


def beside_bare(figures, unit, key, name):
    """What the same statements and the same HTML take alone, in the unit; and how many times that the page takes."""
    if "bare" not in figures:
        return "", ""
    return f"{figures['bare'][key] / unit[key]:.2f} {name}", f"{figures[key] / figures['bare'][key]:.2f} ×"


def budget(terms, units, key):
    """The most that something may take, in ms."""
    return sum(factor * units[unit][key] for factor, unit in terms)


def units_of(run):
    """F and W as the mean of before and after, and what was bare."""
    first, last = run["floor"], run["floor_after"]
    mean = {name: {key: (first[name][key] + last[name][key]) / 2 for key in MEASURES} for name in ("F", "W")}
    found = {**mean, **run["bare"]}
    if "sweep" in run:
        found["I"] = run["sweep"]["I"]
    return found


def of_sizes(runs):
    """How processor time grows from the smallest size to each larger one, at the same share of open disputes."""
    runs = [run for run in runs if run["open_percent"] < 10]
    if len(runs) < 2:
        return ""
    sizes = [run["disputes"] for run in runs]
    head = ("processor time", f"{sizes[0]:,}, ms", *(f"to {size:,}" for size in sizes[1:]), "may be")
    lines = [line(head), line("-" * len(each) for each in head)]
    for name, smallest in runs[0]["pages"].items():
        larger = [run["pages"].get(name) for run in runs[1:]]
        growth = [f"{each['processor_ms'] / smallest['processor_ms']:.2f} ×" if each else "" for each in larger]
        most = f"{MOST_GROWTH} ×" if name in FLAT else ""
        lines.append(line((name, f"{smallest['processor_ms']:.1f}", *growth, most)))
    bare = [units_of(run)["F"]["processor_ms"] for run in runs]
    lines.append(line(("F, bare", f"{bare[0]:.1f}", *(f"{each / bare[0]:.2f} ×" for each in bare[1:]), "")))
    return f"### From {sizes[0]:,} to {sizes[-1]:,} disputes\n\n" + "\n".join(lines)


def line(cells):
    return f"| {' | '.join(map(str, cells))} |"
