"""Leave-one-out re-rank credit: what each arm, at each level, was worth to the page.

The union of a logged impression is sorted again without an arm's candidates and contributions, or with the arm cut
to a lower level; the difference in expected reward is the arm's credit. Two arms that brought the same candidate
share no credit: each is worth what would have been lost without it. A run at one level also teaches every lower
level, since those lists are its prefixes.

Under a cap on calls, plans of different arms compete. What two arms both found is in neither's loss, so sums of losses
say little of a plan that is not run. There an arm's credit is what it is worth alone, and beside it stands what each
pair of arms has in common, so that plans can be put together of both (models/rewards/overlap.py,
models/plans/search.py).
"""

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from ltrr.models.records.impression import Candidate, Decision, Impression
from ltrr.models.rewards.union import Union
from ltrr.models.statistics.least_squares import Array

Places = NDArray[np.intp]
_Numbers = TypeVar("_Numbers", float, Array)
SMALLEST_LOOK = 1e-3  # bounds what one action can weigh
MOST_GAIN = 1.0
"""What the actions on one page count for at most, all together."""


def _nothing() -> Array:
    return np.zeros(0)


class Credit(Struct, frozen=True):
    """What arms were worth at levels, against being switched off, before prices.

    arms, levels: shape (n,), one entry for each level up to the one that was run, of each arm that was on and
    answered. values: shape (n,), in units of reward. time_s: of the impression. pairs, common: of two arms, at the
    levels that were run, what each is worth alone less what the page of both is worth; only where values are worths
    alone. weight: how much the page counts, in [0, 1].
    """

    arms: tuple[str, ...]
    levels: tuple[int, ...]
    values: Array
    time_s: float
    pairs: tuple[tuple[str, str], ...] = ()
    common: Array = field(default_factory=_nothing)
    weight: float = 1.0

    def at_run(self) -> dict[str, float]:
        """Return what each arm was worth at the level that was run: the last of its entries."""
        return dict(zip(self.arms, self.values.tolist(), strict=True))


class PageCredit:
    """The credit of a first page, as its actions become known.

    Expected reward of a page = sum over its positions k of P(position k is looked at) x the value of the entity
    there. Of an entity that was shown, the observed value (0 without actions) was seen once, by P(its position is
    looked at) of a look, and the ranker's logged estimate counts like `estimate_looks` more: its value is
    (estimate_looks x estimate + observed value) / (estimate_looks + P(looked at)). One visitor's look says little, and
    one at a low position next to nothing: the estimate takes most of that noise away, and of what it gets wrong the
    share estimate_looks / (estimate_looks + P(looked at)) stays. At 0 the value is the observed one / P(looked at), and
    relies on no ranker.

    An entity that was not shown is worth its estimate. A page of one arm or two alone has many of those; guesses about
    them make all arms look alike, so that where all credit is worth alone they are 0.

    What a page gained counts up to `most_gain` in all: values above are scaled down alike, so that the luck, or the
    greed, of one visitor does not drown what all others say.

    A page that the baseline filled, because the plan brought nothing, counts as the empty one that the plan alone would
    have shown: nothing that happens on it is the plan's merit.

    The reserved arm gets no credit, and what it alone brought is on no page that is compared: it has its own place.

    alone_share: how much of an arm's credit is its worth alone; the rest is the loss without it. Where all of it is,
    the credit says what pairs have in common, too. union: the impression's, with all arms of the decision, if it was
    read before.
    """

    def __init__(
        self,
        impression: Impression,
        decision: Decision,
        alone_share: float = 0.0,
        estimate_looks: float = 0.0,
        most_gain: float = math.inf,
        reserved: str | None = None,
        union: Union | None = None,
    ) -> None:
        if impression.fallback:  # what it alone brought is no merit of the plan
            impression, union = replace(impression, candidates=_own(impression)), None
        union = union or Union(impression, decision.arms)
        self.context: Mapping[str, float] = impression.context
        self._time_s = impression.time_s
        self._observed: dict[int, tuple[float, float]] = {}
        parts = _exposure_differences(union, impression, decision, alone_share, reserved)
        self.arms, self.levels, self.pairs, exposure = parts
        # the others change no credit; pages wait in memory
        kept = np.flatnonzero(union.shown | exposure.any(axis=0))
        self._at = {union.ids[row]: column for column, row in enumerate(kept)}
        self._exposure = np.ascontiguousarray(exposure[:, kept])
        looked, estimates = union.looks[kept], union.estimates[kept]
        self._estimate_looks = estimate_looks
        self._most_gain = most_gain
        self._expected = estimate_looks * estimates
        guessed = 0.0 if alone_share == 1 else estimates
        seen = self._seen(self._expected, np.maximum(looked, SMALLEST_LOOK))
        self._values = np.where(union.shown[kept], seen, guessed)
        self._rest = np.zeros(len(self._exposure))
        self._worth: Array | None = None

    @property
    def reward(self) -> float:
        """Return the weighted actions that are known so far."""
        return math.fsum(value for value, _ in self._observed.values())  # in any order

    def credit(self, weight: float = 1.0) -> Credit:
        """Return the credit under the actions that are known so far. weight: how much the page counts."""
        if self._worth is None:
            self._worth = self._rest + self._exposure @ self._values
        worth, count = self._worth, len(self.arms)
        return Credit(self.arms, self.levels, worth[:count], self._time_s, self.pairs, worth[count:], weight)

    def observe(self, object_id: str, value: float, examination: float) -> bool:
        """Take note of an entity's value in [0, 1], shown where P(looked at) = examination.

        Return whether that changed anything: an entity outside the union does not, nor does one whose value was at
        least as large before.
        """
        index = self._at.get(object_id)
        if index is None or (value, examination) <= self._observed.get(index, (0.0, 0.0)):
            return False
        self._observed[index] = (value, examination)
        counted = counted_share(self.reward, self._most_gain)
        for at, (gained, look) in sorted(self._observed.items()):
            self._values[at] = self._seen(self._expected[at] + counted * gained, max(look, SMALLEST_LOOK))
        self._worth = None
        return True

    def reduce(self, object_ids: Collection[str]) -> None:
        """Keep of entities that are not among these, nor observed, no more than what they are worth, in sum."""
        rows = [(one, at) for one, at in sorted(self._at.items()) if one in object_ids or at in self._observed]
        kept = np.array([at for _, at in rows], dtype=np.intp)
        gone = np.setdiff1d(np.arange(len(self._values)), kept)
        self._rest = self._rest + self._exposure[:, gone] @ self._values[gone]
        places = {at: new for new, (_, at) in enumerate(rows)}
        self._at = {object_id: places[at] for object_id, at in rows}
        self._observed = {places[at]: seen for at, seen in self._observed.items()}
        self._exposure = np.ascontiguousarray(self._exposure[:, kept])
        self._expected, self._values = np.asarray(self._expected)[kept], self._values[kept]
        self.context = {name: value for name, value in self.context.items() if value}
        self._worth = None

    def pack(self) -> tuple[dict[str, Any], list[Array]]:
        """Return all of it as JSON values and arrays."""
        meta = {
            "context": dict(self.context),
            "time_s": self._time_s,
            "arms": self.arms,
            "levels": self.levels,
            "pairs": self.pairs,
            "at": self._at,
            "observed": [[at, *seen] for at, seen in sorted(self._observed.items())],
            "estimate_looks": self._estimate_looks,
            "most_gain": self._most_gain,
        }
        return meta, [self._exposure, self._expected, self._values, self._rest]

    @classmethod
    def unpack(cls, meta: Mapping[str, Any], arrays: Sequence[Array]) -> Self:
        """Return what `pack` made JSON values and arrays of."""
        credit = cls.__new__(cls)
        credit.restore(meta, arrays)
        return credit

    def restore(self, meta: Mapping[str, Any], arrays: Sequence[Array]) -> None:
        """Become what `pack` made JSON values and arrays of."""
        self.context, self._time_s = dict(meta["context"]), meta["time_s"]
        self.arms, self.levels = tuple(meta["arms"]), tuple(meta["levels"])
        self.pairs = tuple((one, other) for one, other in meta["pairs"])
        self._at = dict(meta["at"])
        self._observed = {at: (value, look) for at, value, look in meta["observed"]}
        self._estimate_looks, self._most_gain = meta["estimate_looks"], meta["most_gain"]
        self._exposure, self._expected, self._values, self._rest = arrays
        self._worth = None

    def _seen(self, value: _Numbers, look: _Numbers) -> _Numbers:
        """Return the value of what was shown. value: expected and observed; look: P(looked at), not too small."""
        return value / (self._estimate_looks + look)


def _own(impression: Impression) -> tuple[Candidate, ...]:
    """Return the candidates that the plan itself has brought."""
    return tuple(c for c in impression.candidates if any(s.arm not in impression.fallback for s in c.sources))


def _exposure_differences(
    union: Union, impression: Impression, decision: Decision, alone_share: float, reserved: str | None
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[tuple[str, str], ...], Array]:
    """Return (arms, levels, pairs, differences) of all rows that this impression teaches.

    differences: shape (rows, candidates): P(looked at) on the page with the arm at that level minus the same
    without the arm; mixed with that on the page of the arm alone. Behind them a row for each pair: the sum of that on
    the pages of either alone, minus that on the page of both.
    """
    on = [
        (arm, level)
        for arm, level in zip(decision.arms, decision.levels, strict=True)
        if level and arm != reserved and arm not in impression.failures
    ]
    ranks, parts = union.brought_by([arm for arm, _ in on])
    run = np.array([level for _, level in on], dtype=np.intp)
    ends, rows = np.cumsum(run), int(run.sum())
    of = np.repeat(np.arange(len(on)), run)  # of each row its arm
    first = (ends - run)[of]
    cuts = np.arange(rows) - first  # the level below
    differences = np.zeros((rows, len(union.ids)))
    common = []
    pairs: list[tuple[int, int]] = []
    if alone_share < 1:  # else no loss counts, and none is looked for
        budgets = np.array(decision.ladder)[cuts]
        exposure = union.exposures(_without(of, budgets, ranks, parts, union.scores))
        at = np.arange(2, rows + 2)  # the page of an arm's next cut, behind the last of which is the page itself
        at[ends - 1] = 0
        differences += (1 - alone_share) * (exposure[at] - exposure[1 + first])
    if alone_share:
        pairs = list(itertools.combinations(range(len(on)), 2)) if alone_share == 1 else []
        variants = _alone(decision.ladder, run.tolist(), pairs, ranks, parts, union.scores)
        exposure = union.exposures(np.array(variants).reshape(len(variants), len(union.ids)))
        differences += alone_share * exposure[:rows]
        last = ends - 1  # the rows of the levels that were run
        common = [
            differences[last[one]] + differences[last[other]] - exposure[rows + number]
            for number, (one, other) in enumerate(pairs)
        ]
    names = tuple((on[one][0], on[other][0]) for one, other in pairs)
    if common:
        differences = np.concatenate([differences, common])
    return tuple([on[arm][0] for arm in of.tolist()]), tuple((1 + cuts).tolist()), names, differences


def _without(of: Places, budgets: Places, ranks: Array, parts: Array, scores: Array) -> Array:
    """Return the scores of the page, and behind it of the page with one arm cut to a budget; -inf for what is lost.

    of: the place of the arm that is cut, shape (cuts,); so is budgets. ranks, parts: of each candidate in each arm's
    list, shape (candidates, arms). scores: shape (candidates,).
    """
    sources = np.isfinite(ranks)
    found_by = sources.sum(axis=1)
    lost = np.where(sources, ranks, 0.0).T[of] > budgets[:, None]
    left = np.where(found_by > 1, scores - parts.T, -np.inf)
    variants = np.empty((1 + len(of), len(scores)))
    variants[0] = np.where(found_by > 0, scores, -np.inf)
    variants[1:] = np.where(lost, left[of], variants[0])
    return variants


def _alone(
    ladder: tuple[int, ...],
    levels: list[int],
    pairs: list[tuple[int, int]],
    ranks: Array,
    parts: Array,
    scores: Array,
) -> list[Array]:
    """Return the scores of each arm alone, at each level up to the one that was run, and of pairs of arms alone.

    -inf for what others brought. ranks, parts, scores: see _without.
    """
    bare, sources = scores - parts.sum(axis=1), np.isfinite(ranks)
    single = [
        np.where(ranks[:, column] <= ladder[cut], bare + parts[:, column], -np.inf)
        for column, level in enumerate(levels)
        for cut in range(1, level + 1)
    ]
    both = [
        np.where(sources[:, pair].any(axis=1), bare + parts[:, pair].sum(axis=1), -np.inf) for pair in map(list, pairs)
    ]
    return [*single, *both]


def counted_share(gained: float, most_gain: float) -> float:
    """Return how much of what a page gained in all is counted, in (0, 1], where at most `most_gain` is."""
    return most_gain / gained if gained > most_gain else 1.0
