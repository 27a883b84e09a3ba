"""Serve each application from its active version, and change over without a gap."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import ConsumerRecord

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.prediction import Predictions
from ltrr.models.state.state import State
from ltrr.serving.decisions.modes import Serving, States, helpless, misfit
from ltrr.serving.decisions.served_state import ServedState
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.forgetting import of_version
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.tail import Tail
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.trained_rankers import RankerKey
from ltrr.streams.versions.active import Active, Mode
from ltrr.streams.versions.sources import Marks
from ltrr.streams.versions.versions import Board, Offsets

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Followed:
    """A version that is followed."""

    follower: Follower
    states: States
    tasks: tuple[asyncio.Task[None], ...]


class ServedVersions:
    """The versions of a query worker: the active ones, those in their shadow, and for a rollback the one before each.

    A version that becomes active is loaded first, while searches go on with the one before. Where it cannot be served
    here, searches stay with that one, and `trouble` says why. One that cannot decide in the shadow costs no search:
    `Serving.trouble` says why. changed: called when a served version has learned more. predictions: is told what is
    predicted for entities, whatever the version.
    """

    def __init__(
        self, bootstrap: Brokers, settings: Settings, changed: Callable[[Follower], None], predictions: Predictions
    ) -> None:
        self.caught_up = asyncio.Event()
        self._trouble: str | None = None
        self._bootstrap = bootstrap
        self._settings = settings
        self._changed = changed
        self._predictions = predictions
        self._board = Board()
        self._tail = Tail(bootstrap, [Topic.POLICY], settings.partitions, self._take, self._told)
        self._wake = asyncio.Event()
        self._followed: dict[str, _Followed] = {}
        self._refused: dict[str, str] = {}
        self._default = settings.active
        empty = self._open(settings.version, settings)[1].of(self._default.mode)
        self._serving = dict.fromkeys(settings.applications, Serving(empty, self._default.mode))

    def serving(self, application: str) -> Serving:
        """Return what searches of an application are decided and ranked with now."""
        return self._serving[application]

    @property
    def trouble(self) -> str | None:
        """Return why an active version is not served, or not with all that it has learned; None where each is."""
        if self._trouble:
            return self._trouble
        for version in sorted(self._served() & self._followed.keys()):
            if mismatch := self._followed[version].follower.mismatch:
                return f"version {version} is served without what it has learned: {mismatch}"
        return None

    @property
    def shadow_trouble(self) -> str | None:
        """Return why a version does not decide in the shadow; "ok" where all do, None where none is to."""
        if all(self._active(application).shadow is None for application in self._serving):
            return None
        return next((one.trouble for one in self._serving.values() if one.trouble), "ok")

    @property
    def pairs(self) -> int:
        """Return how many pairs of memory the served versions hold."""
        return sum(self._followed[name].follower.pairs for name in self.states())

    def states(self) -> dict[str, State]:
        """Return the learned state of each version that is served."""
        serving = self._served()
        return {name: one.follower.state() for name, one in self._followed.items() if name in serving}

    def reached(self) -> dict[str, Marks]:
        """Return how far each version was learned that searches are served from, as `Sources` asks."""
        return {version: self._board.reached(version) for version in sorted(self._served())}

    def behind(self, ends: Offsets) -> dict[str, dict[str, int]]:
        """Return how many messages before `ends` the served versions have not absorbed: version -> topic -> them."""
        return {version: self._board.behind(version, ends) for version in sorted(self._served())}

    def described(self) -> dict[str, Any]:
        """Return all versions, and what each application is served from, as JSON values."""
        board = self._board
        versions = [
            {
                "version": version,
                "revision": board.revision(version),
                "complete": board.complete(version),
                "settings": dict(board.recipes[version].settings) if version in board.recipes else {},
            }
            for version in sorted(board.versions)
        ]
        applications = []
        for name, serving in self._serving.items():
            before = self._active(name).before
            row: dict[str, Any] = {"application": name, "active": serving.state.version, "mode": serving.mode.value}
            row |= {"shadow": None if serving.shadow is None else serving.shadow.version, "trouble": serving.trouble}
            row["before"] = f"{before[-1].version}, {before[-1].mode.value}" if before else None
            applications.append(row)
        return {"versions": versions, "applications": applications}

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tail.run())
            while True:
                await self._wake.wait()
                self._wake.clear()
                self._follow_wanted(tasks)
                await self._bring_rankers()
                self._change_over()

    def _take(self, record: ConsumerRecord) -> bool:
        return self._board.take(record.key or b"", record.value)

    def _told(self) -> None:
        self._wake.set()

    def _active(self, application: str) -> Active:
        return self._default if self._settings.pinned else self._board.active.get(application, self._default)

    def _served(self) -> set[str]:
        """Return the versions that searches are served from."""
        return {one.state.version for one in self._serving.values()}

    def _wanted(self) -> set[str]:
        """Return the versions to follow.

        They are the active ones, those in a shadow, those before them while they exist, and what is still served.
        """
        active = [self._active(application) for application in self._settings.applications]
        before = {one.before[-1].version for one in active if one.before} & self._board.progress.keys()
        return before.union(*(one.versions for one in active), self._served() & self._followed.keys())

    def _follow_wanted(self, tasks: asyncio.TaskGroup) -> None:
        self._trouble = None
        self._refused.clear()
        wanted = self._wanted()
        for version in self._followed.keys() - wanted:
            for task in self._followed.pop(version).tasks:
                task.cancel()
        for version, one in self._followed.items():
            one.follower.reschedule(self._board.forgetting(version))
        for version in sorted(wanted - self._followed.keys()):
            try:
                follower, states = self._open(version, of_version(self._settings, self._board, version))
            except InvalidSettings as error:
                self._refused[version] = str(error)
                continue
            follower.reschedule(self._board.forgetting(version))
            both = tasks.create_task(follower.run()), tasks.create_task(self._await(follower))
            self._followed[version] = _Followed(follower, states, both)

    async def _bring_rankers(self) -> None:
        """Serve the rankers that were trained in batches for the followed versions."""
        for version, one in list(self._followed.items()):
            for application in self._settings.applications:
                record, rankers = self._board.rankers.get(RankerKey(version, application)), one.states.rankers
                if rankers.changes(application, record):
                    # to import LightGBM takes a second or more, and searches go on
                    opened = None if record is None else await asyncio.to_thread(rankers.opened, record)
                    rankers.take(application, record, opened)

    def _open(self, version: str, settings: Settings) -> tuple[Follower, States]:
        learning = settings.learning(strategy_arms())
        follower = Follower(self._bootstrap, learning, version, settings.partitions, self._learned, self._predictions)
        return follower, States.over(follower, learning, settings, version)

    async def _await(self, follower: Follower) -> None:
        await follower.caught_up.wait()
        self._wake.set()

    def _change_over(self) -> None:
        """Serve each application from its active version, as soon as that one is loaded."""
        loaded = True
        for application in self._settings.applications:
            active = self._active(application)
            one = self._followed.get(active.version)
            if one is None:
                self._refuse(active.version, self._refused[active.version])
            elif one.follower.caught_up.is_set():
                self._serve(application, one, active.mode)
            else:
                loaded = False
            self._shade(application, active.shadow)
        if loaded:
            self.caught_up.set()
            self._wake_to_drop()

    def _serve(self, application: str, one: _Followed, mode: Mode) -> None:
        """Serve an application from a version that is loaded, if that can be."""
        state, served = one.states.of(mode), self._serving[application].state
        if state is served:
            return
        mismatch = one.follower.mismatch if served.version != state.version else None
        trouble = mismatch or helpless(state, application)
        if trouble:
            self._refuse(state.version, trouble)
        else:
            _LOG.info("%s is served from version %s, %s", application, state.version, mode)
            self._serving[application] = Serving(state, mode)

    def _shade(self, application: str, version: str | None) -> None:
        """Put a version into the shadow of what an application is served from, or say why that cannot be."""
        serving = self._serving[application]
        one, trouble = self._followed.get(version or ""), None
        if version is not None:
            trouble = self._unseen(application, version, one, serving.state)
            trouble = trouble and f"version {version} does not decide in the shadow: {trouble}"
        shadow = one.states.online if one is not None and not trouble else None
        if (shadow, trouble) != (serving.shadow, serving.trouble):
            _LOG.info(
                "%s: in the shadow decides %s", application, trouble or (f"version {version}" if shadow else "nothing")
            )
            self._serving[application] = replace(serving, shadow=shadow, trouble=trouble)

    def _unseen(self, application: str, version: str, one: _Followed | None, served: ServedState) -> str | None:
        """Say why a version cannot decide in the shadow yet, or at all; None where it can."""
        if one is None:
            return self._refused.get(version)
        if not one.follower.caught_up.is_set():
            return "it is still being read"
        return one.follower.mismatch or misfit(served, one.states.online, application)

    def _wake_to_drop(self) -> None:
        """Go round once more where something is followed that nobody needs now."""
        if self._followed.keys() - self._wanted():
            self._wake.set()

    def _refuse(self, version: str, reason: str) -> None:
        self._trouble = f"version {version} cannot be served here: {reason}"
        _LOG.error("%s", self._trouble)

    def _learned(self, follower: Follower) -> None:
        if follower.version in self._served():
            self._changed(follower)
