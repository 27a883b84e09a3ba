"""Write obd_fixtures.json: the Open Bandit Dataset's sample, and what Open Bandit Pipeline estimates on it.

The sample (Saito et al. 2021, CC BY 4.0) comes with obp: 10,000 rows of each campaign under uniform choice, and 10,000
under Bernoulli Thompson sampling. Uniform choice has one propensity, so counts of each item and position are all that
estimates depend on. This is no test and runs in an environment of its own, from this folder; torch, which obp imports,
need not be there:

    python -m venv /tmp/obp && /tmp/obp/bin/pip install --no-deps obp==0.4.1
    /tmp/obp/bin/pip install numpy scipy scikit-learn pandas pyyaml tqdm
    /tmp/obp/bin/python make_obd_fixtures.py
"""

import csv
import json
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import yaml

SPEC = find_spec("obp")
ROOT = Path((SPEC.submodule_search_locations or [])[0]) if SPEC else Path()
FILE = Path(__file__).with_name("obd_fixtures.json")
POSITIONS, DRAWS, BATCH = 3, 100_000, 1_000


def rows(policy: str, campaign: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return items, positions from 0, clicks and propensities of a log."""
    with (ROOT / "dataset" / "obd" / policy / campaign / f"{campaign}.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    names = ("item_id", "position", "click", "propensity_score")
    item, position, click, chance = (np.array([float(row[name]) for row in read]) for name in names)
    return item.astype(int), position.astype(int) - int(position.min()), click, chance


def target(campaign: str) -> np.ndarray:
    """Return P(item, position) under the priors with which Thompson sampling began, drawn as obp draws it."""
    prior = yaml.safe_load((ROOT / "policy" / "conf" / "prior_bts.yaml").read_text(encoding="utf-8"))[campaign]
    rng = np.random.default_rng(12345)
    counts = np.zeros((len(prior["alpha"]), POSITIONS), dtype=int)
    for _ in range(DRAWS // BATCH):
        best = np.argsort(-rng.beta(prior["alpha"], prior["beta"], (BATCH, len(counts))), axis=1)
        for position in range(POSITIONS):
            counts[:, position] += np.bincount(best[:, position], minlength=len(counts))
    return counts


def case(campaign: str) -> dict[str, Any]:
    """Return what was shown and clicked under uniform choice, the target, and obp's estimates of it."""
    from obp.ope.estimators import (  # noqa: PLC0415  # where torch is stood in for
        InverseProbabilityWeighting,
        SelfNormalizedInverseProbabilityWeighting,
    )

    item, position, click, chance = rows("random", campaign)
    counts = target(campaign)
    shown, clicked = np.zeros_like(counts), np.zeros_like(counts)
    np.add.at(shown, (item, position), 1)
    np.add.at(clicked, (item, position), click.astype(int))
    given = {
        "reward": click,
        "action": item,
        "pscore": chance,
        "action_dist": np.repeat(counts[None] / DRAWS, len(item), axis=0),
        "position": position,
    }
    return {
        "shown": shown.tolist(),
        "clicked": clicked.tolist(),
        "target": counts.tolist(),
        "estimates": {
            "ips": float(InverseProbabilityWeighting().estimate_policy_value(**given)),
            "snips": float(SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**given)),
        },
        "own log": {"rows": len(rows("bts", campaign)[2]), "clicks": int(rows("bts", campaign)[2].sum())},
    }


def stand_in() -> None:
    """Let obp's estimators be imported without what its other parts import."""
    for name in ("obp", "obp.ope"):
        package = ModuleType(name)
        package.__path__ = [str(ROOT.parent / name.replace(".", "/"))]
        sys.modules[name] = package
    if find_spec("torch") is None:
        torch = ModuleType("torch")
        torch.__spec__ = ModuleSpec("torch", None)
        torch.Tensor = type("Tensor", (), {})  # type: ignore[attr-defined]
        sys.modules["torch"] = torch


if __name__ == "__main__":
    stand_in()
    FILE.write_text(json.dumps({name: case(name) for name in ("all", "men", "women")}) + "\n", encoding="utf-8")
