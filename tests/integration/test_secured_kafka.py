"""The whole loop on a Kafka that asks for TLS and a login, and what is said where it does not let us in."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from models.errors import EngineFailed
from serving.doctor import examine
from serving.topics_command import create
from serving.worker_command import worker
from streams import admin, cluster
from streams.brokers import Brokers, Login, Mechanism
from streams.catalogue_writer import CatalogueWriter
from tests.integration import traffic
from tests.integration.test_serving import click, serve
from tests.serving.shop import catalogue

pytestmark = pytest.mark.servers


@pytest.fixture
def processes(secured_kafka: Brokers, tmp_path: Path) -> Iterator[traffic.Processes]:
    """Yield what starts processes, over topics with a small catalogue."""
    admin.create(secured_kafka, traffic.PARTITIONS)
    with CatalogueWriter(secured_kafka, ("default",)) as writer:
        for entity in catalogue():
            writer.write(entity)
        writer.flush()
    with traffic.Processes(secured_kafka, tmp_path, "secured") as processes:
        processes.environment |= {"LTRR_TEXT_DEADLINE_S": "10", "LTRR_VECTOR_DEADLINE_S": "10"}
        yield processes


def test_a_click_is_learned(secured_kafka: Brokers, processes: traffic.Processes):
    """A query worker searches, a worker learns from its click, and the query worker serves what was learned."""
    learner = processes.worker("worker")
    _, url = serve(processes, "serve")
    with httpx.Client(base_url=url, timeout=20) as client:

        def search() -> dict[str, list[dict[str, str]]]:
            return client.post("/v1/search", json={"query": "love"}).raise_for_status().json()

        def taken() -> set[str]:
            pairs = client.get("/v1/memory", params={"query": "love"}).raise_for_status().json()["pairs"]
            return {pair["object_id"] for pair in pairs if pair["actions"] > 0}

        traffic.wait_until(lambda: bool(search()["items"]), 30, "the catalogue is not read")
        answer = search()
        object_id = answer["items"][0]["object_id"]
        client.post("/ubi_events", json=click(str(answer["query_id"]), object_id)).raise_for_status()
        traffic.wait_until(lambda: taken() == {object_id}, 30, learner.said)
    assert cluster.members(secured_kafka, "ltrr-secured") == 1


def test_a_refused_login_is_told(secured_kafka: Brokers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A wrong password ends every command soon, on one line with what to look at; `ltrr doctor` fails with the same."""
    wrong = {"LTRR_KAFKA_PASSWORD": "wrong", "LTRR_DATA_DIR": str(tmp_path)}
    for name, value in (traffic.variables(secured_kafka) | wrong).items():
        monkeypatch.setenv(name, value)
    told = "are LTRR_KAFKA_USER, LTRR_KAFKA_PASSWORD and LTRR_KAFKA_SASL_MECHANISM right?$"
    began_s = time.monotonic()
    for command in (worker, create):
        with pytest.raises(EngineFailed, match=f"refuses the login of ltrr by SCRAM-SHA-512: .*{told}"):
            command()
    found = {finding.what: finding for finding in examine()}
    assert (found["kafka"].state, found["topics"].state, found["workers"].state) == ("failed", "failed", "warning")
    assert "refuses the login of ltrr" in found["kafka"].said
    assert time.monotonic() - began_s < 20


def test_what_does_not_fit_is_told_apart(secured_kafka: Brokers):
    """The other mechanism works; an unknown authority, an address without TLS and a client without it are refused."""
    security = secured_kafka.security
    assert security.login is not None
    plain = replace(security, login=Login(Mechanism.PLAIN, security.login.user, security.login.password))
    assert cluster.brokers(Brokers(str(secured_kafka), plain)) == 1
    host, _, port = str(secured_kafka).partition(":")
    assert cluster.brokers(Brokers(f"localhost:{port}", security)) == 1
    for brokers, told in (
        (Brokers(str(secured_kafka), replace(security, ca=None)), "is not trusted: .*is LTRR_KAFKA_CA the file"),
        (
            Brokers(f"{host}:{int(port) + 1}", security),
            "does not talk to us by SASL_SSL: .*is LTRR_KAFKA_SECURITY",
        ),
    ):
        began_s = time.monotonic()
        with pytest.raises(EngineFailed, match=told):
            cluster.brokers(brokers)
        assert time.monotonic() - began_s < 20
