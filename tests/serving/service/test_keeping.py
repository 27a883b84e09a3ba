"""The data folder: what is acknowledged is there after a full disk, a restart and a kill; nothing is half-learned."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from ltrr.models.errors import StorageFailed
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.events.topics import Topic
from tests.disk import Disk, full_disk
from tests.serving.servers import serving
from tests.serving.shop import Shop, catalogue, hits
from tests.streams.states import assert_same

pytestmark = pytest.mark.whole


def whole(shop: Shop) -> dict[str, Any]:
    """Return all that a service shows of what it learned."""
    return {"policy": shop.get("/v1/policy"), "memory": shop.get("/v1/memory", query="love night")}


def test_a_full_disk_refuses_and_learns_nothing(tmp_path: Path):
    """Events and queries that cannot be kept get 507 and what to do; nothing of them is learned."""
    with Shop(tmp_path) as shop:
        answer = shop.search()
        before = whole(shop)
        event = shop.action(answer["query_id"], hits(answer)[0])
        query = {"query_id": "q", "user_query": "love night", "timestamp": event["timestamp"]}
        bodies = {"/v1/events": [event] * 9, "/ubi_queries": query}
        for path, body in bodies.items():
            with full_disk(100):
                response = shop.post(path, body)
            assert response.status_code == 507, path
            assert "free some space" in response.json()["detail"]
            assert whole(shop) == before
        assert len(shop.records(Topic.IMPRESSIONS)) == 1
        assert shop.records(Topic.ACTIONS) == []
        shop.click(answer["query_id"], hits(answer)[0])
        assert whole(shop) != before


def test_searches_go_on_while_the_disk_is_full(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """A search that cannot be logged is answered and says so, once in the process's log, and nothing is learned of it.

    Readiness tells for as long as nothing can be written, though no search tries it, and no longer.
    """
    with Shop(tmp_path) as shop:
        shop.search()
        before = whole(shop)
        with full_disk(100):
            answers = [shop.search() for _ in range(3)]
            ready = shop.request("GET", "/readyz")
        assert all(len(hits(answer)) == 10 for answer in answers)
        assert [answer["degraded"] for answer in answers] == [["log"]] * 3
        assert caplog.text.count("not logged") == 1
        assert shop.metric("ltrr_degraded_total", {"engine": "log"}) == 3
        assert (ready.status_code, "free some space" in ready.json()["log"]) == (503, True)
        assert whole(shop) == before
        assert shop.get("/readyz")["log"] == "ok"
        assert shop.search()["degraded"] == []
        assert len(shop.records(Topic.IMPRESSIONS)) == 2


def test_what_stays_free_is_left_alone(tmp_path: Path):
    """With less than the reserve nothing is written: no event, page, entity or checkpoint, after a start too."""
    disk = Disk(10**9)
    with Shop(tmp_path, free=disk, disk_reserve_mb=100) as shop:
        answer = shop.search()
        files = {path: path.stat().st_size for path in tmp_path.rglob("*.log")}
        disk.free = 99_000_000
        assert shop.search()["degraded"] == ["log"]
        response = shop.post("/v1/events", shop.action(answer["query_id"], hits(answer)[0]))
        assert (response.status_code, "99 MB free" in response.json()["detail"]) == (507, True)
        with pytest.raises(StorageFailed, match="LTRR_DISK_RESERVE_MB"):
            asyncio.run(shop.service.index.index(catalogue(41)[40:]))
        assert shop.request("GET", "/readyz").status_code == 503
    assert {path: path.stat().st_size for path in tmp_path.rglob("*.log")} == files
    assert not (tmp_path / "state.bin").exists()
    with Shop(tmp_path, entities=[], free=disk, disk_reserve_mb=100) as shop:
        assert (shop.search()["degraded"], shop.service.state.revision) == (["log"], 1)
        disk.free = 10**9
        assert (shop.search()["degraded"], shop.service.state.revision) == ([], 2)
        assert shop.request("GET", "/readyz").status_code == 200
    assert (tmp_path / "state.bin").exists()


def test_a_start_without_room_says_so(tmp_path: Path):
    """Where there is no room for a new index, or hardly any for one that is there, the start is refused in words."""
    disk = Disk(63_000_000)
    for folder in (tmp_path, None):
        with pytest.raises(StorageFailed, match="63 MB free and 64 MB are needed"):
            Shop(folder, free=disk)
    disk.free = 10**9
    with Shop(tmp_path, free=disk):
        pass
    disk.free = 7_000_000
    with pytest.raises(StorageFailed, match="7 MB free and 8 MB are needed"):
        Shop(tmp_path, free=disk)


def test_a_small_disk_ends_in_words_not_in_a_signal(tmp_path: Path):
    """On a real disk of 2 MB, where mapped files have no room, the start is refused: no SIGBUS."""
    program = "from ltrr.serving.commands.cli import main; main()"
    line = 'mount -t tmpfs -o size=2m none "$1" && exec "$2" -c "$3" serve --port 0'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", line, "sh", str(tmp_path), sys.executable, program]
    if subprocess.run([*command[:4], "-c", 'mount -t tmpfs none "$1"', "sh", str(tmp_path)], check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    ended = subprocess.run(
        command, env={**os.environ, "LTRR_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "2 MB free and 64 MB are needed" in ended.stderr) == (1, True), ended.stderr


def test_a_checkpoint_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """What is in the log is acknowledged: a checkpoint that does not fit is a warning, and tried again later."""
    with Shop(tmp_path, checkpoint_s=1.0) as shop:
        answer = shop.search()
        shop.clock.now_s += 2.0
        with full_disk(20_000):
            shop.click(answer["query_id"], hits(answer)[0])
        assert "cannot write" in caplog.text
        assert not (tmp_path / "state.bin").exists()
        shop.clock.now_s += 2.0
        shop.search()
        assert (tmp_path / "state.bin").exists()


def test_a_closed_log_refuses(shop: Shop):
    """A log that takes nothing more is the service's failure, in words; searches do without it."""
    shop.service._log.close()
    response = shop.post("/v1/events", shop.action("q", "x"))
    assert (response.status_code, "closed" in response.json()["detail"]) == (507, True)
    assert shop.search()["degraded"] == ["log"]
    assert shop.service.state.revision == 0


def test_a_restart_keeps_everything(tmp_path: Path):
    """After closing and opening, policy and memory are as they were, and clicks on older pages still count.

    Pages do not go on: the ranking would be another one.
    """
    with Shop(tmp_path) as shop:
        answer = shop.search()
        shop.click(answer["query_id"], hits(answer)[0])
        before = whole(shop)
    with Shop(tmp_path, entities=[]) as shop:
        assert whole(shop) == before
        shop.click(answer["query_id"], hits(answer)[1])
        pairs = shop.get("/v1/memory", query="love night")["pairs"]
        assert {pair["object_id"] for pair in pairs if pair["actions"]} == set(hits(answer)[:2])
        body = {"query": "love night", "query_id": answer["query_id"], "page": 2}
        assert "not kept here any more" in shop.post("/v1/search", body).json()["detail"]


def test_a_shorter_log_stops_the_start(tmp_path: Path):
    """A log that lost its end is refused until that is accepted; then the service starts with what there is."""
    with Shop(tmp_path) as shop:
        answer = shop.search()
        shop.click(answer["query_id"], hits(answer)[0])
    (tmp_path / "log" / Topic.ACTIONS / "0.log").write_bytes(b"")
    state = (tmp_path / "state.bin").read_bytes()
    with pytest.raises(StorageFailed, match=r"lacks ltrr.actions 0 to 1 to go with .*state.bin: bring back"):
        EmbeddedService(shop.service.settings, shop.clock, tmp_path)
    assert (tmp_path / "state.bin").read_bytes() == state
    service = EmbeddedService(shop.service.settings, shop.clock, tmp_path, accept_shorter_log=True)
    assert service._learner.fold.state.counts == {("impressions", "accepted"): 1}
    service.close()
    assert (tmp_path / "state.kept-1.bin").read_bytes() == state
    EmbeddedService(shop.service.settings, shop.clock, tmp_path).close()


def test_the_log_ends_growing(tmp_path: Path):
    """What is older than the retention is dropped once it is learned, and a restart knows all that it taught."""
    settings = {"log_retention_s": 7200.0, "checkpoint_s": 1.0}
    with Shop(tmp_path, **settings) as shop:
        for _ in range(40):
            answer = shop.search()
            shop.click(answer["query_id"], hits(answer)[0])
            shop.clock.now_s += 900.0
        assert 8 <= len(shop.records(Topic.IMPRESSIONS)) <= 11
        assert len(shop.records(Topic.ACTIONS)) <= 11
        assert 0 < shop.metric("ltrr_log_bytes") == sum(f.stat().st_size for f in tmp_path.rglob("*.log"))
        before = whole(shop)
        now_s = shop.clock.now_s
    with Shop(tmp_path, entities=[], **settings) as shop:
        shop.clock.now_s = now_s
        assert (shop.service.state.revision, whole(shop)) == (80, before)


class Load(threading.Thread):
    """Searches and clicks until the server is gone; keeps what was answered."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self.searches: list[str] = []
        self.events: list[str] = []
        self._url = url
        self._number = number

    def run(self) -> None:
        """Work."""
        with httpx.Client(base_url=self._url, timeout=10) as client:
            try:
                for count in range(10_000):
                    query = ("love night", "blue moon", "river")[count % 3]
                    answer = client.post("/v1/search", json={"query": query}).raise_for_status().json()
                    self.searches.append(answer["query_id"])
                    event_id = f"{self._number}-{count}"
                    attributes = {"event_id": event_id, "object": {"object_id": hits(answer)[count % 5]}}
                    event = {"action_name": "click", "query_id": answer["query_id"], "timestamp": time.time()}
                    sent = client.post("/v1/events", json={**event, "event_attributes": attributes})
                    assert sent.raise_for_status().json()["accepted"] == 1
                    self.events.append(event_id)
            except httpx.TransportError:
                return


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path):
    """Killed under load, every answered search and acknowledged event is in the log, and the state is the log's."""
    with Shop(tmp_path):
        pass  # loads the catalogue
    with serving(tmp_path, LTRR_CHECKPOINT_S="0.2") as (server, url):
        loads = [Load(url, number) for number in range(3)]
        for load in loads:
            load.start()
        deadline = time.monotonic() + 20
        state = tmp_path / "state.bin"
        while not (sum(len(load.events) for load in loads) >= 60 and state.exists()) and time.monotonic() < deadline:
            time.sleep(0.02)
        server.send_signal(signal.SIGKILL)
        for load in loads:
            load.join(15)
        assert server.communicate()[1] == ""
    searched = {query_id for load in loads for query_id in load.searches}
    acknowledged = {event_id for load in loads for event_id in load.events}
    assert len(acknowledged) >= 60
    assert (tmp_path / "state.bin").exists()
    now_s = time.time()
    service = EmbeddedService(Settings(), lambda: now_s, tmp_path)
    try:
        impressions = list(service._log.read(Topic.IMPRESSIONS, 0))
        actions = [json.loads(record.value) for record in service._log.read(Topic.ACTIONS, 0)]
        assert searched <= {record.key for record in impressions}
        assert acknowledged <= {action["event_attributes"]["event_id"] for action in actions}
        again = EmbeddedLearner(service._log, service.state.learning)
        again.poll(now_s)
        assert_same(service._learner.fold, again.fold)
        assert service._learner.fold.state.counts["impressions", "accepted"] == len(impressions)
        assert service._learner.fold.state.counts["actions", "accepted"] == len(actions)
    finally:
        service.close()
