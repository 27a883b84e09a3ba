"""How logs are written: what is told again and again, and what of libraries is told at all."""

import io
import logging
import re
import subprocess
import sys

import pytest

from ltrr.models.outages import AGAIN_S
from ltrr.serving.logs import FORMAT, Repeats


class Log:
    """A handler as processes have it, over text, and a clock."""

    def __init__(self) -> None:
        self.written = io.StringIO()
        self.now_s = 1_000_000.0
        self._handler = logging.StreamHandler(self.written)
        self._handler.addFilter(Repeats())

    def say(self, name: str, message: str, *filled: object, error: Exception | None = None) -> None:
        """Log a record as a logger does."""
        info = None if error is None else (type(error), error, None)
        record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, filled, info)
        record.created = self.now_s
        self._handler.handle(record)

    @property
    def lines(self) -> list[str]:
        """Return what was written."""
        return self.written.getvalue().splitlines()


@pytest.fixture
def log() -> Log:
    """Return a log."""
    return Log()


def test_a_library_says_the_same_once_a_minute(log: Log):
    """Whatever fills the message; how often it was said meanwhile is told with the next."""
    for number in range(600):
        log.say("faust.agents", "Cannot reach node %d", number)
        log.now_s += 0.09
    assert log.lines == ["Cannot reach node 0"]
    log.now_s += AGAIN_S
    log.say("faust.agents", "Cannot reach node %d", 600)
    assert log.lines[1:] == ["Cannot reach node 600 (599 more like it since the last)"]
    log.say("faust.agents", "Something else")
    assert log.lines[2:] == ["Something else"]


def test_our_own_lines_are_the_same_where_their_text_is(log: Log):
    """What was left out is told of each entity, and of one again a minute later at the earliest."""
    for entity in (1, 2, 2):
        log.say("ltrr.streams.catalogue", "entity %d is left out", entity)
    assert log.lines == ["entity 1 is left out", "entity 2 is left out"]


def test_a_clock_that_goes_back_silences_nothing(log: Log):
    """A record from before the last one of its kind is written."""
    log.say("faust", "gone")
    log.now_s -= 3_600
    log.say("faust", "gone")
    assert len(log.lines) == 2


@pytest.mark.parametrize("name", ["aiokafka", "aiokafka.consumer.fetcher", "kafka.net.connection"])
def test_clients_of_kafka_tell_exceptions_alone(log: Log, name: str):
    """Their lines for each try are dropped; an error that they do not know is told."""
    log.say(name, "Unable connect to node with id %s", 1)
    assert log.lines == []
    log.say(name, "Unexpected error in fetcher routine", error=RuntimeError("odd"))
    assert log.lines == ["Unexpected error in fetcher routine", "RuntimeError: odd"]


def test_what_is_remembered_of_lines_is_bounded():
    """Lines that are all different leave nothing behind that is older than a minute."""
    repeats = Repeats()
    for number in range(5_000):
        record = logging.LogRecord("ltrr.x", logging.ERROR, "x.py", 1, "line %d", (number,), None)
        record.created = float(number)
        assert repeats.filter(record)
    assert len(repeats._told) <= 1_001


PROGRAM = """
import logging
from ltrr.serving.logs import write_logs
write_logs()
for name in ("ltrr.streams", "faust.app", "uvicorn.error"):
    logging.getLogger(name).warning("%s warns", name)
    logging.getLogger(name).error("%s fails", name)
"""


def test_every_line_has_time_process_and_level():
    """Of libraries errors are written, of ours warnings, too."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], stderr=subprocess.PIPE, text=True, check=True)
    lines = [
        re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[\d+\] (.*)", line) for line in done.stderr.splitlines()
    ]
    assert [line and line[1] for line in lines] == [
        "WARNING ltrr.streams warns",
        "ERROR ltrr.streams fails",
        "ERROR faust.app fails",
        "ERROR uvicorn.error fails",
    ]
    assert FORMAT.endswith("%(levelname)s %(message)s")
