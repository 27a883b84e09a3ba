"""Compares the words of one query with those of many entities."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.records.query import Understanding
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import has_digit, stem
from ltrr.models.wording import emphasis, neighbours, parted, shingles, weighty
from ltrr.retrievers.documents.documents import may_go_on
from ltrr.retrievers.matching.amounts import count_numbers
from ltrr.retrievers.matching.descriptions import NEAR, PREFIX, inflections
from ltrr.retrievers.matching.groups import AskedGroups
from ltrr.retrievers.matching.ids import asked_for, ids_of, weigh_ids
from ltrr.retrievers.matching.initials import bare_initial, initials, stood_for
from ltrr.retrievers.matching.labels import labels_of
from ltrr.retrievers.matching.naming import behind_names, named_by
from ltrr.retrievers.matching.spellings import UNPADDED, fits_of, is_literal, joins, spellings
from ltrr.retrievers.matching.texts import BETWEEN, TURNED, Texts
from ltrr.retrievers.phrases.kinship import kinship
from ltrr.retrievers.phrases.measures import measure

Indices = NDArray[np.intp]

_BEGUN: Final = 0.5
_JOINED: Final = 0.9
_BESIDE: Final = 0.8
_ALL: Final = 0.7
_SEVERAL: Final = 3
_PAIR: Final = 2
_LABEL: Final = 0.05
_APART: Final = 0.8
_MEASURED_APART: Final = 0.4
_ALIKE: Final = 0.6
_PREFIXED: Final = 0.95
_NEARLY: Final = 0.95
_KIND: Final = 0.85
_INITIAL: Final = 0.9
_ALIAS: Final = 0.9
_NOWHERE: Final = (0.0, 0.0)


class Matcher:
    """Compares the words of one query with those of many entities, every two words once.

    Rows are the tokens and behind them neighbours joined, columns the words of all texts and likewise neighbours
    joined: "ac dc" fits "acdc" and the other way. Neighbours with digits ("305 xl") that any of the entities has side
    by side, or as one word, count less where they are apart, and least a number and its unit: "24 GB" with an "8-pin"
    plug is no "8 GB". wholes: the query as `spelt` has it. written: what stands in
    it with marks, as it was typed, in small letters.
    """

    def __init__(
        self,
        tokens: tuple[str, ...],
        wholes: Sequence[str],
        texts: Sequence[Texts],
        understanding: Understanding,
        written: frozenset[str] = frozenset(),
    ) -> None:
        self._texts = texts
        self._written = written
        self._tokens = tokens
        self._as_meant = understanding.as_meant(tokens)
        self._whole, self._codes, self._called = asked_for(wholes, texts)
        is_known = any(self._whole in codes for codes in self._codes)
        self._may_go_on = not is_known and may_go_on(self._whole, understanding.frequencies)
        self._wholes = list(map(self._as_a_whole, self._codes, self._called))
        self._stemmer = understanding.stemmer
        self._groups = frozenset(understanding.groups)
        said = [emphasis(token, self._stemmer) for token in tokens]
        self._telling = [row for row, says in enumerate(said) if says == 1.0]
        self._weights = np.array(understanding.rarities(tokens)) * said
        self._labels = list(labels_of(tokens, self._telling, texts, self._stemmer))
        for label in self._labels:
            self._weights[label.rows] = np.maximum(self._weights[label.rows], self._weights[label.row])
            self._weights[label.row] *= _LABEL
        self._asked_groups = AskedGroups(tokens, understanding, self._telling, [one.row for one in self._labels])
        self._unknown = {token for token in tokens if token not in understanding.frequencies and not is_literal(token)}
        self._parts = parts = list(dict.fromkeys(chain.from_iterable(one.parts for one in texts)))
        self._measured = frozenset[str]().union(*(one.measured for one in texts))
        self._place = dict(zip(parts, range(len(parts)), strict=True))
        words, self._spelt = dict.fromkeys(chain.from_iterable(parts)), list(map(spellings, parts))
        every = words | dict.fromkeys(chain.from_iterable(self._spelt))
        self._at = dict(zip(every, range(len(every)), strict=True))
        count = len(tokens)
        slots = [*chain.from_iterable(one.slots for one in understanding.interpretations)]
        self._asked_for = frozenset(tokens)
        self._valued = defaultdict[str, set[frozenset[str]]](set)
        for slot in slots:
            if slot.weight >= _NEARLY and slot.category != "name":
                self._valued[slot.category].add(frozenset(slot.value.split()))
        meant = words.keys() & {slot.value for slot in slots if slot.category != "name"}
        fits = fits_of([*tokens, *spellings(tokens)], count, self._at, len(words), understanding)
        for token, fit in zip(tokens, fits[:count, : len(words)], strict=True):
            kin = words if token in self._unknown else meant
            columns = [self._at[word] for word in kin]
            fit[columns] = np.maximum(fit[columns], [kinship(token, word, self._stemmer) for word in kin])
        windows = list(zip(joins(tokens), fits[count:], strict=True))
        for (first, end, _), fit in windows:
            fit[[self._at[token] for token in tokens[first:end] if token in self._at]] = 0.0  # "ateapot" is no "teapot"
        self._best = fits.max(axis=0, initial=0.0)
        self._columns, self._starts = self._flat(parts)
        self._of_words, self._of_joins = self._of_neighbours(fits[:count], windows)
        self._of_parts = self._in_parts()
        self._places = self._within()
        self._longer = self._of_the_longest()
        self._named_by = named_by(self._places, self._longer, frozenset(self._telling))
        self._turned = self._named()
        self._cover = dict(zip(parts, self._covered(), strict=True))
        self._together = list(map(self._in_values, texts))
        self._owned, self._meant = ids_of(tokens, written, self._whole, texts)
        weigh_ids(self._weights, self._owned, [token not in understanding.frequencies for token in tokens])

    def _of_neighbours(self, fits: Array, windows: Sequence[tuple[tuple[int, int, str], Array]]) -> tuple[Array, Array]:
        """Return how well each token, or neighbours with it as one word, fit each word, and each joined spelling."""
        of_words, of_joins = fits.copy(), _JOINED * fits
        codes = [one for one in windows if self._is_known(one[0][2], one[1]) and self._is_code(*one[0])]
        for (first, end, one), _ in codes:
            for apart in (of_words, of_joins):
                apart[first:end] *= _MEASURED_APART if self._is_measured(one) else _APART
        for (first, end, _), fit in windows:
            np.maximum(of_words[first:end], _JOINED * fit, out=of_words[first:end])
        for (first, end, _), fit in codes:
            for apart in (of_words, of_joins):
                np.maximum(apart[first:end], fit, out=apart[first:end])
        return of_words, of_joins

    def _is_known(self, spelling: str, fit: Array) -> bool:
        """Tell whether a text has neighbours as one word, or a number that is said so."""
        return bool((fit >= UNPADDED).any()) or self._is_measured(spelling)

    def _is_measured(self, spelling: str) -> bool:
        """Tell whether a text has what is a number and its unit as one word."""
        return measure(spelling) in self._measured

    def _is_code(self, first: int, end: int, joined: str) -> bool:
        """Tell whether neighbours are a code as one word; a make beside a model's is none."""
        return has_digit(joined) and self._groups.isdisjoint(self._tokens[first:end])

    def words(self) -> list[float]:
        """Return how much of the query fits each text."""
        if not self._texts:
            return []
        none = len(self._parts)
        chosen = [(none, *map(self._place.__getitem__, self._unrefuted(one))) for one in self._texts]
        starts = np.cumsum([0, *map(len, chosen[:-1])])
        grades = np.maximum.reduceat(self._of_parts[:, list(chain.from_iterable(chosen))], starts, axis=1)
        count_numbers(self._tokens, self._texts, grades)
        self._stand_for(grades)
        told = grades
        grades = np.maximum(told, self._in_descriptions(told))
        for label in self._labels:
            grades[label.rows] *= 0.0 if label.counted else _APART
            for row in (label.row, *label.rows):
                grades[row, label.having] = 1.0
        grades = np.where(self._meant & ~self._owned, _JOINED * grades, np.maximum(grades, self._owned))
        asked = map(mul, self._asked(grades), self._asked_groups.shares(grades, told, self._of_types(), self._named_by))
        return self._plainest(behind_names(list(map(max, asked, self._wholes)), told, self._named_by))

    def _of_types(self) -> Array:
        """Return how well names and the type of each text have each word that says a type; shape (words, texts)."""
        found = np.zeros((len(self._asked_groups.types), len(self._texts)))
        for column, one in enumerate(self._texts) if len(found) else ():
            places = [self._place[part] for part in (*one.names, one.type) if part]
            found[:, column] = self._of_parts[np.ix_(self._asked_groups.types, places)].max(axis=1, initial=0.0)
        return found

    def _unrefuted(self, text: Texts) -> Sequence[tuple[str, ...]]:
        """Return the parts of a text without values of several words in place of which the query asks for another one.

        Who asks for what is "rated R" does not mean what is "Not Rated". A value with the words of that one says more
        of the same, "Romantic Comedy", and one of several contradicts nothing.
        """
        others = {
            value
            for attribute, value in zip(text.attributes, text.values, strict=True)
            if attribute in self._valued
            and attribute in text.single
            and len(value) > 1
            and not self._asked_for.issuperset(value)
            and not any(one.issubset(value) for one in self._valued[attribute])
        }.difference(text.names)
        return [part for part in text.parts if part not in others] if others else text.parts

    def _stand_for(self, grades: Array) -> None:
        """Let initials fit words that begin so beside the word that they are asked for with; see `stood_for`."""
        pointed = initials(self._tokens, self._written)
        rows = pointed or bare_initial(self._tokens)
        count = len(self._tokens)
        for column, text in enumerate(self._texts) if rows else ():
            parts = (*text.names, *text.values) if pointed else [name for name in text.names if len(name) == count]
            found = stood_for(self._tokens, rows, parts, lambda row, word: self._of_words[row, self._at[word]] >= _KIND)
            for row in found:
                grades[row, column] = max(grades[row, column], _INITIAL)

    def _plainest(self, words: list[float]) -> list[float]:
        """Return how much of the query each text has: less where another's name is a part of its own and has as much.

        "-moz-columns" stands behind "columns", and a set behind what it is a set of, unless it was asked for. A number
        may ask for what goes on: "shrek 3".
        """
        held: dict[tuple[str, ...], float] = {}
        for one, share in zip(self._texts, words, strict=True):
            held[one.name] = max(share, held.get(one.name, 0.0))
        asked = set(self._tokens)
        numbers = set(filter(has_digit, asked))
        plain = {name for name in held if numbers.issubset(name)}
        found = []
        for one, share in zip(self._texts, words, strict=True):
            plainer = (name for name in one.plainer & plain if held[name] >= _NEARLY * share)
            unasked = any(asked.isdisjoint(set(one.name).difference(name)) for name in plainer)
            found.append(share * _PREFIXED if unasked else share)
        return found

    def _as_a_whole(self, codes: frozenset[str], called: frozenset[str]) -> float:
        """Return how much of the query a text is asked for by without its spaces, or half typed where it is an id."""
        if self._whole in codes:
            return 1.0
        if self._whole in called:
            return _JOINED
        return PREFIX if self._may_go_on and any(one.startswith(self._whole) for one in codes) else 0.0

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
        several = [column for column, spelt in enumerate(self._spelt) if spelt]
        if several:
            columns, starts = self._flat([self._spelt[column] for column in several])
            of_joins = np.maximum.reduceat(self._of_joins[:, columns], starts, axis=1)
            of_parts[:, several] = np.maximum(of_parts[:, several], of_joins)
        return of_parts

    def _in_descriptions(self, grades: Array) -> Array:
        """Return how well each description has each token; shape (tokens, texts).

        A word says little where it stands once in a long text, unless beside the one that it is asked for with, or all
        of at least three that say something are there, as two may be by chance. grades: what names and values have.
        """
        *others, last = self._tokens
        fits, shares = np.array([*map(self._described, others), self._described(last, last=True)]).transpose(2, 0, 1)
        for *places, pair in neighbours(self._as_meant, self._stemmer):
            beside = [pair in one.described for one in self._texts]
            shares[np.ix_(places, beside)] = np.maximum(shares[np.ix_(places, beside)], _BESIDE)
        if len(self._telling) >= _SEVERAL:
            everything = (np.maximum(grades, fits)[self._telling] >= _KIND).all(axis=0)
            shares[:, everything] = np.maximum(shares[:, everything], _ALL)
        rows: Array = fits * shares
        for first, end, spelling in joins(self._tokens):
            fit, share = np.array(self._described(spelling)).T
            np.maximum(rows[first:end], _JOINED * fit * np.maximum(share, _BESIDE), out=rows[first:end])
        for row, token in enumerate(self._tokens):
            if token in self._unknown:
                two = frozenset(parted(token, self._stemmer))
                beside = [not two.isdisjoint(one.described) for one in self._texts]
                rows[row, beside] = np.maximum(rows[row, beside], _JOINED * _BESIDE)
        return rows

    def _described(self, token: str, *, last: bool = False) -> list[tuple[float, float]]:
        """Return how well each description has a token, and what it says of it; an unknown one may be misspelt."""
        near = token in self._unknown
        told = [one.description for one in self._texts]
        forms = {form for form, _ in inflections(token, self._stemmer)}
        may_have = [last or near or not one.forms.keys().isdisjoint(forms) for one in told]  # few do
        rows = zip(told, may_have, strict=True)
        return [one.has(token, self._stemmer, last=last, near=near) if may else _NOWHERE for one, may in rows]

    def shingles(self) -> list[float]:
        """Return how many of the query's neighbouring words stand side by side in each text."""
        asked = tuple(shingles(self._as_meant, self._stemmer))
        if not asked:
            return [0.0] * len(self._texts)
        *_, last = asked
        shares = [sum(one.has_pair(pair, last=pair == last) for pair in asked) / len(asked) for one in self._texts]
        as_one = (float(self._whole in codes) for codes in self._codes)
        return list(map(max, shares, as_one, self._turned, self._together))

    def parts(self, words: Sequence[float]) -> dict[str, list[float]]:
        """Return how query and names, and query and values, cover each other, and whether it is a name, of each text.

        words: how much of the query is in each text.
        """
        covered = {part: share**2 for part, share in self._cover.items()}.__getitem__
        held = dict(zip(self._parts, self._asked(self._of_parts[:, :-1]), strict=True)).__getitem__
        fields, names, values = [], [], []
        by_ids = [bool(column.any()) for column in self._owned.T]
        outdone = (len(one) / longer if one else 1.0 for one, longer in zip(self._places, self._longer, strict=True))
        wholes = map(max, self._wholes, self._together)
        for one, asked, by_id, share, whole in zip(self._texts, words, by_ids, outdone, wholes, strict=True):
            called = [covered(name) * (1.0 if name == one.name else _ALIAS) for name in one.names]
            names.append(asked * max(float(by_id), share * max(called, default=0.0)))
            values.append(asked * max(map(mul, one.weights, map(covered, one.values)), default=0.0))
            asked_for = (
                weight * held(value)
                for weight, value, attribute in zip(one.weights, one.values, one.attributes, strict=True)
                if value == self._tokens or (attribute in one.single and covered(value) >= _NEARLY**2)
            )
            fields.append(min(asked, max((whole, *map(held, one.names), *asked_for))))
        return {"field": fields, "name": names, "value": values, "whole": self._likenesses()}

    def _likenesses(self) -> list[float]:
        """Return how much the query is a name, or the id, as a whole; see `match_features`."""
        names = list(dict.fromkeys(chain.from_iterable(self._called)))
        alike = process.cdist([self._whole], names, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)[0]
        near = dict(zip(names, (NEAR * np.square(alike, dtype=float)).tolist(), strict=True))
        code = is_literal(self._whole)
        fits = {name: fit if fit and not (code or is_literal(name)) else 0.0 for name, fit in near.items()}
        fits[self._whole] = 1.0
        asked = BETWEEN.join(self._tokens)
        begun = [_BEGUN if one.begins(asked) else 0.0 for one in self._texts]
        rows = zip(self._turned, begun, self._called, strict=True)
        return [max(turned, half, *map(fits.__getitem__, called)) for turned, half, called in rows]

    def _within(self) -> list[frozenset[int]]:
        """Return the places of the longest name of each text that is in the query, in any order; mostly none."""
        asked = [stem(token, self._stemmer) for token in self._tokens]
        count = len(asked)
        ends = ((first, end) for first in range(count) for end in range(first + 1, count + 1))
        spans = {tuple(sorted(asked[first:end])): frozenset(range(first, end)) for first, end in ends}
        named = ([spans[name] for name in spans.keys() & one.in_order] for one in self._texts)
        return [max(found, key=lambda places: (len(places), -min(places)), default=frozenset()) for found in named]

    def _of_the_longest(self) -> list[int]:
        """Return how many words the longest name has that has those of each text's own, see `_within`."""
        longest = sorted(set(self._places), key=len, reverse=True)
        longer = {one: next(len(other) for other in longest if one <= other) for one in longest}
        return list(map(longer.__getitem__, self._places))

    def _named(self) -> list[float]:
        """Return whether each text is asked for by name, but not by that alone, inflected, or in another order.

        A name stands beside words of the entity's values alone ("border property"), or it is there as it is written.
        Beside words that another's name has more of, it is none: "kent golding" is no "Golding" with "Kent".
        """
        every = frozenset(range(len(self._tokens)))
        said = {self._tokens.index(word) for word in weighty(self._tokens, self._stemmer)}
        found = []
        for one, places, longer in zip(self._texts, self._places, self._longer, strict=True):
            named = places == every or not self._written.isdisjoint(one.written)
            if places and not (named or longer > len(places)):
                columns = [self._place[part] for part in one.parts[len(one.names) :]]
                rest = list(said - places)
                named = bool((self._of_parts[np.ix_(rest, columns)].max(axis=1, initial=0.0) >= _KIND).all())
            found.append(TURNED if named else 0.0)
        return found

    def _in_values(self, text: Texts) -> float:
        """Return how much of the query a text has in several values, or its type, where that is all that it says."""
        if len(self._telling) < _PAIR:
            return 0.0
        own = filter(None, dict.fromkeys((*text.values, text.type)))
        asked = [self._place[value] for value in own if self._cover[value] >= _NEARLY]
        if len(asked) < _PAIR:
            return 0.0
        grades = self._of_parts[:, asked].max(axis=1)
        if (grades[self._telling] < _KIND).any():
            return 0.0
        return float(self._weights @ grades / self._weights.sum())

    def _flat(self, choices: Sequence[Sequence[str]]) -> tuple[Indices, Indices]:
        """Return the columns of all spellings of some choices, none of them empty, and where each choice begins."""
        columns = list(map(self._at.__getitem__, chain.from_iterable(choices)))
        return np.array(columns, dtype=np.intp), np.cumsum([0, *map(len, choices[:-1])])

    def _covered(self) -> list[float]:
        """Return how much of each name or value, by letters, is in the query."""
        if not self._parts:
            return []
        best: list[float] = self._best[self._columns].tolist()
        of_joins: list[float] = (_JOINED * self._best).tolist()
        fitting = {spelling for spelling, fit in zip(self._at, of_joins, strict=True) if fit}
        for start, part, spelt in zip(self._starts.tolist(), self._parts, self._spelt, strict=True):
            if not fitting.isdisjoint(spelt):
                for first, end, spelling in joins(part):
                    fit = of_joins[self._at[spelling]]
                    for place in range(start + first, start + end):
                        best[place] = max(best[place], fit)
        letters = np.array(list(map(len, chain.from_iterable(self._parts))), dtype=np.float64)
        sums = np.add.reduceat(np.array(best) * letters, self._starts) / np.add.reduceat(letters, self._starts)
        found: list[float] = sums.tolist()
        return found
