"""Learning on a Kafka that asks for TLS and a login, and what is said where it does not let us in."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity
from ltrr.serving.commands.topics import create
from ltrr.serving.commands.worker import worker
from ltrr.serving.inspection.examination import examine
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers, Login, Mechanism
from ltrr.streams.publishing.publisher import Publisher
from tests.integration import traffic

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("secured")]
_VERSION = "secured"


def test_a_click_is_learned(secured_kafka: Brokers, tmp_path: Path):
    """A worker learns from a published search and click, and indexes an entity; a follower has what was learned."""
    admin.create(secured_kafka, traffic.PARTITIONS)
    shown = {"query_id": "one", "user_query": "love", "timestamp": time.time(), "query_response_hit_ids": ["a", "b"]}
    clicked = {"object": {"object_id": "a"}}
    click = {"query_id": "one", "action_name": "click", "timestamp": time.time(), "event_attributes": clicked}
    with traffic.Processes(secured_kafka, tmp_path, _VERSION) as processes:
        processes.worker("one")
        with Publisher(secured_kafka, tmp_path / "spool", traffic.PARTITIONS) as publisher:
            publisher.publish(Topic.IMPRESSIONS, "one", json.dumps(shown).encode())
            publisher.publish(Topic.ACTIONS, "one", json.dumps(click).encode())
            publisher.flush(20)
        with CatalogueWriter(secured_kafka, ("default",)) as writer:
            writer.write(Entity("a", "artist", "Abba"))
            writer.flush()
            with traffic.following(secured_kafka, _VERSION) as followed:
                traffic.wait_absorbed(followed, traffic.ends(secured_kafka), 60)
                pairs = followed.ask(lambda one: dict(one.application("default").memory.queries["love"].pairs))
                assert {name: pair.actions > 0 for name, pair in pairs.items()} == {"a": True, "b": False}
            writer.await_index("predicted-structured", 30)
        assert cluster.members(secured_kafka, f"ltrr-{_VERSION}") == 1


def test_a_refused_login_is_told(secured_kafka: Brokers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A wrong password ends every command soon, on one line with what to look at; `ltrr doctor` fails with the same."""
    wrong = {"LTRR_KAFKA_PASSWORD": "wrong", "LTRR_DATA_DIR": str(tmp_path)}
    for name, value in (traffic.variables(secured_kafka) | wrong).items():
        monkeypatch.setenv(name, value)
    what = re.escape("are LTRR_KAFKA_USER, LTRR_KAFKA_PASSWORD and LTRR_KAFKA_SASL_MECHANISM right?")
    began_s = time.monotonic()
    for command in (worker, create):
        with pytest.raises(EngineFailed, match=f"refuses the login of ltrr by SCRAM-SHA-512: .*{what}$"):
            command()
    found = {finding.what: finding for finding in examine()}
    assert (found["kafka"].state, found["topics"].state, found["workers"].state) == ("failed", "failed", "undecided")
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
