"""Real servers for the tests: those that are named, or some that deploy.local starts for the session."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.local import java, users
from deploy.local.elasticsearch import Elasticsearch
from deploy.local.failure import Failed
from deploy.local.kafka import Kafka
from deploy.local.qdrant import Qdrant
from deploy.local.secured_kafka import CERTIFICATE, SecuredKafka
from deploy.local.server import Server
from deploy.local.software import Fetched
from ltrr.streams.events.topics import TOPICS
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.brokers import Brokers, Login, Mechanism, Protocol, Security

ROOT = Path(__file__).parent.parent.parent
SOFTWARE = ROOT / ".ltrr" / "servers" / "software"  # shared with `python -m deploy.local up`: fetched once


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Return a Kafka without security."""
    given = os.environ.get("LTRR_KAFKA")
    if given:
        yield Brokers(given)
        return
    with _started(Kafka(), tmp_path_factory.mktemp("servers"), SOFTWARE) as address:
        yield Brokers(str(address["bootstrap"]))


@pytest.fixture(scope="module")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Return a Kafka of its own that asks for TLS and a login."""
    folder = tmp_path_factory.mktemp("secured")
    server = SecuredKafka()
    with _started(server, folder, SOFTWARE) as address:
        login = Login(Mechanism.SCRAM_SHA_512, str(address["user"]), str(address["password"]))
        security = Security(Protocol.SASL_SSL, login, ca=folder / server.name / CERTIFICATE)
        yield Brokers(str(address["bootstrap"]), security)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[str]:
    """Return the URL of an Elasticsearch."""
    given = os.environ.get("LTRR_ELASTICSEARCH")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="ltrr-") as folder:
        user = Elasticsearch().user()
        software = SOFTWARE
        if user is not None:  # another one than we are: it has to get at its files
            Path(folder).chmod(0o755)
            software = SOFTWARE if users.reaches(user, ROOT) else Path(folder) / "software"
        with _started(Elasticsearch(), Path(folder), software) as address:
            yield str(address["url"])


@pytest.fixture
def own_servers() -> None:
    """Make sure that a program under test can start servers of its own."""
    for server in (Kafka(), Elasticsearch()):
        _need_tools(server)


@pytest.fixture
def prefix(kafka: Brokers) -> Iterator[str]:
    """Return what goes before the names of a set of topics of one's own, which is removed afterwards."""
    prefix = f"test-{uuid.uuid4().hex[:8]}."
    yield prefix
    _remove(kafka, [prefix + topic for topic in TOPICS])


@pytest.fixture
def partitions() -> int:
    """Return the partition count of `topics`; a test module may define its own."""
    return 4


@pytest.fixture
def topics(kafka: Brokers, partitions: int) -> Iterator[Brokers]:
    """Make the topics under their real names, empty, and return the address; they are removed afterwards."""
    if any(state.exists for state in admin.describe(kafka, partitions)):
        pytest.fail(f"{kafka} has topics of ltrr, and tests do not touch what may be in use; give an empty broker")
    try:
        admin.create(kafka, partitions)
        yield kafka
    finally:
        _remove(kafka, list(TOPICS))


def _remove(bootstrap: Brokers, names: list[str]) -> None:
    client = KafkaAdminClient(**bootstrap.client())
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


@contextmanager
def _started(server: Server, folder: Path, software: Path) -> Iterator[dict[str, object]]:
    """Run a server on a free port, and give its address."""
    _need_tools(server)
    options = ["--folder", str(folder), "--software", str(software), f"--{server.name}-port", "0"]
    try:
        with _alone():
            up = _local("up", server.name, "--json", *options)
        if up.returncode:
            pytest.fail(f"{server.name} was not started: {up.stderr}")
        yield json.loads(up.stdout)[server.name]
    finally:
        down = _local("down", server.name, *options)
        assert down.returncode == 0, down.stderr


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process after the other start a server: what the first one has fetched is there for the next."""
    SOFTWARE.mkdir(parents=True, exist_ok=True)
    with (SOFTWARE.parent / "starting.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _need_tools(server: Server) -> None:
    """Skip where Java or Maven is missing; fail in CI, where nobody would see that."""
    reason = None
    if not isinstance(server.source, Fetched):
        return
    try:
        java.find(server.source.java, os.environ, variables=server.source.homes)
    except Failed as failed:
        reason = str(failed)
    if reason is None and shutil.which("mvn") is None and not list(SOFTWARE.glob(f"{server.source.name}-*")):
        reason = f"Maven, which fetches {server.name}, is missing"
    if reason is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {server.name}: {reason}")


def _local(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def qdrant_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """Return the URL of the Qdrant in LTRR_QDRANT, or of the one of QDRANT_BIN, else None: no registry has one."""
    given = os.environ.get("LTRR_QDRANT")
    if given or not os.environ.get("QDRANT_BIN"):
        yield given
        return
    with _started(Qdrant(), tmp_path_factory.mktemp("servers"), SOFTWARE) as address:
        yield str(address["url"])


@pytest.fixture
def qdrant(qdrant_server: str | None, record_property: Callable[[str, object], None]) -> str | None:
    """Return the same, None for the client's local mode, and have the tests say which it was."""
    local = "in the client's local mode: QDRANT_BIN names no Qdrant, nor does LTRR_QDRANT"
    record_property("seen", f"on the Qdrant at {qdrant_server}" if qdrant_server else local)
    return qdrant_server


@pytest.fixture
def real_qdrant(qdrant: str | None) -> str:
    """Return the URL of a server; skip without one."""
    if qdrant is None:
        pytest.skip("no Qdrant: QDRANT_BIN names no program, LTRR_QDRANT no server")
    return qdrant
