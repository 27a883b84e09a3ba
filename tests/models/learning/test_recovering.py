"""After a switch of the world, who forgets faster is right again sooner."""

import numpy as np
import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.statistics.decay import Change, Decay

RULES = PlanRules((Arm("alpha"), Arm("beta")), ladder=(0, 5))
HALF_LIFE_S, SWITCH_S = 10_000.0, 20_000.0


def wrong_after_switch(seed: int, decay: Decay) -> int:
    """Return after how many decisions the arm that has become the worse one was last thought the better one.

    A decision every 20 s; the arms change places at SWITCH_S.
    """
    rng = np.random.default_rng(seed)
    model = RewardModel(RULES, ("bias",), 2.0)
    model.reschedule(decay)
    last, step_s = 0, 20.0
    for time_s in np.arange(0.0, 3 * SWITCH_S, step_s):
        worth = (0.3, 0.1) if time_s < SWITCH_S else (0.1, 0.3)
        credit = Credit(("alpha", "beta"), (1, 1), rng.normal(worth, 0.1), float(time_s))
        model.learn_one({"bias": 1.0}, credit)
        if time_s >= SWITCH_S:
            alpha, beta = model.predict(np.ones(1))[:, 1]
            if alpha > beta:
                last = int((time_s - SWITCH_S) / step_s)
    return last


@pytest.mark.whole
def test_faster_forgetting_recovers_sooner():
    """With a tenth of the half-life, soon after the switch, the better arm is seen in under half the time."""
    faster = Decay(HALF_LIFE_S, (Change(SWITCH_S + 500.0, HALF_LIFE_S / 10),))
    for seed in range(3):
        slow, fast = (wrong_after_switch(seed, decay) for decay in (Decay(HALF_LIFE_S), faster))
        assert 0 < fast < slow / 2, (fast, slow)
