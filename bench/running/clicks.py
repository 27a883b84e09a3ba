"""Clicks that come at their times, however slow all else is, and are followed to what a query worker serves."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from ltrr.bench.core import union_page
from ltrr.models.errors import EngineFailed
from ltrr.models.memory.prediction import Predictions
from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.action import Action
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.versions import ServedVersions
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.publishing.publisher import Publisher
from ltrr.streams.state.follower import Follower

ACTIONS: Final = 4  # on each page
UNION: Final = 20
_AHEAD_S: Final = 1.0  # a page is shown before it is clicked
_TICK_S: Final = 0.005
_LEARNED_S: Final = 180.0
_APPLICATION: Final = "default"


class Click(NamedTuple):
    """A click. at_s: when it is published, since the stretch began."""

    at_s: float
    query_id: str
    raw: bytes


class Following:
    """What a query worker serves: it draws a plan whenever it is told of more, and takes the time for each click."""

    def __init__(self, settings: Settings, bootstrap: Brokers) -> None:
        self.versions = ServedVersions(bootstrap, settings, self._changed, Predictions())
        self._waiting: list[deque[float]] = [deque() for _ in range(settings.partitions)]
        self._counted: Counter[int] = Counter()
        self.took_s: list[float] = []

    @property
    def open(self) -> int:
        """Return how many clicks are not served yet."""
        return sum(map(len, self._waiting))

    def expect(self, clicks: Sequence[Click], at_s: float) -> None:
        """Take note that clicks are published now."""
        for click in clicks:
            self._waiting[partition_of(click.query_id, len(self._waiting))].append(at_s)

    def _changed(self, follower: Follower) -> None:
        self.versions.serving(_APPLICATION).state.decide(_APPLICATION, {"bias": 1.0}, seed=follower.revision)
        now_s = time.perf_counter()
        for partition, counts in enumerate(follower.counts()):
            learned = sum(count for (topic, _), count in counts.items() if topic == Topic.ACTIONS.short)
            for _ in range(min(learned - self._counted[partition], len(self._waiting[partition]))):
                self.took_s.append(now_s - self._waiting[partition].popleft())
            self._counted[partition] = learned


async def stretch(
    publisher: Publisher, following: Following, rng: np.random.Generator, rules: PlanRules, rate: int, seconds: float
) -> Sequence[float]:
    """Publish pages and clicks at their times, and return the seconds of each click. Raises EngineFailed."""
    pages: list[Click] = []
    clicks: list[Click] = []
    for number in range(int(rate * seconds) // ACTIONS):
        name = int(rng.integers(1 << 62))
        page = union_page(rng, rules, name, time.time(), UNION)
        at_s = number * ACTIONS / rate
        pages.append(Click(at_s, page.query_id, encode_impression(page)))
        for place in range(ACTIONS):
            action = Action(page.query_id, f"entity{place}", "click", page.time_s)
            clicks.append(Click(at_s + _AHEAD_S + place / rate, page.query_id, encode_action(action)))
    following.took_s = []

    async def shown(due: Sequence[Click]) -> None:
        publisher.publish_batch(Topic.IMPRESSIONS, [(page.query_id, page.raw) for page in due])

    async def clicked(due: Sequence[Click]) -> None:
        following.expect(due, time.perf_counter())
        publisher.publish_batch(Topic.ACTIONS, [(click.query_id, click.raw) for click in due])

    await asyncio.gather(at_their_times(pages, shown, _TICK_S), at_their_times(clicks, clicked, _TICK_S))
    end_s = time.monotonic() + _LEARNED_S
    while following.open:
        if time.monotonic() > end_s:
            raise EngineFailed("bench", f"{following.open} clicks were not learned within {_LEARNED_S:.0f} s")
        await asyncio.sleep(_TICK_S)
    return following.took_s


async def at_their_times(
    clicks: Sequence[Click], publish: Callable[[Sequence[Click]], Awaitable[None]], tick_s: float
) -> None:
    """Publish what is due, look again a moment later."""
    began_s, done = time.perf_counter(), 0
    while done < len(clicks):
        now_s = time.perf_counter() - began_s
        due = done
        while due < len(clicks) and clicks[due].at_s <= now_s:
            due += 1
        if due > done:
            await publish(clicks[done:due])
            done = due
        await asyncio.sleep(tick_s)
