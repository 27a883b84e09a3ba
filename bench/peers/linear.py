"""Other libraries' linear bandits as players of the world, each used as its own documentation says.

What they have of LinUCB and LinTS is not that of the papers, which `textbook` has: River's `alpha` is the prior's
precision, so it hardly explores; MABWiser draws once for all arms.
"""

import numpy as np
from mabwiser.mab import MAB, LearningPolicy
from river import bandit

from ltrr.bench.peers.single_arms import SingleArm
from ltrr.bench.world.play import Visit
from ltrr.bench.world.visits import CONTEXT_NAMES
from ltrr.models.plans.plan import PlanRules
from ltrr.models.statistics.least_squares import Array


class RiverLinUcb(SingleArm):
    """River's LinUCBDisjoint."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._policy = bandit.LinUCBDisjoint(seed=seed)
        self._arms: list[bandit.base.ArmID] = list(range(len(rules.arms)))

    def pull(self, vector: Array, visit: int) -> int:  # noqa: ARG002  # it counts by itself
        """Return the arm with the highest upper confidence bound."""
        return int(self._policy.pull(self._arms, context=_named(vector)))

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Update the arm."""
        self._policy.update(arm, _named(visit.vector), net)  # type: ignore[no-untyped-call]


class MabWiserLinTs(SingleArm):
    """MABWiser's linear Thompson sampling, taught in batches of 20."""

    def __init__(self, rules: PlanRules, price_weight: float, seed: int) -> None:
        super().__init__(rules, price_weight)
        self._arms = list(range(len(rules.arms)))
        self._mab = MAB(self._arms, LearningPolicy.LinTS(alpha=0.3), seed=seed)
        self._waiting: list[tuple[int, float, Array]] = []
        self._fitted = False

    def pull(self, vector: Array, visit: int) -> int:
        """Return the best arm under drawn parameters; each arm in turn before the first fit."""
        return int(self._mab.predict(vector[None, :])) if self._fitted else visit % len(self._arms)

    def learn(self, visit: Visit, arm: int, net: float) -> None:
        """Update the arms once there are enough pages."""
        self._waiting.append((arm, net, visit.vector))
        if len(self._waiting) == 20:  # noqa: PLR2004
            arms, nets, vectors = zip(*self._waiting, strict=True)
            fit = self._mab.partial_fit if self._fitted else self._mab.fit
            fit(list(arms), list(nets), np.array(vectors))
            self._fitted = True
            self._waiting.clear()


def _named(vector: Array) -> dict[str, float]:
    return dict(zip(CONTEXT_NAMES, vector.tolist(), strict=True))
