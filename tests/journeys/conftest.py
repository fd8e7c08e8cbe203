import os

import pytest

from tests.journeys.steps import Desk

# Playwright keeps an event loop in the thread of the test, where Django would refuse every query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, which speaks to nobody but the test's own server."""
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def desk(browser, live_server):
    """A function that gives the browser of somebody who has signed in, the same one each time."""
    desks = {}

    def sit_down(user, *, script=True):
        if user.pk not in desks:
            desks[user.pk] = Desk(browser, live_server.url, user, script=script).sign_in()
        return desks[user.pk]

    yield sit_down
    for each in desks.values():
        each.page.context.close()
