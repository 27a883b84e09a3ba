"""Whether topics still are those that a version was learned from, told by where they end and when they were written."""

import asyncio

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.sources import Mark, Sources, look, replaced, unread

LEARNED = [{"impressions": Mark(9, 100.0), "actions": Mark(4)}]
NOWHERE = Brokers("127.0.0.1:1")


def test_what_is_unread_of_another_topic_is_all_of_it():
    """A topic that ends before what was learned is another one, of which nothing was read."""
    assert [unread(end, 5) for end in (7, 5, 3, 0)] == [2, 0, 3, 0]


@pytest.mark.parametrize(
    ("ends", "newer", "said"),
    [
        ({"impressions": 9, "actions": 4}, {}, None),
        ({"impressions": 12, "actions": 4}, {"impressions": 9}, None),
        ({"impressions": 12, "actions": 3}, {}, "ltrr.actions (partition 0 ends at 3, and 4 were read of it)"),
        ({"impressions": 12, "actions": 4}, {"impressions": 0}, "partition 0 has newer messages from 0 on, before 9"),
    ],
    ids=["as it was", "gone on", "ends before", "grown again"],
)
def test_topics_made_again_are_told(ends: dict[str, int], newer: dict[str, int], said: str | None):
    """One that ends before what was learned of it, or has messages from after that where learned ones were."""
    told = replaced("v1", LEARNED, [ends], [newer])
    assert told is None if said is None else told is not None
    if said is not None and told is not None:
        assert said in told
        assert "`ltrr replay --into NAME`" in told


def test_a_look_that_nothing_answers_fails():
    """Who asks once is told that Kafka is away."""
    with pytest.raises(EngineFailed, match="ends of the event topics"):
        asyncio.run(look(NOWHERE, 1, {}))


def test_watching_goes_on_while_kafka_is_away():
    """Nothing ends it but being told to."""

    async def watched() -> bool:
        watching = asyncio.create_task(Sources(NOWHERE, 1, dict).run())
        await asyncio.sleep(0.2)
        goes_on = not watching.done()
        watching.cancel()
        await asyncio.wait([watching])
        return goes_on and watching.cancelled()

    assert asyncio.run(watched())
