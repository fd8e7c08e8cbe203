"""Imports point one way: between the apps, and inside an app between its modules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# An arrow means "may import"; none goes back.
APPS = ["config", "panels", "escalation", "agencies"]

# A module may import what stands in a later row, or in its own.
ROWS = [
    {"urls", "apps"},
    {"views", "tasks", "middleware", "context", "management"},
    {"forms"},
    {"actions"},
    {"notices", "permissions", "duties", "dashboard", "pdfs"},
    {"models"},
    {"stages", "deadlines"},
]
ROW = {name: number for number, row in enumerate(ROWS) for name in row}


def sources(app):
    folder = Path(settings.BASE_DIR) / app
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def imported(path):
    """The dotted names that a source imports, relative ones made whole."""
    package = path.relative_to(settings.BASE_DIR).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("app", APPS)
def test_no_app_imports_one_above_it(app):
    above = APPS[: APPS.index(app)]

    found = [(str(path), name) for path in sources(app) for name in imported(path) if name.split(".")[0] in above]

    assert sources(app)
    assert found == []


@pytest.mark.parametrize("app", APPS[1:])
def test_no_module_imports_one_above_it_in_its_app(app):
    found = []
    for path in sources(app):
        module = path.relative_to(settings.BASE_DIR / app).parts[0].removesuffix(".py")
        for name in imported(path):
            target = name.split(".")[1] if name.startswith(f"{app}.") else None
            if module in ROW and target in ROW and ROW[target] < ROW[module]:
                found.append((str(path), name))

    assert found == []


def test_the_test_sees_an_import_that_goes_back(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    source = tmp_path / "agencies" / "models.py"
    source.parent.mkdir()
    source.write_text("def late():\n    from escalation import actions\n\nfrom . import views\n")

    assert sorted(imported(source)) == ["agencies.views", "escalation.actions"]


def test_the_web_starts_without_what_few_pages_need():
    """What draws PDFs would take a quarter of a process's memory."""
    ask = (
        "import sys, config.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        "from escalation.deadlines import bank_holidays; assert bank_holidays(2026);"
        "few = {'weasyprint', 'fontTools', 'icalendar', 'xlsxwriter', 'PIL', 'holidays.countries'};"
        "print(few & sys.modules.keys())"
    )
    started = subprocess.run([sys.executable, "-c", ask], cwd=settings.BASE_DIR, capture_output=True, text=True)

    assert (started.stdout, started.stderr) == ("set()\n", "")
