"""The dictionary of one application: every name, alias and attribute value, and what it stands for."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from ltrr.models.records.entity import Entity
from ltrr.models.text import ENGLISH, common_forms, singulars
from ltrr.retrievers.phrases import phrase as of
from ltrr.retrievers.phrases.packed import Packed, nothing_packed
from ltrr.retrievers.phrases.phrase import Phrase
from ltrr.retrievers.phrases.spelling import PackedTexts, Spelling
from ltrr.retrievers.phrases.words import Words

_LOOKED_AT: Final = 100
_FEW_BEGINNINGS: Final = 0.05
_ENDING: Final = 4
_CLIPPED: Final = 8
_Value = TypeVar("_Value")


class Phrases:
    """Phrases by text, by spelling and by their words; follows the catalogue entity by entity.

    packed: of the entities to begin with. What changes after that is in memory, some 1.4 KB for each entity. The
    largest popularity is that of all entities that there were since, and when they were packed.
    """

    def __init__(self, packed: Packed | None = None) -> None:
        self._packed = packed = packed or nothing_packed()
        self._changed: dict[str, Phrase | None] = {}  # None: what is packed of it is gone
        self._joined: dict[str, tuple[str, ...]] = {}
        self._spelling = Spelling(PackedTexts(packed.spelt, packed.spelt_near))
        self._words = Words(packed, self._strength)
        self._others = Counter[str]()  # more or fewer than are packed
        self._values, self._carried = Counter[str](), Counter[str]()  # of attributes, likewise
        self._entities = packed.entities
        self._top_popularity = packed.top_popularity

    def add(self, entity: Entity) -> None:
        """Take an entity in; one that was taken in before has to be removed first."""
        self._entities += 1
        self._top_popularity = max(self._top_popularity, entity.popularity)
        carrier = entity.type, entity.popularity
        names = of.names(entity)
        for text in names:
            phrase = self._own(text)
            phrase.names = _with(phrase.names, entity.object_id, carrier)
        for text in of.aliases(entity):
            phrase = self._own(text)
            phrase.aliases = _with(phrase.aliases, entity.object_id, carrier)
        for attribute, text in of.values(entity):
            phrase = self._own(text)
            self._values[attribute] += attribute not in phrase.attributes
            self._carried[attribute] += 1
            phrase.attributes = _with(phrase.attributes, attribute, phrase.attributes.get(attribute, 0) + 1)
        for text in (*names, *of.said(entity)):
            self._words.add(text)
        self._others.update(of.other_words(entity))

    def remove(self, entity: Entity) -> None:
        """Take an entity out, as it was added."""
        self._entities -= 1
        for word in of.other_words(entity):
            self._others[word] -= 1
            if not self._others[word]:
                del self._others[word]
        names, aliases, values = of.names(entity), of.aliases(entity), of.values(entity)
        for text in names:
            self._own(text).names.pop(entity.object_id, None)
        for text in aliases:
            self._own(text).aliases.pop(entity.object_id, None)
        for attribute, text in values:
            counts = self._own(text).attributes
            counts[attribute] -= 1
            self._carried[attribute] -= 1
            if not counts[attribute]:
                del counts[attribute]
                self._values[attribute] -= 1
        for text in {*names, *aliases, *(text for _, text in values)}:
            self._close(text)

    def __len__(self) -> int:
        return self._entities

    def first(self, count: int) -> list[str]:
        """Return the texts of phrases that have been held for longest, at most so many."""
        packed = (text for text in self._packed.texts if self._changed.get(text, text) is not None)
        new = (text for text in self._changed if self._packed.texts.find(text) is None)
        return list(islice((text for texts in (packed, new) for text in texts), count))

    def exact(self, text: str) -> Phrase | None:
        """Return the phrase of this text."""
        return self._changed[text] if text in self._changed else self._packed.phrase(text)

    def near(self, text: str, limit: int) -> Iterator[tuple[Phrase, float]]:
        """Return phrases of similar spelling, whatever their spaces, with the similarity in [0.75, 1]; best first."""
        joined = text.replace(" ", "")
        for spelling, similarity in [(joined, 1.0), *self._spelling.near(joined, limit)]:
            for found in self._held(sorted(self._spelt(spelling))):
                if found.text != text:
                    yield found, similarity

    def values_near(self, attribute: str, words: Sequence[str], limit: int, stemmer: str = ENGLISH) -> list[str]:
        """Return other values of an attribute: inflected, spelt nearly so, else some of these words, else with them.

        stemmer: of the catalogue, see `stem`.
        """
        if not words:
            return []
        spans = [
            " ".join(words[start : start + size])
            for size in range(len(words) - 1, 0, -1)
            for start in range(len(words) - size + 1)
        ]
        near = (phrase for phrase, _ in self.near(" ".join(words), _LOOKED_AT))
        *first, last = words
        inflected = (" ".join((*first, form)) for form in common_forms(last, stemmer))
        found = chain(self._held(inflected), near, self._held(spans), self.containing(words, _LOOKED_AT))
        texts = dict.fromkeys(phrase.text for phrase in found if attribute in phrase.attributes)
        return list(texts)[:limit]

    def containing(self, words: Sequence[str], limit: int) -> list[Phrase]:
        """Return the strongest names and values of which `words` are a proper part, in their order."""
        rarest = min(words, key=self._words.count)
        part = " ".join(words)
        strongest = self._words.strongest(rarest, self._top_popularity, self._entities)
        found = (text for text in strongest if text != part and f" {part} " in f" {text} ")
        return list(self._held(islice(found, limit)))

    def has(self, words: Sequence[str]) -> bool:
        """Return whether a name, alias or value is these words, or one of the strongest has them in their order."""
        return self.exact(" ".join(words)) is not None or bool(self.containing(words, 1))

    def spaced(self, joined: str, shortest: int) -> str | None:
        """Return the strongest name or value that reads so without spaces, or such a word of one, or None.

        shortest: how many letters a word has at least that is a part of a name or value alone.
        """
        texts = self._spelt(joined)
        if texts:
            return min(texts, key=lambda text: (-self._strength(text), text))
        return joined if len(joined) >= shortest and joined in self._words else None

    def resembles(self, word: str) -> bool:
        """Return whether any word is spelt so, or a name, value or word of one nearly, whatever its spaces."""
        known = self._described(word) > 0 or word in self._words or bool(self._spelt(word))
        return known or bool(self._spelling.near(word, 1)) or bool(self._words.spelling.near(word, 1))

    def begun(self, text: str) -> bool:
        """Return whether a name or value without its spaces begins so, or a word of one."""
        return self._spelling.begun(text) or self.begins_word(text)

    def beginning(self, text: str, beyond: int) -> Iterator[Phrase]:
        """Yield the phrases of one word that begin so, itself among them, and are up to so many letters longer."""
        return self._held((text, *self._spelling.beginning(text, beyond)))

    def begins_word(self, text: str) -> bool:
        """Return whether a word of a name or value begins so."""
        return self._words.spelling.begun(text)

    def having(self, word: str) -> int:
        """Return how many names, aliases, values and descriptions have a word, each value once."""
        whole = self.exact(word)
        alone = len(whole.names.keys() | whole.aliases.keys()) if whole else 0
        return alone + self._words.count(word) + self._described(word)

    def plurals(self, word: str) -> list[str]:
        """Return the words of names and values of which an English word is a singular."""
        begun = word.removesuffix("y")
        found = chain(*(texts.beginning(begun, _ENDING) for texts in (self._spelling, self._words.spelling)))
        return [one for one in dict.fromkeys(found) if word in singulars(one)]

    def abbreviating(self, word: str, shortest: int) -> Iterator[str]:
        """Yield what a word begins with, without two letters at least, that mostly ends in a point in names.

        The longest first. shortest: how many letters that has at least.
        """
        beginnings = (word[:length] for length in range(len(word) - 2, shortest - 1, -1))
        return (one for one in beginnings if 2 * self._described(of.abbreviated(one)) > self.within(one))

    def clipped(self, first: str, second: str) -> str | None:
        """Return the value of two words that begin so, that of most entities; None where there is none."""
        words = self._words.spelling.beginning(first, _CLIPPED)
        texts = chain.from_iterable(self._words.strongest(one, self._top_popularity, self._entities) for one in words)
        pairs = (text for text in texts if text.startswith(first) and text.split()[1].startswith(second))
        values = [one for one in self._held(pairs) if one.text.count(" ") == 1 and one.attributes]
        best = max(values, key=lambda one: (max(one.attributes.values()), one.text), default=None)
        return None if best is None else best.text

    def within(self, word: str) -> int:
        """Return how many names and values of several words have a word."""
        return self._words.count(word)

    def variety(self, attribute: str) -> float:
        """Return how many values an attribute has for each time that an entity has one, in (0, 1]."""
        values, carried = self._packed.values.get(attribute, (0, 0))
        carried += self._carried[attribute]
        return (values + self._values[attribute]) / carried if carried else 1.0

    def heading(self, word: str) -> tuple[int, float]:
        """Return how many names and values of several words begin with a word, and the share of those that have it.

        Nothing where they begin with many words, as names of people do.
        """
        begun = self._words.beginning(word) if self._words.variety <= _FEW_BEGINNINGS else 0
        return begun, begun / max(self._words.count(word), 1)

    def words_near(self, word: str, limit: int) -> list[tuple[str, float]]:
        """Return words of names and values that are spelt like `word`, itself included, with the similarity."""
        return [(word, 1.0)] if word in self._words else self._words.spelling.near(word, limit)

    def nearest(self, word: str, edits: int) -> str | None:
        """Return what is spelt most like a word, within so many edits, and of this the most common.

        That is a word of names and values, or one of these without its spaces, of the same first letter.
        """
        found = dict([*self._spelling.within(word, edits), *self._words.spelling.within(word, edits)])
        return min(found, key=lambda other: (found[other], -self.having(other), other), default=None)

    def strength(self, phrase: Phrase) -> float:
        """Return in [0, 1] how popular what it names is, or how common the attribute, whichever is larger."""
        return max(self.fame(phrase), *(self.spread(phrase, attribute) for attribute in phrase.attributes), 0.0)

    def fame(self, phrase: Phrase) -> float:
        """Return in [0, 1] how popular the entities that it names are, by the logarithm."""
        return _share(phrase.popularity, self._top_popularity)

    def spread(self, phrase: Phrase, attribute: str) -> float:
        """Return in [0, 1] how common it is as a value of an attribute, by the logarithm."""
        return _share(phrase.attributes[attribute], self._entities)

    def _strength(self, text: str) -> float:
        """Return the strength of a phrase that need not be read for that, where it is packed."""
        if text in self._changed:
            phrase = self._changed[text]
            return self.strength(phrase) if phrase else 0.0
        popularity, spread = self._packed.worth(text)
        return max(_share(popularity, self._top_popularity), _share(spread, self._entities), 0.0)

    def _described(self, word: str) -> int:
        """Return how many times aliases and descriptions have a word."""
        return self._packed.times(word) + self._others[word]

    def _spelt(self, joined: str) -> tuple[str, ...]:
        """Return the texts that read so without spaces."""
        return self._joined[joined] if joined in self._joined else self._packed.spelling(joined)

    def _held(self, texts: Iterable[str]) -> Iterator[Phrase]:
        return filter(None, map(self.exact, texts))

    def _own(self, text: str) -> Phrase:
        """Return the phrase of a text to be changed."""
        phrase = self.exact(text)
        if phrase is None:
            phrase = Phrase(text)
            texts = self._spelt(phrase.joined)
            if not texts:
                self._spelling.add(phrase.joined)
            self._joined[phrase.joined] = (*texts, text)
        self._changed[text] = phrase
        return phrase

    def _close(self, text: str) -> None:
        """Forget what nothing carries any more."""
        phrase = self._own(text)
        if phrase.names or phrase.attributes:
            self._words.touch(text)
            return
        self._words.remove(text)
        if phrase.aliases:
            return
        self._changed[text] = None
        if self._packed.texts.find(text) is None:
            del self._changed[text]
        others = tuple(other for other in self._spelt(phrase.joined) if other != text)
        self._joined[phrase.joined] = others
        if not others:
            self._spelling.remove(phrase.joined)
            if not self._packed.spelling(phrase.joined):
                del self._joined[phrase.joined]


def _with(held: dict[str, _Value], key: str, value: _Value) -> dict[str, _Value]:
    """Return what is held and one more: in place, unless it is empty, since all that is empty may be the same."""
    if not held:
        return {key: value}
    held[key] = value
    return held


def _share(value: float, top: float) -> float:
    return min(math.log1p(value) / math.log1p(top), 1.0) if top > 0 else 0.0
