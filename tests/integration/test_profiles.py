"""Profiles on a real Kafka: one user's lie in several partitions, a follower sums them, and what has ended is gone."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.memory.profiles import FADED
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.records.visitors import Visitors
from ltrr.models.rewards.engagement import EVERYONE
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from ltrr.streams.state.keys import decode_key
from ltrr.streams.workers.learner import KafkaLearner
from tests.integration import traffic
from tests.models.logs import START_S, impression

pytestmark = pytest.mark.servers
USER, SESSION = "ann/é:1", "s"


def take(learner: KafkaLearner, query_id: str) -> str:
    """Let a user of a session click on what a page of a partition shows first; return it."""
    rng = np.random.default_rng(len(query_id))
    page = impression(rng, query_id, START_S)
    while not page.looks():
        page = impression(rng, query_id, START_S)
    page = replace(page, user_id=USER, session_id=SESSION, application="shop")
    object_id = next(iter(page.looks()))
    learner.fold.absorb_impressions(0, START_S, [page])
    learner.fold.absorb_actions(0, START_S + 2, [Action(query_id, object_id, "click", START_S + 1)])
    return object_id


def records(bootstrap: Brokers, version: str, partition: int) -> dict[RecordKey, bool]:
    """Return which records of a version the topic of profiles has, and whether the last of each holds something."""

    async def read() -> dict[RecordKey, bool]:
        async with KafkaReader(bootstrap) as reader:
            found = [(decode_key(r.key), r.value) async for r in reader.read(Topic.PROFILES, partition)]
        return {key.record: value is not None for key, value in found if key is not None and key.version == version}

    return asyncio.run(read())


def test_profiles_are_summed_and_sessions_end(topics: Brokers):
    """The user's weights are those of all partitions; a session that has faded leaves a tombstone and no trace."""
    version = f"profiles-{uuid.uuid4().hex[:8]}"
    user, session = RecordKey("user", "shop", USER), RecordKey("session", "shop", SESSION)
    senders = {RecordKey("sender", "shop", name): True for name in (EVERYONE, f"user:{USER}")}
    learning = traffic.learning()

    async def learn() -> set[str]:
        learners = [KafkaLearner(topics, learning, version, p, traffic.PARTITIONS) for p in (1, 3)]
        taken: set[str] = set()
        for learner in learners:
            await learner.open()
            taken.add(take(learner, f"q{learner.partition}"))
            await learner.flush()
            await learner.close()
        return taken

    async def end() -> list[RecordKey]:
        learner = KafkaLearner(topics, learning, version, 1, traffic.PARTITIONS)
        await learner.open()
        for _ in learner.fold.sweep(START_S + (FADED + 2) * learning.session_s):
            pass
        await learner.flush()
        await learner.close()
        again = KafkaLearner(topics, learning, version, 1, traffic.PARTITIONS)
        await again.open()
        keys = again.fold.keys()
        await again.close()
        return keys

    with traffic.following(topics, version) as followed:
        taken = asyncio.run(learn())

        def known(kind: str, name: str) -> dict[str, float]:
            hits = followed.ask(lambda one: one.application("shop").profiles[kind].strongest(name, START_S, 9))
            return {hit.object_id: hit.score for hit in hits}

        traffic.wait_until(lambda: sum(known("session", SESSION).values()) > 0.9, 30, "no session is followed")
        assert sum(known("user", USER).values()) == pytest.approx(1.0)
        assert known("user", USER).keys() == taken
        assert records(topics, version, 1) == {user: True, session: True, **senders}
        keys = asyncio.run(end())
        assert user in keys
        assert session not in keys
        faded = {session: False, RecordKey("sender", "shop", f"user:{USER}"): False}  # a hundredth of a page is left
        assert records(topics, version, 1) == {user: True, **senders, **faded}
        traffic.wait_until(
            lambda: 0.4 < sum(known("session", SESSION).values()) < 0.9, 30, "the end of the session is not followed"
        )


def test_ids_get_names_and_a_visitor_is_forgotten(topics: Brokers):
    """Records under ids become those under names; of who is forgotten tombstones are left in each partition."""
    version, visitors = f"profiles-{uuid.uuid4().hex[:8]}", Visitors(b"the secret of these workers")
    name, learning = visitors.name(USER), traffic.learning()

    async def learn(partition: int, named: Visitors | None, work: Callable[[KafkaLearner], object]) -> None:
        learner = KafkaLearner(topics, learning, version, partition, traffic.PARTITIONS, visitors=named)
        await learner.open()
        work(learner)
        await learner.flush()
        await learner.close()

    def erase(learner: KafkaLearner) -> None:
        page = Impression("e", START_S + 9, "", "", erased=(name,), learn=False)
        learner.fold.absorb_impressions(1, START_S + 9, [page])

    def of_users(partition: int) -> dict[str, bool]:
        return {key.name: held for key, held in records(topics, version, partition).items() if key.kind == "user"}

    with traffic.following(topics, version) as followed:

        def known(whose: str) -> float:
            hits = followed.ask(lambda one: one.application("shop").profiles["user"].strongest(whose, START_S, 9))
            return sum(hit.score for hit in hits)

        for partition in (1, 3):
            asyncio.run(learn(partition, None, lambda learner: take(learner, f"q{learner.partition}")))
        traffic.wait_until(lambda: known(USER) > 0.9, 30, "no user is followed")
        for partition in (1, 3):
            asyncio.run(learn(partition, visitors, lambda _: None))
            assert of_users(partition) == {USER: False, name: True}
        traffic.wait_until(lambda: known(name) > 0.9 and not known(USER), 30, "no name is followed")
        for partition in (1, 3):
            asyncio.run(learn(partition, visitors, erase))
            assert of_users(partition) == {USER: False, name: False}
        traffic.wait_until(lambda: not known(name), 30, "the end of the profile is not followed")
