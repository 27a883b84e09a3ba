"""Expansion: the words of a text and their neighbours among static embeddings, as SPLADE has it but without a network.

A term is a whole word. Words that WordLlama's tokenizer knows whole are also what other words expand into: "loving"
and "amor" both weigh something for "love". Source of the form, log(1 + sum) over a sparse vocabulary with inverse
document frequencies from the index: Formal, Piwowarski and Clinchant 2021 (SPLADE).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ltrr.models.errors import InvalidSettings
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.encoders import SparseEncoder, SparseVector
from ltrr.retrievers.encoders.wordllama import CHARACTERS, WordLlama, read_wheel

_NEIGHBOURS: Final = 8
_LEAST_COSINE: Final = 0.55
_DIMENSIONS: Final = 128  # WordLlama is trained so that the first half of a vector can be used alone
_BREVITY: Final = 0.05  # enough to part entities that share the same words with a query
_SHORTEST: Final = 3
_BOUNDARY: Final = "▁"
_UNKNOWN: Final = 1 << 31
_AT_ONCE: Final = 512
_KEPT: Final = 100_000
_INDEX_BITS: Final = np.uint64(32)
_INDICES: Final = np.uint64(0xFFFFFFFF)

Terms = tuple[tuple[int, float], ...]


class Expansion(SparseEncoder):
    """A word counts 1, its nearest neighbours their cosine squared; the weight of a term is log(1 + its sum).

    All weights of a text are divided by a small power of their norm, so that of equal matches the shorter text wins.
    A word of the vocabulary has its row as index, any other a hash at or above 2**31. What words expand into is kept
    for the 100,000 last computed. Safe in several threads.
    """

    def __init__(self, tokenizer: Tokenizer, table: NDArray[np.float32]) -> None:
        self.name = "expansion"
        self.idf = True
        self._embed = WordLlama(tokenizer, table[:, :_DIMENSIONS])
        pieces = sorted((number, piece) for piece, number in tokenizer.get_vocab().items())
        words = [piece.removeprefix(_BOUNDARY) for _, piece in pieces if piece.startswith(_BOUNDARY)]
        self._words = [word for word in words if len(word) >= _SHORTEST and word.isalpha() and normalise(word) == word]
        self._rows = {word: row for row, word in enumerate(self._words)}
        self._vocabulary = self._embed.encode(self._words).T.copy()
        self._known: dict[str, Terms] = {}

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the terms of each text; texts are cut at 2,000 characters."""
        split = [tokenise(text[:CHARACTERS]) for text in texts]
        terms = self._terms({word for words in split for word in words})
        return _sums([[pair for word in words for pair in terms[word]] for words in split])

    def neighbours(self, word: str) -> dict[str, float]:
        """Return what a normalised word expands into, nearest first, with weights; for people."""
        own, *others = self._terms({word})[word]
        return {self._words[row]: weight for row, weight in others if row != own[0]}

    def _terms(self, words: set[str]) -> dict[str, Terms]:
        """Return each word's own term, then its neighbours."""
        terms = {word: known for word in words if (known := self._known.get(word)) is not None}
        missing = sorted(words - terms.keys())
        for start in range(0, len(missing), _AT_ONCE):
            terms.update(self._expanded(missing[start : start + _AT_ONCE]))
        if missing:
            kept = self._known if len(self._known) + len(missing) <= _KEPT else {}
            self._known = {**kept, **{word: terms[word] for word in missing}}
        return terms

    def _expanded(self, words: Sequence[str]) -> Iterable[tuple[str, Terms]]:
        cosines = self._embed.encode(words) @ self._vocabulary
        for word, row in zip(words, cosines, strict=True):
            own = self._rows.get(word, _UNKNOWN | crc32(word.encode()))
            near = np.flatnonzero(row >= _LEAST_COSINE)
            best = near[np.argsort(-row[near], kind="stable")]
            # rounded, so that a word weighs the same whatever batch its neighbours were computed in
            others = [(int(place), round(float(row[place]) ** 2, 3)) for place in best if place != own]
            yield word, ((own, 1.0), *others[:_NEIGHBOURS])


def _sums(texts: Sequence[Sequence[tuple[int, float]]]) -> list[SparseVector]:
    """Return the vectors of texts, given the terms of their words: of all texts at once, in half the time."""
    numbers = np.repeat(np.arange(len(texts), dtype=np.uint64), [len(terms) for terms in texts])
    terms = np.array([index for terms in texts for index, _ in terms], dtype=np.uint64)
    found, places = np.unique(numbers << _INDEX_BITS | terms, return_inverse=True)
    weights = np.log1p(np.bincount(places, [weight for terms in texts for _, weight in terms], len(found)))
    ends = np.searchsorted(found, np.arange(len(texts) + 1, dtype=np.uint64) << _INDEX_BITS)
    indices = (found & _INDICES).tolist()
    return [_scaled(indices[first:end], weights[first:end]) for first, end in pairwise(ends.tolist())]


def _scaled(indices: list[int], weights: NDArray[np.float64]) -> SparseVector:
    norm = float(np.linalg.norm(weights)) or 1.0
    return SparseVector(indices, (weights / norm**_BREVITY).tolist())


def load_sparse(model: str = "") -> Expansion:
    """Return the encoder over the installed wheel of WordLlama, of which a process has one."""
    if model:
        raise InvalidSettings(f"expansion has one model: say expansion, not expansion:{model}")
    return _shared()


@cache
def _shared() -> Expansion:
    return Expansion(*read_wheel())
