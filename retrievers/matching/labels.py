"""Attributes that a query asks for by their names, beside a value: "14 g protein", "ticker v", "founded in 2010"."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.records.entity import Entity
from ltrr.models.text import stem
from ltrr.retrievers.documents.documents import code
from ltrr.retrievers.phrases.measures import is_amount, labels, measure, measured_as, written
from ltrr.retrievers.phrases.phrase import attributes

if TYPE_CHECKING:
    from ltrr.retrievers.matching.texts import Texts

_LONGEST: Final = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A word that names an attribute, and the value beside it.

    row: of the word; rows: of the value; having: whether each text has that value of an attribute named so; counted:
    whether it is a number, which means nothing else then.
    """

    row: int
    rows: list[int]
    having: NDArray[np.bool_]
    counted: bool


def labelled(card: Entity, stemmer: str) -> dict[str, set[str]]:
    """Return the stem of each word that names an attribute -> the values of such attributes, each as one word."""
    found = defaultdict[str, set[str]](set)
    for attribute, value, _ in attributes(card):
        for word in labels(attribute):
            found[stem(word, stemmer)].add(code(value))
    for attribute, numbers in card.numbers.items():
        spelt = {one for number in numbers for one in (written(number), *measured_as(attribute, number))}
        for word in labels(attribute):
            found[stem(word, stemmer)] |= spelt
    return dict(found)


def labels_of(tokens: Sequence[str], telling: Sequence[int], texts: Sequence["Texts"], stemmer: str) -> Iterator[Label]:
    """Yield the labels of a query: each with the longest value beside it that a text has so, or with a number.

    A name that has them side by side means itself: "The Color Purple". telling: the rows of words that say something.
    """
    counted = frozenset[str]().union(*(one.counted for one in texts))
    named = counted.union(*(one.labelled for one in texts))
    for place, row in enumerate(telling):
        label = stem(tokens[row], stemmer)
        if label not in named:
            continue
        for rows in (*_beside(range(len(tokens)), row), *_beside(telling, place)):
            spelt = measure("".join(tokens[one] for one in rows))
            having = np.array([spelt in one.labelled.get(label, ()) for one in texts])
            number = label in counted and is_amount(spelt)
            if (having.any() or number) and not _is_name(tokens, sorted((row, *rows)), texts):
                yield Label(row, rows, having, number)
                break


def _beside(rows: Sequence[int], place: int) -> Iterator[list[int]]:
    """Yield up to three rows behind and before a place, more of them first."""
    for size in range(_LONGEST, 0, -1):
        behind, before = rows[place + 1 : place + 1 + size], rows[max(place - size, 0) : place]
        yield from (list(some) for some in (behind, before) if len(some) == size)


def _is_name(tokens: Sequence[str], rows: Sequence[int], texts: Sequence["Texts"]) -> bool:
    said = f" {' '.join(tokens[row] for row in rows)} "
    return any(said in f" {' '.join(name)} " for one in texts for name in one.names)
