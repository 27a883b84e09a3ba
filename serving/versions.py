"""Serve each application from its active version, and change over without a gap."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka import ConsumerRecord

from models.errors import InvalidSettings
from models.prediction import Predictions
from models.shared_prior import SharedPrior
from models.state import State
from serving.retrieval import strategy_calls
from serving.served_state import ServedState
from serving.settings import Settings
from streams.follower import Follower
from streams.tail import Tail
from streams.topics import Topic
from streams.versions import Active, Board

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Followed:
    """A version that is followed."""

    follower: Follower
    state: ServedState
    tasks: tuple[asyncio.Task[None], ...]


class ServedVersions:
    """The versions of a query worker: the active ones, and for a rollback the one before each.

    A version that becomes active is loaded first, while searches go on with the one before. Where it cannot be served
    here, searches stay with that one, and `trouble` says why. changed: called when a served version has learned more.
    predictions: is told what is predicted for entities, whatever the version.
    """

    def __init__(
        self, bootstrap: str, settings: Settings, changed: Callable[[Follower], None], predictions: Predictions
    ) -> None:
        self.caught_up = asyncio.Event()
        self.trouble: str | None = None
        self._bootstrap = bootstrap
        self._settings = settings
        self._changed = changed
        self._predictions = predictions
        self._board = Board()
        self._tail = Tail(bootstrap, [Topic.POLICY], settings.partitions, self._take, self._told)
        self._wake = asyncio.Event()
        self._followed: dict[str, _Followed] = {}
        empty = self._open(settings.version, settings)[1]
        self._served = dict.fromkeys(settings.applications, empty)

    def served(self, application: str) -> ServedState:
        """Return what searches of an application are decided and ranked with now."""
        return self._served[application]

    def mode(self, application: str) -> str:
        """Return the mode of an application's version."""
        return self._active(application).mode

    @property
    def pairs(self) -> int:
        """Return how many pairs of memory the served versions hold."""
        return sum(self._followed[name].follower.pairs for name in self.states())

    def states(self) -> dict[str, State]:
        """Return the learned state of each version that is served."""
        serving = {state.version for state in self._served.values()}
        return {name: one.follower.state() for name, one in self._followed.items() if name in serving}

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tail.run())
            while True:
                await self._wake.wait()
                self._wake.clear()
                self._follow_wanted(tasks)
                self._change_over()

    def _take(self, record: ConsumerRecord) -> bool:
        return self._board.take(record.key or b"", record.value)

    def _told(self) -> None:
        self._wake.set()

    def _active(self, application: str) -> Active:
        return self._board.active.get(application, Active(self._settings.version))

    def _wanted(self) -> set[str]:
        """Return the versions to follow: active ones, those before them while they exist, and what is still served."""
        active = [self._active(application) for application in self._settings.applications]
        before = {one.before[-1] for one in active if one.before} & self._board.progress.keys()
        serving = {state.version for state in self._served.values()} & self._followed.keys()
        return {one.version for one in active} | before | serving

    def _follow_wanted(self, tasks: asyncio.TaskGroup) -> None:
        self.trouble = None
        wanted = self._wanted()
        for version in self._followed.keys() - wanted:
            for task in self._followed.pop(version).tasks:
                task.cancel()
        for version in sorted(wanted - self._followed.keys()):
            recipe = self._board.recipes.get(version)
            try:
                settings = self._settings.of_version(recipe.settings) if recipe else self._settings
                follower, state = self._open(version, settings)
            except InvalidSettings as error:
                self._refuse(version, str(error))
                continue
            both = tasks.create_task(follower.run()), tasks.create_task(self._await(follower))
            self._followed[version] = _Followed(follower, state, both)

    def _open(self, version: str, settings: Settings) -> tuple[Follower, ServedState]:
        learning = settings.learning(strategy_calls())
        follower = Follower(self._bootstrap, learning, version, settings.partitions, self._learned, self._predictions)
        source = SharedPrior(follower) if settings.shared_prior else follower
        return follower, ServedState(source, learning, settings.policy, settings.policy_options, version)

    async def _await(self, follower: Follower) -> None:
        await follower.caught_up.wait()
        self._wake.set()

    def _change_over(self) -> None:
        """Serve each application from its active version, as soon as that one is loaded."""
        loaded = True
        for application in self._settings.applications:
            version = self._active(application).version
            one = self._followed.get(version)
            if one is None:
                continue  # refused
            if not one.follower.caught_up.is_set():
                loaded = False
            elif one.follower.mismatch and self._served[application].version != version:
                self._refuse(version, one.follower.mismatch)
            elif self._served[application] is not one.state:
                _LOG.info("%s is served from version %s", application, version)
                self._served[application] = one.state
        if loaded:
            self.caught_up.set()
            self._wake_to_drop()

    def _wake_to_drop(self) -> None:
        """Go round once more where something is followed that nobody needs now."""
        if self._followed.keys() - self._wanted():
            self._wake.set()

    def _refuse(self, version: str, reason: str) -> None:
        self.trouble = f"version {version} cannot be served here: {reason}"
        _LOG.error("%s", self.trouble)

    def _learned(self, follower: Follower) -> None:
        if any(state.version == follower.version for state in self._served.values()):
            self._changed(follower)
