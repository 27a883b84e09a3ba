"""What a server has to tell so that it can be run here."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.local import maven


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs, and with what. All paths are absolute.

    folder: its own, for configuration, data and log; software: what was fetched; java: a home of a new enough Java;
    heap: as Java's -Xmx takes it.
    """

    folder: Path
    software: Path
    java: Path
    port: int
    heap: str

    @property
    def java_command(self) -> str:
        """Return the program to run."""
        return str(self.java / "bin" / "java")


class Server(ABC):
    """One kind of server.

    name: of its folder, of its execution and of its `.version` in pom.xml, of its `--NAME-port`; goal: what that
    execution does, a goal of the dependency plugin; port: where it listens unless told otherwise; java: the oldest
    major version that it runs on.
    """

    name: ClassVar[str]
    goal: ClassVar[str]
    port: ClassVar[int]
    java: ClassVar[int]

    @property
    def version(self) -> str:
        """Return the version to run."""
        return maven.version(self.name)

    @abstractmethod
    def prepare(self, place: Place) -> None:
        """Write configuration and empty data into the folder, once or again; keep data that are there."""

    @abstractmethod
    def command(self, place: Place) -> list[str]:
        """Return the command that runs in the foreground. It names a file in the folder: it is known by that."""

    @abstractmethod
    def healthy(self, port: int) -> bool:
        """Return whether it answers a real request. Takes a few seconds at most."""

    @abstractmethod
    def address(self, port: int) -> dict[str, str]:
        """Return how clients are told where it is, in servers.json."""

    def environment(self, place: Place, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment to run in."""
        return {**environment, "JAVA_HOME": str(place.java)}
