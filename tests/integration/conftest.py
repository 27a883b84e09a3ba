"""Real servers for the tests: those of LTRR_KAFKA, or some that deploy.local starts for the session."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.local import java
from deploy.local.failure import Failed
from deploy.local.kafka import Kafka
from streams import admin
from streams.topics import TOPICS

ROOT = Path(__file__).parent.parent.parent
SOFTWARE = ROOT / ".ltrr" / "servers" / "software"  # shared with `python -m deploy.local up`: fetched once


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Kafka broker."""
    given = os.environ.get("LTRR_KAFKA")
    if given:
        yield given
        return
    _need_tools()
    folder = tmp_path_factory.mktemp("servers")
    options = ["--folder", str(folder), "--software", str(SOFTWARE), "--kafka-port", "0"]
    try:
        up = _local("up", "kafka", "--json", *options)
        if up.returncode:
            pytest.fail(f"Kafka was not started: {up.stderr}")
        yield json.loads(up.stdout)["kafka"]["bootstrap"]
    finally:
        down = _local("down", "kafka", *options)
        assert down.returncode == 0, down.stderr


@pytest.fixture
def prefix(kafka: str) -> Iterator[str]:
    """Return what goes before the names of a set of topics of one's own, which is removed afterwards."""
    prefix = f"test-{uuid.uuid4().hex[:8]}."
    yield prefix
    _remove(kafka, [prefix + topic for topic in TOPICS])


@pytest.fixture
def partitions() -> int:
    """Return the partition count of `topics`; a test module may define its own."""
    return 4


@pytest.fixture
def topics(kafka: str, partitions: int) -> Iterator[str]:
    """Make the topics under their real names, empty, and return the address; they are removed afterwards."""
    if any(state.exists for state in admin.describe(kafka, partitions)):
        pytest.fail(f"{kafka} has topics of ltrr, and tests do not touch what may be in use; give an empty broker")
    try:
        admin.create(kafka, partitions)
        yield kafka
    finally:
        _remove(kafka, list(TOPICS))


def _remove(bootstrap: str, names: list[str]) -> None:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        gone = set(names) & set(client.list_topics())
        if gone:
            client.delete_topics(sorted(gone))
        end_s = time.monotonic() + 20
        while gone & set(client.list_topics()):  # until the broker has heard of it from its controller
            assert time.monotonic() < end_s
            time.sleep(0.05)
    finally:
        client.close()


def _need_tools() -> None:
    """Skip where Java or Maven is missing; fail in CI, where nobody would see that."""
    reason = None
    try:
        java.find(Kafka.java, dict(os.environ))
    except Failed as failed:
        reason = str(failed)
    if reason is None and shutil.which("mvn") is None and not list(SOFTWARE.glob("kafka-*")):
        reason = "Maven, which fetches Kafka, is missing"
    if reason is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no Kafka: {reason}")


def _local(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def qdrant() -> str | None:
    """Return the URL of the Qdrant server in LTRR_QDRANT, or None for the client's local mode: no registry has one."""
    return os.environ.get("LTRR_QDRANT")
