"""The cast for every test; `at_stage` reaches a state by actions, so that no test holds an impossible row."""

import pytest

from tests import cast as casting


@pytest.fixture
def cast(db):
    """People of three agencies that may be concerned, of one that never is, and of the Board."""
    return casting.make()


@pytest.fixture
def at_stage(cast):
    """A function that gives a dispute of the council with the hospital at a stage."""
    return lambda number, **changes: casting.at_stage(cast, number, **changes)
