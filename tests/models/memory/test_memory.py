"""The memory: predictions that actual actions replace, forgetting, and sums that add up."""

import math

import pytest

from ltrr.models.memory.memory import NEAR_MOST, Memory, RememberedPair
from ltrr.models.memory.query_memory import GROUPS, MOST_VISITORS, is_preferred, visitor_group
from ltrr.models.statistics.decay import Decay


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
    memory.engage("love", {"x": 1.0, "y": 0.5}, 0.0)
    memory.act("love", "x", 1.0, 0.0)
    known = pairs(memory, "love", 0.0, {"x": 0.6})
    assert known["x"].score == pytest.approx((0.6 * 2 + 1) / (2 + 1))
    assert known["y"] == RememberedPair("y", 0.0, 0.0, 0.0, 0.5)
    for _ in range(1000):
        memory.examine("love", {"x": 1.0}, 0.0)
        memory.engage("love", {"x": 1.0}, 0.0)
    assert pairs(memory, "love", 0.0, {"x": 0.6})["x"].score == pytest.approx(0.002, abs=0.0002)


def test_silence_counts_as_much_as_the_prior_at_most():
    """What was taken keeps its score under any silence, up to the prior; then others that are taken lower it."""
    memory = Memory(Decay(), prior=2.0)
    for _ in range(3):
        memory.examine("q", {"x": 1.0, "y": 1.0}, 0.0)
        memory.engage("q", {"x": 1.0, "y": 1.0}, 0.0)
        memory.act("q", "x", 1.0, 0.0)
    assert pairs(memory, "q", 0.0)["x"].score == pytest.approx(3 / (2 + 3))
    for _ in range(2_000):
        memory.examine("q", {"x": 1.0, "y": 1.0}, 0.0)
    silent = pairs(memory, "q", 0.0, {"z": 0.5})
    assert silent["x"].score == pytest.approx(3 / (2 + 3 + 2))
    assert silent["z"].score == pytest.approx(0.5 * 2 / (2 + 2))
    for _ in range(20):
        memory.examine("q", {"x": 1.0, "y": 1.0}, 0.0, weight=0.25)
        memory.engage("q", {"x": 1.0, "y": 1.0}, 0.0, gained=0.75)
        memory.act("q", "y", 1.0, 0.0)
    then = pairs(memory, "q", 0.0)
    assert (then["x"].score, then["y"].score) == pytest.approx((3 / 27, 20 / 27))


def test_silence_changes_no_order():
    """What stands first is looked at most; who takes nothing has passed it over no more than what nobody was shown."""
    memory, predicted = Memory(Decay(), prior=2.0), {"x": 0.5, "y": 0.49, "z": 0.48}
    for _ in range(4):
        memory.examine("q", {"x": 1.0, "y": 0.6}, 0.0)
        found = pairs(memory, "q", 0.0, predicted)
        assert found["x"].score > found["y"].score > found["z"].score
    lent = {one.object_id: one.score for one in memory.scored("p", 0.0, predicted, {"q": 0.5})}
    assert lent["x"] > lent["y"]


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


def test_near_queries_lend_what_people_took():
    """A query never seen is answered with what was taken for its neighbour, weighted, and says whose it is."""
    memory = Memory(Decay(), prior=2.0)
    memory.examine("taylor love", {"x": 1.0, "y": 1.0}, 0.0)
    memory.act("taylor love", "x", 1.0, 0.0)
    known = {p.object_id: p for p in memory.scored("tayler love", 0.0, near={"taylor love": 0.5, "gone": 0.9})}
    assert known["x"] == RememberedPair("x", 0.5 / 2.5, 0.0, 0.0, 0.0, 0.5, 0.5, "taylor love")
    assert known["y"] == RememberedPair("y", 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, None)


def test_own_statistics_outweigh_near_ones():
    """Neighbours count for some examinations at most, however much is known of them."""
    memory = Memory(Decay(), prior=2.0)
    for _ in range(1000):
        memory.examine("near", {"x": 1.0}, 0.0)
        memory.engage("near", {"x": 1.0}, 0.0)
        memory.act("near", "x", 1.0, 0.0)
    (lent,) = memory.scored("own", 0.0, near={"near": 0.8})
    assert (lent.near_actions, lent.near_examinations) == pytest.approx((NEAR_MOST, NEAR_MOST))
    for _ in range(40):
        memory.examine("own", {"x": 1.0}, 0.0)
        memory.engage("own", {"x": 1.0}, 0.0)
    (known,) = memory.scored("own", 0.0, near={"near": 0.8})
    assert lent.score > 0.6
    assert known.score < 0.1


def test_a_sum_is_read_as_it_is():
    """Sums are made when they are asked for: they have the parts' newest statistics, and cannot be written to."""
    parts = Memory(Decay()), Memory(Decay()), Memory(Decay())
    summed = parts[0] + parts[1] + parts[2]
    assert (len(summed.queries), list(summed.queries), "q" in summed.queries) == (0, [], False)
    for at, part in enumerate(parts):
        part.examine("q", {"x": 1.0}, 0.0)
        part.examine(f"only {at}", {"x": 1.0}, 0.0)
    assert sorted(summed.queries) == ["only 0", "only 1", "only 2", "q"]
    assert len(summed.queries) == 4
    assert summed.queries["q"].pairs["x"].examinations == 3.0
    with pytest.raises(KeyError):
        _ = summed.queries["never"]
    with pytest.raises(TypeError, match="for reading"):
        summed.examine("new", {"x": 1.0}, 0.0)
    with pytest.raises(TypeError, match="for reading"):
        del summed.queries["q"]


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


def test_visitors_add_up_whatever_the_parts():
    """Those of two memories are counted once each, in any order, up to what is told apart; who forgets starts anew."""
    names = [f"user:{number}" for number in range(2 * MOST_VISITORS)]
    whole, left, right = Memory(Decay()), Memory(Decay()), Memory(Decay())
    for memory in (whole, left, right):
        memory.visit("unknown", "user:0")
        memory.examine("q", {"x": 1.0}, 0.0)
        memory.visit("q", None)
    for count, name in enumerate(names, start=1):
        whole.visit("q", name)
        whole.visit("q", name)
        assert whole.visitors("q") == min(count, MOST_VISITORS)
    for memory, some in ((left, names[:11]), (right, names[:4:-1])):
        for name in some:
            memory.visit("q", name)
    both, other = (left + right).queries["q"], (right + left).queries["q"]
    assert both.visitors == other.visitors == whole.queries["q"].visitors
    assert whole.visitors("unknown") == 0


def test_one_visitor_alone_counts_a_click_for_others():
    """What he takes again and again is for himself, and counts in full once somebody else takes it, too."""
    one, two = (next(f"user:{n}" for n in range(99) if visitor_group("q", f"user:{n}") == group) for group in (3, 5))
    memory, once = Memory(Decay()), Memory(Decay())
    for held, times in ((memory, 40), (once, 1)):
        for _ in range(times):
            held.examine("q", {"x": 1.0}, 0.0)
            held.engage("q", {"x": 1.0}, 0.0)
            held.act("q", "x", 0.5, 0.0, group=visitor_group("q", one))

    def score(held: Memory, visitor: str | None, query: str = "q") -> float:
        near = {} if query == "q" else {"q": 1.0}
        return next(pair.score for pair in held.scored(query, 0.0, near=near, visitor=visitor))

    assert score(once, None) == score(once, one) == pytest.approx(0.5 / 3)
    assert score(memory, two) == score(memory, None) == pytest.approx(score(once, None))
    assert score(memory, one) == pytest.approx(20 / 42)
    assert score(memory, None, "near") == pytest.approx(score(once, None))
    assert score(memory, one, "near") == pytest.approx(2 / 6)
    for _ in range(40):
        memory.act("q", "x", 0.5, 0.0, group=visitor_group("q", two))
    assert score(memory, None) == score(memory, one) > 0.9


def test_actions_of_nobody_count_in_full():
    """Where visitors are not known nobody can tell one from many."""
    memory = Memory(Decay())
    for _ in range(9):
        memory.examine("q", {"x": 1.0}, 0.0)
        memory.act("q", "x", 0.5, 0.0)
    (pair,) = memory.scored("q", 0.0, visitor="user:1")
    assert pair.actions == 4.5


@pytest.mark.parametrize(("takers", "preferred"), [(9, False), (10, True), (16, True)])
def test_a_majority_of_groups_prefers(takers: int, preferred: bool):  # noqa: FBT001  # a case
    """So many groups of visitors have to have taken one clearly more than the other."""
    taken = tuple(0.5 * (group < takers) for group in range(GROUPS))
    assert is_preferred(taken, ()) == preferred
    assert is_preferred(taken, tuple(0.1 for _ in taken)) == preferred
    assert not is_preferred(taken, taken)
    assert not is_preferred((), ())
