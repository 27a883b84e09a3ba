"""Apache Kafka: one process that is broker and controller (KRaft)."""

import base64
import socket
import struct
import subprocess
import uuid
from collections.abc import Mapping
from typing import ClassVar, Final

from deploy.local import ports
from deploy.local.failure import Failed
from deploy.local.server import Place, Server
from deploy.local.software import Fetched

_FORMAT_S: Final = 120
_ANSWER_S: Final = 2.0
_METADATA: Final = 3  # api key; version 4 of it: an empty list of topics, no topic made by asking
_REQUEST: Final = struct.pack(">hhih4sib", _METADATA, 4, 1, 4, b"ltrr", 0, 0)

_SETTINGS: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": "log",  # below the folder, where the process runs
    "auto.create.topics.enable": "false",  # a misspelt topic is an error
    "delete.topic.enable": "true",
    # there is one broker to hold a copy
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 partitions each would be made at the first group and the first transaction
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",  # nobody else is about to join: else 3 s at each start
    # two cores, 512 MB
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "16777216",
}


class Kafka(Server):
    """Listens on this machine only, without passwords. Topics are what `ltrr topics create` makes."""

    name = "kafka"
    source = Fetched("kafka", "copy-dependencies", java=17)
    port = 9092
    format_options: ClassVar[tuple[str, ...]] = ()

    def prepare(self, place: Place) -> None:
        """Write server.properties, and format the log where there is none."""
        place.folder.joinpath("server.properties").write_text(self.properties(place.port), encoding="ascii")
        if place.folder.joinpath("log", "meta.properties").exists():
            return
        tool = [*self._java(place), "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", self._file(place)]
        command = [*tool, *self.format_options]
        try:
            run = subprocess.run(  # noqa: S603  # our own command
                command, cwd=place.folder, capture_output=True, text=True, timeout=_FORMAT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"Kafka did not format its log within {_FORMAT_S} s; is the machine very busy?") from None
        if run.returncode:
            said = (run.stdout + run.stderr).strip().splitlines() or ["it said nothing"]
            raise Failed(f"Kafka could not format its log in {place.folder}: {said[-1]}")

    def properties(self, port: int) -> str:
        """Return the text of server.properties."""
        return properties(port, ports.free())

    def command(self, place: Place) -> list[str]:
        """Return the command of the broker."""
        return [*self._java(place), "kafka.Kafka", self._file(place)]

    def healthy(self, port: int) -> bool:
        """Return whether the broker answers a metadata request and is registered itself."""
        try:
            with socket.create_connection((ports.HOST, port), _ANSWER_S) as connection:
                connection.settimeout(_ANSWER_S)
                connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
                with connection.makefile("rb") as answer:
                    # size, correlation id, throttle time, number of brokers
                    _, correlation, _, brokers = struct.unpack(">iiii", answer.read(16))
        except (OSError, struct.error):
            return False
        return bool(correlation == 1 and brokers > 0)

    def address(self, port: int) -> dict[str, str | int]:
        """Return the address that clients begin with."""
        return {"bootstrap": f"{ports.HOST}:{port}"}

    def environment(self, place: Place, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment to run in."""
        return {**environment, "JAVA_HOME": place.java_home}

    def _java(self, place: Place) -> list[str]:
        return [
            str(place.program),
            place.java_heap,
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
            "-cp",
            f"{place.software}/*",
        ]

    def _file(self, place: Place) -> str:
        return str(place.folder / "server.properties")


def properties(port: int, controller_port: int, changed: Mapping[str, str] | None = None) -> str:
    """Return the text of server.properties. controller_port: used inside the process alone; changed: other settings."""
    listeners = {
        "listeners": f"PLAINTEXT://{ports.HOST}:{port},CONTROLLER://{ports.HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{ports.HOST}:{port}",
        "controller.quorum.voters": f"1@{ports.HOST}:{controller_port}",
    }
    return "".join(f"{name}={value}\n" for name, value in {**_SETTINGS, **listeners, **(changed or {})}.items())


def cluster_id() -> str:
    """Return a new id in Kafka's form: 22 characters of URL-safe base64, not beginning with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text
