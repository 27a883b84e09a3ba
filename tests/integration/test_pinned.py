"""LTRR_PINNED on a real Kafka: one query worker stays on its version, whatever the others are promoted to."""

from pathlib import Path

import httpx
import pytest

from ltrr.streams.events.codec import encode_entity
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.test_replay import board, run, version_of
from tests.integration.test_serving import click, serve
from tests.serving.shop import catalogue

pytestmark = pytest.mark.servers


def test_a_pinned_query_worker_stays_on_its_version(topics: Brokers, tmp_path: Path):
    """It serves LTRR_VERSION before that is promoted, and after the others went back; those follow what is promoted."""
    first, second = version_of("first"), version_of("second")
    entities = tmp_path / "entities.jsonl"
    entities.write_bytes(b"\n".join(map(encode_entity, catalogue())) + b"\n")

    def version(url: str) -> str:
        answer = httpx.post(f"{url}/v1/search", json={"query": "love night"}, timeout=20).raise_for_status().json()
        httpx.post(f"{url}/v1/events", json=click(answer["query_id"], answer["items"][0]["object_id"]), timeout=20)
        return str(answer["policy_version"])

    with traffic.Processes(topics, tmp_path, first) as processes:
        processes.environment |= {"LTRR_TEXT_DEADLINE_S": "10", "LTRR_VECTOR_DEADLINE_S": "10"}

        def query_worker(name: str, **environment: str) -> str:
            environment["LTRR_DATA_DIR"] = str(tmp_path / name)
            index = processes.start(f"index-{name}", "index", str(entities), **environment)
            traffic.wait_until(lambda: index.exit_code is not None, 60, index.said)
            return serve(processes, name, **environment)[1]

        processes.worker("worker")
        follows = query_worker("follows")
        assert version(follows) == first
        traffic.wait_until(lambda: board(topics).revision(first) > 0, 60, "nothing is learned")
        run(processes, "replay", "replay", "--into", second)
        pinned = query_worker("pinned", LTRR_VERSION=second, LTRR_PINNED="true")
        assert (version(follows), version(pinned)) == (first, second)
        run(processes, "promote", "policy", "promote", second)
        traffic.wait_until(lambda: version(follows) == second, 20, "it does not change over")
        run(processes, "rollback", "policy", "rollback")
        traffic.wait_until(lambda: version(follows) == first, 20, "it does not go back")
        assert version(pinned) == second
