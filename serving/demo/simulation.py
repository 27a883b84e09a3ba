"""The demo's run: the same listeners search every system, click by their hidden intents, and are learned from."""

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ltrr.models.state.learning import Learning
from ltrr.serving.demo.lanes import System
from ltrr.serving.demo.people.clicks import Click, ClickModel, net_clicks
from ltrr.serving.demo.people.request import Request
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

LEARNED = "learned"
UNIFORM = "uniform"
EVERYTHING = "run everything"
RRF = "RRF hybrid"
LAST = 1_000


@dataclass(slots=True)
class Tally:
    """What one system earned, by query. reward: weighted actions minus lambda x price."""

    net_clicks: list[float] = field(default_factory=list)
    reward: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    def last(self, name: str) -> NDArray[np.float64]:
        """Return a column's last queries."""
        return np.array(getattr(self, name)[-LAST:], dtype=np.float64)


class Clock:
    """The time of the requests being played."""

    def __init__(self, now_s: float) -> None:
        self._now_s = now_s

    def __call__(self) -> float:
        """Return seconds since the epoch."""
        return self._now_s

    def reach(self, time_s: float) -> None:
        """Go on to a time that is not past yet."""
        self._now_s = max(self._now_s, time_s)


class WallClock(Clock):
    """The time on the wall, whatever the requests say: where visitors take part."""

    def __init__(self) -> None:
        super().__init__(time.time())

    def __call__(self) -> float:
        """Return seconds since the epoch."""
        return time.time()


class Simulation:
    """Plays requests against systems. clock: is set to each request's time."""

    def __init__(
        self,
        requests: Iterable[Request],
        systems: Sequence[System],
        learning: Learning,
        clicks: ClickModel,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._systems = systems
        self._learning = learning
        self._clicks = clicks
        self._clock = clock
        self.tallies: Mapping[str, Tally] = {system.name: Tally() for system in systems}

    async def play(self) -> AsyncIterator[int]:
        """Play all requests; yield the number of those played after each."""
        for number, request in enumerate(self._requests):
            self._clock.reach(request.time_s)
            for system in self._systems:
                await self._play(system, number, request)
            yield number + 1

    async def _play(self, system: System, number: int, request: Request) -> None:
        asked = SearchRequest(query=request.text, user_id=request.user_id)
        answer = await system.search(asked, self._clock())
        shown = [item.object_id for item in answer.items]
        clicks = self._clicks.clicks(number, shown, request.relevance)
        await system.click(answer.query_id, clicks, self._clock())
        tally = self.tallies[system.name]
        price, calls = self._cost(answer)
        tally.net_clicks.append(float(net_clicks(clicks)))
        tally.reward.append(self._value(clicks) - self._learning.price_weight * price)
        tally.calls.append(float(calls))

    def _value(self, clicks: Iterable[Click]) -> float:
        """Return the weighted actions of a page: the largest weight for each object."""
        values: dict[str, float] = {}
        for click in clicks:
            weight = self._learning.action_weights.get(click.kind, 0.0)
            values[click.object_id] = max(weight, values.get(click.object_id, 0.0))
        return sum(values.values())

    def _cost(self, answer: SearchResponse) -> tuple[float, int]:
        rules = self._learning.rules
        baseline = dict(zip(rules.names, rules.baseline, strict=False))
        fallback = {arm: baseline[arm] for arm in answer.fallback}  # what it costs is paid by who needs it
        levels = [max(arm.level, fallback.get(arm.arm, 0)) for arm in answer.plan]
        return rules.price(levels), rules.calls(levels)


def summary(tallies: Mapping[str, Tally], bench: str, seed: int, notes: Sequence[str]) -> BenchDocument:
    """Return what the systems earned over the last queries, and how the learned policy compares, as a document."""
    figures: dict[str, Figure] = {}
    for name, tally in tallies.items():
        figures[f"net clicks, {name}"] = Figure.mean(tally.last("net_clicks"), "clicks/query")
        figures[f"net reward, {name}"] = Figure.mean(tally.last("reward"), "reward/query")
        figures[f"calls, {name}"] = Figure.mean(tally.last("calls"), "calls/query")
    targets = []
    learned = tallies[LEARNED]
    for name, tally in tallies.items():
        if name == LEARNED:
            continue
        for column, label in (("net_clicks", "net clicks"), ("reward", "net reward")):
            key = f"{label}, {LEARNED} minus {name}"
            figures[key] = Figure.mean(learned.last(column) - tally.last(column), f"{label}/query")
        if name != EVERYTHING:
            targets.append(Target.above(f"net reward, {LEARNED} minus {name}", figures))
    targets.append(Target.above(f"net clicks, {LEARNED} minus {UNIFORM}", figures))
    figures["calls saved against run everything"] = Figure.mean(
        tallies[EVERYTHING].last("calls") - learned.last("calls"), "calls/query"
    )
    targets.append(Target.above("calls saved against run everything", figures))
    return BenchDocument(bench, [seed], figures, targets, notes)
