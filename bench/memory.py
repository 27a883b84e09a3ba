"""`ltrr bench memory`: how long it takes to recall what a memory of many queries knows."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.memory.memory import Memory
from ltrr.models.statistics.decay import Decay
from ltrr.retrievers import encoders
from ltrr.retrievers.near_queries import NearQueries
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_QUERIES: Final = 50_000
_WORDS: Final = 3_000
_PAIRS: Final = 5
_ROUNDS: Final = 500
_START_S: Final = 1_767_225_600.0
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def run(seed: int = 0) -> BenchDocument:
    """Time recall over 50,000 remembered queries of one to four made-up words, five pairs each."""
    rng = np.random.default_rng(seed)
    words = np.array(["".join(rng.choice(list(_LETTERS), rng.integers(3, 10))) for _ in range(_WORDS)])
    memory = Memory(Decay(30 * 86_400.0))
    while len(memory.queries) < _QUERIES:
        query = _query(rng, words)
        memory.examine(query, {f"entity{number}": 0.5 for number in rng.integers(10_000, size=_PAIRS)}, _START_S)
        memory.act(query, next(iter(memory.queries[query].pairs)), 0.5, _START_S)
    near = NearQueries(encoders.load_dense("wordllama"))
    taken_in: list[float] = []
    while len(near) < _QUERIES:
        taken_in.append(_seconds(lambda: near.follow(memory.parts)))
    recall, known = Recall(lambda: near), np.array(list(memory.queries))
    asked: dict[str, Callable[[], str]] = {
        "remembered": lambda: str(rng.choice(known)),
        "misspelt": lambda: _misspelt(rng, str(rng.choice(known))),
        "new": lambda: _query(rng, words),
    }
    figures = {"128 new queries taken in": _quantile(np.array(taken_in), 0.5)}
    for name, draw in asked.items():
        queries = [draw() for _ in range(_ROUNDS)]
        lookups = np.array([_seconds(lambda q=query: near.near(q)) for query in queries])  # type: ignore[misc]  # bound now
        recalls = np.array(
            [_seconds(lambda q=query: recall.pairs("default", memory, q, _START_S)) for query in queries]  # type: ignore[misc]
        )
        figures[f"near lookup p50, {name}"] = _quantile(lookups, 0.5)
        figures[f"near lookup p99, {name}"] = _quantile(lookups, 0.99)
        figures[f"recall p50, {name}"] = _quantile(recalls, 0.5)
    limits = [f"near lookup p50, {name}" for name in asked]
    targets = [Target(figure, "<", 1.0, figures[figure].value < 1.0) for figure in limits]
    return BenchDocument("memory", [seed], figures, targets, [f"{_QUERIES:,} queries, {_ROUNDS:,} rounds"])


def _query(rng: np.random.Generator, words: NDArray[np.str_]) -> str:
    return " ".join(rng.choice(words, rng.integers(1, 5)))


def _misspelt(rng: np.random.Generator, query: str) -> str:
    at = int(rng.integers(len(query)))
    return f"{query[:at]}{_LETTERS[rng.integers(26)]}{query[at + 1 :]}"


def _seconds(work: Callable[[], object]) -> float:
    began_s = perf_counter()
    work()
    return perf_counter() - began_s


def _quantile(seconds: NDArray[np.float64], at: float) -> Figure:
    """Return a quantile; its interval is that of the same quantile over ten parts of the run."""
    parts = [1e3 * float(np.quantile(part, at)) for part in np.array_split(seconds, 10)]
    return Figure(1e3 * float(np.quantile(seconds, at)), "ms", min(parts), max(parts))
