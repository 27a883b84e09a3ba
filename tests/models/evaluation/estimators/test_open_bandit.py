"""Real logs with real propensities: the Open Bandit Dataset's sample, and Open Bandit Pipeline's estimates on it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltrr.models.evaluation.estimators import estimators
from ltrr.models.evaluation.estimators.estimate import Overlap, Verdict, estimate
from ltrr.models.evaluation.estimators.samples import Samples

OBD: Mapping[str, Any] = json.loads(Path(__file__).with_name("obd_fixtures.json").read_text())


def samples(case: Mapping[str, Any]) -> Samples:
    """Return the rows of a uniform log, whose one arm has a level for each item."""
    shown, clicked = np.array(case["shown"]), np.array(case["clicked"])
    target = np.array(case["target"]) / np.sum(case["target"], axis=0)
    items, positions = (np.repeat(place.ravel(), shown.ravel()) for place in np.indices(shown.shape))
    rewards = np.concatenate(
        [np.arange(count) < clicks for count, clicks in zip(shown.ravel(), clicked.ravel(), strict=True)]
    )
    count, marginals = len(items), np.full((len(items), 1, len(shown)), 1 / len(shown))
    return Samples(
        keys=np.random.default_rng(0).permutation(count).astype(np.uint64),
        contexts=np.ones((count, 1)),
        levels=items[:, None],
        rewards=rewards.astype(np.float64),
        joints=marginals[:, 0, 0],
        marginals=marginals,
        target_joints=target[items, positions],
        target_marginals=target.T[positions][:, None, :],
        inverses=np.zeros_like(marginals),
    )


@pytest.mark.parametrize("campaign", OBD)
def test_thompson_sampling_from_a_uniform_log(campaign: str):
    """Estimates equal those of Open Bandit Pipeline, and their intervals hold what the policy earned by itself."""
    case = OBD[campaign]
    logged = samples(case)
    assert len(logged) == 10_000
    earned = case["own log"]["clicks"] / case["own log"]["rows"]
    overlap = Overlap.of(logged, ["item"])
    for name, value in case["estimates"].items():
        found = estimate(estimators()[name](), logged, overlap)
        assert found.value == pytest.approx(value, abs=1e-9), name
        assert found.bootstrap.low < earned < found.bootstrap.high, name
        assert found.verdict in {Verdict.SAME, Verdict.NONE}  # with 40 clicks nobody can tell
