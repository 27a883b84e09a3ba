"""Every strategy that `discover` finds keeps the contract of an arm; engines are real but where one has to fail."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Query, Range, RememberedHit
from ltrr.models.retrieval import Retrieval
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers import strategies
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.index.opening import open_index
from ltrr.retrievers.index.wave import Wave
from ltrr.retrievers.strategies.base import Strategy
from ltrr.testing.fake_engine import FakeEngine

DEPTH = 20
ARMS = strategies.discover()
Filters = Mapping[str, tuple[str | float, ...] | Range]
WORDS = ("love", "story", "night", "river", "blue", "קפה", "café", "東京", "😀")
TEXTS = (
    "love",
    "blue nihgt",
    "soul",
    "קפה שחור",
    "مرحبا love",
    "CAFÉ 東京 😀",
    "\u202eevol\u202c",
    "!!!",
    "love\x00 \x1f",
    "'",
)


PROFILE = (Hit("gone", 9.0), *(Hit(f"song-{n}", 1.0 / n) for n in range(3, 50)))
SESSION = (Hit("song-8", 0.5),)
REMEMBERED = (RememberedHit("gone", 9.0), *(RememberedHit(f"song-{n}", 1.0 / (n + 1)) for n in range(30)))


def catalogue() -> Iterator[Entity]:
    """Return sixty songs in a ring of relations, every other one a live one; and one of a neighbour."""
    for number in range(60):
        name = f"{WORDS[number % len(WORDS)]} {WORDS[number // len(WORDS)]} {number % 7}"
        yield Entity(
            object_id=f"song-{number}",
            type="song" if number % 2 else "live song",
            name=name,
            attributes={"genre": {"soul" if number % 3 else "Nu Jazz": 0.1 + number / 100}},
            description="a song of love",
            related=(f"song-{(number + 7) % 60}", "unknown"),
            popularity=2.0**number,
            created_s=1_700_000_000.0 + number,
            numbers={"price": (number / 2,), "EU size": (38.0, 39.0 + number % 3)},
        )
    yield Entity("foreign", "song", "love story", application="other")


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """Return an index of the catalogue."""
    index = open_index(depth=DEPTH, deadlines_s={"text": 10.0, "vector": 10.0})
    asyncio.run(index.index(catalogue()))
    yield index
    index.close()


def query(index: Index, text: str, filters: Filters | None = None, seed: int = 7) -> Query:
    """Return a query as the query worker makes it."""
    return Query(
        text,
        normalise(text),
        tokenise(text),
        1_700_000_500.0,
        seed,
        filters=filters or {},
        understanding=index.understand(text, "default"),
        remembered=REMEMBERED,
        profile=PROFILE,
        session=SESSION,
    )


def draw(index: Index, arm: type[Strategy], asked: Query, budget: int) -> Sequence[Hit]:
    """Return what an arm draws."""
    retrieval = asyncio.run(index.retrieve(asked, {arm.name: budget}))
    assert not retrieval.failures
    return retrieval.lists[arm.name]


arms = pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
texts = pytest.mark.parametrize("text", TEXTS, ids=ascii)


@arms
def test_says_what_it_is(arm: type[Strategy]) -> None:
    """An arm has a name, a description of one line, and calls that name their engine."""
    assert arm.name.isidentifier()
    assert arm.description
    assert "\n" not in arm.description
    assert len(set(arm.calls)) == len(arm.calls)
    assert all(call.split(":")[0] in {"text", "vector"} and call.split(":")[1] for call in arm.calls)


@arms
@texts
def test_list_is_in_order(index: Index, arm: type[Strategy], text: str) -> None:
    """Any text gives at most k hits of known entities, each once, best first, ties by object id."""
    hits = draw(index, arm, query(index, text), 10)
    assert len(hits) <= 10
    assert len({hit.object_id for hit in hits}) == len(hits)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.object_id))
    assert None not in index.entities("default", [hit.object_id for hit in hits])


@arms
@texts
def test_smaller_budget_is_a_prefix(index: Index, arm: type[Strategy], text: str) -> None:
    """What is drawn with a budget begins what is drawn with a larger one, and is the same each time."""
    asked = query(index, text)
    budgets = DEPTH, DEPTH, 13, 5, 1

    async def draw_all() -> list[Retrieval]:
        return await asyncio.gather(*(index.retrieve(asked, {arm.name: budget}) for budget in budgets))

    lists = [retrieval.lists[arm.name] for retrieval in asyncio.run(draw_all())]
    assert lists == [lists[0][:budget] for budget in budgets]


@arms
def test_finds_something(index: Index, arm: type[Strategy]) -> None:
    """Every arm has candidates for a word that is a name, a part of names and in every description."""
    assert draw(index, arm, query(index, "love"), 10)


@arms
def test_budget_of_zero_is_off(index: Index, arm: type[Strategy]) -> None:
    """An arm with a budget of 0 is absent and asks nothing."""
    assert asyncio.run(index.retrieve(query(index, "love"), {arm.name: 0})) == Retrieval({})


@arms
def test_empty_query(index: Index, arm: type[Strategy]) -> None:
    """Without words only `popular` draws, the most popular first."""
    hits = draw(index, arm, query(index, ""), 3)
    assert [hit.object_id for hit in hits] == (["song-59", "song-58", "song-57"] if arm.name == "popular" else [])


@arms
@pytest.mark.parametrize(
    "text", ["love " * 2_000, "x" * 10_000, "ab" + "é" * 10_000], ids=("words", "letters", "accents")
)
def test_long_query_is_bounded(index: Index, arm: type[Strategy], text: str) -> None:
    """Ten thousand characters ask no more than a few words do, in size and in time."""
    asked = query(index, text)
    requests = arm(index.entities).requests(asked, DEPTH)
    assert len(repr(requests)) < 60_000
    assert len(draw(index, arm, asked, 10)) <= 10


@arms
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"type": ("song",)}, lambda card: card.type == "song"),
        ({"genre": ("nu jazz", "unheard")}, lambda card: "Nu Jazz" in card.attributes["genre"]),
        (
            {"type": ("Live Song",), "genre": ("SOUL",)},
            lambda c: c.type == "live song" and "soul" in c.attributes["genre"],
        ),
        ({"genre": ("unheard",)}, lambda _: False),
        ({"genre": ()}, lambda _: False),
        ({"price": Range(gte=5.0, lt=20.0)}, lambda card: 5.0 <= card.numbers["price"][0] < 20.0),
        ({"EU size": (41.0, 7.0), "price": Range(gt=3.0)}, lambda card: 41.0 in card.numbers["EU size"]),
    ],
    ids=("type", "either", "both", "unheard", "none", "range", "number"),
)
def test_filters_hold(
    index: Index,
    arm: type[Strategy],
    filters: Filters,
    kept: Callable[[Entity | None], bool],
) -> None:
    """Only entities of the accepted values are drawn, however the values are written."""
    hits = draw(index, arm, query(index, "love", filters), DEPTH)
    cards = index.entities("default", [hit.object_id for hit in hits])
    assert all(kept(card) for card in cards)


@arms
def test_applications_are_apart(index: Index, arm: type[Strategy]) -> None:
    """Nothing of another application is drawn."""
    assert "foreign" not in {hit.object_id for hit in draw(index, arm, query(index, "love story"), DEPTH)}


@arms
@pytest.mark.parametrize("wait_s", [0.0, 10.0], ids=("failed", "late"))
def test_failing_engine_costs_its_arms_only(index: Index, arm: type[Strategy], wait_s: float) -> None:
    """A failed or late engine is named for the arms that call it; the others answer."""
    engines = {name: FakeEngine(EngineFailed(name, "broken"), wait_s) for name in ("text", "vector")}
    deadlines_s = {"text": 0.01, "vector": 0.01}
    wave = Wave([arm(index.entities)], engines, DEPTH, deadlines_s)
    retrieval = asyncio.run(wave.retrieve(query(index, "love"), {arm.name: 5}))
    if arm.calls:
        assert retrieval.failures == {arm.name: arm.calls[0].split(":")[0]}
        assert not retrieval.lists
    else:
        assert retrieval.lists[arm.name]


def test_shared_calls_ask_the_same(index: Index) -> None:
    """Whatever two arms call by one name is one request, and no arm asks what it does not declare."""
    for text in (*TEXTS, ""):
        asked = query(index, text, {"type": ("song",)})
        seen: dict[str, object] = {}
        for arm in ARMS:
            strategy = arm(index.entities)
            requests = strategy.requests(asked, DEPTH)
            assert set(requests) <= set(arm.calls)
            assert all(seen.setdefault(call, request) == request for call, request in requests.items())
