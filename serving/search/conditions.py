"""Filters, orders and fields of a request, held against what the catalogue has.

A name that no entity has is no error, since the last that had it may just have gone: it is told with near ones.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Final

from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import CREATED, FieldKinds, by_depth
from ltrr.models.records.query import RELEVANCE, SIGNS, Order, Range
from ltrr.models.text import number_text
from ltrr.serving.search.messages import Bounds, FacetRequest, SearchRequest
from ltrr.streams.events.timestamps import read_date, write_date

NEWEST: Final = "newest"
_FALLING: Final = "-"
_LISTED: Final = 20
_NEAR: Final = 0.7
_NONE_HAS: Final = Range(gte=0.0)  # nothing is in any range of what is not there
Value = str | float | bool
_OWN: Final[Mapping[str, Callable[[Entity], list[str | float]]]] = {
    "description": lambda card: [card.description] if card.description else [],
    "aliases": lambda card: [*card.aliases],
    "related": lambda card: [*card.related],
    "popularity": lambda card: [card.popularity],
    "quality": lambda card: [card.quality],
    CREATED: lambda card: [] if card.created_s is None else [write_date(card.created_s)],
}
"""Fields that items may carry besides attributes."""
_TEXTS: Final = ("name", "object_id")


def read_filters(request: SearchRequest, kinds: FieldKinds) -> dict[str, tuple[str | float, ...] | Range]:
    """Return a request's filters. kinds: what the catalogue has, empty where it has nothing. Raises InvalidInput."""
    found: dict[str, tuple[str | float, ...] | Range] = {}
    for name, accepted in request.filters.items():
        if isinstance(accepted, Bounds):
            found[name] = read_range("filters", name, accepted, kinds)
        else:
            given = accepted if isinstance(accepted, list) else [accepted]
            if not given:
                raise InvalidInput(f"filters: {name} accepts nothing: name values, or leave the filter out")
            found[name] = tuple(one for value in given for one in _values(value, name, kinds))
    return found


def read_order(request: SearchRequest, kinds: FieldKinds) -> Order | None:
    """Return a request's order, None for relevance, as where no entity has what is asked. Raises InvalidInput."""
    if request.sort == RELEVANCE:
        return None
    name = _ordered_by(request)
    of = kinds.get(name)
    if of == {"text"}:
        raise InvalidInput(f"sort: {name} has texts, which give no order; there are: {_listed(_orders(kinds))}")
    return Order(name, request.sort == NEWEST or request.sort.startswith(_FALLING)) if of else None


def check_ranges(request: SearchRequest, kinds: FieldKinds) -> None:
    """Raise InvalidInput where facets cannot be counted in ranges."""
    for facet in request.facets:
        if isinstance(facet, FacetRequest):
            for bounds in facet.ranges:
                read_range("facets", facet.field, bounds, kinds)


def unknown_names(request: SearchRequest, kinds: FieldKinds) -> Iterator[str]:
    """Yield what to say of each name in a request that no entity has; nothing where there are no entities."""
    if not kinds:
        return
    yield from (_unknown("filters", name, kinds) for name in request.filters if name not in kinds)
    name = _ordered_by(request)
    if request.sort == NEWEST and name not in kinds:
        yield f"sort: no entity has {name}, by which {NEWEST} goes: give it to entities, or sort otherwise"
    elif name in _TEXTS:
        yield f"sort: every entity has a {name}, but that gives no order; there are: {_listed(_orders(kinds))}"
    elif request.sort != RELEVANCE and name not in kinds:
        yield _unknown("sort", name, _orders(kinds))
    counted = (one.field if isinstance(one, FacetRequest) else one for one in request.facets)
    yield from (_unknown("facets", name, kinds) for name in counted if name not in kinds)
    yield from (_unknown("fields", name, {**kinds, **_OWN}) for name in request.fields if name not in {*kinds, *_OWN})


def carried(card: Entity, fields: Iterable[str]) -> dict[str, list[str | float]]:
    """Return what an entity has under names: the heaviest text first; dates in ISO 8601."""
    return {name: values for name in fields if (values := _carried(card, name))}


def read_range(where: str, name: str, bounds: Bounds, kinds: FieldKinds) -> Range:
    """Return the range of a field; dates may be given as ISO 8601; any where no entity has it. Raises InvalidInput."""
    if kinds and name not in kinds:
        return _NONE_HAS
    of = kinds.get(name, {"number"})
    if not of & {"number", "date"}:
        raise InvalidInput(f"{where}: {name} has texts, no numbers: give a list of those that are accepted")
    given = bounds.model_dump(exclude_none=True)
    try:
        found = Range(**{bound: _number(value, dates="date" in of) for bound, value in given.items()})
    except ValueError as error:
        raise InvalidInput(f"{where}: {name}: {error}") from None
    if found.is_empty:
        said = " and ".join(f"{bound} {written(value)}" for bound, value in given.items())
        raise InvalidInput(f"{where}: {name}: nothing is {said}: the lower bound is gte or gt")
    return found


def said_bounds(name: str, bounds: Range, kinds: FieldKinds) -> dict[str, float | str]:
    """Return the bounds of a range as a request has them; dates in ISO 8601."""
    given = {bound: value for bound, value in asdict(bounds).items() if value is not None}
    return {bound: write_date(value) if "date" in kinds.get(name, ()) else value for bound, value in given.items()}


def said_order(order: Order) -> str:
    """Return an order as a request has it."""
    return NEWEST if order == Order(CREATED, falling=True) else f"{_FALLING * order.falling}{order.field}"


def out_of_bounds(ranges: Mapping[str, Range], kinds: FieldKinds, rest: str) -> str:
    """Return what to say of a query whose words set bounds that nothing is within. rest: what is searched then."""
    said = (
        f"{name} {SIGNS[bound]} {written(value)}"
        for name, one in ranges.items()
        for bound, value in said_bounds(name, one, kinds).items()
    )
    return f"nothing that was found has {' and '.join(said)}: these are results of {rest!r}"


def within_bounds(rest: str) -> str:
    """Return what to say of a query of which nothing but its bounds is known. rest: its other words."""
    return f"nothing was found for {rest!r}: these are all within its bounds"


def _carried(card: Entity, name: str) -> list[str | float]:
    weights = card.attributes.get(name, {})
    texts = sorted(weights, key=lambda value: (-weights[value], value))
    held: list[str | float] = [*texts, *card.numbers.get(name, ()), *map(write_date, card.dates.get(name, ()))]
    return _OWN[name](card) if not held and name in _OWN else held


def _values(value: Value, name: str, kinds: FieldKinds) -> Iterable[str | float]:
    """Yield what a value may stand for, by the kinds that the field has. Raises InvalidInput where it is none."""
    of = kinds.get(name, {"text"})
    if "text" in of:
        yield str(value).lower() if isinstance(value, bool) else written(value)
    if of & {"number", "date"}:
        try:
            yield _number(str(value).lower() if isinstance(value, bool) else value, dates="date" in of)
        except ValueError as error:
            if "text" not in of:
                raise InvalidInput(f"filters: {name}: {error}") from None


def written(value: str | float) -> str:
    """Return a value as people write it: 250, not 250.0."""
    return value if isinstance(value, str) else number_text(float(value))


def _number(value: str | float, *, dates: bool) -> float:
    if dates:
        return read_date(value)
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{str(value)[:50]!r} is no number")
    return number


def _ordered_by(request: SearchRequest) -> str:
    return CREATED if request.sort == NEWEST else request.sort.removeprefix(_FALLING)


def _orders(kinds: FieldKinds) -> list[str]:
    """Return what pages can be ordered by."""
    numbers = (name for name, of in kinds.items() if of != {"text"})
    return [*numbers, *([NEWEST] if CREATED in kinds else []), RELEVANCE]


def _unknown(where: str, name: str, known: Iterable[str]) -> str:
    folded = {one.lower(): one for one in known}
    wanted = name.lower()
    near = [folded[one] for one in get_close_matches(wanted, folded, n=3, cutoff=_NEAR)]
    near = near or [folded[one] for one in sorted(folded) if wanted in one or one in wanted]
    said = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are: {_listed(folded.values())}"
    return f"{where}: no entity has {name[:100]!r}; {said}"


def _listed(names: Iterable[str]) -> str:
    """Return names for a message, those of fields deep within objects last; of very many how many more there are."""
    ordered = sorted(names, key=by_depth)
    more = len(ordered) - _LISTED
    return ", ".join(ordered[:_LISTED]) + (f", and {more} more" if more > 0 else "")
