"""What the memory drops: bounded in size and time, decided by the log alone, and gone from the records too."""

import heapq
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.memory.memory import LONGEST_QUERY, STRETCH_S, Memory, MemoryBounds, stretch_of
from ltrr.models.memory.pieces import PIECE, least
from ltrr.models.state.learning import MOST_PAIRS, Learning
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.decay import Decay
from tests.models import states
from tests.models.logs import LEARNING, START_S, absorb, follow, interleave, partition_log, restarted
from tests.models.states import swept

END_S = START_S + 1e6
SMALL = replace(LEARNING, memory_queries=3, memory_pairs=4, senders=2)


def held(memory: Memory) -> dict[str, set[str]]:
    """Return the entities of each query."""
    return {query: set(pairs.pairs) for query, pairs in memory.queries.items()}


def test_pairs_of_a_query_are_bounded():
    """A full query takes no new entity in; the sweep keeps the most examined ones and makes room."""
    memory = Memory(Decay(), bounds=MemoryBounds(pairs=4))
    memory.examine("q", {"a": 0.1, "b": 0.9, "c": 0.8, "d": 0.7, "e": 1.0}, 0.0)
    assert held(memory) == {"q": {"a", "b", "c", "d"}}
    assert not memory.act("q", "e", 1.0, 0.0)
    assert swept(memory.sweep(0, 1)) == ["q"]
    assert held(memory) == {"q": {"b", "c", "d"}}
    assert memory.examine("q", {"e": 1.0}, 60.0, stretch=1)
    assert held(memory) == {"q": {"b", "c", "d", "e"}}


def test_queries_are_bounded():
    """A full memory takes no new query in; the sweep drops the least examined ones and makes room."""
    memory = Memory(Decay(), bounds=MemoryBounds(queries=4))
    for at, query in enumerate("abcd"):
        memory.examine(query, {"x": 0.1 + at}, 0.0)
    assert not memory.examine("e", {"x": 1.0}, 0.0)
    assert swept(memory.sweep(0, 1)) == ["a"]
    assert held(memory) == {query: {"x"} for query in "bcd"}
    assert memory.examine("e", {"x": 1.0}, 60.0, stretch=1)


def test_within_the_bounds_nothing_is_dropped():
    """A sweep of a memory that has room and is fresh changes nothing."""
    memory = Memory(Decay(1e6), bounds=MemoryBounds(4, 4))
    memory.examine("q", {"a": 1.0, "b": 1.0, "c": 1.0}, 0.0)
    assert swept(memory.sweep(0, 1)) == []
    assert held(memory) == {"q": {"a", "b", "c"}}


def test_what_has_faded_is_dropped_once_a_day():
    """Pairs whose looks have faded go at the turn of a day, and their query with the last of them."""
    memory = Memory(Decay(86_400.0))
    memory.examine("old", {"a": 1.0, "b": 0.02}, 0.0)
    memory.examine("new", {"a": 1.0}, 86_400.0)
    assert swept(memory.sweep(1, 1_439)) == []
    assert swept(memory.sweep(1_439, stretch_of(3 * 86_400.0))) == ["old"]
    assert held(memory) == {"old": {"a"}, "new": {"a"}}
    assert swept(memory.sweep(stretch_of(3 * 86_400.0), stretch_of(1e9))) == ["old", "new"]
    assert memory.queries == {}


def test_an_action_from_before_the_birth_of_a_pair_does_not_count():
    """A pair that was dropped and came again knows nothing of pages before, whenever their actions are read."""
    memory = Memory(Decay(), bounds=MemoryBounds(pairs=2))
    memory.examine("q", {"a": 0.1, "b": 1.0}, 0.0)
    swept(memory.sweep(0, 1))
    memory.examine("q", {"a": 1.0}, 60.0, stretch=1)
    assert not memory.act("q", "a", 1.0, 0.0, stretch=0)
    assert memory.act("q", "a", 0.5, 60.0, stretch=1)
    assert memory.queries["q"].pairs["a"].actions == 0.5


def test_what_an_action_adds_keeps_no_pair():
    """A page that counts more since it was acted on is scored by that, but dropped by what it was shown as."""
    memory = Memory(Decay(), bounds=MemoryBounds(pairs=2))
    memory.examine("q", {"a": 1.0}, 0.0, weight=0.25)
    memory.examine("q", {"b": 0.5}, 0.0)
    assert memory.engage("q", {"a": 1.0, "never shown": 1.0}, 0.0, gained=0.75)
    assert memory.queries["q"].pairs["a"].examinations == 1.0
    assert swept(memory.sweep(0, 1)) == ["q"]
    assert held(memory) == {"q": {"b"}}
    assert not memory.engage("other", {"a": 1.0}, 0.0)
    memory.examine("q", {"a": 1.0}, 60.0, stretch=1)
    memory.engage("q", {"a": 1.0}, 0.0, gained=0.75)
    assert memory.queries["q"].pairs["a"].examinations == 1.0, "it was dropped with its page"


def test_long_queries_are_not_remembered():
    """What nobody types again is not kept."""
    memory = Memory(Decay())
    assert not memory.examine("x" * (LONGEST_QUERY + 1), {"a": 1.0}, 0.0)
    assert memory.examine("x" * LONGEST_QUERY, {"a": 1.0}, 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_any_interleaving_drops_the_same(seed: int):
    """With bounds that are reached all the time, reading one topic ahead of the other still changes nothing."""
    log = partition_log(seed)
    expected = absorb(Fold(SMALL), log)
    free = absorb(Fold(LEARNING), log)
    assert held(expected.state.application("shop0").memory) != held(free.state.application("shop0").memory)
    expected.read_past(END_S, END_S)
    ahead = sorted(log, key=lambda m: (m.topic == ("actions", "impressions")[seed % 2], m.offset))
    for order in (interleave(log, seed), ahead):
        other = absorb(Fold(SMALL), order)
        other.read_past(END_S, END_S)
        states.assert_equal(expected.state, other.state, START_S, END_S)


@pytest.mark.parametrize("seed", range(3))
def test_any_restart_drops_the_same(seed: int):
    """State that was read back from its records goes on to drop what it would have dropped."""
    log = partition_log(seed)
    before, read, restarts = Fold(SMALL), 0, []
    for stop in sorted(np.random.default_rng(seed).integers(1, len(log), 2)):
        absorb(before, log[read:stop])
        read = stop
        restarts.append(absorb(restarted(Fold(SMALL), before, log[:stop]), log))
    absorb(before, log[read:])
    for fold in (before, *restarts):
        fold.read_past(END_S, END_S)
        states.assert_equal(before.state, fold.state, START_S, END_S)


def test_dropped_queries_leave_the_records():
    """Who follows the changed records, and forgets those that are gone, holds what the fold holds."""
    fold, follower = Fold(SMALL), Fold(SMALL)
    assert follow(fold, follower, partition_log(5))["query"] > 0
    for name, application in fold.state.applications.items():
        memory = follower.state.application(name).memory
        assert held(memory) == held(application.memory)
        assert all(len(memory.queries) <= 3 and len(query.pairs) <= 4 for query in memory.queries.values())
    assert fold.state.applications


def test_the_largest_record_fits_into_a_message():
    """The most pairs with the longest ids and the longest query stay below 1 MiB."""
    fold = Fold(replace(LEARNING, memory_pairs=MOST_PAIRS))
    query = "\U0001f600" * LONGEST_QUERY
    memory = fold.state.application("a" * 100).memory
    memory.examine(query, {f"{n:04d}" + "\U0001f600" * 252: 1.0 for n in range(MOST_PAIRS + 1)}, START_S)
    key = RecordKey("query", "a" * 100, query)
    assert len(memory.queries[query].pairs) == MOST_PAIRS
    assert len(fold.write(key)) + len(query.encode()) < 1024 * 1024 - 1024


def test_stretches_are_minutes_of_the_log():
    """A stretch ends at a full minute of record timestamps."""
    assert [stretch_of(time_s) for time_s in (0.0, STRETCH_S - 0.001, STRETCH_S)] == [0, 0, 1]


def test_of_equal_ones_the_first_by_name_are_the_least():
    """Among many of the same value names decide, and they come a piece at a time."""
    names = [f"{at * 7919 % 10_007:05}" for at in range(5 * PIECE)]
    values = [1.0 if at % 5 else 0.5 for at in range(len(names))]
    parts = list(least(names, values, 3 * PIECE))
    expected = sorted(zip(values, names, strict=True))[: 3 * PIECE]
    assert sorted(swept(parts)) == sorted(name for _, name in expected)
    assert max(map(len, parts)) <= PIECE
    assert list(least(names, values, 0)) == []


def test_a_sweep_looks_at_a_piece_at_a_time():
    """Of a full memory no more than a piece is looked at between two yields, and the least examined quarter goes."""
    count = 5 * PIECE
    memory = Memory(Decay(86_400.0), bounds=MemoryBounds(queries=count))
    for at in range(count):
        memory.examine(f"query {at:05}", {"x": 0.5 + at % 7}, 0.0)
    shown = {query: memory.queries[query].pairs["x"].shown for query in memory.queries}
    expected = heapq.nsmallest(count // 4, shown, key=lambda query: (shown[query], query))
    parts = list(memory.sweep(0, 1))
    assert len(parts) >= 5
    assert sorted(swept(parts)) == sorted(expected)
    assert max(map(len, parts)) <= PIECE
    assert len(memory.queries) == count - count // 4


@pytest.mark.parametrize("learning", [LEARNING, SMALL])
def test_the_size_of_a_memory_is_known_without_looking_at_its_queries(learning: Learning):
    """As many pairs are counted as there are: where they are learned and dropped, and where that is followed."""
    fold, follower = Fold(learning), Fold(learning)
    follow(fold, follower, partition_log(5))
    for one in (fold, follower, restarted(Fold(learning), fold, [])):
        memories = [application.memory for application in one.state.applications.values()]
        counted = [sum(len(query.pairs) for query in memory.queries.values()) for memory in memories]
        assert [memory.size for memory in memories] == counted
        assert max(counted) > 0
