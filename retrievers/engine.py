"""What retrieval needs of a search engine, embedded or a server."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from models.entity import Entity
from models.query import Hit

R_contra = TypeVar("R_contra", contravariant=True)


class Engine(Protocol[R_contra]):
    """Answers sub-requests of one kind. Everything raises EngineFailed where the engine fails."""

    async def search(self, requests: Sequence[R_contra]) -> list[list[Hit]]:
        """Answer all requests in one round trip, best first, in the order asked."""
        ...

    def index(self, entities: Sequence[Entity]) -> None:
        """Add or replace entities, each at most once; they are found when this returns."""
        ...

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities; unknown ids are nothing."""
        ...

    def close(self) -> None:
        """Write what is pending and let go of files."""
        ...
