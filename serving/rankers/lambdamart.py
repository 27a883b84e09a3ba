"""LambdaMART by LightGBM, an extra: the only place that knows of it.

Positions are debiased by the logged probabilities of a look, as everything that learns here does it, and not by
LightGBM's `position` field: that one estimates the effect of a position from the same pages, where position and score
are nearly the same thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Final

import numpy as np

from ltrr.models.batch_ranking.groups import DEPTH, LABEL_GAINS, Groups
from ltrr.models.errors import InvalidSettings, SnapshotMismatch
from ltrr.models.ranking.batch_ranker import Scorer
from ltrr.models.statistics.least_squares import Array

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown. trees: at most; patience: trees without gain before it ends; leaves: of each tree."""

    trees: int = 300
    leaves: int = 15
    rate: float = 0.05
    least_in_leaf: int = 20
    patience: int = 30
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Grown:
    """A trained model. text: its weights; trees: how many; gains: feature -> share of all splits' gain, best first."""

    text: str
    trees: int
    gains: Mapping[str, float]


def train(learn: Groups, stop: Groups, names: tuple[str, ...], growth: Growth) -> Grown:
    """Grow trees on pages until their order of others (`stop`) gets no better. The same input gives the same trees.

    Raises InvalidSettings where LightGBM is missing.
    """
    lightgbm = _lightgbm()
    parameters = {
        "objective": "lambdarank",
        "metric": "ndcg",
        "eval_at": [DEPTH],
        "label_gain": list(LABEL_GAINS),
        # LightGBM divides the DCG of a page by the best one, and the weights of the page take that out again; the best
        # one is that of the truncation, and a further normalisation would change how much pages count
        "lambdarank_truncation_level": DEPTH,
        "lambdarank_norm": False,
        "learning_rate": growth.rate,
        "num_leaves": growth.leaves,
        "min_data_in_leaf": growth.least_in_leaf,
        "seed": growth.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    sets = [
        lightgbm.Dataset(part.features, part.labels, weight=part.weights, group=part.sizes, params=parameters)
        for part in (learn, stop)
    ]
    sets[1].set_reference(sets[0])
    booster = lightgbm.train(
        parameters,
        sets[0],
        growth.trees,
        valid_sets=[sets[1]],
        callbacks=[lightgbm.early_stopping(growth.patience, verbose=False)],
    )
    trees = booster.best_iteration
    gains = booster.feature_importance("gain", iteration=trees)
    total = float(gains.sum()) or 1.0
    best = np.argsort(-gains, kind="stable")[:_SHOWN]
    shares = {names[at]: float(gains[at]) / total for at in best if gains[at] > 0}
    return Grown(booster.model_to_string(num_iteration=trees), trees, shares)


def read_scorer(text: str, width: int) -> Scorer:
    """Return a model from its text. width: of the features that it is given.

    Raises InvalidSettings where LightGBM is missing, SnapshotMismatch where the text is no model of so many features.
    """
    lightgbm = _lightgbm()
    try:
        booster = lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise SnapshotMismatch(f"LightGBM cannot read the model ({error}): train it again") from error
    if booster.num_feature() != width:
        raise SnapshotMismatch(f"the model has {booster.num_feature()} features, not {width}: train it again")

    def score(features: Array) -> Array:
        # one thread: others would wait for processors that answer searches
        return np.asarray(booster.predict(features, raw_score=True, num_threads=1), dtype=np.float64)

    return score


def _lightgbm() -> ModuleType:
    try:
        import lightgbm  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise InvalidSettings("LambdaMART needs LightGBM: pip install '.[lambdamart]'") from None
    except OSError as error:
        message = f"LightGBM cannot be loaded ({error}): on Debian and Ubuntu `apt-get install libgomp1` helps"
        raise InvalidSettings(message) from None
    return lightgbm
