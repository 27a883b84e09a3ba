"""Queries that mean one item: its name, and with it what tells it best from others of that name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.models.records.entity import Entity
from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import normalise, tokenise
from ltrr.serving.demo.people.misspelling import misspelt

_LEAST_REPEATED: Final = 0.05
_SAID: Final = 3
_LEAST_LETTERS: Final = 4

Counts = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An entity and the query of a visitor who knows it."""

    object_id: str
    text: str


def hits(asked: Sequence[KnownItem], lists: Sequence[Sequence[str]], depth: int) -> Array:
    """Return 1 where an item is among the first of its list, else 0; shape (asked,)."""
    found = [item.object_id in ranked[:depth] for item, ranked in zip(asked, lists, strict=True)]
    return np.array(found, dtype=np.float64)


def misspelt_items(items: Iterable[KnownItem], seed: int) -> list[KnownItem]:
    """Return the items as someone asks for them who mistypes."""
    rng = np.random.default_rng([seed, 4])
    return [KnownItem(item.object_id, misspelt(rng, item.text)) for item in items]


def described_items(entities: Iterable[Entity], seed: int) -> list[KnownItem]:
    """Return the entities as someone asks for them who knows three words of the description, and no name.

    Those with a description of three other words of at least four letters, one for each query, in their order.
    """
    rng = np.random.default_rng([seed, 5])
    asked: dict[str, KnownItem] = {}
    for entity in entities:
        own = set(tokenise(entity.name))
        words = [
            word
            for word in dict.fromkeys(tokenise(entity.description))
            if len(word) >= _LEAST_LETTERS and word.isalpha() and word not in own
        ]
        if len(words) >= _SAID:
            chosen = sorted(rng.choice(len(words), _SAID, replace=False).tolist())
            text = " ".join(words[place] for place in chosen)
            asked.setdefault(text, KnownItem(entity.object_id, text))
    return list(asked.values())


def known_items(entities: Iterable[Entity]) -> list[KnownItem]:
    """Return the items whose query, normalised, is no other entity's too, in the order of the entities.

    A query is the name, then the value of the most telling attribute that the entity has: a song's artist, a product's
    brand, a book's author. See `telling`.
    """
    entities = list(entities)
    counts = _counts(entities)
    attributes = telling(counts)
    items = [KnownItem(entity.object_id, _text(entity, attributes, counts)) for entity in entities]
    asked = Counter(normalise(item.text) for item in items)
    return [item for item in items if (text := normalise(item.text)) and asked[text] == 1]


def telling(counts: Counts) -> list[str]:
    """Return the attributes that people may know items by, the most telling first: the one of most different values.

    counts: attribute -> value -> entities that have it. One whose values hardly repeat numbers the items, such as an
    ISBN, and nobody types that.
    """
    found = {}
    for name, values in counts.items():
        total = values.total()
        if total and (total - len(values)) / total >= _LEAST_REPEATED:
            found[name] = len(values)
    return sorted(found, key=lambda name: (-found[name], name))


def _counts(entities: Iterable[Entity]) -> Counts:
    """Return how many entities have each value of words; numbers, such as prices and years, are left out."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for entity in entities:
        for name, value, _ in _values(entity, entity.attributes):
            counts[name][value] += 1
    return counts


def _values(entity: Entity, attributes: Iterable[str]) -> Iterator[tuple[str, str, float]]:
    """Yield (attribute, value, weight)."""
    for name in attributes:
        for value, weight in entity.attributes.get(name, {}).items():
            if any(character.isalpha() for character in value):
                yield name, value, weight


def _text(entity: Entity, attributes: Sequence[str], counts: Counts) -> str:
    """Return the query: of several values of an attribute the strongest one is named, the rarest among equals."""
    for attribute in attributes:
        values = [(-weight, counts[attribute][value], value) for _, value, weight in _values(entity, [attribute])]
        if values:
            value = min(values)[2]
            # who types "Acme Anvil" does not add "Acme"; a record that has only its artist's name needs both
            said = set(tokenise(value)) < set(tokenise(entity.name))
            return entity.name if said else f"{entity.name} {value}"
    return entity.name
