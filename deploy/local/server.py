"""What a server has to tell so that it can be run here."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.local.failure import Failed
from deploy.local.software import Source
from deploy.local.users import User


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs, and with what. All paths are absolute.

    folder: its own, for configuration, data and log; software: where its software lies; program: what to run, `java` or
    its own binary; heap: as Java's -Xmx takes it.
    """

    folder: Path
    software: Path
    program: Path
    port: int
    heap: str

    @property
    def java_home(self) -> str:
        """Return the home of the Java that `program` belongs to."""
        return str(self.program.parent.parent)

    @property
    def java_heap(self) -> str:
        """Return Java's option for the heap."""
        if not re.fullmatch(r"\d+[kKmMgG]?", self.heap):
            raise Failed(f"the heap {self.heap!r} is no size; write it as 512m or 2g")
        return f"-Xmx{self.heap}"


class Server(ABC):
    """One kind of server.

    name: of its folder and of its `--NAME-port`; source: where its software comes from; port: where it listens unless
    told otherwise; port_count: how many ports it takes, in a row; heap: what it gets unless told otherwise; usual:
    whether it is started where none is named.
    """

    name: ClassVar[str]
    source: ClassVar[Source]
    port: ClassVar[int]
    port_count: ClassVar[int] = 1
    heap: ClassVar[str] = "512m"
    usual: ClassVar[bool] = True

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
    def address(self, port: int) -> dict[str, str | int]:
        """Return how clients are told where it is, in servers.json."""

    def environment(self, place: Place, environment: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002  # for others
        """Return the environment to run in."""
        return dict(environment)

    def user(self) -> User | None:
        """Return whom to run as; None is the caller."""
        return None
