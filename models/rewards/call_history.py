"""What past calls of the arms brought: altogether, and for one query."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from ltrr.models.records.entity import Entity
from ltrr.models.retrieval import Retrieval
from ltrr.models.rewards.credit import Credit
from ltrr.models.statistics.decay import Decay, DecayedSums, aligned, shift
from ltrr.models.statistics.least_squares import LARGEST_INPUT, Array

LOGGED: Final = ("filled", "score", "new", "popular", "personal")
"""Of a call: hits over its budget; log(1 + best score) / 3; of its hits the share that is new, the mean popularity as
the ranker has it, and how far they are what user and session like."""

MEASURES: Final = ("credit", *LOGGED)

HISTORY_NAMES: Final = ("query_known", *(f"{by}_{measure}" for by in ("arm", "query") for measure in MEASURES))
"""What the reward model sees of an arm's past calls, in order."""

NEW_S: Final = 28 * 7 * 86_400.0
_PRIOR_CALLS: Final = 2.0
_DECIMALS: Final = 4


class CallHistory(DecayedSums):
    """Sums over the past calls of each arm, which add up.

    sums: of each arm the weight of its calls, and of each of MEASURES; shape (arms, 1 + measures), decayed to `epoch`
    (see Decay).
    """

    def __init__(self, arms: tuple[str, ...], half_life_s: float = math.inf) -> None:
        self.arms = arms
        self.decay = Decay(half_life_s)
        self.sums = np.zeros((len(arms), 1 + len(MEASURES)))
        self.epoch = 0
        self._place = {arm: place for place, arm in enumerate(arms)}
        self._names = history_names(arms)

    def add(self, rows: Mapping[str, Array], time_s: float) -> None:
        """Add to the sums of arms; those that are not known are left out. time_s: of the calls."""
        factor = self.reach(self.decay, time_s)
        for arm, row in rows.items():
            if arm in self._place:
                self.sums[self._place[arm]] += factor * row

    def row(self, arm: str) -> Array:
        """Return an arm's sums, shape (1 + measures,)."""
        return np.asarray(self.sums[self._place[arm]])

    def restore(self, arm: str, row: Array, epoch: int) -> None:
        """Take over an arm's sums that were learned before."""
        self.move(epoch)
        self.sums[self._place[arm]] = shift(epoch, self.epoch) * row

    def features(self, of_query: Mapping[str, Array]) -> dict[str, float]:
        """Return HISTORY_NAMES of each arm as "arm.name", without those that are 0.

        of_query: arm -> sums of its calls for the query, as of now. An arm's means are taken as if it had made
        `_PRIOR_CALLS` more that brought nothing; those for the query are differences from them, as if it had made that
        many more that were like all others. So what is not known is 0.
        """
        calls = np.zeros_like(self.sums)
        for arm, row in of_query.items():
            if arm in self._place:
                calls[self._place[arm]] = row
        count, known = calls[:, :1], calls[:, :1] / (calls[:, :1] + _PRIOR_CALLS)
        means = self.sums[:, 1:] / (self.sums[:, :1] + _PRIOR_CALLS)
        differences = (calls[:, 1:] - count * means) / (count + _PRIOR_CALLS)
        values = np.concatenate([known, means, differences], axis=1).round(_DECIMALS)
        return {name: value for name, value in zip(self._names, values.ravel().tolist(), strict=True) if value}

    def __add__(self, other: "CallHistory") -> "CallHistory":
        """Return the history of both."""
        merged = object.__new__(type(self))
        merged.__dict__.update(self.__dict__)
        merged.epoch, known = aligned((self, other))
        merged.sums = np.zeros_like(self.sums)
        for factor, one in known:
            merged.sums += factor * one.sums
        return merged

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.sums.any()

    def _scale(self, factor: float) -> None:
        self.sums *= factor


def history_names(arms: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the features of all arms, as a context has them."""
    return tuple(f"{arm}.{name}" for arm in arms for name in HISTORY_NAMES)


def described(calls: Mapping[str, Array]) -> list[dict[str, str | float]]:
    """Return sums over calls as they are shown: of each arm their number, and the mean of each of MEASURES."""
    means = {arm: (row[0], *(row[1:] / row[0])) for arm, row in sorted(calls.items()) if row[0] > 0}
    return [
        {"arm": arm, **{name: round(float(value), 6) for name, value in zip(("calls", *MEASURES), values, strict=True)}}
        for arm, values in means.items()
    ]


def measure_calls(
    retrieval: Retrieval,
    budgets: Mapping[str, int],
    cards: Mapping[str, Entity],
    free: Mapping[str, Mapping[str, float]],
    time_s: float,
) -> dict[str, dict[str, float]]:
    """Return LOGGED of each arm that answered. cards: of the hits that count; free: the ranker's, see FREE_GROUPS."""
    kinds = {object_id: _kinds(card, free, time_s) for object_id, card in cards.items()}
    brought = {}
    for arm, hits in retrieval.lists.items():
        known = [hit for hit in hits if hit.object_id in kinds]
        best = max((hit.score for hit in known), default=0.0)
        mean = np.mean([kinds[hit.object_id] for hit in known] or [(0.0, 0.0, 0.0)], axis=0)
        values = (len(known) / budgets[arm], math.log1p(max(0.0, best)) / 3, *mean.tolist())
        brought[arm] = {name: round(value, _DECIMALS) for name, value in zip(LOGGED, values, strict=True)}
    return brought


def call_rows(calls: Mapping[str, Array], credit: Credit, previous: Credit | None = None) -> dict[str, Array]:
    """Return what calls of one decision add to the sums under a credit, or when it takes the place of a previous one.

    calls: arm -> LOGGED, see logged_calls. Arms to which nothing is added are left out.
    """
    if not calls:
        return {}
    now, before = credit.at_run(), previous.at_run() if previous is not None else {}
    rows = {}
    for arm, measures in calls.items():
        rows[arm] = credit.weight * np.array([1.0, _cut(now[arm]), *measures])
        if previous is not None:
            rows[arm] -= previous.weight * np.array([1.0, _cut(before[arm]), *measures])
    return {arm: row for arm, row in rows.items() if row.any()}


def logged_calls(brought: Mapping[str, Mapping[str, float]], arms: Collection[str]) -> dict[str, Array]:
    """Return LOGGED of those arms of which it was logged, shape (measures,). brought: see measure_calls."""
    return {
        arm: np.array([_cut(measures.get(name, 0.0)) for name in LOGGED])
        for arm, measures in brought.items()
        if arm in arms
    }


def _kinds(card: Entity, free: Mapping[str, Mapping[str, float]], time_s: float) -> tuple[float, float, float]:
    """Return how far an entity is new, popular, and what user and session like; each in [0, 1]."""
    taken = any(free.get(f"affinity.{kind}", {}).get(card.object_id, 0.0) > 0 for kind in ("user", "session"))
    return (
        float(card.created_s is not None and time_s - card.created_s < NEW_S),
        min(1.0, free["entity.popularity"][card.object_id]),
        1.0 if taken else free.get("affinity.attributes", {}).get(card.object_id, 0.0),
    )


def _cut(value: float) -> float:
    return max(-LARGEST_INPUT, min(LARGEST_INPUT, value))
