"""What a catalogue is about: queries to begin with, and the attributes that tell its entities apart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import itemgetter
from typing import Final
from zlib import crc32

from ltrr.retrievers.understanding.phrases import Phrase

PHRASES: Final = 20_000
"""How many names and values are looked at."""

_NAMES: Final = 4
_VALUES: Final = 3
_LONGEST: Final = 40
_MOST_WORDS: Final = 4
_MISSPELT: Final = 6
_SHARED: Final = 0.5
_ALL_DIFFERENT: Final = 0.9
_TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a catalogue is about.

    entities: how many there are. examples: queries to begin with. shown: text attributes, the most common first, those
    in which nearly every value is another one (addresses, codes, names of files) behind all others. counted: those of
    them whose values many entities share, by which results can be narrowed down. type: the one that all entities have,
    None where they differ.
    """

    entities: int
    examples: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    type: str | None = None


@dataclass(slots=True)
class _Attribute:
    values: int = 0
    entities: int = 0
    best: list[tuple[int, str]] = field(default_factory=list)

    @property
    def distinct(self) -> float:
        """The share of values that are different."""
        return self.values / self.entities


class Gathering:
    """Gathers an overview, phrase by phrase. entities: of the catalogue."""

    def __init__(self, entities: int) -> None:
        self._entities = entities
        self._attributes: dict[str, _Attribute] = {}
        self._names: list[tuple[float, int, str]] = []
        self._type = ("", 0)

    def add(self, phrases: Iterable[Phrase]) -> None:
        """Look at some phrases."""
        for phrase in phrases:
            readable = _is_readable(phrase.text)
            self._type = max(self._type, (phrase.text, phrase.attributes.get(_TYPE, 0)), key=itemgetter(1))
            for attribute, count in phrase.attributes.items():
                found = self._attributes.setdefault(attribute, _Attribute())
                found.values += 1
                found.entities += count
                if readable and 1 < count <= max(2, self._entities // 2):
                    found.best = sorted([*found.best, (-count, phrase.text)])[:_VALUES]
            if readable and phrase.names:
                # of names that are as popular any will do, but not those that begin the alphabet
                self._names.append((-phrase.popularity, crc32(phrase.text.encode()), phrase.text))
        self._names = sorted(self._names)[: 2 * _NAMES]

    def overview(self) -> Overview:
        """Return what was gathered."""
        told = {name: one for name, one in self._attributes.items() if name != _TYPE}
        shown = sorted(told, key=lambda name: (told[name].distinct > _ALL_DIFFERENT, -told[name].entities, name))
        counted = [name for name in shown if told[name].values > 1 and told[name].distinct <= _SHARED]
        right = self._to_misspell()
        names = [text for _, _, text in self._names if text != right][:_NAMES]
        ranks = zip_longest(*(told[name].best for name in counted))  # the best of each, then the second best
        values = [value[1] for rank in ranks for value in rank if value is not None and value[1] != right][:_VALUES]
        mixed = [text for pair in zip_longest(names, values) for text in pair if text]
        examples = dict.fromkeys([*mixed, *([misspelt(right)] if right else [])])
        return Overview(self._entities, tuple(examples), tuple(shown), tuple(counted), self._only_type())

    def _to_misspell(self) -> str | None:
        """Return a name to offer misspelt alone: one beyond the other examples, else the last that can be."""
        names = [text for _, _, text in self._names]
        return next((text for text in names[_NAMES:] + names[_NAMES - 1 :: -1] if misspelt(text) != text), None)

    def _only_type(self) -> str | None:
        text, count = self._type
        return text if 0 < count == self._entities else None


def misspelt(text: str) -> str:
    """Return a text with two letters swapped within its longest word, itself where all words are short."""
    word = max(text.split(), key=len, default="")
    if len(word) < _MISSPELT or not word.isalpha():
        return text
    return text.replace(word, f"{word[:2]}{word[3]}{word[2]}{word[4:]}", 1)


def _is_readable(text: str) -> bool:
    return len(text) <= _LONGEST and len(text.split()) <= _MOST_WORDS and any(map(str.isalpha, text))
