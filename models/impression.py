"""What one shown page logs: everything that learning from it needs, so that nothing is computed again."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """Where a candidate came from. rank: 1-based in the arm's own list."""

    arm: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entity of the union.

    score: what the union was sorted by, descending. contributions: arm -> its additive part of that score.
    estimate: calibrated value in [0, 1] of the entity to this user once it is looked at. position: 1-based shown
    position over all pages, None where not shown. explored: shown at random instead of by score. features: the
    ranker's inputs in the order of the impression's feature_names; NaN where missing; empty where not shown.
    """

    object_id: str
    sources: tuple[Source, ...] = ()
    score: float = 0.0
    contributions: Mapping[str, float] = field(default_factory=dict)
    estimate: float = 0.0
    position: int | None = None
    explored: bool = False
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan and how it was drawn.

    ladder: budgets by level, first 0 (off). levels: the chosen level (index into ladder) of each arm.
    probabilities: marginal P(level) for each arm, shape (arms, levels), each row sums to 1. joint: P(this plan),
    in (0, 1]. price: the plan's cost before lambda. calls: distinct backend sub-requests.
    """

    policy: str
    policy_version: str
    revision: int
    arms: tuple[str, ...]
    ladder: tuple[int, ...]
    levels: tuple[int, ...]
    probabilities: tuple[tuple[float, ...], ...]
    joint: float
    seed: int
    price: float
    calls: int


@dataclass(frozen=True, slots=True)
class Impression:
    """One shown page of one query.

    page: 1-based. decision: None for queries that were not planned by us (UBI queries, imported logs).
    candidates: the whole union, best score first. curve: probability that position 1, 2, ... is looked at.
    latencies_ms: engine -> milliseconds. failures: arms whose engine did not answer.
    """

    query_id: str
    time_s: float
    user_query: str
    normalised_query: str
    page: int = 1
    page_size: int = 10
    application: str = "default"
    client_query_id: str | None = None
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    context: Mapping[str, float] = field(default_factory=dict)
    decision: Decision | None = None
    feature_names: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    curve: tuple[float, ...] = ()
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
