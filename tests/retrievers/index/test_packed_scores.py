"""Scores of rows by the hash of a query."""

import heapq
from itertools import islice

import numpy as np

from ltrr.models.memory.prediction import PredictedQuery
from ltrr.retrievers.index.packed_scores import PackedScores, packed, query_hash


def test_best_of_what_is_there() -> None:
    """However rows came and went, what is best for each query is what a dictionary of them has, ties included."""
    rng = np.random.default_rng(7)
    scores, held = PackedScores(), dict[int, dict[str, float]]()
    numbers = iter(range(1, 100_000))
    for _ in range(6):
        old = rng.choice(list(held), size=len(held) // 3, replace=False).tolist()
        rows = {
            number: {f"q{query}": round(float(rng.random()), 1) for query in rng.integers(0, 40, size=8)}
            for number in islice(numbers, 500)
        }
        changed = scores.replace(
            [(one, _packed(held.pop(one))) for one in old], [(n, _packed(q)) for n, q in rows.items()]
        )
        held |= rows
        assert scores.next == max(held) + 1
        assert {query_hash("shop", query) for queries in rows.values() for query in queries} <= set(changed)
    for query in ("q0", "q39", "no"):
        of = {number: queries[query] for number, queries in held.items() if query in queries}
        last = min(heapq.nlargest(50, of.values()), default=0.0)
        assert scores.best(query_hash("shop", query), 50) == {
            number: score for number, score in of.items() if score >= last
        }
        assert scores.best(query_hash("other", query), 50) == {}


def test_what_was_kept_is_there_again() -> None:
    """Packed rows hold all that is to be known, to four digits."""
    again = PackedScores([(3, _packed({"a": 0.1234, "b": 1.0})), (9, _packed({"a": 0.0})), (11, b"")])
    assert again.best(query_hash("shop", "a"), 9) == {3: 0.1234, 9: 0.0}
    assert again.next == 12


def _packed(queries: dict[str, float]) -> bytes:
    return packed("shop", [PredictedQuery(query, score) for query, score in queries.items()])
