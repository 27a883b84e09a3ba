"""The processes that search for a service, as the service sees them."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from prometheus_client import Metric

from ltrr.models.errors import LtrrError
from ltrr.models.records.entity import Entity, Place
from ltrr.models.state.records import RecordKey
from ltrr.serving.metrics import RESIDENT, added
from ltrr.serving.processes.messages import Change, Learned, Look, Search
from ltrr.serving.processes.searcher import Gone, Searcher
from ltrr.serving.processes.searching import Searching
from ltrr.serving.search.draws import Drawn
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.search.paging import KEPT_ANSWERS, Page
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns

_LOG = logging.getLogger(__name__)
_AGAIN_S: Final = 1.0
_LONGEST_S: Final = 60.0
_LOOK_S: Final = 2.0
_STILL_S: Final = 10.0
Records = Mapping[RecordKey, bytes | None]


def _nothing() -> Iterator[Records]:
    return iter(())


@dataclass(slots=True, eq=False)
class _Place:
    """One of the processes, whichever runs now.

    changes: of the catalogue that it has not confirmed. past: what those before it have counted.
    """

    opened: Callable[[], Searching]
    now: Searcher | None = None
    changes: deque[tuple[Sequence[Entity | Place], asyncio.Event]] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    past: dict[str, Metric] = field(default_factory=dict)


class Searchers:
    """Starts processes that search, asks the one that has least to do, and starts those again that end.

    opened: opens what searches, in each. follow: what was learned so far, in portions, where it is told from here.
    A search whose process ends is made by another; where none can, the service makes it.
    """

    def __init__(
        self, opened: Iterable[Callable[[], Searching]], follow: Callable[[], Iterator[Records]] = _nothing
    ) -> None:
        self._places = [_Place(one) for one in opened]
        self._follow = follow
        self._numbers = count(1)
        self._homes: OrderedDict[str, Searcher] = OrderedDict()
        self._most = KEPT_ANSWERS * len(self._places)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def table(self) -> Table:
        """Return how many answers wait in the processes for their further pages."""
        return Table("kept_answers", len(self._homes), self._most)

    @property
    def condition(self) -> str:
        """Return "ok" where all search, else what does not."""
        ready = self._ready()
        trouble = next((one.report.trouble for one in ready if one.report and one.report.trouble), None)
        if len(ready) < len(self._places):
            return f"{len(ready)} of {len(self._places)} search processes answer, others are being started"
        return trouble or "ok"

    def start(self, turns: Turns) -> None:
        """Start them, in the running event loop."""
        self._tasks = [asyncio.ensure_future(self._keep(place, turns)) for place in self._places]

    async def stop(self) -> None:
        """End them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def page(self, request: SearchRequest, now_s: float, drawn: Drawn | None) -> Page | None:
        """Return a page that one of them has made; None where none can. Raises as `Paging.page` does."""
        while True:
            one = self._chosen() if request.query_id is None else self._homes.get(request.query_id)
            if one is None:
                return None
            try:
                page: Page = await one.ask(Search(next(self._numbers), request, now_s, drawn))
            except Gone:
                if request.query_id is not None:
                    return None  # its answer has gone, too
                continue
            if request.plan is None:
                self._note(page[0].query_id, one)
            return page

    def learned(self, records: Records) -> None:
        """Tell all of records of the learned state: whatever they are asked after this knows them."""
        for one in self._all():
            one.tell(Learned(records))

    async def change(self, changes: Sequence[Entity | Place]) -> None:
        """Let all make changes of the catalogue; those that answer have made them when this returns, in order."""
        waiting = []
        for place in self._places:
            done = asyncio.Event()
            place.changes.append((changes, done))
            place.changed.set()
            if place.now is not None and place.now.ready:
                waiting.append((place.now, done))
        for one, done in waiting:
            await one.unless_gone(done.wait())

    def counted(self) -> Iterator[Iterable[Metric]]:
        """Yield what each of them has counted."""
        for place in self._places:
            yield place.past.values()
            if place.now is not None and place.now.report is not None:
                yield place.now.report.counted

    def _all(self) -> list[Searcher]:
        return [place.now for place in self._places if place.now is not None]

    def _ready(self) -> list[Searcher]:
        return [one for one in self._all() if one.ready]

    def _chosen(self) -> Searcher | None:
        """Return the one that has least to do, of these the one that has waited longest."""
        one = min(self._ready(), key=lambda one: (one.busy, one.asked), default=None)
        if one is not None:
            one.asked = next(self._numbers)
        return one

    def _note(self, query_id: str, one: Searcher) -> None:
        self._homes[query_id] = one
        self._homes.move_to_end(query_id)
        if len(self._homes) > self._most:
            self._homes.popitem(last=False)

    async def _keep(self, place: _Place, turns: Turns) -> None:
        """Keep a process running; one that ends at once is started again later and later."""
        wait_s = _AGAIN_S
        while True:
            try:
                one = place.now = await Searcher.started(place.opened)
            except OSError as error:
                _LOG.warning("a search process cannot be started (%s): tried again", error)
            else:
                wait_s = _AGAIN_S if await self._run(place, one, turns) else wait_s
                _LOG.warning("a search process has ended (exit code %s): it is started again", one.exit_code)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_S)

    async def _run(self, place: _Place, one: Searcher, turns: Turns) -> bool:
        """Have a process search until it ends; tell whether it ever could."""
        answered = False
        try:
            await self._bring_up(place, one, turns)
            answered = True
            watching = asyncio.ensure_future(_watch(one))
            try:
                await self._feed(place, one)
            finally:
                watching.cancel()
        except Gone:
            pass
        except LtrrError as error:
            _LOG.warning("a search process cannot follow the catalogue: %s", error)
        finally:
            await self._end(place, one)
        return answered

    async def _bring_up(self, place: _Place, one: Searcher, turns: Turns) -> None:
        """Tell a process what it has to know, before it is asked anything."""
        for records in self._follow():
            one.tell(Learned(records))
            await one.told()
            await turns.take()
        await one.ask(Look(next(self._numbers)))
        await self._hand_over(place, one)
        one.ready = True

    async def _feed(self, place: _Place, one: Searcher) -> None:
        """Hand changes of the catalogue over as they come, until the process ends."""
        while True:
            await one.unless_gone(place.changed.wait())
            if not one.runs:
                raise Gone
            place.changed.clear()
            await self._hand_over(place, one)

    async def _hand_over(self, place: _Place, one: Searcher) -> None:
        while place.changes:
            changes, done = place.changes[0]
            await one.ask(Change(next(self._numbers), changes))
            place.changes.popleft()
            done.set()

    async def _end(self, place: _Place, one: Searcher) -> None:
        """Let go of a process, but for what it has counted."""
        one.ready = False
        place.now = None
        for query_id in [query_id for query_id, home in self._homes.items() if home is one]:
            del self._homes[query_id]
        for metric in one.report.counted if one.report else ():
            if metric.name != RESIDENT:
                before = place.past.get(metric.name)
                place.past[metric.name] = metric if before is None else added(before, metric)
        await one.end()


async def _watch(one: Searcher) -> None:
    """End a process that says nothing, whatever it was asked."""
    while True:
        await asyncio.sleep(_LOOK_S)
        one.kill_still(_STILL_S)
