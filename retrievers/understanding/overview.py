"""What a catalogue is about: queries to begin with, and the attributes that tell its entities apart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
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
_TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a catalogue is about.

    entities: how many there are. examples: queries to begin with. shown: text attributes, the most common first.
    counted: those of them whose values many entities share, by which results can be narrowed down.
    """

    entities: int
    examples: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()


@dataclass(slots=True)
class _Attribute:
    values: int = 0
    entities: int = 0
    best: list[tuple[int, str]] = field(default_factory=list)


class Gathering:
    """Gathers an overview, phrase by phrase. entities: of the catalogue."""

    def __init__(self, entities: int) -> None:
        self._entities = entities
        self._attributes: dict[str, _Attribute] = {}
        self._names: list[tuple[float, int, str]] = []

    def add(self, phrases: Iterable[Phrase]) -> None:
        """Look at some phrases."""
        for phrase in phrases:
            readable = _is_readable(phrase.text)
            for attribute, count in phrase.attributes.items():
                found = self._attributes.setdefault(attribute, _Attribute())
                found.values += 1
                found.entities += count
                if readable and 1 < count <= max(2, self._entities // 2):
                    found.best = sorted([*found.best, (-count, phrase.text)])[:_VALUES]
            if readable and phrase.names:
                # of names that are as popular any will do, but not those that begin the alphabet
                self._names.append((-phrase.popularity, crc32(phrase.text.encode()), phrase.text))
        self._names = sorted(self._names)[:_NAMES]

    def overview(self) -> Overview:
        """Return what was gathered."""
        told = {name: one for name, one in self._attributes.items() if name != _TYPE}
        shown = sorted(told, key=lambda name: (-told[name].entities, name))
        counted = [name for name in shown if 1 < told[name].values <= told[name].entities / 2]
        names = [text for _, _, text in self._names]
        ranks = zip_longest(*(told[name].best for name in counted))  # the best of each, then the second best
        values = [value[1] for rank in ranks for value in rank if value is not None][:_VALUES]
        mixed = [text for pair in zip_longest(names, values) for text in pair if text]
        wrong = next((text for name in names if (text := misspelt(name)) != name), None)
        examples = dict.fromkeys([*mixed, *([wrong] if wrong else [])])
        return Overview(self._entities, tuple(examples), tuple(shown), tuple(counted))


def misspelt(text: str) -> str:
    """Return a text with two letters swapped within its longest word, itself where all words are short."""
    word = max(text.split(), key=len, default="")
    if len(word) < _MISSPELT or not word.isalpha():
        return text
    return text.replace(word, f"{word[:2]}{word[3]}{word[2]}{word[4:]}", 1)


def _is_readable(text: str) -> bool:
    return len(text) <= _LONGEST and len(text.split()) <= _MOST_WORDS and any(map(str.isalpha, text))
