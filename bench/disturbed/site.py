"""A whole service of one's own: Kafka, Elasticsearch, two workers and a query worker."""

import asyncio
import json
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from ltrr.bench.disturbed.blows import Command, Part
from ltrr.bench.disturbed.visitors import catalogue
from ltrr.bench.running.local import LocalServer
from ltrr.bench.running.processes import Processes
from ltrr.models.errors import EngineFailed
from ltrr.models.records.visitors import Visitors
from ltrr.serving.retrieval.opening import open_index
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import reading_seals, reading_visitors
from ltrr.streams.catalogue.index_agent import index_group
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.promotion import read_board

_INDEX: Final = "ltrr-chaos"
_VERSION: Final = "chaos"
_SECRET: Final = "of this bench alone"  # noqa: S105  # nobody else gets in
_LIMIT_S: Final = 600.0
_POLL_S: Final = 0.2
_ANSWER_S: Final = 5.0
_LINE: Final = "\n"
_SEARCHES: Final = 10_000
_TERMINATED: Final = 128 + signal.SIGTERM


class Site:
    """What runs, and what can be asked of it. parts: by name; url: of the query worker."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        servers = {name: stack.enter_context(LocalServer(name, folder)) for name in ("kafka", "elasticsearch")}
        self.brokers = Brokers(servers["kafka"].address)
        self._elasticsearch = servers["elasticsearch"].address
        values: dict[str, Any] = {
            "kafka": servers["kafka"].address,
            "elasticsearch": servers["elasticsearch"].address,
            "elasticsearch_index": _INDEX,
            "version": _VERSION,
            "secret": _SECRET,
            "data_dir": str(folder / "data"),
            "visitor_searches": _SEARCHES,  # of few visitors, who search often
        }
        self.settings = Settings(**values)
        admin.create(self.brokers, self.settings.partitions)
        settings = {f"LTRR_{name.upper()}": str(value) for name, value in values.items()}
        self.processes = stack.enter_context(Processes(folder, settings))
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.commands = {
            name: Command(self.processes, name, "worker", "--name", name) for name in ("worker-one", "worker-two")
        }
        self.commands["serve"] = Command(self.processes, "serve", "serve", "--port", str(port))
        self.parts: Mapping[str, Part] = {
            **servers,
            "worker": self.commands["worker-one"],
            "serve": self.commands["serve"],
        }

    def load(self, folder: Path) -> None:
        """Load the catalogue, and wait until it is served."""
        file = folder / "catalogue.jsonl"
        file.write_text("".join(f"{json.dumps(entity)}\n" for entity in catalogue()))
        loading = self.processes.start("index", "index", str(file))
        self.wait(lambda: loading.exit_code is not None, "the catalogue is loaded")
        if loading.exit_code:
            raise EngineFailed("bench", f"the catalogue was not loaded: {loading.said()}")
        self.wait(self.ready, "the query worker is ready")

    def wait(self, true: Callable[[], bool], what: str) -> float:
        """Wait until something holds, and return when it did. Raises EngineFailed."""
        if not self.comes_true(true):
            said = "\n".join(f"--- {name}\n{one.process.said()}" for name, one in self.commands.items())
            raise EngineFailed("bench", f"not within {_LIMIT_S:.0f} s: {what}\n{said}")
        return time.monotonic()

    def comes_true(self, true: Callable[[], bool]) -> bool:
        """Tell whether something comes to hold within some minutes."""
        end_s = time.monotonic() + _LIMIT_S
        while not true():
            if time.monotonic() > end_s:
                return False
            time.sleep(_POLL_S)
        return True

    def revive(self) -> list[str]:
        """Start what has ended by itself, and return its last words."""
        ended = [(name, one) for name, one in self.commands.items() if one.process.exit_code is not None]
        said = [f"{name} ended by itself: {one.process.said().rpartition(_LINE)[2]}" for name, one in ended]
        for _, one in ended:
            one.start()
        return said

    def ready(self) -> bool:
        """Tell whether the query worker says that all is well."""
        answer = self._get("/readyz")
        return answer is not None and answer.status_code == httpx.codes.OK

    def revision(self) -> int:
        """Return how many messages are learned in what the query worker serves; 0 while it does not say."""
        answer = self._get("/v1/policy")
        return 0 if answer is None or answer.is_error else int(answer.json()["revision"])

    def logged(self) -> int:
        """Return how many messages are on the event topics."""
        return sum(sum(ends.values()) for ends in self.ends())

    def ends(self) -> list[dict[str, int]]:
        """Return the ends of the event topics."""
        return cluster.offsets_at(self.brokers, self.settings.partitions)

    def delivered(self) -> bool:
        """Tell whether the spool of the query worker is empty."""
        answer = self._get("/metrics")
        return answer is not None and re.search(r"^ltrr_spool_events 0(\.0)?$", answer.text, re.MULTILINE) is not None

    def learned(self) -> bool:
        """Tell whether workers have committed all that is on the event topics."""
        board = asyncio.run(read_board(self.brokers, self.settings.partitions))
        return board.lag(_VERSION, self.ends()) == 0

    def indexed(self) -> bool:
        """Tell whether the query worker has read all changes of the catalogue."""
        name = (self.settings.data_dir / "index" / "name").read_text().strip()
        read, end = cluster.group_offsets(self.brokers, index_group(name), Topic.ENTITIES)
        return read >= end

    def secrets(self) -> tuple[Seals | None, Visitors | None]:
        """Return what pages are sealed with, and what names visitors."""
        return reading_seals(self.settings), reading_visitors(self.settings)

    def own_versions(self) -> dict[str, int]:
        """Return the versions in the query worker's index, which has to have ended."""
        with closing(open_index(self.settings, self.settings.data_dir)) as index:
            cards = index.entities("default", [entity["object_id"] for entity in catalogue()])
            return {card.object_id: int(card.name.split()[-1]) for card in cards if card is not None}

    def shared_versions(self) -> dict[str, int]:
        """Return the versions in Elasticsearch."""
        url = f"{self._elasticsearch}/{_INDEX}"
        httpx.post(f"{url}/_refresh", timeout=_LIMIT_S).raise_for_status()
        body = {"size": 10_000, "_source": ["object_id", "version"]}
        found = httpx.post(f"{url}/_search", json=body, timeout=_LIMIT_S).raise_for_status().json()
        return {hit["_source"]["object_id"]: int(hit["_source"]["version"]) for hit in found["hits"]["hits"]}

    def _get(self, path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"{self.url}{path}", timeout=_ANSWER_S)
        except httpx.TransportError:
            return None


@contextmanager
def site() -> Iterator[Site]:
    """Start everything in a folder of its own, and end it whatever happens, SIGTERM included."""
    with tempfile.TemporaryDirectory(prefix="ltrr-chaos-") as name, ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED)))
        folder = Path(name)
        folder.chmod(0o755)  # Elasticsearch is another user where we are root
        running = Site(stack, folder)
        running.load(folder)
        yield running


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
