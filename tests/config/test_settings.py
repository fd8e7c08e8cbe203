import os
import subprocess
import sys

import pytest
from django.conf import settings

COMPLETE = {
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "resolve.example",
    "DATABASE_URL": "postgres://resolve@127.0.0.1:1/resolve",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "BASE_URL": "https://resolve.example",
}


def start_with(tmp_path, environment, code="import django; django.setup()"):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(tmp_path / "data"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_setting_stops_the_start_and_is_named(tmp_path, name, value):
    environment = {key: text for key, text in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value

    ended = start_with(tmp_path, environment)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        f"Resolve cannot start: {name} not set (docs/operating.md says what each one is)."
    ]


def test_with_every_setting_it_starts_with_secure_cookies(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )

    ended = start_with(tmp_path, COMPLETE, code)

    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "False True True True", "")


def test_the_demo_needs_no_setting_and_keeps_its_own_key(tmp_path):
    code = "from django.conf import settings; print(settings.SECRET_KEY)"

    keys = {start_with(tmp_path, {"DEMO": "1"}, code).stdout for _ in range(2)}

    assert len(keys) == 1
    assert len(keys.pop().strip()) > 50
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
