"""Write obp_fixtures.json: small logs, and what Open Bandit Pipeline estimates on them.

Open Bandit Pipeline needs torch, so this is no test and runs in an environment of its own, from this folder:

    python -m venv /tmp/obp && /tmp/obp/bin/pip install obp==0.4.1 torch scikit-learn
    /tmp/obp/bin/python make_obp_fixtures.py

Every plan is one action of Open Bandit Pipeline. Its reward model is scikit-learn's ridge regression on features that
are written out here, so that ours is compared with another implementation too.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
from obp.ope import (
    DirectMethod,
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
)
from sklearn.linear_model import Ridge

ROWS, LEVELS, FOLDS, PRECISION = 40, 3, 5, 1.0
FILE = Path(__file__).with_name("obp_fixtures.json")


def features(plan: tuple[int, ...], context: np.ndarray) -> np.ndarray:
    """Return [x, 1{b_a = l} x for each arm a and level l above 0]."""
    parts = [context] + [context * (level == at) for level in plan for at in range(1, LEVELS)]
    return np.concatenate(parts)


def case(seed: int, arms: int) -> dict[str, Any]:
    """Return a log with independent arms, and the estimates on it."""
    rng = np.random.default_rng(seed)
    plans = list(itertools.product(range(LEVELS), repeat=arms))
    logged = rng.multinomial(14, [1 / LEVELS] * LEVELS, (ROWS, arms)) + 2
    target = rng.multinomial(20, [1 / LEVELS] * LEVELS, (ROWS, arms))
    logged, target = logged / logged.sum(axis=2, keepdims=True), target / target.sum(axis=2, keepdims=True)
    contexts = np.column_stack([np.ones(ROWS), rng.integers(0, 10, (ROWS, 2)) / 10])
    levels = np.array([[rng.choice(LEVELS, p=row) for row in rows] for rows in logged])
    rewards = rng.integers(0, 5, ROWS) / 4 - levels.sum(axis=1) / 50
    keys = rng.permutation(1000)[:ROWS]

    joint = {name: _joint(table, plans) for name, table in (("logged", logged), ("target", target))}
    action = np.array([plans.index(tuple(row)) for row in levels.tolist()])
    rows = np.array([features(tuple(plan), x) for plan, x in zip(levels.tolist(), contexts, strict=True)])
    every = np.array([[features(plan, x) for plan in plans] for x in contexts])
    fitted = Ridge(alpha=PRECISION, fit_intercept=False, solver="cholesky").fit(rows, rewards)
    given = {
        "reward": rewards,
        "action": action,
        "pscore": joint["logged"][np.arange(ROWS), action],
        "action_dist": joint["target"][:, :, None],
        "position": np.zeros(ROWS, dtype=int),
    }
    estimates = {
        "ips": InverseProbabilityWeighting().estimate_policy_value(**given),
        "snips": SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**given),
        "dm": DirectMethod().estimate_policy_value(
            **given, estimated_rewards_by_reg_model=(every @ fitted.coef_)[:, :, None]
        ),
    }
    if arms == 1:  # with one arm the pseudo-inverse weight is the propensity weight
        crossed = np.empty((ROWS, len(plans)))
        for fold in range(FOLDS):
            own = keys % FOLDS == fold
            model = Ridge(alpha=PRECISION, fit_intercept=False, solver="cholesky").fit(rows[~own], rewards[~own])
            crossed[own] = every[own] @ model.coef_
        doubly = DoublyRobust().estimate_policy_value(**given, estimated_rewards_by_reg_model=crossed[:, :, None])
        estimates |= {"dr_pi": doubly, "pi": estimates["ips"]}
    columns = {
        "keys": keys,
        "contexts": contexts,
        "levels": levels,
        "rewards": rewards,
        "marginals": logged,
        "target_marginals": target,
    }
    return {
        "columns": {name: column.tolist() for name, column in columns.items()},
        "estimates": {name: float(value) for name, value in estimates.items()},
    }


def _joint(table: np.ndarray, plans: list[tuple[int, ...]]) -> np.ndarray:
    arms = np.arange(table.shape[1])
    return np.stack([table[:, arms, plan].prod(axis=1) for plan in plans], axis=1)


if __name__ == "__main__":
    FILE.write_text(json.dumps({"one arm": case(1, 1), "three arms": case(2, 3)}) + "\n", encoding="utf-8")
