"""What the memory knows of a query: its own pairs, those of near queries, and predicted ones."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Final, Protocol

from ltrr.models.memory.memory import Memory, RememberedPair
from ltrr.models.memory.prediction import PredictedScores, Predictions
from ltrr.models.records.query import RememberedHit
from ltrr.retrievers.near_queries import Queries
from ltrr.serving.tables import Table

_HITS: Final = 50
_MEANT: Final = 0.8
_SURE_ACTIONS: Final = 1.0  # two clicks, by the usual weights
_SURE_SECONDED: Final = 0.25  # of others than who took it most: a click that has half faded
_SURE_SCORE: Final = 0.2
_SURE_HITS: Final = 5
EXACT: Final = "exact"
NEAR: Final = "near"
PREDICTED: Final = "predicted"


class Neighbours(Protocol):
    """Finds queries that are near another one among those of a memory."""

    def __len__(self) -> int:
        """Return how many are compared."""
        ...

    def follow(self, parts: Sequence[Queries]) -> None:
        """Take note of what queries there are in the parts of a memory."""
        ...

    def near(self, query: str) -> Mapping[str, float]:
        """Return other queries and the weight in (0, 1] that their memory has for this one."""
        ...


class Recall:
    """Reads memories. neighbours: makes what finds near queries, one for each application; None finds none."""

    def __init__(
        self, neighbours: Callable[[], Neighbours] | None = None, predicted: PredictedScores | None = None
    ) -> None:
        self._make = neighbours
        self.predicted: PredictedScores = Predictions() if predicted is None else predicted
        self._neighbours: dict[str, Neighbours] = {}

    @property
    def table(self) -> Table:
        """Return how many queries are compared with others; no more than the memory has."""
        return Table("compared_queries", sum(map(len, self._neighbours.values())))

    def pairs(
        self,
        application: str,
        memory: Memory,
        query: str,
        now_s: float,
        respaced: Sequence[str] = (),
        visitor: str | None = None,
    ) -> list[RememberedPair]:
        """Return everything that is known of a normalised query, best first. visitor: who asks.

        respaced: the words that are meant, with the spaces of the catalogue and without what only asks: of these there
        may be predictions where the query has none, and as a query of their own they are near to it.
        """
        meant, near = " ".join(respaced), self._near(application, memory, query)
        predicted = self.predicted.of(application, query) or self.predicted.of(application, meant)
        if meant not in {"", query}:
            near = {**near, meant: max(_MEANT, near.get(meant, 0.0))}
        found = memory.scored(query, now_s, predicted, near, visitor)
        return sorted(found, key=lambda pair: (-pair.score, pair.object_id))

    def _near(self, application: str, memory: Memory, query: str) -> Mapping[str, float]:
        if self._make is None or not any(memory.parts):
            return {}
        if application not in self._neighbours:
            self._neighbours[application] = self._make()
        neighbours = self._neighbours[application]
        neighbours.follow(memory.parts)
        return neighbours.near(query)


def origin(pair: RememberedPair) -> str | None:
    """Return where the best reason for a pair comes from: EXACT, NEAR or PREDICTED; None where there is none."""
    if pair.actions > 0:
        return EXACT
    if pair.near_actions > 0:
        return NEAR
    return PREDICTED if pair.predicted > 0 else None


def sure_ids(pairs: Sequence[RememberedPair]) -> tuple[str, ...]:
    """Return what several visitors took for this very query, and not only as one among many; best first."""
    taken = [pair for pair in pairs if pair.actions >= _SURE_ACTIONS and pair.seconded >= _SURE_SECONDED]
    sure = [pair for pair in taken if pair.score >= _SURE_SCORE]
    return tuple(pair.object_id for pair in sure[:_SURE_HITS])


def remembered_hits(pairs: list[RememberedPair]) -> tuple[RememberedHit, ...]:
    """Return the pairs that there is a reason for, best first."""
    reasons = [(pair, origin(pair)) for pair in sorted(pairs, key=attrgetter("score"), reverse=True)]
    found = [RememberedHit(pair.object_id, pair.score, reason) for pair, reason in reasons if reason]
    return tuple(found[:_HITS])
