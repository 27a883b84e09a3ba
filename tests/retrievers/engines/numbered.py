"""A catalogue of numbers and texts, and what a scan over all of it finds: engines have to find the same."""

import random
from collections.abc import Iterator, Sequence

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Order, Range
from ltrr.retrievers.documents import documents
from ltrr.retrievers.requests.requests import Filter, TextRequest, Within, facets

DEPTH = 60
GENRES = tuple("abcdefghij")


def catalogue(count: int) -> list[Entity]:
    """Return entities of which some have no price, some several sizes, and all a genre."""
    rng = random.Random(7)  # noqa: S311  # no secret depends on it
    return [_entity(rng, number) for number in range(count)]


def _entity(rng: random.Random, number: int) -> Entity:
    numbers = {"price": (round(rng.uniform(-50, 1000), 2),)} if rng.random() < 0.9 else {}
    numbers["shoe size/EU.1"] = tuple(float(size) for size in rng.sample(range(30, 50), rng.randint(1, 3)))
    return Entity(
        f"e{number}",
        rng.choice(("shoe", "boot")),
        f"Thing {number % 100}",
        {"genre": {rng.choice(GENRES): 1.0}},
        popularity=float(rng.randrange(1_000)),
        created_s=rng.uniform(-1e9, 1.7e9) if rng.random() < 0.5 else None,
        numbers=numbers,
        dates={"released": (rng.randrange(-20_000, 20_000) * 86_400.0,)},
    )


def conditions() -> Iterator[tuple[Filter, ...]]:
    """Yield filters of every kind, alone and together."""
    yield ()
    yield (Within("price", Range(gte=10.0, lte=20.0)),)
    yield (Within("price", Range(gt=-5.5, lt=100.0)),)
    yield (Within("price", Range(lte=0.0)), *facets({"genre": ("a", "b")}))
    yield (Within("shoe size/EU.1", Range(gte=48.0)),)
    yield (Within("shoe size/EU.1", Range(gte=35.0, lt=37.0)),)
    yield (Within("released", Range(gte=0.0)), Within("created_s", Range(lt=0.0)), Within("popularity", Range(gt=900)))
    yield facets({"shoe size/EU.1": (38.0, 39.0), "type": ("boot",), "price": Range(gte=500.0)})
    yield (Within("nothing", Range(gte=0.0)),)


ORDERS = (
    Order("price"),
    Order("price", falling=True),
    Order("shoe size/EU.1", falling=True),
    Order("created_s", falling=True),
    Order("nothing"),
)


def requests(limit: int = DEPTH) -> list[TextRequest]:
    """Return each order under each filter."""
    return [TextRequest(None, "default", limit, filters, order) for filters in conditions() for order in ORDERS]


def scanned(entities: Sequence[Entity], asked: Sequence[TextRequest]) -> list[list[str]]:
    """Return what requests find, by a look at every entity."""
    passing = {filters: [one for one in entities if documents.passes(one, filters)] for filters in conditions()}
    return [_ordered(passing[one.filters], one.order or Order(""))[: one.limit] for one in asked]


def _ordered(entities: Sequence[Entity], order: Order) -> list[str]:
    def place(entity: Entity) -> tuple[bool, float, str]:
        held = documents.numbers(entity).get(order.field, ())
        number = (-max(held) if order.falling else min(held)) if held else 0.0
        return not held, number, entity.object_id

    return [one.object_id for one in sorted(entities, key=place)]
