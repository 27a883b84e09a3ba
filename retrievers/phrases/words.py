"""Names and values by their words."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ltrr.retrievers.phrases.packed import Packed
from ltrr.retrievers.phrases.spelling import PackedTexts, Spelling

_KEPT: Final = 200


class Words:
    """Which texts of several words have a word: those that are packed, and what has changed since.

    strength: of a text, now; a text whose strength changes is to be added, or told of by `touch`.
    """

    def __init__(self, packed: Packed, strength: Callable[[str], float]) -> None:
        self.spelling = Spelling(PackedTexts(packed.words, packed.words_near))
        self._packed = packed
        self._strength = strength
        self._changed = defaultdict[str, dict[str, bool]](dict)  # word -> text -> whether it is there
        self._more = Counter[str]()  # texts of a word beyond those that are packed
        self._begun_more = Counter[str]()  # of these those that it begins
        self._texts, self._beginnings = packed.begun
        self._strongest: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        """Return how many words have other texts than are packed."""
        return len(self._changed)

    def __contains__(self, word: str) -> bool:
        return self.count(word) > 0

    def count(self, word: str) -> int:
        """Return how many texts have a word."""
        return self._packed.having(word) + self._more[word]

    def beginning(self, word: str) -> int:
        """Return how many texts begin with a word."""
        return self._packed.beginning(word) + self._begun_more[word]

    @property
    def variety(self) -> float:
        """How many words begin texts, for each text: near 0 where a few begin all of them."""
        return self._beginnings / self._texts if self._texts else 1.0

    def add(self, text: str) -> None:
        """Let a text be found by its words."""
        if " " not in text:
            return
        there = self._is_there(text)
        if not there:
            self._count(text, 1)
        for word in dict.fromkeys(text.split()):
            if not there:
                if word not in self:
                    self.spelling.add(word)
                self._more[word] += 1
            self._changed[word][text] = True
            self._strongest.pop(word, None)

    def remove(self, text: str) -> None:
        """Let a text be found no more; one that is not is nothing."""
        if " " not in text or not self._is_there(text):
            return
        packed = self._packed.is_open(text)
        self._count(text, -1)
        for word in dict.fromkeys(text.split()):
            self._more[word] -= 1
            if not self._more[word]:
                del self._more[word]
            if packed:
                self._changed[word][text] = False
            else:
                self._changed[word].pop(text, None)
                if not self._changed[word]:
                    del self._changed[word]
            self._strongest.pop(word, None)
            if word not in self:
                self.spelling.remove(word)

    def touch(self, text: str) -> None:
        """Note that the strength of a text has changed, if it is found by its words."""
        if " " in text and self._is_there(text):
            self.add(text)

    def strongest(self, word: str, top_popularity: float, entities: int) -> tuple[str, ...]:
        """Return the strongest texts that have a word, at most 200. The others: see `Packed.strongest`."""
        if word not in self:
            return ()
        if word not in self._strongest:
            changed = self._changed.get(word, {})
            held = self._found_by(word, changed, top_popularity, entities)
            best = heapq.nsmallest(_KEPT, held, key=lambda text: (-self._strength(text), text))
            self._strongest[word] = tuple(best)
        return self._strongest[word]

    def _count(self, text: str, by: int) -> None:
        """Count a text that comes or goes, and the word that it begins with."""
        first = text.split(maxsplit=1)[0]
        before = self.beginning(first)
        self._begun_more[first] += by
        self._texts += by
        self._beginnings += (before + by > 0) - (before > 0)

    def _found_by(self, word: str, changed: Mapping[str, bool], top_popularity: float, entities: int) -> Iterator[str]:
        packed = self._packed.strongest(word, _KEPT + len(changed), top_popularity, entities)
        yield from (text for text in packed if text not in changed)
        yield from (text for text, there in changed.items() if there)

    def _is_there(self, text: str) -> bool:
        held = self._changed.get(text.split(maxsplit=1)[0], {}).get(text)
        return self._packed.is_open(text) if held is None else held
