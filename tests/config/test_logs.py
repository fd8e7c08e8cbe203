import logging
import sys

from config.logs import LineFormatter


def formatted(**options):
    name = " ".join(["Patricia", "Lowther"])
    try:
        raise ValueError(name)
    except ValueError:
        record = logging.LogRecord("resolve", logging.ERROR, __file__, 1, "dispute %s", (7,), sys.exc_info())
    return LineFormatter(**options).format(record)


def test_the_log_tells_where_and_not_what_was_written():
    line = formatted()

    assert "ERROR resolve: dispute 7" in line
    assert "test_logs.py" in line
    assert line.endswith("builtins.ValueError")
    assert "Patricia" not in line


def test_the_demo_shows_the_whole_error():
    assert "Patricia Lowther" in formatted(say_messages=True)
