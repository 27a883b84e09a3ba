"""The online ranker: least squares on debiased actions, from sums that add up.

Inputs are raw features in which NaN says *missing*; the design adds a column that says *present* for each group of
features, so that missing is not zero. Training and serving expand the same logged numbers by the same code.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decay import Decay
from models.errors import InvalidSettings
from models.impression import Impression
from models.query import Hit
from models.retrieval import Retrieval
from models.statistics import LARGEST_INPUT, Array, LinearStatistics

ARM_FEATURES = ("gain", "share", "score")
"""Of a source: 1 / log2(1 + rank); its score over the arm's best; log(1 + score) / 3."""

FREE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "history": ("rate", "examined"),
    "entity": ("popularity", "quality"),
    "affinity": ("user", "session", "attributes"),
}
"""Features that cost no call: the memory's score and log examinations of the pair; the catalogue's own; log weights of
the entity in the profiles of user and session, and how far its attributes are theirs."""

CROSSES = ("name_like", "topic_like", "memory_known")
_PRIOR_GAIN = 0.1
_PRIOR_RATE = 0.5


def context_crosses(context: Mapping[str, float]) -> Array:
    """Return what the weight of an arm may depend on: how far the query reads as a name, as a topic, as known."""
    name = max(context.get(f, 0.0) for f in ("name_exact", "alias_exact", "name_fuzzy"))
    topic = max(context.get("attribute_exact", 0.0), 0.5 * context.get("attribute_part", 0.0))
    return np.asarray(np.clip([name, topic, context.get("memory_known", 0.0)], -1.0, 1.0))


@dataclass(frozen=True, slots=True)
class RankedUnion:
    """Scores of a union, best first: order into the input rows, and everything else in that order.

    scores, estimates: shape (n,); contributions: arm -> shape (n,), its additive part of the score.
    """

    order: NDArray[np.intp]
    scores: Array
    estimates: Array
    contributions: Mapping[str, Array]


class RankerLayout:
    """The features of candidates for a set of arms, and the columns that they become."""

    def __init__(self, arms: Sequence[str]) -> None:
        self.arms = tuple(arms)
        ambiguous = [arm for arm in self.arms if arm in FREE_GROUPS or "." in arm]
        if ambiguous:
            raise InvalidSettings(f"arms need names without dots that are no group of features: {', '.join(ambiguous)}")
        groups = {**dict.fromkeys(self.arms, ARM_FEATURES), **FREE_GROUPS}
        self.names = tuple(f"{group}.{name}" for group, names in groups.items() for name in names)
        self._starts = np.cumsum([0, *(len(names) for names in groups.values())])[:-1]
        gains = [self.names.index(f"{arm}.gain") for arm in self.arms]
        self.gains = np.array(gains, dtype=np.intp)
        columns = ["bias", *CROSSES, *(f"{group}.present" for group in groups), *self.names]
        columns += [f"{arm}.gain:{cross}" for cross in CROSSES for arm in self.arms]
        self.columns = tuple(columns)
        self.prior = np.array([self._prior(column) for column in columns])
        self._of_arm = np.array([[c.startswith(f"{arm}.") for arm in self.arms] for c in columns], dtype=np.float64)

    def raw(self, retrieval: Retrieval, object_ids: Sequence[str], free: Mapping[str, Mapping[str, float]]) -> Array:
        """Return the features of candidates, NaN where missing; shape (candidates, features).

        free: feature name ("history.rate") -> entity -> value.
        """
        at = {object_id: row for row, object_id in enumerate(object_ids)}
        features = np.full((len(object_ids), len(self.names)), np.nan)
        for arm, hits in retrieval.lists.items():
            if arm in self.arms and hits:
                column = self.names.index(f"{arm}.gain")
                rows = [at[hit.object_id] for hit in hits]
                features[rows, column : column + len(ARM_FEATURES)] = _source_features(hits)
        for name, values in free.items():
            column = self.names.index(name)
            for object_id, value in values.items():
                if object_id in at:
                    features[at[object_id], column] = value
        return features

    def logged(self, names: Sequence[str], rows: Sequence[Sequence[float]]) -> Array:
        """Return logged features as `raw` has them, NaN for what was not logged. names: of the columns of rows."""
        logged = np.array(rows, dtype=np.float64).reshape(len(rows), len(names))
        if tuple(names) == self.names:
            return logged
        index = {name: column for column, name in enumerate(names)}
        raw = np.full((len(rows), len(self.names)), np.nan)
        for column, name in enumerate(self.names):
            if name in index:
                raw[:, column] = logged[:, index[name]]
        return raw

    def expand(self, raw: Array, context: Mapping[str, float]) -> Array:
        """Return the design matrix; shape (candidates, columns)."""
        count = len(raw)
        missing = np.isnan(raw)
        values = np.clip(np.where(missing, 0.0, raw), -LARGEST_INPUT, LARGEST_INPUT)
        crosses = context_crosses(context)
        crossed = (values[:, self.gains][:, None, :] * crosses[None, :, None]).reshape(
            count, crosses.size * len(self.gains)
        )
        shared = np.broadcast_to(np.concatenate([[1.0], crosses]), (count, 1 + len(crosses)))
        present = ~missing[:, self._starts]
        return np.concatenate([shared, present.astype(np.float64), values, crossed], axis=1)

    def contributions(self, design: Array, weights: Array) -> Array:
        """Return each arm's additive part of each score; shape (candidates, arms)."""
        return np.asarray((design * weights) @ self._of_arm)

    def _prior(self, column: str) -> float:
        if column.endswith(".gain"):
            return _PRIOR_GAIN
        return _PRIOR_RATE if column == "history.rate" else 0.0


def _source_features(hits: Sequence[Hit]) -> Array:
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    positive = np.maximum(scores, 0.0)
    best = positive.max()
    gains = 1 / np.log2(1 + np.arange(1, len(hits) + 1))
    return np.stack([gains, positive / best if best > 0 else positive, np.log1p(positive) / 3], axis=1)


class Ranker:
    """Two least-squares models of one set of columns; rankers of the same layout can be added.

    The pointwise model predicts an entity's value once it is looked at, from targets value / P(looked at) weighted by
    P(looked at), so that it is calibrated. The pairwise model sees differences within a page alone, which is the
    same as centring each page; both sums together order the union. Actions enter linearly, so that an action that
    comes later adds its own term, whatever came before.

    Source: Joachims et al. 2017 (inverse propensity), Pahikkala et al. 2009 (pairwise least squares).
    """

    def __init__(
        self,
        layout: RankerLayout,
        half_life_s: float = math.inf,
        prior_precision: float = 3.0,
        pairwise: float = 0.5,
    ) -> None:
        self.layout = layout
        self.decay = Decay(half_life_s)
        self.prior_precision = prior_precision
        self.pairwise = pairwise
        self.point = LinearStatistics.empty(len(layout.columns))
        self.pair = LinearStatistics.empty(len(layout.columns))
        self._others: tuple[Ranker, ...] = ()
        self._weights: Array | None = None

    @property
    def weights(self) -> Array:
        """Return the weights of the order and of the estimate; shape (columns, 2)."""
        if self._weights is None:
            point = LinearStatistics.sum(other.point for other in self._others)
            pair = LinearStatistics.sum(other.pair for other in self._others)
            prior = np.stack([self.layout.prior, self.layout.prior], axis=1)
            if point is not None and pair is not None:
                prior = self._solve(point, pair, prior)
            self._weights = self._solve(self.point, self.pair, prior)
        return self._weights

    def _solve(self, point: LinearStatistics, pair: LinearStatistics, prior: Array) -> Array:
        """Return the weights of the order and of the estimate. prior: their means, shape (columns, 2)."""
        share = LinearStatistics(
            (1 - self.pairwise) * point.moment + self.pairwise * pair.moment,
            (1 - self.pairwise) * point.response + self.pairwise * pair.response,
        )
        order = share.solve(self.prior_precision, prior[:, 0])
        return np.stack([order, point.solve(self.prior_precision, prior[:, 1])], axis=1)

    def rank(self, raw: Array, context: Mapping[str, float]) -> RankedUnion:
        """Sort a union. raw: the layout's features, shape (candidates, features)."""
        design = self.layout.expand(raw, context)
        outputs = design @ self.weights
        order = np.argsort(-outputs[:, 0], kind="stable")
        parts = self.layout.contributions(design, self.weights[:, 0])[order]
        return RankedUnion(
            order=order,
            scores=outputs[order, 0],
            estimates=np.clip(outputs[order, 1], 0.0, 1.0),
            contributions={arm: parts[:, column] for column, arm in enumerate(self.layout.arms)},
        )

    def examine(self, page: "RankedPage") -> None:
        """Learn that a page was shown."""
        nothing = np.zeros(len(page.design))
        self.point.add(page.design, nothing, page.looks * self.point.reach(self.decay, page.time_s))
        self.pair.add(page.centred, nothing, page.looks * self.pair.reach(self.decay, page.time_s))
        self._weights = None

    def act(self, page: "RankedPage", row: int, value: float) -> None:
        """Learn that the entity in a row of a page gained `value` in actions."""
        # target value / look at weight look: the weight cancels
        once, gained = np.ones(1), np.array([value])
        self.point.correct(page.design[[row]], gained, once * self.point.reach(self.decay, page.time_s))
        self.pair.correct(page.centred[[row]], gained, once * self.pair.reach(self.decay, page.time_s))
        self._weights = None

    def restore(self, point: LinearStatistics, pair: LinearStatistics) -> None:
        """Take over sums that were learned before."""
        self.point, self.pair = point, pair
        self._weights = None

    def informed(self, others: Sequence["Ranker"]) -> "Ranker":
        """Return this ranker, to be read only, with what others of the same layout have learned as prior mean."""
        view = Ranker(self.layout, self.decay.half_life_s, self.prior_precision, self.pairwise)
        view.point, view.pair, view._others = self.point, self.pair, tuple(others)
        return view

    def __add__(self, other: "Ranker") -> "Ranker":
        """Return the ranker that has learned what both have."""
        merged = Ranker(self.layout, self.decay.half_life_s, self.prior_precision, self.pairwise)
        merged.decay = self.decay
        merged.point, merged.pair = self.point + other.point, self.pair + other.pair
        return merged


class RankedPage:
    """A shown page, or entities of it, as the ranker learns from it.

    looks: P(looked at) of what is taken. centre: of the whole page where only a part of it is taken. design: shape
    (taken, columns); centre: the whole design's mean weighted by looks, shape (columns,); centred: design - centre.
    """

    def __init__(
        self, layout: RankerLayout, impression: Impression, looks: Mapping[str, float], centre: Array | None = None
    ) -> None:
        taken = [c for c in impression.candidates if c.object_id in looks]
        raw = layout.logged(impression.feature_names, [c.features for c in taken])
        self.rows = {c.object_id: row for row, c in enumerate(taken)}
        self.looks = np.array([looks[c.object_id] for c in taken], dtype=np.float64)
        self.design = layout.expand(raw, impression.context)
        weights = self.looks[:, None]
        self.centre = (self.design * weights).sum(axis=0) / weights.sum(axis=0) if centre is None else centre
        self.centred = self.design - self.centre
        self.time_s = impression.time_s
