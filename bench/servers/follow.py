"""`ltrr bench follow`: how long a query worker that starts from nothing reads a memory of a million pairs."""

import asyncio
import time
from typing import Final

import numpy as np

from ltrr.bench.running.topics import on_kafka, own_topics
from ltrr.models.learning.fold import Fold
from ltrr.models.memory.query_memory import Pair, QueryMemory
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.partition_store import PartitionStore

PAIRS: Final = 1_000_000
_PAIRS_OF_QUERY: Final = 20
_AT_ONCE: Final = 2_000
_ROUNDS: Final = 3
_LOADED_S: Final = 60.0
_APPLICATION: Final = "default"


def run(seed: int = 0, pairs: int = PAIRS) -> BenchDocument:
    """Write pairs for queries of 20 each, and follow them from nothing; needs a Kafka without ltrr's topics."""
    settings, bootstrap = on_kafka()
    learning = settings.learning(strategy_arms())
    queries = pairs // _PAIRS_OF_QUERY
    with own_topics(bootstrap, settings.partitions):
        asyncio.run(_write(bootstrap, learning, settings.partitions, queries, seed))
        rounds = [asyncio.run(_follow(bootstrap, learning, settings.partitions)) for _ in range(_ROUNDS)]
    figures: dict[str, Figure] = {
        "whole state read": Figure.spread([read_s for read_s, _, _ in rounds], "s"),
        "first search after it": Figure.spread([first_ms for _, first_ms, _ in rounds], "ms"),
        "search after a change": Figure.spread([next_ms for _, _, next_ms in rounds], "ms"),
    }
    targets = [
        Target("whole state read", "<", _LOADED_S, figures["whole state read"].high < _LOADED_S),
        Target("search after a change", "<", 5.0, figures["search after a change"].high < 5.0),  # noqa: PLR2004
    ]
    notes = [f"{queries} queries of {_PAIRS_OF_QUERY} pairs over {settings.partitions} partitions; {_ROUNDS} rounds"]
    return BenchDocument("follow", [seed], figures, targets, notes)


async def _write(bootstrap: Brokers, learning: Learning, partitions: int, queries: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for partition in range(partitions):
        store = PartitionStore(bootstrap, "bench", partition)
        await store.open()
        fold = Fold(learning)
        fold.begin_at({"impressions": 0, "actions": 0})
        memory = fold.state.application(_APPLICATION).memory
        mine = [f"query number {number}" for number in range(partition, queries, partitions)]
        for query in mine:
            sums = rng.random((_PAIRS_OF_QUERY, 2)).tolist()
            pairs = {f"entity-{rng.integers(1 << 40)}": Pair(*both) for both in sums}
            memory.queries[query] = QueryMemory(pairs)
        keys = fold.keys()
        for first in range(0, len(keys), _AT_ONCE):
            await store.write({key: fold.write(key) for key in keys[first : first + _AT_ONCE]}, [])
        await store.close()


async def _follow(bootstrap: Brokers, learning: Learning, partitions: int) -> tuple[float, float, float]:
    """Return seconds to read all, and milliseconds to look a query up then, and after a record of another changed."""
    follower = Follower(bootstrap, learning, "bench", partitions)
    began_s = time.perf_counter()
    following = asyncio.create_task(follower.run())
    await follower.caught_up.wait()
    read_s = time.perf_counter() - began_s
    took_ms = []
    for query in ("query number 1", "query number 2"):
        began_s = time.perf_counter()
        application = follower.application(_APPLICATION)
        found = list(application.memory.scored(query, 0.0))
        took_ms.append(1000 * (time.perf_counter() - began_s))
        if len(found) != _PAIRS_OF_QUERY:
            raise AssertionError(f"{len(found)} pairs of {query}")
        store = PartitionStore(bootstrap, "bench", 0)
        await store.open()
        revision = follower.revision
        fold = Fold(learning)
        fold.pass_over({"impressions": revision + 1})
        await store.write({RecordKey("progress"): fold.write(RecordKey("progress"))}, [])
        await store.close()
        while follower.revision == revision:  # noqa: ASYNC110  # the follower tells of changes, not of this one
            await asyncio.sleep(0.01)
    following.cancel()
    return read_s, took_ms[0], took_ms[1]
