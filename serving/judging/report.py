"""How good lists are by judgements, and which queries gain and lose where two ways to answer are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from ltrr.models.evaluation.relevance import graded_ndcg, reciprocal_rank
from ltrr.serving.judging.asking import Lists
from ltrr.serving.terminal.bench_document import Figure

NDCG, MRR, RECALL = "ndcg", "reciprocal_rank", "recall"
_MEASURES: Final = (NDCG, MRR, RECALL)
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Depths:
    """How lists are judged. cut: ranks that nDCG looks at; depth: those of recall; relevant: the lowest such grade."""

    cut: int
    depth: int
    relevant: float

    def measure(self, ranked: Sequence[str], grades: Mapping[str, float]) -> dict[str, float]:
        """Return the measures of a list; something is relevant."""
        wanted = self.wanted(grades)
        return {
            NDCG: graded_ndcg(ranked, grades, self.cut),
            MRR: reciprocal_rank(ranked[: self.depth], wanted),
            RECALL: len(wanted.intersection(ranked[: self.depth])) / len(wanted),
        }

    def wanted(self, grades: Mapping[str, float]) -> set[str]:
        """Return what is relevant."""
        return {object_id for object_id, grade in grades.items() if grade >= self.relevant and grade > 0}


@dataclass(frozen=True, slots=True)
class Side:
    """The lists of one service. name: how it is told from another one, None where there is no other."""

    name: str | None
    lists: Lists

    def called(self, way: str) -> str:
        """Return the full name of a way."""
        return way if self.name is None else f"{self.name}: {way}"


def judge(
    sides: Sequence[Side], queries: Mapping[str, str], grades: Mapping[str, Mapping[str, float]], how: Depths
) -> dict[str, Any]:
    """Return the measures of each way by query and in the mean, as JSON values. queries: id -> text, at least one."""
    scores: dict[str, dict[str, dict[str, float]]] = {}
    rows = []
    for side in sides:
        for way in side.lists.ways:
            lists = side.lists.ranked[way]
            own = {query_id: how.measure(lists[query_id], grades[query_id]) for query_id in queries}
            scores[side.called(way)] = own
            means = {name: round(float(np.mean([one[name] for one in own.values()])), 6) for name in _MEASURES}
            rows.append({"way": side.called(way), **means, "empty": sum(not lists[query_id] for query_id in queries)})
    return {
        "ways": rows,
        "by_query": [
            {
                "query_id": query_id,
                "query": text,
                "ways": {way: {k: round(v, 6) for k, v in own[query_id].items()} for way, own in scores.items()},
            }
            for query_id, text in queries.items()
        ],
    }


def compare(judged: Mapping[str, Any], way: str, other: str, shown: int) -> dict[str, Any]:
    """Return how much better a way is than another one in nDCG, with a 95% interval over queries, as JSON values.

    judged: of `judge`. shown: queries that gain most, and that lose most.
    """
    rows = [
        {"query_id": one["query_id"], "query": one["query"], "ndcg": mine, "other": its, "difference": mine - its}
        for one in judged["by_query"]
        for mine, its in [(one["ways"][way][NDCG], one["ways"][other][NDCG])]
    ]
    difference = Figure.mean(np.array([row["difference"] for row in rows]), "nDCG")
    gains = [row for row in rows if row["difference"] > _SAME]
    losses = [row for row in rows if row["difference"] < -_SAME]
    finite = len(rows) > 1
    return {
        "way": way,
        "other": other,
        "difference": {
            k: round(v, 6) if finite or k == "value" else None for k, v in asdict(difference).items() if k != "unit"
        },
        "better": len(gains),
        "worse": len(losses),
        "equal": len(rows) - len(gains) - len(losses),
        "gains": sorted(gains, key=lambda row: -row["difference"])[:shown],
        "losses": sorted(losses, key=lambda row: row["difference"])[:shown],
    }
