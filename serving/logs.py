"""How every process writes its log: time, process, level, message; the same again a minute later at the earliest."""

import logging
import math
import sys
from typing import Final

from ltrr.models.errors import LtrrError
from ltrr.models.outages import AGAIN_S

FORMAT: Final = "%(asctime)s [%(process)d] %(levelname)s %(message)s"
_OURS: Final = "ltrr"
_TOLD_ELSEWHERE: Final = ("kafka", "aiokafka")
_HOSTS: Final = ("faust", "mode")
_MOST_HELD: Final = 1_000


def write_logs() -> None:
    """Write the log of this process to standard error: of ours all from warnings on, of libraries errors alone.

    Libraries warn of every slow moment, and those that talk to Kafka have an error for each try: what uses them raises
    or tells what they fail with, and `Reach` that Kafka is away. What Faust ends with is told where it ends.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(Repeats())
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
    logging.getLogger(_OURS).setLevel(logging.WARNING)


class Repeats(logging.Filter):
    """Drops what was told less than a minute before, and counts it: it is told with that number after the minute.

    Of our own loggers that is the same text, of a library's the same message whatever it is filled with. Of what talks
    to Kafka only exceptions come through, and of Faust none that our own code or Kafka's clients raise on purpose.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written."""
        package = record.name.partition(".")[0]
        if package in _TOLD_ELSEWHERE and not record.exc_info:
            return False
        if package in _HOSTS and _is_foreseen(record):
            return False
        key = (record.name, record.levelno, record.getMessage() if package == _OURS else str(record.msg))
        told_s, held = self._told.get(key, (-math.inf, 0))
        if 0 <= record.created - told_s < AGAIN_S:
            self._told[key] = told_s, held + 1
            return False
        if held:
            record.msg, record.args = f"{record.getMessage()} ({held:,} more like it since the last)", None
        self._told[key] = record.created, 0
        if len(self._told) > _MOST_HELD:
            self._told = {kept: at for kept, at in self._told.items() if record.created - at[0] < AGAIN_S}
        return True


def _is_foreseen(record: logging.LogRecord) -> bool:
    """Tell whether a record is of an error that says by itself what is wrong."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not None and any(
        base is LtrrError or base.__module__.partition(".")[0] in _TOLD_ELSEWHERE for base in kind.__mro__
    )
