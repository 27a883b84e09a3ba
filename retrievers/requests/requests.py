"""What strategies ask of engines: a small algebra that an embedded engine and a server can both translate.

Clauses score. `Words` is BM25; every other leaf scores a constant, so that two engines agree on it and what biases
a ranking (popularity, age, chance) needs no scripts and no special field types: the values are terms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from ltrr.models.text import normalise

VectorName: TypeAlias = Literal["dense", "sparse"]
DENSE: Final = "dense"
SPARSE: Final = "sparse"
SEPARATOR: Final = "\x1f"
WEIGHT_STEPS: Final = 10
TIED: Final = 32
"""What a vector engine is asked for beyond the last, so that ids can break its ties."""


@dataclass(frozen=True, slots=True)
class Words:
    """BM25: for each token the best of the fields, and `tie` times the others; summed over tokens.

    fields: (analysed field, boost).
    """

    tokens: tuple[str, ...]
    fields: tuple[tuple[str, float], ...]
    tie: float = 0.1


@dataclass(frozen=True, slots=True)
class Term:
    """An exact value of a field of terms; scores `weight`."""

    field: str
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Near:
    """A word of a field within `edits` (0 to 2, a transposition is one), or one that starts so; scores `weight`."""

    field: str
    value: str
    weight: float
    edits: int = 0
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A field of levels: 0 at its lowest level, `weight` at the highest in the application, or the other way."""

    field: str
    weight: float
    falling: bool = False


@dataclass(frozen=True, slots=True)
class Best:
    """The largest score among the clauses that match; one has to."""

    clauses: "tuple[Clause, ...]"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of scores; one of `clauses` has to match, `bonuses` only add."""

    clauses: "tuple[Clause, ...]"
    bonuses: "tuple[Clause, ...]" = ()


Clause: TypeAlias = Words | Term | Near | Scale | Best | Sum


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One search of a text engine. filters: each a set of facets of which an entity must have one; limit: >= 1."""

    clause: Clause
    application: str
    limit: int
    filters: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Mixture:
    """Texts with weights: the weighted sum of their vectors. parts: at least one."""

    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class VectorRequest:
    """One search of a vector engine, for what is nearest by inner product. filters, limit: as in TextRequest.

    near: a text, which the engine's encoder of that name turns into a vector; a mixture of texts; or a dense vector
    itself, of the encoder's dimensions and used as it is. using: which vector of an entity it is compared with. Raises
    ValueError where a sparse vector is given as numbers or mixed.
    """

    near: str | Mixture | tuple[float, ...]
    application: str
    limit: int
    filters: tuple[tuple[str, ...], ...] = ()
    using: VectorName = DENSE

    def __post_init__(self) -> None:
        if self.using != DENSE and not isinstance(self.near, str):
            raise ValueError(f"only {DENSE} vectors can be given as numbers; give a text for {self.using}")


Request: TypeAlias = TextRequest | VectorRequest


@lru_cache(65_536)
def facet(field: str, value: str) -> str:
    """Return the term under which an entity with this value of a field is filtered."""
    return f"{field}{SEPARATOR}{normalise(value)}"


def facets(filters: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return a query's filters as requests carry them."""
    return tuple(tuple(facet(field, value) for value in values) for field, values in sorted(filters.items()))


def weighted(attribute: str, value: str, weight: float) -> Sum:
    """Return a clause that scores `weight` times the entity's own weight for a value of an attribute."""
    steps = range(1, WEIGHT_STEPS + 1)
    stem = facet(attribute, value)
    return Sum(tuple(Term("weights", f"{stem}{SEPARATOR}{step}", weight * step / WEIGHT_STEPS) for step in steps))
