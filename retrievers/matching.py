"""How far the words of a query and of an entity match: what the ranker sees without a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query, Understanding
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import article_forms, first_beginning, joined, parts, tokenise, unmarked
from ltrr.models.wording import emphasis, inverted, shingles
from ltrr.retrievers.descriptions import CUTOFF, NEAR, PREFIX, Description, descriptions, inflections, kinship, nearness
from ltrr.retrievers.documents.documents import code, codes, id_words, possible_ids, said_words
from ltrr.retrievers.phrases.phrase import attributes, described, years
from ltrr.retrievers.strategies.base import Way, ways

Indices = NDArray[np.intp]
Marks = NDArray[np.bool_]

_TURNED: Final = 0.9
_BEGUN: Final = 0.5
_BETWEEN: Final = "\uffff"  # words: comes behind all letters, so that a name of fewer words comes first
_JOINED: Final = 0.9
_PART: Final = 0.9
_UNMARKED: Final = 0.5
_APART: Final = 0.8
_ALIKE: Final = 0.6
_SHORT: Final = 3

_tokens = lru_cache(65_536)(tokenise)
_joins = lru_cache(65_536)(lambda words: tuple(joined(words)))


def match_features(query: Query, cards: Mapping[str, Entity]) -> dict[str, dict[str, float]]:
    """Return the ranker's group `match` of candidates, each number in [0, 1]; nothing for a query without words.

    words: how much of the query is in the entity's name, aliases, attributes (of numbers years alone) and
    description, where a word weighs the more the fewer entities have it, and a twentieth of that where it says next
    to nothing ("for"); one that is inflected, spelt nearly alike, half typed, without its marks, or split or joined
    otherwise counts somewhat less; where the catalogue has no such word, also one that begins so ("roofing" for
    "roofer"), and of a description one that is spelt nearly alike; of a description the less the longer it is. Of what
    is the object id of one of them, others hold a tenth less.
    shingles: how many of the query's neighbouring words stand side by side there, for somewhat less the last one half
    typed in a name or value, and those of a name in another order.
    field: how much of the query is in the name or in one alias, as for `words`; a value counts where it is the query.
    name: how much of the name is in the query, likewise, or of an alias, whichever is most, squared, since one word of
    several names nothing, times `words`, since who asks for more does not mean what one common word names; value: the
    same of the values of attributes, times the entity's weight for them. whole: the query is the name, an alias, the
    object id, or an e-mail address of it; for somewhat less the words of a name in another order, for half a name whose
    last word is half typed, and where it nearly is one, without digits, the square of how alike they are. Each is the
    largest of the ways to say the query, where the typed one counts most.
    """
    texts = [_known.of(card, query.understanding.stemmer) for card in cards.values()]
    found = [_columns(way, texts, query.understanding) for way in ways(query)]
    if not found:
        return {}
    columns = {name: list(map(max, zip(*(one[name] for one in found), strict=True))) for name in found[0]}
    return {f"match.{name}": dict(zip(cards, column, strict=True)) for name, column in columns.items()}


def _columns(way: Way, texts: Sequence["_Texts"], understanding: Understanding) -> dict[str, list[float]]:
    """Return all features of each text, by their names, in one way to say the query."""
    matcher = _Matcher(way.tokens, code(way.text), texts, understanding)
    words = matcher.words()
    found = {"words": words, "shingles": matcher.shingles(), **matcher.parts(words)}
    return {name: [way.share * value for value in column] for name, column in found.items()}


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of an entity: of its name and each alias, of each value, and of its description.

    weights: of the values. parts: all but the description, the type, the id and years among them; none without words.
    described: the shingles of the description; shingles: those of names and values, in alphabetical order; turned:
    those of inverted names (see `inverted`). whole: the names and codes, without spaces; in_order: the words of each
    name in alphabetical order; begun: the names in alphabetical order, what goes on with a word behind what goes on
    with a letter; codes: the object id and what else it is asked for by in full.
    """

    names: list[tuple[str, ...]]
    values: list[tuple[str, ...]]
    weights: list[float]
    parts: list[tuple[str, ...]]
    description: Description
    described: frozenset[str]
    shingles: list[str]
    turned: frozenset[str]
    whole: frozenset[str]
    in_order: frozenset[tuple[str, ...]]
    begun: list[str]
    codes: frozenset[str]

    @classmethod
    def of(cls, card: Entity, stemmer: str) -> "_Texts":
        """Return the words of an entity."""
        weighed = [
            (words, card.attributes[attribute][value])
            for attribute, value in attributes(card)
            for text in article_forms(value)
            if (words := said_words(text))
        ]
        named = chain.from_iterable(map(article_forms, (card.name, *card.aliases)))
        names = [words for words in map(_tokens, named) if words]
        values, weights = [words for words, _ in weighed], [weight for _, weight in weighed]
        others = (_tokens(card.type), id_words(card.object_id), *((year,) for year in years(card)))
        parts = [words for words in (*names, *values, *others) if words]
        own = frozenset(codes(card))
        whole = own.union(map(code, (card.name, *card.aliases)))
        told, sides = descriptions(described(card), stemmer)
        neighbours = sorted({one for words in (*names, *values) for one in shingles(words, stemmer)})
        backwards = chain.from_iterable(map(inverted, (card.name, *card.aliases)))
        turned = frozenset(one for words in backwards for one in shingles(words, stemmer))
        in_order = frozenset(tuple(sorted(words)) for words in names)
        begun = sorted(map(_BETWEEN.join, names))
        return cls(names, values, weights, parts, told, sides, neighbours, turned, whole, in_order, begun, own)

    def begins(self, asked: str) -> bool:
        """Tell whether a name is these words, with _BETWEEN between them, but for letters of the last."""
        found = first_beginning(self.begun, asked)
        return found not in {"", asked} and _BETWEEN not in found[len(asked) :]

    def has_pair(self, pair: str, *, last: bool) -> float:
        """Return how well it has two neighbours side by side: "Rope, silk" is nearly a silk rope.

        last: of the query, which may be half typed where it is of a name or value.
        """
        near = first_beginning(self.shingles, pair)
        if near == pair or pair in self.described:
            return 1.0
        return max(PREFIX if last and near else 0.0, _TURNED if pair in self.turned else 0.0)


class _Known:
    """The words of entities that were found before, as long as nothing of them has changed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: dict[tuple[str, str, str], tuple[Entity, _Texts]] = {}

    def of(self, card: Entity, stemmer: str) -> _Texts:
        """Return the words of an entity."""
        place = card.application, card.object_id, stemmer
        known = self._texts.get(place)
        if known is None or (known[0] is not card and known[0] != card):
            if len(self._texts) >= self._most:
                self._texts.clear()
            known = self._texts[place] = card, _Texts.of(card, stemmer)
        return known[1]


_known = _Known(8_192)


class _Matcher:
    """Compares the words of one query with those of many entities, every two words once.

    Rows are the tokens and behind them neighbours joined, columns the words of all texts and likewise neighbours
    joined: "ac dc" fits "acdc" and the other way. Neighbours with digits ("305 xl") that any of the entities has side
    by side, or as one word, count less where they are apart. whole: the query without spaces.
    """

    def __init__(
        self, tokens: tuple[str, ...], whole: str, texts: Sequence[_Texts], understanding: Understanding
    ) -> None:
        self._texts = texts
        self._tokens = tokens
        self._whole = whole
        in_order = tuple(sorted(tokens))
        self._turned = [_TURNED if in_order in one.in_order else 0.0 for one in texts]
        self._stemmer = understanding.stemmer
        self._weights = _weights(tokens, understanding)
        self._unknown = {token for token in tokens if token not in understanding.frequencies and not _is_literal(token)}
        self._parts = parts = list(dict.fromkeys(chain.from_iterable(one.parts for one in texts)))
        words = dict.fromkeys(chain.from_iterable(parts))
        every = words | dict.fromkeys(chain.from_iterable(map(_spellings, parts)))
        self._at = dict(zip(every, range(len(every)), strict=True))
        count = len(tokens)
        fits = _fits([*tokens, *_spellings(tokens)], count, self._at, len(words), self._stemmer)
        for token, fit in zip(tokens, fits[:count, : len(words)], strict=True):
            if token in self._unknown:
                np.maximum(fit, [kinship(token, word, self._stemmer) for word in words], out=fit)
        windows = list(zip(_joins(tokens), fits[count:], strict=True))
        for (first, end, _), fit in windows:
            fit[[self._at[token] for token in tokens[first:end] if token in self._at]] = 0.0  # "ateapot" is no "teapot"
        self._best = fits.max(axis=0, initial=0.0)
        self._columns, self._starts = self._flat(parts)
        self._of_words, self._of_joins = self._of_neighbours(fits[:count], windows)
        self._of_parts = self._in_parts()
        self._owned, self._meant = self._ids()
        for row, token in enumerate(tokens):
            if token not in understanding.frequencies and self._owned[row].any():
                self._weights[row] = 1.0  # no text has it but one

    def _of_neighbours(self, fits: Array, windows: Sequence[tuple[tuple[int, int, str], Array]]) -> tuple[Array, Array]:
        """Return how well each token, or neighbours with it as one word, fit each word, and each joined spelling."""
        of_words, of_joins = fits.copy(), _JOINED * fits
        codes = [one for one in windows if one[0][2] in self._at and _has_digit(one[0][2])]
        for (first, end, _), _ in codes:
            for apart in (of_words, of_joins):
                apart[first:end] *= _APART
        for (first, end, _), fit in windows:
            np.maximum(of_words[first:end], _JOINED * fit, out=of_words[first:end])
        for (first, end, _), fit in codes:
            for apart in (of_words, of_joins):
                np.maximum(apart[first:end], fit, out=apart[first:end])
        return of_words, of_joins

    def words(self) -> list[float]:
        """Return how much of the query fits each text."""
        if not self._texts:
            return []
        none = len(self._parts)
        at = dict(zip(self._parts, range(none), strict=True)).__getitem__
        chosen = [(none, *map(at, one.parts)) for one in self._texts]
        starts = np.cumsum([0, *map(len, chosen[:-1])])
        grades = np.maximum.reduceat(self._of_parts[:, list(chain.from_iterable(chosen))], starts, axis=1)
        *others, last = self._tokens
        rows = np.array([*map(self._in_descriptions, others), self._in_descriptions(last, last=True)])
        for first, end, spelling in _joins(self._tokens):
            np.maximum(rows[first:end], _JOINED * np.array(self._in_descriptions(spelling)), out=rows[first:end])
        grades = np.maximum(grades, rows)
        grades = np.where(self._meant & ~self._owned, _JOINED * grades, np.maximum(grades, self._owned))
        return [max(fit, self._as_a_whole(one)) for one, fit in zip(self._texts, self._asked(grades), strict=True)]

    def _ids(self) -> tuple[Marks, Marks]:
        """Return which tokens are an id of each text, and which mean the text whose id they are.

        Those do that have digits, or are the whole query. A part of an id is none. Shapes (tokens, texts), (tokens, 1).
        """
        owned = np.zeros((len(self._tokens), len(self._texts)), dtype=bool)
        meant = np.zeros((len(self._tokens), 1), dtype=bool)
        holders: dict[str, list[int]] = {}
        for column, text in enumerate(self._texts):
            for one in text.codes:
                holders.setdefault(one, []).append(column)
        longest_first = sorted(possible_ids(self._tokens), key=lambda found: found[0] - found[1])
        for first, end, one in longest_first:
            if one not in holders or owned[first:end].any():
                continue
            owned[first:end, holders[one]] = True
            if _has_digit(one) or end - first == len(self._tokens):
                meant[first:end] = True
        return owned, meant

    def _as_a_whole(self, text: _Texts) -> float:
        """Return how much of the query a text is asked for by without its spaces."""
        return 1.0 if self._whole in text.codes else _JOINED if self._whole in text.whole else 0.0

    def _asked(self, grades: Array) -> list[float]:
        """Return how much of the query there is where its words fit so well; grades: shape (tokens, columns)."""
        fitting: list[float] = (self._weights @ grades / self._weights.sum()).tolist()
        return fitting

    def _in_parts(self) -> Array:
        """Return how well each part has each of the tokens, and one without words; shape (tokens, parts + 1)."""
        none = len(self._parts)
        of_parts = np.zeros((len(self._tokens), none + 1))
        if self._parts:
            of_parts[:, :none] = np.maximum.reduceat(self._of_words[:, self._columns], self._starts, axis=1)
        several = [column for column, part in enumerate(self._parts) if _spellings(part)]
        if several:
            columns, starts = self._flat([_spellings(self._parts[column]) for column in several])
            of_joins = np.maximum.reduceat(self._of_joins[:, columns], starts, axis=1)
            of_parts[:, several] = np.maximum(of_parts[:, several], of_joins)
        return of_parts

    def _in_descriptions(self, token: str, *, last: bool = False) -> list[float]:
        """Return how well each description has a token; one that the catalogue has not may be misspelt."""
        near = token in self._unknown
        return [one.description.has(token, self._stemmer, last=last, near=near) for one in self._texts]

    def shingles(self) -> list[float]:
        """Return how many of the query's neighbouring words stand side by side in each text."""
        asked = tuple(shingles(self._tokens, self._stemmer))
        if not asked:
            return [0.0] * len(self._texts)
        *_, last = asked
        shares = [sum(one.has_pair(pair, last=pair == last) for pair in asked) / len(asked) for one in self._texts]
        return list(map(max, shares, (float(self._whole in one.codes) for one in self._texts), self._turned))

    def parts(self, words: Sequence[float]) -> dict[str, list[float]]:
        """Return how query and names, and query and values, cover each other, and whether it is a name, of each text.

        words: how much of the query is in each text.
        """
        covered = dict(zip(self._parts, self._covered(), strict=True)).__getitem__
        held = dict(zip(self._parts, self._asked(self._of_parts[:, :-1]), strict=True)).__getitem__
        fields, names, values = [], [], []
        by_ids = [bool(column.any()) for column in self._owned.T]
        for one, asked, by_id in zip(self._texts, words, by_ids, strict=True):
            names.append(asked * max(float(by_id), max(map(covered, one.names), default=0.0) ** 2))
            shares = (covered(value) ** 2 for value in one.values)
            values.append(asked * max(map(mul, one.weights, shares), default=0.0))
            asked_for = (weight for weight, value in zip(one.weights, one.values, strict=True) if value == self._tokens)
            fields.append(max((self._as_a_whole(one), *map(held, one.names), *asked_for)))
        return {"field": fields, "name": names, "value": values, "whole": self._likenesses()}

    def _likenesses(self) -> list[float]:
        """Return how much the query is a name, or the id, as a whole; see `match_features`."""
        names = list(dict.fromkeys(chain.from_iterable(one.whole for one in self._texts)))
        alike = process.cdist([self._whole], names, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)[0]
        near = dict(zip(names, (NEAR * np.square(alike, dtype=float)).tolist(), strict=True))
        is_literal = _is_literal(self._whole)
        fits = {name: 0.0 if is_literal or _is_literal(name) else fit for name, fit in near.items()}
        fits[self._whole] = 1.0
        asked = _BETWEEN.join(self._tokens)
        begun = [_BEGUN if one.begins(asked) else 0.0 for one in self._texts]
        rows = zip(self._turned, begun, self._texts, strict=True)
        return [max(turned, half, *map(fits.__getitem__, one.whole)) for turned, half, one in rows]

    def _flat(self, choices: Sequence[Sequence[str]]) -> tuple[Indices, Indices]:
        """Return the columns of all spellings of some choices, none of them empty, and where each choice begins."""
        columns = list(map(self._at.__getitem__, chain.from_iterable(choices)))
        starts = np.cumsum([0, *map(len, choices[:-1])])
        return np.array(columns, dtype=np.intp), np.asarray(starts)

    def _covered(self) -> list[float]:
        """Return how much of each name or value, by letters, is in the query."""
        if not self._parts:
            return []
        best: list[float] = self._best[self._columns].tolist()
        of_joins: list[float] = (_JOINED * self._best).tolist()
        for start, joins in zip(self._starts.tolist(), map(_joins, self._parts), strict=True):
            for first, end, spelling in joins:
                fit = of_joins[self._at[spelling]]
                for place in range(start + first, start + end) if fit else ():
                    best[place] = max(best[place], fit)
        letters = np.array(list(map(len, chain.from_iterable(self._parts))), dtype=np.float64)
        sums = np.add.reduceat(np.array(best) * letters, self._starts) / np.add.reduceat(letters, self._starts)
        found: list[float] = sums.tolist()
        return found


def _weights(tokens: Sequence[str], understanding: Understanding) -> Array:
    """Return how much each word says of what is meant: its inverse document frequency; shape (tokens,)."""
    said = [emphasis(token, understanding.stemmer) for token in tokens]
    return np.array(understanding.rarities(tokens)) * said


def _fits(asked: Sequence[str], tokens: int, at: Mapping[str, int], words: int, stemmer: str) -> Array:
    """Return how well each spelling fits what is asked, in [0, 1]; shape (asked, spellings).

    1 where they are the same, PREFIX where it begins with the last of the tokens, _PART where what is asked is a part
    of it, half where they are the same without their marks, less where it is spelt nearly alike; what has digits is
    compared as it is. What is joined has no parts, and its beginnings are those that are no word themselves. at: the
    column of each spelling, those of words before those of what is joined.
    """
    spellings = list(at)
    first, others_first = (np.array([one[:1] for one in texts], dtype="U1") for texts in (asked, spellings))
    alike = process.cdist(asked, spellings, scorer=OSA.normalized_similarity, score_cutoff=CUTOFF).astype(float)
    fits = nearness(alike, (first[:, None] == others_first).astype(float))
    literal = np.fromiter(map(_is_literal, spellings), dtype=bool, count=len(spellings))
    others = _others(spellings[:words], stemmer)
    for row, text in enumerate(asked):
        fits[row, literal | _is_literal(text)] = 0.0
        if row == tokens - 1:
            among = spellings[:words] if at.get(text, words) < words else spellings
            begins = np.fromiter(map(str.startswith, among, repeat(text)), dtype=bool, count=len(among))
            np.maximum(fits[row, : len(among)], PREFIX, out=fits[row, : len(among)], where=begins)
        for form, most in inflections(text, stemmer):
            for column, fit in others.get(form, ()):
                fits[row, column] = max(fits[row, column], min(fit, most))
            if form in at:
                fits[row, at[form]] = max(fits[row, at[form]], most)
        for form in unmarked(text):
            if form in at:
                fits[row, at[form]] = max(fits[row, at[form]], _UNMARKED * len(form) / len(text))
    return np.asarray(fits, dtype=np.float64)


def _others(words: Sequence[str], stemmer: str) -> Mapping[str, Sequence[tuple[int, float]]]:
    """Return the columns of which a word is a part, or what is left without the marks, and how well that fits."""
    found: dict[str, list[tuple[int, float]]] = {}
    for column, word in enumerate(words):
        for form, fit in _forms(word, stemmer):
            found.setdefault(form, []).append((column, fit))
    return found


@lru_cache(65_536)
def _forms(spelling: str, stemmer: str) -> tuple[tuple[str, float], ...]:
    """Return the other forms of a word, and how well it fits each."""
    parted = [(part, _PART) for part in parts(spelling)]
    other = ((form, fit) for form, fit in inflections(spelling, stemmer) if form != spelling)
    return *parted, *((form, _UNMARKED) for form in unmarked(spelling)), *other


@lru_cache(65_536)
def _is_literal(spelling: str) -> bool:
    """Return whether what is spelt nearly so is another word: it is short, or has digits."""
    return len(spelling) <= _SHORT or _has_digit(spelling)


@lru_cache(65_536)
def _has_digit(spelling: str) -> bool:
    return any(map(str.isdigit, spelling))


@lru_cache(65_536)
def _spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(spelling for _, _, spelling in _joins(words))
