"""The cast for every test; `at_stage` reaches a state by actions, so that no test holds an impossible row."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from tests import cast as casting
from tests import kept
from tests.clamd import running_clamd
from tests.s3 import running_s3


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tables as the models have them, made at once, and then the triggers of the migrations.

    Migrating takes half a minute; that the migrations lead to the same is what `makemigrations --check` shows, and
    the tests of `start` and of the faults migrate.
    """
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for app in ("agencies", "escalation", "panels"):
            for operation in import_module(f"{app}.migrations.0002_append_only").Migration.operations:
                operation.code(apps, editor)
    kept.start_watching()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    kept.new_test()


@pytest.fixture
def cast(db):
    """People of three agencies that may be concerned, of one that never is, and of the Board."""
    return casting.make()


@pytest.fixture
def at_stage(cast):
    """A function that gives a dispute of the council with the hospital at a stage."""
    return lambda number, **changes: casting.at_stage(cast, number, **changes)


@pytest.fixture(scope="session")
def clamd(tmp_path_factory):
    """A real virus scanner; stopped by a test, it is started again by `scanner`."""
    with running_clamd(tmp_path_factory.mktemp("clamd")) as server:
        yield server


@pytest.fixture
def scanner(clamd, settings):
    """The virus scanner, in use."""
    clamd.start()
    settings.CLAMD_URL = clamd.url
    return clamd


@pytest.fixture(scope="session")
def s3():
    """A real server that speaks S3."""
    with running_s3() as server:
        yield server


@pytest.fixture
def own_folder(settings, tmp_path):
    """Evidence in a folder of the test's own: it counts no files of tests beside it."""
    folder = {"BACKEND": "escalation.storing.folder.PrivateFolder", "OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": folder}


@pytest.fixture(params=["folder", "bucket"])
def evidence_storage(request, settings):
    """Evidence in a folder, and once more in a bucket."""
    if request.param == "folder":
        request.getfixturevalue("own_folder")
    else:
        options = request.getfixturevalue("s3").new_bucket()
        bucket = {"BACKEND": "escalation.storing.bucket.PrivateBucket", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "evidence": bucket}
    return request.param
