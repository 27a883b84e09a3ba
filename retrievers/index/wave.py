"""One wave of retrieval: the sub-requests of all arms that are on, one batch for each engine, in parallel."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ltrr.models.errors import EngineFailed, EngineTimeout, InvalidSettings, UnknownName
from ltrr.models.outages import Outage
from ltrr.models.records.query import Hit, Query
from ltrr.models.retrieval import Retrieval
from ltrr.retrievers.engines.base import Engine
from ltrr.retrievers.requests.fusion import ranked
from ltrr.retrievers.requests.requests import Request
from ltrr.retrievers.strategies.base import Strategy

_LOG = logging.getLogger(__name__)
DEADLINE_S: Final = 1.0
Batch = Mapping[str, Request]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an engine brought. lists: call -> hits, None where it failed."""

    engine: str
    took_ms: float
    lists: Mapping[str, Sequence[Hit]] | None


class Wave:
    """Draws candidates of several arms at once.

    engines: the part of a call's name before the colon -> engine. depth: the largest budget of the ladder; every
    arm searches and fuses at it and is cut afterwards. deadlines_s: engine -> seconds, 1 where it is not named.
    Raises InvalidSettings where depth is below 1.
    """

    def __init__(
        self,
        strategies: Sequence[Strategy],
        engines: Mapping[str, Engine[Any]],
        depth: int,
        deadlines_s: Mapping[str, float] | None = None,
    ) -> None:
        if depth < 1:
            raise InvalidSettings(f"the largest budget must be at least 1, not {depth}")
        self._strategies = {strategy.name: strategy for strategy in strategies}
        self._engines = engines
        self._depth = depth
        self._outages = {engine: Outage(engine, "searches go without it") for engine in engines}
        self._deadlines_s = deadlines_s or {}

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Draw at most budgets[arm] candidates from each arm. Raises UnknownName on an arm that does not exist.

        patience: how many times its deadline each engine may take.
        """
        arms = [self._strategy(arm) for arm, budget in budgets.items() if budget > 0]
        batches = defaultdict[str, dict[str, Request]](dict)
        for arm in arms:
            for call, request in arm.requests(query, self._depth).items():
                batches[_engine(call)][call] = request
        answers = await asyncio.gather(*(self._ask(engine, batch, patience) for engine, batch in batches.items()))
        failed = {answer.engine for answer in answers if answer.lists is None}
        found = {call: hits for answer in answers for call, hits in (answer.lists or {}).items()}
        lists: dict[str, Sequence[Hit]] = {}
        failures: dict[str, str] = {}
        for arm in arms:
            lost = [_engine(call) for call in arm.calls if _engine(call) in failed]
            if lost:
                failures[arm.name] = lost[0]
            else:
                fused = arm.fuse(query, {call: found.get(call, ()) for call in arm.calls}, self._depth)
                lists[arm.name] = ranked(fused, min(budgets[arm.name], self._depth))
        return Retrieval(lists, {answer.engine: answer.took_ms for answer in answers}, failures)

    async def ask(self, requests: Batch, patience: float = 1.0) -> Retrieval:
        """Return the answers to requests of no arm and all of one engine, under their calls' names."""
        engine = _engine(next(iter(requests)))
        answer = await self._ask(engine, requests, patience)
        failures = dict.fromkeys(requests, engine) if answer.lists is None else {}
        return Retrieval(answer.lists or {}, {engine: answer.took_ms}, failures)

    def _strategy(self, arm: str) -> Strategy:
        if arm not in self._strategies:
            raise UnknownName("strategy", arm, self._strategies)
        return self._strategies[arm]

    async def _ask(self, engine: str, batch: Batch, patience: float) -> _Answer:
        started = time.perf_counter()
        try:
            lists = await self._search(engine, list(batch.values()), patience)
        except EngineFailed as error:
            if told := self._outages[engine].failed(str(error), time.monotonic()):
                _LOG.warning("%s", told)
            return _Answer(engine, _since_ms(started), None)
        if told := self._outages[engine].answered(time.monotonic()):
            _LOG.warning("%s", told)
        return _Answer(engine, _since_ms(started), dict(zip(batch, lists, strict=True)))

    async def _search(self, engine: str, requests: Sequence[Request], patience: float) -> list[list[Hit]]:
        deadline_s = patience * self._deadlines_s.get(engine, DEADLINE_S)
        try:
            return await asyncio.wait_for(self._engines[engine].search(requests, patience), deadline_s)
        except TimeoutError as error:
            raise EngineTimeout(engine, f"no answer within {deadline_s} s") from error


def _engine(call: str) -> str:
    return call.partition(":")[0]


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
