"""A page is of one state: what is shown passes the filters, in the order asked, whatever engines know by now."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Decision
from ltrr.models.records.query import Order, Query, Range
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.index.cards import Cards
from ltrr.retrievers.index.index import Index
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.waves import Waves

PRICES = {"a": 10.0, "b": 20.0, "c": 30.0, "d": None}
QUERY = Query(text="lamp", normalised="lamp", tokens=("lamp",), time_s=0.0, seed=1)
CHEAP = replace(QUERY, filters={"price": Range(lt=25.0), "colour": ("Red",), "type": ("thing",)})


def lamps(**changed: float | None) -> list[Entity]:
    """Return lamps, some with other prices."""
    prices: Mapping[str, float | None] = PRICES | changed
    return [
        Entity(one, "thing", "Lamp", {"colour": {"red": 1.0}}, numbers={} if price is None else {"price": (price,)})
        for one, price in prices.items()
    ]


@pytest.fixture
def behind() -> Iterator[Waves]:
    """Return what searches an engine that has the old prices while cards have the new ones.

    So it is between the two writes of a change, and as long as a server has not made a change visible.
    """
    with closing(EmbeddedText()) as text:
        text.index(lamps())
        index = Index(Cards(), {"text": text}, [], ExitStack(), 10, {"text": 10.0})
        asyncio.run(index.index(lamps(a=25.0, b=5.0, d=7.0)))
        yield Waves(index, Metrics())


@pytest.mark.parametrize(("falling", "shown"), [(False, "bdac"), (True, "cadb")])
def test_an_order_is_that_of_the_values_shown(behind: Waves, *, falling: bool, shown: str) -> None:
    """Those that have none stand last, as engines put them."""
    found = asyncio.run(behind.browse(QUERY, Order("price", falling), 10))
    assert "".join(found.cards) == shown


def test_filters_hold_for_what_is_browsed(behind: Waves) -> None:
    """What does not pass any more is left out."""
    assert list(asyncio.run(behind.browse(CHEAP, None, 10)).cards) == ["b"]
    assert list(asyncio.run(behind.browse(CHEAP, Order("price"), 10)).cards) == ["b"]


def test_filters_hold_for_what_a_plan_brings(behind: Waves) -> None:
    """In an order by relevance, too."""
    rules = PlanRules((Arm("fulltext", ("text:fulltext",)),), (0, 10))
    plan = Decision("static", "v1", 0, rules.names, (0, 10), (1,), ((0.0, 1.0),), 0.1, 1, 1.0, 1)
    assert list(asyncio.run(behind.run(CHEAP, plan, rules)).cards) == ["b"]
    assert sorted(asyncio.run(behind.run(QUERY, plan, rules)).cards) == ["a", "b", "c", "d"]
