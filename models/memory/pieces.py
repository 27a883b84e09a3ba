"""Work on many names in pieces, between which others are served."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final, TypeVar

import numpy as np

T = TypeVar("T")
PIECE: Final = 500
"""Queries, or senders, that are looked at before others are served: some 5 ms, where queries have all their pairs."""


def pieces(names: Sequence[T], size: int = PIECE) -> Iterator[Sequence[T]]:
    """Yield names in pieces of some size."""
    return (names[start : start + size] for start in range(0, len(names), size))


def least(names: Sequence[str], values: Sequence[float], count: int) -> Iterator[Sequence[str]]:
    """Yield the names of the smallest values, in pieces; of equal ones the first by name."""
    if count <= 0:
        return
    sizes = np.array(values)
    limit = np.partition(sizes, count - 1)[count - 1]
    below = np.flatnonzero(sizes < limit).tolist()
    yield from pieces([names[at] for at in below])
    equal = []
    for part in pieces(np.flatnonzero(sizes == limit).tolist()):
        equal.append(sorted(names[at] for at in part))
        yield []
    first: Iterator[str] = islice(merge(*equal), count - len(below))
    while rest := list(islice(first, PIECE)):
        yield rest
