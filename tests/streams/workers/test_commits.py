"""What a worker says and does where commits fail, and what observers are written."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.models.records.impression import Impression
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.codec import MAX_BYTES, encode_impression
from ltrr.streams.events.messages import Origin
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.transaction import Written
from ltrr.streams.state.partition_store import Note, Store, TooLarge
from ltrr.streams.workers.learner import KafkaLearner
from ltrr.streams.workers.worker import Worker
from tests.models.logs import LEARNING, START_S, partition_log

AGAIN = "those of partitions 0 (2 in a row) fail, and are tried again"
NOWHERE = Brokers("none:1")
PAGE = next(event for message in partition_log(0) for event in message.events if isinstance(event, Impression))


class Kept:
    """A store in memory. failure: raised at each write."""

    def __init__(self, failure: EngineFailed | None = None) -> None:
        self.notes: list[Note] = []
        self._failure = failure

    async def open(self) -> dict[RecordKey, bytes]:
        """Have nothing."""
        return {}

    async def write(self, _: Mapping[RecordKey, bytes | None], notes: Sequence[Note]) -> None:
        """Keep the notes."""
        if self._failure:
            raise self._failure
        self.notes += notes

    async def close(self) -> None:
        """Let go of nothing."""


def learner(partition: int, store: Store) -> KafkaLearner:
    """Return a learner that has absorbed a page."""
    found = KafkaLearner(NOWHERE, LEARNING, "v1", partition, 1, store=store)
    found.absorb(Origin(Topic.IMPRESSIONS, 0, 0, PAGE.time_s), encode_impression(PAGE))
    return found


@pytest.mark.parametrize(
    ("failure", "commits", "ended"),
    [
        (EngineFailed("kafka", "not now"), AGAIN, None),
        (
            TooLarge(0, Written(Topic.MEMORY, b"x" * 2_000_000, b"v1/default/0/query/x", 0)),
            AGAIN,
            "ltrr.memory does not take its record v1/default/0/query/x of 2,000,000 bytes: raise max.message.bytes",
        ),
    ],
)
def test_commits_that_fail_are_told_while_others_succeed(
    tmp_path: Path, failure: EngineFailed, commits: str, ended: str | None
):
    """By partition, whatever others do; a record that no topic takes ends the worker, and is named."""
    ends: list[str] = []
    worker = Worker(NOWHERE, LEARNING, "v1", 2, name="w", data_dir=tmp_path, end=lambda: ends.append("end"))
    worker.learners = {0: learner(0, Kept(failure)), 1: learner(1, Kept())}
    worker._unacknowledged = {0: [], 1: []}

    async def story() -> None:
        for partition in (0, 1, 0, 1):
            await worker._try_flush(partition)

    asyncio.run(story())
    assert worker.conditions()["commits"] == commits
    assert len(ends) == (0 if ended is None else 1)
    assert worker.failed is None if ended is None else ended in str(worker.failed)


def test_feedback_that_is_too_large_costs_itself_alone(caplog: pytest.LogCaptureFixture):
    """A page of long ids with ever more actions: each is learned, and observers get what a message holds."""
    names = list(LEARNING.action_weights)
    ids = ["\N{GRINNING FACE}" * 250 + f"{number:03}" for number in range(100)]
    page = {"query_id": "q", "user_query": "x", "timestamp": START_S, "query_response_hit_ids": ids}
    store, count = Kept(), 0
    learning = KafkaLearner(NOWHERE, LEARNING, "v1", 0, 1, store=store)
    learning.absorb(Origin(Topic.IMPRESSIONS, 0, 0, START_S), json.dumps(page, ensure_ascii=False).encode())
    for name in names[:4]:
        for one in ids:
            action = {"query_id": "q", "action_name": name, "timestamp": START_S + 1, "event_attributes": {}}
            action["event_attributes"] = {"object": {"object_id": one}}
            learning.absorb(Origin(Topic.ACTIONS, 0, count, START_S + 1), json.dumps(action).encode())
            count += 1
    asyncio.run(learning.flush())
    assert learning.counts == {("impressions", "accepted"): 1, ("actions", "accepted"): count}
    assert 200_000 < max(len(note.value) for note in store.notes) <= MAX_BYTES
    assert "no feedback is written of query id q: the message has" in caplog.text
