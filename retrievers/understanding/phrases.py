"""The dictionary of one application: every name, alias and attribute value, and what it stands for."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, TypeVar

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.models.wording import is_said
from ltrr.retrievers.understanding.spelling import Spelling

_PARTS = 200
_Value = TypeVar("_Value")
Carrier = tuple[str, float]

# most phrases lack two of three, and an empty dict for each would take 64 bytes
_NO_CARRIERS: Final[dict[str, Carrier]] = {}
_NO_COUNTS: Final[dict[str, int]] = {}


class Phrase:
    """A normalised string. names, aliases: object id -> (type, popularity); attributes: attribute -> entities."""

    __slots__ = ("aliases", "attributes", "names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = _NO_CARRIERS
        self.aliases = _NO_CARRIERS
        self.attributes = _NO_COUNTS

    @property
    def joined(self) -> str:
        """The string without spaces."""
        return self.text.replace(" ", "")

    @property
    def popularity(self) -> float:
        """The largest among the entities that it names."""
        return max((popularity for _, popularity in (*self.names.values(), *self.aliases.values())), default=0.0)

    def carriers(self, limit: int) -> list[str]:
        """Return the most popular entities that it names, those of that very name first."""
        others = {object_id: carrier for object_id, carrier in self.aliases.items() if object_id not in self.names}
        found = _best(self.names, limit)
        return found + _best(others, limit - len(found))

    def types(self) -> tuple[str, ...]:
        """Return the types of the entities that it names."""
        return tuple(sorted({type_ for type_, _ in (*self.names.values(), *self.aliases.values())}))


class Phrases:
    """Phrases by text, by spelling and by their words; follows the catalogue entity by entity."""

    def __init__(self) -> None:
        self._phrases: dict[str, Phrase] = {}
        self._joined: dict[str, tuple[str, ...]] = {}
        self._spelling = Spelling()
        self._words = defaultdict[str, dict[str, None]](dict)
        self._word_spelling = Spelling()
        self._parts: dict[str, tuple[str, ...]] = {}
        self._others = Counter[str]()
        self._entities = 0
        self._top_popularity = 0.0

    def add(self, entity: Entity) -> None:
        """Take an entity in; one that was taken in before has to be removed first."""
        self._entities += 1
        self._top_popularity = max(self._top_popularity, entity.popularity)
        carrier = entity.type, entity.popularity
        names, values = list(_name(entity)), list(_values(entity))
        for text in names:
            phrase = self._phrase(text)
            phrase.names = _with(phrase.names, entity.object_id, carrier)
        for text in _aliases(entity):
            phrase = self._phrase(text)
            phrase.aliases = _with(phrase.aliases, entity.object_id, carrier)
        for attribute, text in values:
            phrase = self._phrase(text)
            phrase.attributes = _with(phrase.attributes, attribute, phrase.attributes.get(attribute, 0) + 1)
        for text in (*names, *_said(entity)):
            self._open(text)
        self._others.update(_other_words(entity))

    def remove(self, entity: Entity) -> None:
        """Take an entity out, as it was added."""
        self._entities -= 1
        for word in _other_words(entity):
            self._others[word] -= 1
            if not self._others[word]:
                del self._others[word]
        for text in _name(entity):
            self._phrases[text].names.pop(entity.object_id, None)
        for text in _aliases(entity):
            self._phrases[text].aliases.pop(entity.object_id, None)
        for attribute, text in _values(entity):
            counts = self._phrases[text].attributes
            counts[attribute] -= 1
            if not counts[attribute]:
                del counts[attribute]
        for text in {*_name(entity), *_aliases(entity), *(text for _, text in _values(entity))}:
            self._close(text)

    def __len__(self) -> int:
        return self._entities

    def first(self, count: int) -> list[Phrase]:
        """Return the phrases that have been held for longest, at most so many."""
        return list(islice(self._phrases.values(), count))

    def exact(self, text: str) -> Phrase | None:
        """Return the phrase of this text."""
        return self._phrases.get(text)

    def near(self, text: str, limit: int) -> Iterator[tuple[Phrase, float]]:
        """Return phrases of similar spelling, whatever their spaces, with the similarity in [0.75, 1]; best first."""
        joined = text.replace(" ", "")
        for spelling, similarity in [(joined, 1.0), *self._spelling.near(joined, limit)]:
            for found in sorted(self._joined.get(spelling, ())):
                if found != text:
                    yield self._phrases[found], similarity

    def containing(self, words: Sequence[str], limit: int) -> list[Phrase]:
        """Return the strongest names and values of which `words` are a proper part, in their order."""
        rarest = min(words, key=lambda word: len(self._words.get(word, ())))
        part = " ".join(words)
        found = (text for text in self._strongest(rarest) if text != part and f" {part} " in f" {text} ")
        return [self._phrases[text] for text in islice(found, limit)]

    def spaced(self, joined: str, shortest: int) -> str | None:
        """Return the strongest name or value that reads so without spaces, or such a word of one, or None.

        shortest: how many letters a word has at least that is a part of a name or value alone.
        """
        texts = self._joined.get(joined)
        if texts:
            return min(texts, key=lambda text: (-self.strength(self._phrases[text]), text))
        return joined if len(joined) >= shortest and joined in self._words else None

    def resembles(self, word: str) -> bool:
        """Return whether any word is spelt so, or a name, value or word of one nearly, whatever its spaces."""
        known = word in self._joined or word in self._words or word in self._others
        return known or bool(self._spelling.near(word, 1)) or bool(self._word_spelling.near(word, 1))

    def words_near(self, word: str, limit: int) -> list[tuple[str, float]]:
        """Return words of names and values that are spelt like `word`, itself included, with the similarity."""
        return [(word, 1.0)] if word in self._words else self._word_spelling.near(word, limit)

    def strength(self, phrase: Phrase) -> float:
        """Return in [0, 1] how popular what it names is, or how common the attribute, whichever is larger."""
        return max(self.fame(phrase), *(self.spread(phrase, attribute) for attribute in phrase.attributes), 0.0)

    def fame(self, phrase: Phrase) -> float:
        """Return in [0, 1] how popular the entities that it names are, by the logarithm."""
        return _share(phrase.popularity, self._top_popularity)

    def spread(self, phrase: Phrase, attribute: str) -> float:
        """Return in [0, 1] how common it is as a value of an attribute, by the logarithm."""
        return _share(phrase.attributes[attribute], self._entities)

    def _phrase(self, text: str) -> Phrase:
        phrase = self._phrases.get(text)
        if phrase is None:
            phrase = self._phrases[text] = Phrase(text)
            self._joined[phrase.joined] = (*self._joined.get(phrase.joined, ()), text)
            self._spelling.add(phrase.joined)
        return phrase

    def _open(self, text: str) -> None:
        """Let a name or value be found by its words."""
        words = text.split()
        if len(words) > 1:
            for word in words:
                texts = self._words[word]
                if not texts:
                    self._word_spelling.add(word)
                texts[text] = None
                self._parts.pop(word, None)

    def _close(self, text: str) -> None:
        """Forget what nothing carries any more."""
        phrase = self._phrases[text]
        words = text.split()
        for word in words:
            self._parts.pop(word, None)
        if phrase.names or phrase.attributes:
            return
        for word in words if len(words) > 1 else ():
            self._words.get(word, {}).pop(text, None)
            if not self._words.get(word):
                self._words.pop(word, None)
                self._word_spelling.remove(word)
        if not phrase.aliases:
            del self._phrases[text]
            others = tuple(other for other in self._joined.pop(phrase.joined) if other != text)
            if others:
                self._joined[phrase.joined] = others
            else:
                self._spelling.remove(phrase.joined)

    def _strongest(self, word: str) -> tuple[str, ...]:
        if word not in self._parts:
            texts = self._words.get(word, ())
            best = heapq.nsmallest(_PARTS, texts, key=lambda text: (-self.strength(self._phrases[text]), text))
            self._parts[word] = tuple(best)
        return self._parts[word]


def _with(held: dict[str, _Value], key: str, value: _Value) -> dict[str, _Value]:
    """Return what is held and one more: in place, unless it is empty, since all that is empty may be the same."""
    if not held:
        return {key: value}
    held[key] = value
    return held


def _best(carriers: dict[str, Carrier], limit: int) -> list[str]:
    return heapq.nsmallest(limit, carriers, key=lambda object_id: (-carriers[object_id][1], object_id))


def _share(value: float, top: float) -> float:
    return min(math.log1p(value) / math.log1p(top), 1.0) if top > 0 else 0.0


_normalised = lru_cache(65_536)(normalise)  # each is asked for several times, values of attributes again and again


def _folded(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in map(_normalised, texts) if text)


def _name(entity: Entity) -> Iterator[str]:
    return _folded([entity.name])


def _aliases(entity: Entity) -> Iterator[str]:
    return _folded(entity.aliases)


def _other_words(entity: Entity) -> Iterator[str]:
    """Return the words of aliases and of the description."""
    return (word for text in (*_aliases(entity), normalise(entity.description)) for word in text.split())


def _said(entity: Entity) -> Iterator[str]:
    """Return the values that people say: by a word of an address, or of JSON, nothing is meant."""
    values = (value for weights in entity.attributes.values() for value in weights if is_said(value))
    return _folded([entity.type, *values])


def _values(entity: Entity) -> Iterator[tuple[str, str]]:
    """Return each (attribute, value) once; the type is one of them."""
    pairs = {("type", _normalised(entity.type)): None}
    for attribute, weights in entity.attributes.items():
        pairs.update({(attribute, _normalised(value)): None for value in weights})
    return (pair for pair in pairs if pair[1])
