"""Queries that were spelt or meant nearly alike, among many: whose memory a query may borrow from."""

from collections.abc import Collection, Iterator, Reversible, Sequence
from itertools import chain, islice, takewhile
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.encoders import DenseEncoder
from ltrr.retrievers.phrases.spelling import Spelling
from ltrr.retrievers.same_words import contradict, is_little, rest

_CHARACTERS: Final = 64
_NEIGHBOURS: Final = 5
_WORD: Final = 64
_BLOCK: Final = 4_096
_PORTION: Final = 128
_RESCORED: Final = 64
_SHARE_OF_BITS: Final = 1 / 3  # an angle of 60 degrees
_SPELT_ALIKE: Final = 0.8
_MEANT_ALIKE: Final = 0.8
_LEAST_COSINE: Final = 0.6
_LEAST_WEIGHT: Final = 0.05


class Queries(Collection[str], Reversible[str], Protocol):
    """Queries in the order in which they came, such as the keys of a dict."""


class NearQueries:
    """Follows the queries of the parts of a memory, and finds those near another one. For one thread.

    Spelling compares strings of at most 64 characters. Meaning compares embeddings: first their signs, packed into
    words, then the cosines of the 64 that differ least. Weights: 0.8 x the square of the similarity in spelling;
    0.8 x the square of how far the cosine lies above 0.6, as a share of what it could. Queries that do not say the same
    word by word ask for other things, however near they are: "iphone 12" and "iphone 13", "mail server" and "server";
    see `same_words`.
    """

    def __init__(self, encoder: DenseEncoder) -> None:
        self._encoder = encoder
        self._spelling = Spelling()
        self._parts: Sequence[Queries] = ()
        self._ahead: Iterator[str] = iter(())  # queries that are still to be looked at, whether they are new
        self._behind = 0  # rows that are still to be looked at, whether they are gone
        self._rows: dict[str, int] = {}
        self._texts: list[str] = []
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        return len(self._texts)

    def follow(self, parts: Sequence[Queries]) -> None:
        """Take note of what queries the parts have, in bounded work however many these are.

        The newest are taken in at once; of all others 128 are looked at, whether they are new, and 128 whether they are
        gone. What is gone is not found from now on.
        """
        self._parts = parts
        self._add(list(dict.fromkeys(chain(self._newest(parts), self._unknown(parts)))))
        self._forget()

    def near(self, query: str) -> dict[str, float]:
        """Return at most five other queries and the weight in (0, 0.8] that their memory has for this one."""
        if not self._texts or not query:
            return {}
        found: dict[str, float] = {}
        if len(query) <= _CHARACTERS:
            alike = ((text, share) for text, share in self._spelling.near(query) if self._is_there(text))
            found = {text: _SPELT_ALIKE * share**2 for text, share in islice(alike, _NEIGHBOURS)}
        for text, weight in self._meant_alike(query).items():
            found[text] = max(weight, found.get(text, 0.0))
        enough = {text: weight for text, weight in found.items() if weight >= _LEAST_WEIGHT}
        same = self._saying_the_same(query, [text for text in enough if not contradict(query, text)])
        best = sorted(((text, enough[text]) for text in same), key=lambda item: (-item[1], item[0]))
        return dict(best[:_NEIGHBOURS])

    def _saying_the_same(self, query: str, others: Sequence[str]) -> list[str]:
        """Return the queries of which next to nothing is left beside another, and those whose rest means the same."""
        rests = {other: rest(query, other) for other in others}
        unlike = [other for other in others if all(rests[other])]
        vectors = self._encoder.encode([text for other in unlike for text in rests[other]]) if unlike else np.zeros(0)
        meant = {
            other
            for other, (one, two) in zip(unlike, zip(vectors[::2], vectors[1::2], strict=True), strict=True)
            if float(one @ two) >= _LEAST_COSINE
        }
        return [other for other in others if other in meant or is_little(rests[other], query, other)]

    def _meant_alike(self, query: str) -> dict[str, float]:
        (vector,) = self._encoder.encode([query])
        if not vector.any():
            return {}
        rows = self._pointing_alike(vector)
        if not len(rows):
            return {}
        vectors = np.stack([self._blocks[row // _BLOCK].vectors[row % _BLOCK] for row in rows.tolist()])
        cosines = (vectors * vector).sum(axis=1)  # row by row: a product's last bits depend on the other rows
        shares = (cosines - _LEAST_COSINE) / (1 - _LEAST_COSINE)
        return {
            self._texts[row]: _MEANT_ALIKE * min(1.0, float(share)) ** 2
            for row, share in zip(rows.tolist(), shares, strict=True)
            if share > 0 and self._texts[row] != query and self._is_there(self._texts[row])
        }

    def _pointing_alike(self, vector: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return at most 64 rows whose vectors differ least from one by their signs; of equal ones the first."""
        signs, most = packed(vector[None]), _SHARE_OF_BITS * len(vector)
        found, differing = [], []
        for first in range(0, len(self._texts), _BLOCK):
            held = self._blocks[first // _BLOCK].signs[:, : len(self._texts) - first]
            bits = np.bitwise_count(held ^ signs).sum(axis=0, dtype=np.uint16)
            (rows,) = np.nonzero(bits <= most)
            found.append(first + rows)
            differing.append(bits[rows])
        rows = np.concatenate(found)
        if len(rows) > _RESCORED:
            rows = rows[np.argsort(np.concatenate(differing), kind="stable")[:_RESCORED]]
        return rows

    def _is_there(self, query: str) -> bool:
        return any(query in part for part in self._parts)

    def _newest(self, parts: Sequence[Queries]) -> Iterator[str]:
        """Yield queries that came into a part since it was last looked at: they stand at its end."""
        for part in parts:
            yield from takewhile(lambda query: query not in self._rows, islice(reversed(part), _PORTION))

    def _unknown(self, parts: Sequence[Queries]) -> list[str]:
        """Return those that are not held of the next queries, in the order of the parts; after the last, the first."""
        ahead = list(islice(self._ahead, _PORTION))
        if len(ahead) < _PORTION:
            self._ahead = chain.from_iterable(map(list, parts))  # each is listed when its turn comes
        return [query for query in ahead if query not in self._rows and self._is_there(query)]

    def _add(self, queries: list[str]) -> None:
        if not queries:
            return
        vectors = self._encoder.encode(queries)
        signs = packed(vectors)
        for number, query in enumerate(queries):
            row = self._rows[query] = len(self._texts)
            self._texts.append(query)
            if row // _BLOCK == len(self._blocks):
                self._blocks.append(_Block(self._encoder.dimensions))
            self._blocks[row // _BLOCK].put(row % _BLOCK, vectors[number], signs[:, number])
            if len(query) <= _CHARACTERS:
                self._spelling.add(query)

    def _forget(self) -> None:
        """Remove queries that are gone, of the next rows from the last to the first; after that, from the last."""
        self._behind = self._behind or len(self._texts)
        behind = self._texts[max(0, self._behind - _PORTION) : self._behind]
        for query in reversed(behind):  # what takes a free row was looked at
            if not self._is_there(query):
                self._remove(query)
        self._behind -= len(behind)

    def _remove(self, query: str) -> None:
        """Forget a query; the last one takes its row."""
        row, last = self._rows.pop(query), self._texts.pop()
        self._spelling.remove(query)
        if last != query:
            self._texts[row], self._rows[last] = last, row
            block, at = self._blocks[len(self._texts) // _BLOCK], len(self._texts) % _BLOCK
            self._blocks[row // _BLOCK].put(row % _BLOCK, block.vectors[at], block.signs[:, at])


class _Block:
    """Room for some rows: to have more, nothing is copied."""

    def __init__(self, dimensions: int) -> None:
        self.signs = np.zeros((-(-dimensions // _WORD), _BLOCK), dtype=np.uint64)
        self.vectors = np.zeros((_BLOCK, dimensions), dtype=np.float16)

    def put(self, row: int, vector: NDArray[np.floating], signs: NDArray[np.uint64]) -> None:
        """Fill a row."""
        self.vectors[row], self.signs[:, row] = vector, signs


def packed(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return the signs of vectors, 64 to a word; shape (words, vectors)."""
    signs = np.zeros((len(vectors), _WORD * -(-vectors.shape[1] // _WORD)), dtype=bool)
    signs[:, : vectors.shape[1]] = vectors > 0
    return np.ascontiguousarray(np.packbits(signs, axis=1).view(np.uint64).T)
