"""A real Prometheus reads what a served catalogue and a worker export, and answers every query of deploy/."""

import contextlib
import itertools
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import start_http_server

from deploy.local import ports
from ltrr.serving.metrics import Metrics
from ltrr.streams.events.timestamps import write_timestamp
from tests.deploy.prometheus import program
from tests.deploy.promql import RULE_FILES, RULES, Asked, queries, rules
from tests.serving.servers import serving
from tests.serving.shop import WORDS, Shop

pytestmark = pytest.mark.servers

PATIENCE_S = 90.0
SCRAPED_S = 1
WITHOUT_DATA = {
    "search.json: Learned against the baseline A": "some dozen searches are no verdict",
    "search.json: Learned against the baseline B": "likewise",
    "search.json: Shadow beside what ran A": "nothing is in the shadow",
}
ASKED = queries()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Yield a client of a Prometheus that has read the metrics of a service in use, and of a worker, several times."""
    binary = program("prometheus")
    folder = tmp_path_factory.mktemp("watched")
    with Shop(folder / "shop"):
        pass  # loads the catalogue
    worker = Metrics()
    worker.consumer_lag.labels("actions", "0").set(3)
    scraped, thread = start_http_server(0, "127.0.0.1", worker.registry)
    try:
        with (
            serving(folder / "shop") as (_, url),
            _prometheus(binary, folder, {"ltrr": url, "ltrr-worker": f"http://127.0.0.1:{scraped.server_port}"}) as at,
            httpx.Client(base_url=at, timeout=30) as client,
            _people(url),
        ):
            _wait(lambda: _samples(client, "count_over_time(arm:ltrr_share:ratio30m[5m]) >= 3"))
            yield client
    finally:
        scraped.shutdown()
        scraped.server_close()
        thread.join()


@pytest.mark.parametrize("asked", ASKED, ids=[asked.where for asked in ASKED])
def test_panels_have_data(asked: Asked, prometheus: httpx.Client):
    """Each query of each panel is answered, and with data where it can have some."""
    answer = prometheus.get("/api/v1/query", params={"query": asked.filled}).json()
    assert answer["status"] == "success", answer
    assert (answer["data"]["result"] == []) == (asked.where in WITHOUT_DATA)


def test_variables_have_values(prometheus: httpx.Client):
    """The applications and jobs that dashboards offer are those that are there."""
    for label, metric, values in (
        ("application", "ltrr_searches_total", ["default"]),
        ("job", "process_start_time_seconds", ["ltrr", "ltrr-worker"]),
    ):
        told = prometheus.get(f"/api/v1/label/{label}/values", params={"match[]": metric}).json()
        assert told["data"] == values


def test_rules_are_healthy(prometheus: httpx.Client):
    """Every rule is evaluated without an error, and none of them warns of a service that works."""
    _wait(lambda: all(rule["health"] == "ok" for rule in _rules(prometheus)))
    found = _rules(prometheus)
    assert len(found) == len(rules())
    assert [rule["name"] for rule in found if rule.get("state") == "firing"] == []


def _rules(client: httpx.Client) -> list[dict[str, Any]]:
    groups = client.get("/api/v1/rules").json()["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _samples(client: httpx.Client, query: str) -> list[Any]:
    found: list[Any] = client.get("/api/v1/query", params={"query": query}).json()["data"]["result"]
    return found


@contextlib.contextmanager
def _prometheus(binary: str, folder: Path, jobs: dict[str, str]) -> Iterator[str]:
    """Run Prometheus with the rules of deploy/ over the addresses of jobs, and give its own."""
    configuration = {
        "global": {"scrape_interval": f"{SCRAPED_S}s", "evaluation_interval": f"{SCRAPED_S}s"},
        "rule_files": [str(RULES / name) for name in RULE_FILES],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [url.removeprefix("http://")]}]}
            for job, url in jobs.items()
        ],
    }
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration))
    port = ports.free("prometheus")
    log = folder / "prometheus.log"
    command = [binary, f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd=folder) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(lambda: process.poll() is not None or _answers(f"{url}/-/ready"))
            assert process.poll() is None, log.read_text()
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@contextlib.contextmanager
def _people(url: str) -> Iterator[None]:
    """Let somebody search and click as long as this is open; now and then for what is not there."""
    ended = threading.Event()

    def search() -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            for number in itertools.count():
                words = f"{WORDS[number % len(WORDS)]} {WORDS[number // 2 % len(WORDS)]}"
                asked: dict[str, Any] = {"query": words, "client_id": f"visitor-{number}"}
                if number % 10 == 0:  # under a limit of one in five
                    asked["filters"] = {"genre": "none"}
                answer = client.post("/v1/search", json=asked).raise_for_status().json()
                if answer["items"]:
                    event = {
                        "action_name": "click",
                        "query_id": answer["query_id"],
                        "timestamp": write_timestamp(time.time()),
                        "event_attributes": {"object": {"object_id": answer["items"][0]["object_id"]}},
                    }
                    client.post("/v1/events", json=event).raise_for_status()
                if ended.wait(0.2):
                    return

    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(search)
        try:
            yield
        finally:
            ended.set()
            searching.result()


def _wait(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s
        time.sleep(0.2)
