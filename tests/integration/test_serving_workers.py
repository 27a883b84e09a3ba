"""Real services of several processes: what each answers and learns together, and what a kill of one costs."""

import os
import re
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from ltrr.bench.running.processes import Process, Processes
from ltrr.streams.events.codec import encode_entity
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.spawned import is_running, spawned
from tests.integration.test_serving import delivered
from tests.serving.shop import WORDS, catalogue

pytestmark = pytest.mark.whole

WORKERS = 2
CLICKS = 30
_PATIENT = {"LTRR_TEXT_DEADLINE_S": "10", "LTRR_VECTOR_DEADLINE_S": "10"}


class Site:
    """A service of several processes, and a client of it."""

    def __init__(self, server: Process, url: str) -> None:
        self.server = server
        self.client = httpx.Client(base_url=url, timeout=60)

    def search(self, query: str, **more: object) -> dict[str, Any]:
        """Search, and return the answer."""
        answer: dict[str, Any] = self.client.post("/v1/search", json={"query": query, **more}).raise_for_status().json()
        assert answer["degraded"] == []
        return answer

    def click(self, answer: dict[str, Any], row: int = 0) -> None:
        """Click on a result of an answer."""
        attributes = {"object": {"object_id": answer["items"][row]["object_id"]}, "event_id": uuid.uuid4().hex}
        event = {"query_id": answer["query_id"], "action_name": "click", "event_attributes": attributes}
        taken = self.client.post("/v1/events", json=event | {"timestamp": time.time()}).raise_for_status().json()
        assert taken["accepted"] == 1

    def clicked(self, query: str) -> float:
        """Return how often results of a query were acted on, as the memory has it."""
        pairs = self.client.get("/v1/memory", params={"query": query}).raise_for_status().json()["pairs"]
        return float(sum(pair["actions"] for pair in pairs))

    def counted(self, name: str) -> dict[str, float]:
        """Return a metric by its labels."""
        lines = self.client.get("/metrics").raise_for_status().text.splitlines()
        rows = (re.fullmatch(rf"{name}(\{{.*\}})? (\S+)", line) for line in lines)
        return {row[1] or "": float(row[2]) for row in rows if row}

    def all_answer(self) -> bool:
        """Tell whether all its processes search."""
        assert self.server.exit_code is None, self.server.said()
        return bool(self.client.get("/readyz").json().get("workers") == "ok")


def served(processes: Processes, name: str, workers: int = WORKERS) -> Site:
    """Start a service, and return it when all its processes search."""
    server = processes.start(f"{name}-{uuid.uuid4().hex[:4]}", "serve", "--port", "0", "--workers", str(workers))
    found: list[str] = []

    def listens() -> bool:
        assert server.exit_code is None, server.said()
        found[:] = re.findall(r" at (http://127\.0\.0\.1:\d+) ", server.log.read_text())
        return bool(found)

    traffic.wait_until(listens, 60, server.said)
    site = Site(server, found[0])
    if workers > 1:
        traffic.wait_until(site.all_answer, 60, server.said)
    return site


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str, int], Site]]:
    """Return what starts embedded services, each over a data folder of its own with a small catalogue."""
    entities = tmp_path / "entities.jsonl"
    entities.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")
    bounds = {"LTRR_VISITOR_SEARCHES": "0", "LTRR_VISITOR_QUERY_SEARCHES": "0"}
    with Processes(tmp_path, _PATIENT | bounds) as running, ExitStack() as clients:

        def start(name: str, workers: int = WORKERS) -> Site:
            folder = tmp_path / name
            running.environment["LTRR_DATA_DIR"] = str(folder)
            if not folder.exists():
                index = running.start("index", "index", str(entities))
                traffic.wait_until(lambda: index.exit_code is not None, 60, index.said)
            site = served(running, name, workers)
            clients.callback(site.client.close)
            return site

        yield start


def played(site: Site) -> dict[str, Any]:
    """Search and click, one after the other, and return what is learned of it.

    Nobody is known: of known visitors it depends on who took the same thing how much their clicks count for others.
    """
    for turn in range(CLICKS):
        query = WORDS[turn % len(WORDS)]
        answer = site.search(query, learn=turn % 7 != 0)
        if answer["items"] and answer["learned"]:
            site.click(answer)
    outcomes = site.counted("ltrr_events_total")
    arms = {arm["arm"]: arm["observations"] for arm in site.client.get("/v1/policy").json()["arms"]}
    return {"outcomes": outcomes, "clicked": {word: site.clicked(word) for word in WORDS}, "arms": arms}


def test_two_processes_learn_what_one_does(started: Callable[..., Site]):
    """Counts are the same, whichever process has answered; each search is counted once over all of them."""
    alone, several = started("one", 1), started("several")
    expected, found = played(alone), played(several)
    assert found["outcomes"] == expected["outcomes"]
    assert sum(found["clicked"].values()) == pytest.approx(sum(expected["clicked"].values()), rel=1e-6)
    assert found["arms"].keys() == expected["arms"].keys()

    def counted(site: Site) -> list[float]:
        names = ("ltrr_searches_total", "ltrr_propensity_count", "ltrr_search_phase_seconds_count")
        counts = [site.counted(name) for name in names]
        return [sum(counts[0].values()), sum(counts[1].values()), counts[2].get('{phase="plan"}', 0.0)]

    traffic.wait_until(lambda: counted(several) == counted(alone), 20, lambda: f"{counted(several)} {counted(alone)}")


def test_each_process_answers_and_knows_what_was_clicked(started: Callable[..., Site]):
    """A further page comes from where the first was made; both know of a click on one's page, and of a new entity."""
    site = started("shop")
    for turn in range(2 * WORKERS):
        first = site.search("love", user_id=f"user {turn}", size=4)
        second = site.search("love", user_id=f"user {turn}", size=4, query_id=first["query_id"], page=2)
        shown = [item["object_id"] for item in (*first["items"], *second["items"])]
        assert len(set(shown)) == len(shown) == 8
        site.click(first)
    site.client.put("/v1/entities", json={"object_id": "new", "type": "song", "name": "zanzibar"}).raise_for_status()
    for _ in range(2 * WORKERS):  # they take turns
        assert "new" in {item["object_id"] for item in site.search("zanzibar")["items"]}
    learned = site.client.get("/v1/policy").json()["revision"]

    def both_know() -> bool:
        return all(site.search("love", learn=False)["revision"] >= learned for _ in range(2 * WORKERS))

    traffic.wait_until(both_know, 10, "what was learned does not reach all processes")
    again = [site.search("love", user_id="ada", size=4)["items"] for _ in range(2 * WORKERS)]
    assert all(items == again[0] for items in again)  # who asks again sees the same draws


def test_a_killed_process_costs_no_search(started: Callable[..., Site]):
    """The others answer, nothing that was answered is lost, and it is started again with all there is to know."""
    site = started("shop")
    answers = [site.search(WORDS[turn % len(WORDS)], user_id=f"u{turn}") for turn in range(10)]
    one, other = spawned(site.server.pid)
    os.kill(one, signal.SIGKILL)
    answers += [site.search(WORDS[turn % len(WORDS)], user_id=f"v{turn}") for turn in range(10)]
    site.client.put("/v1/entities", json={"object_id": "new", "type": "song", "name": "zanzibar"}).raise_for_status()
    traffic.wait_until(lambda: one not in spawned(site.server.pid) and site.all_answer(), 60, site.server.said)
    assert other in spawned(site.server.pid)
    for _ in range(2 * WORKERS):
        assert "new" in {item["object_id"] for item in site.search("zanzibar")["items"]}
    searched = sum(site.counted("ltrr_searches_total").values())
    assert searched == len(answers) + 2 * WORKERS
    children = spawned(site.server.pid)
    assert (site.server.stop(), [pid for pid in children if is_running(pid)]) == (0, [])


def test_a_process_that_stands_still_holds_no_change(started: Callable[..., Site]):
    """One that says nothing is ended while it was handed a change of the catalogue, which the others have made."""
    site = started("shop")
    still = spawned(site.server.pid)[0]
    os.kill(still, signal.SIGSTOP)
    site.client.put("/v1/entities", json={"object_id": "new", "type": "song", "name": "zanzibar"}).raise_for_status()
    traffic.wait_until(lambda: still not in spawned(site.server.pid) and site.all_answer(), 60, site.server.said)
    for _ in range(2 * WORKERS):
        assert "new" in {item["object_id"] for item in site.search("zanzibar")["items"]}


def test_no_process_outlives_its_service(started: Callable[..., Site]):
    """Where the service is killed at once, the others end, and the next one starts over the same folder."""
    site = started("shop")
    first = site.search("love")
    children = spawned(site.server.pid)
    site.server.kill()
    traffic.wait_until(lambda: not any(map(is_running, children)), 30, "a process goes on")
    again = started("shop")
    again.click(first)
    assert again.clicked("love") > 0


@pytest.mark.servers
def test_on_kafka_each_process_follows_what_workers_learn(topics: Brokers, tmp_path: Path):
    """A click on a page of one process is served by all; pages go through the one spool; a kill costs none."""
    entities = tmp_path / "entities.jsonl"
    entities.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")
    version = f"serve-{uuid.uuid4().hex[:8]}"
    with traffic.Processes(topics, tmp_path, version) as processes, ExitStack() as clients:
        processes.environment |= _PATIENT
        index = processes.start("index", "index", str(entities))
        traffic.wait_until(lambda: index.exit_code is not None, 60, index.said)
        processes.worker("worker")
        site = served(processes, "shop")
        clients.callback(site.client.close)
        first = site.search("love", user_id="ada", size=4)
        second = site.search("love", user_id="ada", size=4, query_id=first["query_id"], page=2)
        assert not {item["object_id"] for item in first["items"]} & {item["object_id"] for item in second["items"]}
        site.click(first)
        traffic.wait_until(lambda: site.clicked("love") > 0, 60, "the click is not remembered")
        learned = site.client.get("/v1/policy").json()["revision"]

        def both_know() -> bool:
            return all(site.search("love", learn=False)["revision"] >= learned for _ in range(2 * WORKERS))

        traffic.wait_until(both_know, 20, "what was learned does not reach all processes")
        os.kill(spawned(site.server.pid)[0], signal.SIGKILL)
        answered = [first["query_id"], *(site.search("love", user_id=f"u{turn}")["query_id"] for turn in range(8))]
        traffic.wait_until(site.all_answer, 60, site.server.said)
        traffic.wait_until(lambda: delivered(topics)[0] >= set(answered), 40, "a page is not on its topic")
        assert site.server.stop() == 0
