import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.management.commands import fetch_frontend


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A folder of its own to build into, and no npm."""
    monkeypatch.setattr(fetch_frontend, "TARGET", tmp_path)
    monkeypatch.setattr(fetch_frontend, "STAMP", tmp_path / ".stamp")
    monkeypatch.setattr(fetch_frontend, "npms", list)
    return tmp_path


def test_font_crest_and_source_map_are_taken_out():
    css = (
        '@font-face{font-family:"GDS Transport";src:url(/assets/light.woff2)}'
        'a{font-family:"GDS Transport",arial,sans-serif}'
        "b{background:url('assets/images/govuk-crest.svg') no-repeat}"
        "c{background:url(assets/images/icon-document.svg)}"
        "/*# sourceMappingURL=govuk-frontend.css.map */"
    )

    assert fetch_frontend.cleaned(css) == (
        "a{font-family:arial,sans-serif}b{background:none no-repeat}c{background:url(assets/images/icon-document.svg)}"
    )


def test_what_is_served_holds_no_font_of_govuk_and_no_crest():
    for name in fetch_frontend.SHEETS:
        css = (fetch_frontend.TARGET / name).read_text()
        assert len(css) > 50_000
        for unwanted in ("@font-face", "GDS Transport", "govuk-crest", "sourceMappingURL"):
            assert unwanted not in css


def test_without_npm_the_pages_keep_their_files(elsewhere, capsys):
    call_command("fetch_frontend")

    assert {path.name for path in elsewhere.iterdir()} == {
        *fetch_frontend.SHEETS,
        fetch_frontend.SCRIPT,
        fetch_frontend.FILES_SCRIPT,
    }
    assert "no npm found" in capsys.readouterr().err


def test_without_npm_the_strict_build_stops(elsewhere):
    with pytest.raises(CommandError, match="no npm found"):
        call_command("fetch_frontend", strict=True)


def test_an_up_to_date_front_end_is_left_alone(elsewhere, capsys):
    (elsewhere / ".stamp").write_text(fetch_frontend.fingerprint())

    call_command("fetch_frontend")

    assert capsys.readouterr().out == "Front end: up to date.\n"


def test_the_lock_holds_no_address():
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text())

    assert all("integrity" in package for path, package in lock["packages"].items() if path)
    assert "://" not in json.dumps(lock)
