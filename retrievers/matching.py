"""How far the words of a query and of an entity match: what the ranker sees without a call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import joined, parts, tokenise, unmarked
from ltrr.retrievers.documents.documents import code, id_words
from ltrr.retrievers.strategies.base import cut

_PREFIX: Final = 0.9
_JOINED: Final = 0.9
_PART: Final = 0.9
_UNMARKED: Final = 0.5
_APART: Final = 0.8
_NEAR: Final = 0.8
_CUTOFF: Final = 0.75
_SHORT: Final = 3

_tokens = lru_cache(65_536)(tokenise)
_described = lru_cache(4_096)(lambda text: frozenset(tokenise(text)))
_joins = lru_cache(65_536)(lambda words: tuple(joined(words)))


def match_features(query: Query, cards: Mapping[str, Entity]) -> dict[str, dict[str, float]]:
    """Return the ranker's group `match` of candidates, each number in [0, 1]; nothing for a query without words.

    words: how much of the query, by letters, is in the entity's name, aliases, attributes and description; a word that
    is spelt nearly alike, half typed, without its marks, or split or joined otherwise counts somewhat less. name: how
    much of the name is in the query, likewise, or of an alias, whichever is most; value: the same of the values of
    attributes, times the entity's weight for them. whole: the query is the name, an alias or the object id.
    """
    tokens = cut(query)
    if not tokens:
        return {}
    texts = {object_id: _Texts.of(card) for object_id, card in cards.items()}
    matcher = _Matcher(tokens, code(query.normalised), texts.values())
    rows = {object_id: matcher.match(one) for object_id, one in texts.items()}
    return {
        f"match.{name}": {object_id: row[at] for object_id, row in rows.items()}
        for at, name in enumerate(("words", "name", "value", "whole"))
    }


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of an entity: of its name and each alias, of each value, of its type, description and id.

    weights: of the values. whole: the names and the object id, without spaces; code: the latter.
    """

    names: list[tuple[str, ...]]
    values: list[tuple[str, ...]]
    weights: list[float]
    type: tuple[str, ...]
    description: frozenset[str]
    whole: frozenset[str]
    code: str
    id: tuple[str, ...]

    @classmethod
    def of(cls, card: Entity) -> "_Texts":
        """Return the words of an entity."""
        weighed = [
            (words, weight) for of in card.attributes.values() for v, weight in of.items() if (words := _tokens(v))
        ]
        names = [words for words in map(_tokens, (card.name, *card.aliases)) if words]
        values, weights = [words for words, _ in weighed], [weight for _, weight in weighed]
        asked = id_words(card.object_id)
        own, whole = code(card.object_id), frozenset(map(code, (card.object_id, card.name, *card.aliases)))
        return cls(names, values, weights, _tokens(card.type), _described(card.description), whole, own, asked)

    @property
    def parts(self) -> list[tuple[str, ...]]:
        """Return all but the description."""
        return [*self.names, *self.values, self.type, self.id]


class _Matcher:
    """Compares the words of one query with those of many entities, every two words once.

    Rows are the tokens and behind them neighbours joined, columns the words of all texts and likewise neighbours
    joined: "ac dc" fits "acdc" and the other way. Neighbours with digits ("305 xl") that any of the entities has side
    by side, or as one word, count less where they are apart. whole: the query without spaces.
    """

    def __init__(self, tokens: tuple[str, ...], whole: str, texts: Collection[_Texts]) -> None:
        self._tokens = tokens
        self._whole = whole
        self._letters = np.array([len(token) for token in tokens], dtype=np.float64)
        parts = [part for one in texts for part in one.parts]
        self._at: dict[str, int] = {}
        for word in (word for part in parts for word in part):
            self._at.setdefault(word, len(self._at))
        words = len(self._at)
        for spelling in (spelling for part in parts for spelling in _spellings(part)):
            self._at.setdefault(spelling, len(self._at))
        fits = _fits([*tokens, *_spellings(tokens)], len(tokens), self._at, words)
        self._best: list[float] = fits.max(axis=0, initial=0.0).tolist()
        count = len(tokens)
        windows = list(zip(_joins(tokens), fits[count:], strict=True))
        codes = [one for one in windows if one[0][2] in self._at and _has_digit(one[0][2])]
        self._of_words, self._of_joins = fits[:count].copy(), _JOINED * fits[:count]
        for (first, end, _), _ in codes:
            self._of_words[first:end] *= _APART
            self._of_joins[first:end] *= _APART
        for (first, end, _), fit in windows:
            np.maximum(self._of_words[first:end], _JOINED * fit, out=self._of_words[first:end])
        for (first, end, _), fit in codes:
            np.maximum(self._of_words[first:end], fit, out=self._of_words[first:end])
            np.maximum(self._of_joins[first:end], fit, out=self._of_joins[first:end])

    def match(self, texts: _Texts) -> tuple[float, float, float, float]:
        """Return how much of the query, of a name and of a value fits the other, and whether the query is a name."""
        words = [self._at[word] for part in texts.parts for word in part]
        pairs = [self._at[spelling] for part in texts.parts for spelling in _spellings(part)]
        of_words = self._of_words[:, words].max(axis=1, initial=0.0)
        grades = np.maximum(of_words, self._of_joins[:, pairs].max(axis=1, initial=0.0))
        grades[[token in texts.description for token in self._tokens]] = 1.0
        return (
            1.0 if self._whole == texts.code else float(grades @ self._letters / self._letters.sum()),
            max(map(self._covered, texts.names), default=0.0),
            max((w * self._covered(value) for value, w in zip(texts.values, texts.weights, strict=True)), default=0.0),
            float(self._whole in texts.whole),
        )

    def _covered(self, part: tuple[str, ...]) -> float:
        """Return how much of a name or value, by letters, is in the query."""
        best = [self._best[self._at[word]] for word in part]
        for first, end, spelling in _joins(part):
            fit = _JOINED * self._best[self._at[spelling]]
            best[first:end] = [max(one, fit) for one in best[first:end]]
        letters = [len(word) for word in part]
        return sum(fit * size for fit, size in zip(best, letters, strict=True)) / sum(letters)


def _fits(asked: Sequence[str], tokens: int, at: Mapping[str, int], words: int) -> Array:
    """Return how well each spelling fits what is asked, in [0, 1]; shape (asked, spellings).

    1 where they are the same, _PREFIX where it begins with the last of the tokens, _PART where what is asked is a part
    of it, half where they are the same without their marks, less where it is spelt nearly alike; what has digits is
    compared as it is. What is joined has no parts, and its beginnings are those that are no word themselves. at: the
    column of each spelling, those of words before those of what is joined.
    """
    spellings = list(at)
    fits = _NEAR * process.cdist(asked, spellings, scorer=OSA.normalized_similarity, score_cutoff=_CUTOFF).astype(float)
    literal = np.array([_is_literal(spelling) for spelling in spellings], dtype=bool)
    others = _others(spellings[:words])
    for row, text in enumerate(asked):
        fits[row, literal | _is_literal(text)] = 0.0
        if row == tokens - 1:
            among = spellings[:words] if at.get(text, words) < words else spellings
            begins = [column for column, spelling in enumerate(among) if spelling.startswith(text)]
            fits[row, begins] = np.maximum(fits[row, begins], _PREFIX)
        for column, fit in others.get(text, ()):
            fits[row, column] = max(fits[row, column], fit)
        for form in unmarked(text):
            if form in at:
                fits[row, at[form]] = max(fits[row, at[form]], _UNMARKED * len(form) / len(text))
        if text in at:
            fits[row, at[text]] = 1.0
    return np.asarray(fits, dtype=np.float64)


def _others(words: Sequence[str]) -> Mapping[str, Sequence[tuple[int, float]]]:
    """Return the columns of which a word is a part, or what is left without the marks, and how well that fits."""
    found: dict[str, list[tuple[int, float]]] = {}
    for column, word in enumerate(words):
        for form, fit in _forms(word):
            found.setdefault(form, []).append((column, fit))
    return found


@lru_cache(65_536)
def _forms(spelling: str) -> tuple[tuple[str, float], ...]:
    """Return the other forms of a word, and how well it fits each."""
    return *((part, _PART) for part in parts(spelling)), *((form, _UNMARKED) for form in unmarked(spelling))


def _is_literal(spelling: str) -> bool:
    """Return whether what is spelt nearly so is another word: it is short, or has digits."""
    return len(spelling) <= _SHORT or _has_digit(spelling)


@lru_cache(65_536)
def _has_digit(spelling: str) -> bool:
    return any(map(str.isdigit, spelling))


@lru_cache(65_536)
def _spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(spelling for _, _, spelling in _joins(words))
