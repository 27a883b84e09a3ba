"""Scores of numbered rows by the hash of a query, packed."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ltrr.models.memory.prediction import PredictedQuery
from ltrr.retrievers.requests.requests import SEPARATOR

_STEPS: Final = 10_000
_PAIR: Final = np.dtype([("query", "<u8"), ("score", "<u2")])
_WAITING: Final = 50_000
_SHARE: Final = 4
_PORTION: Final = 10_000  # rows that are read at once

Row = tuple[int, bytes]


def query_hash(application: str, query: str) -> int:
    """Return 64 bits, by which queries are told apart: among a hundred million two are the same once in 4,000 times."""
    return int.from_bytes(blake2b(f"{application}{SEPARATOR}{query}".encode(), digest_size=8).digest(), "little")


def packed(application: str, predicted: Sequence[PredictedQuery]) -> bytes:
    """Return the queries of an entity as hashes, with their scores to four digits."""
    pairs = [(query_hash(application, one.query), round(one.score * _STEPS)) for one in predicted]
    return np.array(pairs, dtype=_PAIR).tobytes()


class _Columns(NamedTuple):
    """Pairs of a query and a row."""

    queries: NDArray[np.uint64]
    scores: NDArray[np.uint16]
    numbers: NDArray[np.uint32]

    def at(self, which: slice | NDArray[np.intp] | NDArray[np.bool_]) -> "_Columns":
        """Return some of them."""
        return _Columns(self.queries[which], self.scores[which], self.numbers[which])

    def and_(self, other: "_Columns") -> "_Columns":
        """Return these and others behind them."""
        return _together([self, other])


class _Pairs(NamedTuple):
    """Pairs sorted by query, those that came since, and the numbers of rows that went since."""

    sorted: _Columns
    waiting: _Columns
    gone: NDArray[np.uint32]

    def there(self, pairs: _Columns) -> _Columns:
        """Return those of some pairs whose rows are there."""
        return pairs.at(np.isin(pairs.numbers, self.gone, invert=True)) if len(self.gone) else pairs

    def merged(self) -> "_Pairs":
        """Return the same with nothing waiting."""
        pairs = self.there(self.sorted.and_(self.waiting))
        return _Pairs(pairs.at(np.argsort(pairs.queries, kind="stable")), _columns(()), np.empty(0, np.uint32))


class PackedScores:
    """Pairs of a query and a row, sorted by query; those that came since are sorted in when they are many.

    rows: those to begin with, as of `replace`. One thread changes it; others may read meanwhile.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.next = 1
        rest, parts = iter(rows), [_columns(())]
        while portion := list(islice(rest, _PORTION)):
            parts.append(_columns(portion))
            self.next = max(self.next, *(number + 1 for number, _ in portion))
        self._pairs = _Pairs(_columns(()), _together(parts), np.empty(0, np.uint32)).merged()

    def replace(self, old: Sequence[Row], new: Sequence[Row]) -> list[int]:
        """Take rows out, and others in, whose numbers are `next` or above. Return the queries of all of them."""
        were, are = _columns(old), _columns(new)
        held = self._pairs
        gone = np.array([number for number, _ in old], dtype=np.uint32)
        pairs = _Pairs(held.sorted, held.waiting.and_(are), np.concatenate([held.gone, gone]))
        waiting = max(len(pairs.waiting.queries), len(pairs.gone))
        self._pairs = pairs.merged() if waiting > max(_WAITING, len(held.sorted.queries) // _SHARE) else pairs
        self.next = max([self.next, *(number + 1 for number, _ in new)])
        return [*were.queries.tolist(), *are.queries.tolist()]

    def best(self, query: int, most: int) -> dict[int, float]:
        """Return number -> score of the best rows for a query, those that tie with the last of them included."""
        pairs, asked = self._pairs, np.uint64(query)
        start, end = (np.searchsorted(pairs.sorted.queries, asked, side) for side in ("left", "right"))
        waiting = pairs.waiting.at(pairs.waiting.queries == asked)
        found = pairs.there(pairs.sorted.at(slice(start, end)).and_(waiting))
        if len(found.scores) > most:
            found = found.at(found.scores >= np.partition(found.scores, -most)[-most])
        return dict(zip(found.numbers.tolist(), (found.scores / _STEPS).tolist(), strict=True))


def _together(parts: Sequence[_Columns]) -> _Columns:
    return _Columns(*map(np.concatenate, zip(*parts, strict=True)))


def _columns(rows: Sequence[Row]) -> _Columns:
    pairs = np.frombuffer(b"".join(queries for _, queries in rows), dtype=_PAIR)
    sizes = [len(queries) // _PAIR.itemsize for _, queries in rows]
    numbers = np.repeat(np.array([number for number, _ in rows], dtype=np.uint32), sizes)
    return _Columns(pairs["query"].copy(), pairs["score"].copy(), numbers)
