"""Near queries, found once for all systems of a run."""

from collections.abc import Mapping, Sequence

from ltrr.bench.played.turn import Turn
from ltrr.models.memory.prediction import PredictedScores
from ltrr.retrievers.near_queries import NearQueries, Queries
from ltrr.serving.retrieval.recall import Recall


class SharedNear:
    """Compares what was asked before, whoever remembers it; a memory lends nothing of what it does not have."""

    def __init__(self, turn: Turn, near: NearQueries) -> None:
        self._turn = turn
        self._near = near
        self._texts: dict[str, None] = {}
        self._number = -1
        self._found: Mapping[str, float] = {}

    def __len__(self) -> int:
        return len(self._near)

    def follow(self, parts: Sequence[Queries]) -> None:
        """Take note that it is another query's turn."""
        del parts
        turn = self._turn
        if self._number != turn.number:
            self._number = turn.number
            self._near.follow((self._texts,))
            self._found = self._near.near(turn.query.normalised)
            self._texts[turn.query.normalised] = None

    def near(self, query: str) -> Mapping[str, float]:
        """Return other queries and the weight that their memory has for the one whose turn it is."""
        del query
        return self._found


class Predicted(PredictedScores):
    """What the index predicts of the query whose turn it is."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def of(self, application: str, query: str) -> Mapping[str, float]:
        """Return entity -> score."""
        del application, query
        return self._turn.asked.predicted


def shared_recall(turn: Turn, near: NearQueries) -> Recall:
    """Return what reads the memory of every system of a run."""
    shared = SharedNear(turn, near)
    return Recall(lambda: shared, Predicted(turn))
