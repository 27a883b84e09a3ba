"""A name, alias or value of a catalogue, and those that an entity has."""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.text import article_forms, normalise, split, unpadded
from ltrr.models.wording import is_prose, is_said
from ltrr.retrievers.phrases.measures import said_measures, words_of

Carrier = tuple[str, float]
folded = lru_cache(16_384)(normalise)
"""Names are asked for several times, values of attributes again and again."""

_SHORTENED: Final = re.compile(r"\w{2,}(?=\.(?!\w))")
_QUOTES: Final = ("''", "\u2018\u2019", "\u201a\u2018", '""', "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb")
_IN_QUOTES: Final = "|".join(f"{begin}([^{begin}{end}]*){end}" for begin, end in _QUOTES)
_QUOTED: Final = re.compile(rf"\w.*[ (\[](?:{_IN_QUOTES})[)\]]?")
_SET: Final = {"true": True, "false": False}
ASKING: Final = frozenset({"is", "has", "are", "est", "ist", "hat", "es"})
"""What asks at the beginning of an attribute's name whether it is so."""

_FIRST_YEAR: Final = 1000
_LAST_YEAR: Final = 2100
_FIRST_S, _LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (_FIRST_YEAR, _LAST_YEAR))

# most phrases lack two of three, and an empty dict for each would take 64 bytes
_NO_CARRIERS: Final[dict[str, Carrier]] = {}
_NO_COUNTS: Final[dict[str, int]] = {}


class Phrase:
    """A normalised string. names, aliases: object id -> (type, popularity); attributes: attribute -> entities."""

    __slots__ = ("aliases", "attributes", "names", "text")

    def __init__(
        self,
        text: str,
        names: dict[str, Carrier] = _NO_CARRIERS,
        aliases: dict[str, Carrier] = _NO_CARRIERS,
        attributes: dict[str, int] = _NO_COUNTS,
    ) -> None:
        self.text = text
        self.names = names
        self.aliases = aliases
        self.attributes = attributes

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


def _best(carriers: dict[str, Carrier], limit: int) -> list[str]:
    return heapq.nsmallest(limit, carriers, key=lambda object_id: (-carriers[object_id][1], object_id))


def abbreviated(word: str) -> str:
    """Return the term of a word that ends in a point in a name, under which it is counted; no word is one."""
    return f"{word}."


def attributes(entity: Entity) -> Iterator[tuple[str, str, float]]:
    """Yield each (attribute, value, weight) that is no prose, as people say it, see `told`."""
    for attribute, weights in entity.attributes.items():
        held = told(attribute, weights)
        yield from ((attribute, value, weight) for value, weight in held.items() if not is_prose(value))


def told(attribute: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return the values of an attribute as people say them: of a flag its name where it is set, and else nothing.

    What has `gluten_free` or `isGlutenFree` true is called "gluten free". weights: value -> weight.
    """
    if len(weights) != 1:
        return weights
    ((value, weight),) = weights.items()
    is_set = _SET.get(value.lower())
    if is_set is None:
        return weights
    return {_flag(attribute): weight} if is_set else {}


@lru_cache(1_024)
def _flag(attribute: str) -> str:
    """Return what one says of what has a flag set: the words of its name, without those that ask for it."""
    words = words_of(attribute)
    return " ".join(words[words[0] in ASKING and len(words) > 1 :]) if words else attribute


def described(entity: Entity) -> tuple[str, ...]:
    """Return the texts that are read for their words alone: the description, and the prose of attributes."""
    return entity.description, *filter(is_prose, chain.from_iterable(entity.attributes.values()))


def years(entity: Entity) -> list[str]:
    """Return the years of dates, and numbers that may be years, each once: people type them beside a name."""
    dated = chain.from_iterable(entity.dates.values())
    found = [datetime.fromtimestamp(moment, UTC).year for moment in dated if _FIRST_S <= moment < _LAST_S]
    numbers = chain.from_iterable(entity.numbers.values())
    found += [int(number) for number in numbers if number.is_integer() and _FIRST_YEAR <= number <= _LAST_YEAR]
    return list(dict.fromkeys(map(str, found)))


def texts(entity: Entity) -> Iterator[str]:
    """Yield all texts that words are searched in, but the type: names, values, and those of `described`."""
    yield from (entity.name, *entity.aliases, *(value for _, value, _ in attributes(entity)), *described(entity))


def names(entity: Entity) -> list[str]:
    """Return the name, folded; none where nothing is left of it."""
    return list(_folded([entity.name]))


def aliases(entity: Entity) -> list[str]:
    """Return what else it is called, folded, each once."""
    return list(dict.fromkeys(_folded(also_called(entity))))


def also_called(entity: Entity) -> tuple[str, ...]:
    """Return the aliases, and what stands in quotes at the end of the name: "Creation of a Web Page ('Scripting')".

    What stands there in brackets alone is mostly of many: "(Live)", "(50 feet)".
    """
    quoted = _QUOTED.fullmatch(entity.name)
    found = next(filter(None, quoted.groups()), "") if quoted else ""
    return (*entity.aliases, found) if any(map(str.isalpha, found)) else entity.aliases


def as_written(value: str, texts: Iterable[str]) -> str:
    """Return what is normalised as the first of texts that is the same writes it, as it is where none is."""
    return next((text for text in texts if folded(text) == value), value)


def said(entity: Entity) -> list[str]:
    """Return the values that people say: by a word of an address, of JSON, or of prose, nothing is meant."""
    held = (value for _, value, _ in attributes(entity) if is_said(value))
    return list(_folded([entity.type, *held]))


def values(entity: Entity) -> list[tuple[str, str]]:
    """Return each (attribute, value) once, without prose; the type is one of them, and "false" of a flag, too."""
    held = ((attribute, told(attribute, weights) or weights) for attribute, weights in entity.attributes.items())
    pairs = ((attribute, value) for attribute, values in held for value in values if not is_prose(value))
    folds = dict.fromkeys((attribute, folded(value)) for attribute, value in (("type", entity.type), *pairs))
    return [pair for pair in folds if pair[1]]


def other_words(entity: Entity) -> Iterator[str]:
    """Yield the words of aliases and of `described`, years and `said_measures`; those behind an article once more.

    Of names and values also those with leading zeros without them.

    Of each text also what `split` makes of words of scripts without spaces; and with its point, which no word has, what
    ends so in a name: "str." of "Turmstr."
    """
    for name in (entity.name, *entity.aliases):
        yield from (abbreviated(word) for word in map(folded, _SHORTENED.findall(name)) if " " not in word)
    yield from years(entity)
    yield from said_measures(entity)
    for text in (*_folded(entity.aliases), *map(normalise, described(entity))):
        yield from text.split()
    for text in _folded((entity.name, *entity.aliases, *(value for _, value, _ in attributes(entity)))):
        yield from (bare for word in text.split() if (bare := unpadded(word)) != word)
    for text in texts(entity):
        if not text.isascii():
            held = folded(text)
            yield from set(split(held)).difference(held.split())
        for bare in article_forms(text)[1:]:
            known = set(normalise(text).split())
            yield from (word for word in normalise(bare).split() if word not in known)


def _folded(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in map(folded, texts) if text)
