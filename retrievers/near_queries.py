"""Queries that were spelt or meant nearly alike, among many: whose memory a query may borrow from."""

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.encoders import DenseEncoder
from ltrr.retrievers.understanding.spelling import Spelling

_CHARACTERS: Final = 64
_NEIGHBOURS: Final = 5
_FEWEST_ROWS: Final = 1_024
_PORTION: Final = 128
_FEW: Final = 1_000
_COMPARED_S: Final = 1.0
_RESCORED: Final = 64
_SHARE_OF_BITS: Final = 1 / 3  # an angle of 60 degrees
_SPELT_ALIKE: Final = 0.8
_MEANT_ALIKE: Final = 0.8
_LEAST_COSINE: Final = 0.6
_LEAST_WEIGHT: Final = 0.05


class NearQueries:
    """Follows a set of queries, and finds those near another one. For one thread.

    Spelling compares strings of at most 64 characters. Meaning compares embeddings: first their signs, packed into
    words, then the cosines of the 64 that differ least. Weights: 0.8 x the square of the similarity in spelling;
    0.8 x the square of how far the cosine lies above 0.6, as a share of what it could.
    """

    def __init__(self, encoder: DenseEncoder) -> None:
        self._encoder = encoder
        self._spelling = Spelling()
        self._rows: dict[str, int] = {}
        self._texts: list[str] = []
        self._words = -(-encoder.dimensions // 64)
        self._signs = np.zeros((self._words, _FEWEST_ROWS), dtype=np.uint64)
        self._vectors = np.zeros((_FEWEST_ROWS, encoder.dimensions), dtype=np.float16)
        self._compared_s = -np.inf
        self._waiting: list[str] = []

    def __len__(self) -> int:
        return len(self._texts)

    def follow(self, queries: Collection[str], now_s: float) -> None:
        """Take note of what queries there are, some at a time, so that no call takes long.

        More than 1,000 are compared once a second at most; at most 128 new ones are taken in by a call.
        """
        recent = 0 <= now_s - self._compared_s < _COMPARED_S
        if not self._waiting and not (recent and len(self._texts) > _FEW):
            self._compare(list(queries))
            self._compared_s = now_s
        taken, self._waiting = self._waiting[:_PORTION], self._waiting[_PORTION:]
        self._add(taken)

    def near(self, query: str) -> dict[str, float]:
        """Return at most five other queries and the weight in (0, 0.8] that their memory has for this one."""
        if not self._texts or not query:
            return {}
        found: dict[str, float] = {}
        if len(query) <= _CHARACTERS:
            found = {text: _SPELT_ALIKE * share**2 for text, share in self._spelling.near(query, _NEIGHBOURS)}
        for text, weight in self._meant_alike(query).items():
            found[text] = max(weight, found.get(text, 0.0))
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return {text: weight for text, weight in best[:_NEIGHBOURS] if weight >= _LEAST_WEIGHT}

    def _meant_alike(self, query: str) -> dict[str, float]:
        (vector,) = self._encoder.encode([query])
        if not vector.any():
            return {}
        differing = self._signs[:, : len(self._texts)] ^ self._packed(vector[None])
        bits = np.bitwise_count(differing).sum(axis=0, dtype=np.uint16)
        (rows,) = np.nonzero(bits <= _SHARE_OF_BITS * len(vector))
        if len(rows) > _RESCORED:
            rows = rows[np.argsort(bits[rows], kind="stable")[:_RESCORED]]
        cosines = self._vectors[rows].astype(np.float32) @ vector
        shares = (cosines - _LEAST_COSINE) / (1 - _LEAST_COSINE)
        return {
            self._texts[row]: _MEANT_ALIKE * min(1.0, float(share)) ** 2
            for row, share in zip(rows.tolist(), shares, strict=True)
            if share > 0 and self._texts[row] != query
        }

    def _compare(self, queries: list[str]) -> None:
        """Forget the queries that are gone, and note those that are new."""
        self._waiting = [query for query in queries if query not in self._rows]
        if len(self._texts) + len(self._waiting) > len(queries):
            held = set(queries)
            for query in [query for query in self._texts if query not in held]:
                self._remove(query)

    def _packed(self, vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
        """Return the signs of vectors, 64 to a word; shape (words, vectors)."""
        signs = np.zeros((len(vectors), 64 * self._words), dtype=bool)
        signs[:, : vectors.shape[1]] = vectors > 0
        return np.ascontiguousarray(np.packbits(signs, axis=1).view(np.uint64).T)

    def _add(self, queries: list[str]) -> None:
        if not queries:
            return
        first, last = len(self._texts), len(self._texts) + len(queries)
        if last > len(self._vectors):
            self._grow(max(last, 2 * len(self._vectors)))
        vectors = self._encoder.encode(queries)
        self._vectors[first:last] = vectors
        self._signs[:, first:last] = self._packed(vectors)
        self._rows.update(zip(queries, range(first, last), strict=True))
        self._texts += queries
        for query in queries:
            if len(query) <= _CHARACTERS:
                self._spelling.add(query)

    def _remove(self, query: str) -> None:
        """Forget a query; the last one takes its row."""
        row, last = self._rows.pop(query), self._texts.pop()
        self._spelling.remove(query)
        if last != query:
            self._texts[row], self._rows[last] = last, row
            self._vectors[row] = self._vectors[len(self._texts)]
            self._signs[:, row] = self._signs[:, len(self._texts)]

    def _grow(self, rows: int) -> None:
        added = rows - len(self._vectors)
        self._vectors = np.pad(self._vectors, ((0, added), (0, 0)))
        self._signs = np.pad(self._signs, ((0, 0), (0, added)))
