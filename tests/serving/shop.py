"""A service over a small catalogue, its HTTP interface, and a client, all in the process."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import numpy as np
from pydantic import JsonValue

from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Impression
from ltrr.serving.http.api import create_app
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import parse_impressions
from ltrr.streams.events.timestamps import write_timestamp
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.record_file import Record
from ltrr.streams.files.room import Free, free_bytes

Found = TypeVar("Found")
NOON_S = 1_767_268_800.0  # 2026-01-01 12:00 UTC, a Thursday
UNBOUNDED = {"visitor_searches": 0.0, "visitor_query_searches": 0.0}
SECRET = "a secret of this test"  # noqa: S105  # of a test
WORDS = ("love", "night", "river", "fire", "blue", "moon", "gold", "rain")


def catalogue(count: int = 40, application: str = "default") -> list[Entity]:
    """Return songs with three words each for a name, and a genre."""
    rng = np.random.default_rng(7)
    return [
        Entity(
            object_id=f"song-{number}",
            type="song",
            name=" ".join(rng.permutation(WORDS)[:3].tolist()),
            attributes={"genre": {("pop", "rock", "jazz")[number % 3]: 0.9}},
            popularity=float(number),
            application=application,
        )
        for number in range(count)
    ]


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now_s = NOON_S

    def __call__(self) -> float:
        """Return it."""
        return self.now_s


class Shop:
    """One service and a client of it. entities: its catalogue; free: of its disk; settings: of its process.

    Who asks again gets new draws, and counts as another visitor, unless the settings say otherwise.
    """

    def __init__(
        self,
        folder: Path | None = None,
        entities: list[Entity] | None = None,
        free: Free = free_bytes,
        **settings: object,
    ) -> None:
        numbers = itertools.count()
        usual = {"text_deadline_s": 10.0, "vector_deadline_s": 10.0, "stable_s": 0.0, "secret": SECRET, **UNBOUNDED}
        chosen = Settings(**{**usual, **settings})  # type: ignore[arg-type]
        self.clock = Clock()
        self.service = EmbeddedService(chosen, self.clock, folder, lambda: f"query-{next(numbers)}", free=free)
        self._runner = asyncio.Runner()
        self._runner.run(self.service.index.index(catalogue() if entities is None else entities))
        transport = httpx.ASGITransport(create_app(self.service, close=False))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://ltrr")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
        self.service.close()

    def run(self, asking: Callable[[httpx.AsyncClient], Coroutine[Any, Any, Found]]) -> Found:
        """Let something ask the service."""
        return self._runner.run(asking(self._client))

    def request(self, method: str, path: str, **what: Any) -> httpx.Response:  # noqa: ANN401  # what httpx takes
        """Send a request."""
        return self._runner.run(self._client.request(method, path, **what))

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Return the JSON of a path that answers."""
        response = self.request("GET", path, params=parameters)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def post(self, path: str, body: JsonValue | bytes) -> httpx.Response:
        """Post JSON, or bytes as they are."""
        what: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.request("POST", path, **what)

    def search(self, query: str = "love night", **more: JsonValue) -> dict[str, Any]:
        """Search and return the answer."""
        response = self.post("/v1/search", {"query": query, **more})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def click(self, query_id: str, object_id: str, path: str = "/v1/events") -> None:
        """Click on a result."""
        response = self.post(path, self.action(query_id, object_id))
        answered = response.json()
        assert (response.status_code, answered["accepted"], answered["rejected"]) == (202, 1, [])

    def action(self, query_id: str, object_id: str, name: str = "click") -> dict[str, JsonValue]:
        """Return a UBI event of now."""
        return {
            "action_name": name,
            "query_id": query_id,
            "timestamp": write_timestamp(self.clock()),
            "event_attributes": {"object": {"object_id": object_id}},
        }

    def records(self, topic: Topic) -> list[Record]:
        """Return what the log holds of a topic."""
        return list(self.service._log.read(topic, 0))

    def impressions(self) -> list[Impression]:
        """Return the impressions of the log."""
        return [one for record in self.records(Topic.IMPRESSIONS) for one in parse_impressions(record.value)]

    def metrics(self) -> str:
        """Return the metrics in Prometheus' text format."""
        return self.request("GET", "/metrics").text

    def metric(self, name: str, labels: Mapping[str, str] | None = None) -> float:
        """Return one sample, 0 where there is none yet."""
        self.service.refresh_gauges()
        return self.service.metrics.registry.get_sample_value(name, dict(labels or {})) or 0.0


def hits(answer: dict[str, Any]) -> list[str]:
    """Return the object ids of a page in order."""
    return [item["object_id"] for item in answer["items"]]
