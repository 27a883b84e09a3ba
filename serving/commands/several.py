"""One command in several processes, which begin and end together."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from ltrr.serving.commands.cli import main


def run_several(commands: Sequence[Sequence[str]]) -> int:
    """Run `ltrr` commands, each in a process of its own, until one ends; end the others, and return its exit code.

    SIGTERM and SIGINT are passed on. None outlives this process. A process that a signal ended has 128 and the
    signal's number, as in a shell.
    """
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_run, args=(tuple(command),)) for command in commands]
    asked: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        asked.append(number)
        _signal(processes, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    for process in processes:
        process.start()
    if not asked:
        wait([process.sentinel for process in processes])
    first = next((one for one in processes if one.exitcode is not None), processes[0])
    _signal(processes, signal.SIGTERM)
    for process in processes:
        process.join()
    code = first.exitcode or 0
    return code if code >= 0 else 128 - code


def _signal(processes: Sequence[SpawnProcess], number: int) -> None:
    for process in processes:
        if process.pid is not None and process.exitcode is None:
            os.kill(process.pid, number)


def _run(command: Sequence[str]) -> None:
    """Be one of the processes. Ctrl-C in a terminal reaches a whole group: here it comes from the first, once."""
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()
    main(*command)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
