"""Nudges: a worker is asked to do now what its next sweep would do anyway; no page waits for the broker."""

import logging
import threading
import time
from collections import defaultdict

from django.db import transaction

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds: what is written in many acts within it needs one nudge, at its end

_nudging = defaultdict(threading.Lock)
_next = {}  # by task, from when on it may be nudged again


def on_commit(task):
    """Nudge once what is written now is there to be found."""
    transaction.on_commit(lambda: nudge(task), robust=True)


def nudge(task):
    """Ask a worker to run the task now, without waiting for the broker; if it is away, the next sweep does it."""
    if _nudging[task].acquire(blocking=False):  # one is under way: its worker finds this row too, or the sweep does
        try:
            threading.Thread(target=_ask_worker, args=[task], daemon=True).start()
        except RuntimeError:
            _nudging[task].release()


def _ask_worker(task):
    from celery import current_app  # noqa: PLC0415 - the web starts without it

    try:
        time.sleep(max(_next.get(task, 0) - time.monotonic(), 0))
        _next[task] = time.monotonic() + EVERY
        # Nudges that wait behind one that hangs expire, so that the sweep is not stuck behind them
        current_app.send_task(task, retry=False, ignore_result=True, expires=10)
    except Exception as error:  # whatever a broker's client raises, no page depends on it
        logger.warning("the broker took no nudge: %s", type(error).__name__)
    finally:
        _nudging[task].release()
