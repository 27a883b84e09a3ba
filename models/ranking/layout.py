"""The features of candidates, the columns that they become, and what the ranker believes of them at the start.

Inputs are raw features in which NaN says *missing*. Training and serving expand the same logged numbers alike.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.query import Hit
from ltrr.models.retrieval import Retrieval
from ltrr.models.statistics.least_squares import LARGEST_INPUT, Array

ARM_FEATURES = ("gain", "share", "score")
"""Of a source: 1 / log2(1 + rank); its score over the arm's best; log(1 + score) / 3, which trees alone read."""

FREE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "history": ("rate", "examined"),
    "entity": ("popularity", "quality"),
    "match": ("words", "shingles", "field", "name", "value", "whole"),
    "affinity": ("user", "session", "attributes"),
}
"""Features that cost no call: the memory's score and log examinations of the pair; the catalogue's own; how far the
words of query and entity match (see ltrr.retrievers.matching); log weights of the entity in the profiles of user and
session, and how far its attributes are theirs."""

_SIDES = ("", "not ")
CROSSES = ("name_like", "topic_like", "memory_known")
_AT_TIMES_MISSING = ("history", "affinity")
_FREE_PRIOR: Mapping[str, float] = {
    "match.words": 1.0,
    "match.shingles": 0.15,
    "match.field": 0.12,
    "match.name": 0.06,
    "match.value": 0.05,
    "match.whole": 0.06,
    "history.rate": 0.5,
    "entity.popularity": 0.06,
}
"""Near to what a conditional logit of what was looked for gives, over 11,000 queries that were made of names, words
and values of six catalogues, each catalogue judged by the weights of the other five; popularity and values count for
more than there, since people ask for what is popular, and for all that has a value."""
_TRUSTED_GAIN, _TRUSTED_SHARE = 0.03, 0.01
_OTHER_GAIN, _OTHER_SHARE = 0.01, 0.0
_SHARES: Mapping[str, float] = {"fulltext": 0.1}
"""BM25 weighs each word by how rare it is, so how much better a score is says more than a rank does."""

_ARM_HELD = 8.0
"""Whoever clicks on one of many that an arm brings does not say that others mean what it brings: a few clicks are not
to turn the order of queries that have nothing else in common."""


def context_crosses(context: Mapping[str, float]) -> list[float]:
    """Return what the weight of an arm may depend on, in [0, 1]: the query reads as a name, as a topic, is known."""
    name = max(context.get(f, 0.0) for f in ("name_exact", "alias_exact", "name_fuzzy"))
    topic = max(context.get("attribute_exact", 0.0), 0.5 * context.get("attribute_part", 0.0))
    return [min(1.0, max(0.0, value)) for value in (name, topic, context.get("memory_known", 0.0))]


class RankerLayout:
    """The features of candidates for a set of arms, and the columns that they become.

    trusted: the arms whose order is believed at the start; all where None. names: of the features. columns: of the
    design. A gain stands in two columns for each cross c, as c x gain and (1 - c) x gain, so that weights which are
    not below 0 give the gain an effect that is not below 0 in every context, whatever it depends on. prior: the mean
    of the weights before anything is learned; retrieval: the same without what the memory adds to it; held: how many
    times as firmly as others a column keeps its prior; rising: the columns whose weights are never below 0; shape
    (columns,).
    """

    def __init__(self, arms: Sequence[str], trusted: Collection[str] | None = None) -> None:
        self.arms = tuple(arms)
        ambiguous = [arm for arm in self.arms if arm in FREE_GROUPS or "." in arm]
        if ambiguous:
            raise InvalidSettings(f"arms need names without dots that are no group of features: {', '.join(ambiguous)}")
        groups = {**dict.fromkeys(self.arms, ARM_FEATURES), **FREE_GROUPS}
        self.names = tuple(f"{group}.{name}" for group, names in groups.items() for name in names)
        self.gains = np.array([self.names.index(f"{arm}.gain") for arm in self.arms], dtype=np.intp)
        self._missing = [self.names.index(f"{group}.{FREE_GROUPS[group][0]}") for group in _AT_TIMES_MISSING]
        of_arms = {f"{arm}.{name}" for arm in self.arms for name in ("gain", "score")}
        self._matches = [at for at, name in enumerate(self.names) if name.startswith("match.")]
        self._plain = [at for at, name in enumerate(self.names) if name not in of_arms and at not in self._matches]
        crossed = [f"{arm}.gain:{side}{cross}" for side in _SIDES for cross in CROSSES for arm in self.arms]
        crossed += [f"{self.names[at]}:{side}{CROSSES[0]}" for side in _SIDES for at in self._matches]
        plain = [self.names[at] for at in self._plain]
        self.columns = ("bias", *CROSSES, *(f"{group}.present" for group in _AT_TIMES_MISSING), *plain, *crossed)
        believed = self.arms if trusted is None else trusted
        self.prior = np.array([_prior(column, believed) for column in self.columns])
        memory = np.array([column.startswith("history.") for column in self.columns])
        self.retrieval = np.where(memory, 0.0, self.prior)
        arm_of = [column.partition(".")[0] for column in self.columns]
        self.held = np.array([_ARM_HELD if arm in self.arms else 1.0 for arm in arm_of])
        self.rising = np.array([arm in (*self.arms, "match") for arm in arm_of]) | (
            np.array(self.columns) == "history.rate"
        )
        self._of_arm = np.array([[one == arm for arm in self.arms] for one in arm_of], dtype=np.float64)
        self._of_group = np.array([[one == group for group in FREE_GROUPS] for one in arm_of], dtype=np.float64)

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, rules: PlanRules) -> "RankerLayout":
        """Return the one layout for the ranked arms of rules; those of the baseline are trusted, where there is one."""
        on = tuple(rules.budgets(rules.baseline))
        return cls(rules.ranked, on or None)

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

    def logged(self, names: Sequence[str], rows: Sequence[Sequence[float | None]]) -> Array:
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
        """Return the design matrix of candidates for one query; shape (candidates, columns)."""
        return self.crossed(raw, np.array(context_crosses(context)))

    def crossed(self, raw: Array, crosses: Array) -> Array:
        """Return the design matrix. crosses: of all candidates, or of each, shape (candidates, CROSSES)."""
        count = len(raw)
        missing = np.isnan(raw)
        values = np.clip(np.where(missing, 0.0, raw), -LARGEST_INPUT, LARGEST_INPUT)
        design = np.empty((count, len(self.columns)))
        design[:, 0] = 1.0
        present = 1 + len(CROSSES)
        design[:, 1:present] = crosses
        sides = np.concatenate([design[:, 1:present], 1 - design[:, 1:present]], axis=1)
        plain = present + len(self._missing)
        design[:, present:plain] = ~missing[:, self._missing]
        crossed = plain + len(self._plain)
        design[:, plain:crossed] = values[:, self._plain]
        matches = len(self.columns) - len(_SIDES) * len(self._matches)
        of_gains = values[:, self.gains][:, None, :] * sides[:, :, None]
        design[:, crossed:matches] = of_gains.reshape(count, matches - crossed)
        of_matches = values[:, self._matches][:, None, :] * sides[:, :: len(CROSSES), None]  # both sides of the first
        design[:, matches:] = of_matches.reshape(count, len(self.columns) - matches)
        return design

    def contributions(self, design: Array, weights: Array) -> Array:
        """Return each arm's additive part of each score; shape (candidates, arms)."""
        return np.asarray((design * weights) @ self._of_arm)

    def group_parts(self, design: Array, weights: Array) -> Array:
        """Return the additive part of each score of each group that costs no call; shape (candidates, groups)."""
        return np.asarray((design * weights) @ self._of_group)


def _prior(column: str, trusted: Collection[str]) -> float:
    arm, _, feature = column.partition(".")
    if feature.startswith("gain:"):
        return (_TRUSTED_GAIN if arm in trusted else _OTHER_GAIN) / len(CROSSES)  # one side of each cross counts
    if feature == "share":
        return _SHARES.get(arm, _TRUSTED_SHARE) if arm in trusted else _OTHER_SHARE
    return _FREE_PRIOR.get(column.partition(":")[0], 0.0)


def _source_features(hits: Sequence[Hit]) -> Array:
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    positive = np.maximum(scores, 0.0)
    best = positive.max()
    gains = 1 / np.log2(1 + np.arange(1, len(hits) + 1))
    return np.stack([gains, positive / best if best > 0 else positive, np.log1p(positive) / 3], axis=1)
