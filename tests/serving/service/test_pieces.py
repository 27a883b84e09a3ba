"""Learning is cut into pieces between which others are served, and still learned is what is answered as learned."""

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from ltrr.models.state.records import RecordKey
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.service.embedded import WAITING
from ltrr.streams.embedded.checkpoint import read_checkpoint
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.events.topics import Topic
from tests.serving.shop import Shop, hits

SHOWING: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1/policy", {}),
    ("GET", "/v1/memory", {"params": {"query": "love night"}}),
    ("GET", "/v1/dashboard/strategies", {}),
    ("GET", "/metrics", {}),
    ("POST", "/v1/privacy/export", {"json": {"user_id": "nobody"}}),
]
"""Requests that show what was learned."""


@pytest.mark.whole
def test_many_events_are_learned_in_pieces():
    """While a list of events is taken, whoever else waits is served after no more than a piece of one of them."""
    with Shop() as shop:
        shop.service.turns.piece_s = 0.0
        answers = [shop.search(user_id=f"user-{number}") for number in range(30)]
        events = [shop.action(answer["query_id"], object_id) for answer in answers for object_id in hits(answer)[:3]]
        seen: list[int] = []

        async def watch() -> None:
            while True:
                seen.append(sum(shop.service.fold().progress.offsets.values()))
                await asyncio.sleep(0)

        async def take() -> dict[str, object]:
            watching = asyncio.create_task(watch())
            await asyncio.sleep(0)
            told = await shop.service.intake.take_events(json.dumps(events).encode())
            watching.cancel()
            return told

        told = shop._runner.run(take())
        assert told["accepted"] == told["taught"] == len(events)
        steps = [after - before for before, after in itertools.pairwise(seen)]
        assert max(steps) == 1
        assert sum(steps) >= len(events) - 1
        pairs = shop.service.fold().state.application("default").memory.queries["love night"].pairs
        assert sum(pair.actions > 0 for pair in pairs.values()) > 0


def test_searches_are_answered_while_events_are_learned():
    """A search that comes meanwhile is logged and answered, and learned once its turn has come."""
    with Shop() as shop:
        shop.service.turns.piece_s = 0.0
        first = shop.search()
        events = [shop.action(first["query_id"], f"unknown-{number}") for number in range(200)]

        async def both() -> None:
            taking = asyncio.create_task(shop.service.intake.take_events(json.dumps(events).encode()))
            while not shop.service.fold().progress.offsets["actions"]:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0)
            assert not taking.done()
            answer = await shop.service.search(SearchRequest(query="blue moon"))
            assert answer.items
            told = await taking
            assert told["taught"] == 0
            assert told["not_taught"] == {"unshown": 200}

        shop._runner.run(both())
        shop.click(first["query_id"], hits(first)[0])
        assert shop.service.fold().progress.offsets == {"impressions": 2, "actions": 201}


def test_the_state_is_kept_beside_requests(tmp_path: Path):
    """What runs beside requests learns what was left over and keeps the state; the next start goes on from there."""
    with Shop(tmp_path, checkpoint_s=1.0) as shop:

        async def run() -> None:
            shop.service.start()
            for number in range(20):
                await shop.service.search(SearchRequest(query="love night", user_id=f"user-{number}"))
            shop.clock.now_s += 100
            while not (tmp_path / "state.bin").exists():  # noqa: ASYNC110  # a file tells nobody that it is there
                await asyncio.sleep(0.05)
            await shop.service.stop()

        shop._runner.run(run())
        fold, kept = shop.service.fold(), dict(read_checkpoint(tmp_path / "state.bin"))
        assert RecordKey("query", "default", "love night") in kept
        for key, data in kept.items():
            assert key.kind == "progress" or data == fold.write(key), key


def test_a_page_is_learned_after_its_answer():
    """What a page teaches waits until the search is answered, and is there for whoever reads what was learned."""
    with Shop() as shop:

        async def run() -> None:
            shop.service.start()
            await shop.service.search(SearchRequest(query="love night"))
            assert len(shop.records(Topic.IMPRESSIONS)) == 1
            assert shop.service.state.revision == 0
            await shop.service.settle()
            assert shop.service.state.revision == 1
            for revision, (method, path, what) in enumerate(SHOWING, start=2):
                await shop.service.search(SearchRequest(query="love night"))
                assert (await shop._client.request(method, path, **what)).status_code == 200
                assert shop.service.state.revision == revision
            await shop.service.search(SearchRequest(query="love night"))
            while shop.service.state.revision < len(SHOWING) + 2:  # noqa: ASYNC110  # nobody else asks
                await asyncio.sleep(0)
            await shop.service.stop()

        shop._runner.run(run())


def test_little_waits_to_be_learned_however_much_is_kept():
    """Pages that come faster than turns do are learned as they are kept; a fold of the log alone has the same."""
    with Shop() as shop:

        async def run() -> None:
            shop.service.start()
            await shop.service.search(SearchRequest(query="love night"))
            (record,) = shop.records(Topic.IMPRESSIONS)
            for number in range(100):
                shop.service.keep(Topic.IMPRESSIONS, [(f"copy-{number}", record.value)])
                assert shop.service._learner.waiting <= WAITING + 1
            await shop.service.settle()
            assert shop.service._learner.waiting == 0
            await shop.service.stop()

        shop._runner.run(run())
        again = EmbeddedLearner(shop.service._log, shop.service.state.learning)
        again.poll(shop.clock.now_s)
        assert again.fold.state.counts == shop.service.fold().state.counts
