"""The words of an entity as a query is compared with them, kept as long as nothing of it has changed."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.text import article_forms, first_beginning, stem, tokenise, uncounted
from ltrr.models.wording import inverted, shingles
from ltrr.retrievers.documents.documents import codes, id_words, said_words, spelt
from ltrr.retrievers.matching.descriptions import PREFIX, Description, descriptions
from ltrr.retrievers.matching.labels import labelled
from ltrr.retrievers.matching.ranges import Range, ranges
from ltrr.retrievers.phrases.measures import labels, measures
from ltrr.retrievers.phrases.phrase import also_called, attributes, described, years
from ltrr.retrievers.understanding.without import NEGATING

TURNED: Final = 0.9
BETWEEN: Final = "\uffff"  # words: comes behind all letters, so that a name of fewer words comes first

_tokens = lru_cache(65_536)(tokenise)


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of an entity: of its name, of this and each alias, of each value, and of its description.

    weights, attributes: of the values; single: the attributes with one. parts: all but the description, the type, the
    id and years among them; none without words. described: the shingles of the description; shingles: those of names
    and values, in alphabetical order; turned: those of inverted names (see `inverted`). whole: the names and codes,
    without spaces; unpadded: those of whole that are so without leading zeros alone; in_order: the stems of each name
    in alphabetical order; begun: the names in alphabetical order, what goes on with a word behind what goes on with a
    letter; codes: the object id and what else it is asked for by in full. plainer: what the name begins or ends with;
    written: the names as they are written, in small letters; ranges: in names and values, see `ranges`; measured: see
    `measures`; labelled: see `labelled`; counted: the stems of labels of numbers.
    """

    name: tuple[str, ...]
    type: tuple[str, ...]
    names: list[tuple[str, ...]]
    values: list[tuple[str, ...]]
    weights: list[float]
    attributes: list[str]
    single: frozenset[str]
    parts: list[tuple[str, ...]]
    description: Description
    described: frozenset[str]
    shingles: list[str]
    turned: frozenset[str]
    whole: frozenset[str]
    unpadded: frozenset[str]
    in_order: frozenset[tuple[str, ...]]
    begun: list[str]
    codes: frozenset[str]
    plainer: frozenset[tuple[str, ...]]
    written: frozenset[str]
    ranges: tuple[Range, ...]
    measured: frozenset[str]
    labelled: dict[str, set[str]]
    counted: frozenset[str]

    @classmethod
    def of(cls, card: Entity, stemmer: str) -> "Texts":
        """Return the words of an entity."""
        weighed = [
            (words, weight, attribute)
            for attribute, value, weight in attributes(card)
            for text in article_forms(value)
            for words in (said_words(text), uncounted(said_words(text)))
            if words
        ]
        called = (card.name, *also_called(card))
        named = chain.from_iterable(map(article_forms, called))
        names = [words for words in map(_tokens, named) if words]
        values, weights, owners = map(list, zip(*weighed, strict=True)) if weighed else ([], [], [])
        others = (_tokens(card.type), *((one,) for one in (*id_words(card.object_id), *years(card))))
        parts = [words for words in (*names, *values, *others) if words]
        own = frozenset(codes(card))
        asked = [spelt(text) for text in (card.object_id, *called)]
        unpadded = {bare for _, *others in asked for bare in others}.difference(exact for exact, *_ in asked)
        told, sides = descriptions(described(card), stemmer)
        neighbours = sorted({one for words in (*names, *values) for one in shingles(words, stemmer)})
        backwards = chain.from_iterable(map(inverted, called))
        turned = frozenset(one for words in backwards for one in shingles(words, stemmer))
        in_order = frozenset(tuple(sorted(stem(word, stemmer) for word in words)) for words in names)
        begun = sorted(map(BETWEEN.join, names))
        name = _tokens(card.name)
        plainer = frozenset(part for at in range(1, len(name)) for part in (name[:at], name[at:]))
        written = frozenset(map(str.casefold, called))
        numbered = ranges((*called, *(value for _, value, _ in attributes(card))))
        return cls(
            name,
            _tokens(card.type),
            names,
            values,
            weights,
            owners,
            frozenset(attribute for attribute, held in card.attributes.items() if len(held) == 1),
            parts,
            told,
            sides,
            neighbours,
            turned,
            own.union(*asked),
            frozenset(unpadded),
            in_order,
            begun,
            own,
            plainer,
            written,
            numbered,
            frozenset(measures(card)),
            labelled(card, stemmer),
            frozenset(stem(word, stemmer) for attribute in card.numbers for word in labels(attribute)),
        )

    @property
    def terms(self) -> int:
        """Return how many terms its description has: forms of words, and shingles."""
        return len(self.description.forms) + len(self.described)

    def begins(self, asked: str) -> bool:
        """Tell whether a name is these words, with BETWEEN between them, but for letters of the last."""
        found = first_beginning(self.begun, asked)
        return found not in {"", asked} and BETWEEN not in found[len(asked) :]

    def has_any(self, unwanted: Sequence[tuple[str, ...]], stemmer: str) -> bool:
        """Tell whether a name or value has all words of one of these, in any form, and does not say "without" it."""
        return any(self._with(unwanted, stemmer, saying=False))

    def lacks_any(self, unwanted: Sequence[tuple[str, ...]], stemmer: str) -> bool:
        """Tell whether a name or value says that there is none of one of these."""
        return any(self._with(unwanted, stemmer, saying=True))

    def _with(self, unwanted: Sequence[tuple[str, ...]], stemmer: str, *, saying: bool) -> Iterator[bool]:
        """Yield of names and values whether one of these is there. saying: of what says "without", or not."""
        for part in self.parts if unwanted else ():
            if NEGATING.isdisjoint(part) != saying:
                held = {stem(word, stemmer) for word in part}
                yield any(held.issuperset(stem(word, stemmer) for word in one) for one in unwanted)

    def has_pair(self, pair: str, *, last: bool) -> float:
        """Return how well it has two neighbours side by side: "Rope, silk" is nearly a silk rope.

        last: of the query, which may be half typed where it is of a name or value.
        """
        near = first_beginning(self.shingles, pair)
        if near == pair or pair in self.described:
            return 1.0
        return max(PREFIX if last and near else 0.0, TURNED if pair in self.turned else 0.0)


class _Known:
    """The words of entities that were found before, as long as nothing of them has changed; those found last.

    most_entities: how many at most. most_terms: how many terms of descriptions they have at most, of some 90 bytes.
    """

    def __init__(self, most_entities: int, most_terms: int) -> None:
        self._most_entities, self._most_terms = most_entities, most_terms
        self._texts = OrderedDict[tuple[str, str, str], tuple[Entity, Texts]]()
        self._terms = 0

    def of(self, card: Entity, stemmer: str) -> Texts:
        """Return the words of an entity."""
        place = card.application, card.object_id, stemmer
        known = self._texts.get(place)
        if known is None or (known[0] is not card and known[0] != card):
            self._forget(place)
            known = card, Texts.of(card, stemmer)
            self._terms += known[1].terms
            while self._texts and (len(self._texts) >= self._most_entities or self._terms > self._most_terms):
                self._forget(next(iter(self._texts)))
            self._texts[place] = known
        self._texts.move_to_end(place)
        return known[1]

    def _forget(self, place: tuple[str, str, str]) -> None:
        if (known := self._texts.pop(place, None)) is not None:
            self._terms -= known[1].terms


known = _Known(8_192, 1_500_000)
