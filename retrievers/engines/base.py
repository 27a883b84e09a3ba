"""What retrieval needs of a search engine: one in this process, or a server that many processes share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit
from ltrr.models.retrieval import SharedIndexer

TEXT: Final = "text"
VECTOR: Final = "vector"
HEALTHY: Final = "ok"
_DIGITS: Final = 6
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a server holds. name: of its index or collection; identity: as `prepare` tells it, None where missing."""

    version: str
    name: str
    entities: int = 0
    identity: str | None = None


def numbered(alias: str, number: int) -> str:
    """Return the name of what an alias may stand for."""
    return f"{alias}-{number:0{_DIGITS}}"


def number_of(name: str, alias: str | None = None) -> int:
    """Return the number in such a name, 0 where it is none, or not one of the alias."""
    stem, _, digits = name.rpartition("-")
    fits = len(digits) == _DIGITS and digits.isdecimal() and alias in {None, stem}
    return int(digits) if fits else 0


class Engine(Protocol[R_contra]):
    """Answers sub-requests of one kind. Everything raises EngineFailed where the engine fails.

    kind: what it is ("tantivy", "elasticsearch"), for people; calls of strategies name it by what it answers ("text").
    """

    kind: str

    async def search(self, requests: Sequence[R_contra], patience: float = 1.0) -> list[list[Hit]]:
        """Answer all requests in one round trip, best first, in the order asked.

        patience: how many times its own deadline it may take; one without a deadline is waited for by who asks.
        """
        ...

    async def health(self) -> str:
        """Return "ok", or what is wrong and what to do; never raises."""
        ...

    async def stop(self) -> None:
        """Let go of connections, in the loop that used them; a later search makes new ones."""
        ...


class LocalEngine(Engine[R_contra], Protocol[R_contra]):
    """An engine in this process, which alone writes to it. These methods take their time: call them in a thread."""

    def index(self, entities: Sequence[Entity]) -> None:
        """Add or replace entities, each at most once; they are found when this returns."""
        ...

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities; unknown ids are nothing."""
        ...

    def optimise(self) -> None:
        """Make searches faster after a large load, and hold less of it in memory.

        For a second (20,000 entities) nothing else may run, searches neither.
        """
        ...

    def close(self) -> None:
        """Write what is pending and let go of files."""
        ...


class SharedEngine(Engine[R_contra], SharedIndexer, Protocol[R_contra]):
    """A server, and what writes to it. What is written is found within a second, unless something newer is there."""

    async def drop(self) -> None:
        """Remove what entities are kept in, with all of them."""
        ...

    async def inspect(self) -> "Holding":
        """Return its version and what it holds, and make nothing.

        Raises InvalidSettings where that was made for other settings, EngineFailed where the server is away.
        """
        ...

    async def successor(self) -> Self:
        """Make what may take this one's place beside it, empty, and return what writes to it.

        What an attempt that was given up has left is removed. Made as the settings want it, whatever is there.
        """
        ...

    async def switch(self, successor: Self) -> None:
        """Have searches and writes go to the successor, all at once. Raises EngineFailed where it is gone."""
        ...

    async def discard(self) -> None:
        """Remove what no longer serves, or never did."""
        ...
