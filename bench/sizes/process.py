"""A measurement in a process of its own, so that memory is what this one size takes."""

import gc
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Final, ParamSpec

from ltrr.bench.running.processes import resident_bytes

_MB: Final = 1e6
P = ParamSpec("P")
Measured = dict[str, list[float]]
"""What was measured -> its rounds."""


def alone(work: Callable[P, Measured], *args: P.args, **kwargs: P.kwargs) -> Measured:
    """Return what some work measures in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def resident_mb() -> float:
    """Return what this process holds now. On Linux."""
    gc.collect()
    return resident_bytes() / _MB


def peak_mb() -> float:
    """Return what this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
