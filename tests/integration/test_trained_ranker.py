"""A ranker trained on the topics of a real Kafka is served by running query workers, and dropped again."""

import re
import time
from collections.abc import Callable

import httpx
import pytest

from ltrr.bench.running.processes import Process
from ltrr.serving.rankers.training import LEAST_PAGES
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.test_replay import board, run
from tests.integration.test_serving import click, delivered, processes, serve
from tests.serving.shop import WORDS

__all__ = ["processes"]  # the fixture
pytestmark = pytest.mark.servers
PAGES = LEAST_PAGES + 20


def test_train_serve_drop(
    topics: Brokers, processes: traffic.Processes, record_property: Callable[[str, object], None]
) -> None:
    """Training reads all partitions; running query workers, and one that starts, serve it until it is dropped."""
    version = processes.environment["LTRR_VERSION"]
    processes.environment |= {"LTRR_TEXT_DEADLINE_S": "10", "LTRR_VECTOR_DEADLINE_S": "10"}  # each page is clicked on
    _, url = serve(processes, "serve")
    clicked = set()
    with httpx.Client(base_url=url, timeout=20) as client:

        def serves(base: str = url) -> str:
            return str(httpx.get(f"{base}/v1/policy", timeout=20).raise_for_status().json()["ranker"]["serves"])

        def searched() -> dict[str, object]:
            body = {"query": "love night", "explain": True}
            return client.post("/v1/search", json=body).raise_for_status().json()

        for number in range(PAGES):
            body = {"query": f"{WORDS[number % 8]} {WORDS[number // 8 % 7]}"}
            answer = client.post("/v1/search", json=body).raise_for_status().json()
            event = click(answer["query_id"], answer["items"][-1]["object_id"])
            client.post("/v1/events", json=event).raise_for_status()
            clicked.add(event["event_attributes"]["event_id"])  # type: ignore[index]
        traffic.wait_until(lambda: delivered(topics)[1] >= clicked, 30, "a click is lost")
        trained = run(processes, "train", "ranker", "train", "--from", "0", "--anyway")
        name = trained["ranker"]
        took_s = traffic.wait_until(lambda: serves() == name, 60, "the query worker does not serve it")
        assert (trained["version"], trained["pages_shown"]) == (version, PAGES)
        assert sum(trained["pages"].values()) == PAGES  # type: ignore[attr-defined]
        assert searched()["ranker"] == name
        sample = f'ltrr_ranker{{application="default",ranker="{name}"}} 1.0'
        assert sample in client.get("/metrics").text
        listed = run(processes, "list", "ranker", "list")["rankers"]
        assert [(row["version"], row["ranker"]) for row in listed] == [(version, name)]  # type: ignore[attr-defined]
        processes.environment["LTRR_DATA_DIR"] += "-of-the-other"
        _, other = serve_empty(processes)
        assert serves(other) == name
        began_s = time.monotonic()
        run(processes, "drop", "ranker", "drop")
        traffic.wait_until(lambda: serves() == serves(other) == "online", 60, "it is not dropped")
        dropped_s = time.monotonic() - began_s
        assert searched()["ranker"] == "online"
    assert board(topics).rankers == {}
    record_property(
        "seen",
        f"{trained['record_bytes']} bytes; served {took_s:.2f} s after the command had ended, "
        f"dropped {dropped_s:.2f} s after it had begun",
    )


def serve_empty(processes: traffic.Processes) -> tuple[Process, str]:
    """Start a query worker without a catalogue, and return it and its URL once it has read the state."""
    server = processes.start("other", "serve", "--port", "0")

    def url() -> str:
        found = re.search(r"at (http://127\.0\.0\.1:\d+) ", server.log.read_text())
        return found[1] if found else ""

    def ready() -> bool:
        assert server.exit_code is None, server.said()
        try:
            return bool(url()) and httpx.get(f"{url()}/readyz").json()["state"] == "ok"
        except httpx.TransportError:
            return False

    traffic.wait_until(ready, 60, server.said)
    return server, url()
