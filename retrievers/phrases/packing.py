"""Pack the phrases of an application."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases import phrase
from ltrr.retrievers.phrases.arrays import lists, small
from ltrr.retrievers.phrases.spelling import bucket_keys
from ltrr.retrievers.phrases.strings import bucketed, hashed, packed


class _Numbers(dict[str, int]):
    """Numbers of strings, in the order in which they came."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


class _Pairs:
    """Pairs of numbers."""

    def __init__(self) -> None:
        self._left, self._right = array("I"), array("I")

    def add(self, left: int, right: int) -> None:
        self._left.append(left)
        self._right.append(right)

    @property
    def columns(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        return np.array(self._left, dtype=np.uint32), np.array(self._right, dtype=np.uint32)


class Packing:
    """Gathers the phrases of entities, each of which is added once, in some hundred bytes for each."""

    def __init__(self) -> None:
        self._texts, self._types, self._attributes = _Numbers(), _Numbers(), _Numbers()
        self._names, self._aliases, self._values = _Pairs(), _Pairs(), _Pairs()
        self._open: dict[int, None] = {}
        self._ids: list[str] = []
        self._type, self._popularity = array("I"), array("d")
        self._others = Counter[str]()

    def add(self, entity: Entity) -> None:
        """Take an entity in. Phrases are numbered as `Phrases.add` makes them."""
        place = len(self._ids)
        self._ids.append(entity.object_id)
        self._type.append(self._types[entity.type])
        self._popularity.append(entity.popularity)
        names = phrase.names(entity)
        for text in names:
            self._names.add(self._texts[text], place)
        for text in phrase.aliases(entity):
            self._aliases.add(self._texts[text], place)
        for attribute, text in phrase.values(entity):
            self._values.add(self._texts[text], self._attributes[attribute])
        for text in (*names, *phrase.said(entity)):
            if " " in text:
                self._open[self._texts[text]] = None
        self._others.update(phrase.other_words(entity))

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays, and what else there is to know, as JSON values."""
        texts = list(self._texts)
        popularity = np.array(self._popularity, dtype=np.float64)
        arrays = {
            **hashed("texts", texts),
            **packed("ids", self._ids),
            "ids.type": np.array(self._type, dtype=np.uint32),
            "ids.popularity": popularity,
            **hashed("others", list(self._others)),
            "others.times": small(list(self._others.values())),
            **self._carried(len(texts), popularity),
            **self._counted(len(texts)),
            **_spelt(texts),
            **self._worded(texts),
        }
        facts = {
            "entities": len(self._ids),
            "top_popularity": float(popularity.max(initial=0.0)),
            "types": list(self._types),
            "attributes": list(self._attributes),
            "values": self._valued(),
            "begun": [len(self._open), int(np.count_nonzero(arrays["words.begun"]))],
        }
        return arrays, facts

    def _valued(self) -> list[list[int]]:
        """Return how many values each attribute has, and how many times entities have one."""
        owners, attributes = self._values.columns
        of = max(1, len(self._attributes))
        pairs = np.unique(owners.astype(np.uint64) * of + attributes)
        values = np.bincount((pairs % of).astype(np.intp), minlength=len(self._attributes))
        carried = np.bincount(attributes, minlength=len(self._attributes))
        pairs_of: list[list[int]] = np.stack([values, carried], axis=1).tolist()
        return pairs_of

    def _carried(self, count: int, popularity: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
        best = np.zeros(count)
        found: dict[str, NDArray[Any]] = {}
        for name, pairs in (("names", self._names), ("aliases", self._aliases)):
            owners, entities = pairs.columns
            np.maximum.at(best, owners, popularity[entities])
            found |= _listed(name, owners, entities, count)
        return {**found, "texts.popularity": best}

    def _counted(self, count: int) -> dict[str, NDArray[Any]]:
        owners, attributes = self._values.columns
        of = max(1, len(self._attributes))
        pairs, counts = np.unique(owners.astype(np.uint64) * of + attributes, return_counts=True)
        owners = pairs // of
        spread = np.zeros(count, dtype=np.uint32)
        np.maximum.at(spread, owners, counts.astype(np.uint32))
        values, counts = small(pairs % of), small(counts)
        return {
            **_listed("values", owners, values, count),
            **_listed("counts", owners, counts, count),
            "texts.spread": spread,
        }

    def _worded(self, texts: list[str]) -> dict[str, NDArray[Any]]:
        words, pairs = _Numbers(), _Pairs()
        for number in self._open:
            for word in dict.fromkeys(texts[number].split()):
                pairs.add(words[word], number)
        begun = np.zeros(len(words), dtype=np.uint32)
        np.add.at(begun, [words[texts[number].split(maxsplit=1)[0]] for number in self._open], 1)
        is_open = np.zeros(len(texts), dtype=np.uint8)
        is_open[list(self._open)] = 1
        return {
            **hashed("words", list(words)),
            "words.begun": small(begun),
            **_listed("words_texts", *pairs.columns, len(words)),
            **_near("words_near", words),
            "texts.open": is_open,
        }


def _spelt(texts: list[str]) -> dict[str, NDArray[Any]]:
    joined, pairs = _Numbers(), _Pairs()
    for number, text in enumerate(texts):
        pairs.add(joined[text.replace(" ", "")], number)
    return {
        **hashed("spelt", list(joined)),
        **_listed("spelt_texts", *pairs.columns, len(joined)),
        **_near("spelt_near", joined),
    }


def _near(name: str, texts: Iterable[str]) -> dict[str, NDArray[Any]]:
    keys: Mapping[str, Iterable[str]] = {text: bucket_keys(text, len(text)) for text in texts}
    return bucketed(name, keys)


def _listed(name: str, owners: NDArray[Any], values: NDArray[Any], count: int) -> dict[str, NDArray[Any]]:
    ends, listed = lists(owners, values, count)
    return {f"{name}.ends": ends, name: listed}
