"""Kills and pauses of parts of a service, in a seeded order."""

import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from ltrr.bench.running.processes import Process, Processes

KILLED: Final = "killed"
PAUSED: Final = "paused"
_PAUSES_S: Final = (2.0, 6.0)
_AWAY_S: Final = (0.0, 2.0)  # until whoever watches over a process starts it again


@dataclass(frozen=True, slots=True)
class Blow:
    """What was done to a part.

    at_s: of the monotonic clock; ready_s, learned_s: until all was well, and until what was logged by then was learned.
    """

    part: str
    kind: str
    at_s: float
    ready_s: float
    learned_s: float

    @property
    def name(self) -> str:
        """Return what is told apart in figures."""
        return f"{self.part} {self.kind}"


class Part(Protocol):
    """What can be killed, paused and started again."""

    def start(self) -> None:
        """Start it as it was."""
        ...

    def signal(self, number: int) -> None:
        """Send a signal to all of it."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class Command:
    """An `ltrr` command that is started again under its name."""

    def __init__(self, processes: Processes, name: str, *command: str) -> None:
        self._processes = processes
        self._name = name
        self._command = command
        self.start()

    @property
    def process(self) -> Process:
        """Return the one that was started last."""
        return self._process

    def start(self) -> None:
        """Start it."""
        self._process = self._processes.start(self._name, *self._command)

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.signal(number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def order(rng: np.random.Generator, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield part and kind for ever: in each round each part is killed once, and one is paused."""
    while True:
        paused = (str(rng.choice(parts)), PAUSED)
        blows = [*((part, KILLED) for part in parts), paused]
        yield from (blows[place] for place in rng.permutation(len(blows)))


def strike(part: Part, kind: str, rng: np.random.Generator) -> float:
    """Kill and start again, or pause and let go on; return when that began."""
    at_s = time.monotonic()
    if kind == PAUSED:
        part.signal(signal.SIGSTOP)
        try:
            time.sleep(float(rng.uniform(*_PAUSES_S)))
        finally:
            part.signal(signal.SIGCONT)
    else:
        part.kill()
        time.sleep(float(rng.uniform(*_AWAY_S)))
        part.start()
    return at_s
