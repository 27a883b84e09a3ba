"""What strategies ask of engines: a small algebra that an embedded engine and a server can both translate.

Clauses score. `Words` is BM25; every other leaf scores a constant, so that two engines agree on it and what biases
a ranking (popularity, age, chance) needs no scripts and no special field types: the values are terms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from ltrr.models.records.query import Order, Range
from ltrr.models.text import normalise, number_text

VectorName: TypeAlias = Literal["dense", "sparse"]
DENSE: Final = "dense"
SPARSE: Final = "sparse"
SEPARATOR: Final = "\x1f"
WEIGHT_STEPS: Final = 10
_NUMBER: Final = "\x1e"
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


@dataclass(frozen=True, slots=True)
class Every:
    """The sum of scores; all of `clauses` have to match."""

    clauses: "tuple[Clause, ...]"


@dataclass(frozen=True, slots=True)
class Scaled:
    """A clause whose score counts `share` times."""

    clause: "Clause"
    share: float


@dataclass(frozen=True, slots=True)
class Within:
    """A condition on a number of entities: that one of its values lies in a range."""

    field: str
    range: Range


Clause: TypeAlias = Words | Term | Near | Scale | Best | Sum | Every | Scaled
Filter: TypeAlias = tuple[str, ...] | Within
"""Facets of which an entity must have one, or a range."""


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One search of a text engine. clause: None for all that pass the filters, which all hold; limit: >= 1.

    order: of the hits, by a number, whose scores then say nothing; by score where it is None.
    """

    clause: Clause | None
    application: str
    limit: int
    filters: tuple[Filter, ...] = ()
    order: Order | None = None


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
    filters: tuple[Filter, ...] = ()
    using: VectorName = DENSE

    def __post_init__(self) -> None:
        if self.using != DENSE and not isinstance(self.near, str):
            raise ValueError(f"only {DENSE} vectors can be given as numbers; give a text for {self.using}")


Request: TypeAlias = TextRequest | VectorRequest


def best(clauses: Iterable[tuple[Clause, float]]) -> Clause:
    """Return the best of some clauses that count with a share each, or the only one. Raises ValueError for none."""
    first, *others = (clause if share == 1.0 else Scaled(clause, share) for clause, share in clauses)
    return Best((first, *others)) if others else first


@lru_cache(65_536)
def facet(field: str, value: str) -> str:
    """Return the term under which an entity with this value of a field is filtered."""
    return f"{field}{SEPARATOR}{normalise(value)}"


def number_facet(field: str, number: float) -> str:
    """Return the term under which an entity with this number is filtered; no text has such a one."""
    return f"{field}{SEPARATOR}{_NUMBER}{number_text(number)}"


def field_of(accepted: tuple[str, ...]) -> str:
    """Return the field whose facets these are; values have no separator."""
    return accepted[0].rpartition(SEPARATOR)[0]


def facets(filters: Mapping[str, Iterable[str | float] | Range]) -> tuple[Filter, ...]:
    """Return a query's filters as requests carry them."""
    return tuple(_filter(field, accepted) for field, accepted in sorted(filters.items()))


def _filter(field: str, accepted: Iterable[str | float] | Range) -> Filter:
    if isinstance(accepted, Range):
        return Within(field, accepted)
    return tuple(facet(field, one) if isinstance(one, str) else number_facet(field, one) for one in accepted)


def weighted(attribute: str, value: str, weight: float) -> Sum:
    """Return a clause that scores `weight` times the entity's own weight for a value of an attribute."""
    steps = range(1, WEIGHT_STEPS + 1)
    stem = facet(attribute, value)
    return Sum(tuple(Term("weights", f"{stem}{SEPARATOR}{step}", weight * step / WEIGHT_STEPS) for step in steps))
