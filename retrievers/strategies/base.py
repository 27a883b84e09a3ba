"""What an arm is: from a query to sub-requests, and from their answers to a ranked list."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple, Protocol

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Query
from ltrr.models.text import tokenise
from ltrr.retrievers.requests.requests import Request

MAX_TOKENS: Final = 16
MAX_CHARACTERS: Final = 256
_INSTEAD: Final = 0.8


class CardReader(Protocol):
    """Reads what is known of entities, without a call."""

    def __call__(self, application: str, object_ids: Sequence[str], /) -> Sequence[Entity | None]:
        """Return the entities in the order asked, None where an id is unknown."""
        ...


class Strategy(ABC):
    """One arm. A subclass in a module of ltrr.retrievers.strategies is an arm by being there.

    name: the arm's. description: what it is good for, one line. calls: the names of its sub-requests, each
    `engine:what`, whatever the query; equal names of two strategies are one and the same call, made once. reserved:
    whether its candidates are shown in the page's reserved place alone and ranked by nothing; one arm at most. learned:
    whether what it brings depends on what was learned. cards: what a strategy may read besides the answers to its
    sub-requests.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    calls: ClassVar[tuple[str, ...]]
    reserved: ClassVar[bool] = False
    learned: ClassVar[bool] = False

    def __init__(self, cards: CardReader) -> None:
        self.cards = cards

    @abstractmethod
    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Return call -> sub-request for `depth` (>= 1) candidates; none where the query gives nothing to ask."""

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Return at most `depth` hits from the answers of this arm's requests; by default those of its one call."""
        del query, depth
        return lists.get(self.calls[0], ())


class Way(NamedTuple):
    """A way to say a query: as one text, and the words that requests are made of, bounded in number and length.

    share: how much it counts beside the typed one.
    """

    text: str
    tokens: tuple[str, ...]
    share: float = 1.0


def ways(query: Query) -> Iterator[Way]:
    """Yield each way to say a query that has words, see `Synonyms`, with the spaces of the catalogue."""
    understanding = query.understanding
    said = understanding.ways or tuple(filter(None, (understanding.respaced,)))
    if query.tokens and not said:
        yield Way(query.normalised, _bounded(query.tokens))
    for number, text in enumerate(map(" ".join, said)):
        yield Way(text, _bounded(tokenise(text)), _INSTEAD if number else 1.0)


def _bounded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word[:MAX_CHARACTERS] for word in words[:MAX_TOKENS])
