"""Visitors at a steady rate, who note what they were told."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ltrr.models.errors import InvalidInput, LtrrError
from ltrr.serving.http.client import Client
from ltrr.streams.events.topics import Topic
from ltrr.streams.publishing.publisher import Publisher

LANES: Final = 8
WORDS: Final = tuple(
    f"{one}{other}" for one in ("red", "old", "sun", "sea", "ice") for other in ("leaf", "bird", "road")
)
THINGS: Final = 200
_TIMEOUT_S: Final = 5.0
_CHANGE_S: Final = 0.5
_MORE: Final = 0.15  # of answers are asked for a second page
_ACTED: Final = 0.6  # of pages are acted on
_PUBLISHED: Final = 0.3  # of actions go by the publisher, not by HTTP
_GONE: Final = 0.1  # of changes take an entity out
_DRAINED_S: Final = 90.0
ActionKey = tuple[str, str, str]


@dataclass(slots=True)
class Told:
    """What clients were told; times are of the monotonic clock.

    pages: answered as logged, as query id and page; unlogged: searches that were answered without; actions:
    acknowledged, as query id, object id and name; versions: entity -> version acknowledged last; gone: deletions
    acknowledged; refused: for what a client did wrong, of which there should be nothing.
    """

    pages: set[tuple[str, int]] = field(default_factory=set)
    unlogged: int = 0
    actions: set[ActionKey] = field(default_factory=set)
    sent_again: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    answered_s: list[float] = field(default_factory=list)
    unanswered_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def thing(object_id: str, version: int) -> dict[str, Any]:
    """Return an entity whose name ends with its version."""
    number = int(object_id.rpartition("-")[2])
    name = f"{WORDS[number % len(WORDS)]} {WORDS[number // 3 % len(WORDS)]} {version}"
    return {"object_id": object_id, "type": "thing", "name": name, "popularity": float(number), "version": version}


def catalogue() -> list[dict[str, Any]]:
    """Return the entities that are there at the start: as many that stay and are changed, as may be taken out."""
    return [thing(f"{kind}-{number}", 1) for kind in ("thing", "gone") for number in range(THINGS)]


def is_to_go(object_id: str) -> bool:
    """Tell whether an entity is one of those that may be taken out."""
    return object_id.startswith("gone-")


class Visitors:
    """Lanes of visitors and one of a catalogue's owner, each in a thread. rate: searches a second, of all together.

    An action that is not acknowledged is sent again until it is, as a careful sender does.
    """

    def __init__(self, url: str, publisher: Publisher, seed: int, rate: float) -> None:
        self.told = Told()
        self._url = url
        self._publisher = publisher
        self._ended = threading.Event()
        self._rngs = [np.random.default_rng([seed, lane]) for lane in range(LANES + 1)]
        self._each_s = LANES / rate
        works: list[Callable[[], None]] = [lambda n=lane: self._lane(n) for lane in range(LANES)]  # type: ignore[misc]
        self._threads = [threading.Thread(target=work, daemon=True) for work in [*works, self._owner]]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop searching, and wait until each action is acknowledged."""
        self._ended.set()
        for thread in self._threads:
            thread.join(_DRAINED_S + 2 * _TIMEOUT_S)

    def _lane(self, number: int) -> None:
        rng = self._rngs[number]
        pending: list[dict[str, Any]] = []
        with Client(self._url, timeout_s=_TIMEOUT_S) as client:
            due_s = time.monotonic() + self._each_s * number / LANES
            while not self._ended.wait(max(0.0, due_s - time.monotonic())):
                due_s = max(due_s + self._each_s, time.monotonic() - self._each_s)
                pending += self._search(client, rng)
                pending = self._act(client, pending)
            end_s = time.monotonic() + _DRAINED_S
            while pending and time.monotonic() < end_s:
                pending = self._act(client, pending)
                time.sleep(0.2)

    def _search(self, client: Client, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Search, perhaps once more for a second page, and return what is to be done on the pages."""
        user = {"user_id": f"user-{rng.integers(60)}", "session_id": f"session-{rng.integers(200)}"}
        query = str(rng.choice(WORDS))
        acts: dict[str, dict[str, Any]] = {}
        further: dict[str, Any] = {}
        for page in (1, 2):
            try:
                answer = client.search(query, **user, **further)
            except InvalidInput as error:
                self.told.refused.append(str(error))
                break
            except LtrrError:
                self.told.unanswered_s.append(time.monotonic())
                break
            self.told.answered_s.append(time.monotonic())
            if "log" in answer.degraded:
                self.told.unlogged += 1
                break
            self.told.pages.add((answer.query_id, answer.page))
            shown = [item.object_id for item in answer.items]
            if shown and rng.random() < _ACTED:
                taken = str(rng.choice(shown))
                name = "purchase" if rng.random() < 0.1 else "click"  # noqa: PLR2004
                acts.setdefault(taken, _action(answer.query_id, taken, name, user))
            if rng.random() >= _MORE:
                break
            further = {"query_id": answer.query_id, "page": page + 1}
        published = [act for act in acts.values() if rng.random() < _PUBLISHED]
        for act in published:
            self._publisher.publish(Topic.ACTIONS, act["query_id"], json.dumps(act).encode())
            self.told.actions.add(_key(act))
        return [act for act in acts.values() if act not in published]

    def _act(self, client: Client, pending: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tell of actions, and return those that were not acknowledged."""
        if not pending:
            return []
        try:
            answer = client.publish(pending)
        except InvalidInput as error:
            self.told.refused.append(str(error))
            return []
        except LtrrError:
            self.told.sent_again += len(pending)
            return pending
        self.told.refused += [str(one) for one in answer["rejected"]]
        refused = {one["index"] for one in answer["rejected"]}
        self.told.actions |= {_key(act) for index, act in enumerate(pending) if index not in refused}
        return []

    def _owner(self) -> None:
        """Change the catalogue, now and then."""
        rng, version = self._rngs[LANES], 1
        with Client(self._url, timeout_s=_TIMEOUT_S) as client:
            while not self._ended.wait(_CHANGE_S):
                number = int(rng.integers(THINGS))
                with suppress(LtrrError):
                    if rng.random() < _GONE:
                        client.delete([f"gone-{number}"])
                        self.told.gone.add(f"gone-{number}")
                    else:
                        version += 1
                        client.put([thing(f"thing-{number}", version)])
                        self.told.versions[f"thing-{number}"] = version


def _action(query_id: str, object_id: str, name: str, user: Mapping[str, str]) -> dict[str, Any]:
    attributes = {"object": {"object_id": object_id}}
    told = {"query_id": query_id, "action_name": name, "timestamp": time.time(), "event_attributes": attributes}
    return {**told, **user}


def _key(action: Mapping[str, Any]) -> ActionKey:
    return action["query_id"], action["event_attributes"]["object"]["object_id"], action["action_name"]


@contextmanager
def visiting(url: str, publisher: Publisher, seed: int, rate: float) -> Iterator[Told]:
    """Have visitors search until the end of the block."""
    visitors = Visitors(url, publisher, seed, rate)
    visitors.start()
    try:
        yield visitors.told
    finally:
        visitors.end()
