"""`ltrr bench startup`: how long commands take from start to end, beside a Python that does nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from ltrr.bench.running.beside import product, stage
from ltrr.bench.running.processes import LTRR
from ltrr.models.errors import EngineFailed
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_ROUNDS: Final = 5
_LIMITS_S: Final = {"ltrr --help": 0.3, "ltrr search": 0.5}
_BARE: Final = "python -c pass"


def run(seed: int = 0, rounds: int = _ROUNDS, artists: int = 60) -> BenchDocument:
    """Time `ltrr --help`, and `ltrr search` that a running server answers. artists: of its catalogue."""
    with stage(seed, 1, artists) as staged, product(staged) as running:
        environment = {**os.environ, "LTRR_URL": running.url}
        commands = {
            _BARE: (sys.executable, "-c", "pass"),
            "ltrr --help": (*LTRR, "--help"),
            "ltrr search": (*LTRR, "search", staged.texts[0]),
        }
        for command in commands.values():  # compiles what is imported, where that was not done
            _seconds(command, environment)
        taken = [{said: _seconds(command, environment) for said, command in commands.items()} for _ in range(rounds)]
    figures = {said: Figure.spread([one[said] for one in taken], "s") for said in commands}
    for said in _LIMITS_S:
        figures[f"{said} / {_BARE}"] = Figure.spread([one[said] / one[_BARE] for one in taken], "ratio")
    targets = [Target.below(said, figures, limit) for said, limit in _LIMITS_S.items()]
    return BenchDocument("startup", [seed], figures, targets, [f"{rounds} rounds in turns", *staged.notes])


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began_s = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    if done.returncode:
        raise EngineFailed("bench", f"{' '.join(command)} failed: {done.stderr[-2_000:]}")
    return time.perf_counter() - began_s
