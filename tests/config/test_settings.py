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
    "CLAMD_URL": "tcp://127.0.0.1:1",
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


def test_without_a_scanner_it_starts_only_where_that_is_said(tmp_path):
    """R12: files that nobody has checked for viruses are let in on purpose, or not at all."""
    without = {key: text for key, text in COMPLETE.items() if key != "CLAMD_URL"}
    code = "from django.conf import settings as s; print(s.EVIDENCE_UNSCANNED_ALLOWED)"

    stopped = start_with(tmp_path, without, code)
    allowed = start_with(tmp_path, {**without, "EVIDENCE_UNSCANNED_ALLOWED": "1"}, code)
    scanned = start_with(tmp_path, COMPLETE, code)

    assert stopped.returncode == 1
    assert "Resolve cannot start: CLAMD_URL (or EVIDENCE_UNSCANNED_ALLOWED=1) not set" in stopped.stderr
    assert (allowed.stdout.strip(), scanned.stdout.strip()) == ("True", "False")


def test_with_a_bucket_evidence_goes_there_and_its_keys_stay_out_of_sight(tmp_path):
    bucket = {
        "EVIDENCE_S3_BUCKET": "evidence",
        "EVIDENCE_S3_ENDPOINT": "https://s3.example",
        "EVIDENCE_S3_ACCESS_KEY": "a",
    }
    code = (
        "import django; django.setup(); from django.core.files.storage import storages; "
        "s = storages['evidence']; print(type(s).__name__, s.bucket_name, s.endpoint_url, s.default_acl)"
    )

    ended = start_with(tmp_path, {**COMPLETE, **bucket, "EVIDENCE_S3_SECRET_KEY": "canary"}, code)

    assert (ended.stdout.strip(), ended.stderr) == ("PrivateBucket evidence https://s3.example None", "")
