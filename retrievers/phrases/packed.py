"""The phrases of an application as they are packed: nothing of them is in memory but what is read."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.phrases.arrays import Arrays
from ltrr.retrievers.phrases.packing import Packing
from ltrr.retrievers.phrases.phrase import Carrier, Phrase
from ltrr.retrievers.phrases.strings import Buckets, Found, Strings

_KEPT: Final = 4_096
_ROUNDING: Final = 1e-9  # between logarithms of NumPy and those of Python


class _Lists:
    """Lists of numbers. arrays, name: as `Packing` made them."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._ends = arrays[f"{name}.ends"].data
        self._numbers = arrays[name].data

    def __getitem__(self, number: int) -> memoryview:
        return self._numbers[self._ends[number] : self._ends[number + 1]]


class Packed:
    """Phrases as `Packing` made them. What is read most is kept; nothing changes.

    entities, top_popularity: of the application. values: attribute -> how many values it has, and how many times
    entities have one. begun: how many texts are found by their words, and how many words begin them.
    """

    def __init__(self, arrays: Arrays, facts: Mapping[str, Any]) -> None:
        self.entities: int = facts["entities"]
        self.top_popularity: float = facts["top_popularity"]
        self.texts = Found(arrays, "texts")
        self.spelt = Found(arrays, "spelt")
        self.words = Found(arrays, "words")
        self.spelt_near = Buckets(arrays, "spelt_near")
        self.words_near = Buckets(arrays, "words_near")
        self._popularity, self._spread = arrays["texts.popularity"], arrays["texts.spread"]
        self._open = arrays["texts.open"].data
        self._names, self._aliases = _Lists(arrays, "names"), _Lists(arrays, "aliases")
        self._values, self._counts = _Lists(arrays, "values"), _Lists(arrays, "counts")
        self._spelt_texts, self._words_texts = _Lists(arrays, "spelt_texts"), _Lists(arrays, "words_texts")
        self._others, self._times = Found(arrays, "others"), arrays["others.times"].data
        self._ids, self._type, self._fame = (
            Strings(arrays, "ids"),
            arrays["ids.type"].data,
            arrays["ids.popularity"].data,
        )
        self._types: list[str] = facts["types"]
        self._attributes: list[str] = facts["attributes"]
        self._begun = arrays["words.begun"].data
        self.values: dict[str, tuple[int, int]] = dict(zip(self._attributes, map(tuple, facts["values"]), strict=True))
        self.begun: tuple[int, int] = tuple(facts["begun"])
        self._read = lru_cache(_KEPT)(self._phrase)

    def phrase(self, text: str) -> Phrase | None:
        """Return the phrase of a text. What of it changes is the caller's."""
        number = self.texts.find(text)
        return None if number is None else self._read(number)

    def worth(self, text: str) -> tuple[float, int]:
        """Return how popular what a text names is, and how many entities have it as a value of one attribute."""
        number = self.texts.find(text)
        return (0.0, 0) if number is None else (float(self._popularity[number]), int(self._spread[number]))

    def spelling(self, joined: str) -> tuple[str, ...]:
        """Return the texts that read so without spaces."""
        number = self.spelt.find(joined)
        return () if number is None else tuple(map(self.texts.__getitem__, self._spelt_texts[number]))

    def times(self, word: str) -> int:
        """Return how many times aliases and descriptions have a word."""
        number = self._others.find(word)
        return 0 if number is None else int(self._times[number])

    def is_open(self, text: str) -> bool:
        """Tell whether a text is found by its words."""
        number = self.texts.find(text)
        return number is not None and bool(self._open[number])

    def having(self, word: str) -> int:
        """Return how many texts are found by a word."""
        number = self.words.find(word)
        return 0 if number is None else len(self._words_texts[number])

    def beginning(self, word: str) -> int:
        """Return how many of these texts begin with a word."""
        number = self.words.find(word)
        return 0 if number is None else int(self._begun[number])

    def strongest(self, word: str, most: int, top_popularity: float, entities: int) -> list[str]:
        """Return the strongest texts that are found by a word, at least so many if there are: all that may be.

        As `Phrases.strength` has it, with what is largest now.
        """
        number = self.words.find(word)
        if number is None:
            return []
        found = np.asarray(self._words_texts[number])
        if len(found) > most:
            fame, spread = self._popularity[found], self._spread[found]
            strength = np.maximum(_shares(fame, top_popularity), _shares(spread, entities))
            found = found[strength >= np.partition(strength, -most)[-most] - _ROUNDING]
        return [self.texts[one] for one in found.tolist()]

    def _phrase(self, number: int) -> Phrase:
        attributes = map(self._attributes.__getitem__, self._values[number])
        return Phrase(
            self.texts[number],
            self._carriers(self._names[number]),
            self._carriers(self._aliases[number]),
            dict(zip(attributes, self._counts[number], strict=True)),
        )

    def _carriers(self, numbers: memoryview) -> dict[str, Carrier]:
        return {self._ids[one]: (self._types[self._type[one]], self._fame[one]) for one in numbers}


def nothing_packed() -> Packed:
    """Return what is packed of no entities."""
    return Packed(*Packing().packed())


def _shares(values: NDArray[Any], top: float) -> NDArray[np.float64]:
    if top <= 0:
        return np.zeros(len(values))
    shares: NDArray[np.float64] = np.minimum(np.log1p(values.astype(np.float64)) / np.log1p(float(top)), 1.0)
    return shares
