"""The cast for every test; `at_stage` reaches a state by actions, so that no test holds an impossible row."""

import pytest

from tests import cast as casting
from tests.clamd import running_clamd
from tests.s3 import running_s3


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


@pytest.fixture(params=["folder", "bucket"])
def evidence_storage(request, settings, tmp_path):
    """Evidence in a folder, and once more in a bucket."""
    if request.param == "folder":
        folder = {"BACKEND": "escalation.storing.folder.PrivateFolder", "OPTIONS": {"location": tmp_path / "evidence"}}
        settings.STORAGES = {**settings.STORAGES, "evidence": folder}
    else:
        options = request.getfixturevalue("s3").new_bucket()
        bucket = {"BACKEND": "escalation.storing.bucket.PrivateBucket", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "evidence": bucket}
    return request.param
