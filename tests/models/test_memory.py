"""The memory: predictions that actual actions replace, forgetting, and sums that add up."""

import math

import pytest

from models.decay import Decay
from models.memory import Memory, QuerySums, RememberedPair


def pairs(
    memory: Memory, query: str, time_s: float, predicted: dict[str, float] | None = None
) -> dict[str, RememberedPair]:
    """Return what is remembered, by entity."""
    return {pair.object_id: pair for pair in memory.scored(query, time_s, predicted)}


def test_prediction_gives_way_to_what_happens():
    """The score starts as predicted and moves to actions over examinations."""
    memory = Memory(Decay(), prior=2.0)
    assert pairs(memory, "love", 0.0, {"x": 0.6})["x"].score == pytest.approx(0.6)
    memory.examine("love", {"x": 1.0, "y": 0.5}, 0.0)
    memory.act("love", "x", 1.0, 0.0)
    known = pairs(memory, "love", 0.0, {"x": 0.6})
    assert known["x"].score == pytest.approx((0.6 * 2 + 1) / (2 + 1))
    assert known["y"] == RememberedPair("y", 0.0, 0.0, 0.0, 0.5)
    for _ in range(1000):
        memory.examine("love", {"x": 1.0}, 0.0)
    assert pairs(memory, "love", 0.0, {"x": 0.6})["x"].score == pytest.approx(0.002, abs=0.0002)


def test_unknown_query_remembers_predictions_alone():
    """A query never seen has what was predicted for it, and asking leaves no trace."""
    memory = Memory(Decay())
    assert pairs(memory, "new", 0.0) == {}
    assert pairs(memory, "new", 0.0, {"x": 0.4})["x"].score == pytest.approx(0.4)
    assert memory.queries == {}


def test_score_stays_within_one():
    """Actions at places that are hardly looked at lift a score to 1 at most."""
    memory = Memory(Decay(), prior=2.0)
    memory.examine("q", {"x": 0.01}, 0.0)
    for _ in range(9):
        memory.act("q", "x", 1.0, 0.0)
    assert pairs(memory, "q", 0.0)["x"].score == 1.0


def test_fades_to_the_prediction():
    """Asked later, both sums have faded, and the prediction counts for more."""
    memory = Memory(Decay(100.0), prior=2.0)
    memory.examine("q", {"x": 1.0}, 1000.0)
    memory.act("q", "x", 1.0, 1000.0)
    now, later = pairs(memory, "q", 1000.0)["x"], pairs(memory, "q", 1200.0)["x"]
    assert (now.actions, now.examinations) == (1.0, 1.0)
    assert (later.actions, later.examinations) == (0.25, 0.25)
    assert pairs(memory, "q", 1e12, {"x": 0.3})["x"].score == pytest.approx(0.3)


@pytest.mark.parametrize("half_life_s", [math.inf, 100.0])
def test_merge_and_order_change_nothing(half_life_s: float):
    """Events in any order and split over memories give one memory; the parts stay as they were."""
    events = [("q", "x", 5.0), ("q", "y", 950.0), ("p", "x", 120.0), ("q", "x", 400.0), ("q", "x", 2.0)]
    whole = Memory(Decay(half_life_s))
    parts = [Memory(Decay(half_life_s)), Memory(Decay(half_life_s)), Memory(Decay(half_life_s))]
    for at, (query, entity, time_s) in enumerate(events):
        for memory in (whole, parts[at % 2]):
            memory.examine(query, {entity: 0.5}, time_s)
            memory.act(query, entity, 0.3, time_s)
    alone = pairs(parts[0], "q", 1000.0)
    for merged in (parts[0] + parts[1] + parts[2], parts[2] + parts[1] + parts[0]):
        for query in ("q", "p"):
            expected, known = pairs(whole, query, 1000.0), pairs(merged, query, 1000.0)
            assert known.keys() == expected.keys()
            for entity, pair in known.items():
                assert pair.actions == pytest.approx(expected[entity].actions, rel=1e-9)
                assert pair.examinations == pytest.approx(expected[entity].examinations, rel=1e-9)
        merged.act("q", "x", 1.0, 1000.0)
    assert pairs(parts[0], "q", 1000.0) == alone


def test_queries_are_summed_when_they_are_asked_for():
    """Looking at several memories gives what adding them gives, and changes none of them."""
    memories = [Memory(Decay(100.0)) for _ in range(3)]
    for number, memory in enumerate(memories):
        memory.examine("shared", {"x": 0.5, f"own-{number}": 1.0}, 90.0 * number)
        memory.act("shared", "x", 0.25, 90.0 * number)
    memories[1].examine("alone", {"y": 1.0}, 0.0)
    sums = QuerySums([memory.queries for memory in memories])
    total = memories[0] + memories[1] + memories[2]
    for _ in range(2):
        assert dict(sums) == total.queries
    assert (len(sums), sums.get("never")) == (2, None)
