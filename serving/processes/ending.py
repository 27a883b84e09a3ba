"""The end of a process that was told to end."""

import os
import sys
import threading
from collections.abc import Callable
from typing import Final

END_S: Final = 15.0


def end_within(limit_s: float, command: str, exit_code: Callable[[], int] = lambda: 0) -> None:
    """Give this process some seconds to end, from now; then end it, and say so on standard error.

    For a process whose work is done or safe where it is: a library in it may wait for ever, such as Kafka's consumer
    in Faust for its thread. exit_code: asked for when the time has come.
    """

    def end() -> None:
        sys.stderr.write(f"{command}: did not end by itself within {limit_s:g} s, and was ended; nothing is lost\n")
        sys.stderr.flush()
        os._exit(exit_code())

    timer = threading.Timer(limit_s, end)
    timer.daemon = True
    timer.start()
