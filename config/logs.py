"""What reaches the log: where something went wrong, never what somebody wrote."""

import copy
import logging
import traceback


class LineFormatter(logging.Formatter):
    """One line for each record; an exception's own words, which may quote a text, only in demo mode."""

    def __init__(self, *args, say_messages=False, **kwargs):
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.say_messages = say_messages

    def format(self, record):
        if not self.say_messages and record.exc_info and isinstance(record.args, dict) and "exc" in record.args:
            # Celery quotes a task's exception within its message.
            record = copy.copy(record)
            record.args = {**record.args, "exc": record.exc_info[0].__qualname__, "traceback": ""}
        return super().format(record)

    def formatException(self, exc_info):
        if self.say_messages:
            return super().formatException(exc_info)
        kind, _, trace = exc_info
        return "".join(traceback.format_tb(trace)) + f"{kind.__module__}.{kind.__qualname__}"
