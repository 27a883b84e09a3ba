"""What a catalogue is about: queries to begin with, and the attributes that tell its entities apart."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import itemgetter
from typing import Final
from zlib import crc32

from rich.cells import cell_len

from ltrr.models.records.contacts import is_contact
from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.retrievers.phrases.phrase import Phrase

PHRASES: Final = 20_000
"""How many names and values are looked at."""

_NAMES: Final = 4
_VALUES: Final = 3
_LONGEST: Final = 40  # letters; a Chinese character says as much as four
_SENTENCE: Final = 60  # letters: what is longer is read, not chosen
_MOST_WORDS: Final = 4
_FEWEST_LETTERS: Final = 3
_MARKS: Final = frozenset('*?!<>=[]{}|~^;:#@$%"\\')
_SENTENCE_WORDS: Final = 3
_CHOICE_WORDS: Final = 3  # of a value to narrow down by
_CHOICES: Final = 50  # values that can be chosen from, however long they are
_RARELY_ALIKE: Final = 0.1
_COMMON: Final = 5  # one in so many entities
_FEW_ENTITIES: Final = 4
_STOPS: Final = frozenset("\u3002\uff0c\uff1b\uff1f\uff01")  # of Chinese and Japanese
_SHARED: Final = 0.5
_SHARED_OF_MANY: Final = 0.3
_FEW: Final = 0.2
_ALL_DIFFERENT: Final = 0.9
_NEARLY_ALL: Final = 0.95
_TRUTHS: Final = frozenset({"true", "false", "yes", "no"})
_LOOKED_UP: Final = 60  # values, for how they are written
_ADDRESS: Final = re.compile(r"\S@\S|\w://|\bwww\.", re.IGNORECASE)
_TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a catalogue is about.

    entities: how many there are. examples: queries to begin with, as the catalogue writes them. shown: text attributes,
    those that most entities have first, of these the ones that lie least deep; what nearly all have alike behind them,
    and those in which nearly every value is another one (addresses, codes, names of files) behind all others. counted:
    those of them whose values many entities share, and others do not, by which results can be narrowed down, and before
    them `type` where that differs: no contacts, no addresses of pages, no sentences, no lists of words. type: the one
    that all entities have, None where they differ.
    """

    entities: int
    examples: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What the dictionary, which folds all texts, can tell for an overview; the rest is as in it.

    named: object ids of what has the most popular names. values: (attribute, folded value) that several entities share,
    the most common of each attribute first.
    """

    entities: int
    named: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    type: str | None = None

    def overview(self, cards: Iterable[Entity], carriers: Mapping[tuple[str, str], Entity]) -> Overview:
        """Return the overview. cards: of what is named, in that order. carriers: of values, one of each."""
        cards = list(cards)
        held = [*cards, *carriers.values()]
        told = {name: [one for card in held for one in card.attributes.get(name, ())] for name in self.counted}
        addresses = {name for name, values in told.items() if is_contact(name, values) or _are_addresses(values)}
        written = {value: _as_written(carriers[value], *value) for value in self.values if value in carriers}
        values = [text for (name, _), text in written.items() if name not in addresses]
        examples = _examples([one.name for one in cards], values)
        counted = tuple(name for name in self.counted if name not in addresses)
        return Overview(self.entities, examples, self.shown, counted, self.type)


@dataclass(slots=True)
class _Attribute:
    values: int = 0
    entities: int = 0
    everywhere: int = 0  # values that nearly all entities have
    sentences: int = 0  # values
    wordy: int = 0  # values of more words than a choice has
    best: list[tuple[int, str]] = field(default_factory=list)

    @property
    def distinct(self) -> float:
        """The share of values that are different."""
        return self.values / self.entities

    @property
    def tells_apart(self) -> bool:
        """Whether it has several values, few of them sentences, and many entities share one that others do not have.

        Nor are more values than can be chosen from choices where few entities share one, as versions, nor many values
        of several words, where few entities share one: keywords in a row.
        """
        shared = self.values > max(1, self.everywhere) and self.distinct <= _SHARED
        many = self.values > _CHOICES and self.distinct > _SHARED_OF_MANY
        in_rows = 2 * self.wordy > self.values > _CHOICES and self.distinct > _RARELY_ALIKE
        return shared and self.sentences <= _FEW * self.values and not (many or in_rows)


class Gathering:
    """Gathers an overview, phrase by phrase. entities: of the catalogue."""

    def __init__(self, entities: int) -> None:
        self._entities = entities
        self._attributes: dict[str, _Attribute] = {}
        self._names: list[tuple[float, int, str]] = []  # falling popularity, chance, object id
        self._type = ("", 0)

    def add(self, phrases: Iterable[Phrase]) -> None:
        """Look at some phrases."""
        most = min(max(2, self._entities // 2), max(_FEW_ENTITIES, self._entities // _COMMON))
        for phrase in phrases:
            wordy = len(phrase.text.split()) > _CHOICE_WORDS
            readable, told = _is_readable(phrase.text), _length(phrase.text) > _SENTENCE
            self._type = max(self._type, (phrase.text, phrase.attributes.get(_TYPE, 0)), key=itemgetter(1))
            for attribute, count in phrase.attributes.items():
                found = self._attributes.setdefault(attribute, _Attribute())
                found.values += 1
                found.entities += count
                found.everywhere += count >= _NEARLY_ALL * self._entities
                found.sentences += told
                found.wordy += wordy
                if readable and 1 < count <= most:
                    found.best = sorted([*found.best, (-count, phrase.text)])[:_VALUES]
            if readable and phrase.names:
                # of names that are as popular any will do, but not those that begin the alphabet
                self._names.append((-phrase.popularity, crc32(phrase.text.encode()), phrase.carriers(1)[0]))
        self._names = sorted(self._names)[: 2 * _NAMES]

    def outline(self) -> Outline:
        """Return what was gathered."""
        told = {name: one for name, one in self._attributes.items() if name != _TYPE}
        shown = sorted(told, key=lambda name: self._place(name, told[name]))
        counted = [name for name in shown if told[name].tells_apart]
        ranks = zip_longest(*([(name, text) for _, text in told[name].best] for name in counted))
        types = [_TYPE] if self._attributes.get(_TYPE, _Attribute()).tells_apart else []
        values = [value for rank in ranks for value in rank if value is not None]  # the best of each, the second best
        named = tuple(object_id for _, _, object_id in self._names)
        return Outline(
            self._entities, named, tuple(values[:_LOOKED_UP]), tuple(shown), (*types, *counted), self._only_type()
        )

    def _place(self, name: str, held: _Attribute) -> tuple[bool, bool, int, int, int, str]:
        """Return by what attributes are ordered: many values of each entity say no more, nor do fields deep within."""
        says_nothing = held.values <= held.everywhere
        carried = min(held.entities, self._entities)
        return held.distinct > _ALL_DIFFERENT, says_nothing, -carried, name.count("."), -held.entities, name

    def _only_type(self) -> str | None:
        text, count = self._type
        return text if 0 < count == self._entities else None


def _examples(names: Iterable[str], values: Iterable[str]) -> tuple[str, ...]:
    """Return names and values in turn."""
    names = list(dict.fromkeys(filter(_is_readable, names)))[:_NAMES]
    values = list(dict.fromkeys(filter(_is_readable, values)))[:_VALUES]
    return tuple(dict.fromkeys(text for pair in zip_longest(names, values) for text in pair if text))


def _are_addresses(values: Sequence[str]) -> bool:
    """Return whether most values are addresses, of pages or of people."""
    return 2 * sum(bool(_ADDRESS.search(value)) for value in values) > len(values)


def _as_written(carrier: Entity, attribute: str, folded: str) -> str:
    """Return a value as its entity has it, the folded one where that has changed meanwhile."""
    return next((value for value in carrier.attributes.get(attribute, ()) if normalise(value) == folded), folded)


def _is_readable(text: str) -> bool:
    """Tell whether somebody would type a text: few words of letters, no address, marks or sentence."""
    words, letters = text.split(), "".join(filter(str.isalpha, text))
    if _length(text) > _LONGEST or len(words) > _MOST_WORDS or (_STOPS | _MARKS).intersection(text):
        return False
    if len(words) >= _SENTENCE_WORDS and text.endswith("."):
        return False
    worded = _length(letters) >= _FEWEST_LETTERS and 2 * len(letters) > sum(map(len, words))
    return worded and text.lower() not in _TRUTHS and not _ADDRESS.search(text)


def _length(text: str) -> int:
    """Return how long a text is, in Latin letters."""
    return 3 * cell_len(text) - 2 * len(text)
