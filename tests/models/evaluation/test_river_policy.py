"""Our policies as River's: River's own evaluations run on them."""

from types import SimpleNamespace

import numpy as np
import pytest
from river import bandit, stats

from ltrr.models.evaluation.river_policy import RiverPolicy
from ltrr.models.policies import policies
from ltrr.models.policies.base import PolicyOptions

ARMS = ["umbrella", "hat", "gloves"]
OPTIONS = PolicyOptions(budgets={"hat": 1}, exploration=0.06)


def history(seed: int, count: int = 3000):
    """Return logs of a uniform policy: the umbrella earns in the rain, the hat in the sun, gloves now and then."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        context, arm = {"rainy": float(rng.random() < 0.5)}, ARMS[rng.integers(3)]
        worth = {"umbrella": 0.9 * context["rainy"], "hat": 0.9 * (1 - context["rainy"]), "gloves": 0.3}
        yield ARMS, context, arm, float(rng.random() < worth[arm])


class ThreeArms:
    """An environment as River's `evaluate` asks for it: arm 2 earns most, 200 steps."""

    def __init__(self) -> None:
        self.action_space = SimpleNamespace(n=3, seed=lambda _seed: None)

    def reset(self, seed: int):
        """Start again."""
        self._rng = np.random.default_rng(seed)
        self._left = 200

    def step(self, arm: int):
        """Pull an arm."""
        self._left -= 1
        return None, float(self._rng.random() < (0.1, 0.2, 0.8)[arm]), self._left == 0, False, {}


@pytest.mark.whole
@pytest.mark.parametrize("name", policies())
def test_rivers_offline_evaluation_runs_on_every_policy(name: str):
    """Those that learn what they do come near the best of each context; the others stay at what they are."""
    policy = RiverPolicy(name, ("rainy",), 1, OPTIONS)
    reward, used = bandit.evaluate_offline(policy, history(1), stats.Mean())
    assert 700 < used < 1300
    assert isinstance(policy, bandit.base.ContextualPolicy)
    expected = {"static": (0.4, 0.5), "apprentice": (0.4, 0.5), "uniform": (0.35, 0.45)}.get(name, (0.75, 0.92))
    assert expected[0] < reward.get() < expected[1]


@pytest.mark.whole
def test_rivers_evaluation_runs_on_every_policy():
    """River's `evaluate`, which clones policies and passes no context, gives the same trace twice, and they learn."""
    names = list(policies())
    traces = []
    for _ in range(2):
        shown = [
            RiverPolicy(name, seed=2, options=PolicyOptions(exploration=0.15, greed=5.0, budgets={"1": 1}))
            for name in names
        ]
        traces.append(list(bandit.evaluate(shown, ThreeArms(), n_episodes=2, seed=7)))
    assert traces[0] == traces[1]
    assert len(traces[0]) == 2 * 200 * len(names)
    total = {names[step["policy_idx"]]: step["reward_stat"] for step in traces[0]}
    assert total["static"] < 70
    assert total["uniform"] < 110
    assert min(total[name] for name in ("igw", "epsilon", "thompson")) > 112


def test_probabilities_are_exact():
    """They sum to 1, and arms are pulled as often as they say; asking changes nothing."""
    policy = RiverPolicy("igw", ("rainy",), 3)
    for _, context, arm, reward in history(2, 60):
        policy.update(arm, context, reward)
    expected = policy.probabilities(ARMS, {"rainy": 1.0})
    assert sum(expected.values()) == pytest.approx(1.0)
    pulled = [policy.pull(ARMS, {"rainy": 1.0}) for _ in range(800)]
    assert policy.probabilities(ARMS, {"rainy": 1.0}) == expected
    for arm, probability in expected.items():
        assert pulled.count(arm) / 800 == pytest.approx(probability, abs=0.05)


def test_an_arm_keeps_what_it_learned_among_others():
    """Arms may come and go: what was learned of one holds whichever others can be pulled."""
    policy = RiverPolicy("igw", (), 4)
    for _ in range(200):
        policy.update("hat", None, 1.0)
        policy.update("gloves", None, 0.0)
    assert policy.probabilities(["gloves", "hat"])["hat"] > 0.9
    assert policy.probabilities(["new", "hat"])["hat"] > 0.9


def test_clones_start_afresh():
    """A clone has the options and nothing learned."""
    policy = RiverPolicy("epsilon", ("rainy",), 5, OPTIONS, burn_in=1)
    policy.update("hat", {"rainy": 1.0}, 1.0)
    clone = policy.clone()
    assert (clone.policy, clone.seed, clone.options, clone.burn_in) == ("epsilon", 5, OPTIONS, 1)
    assert clone.probabilities(ARMS)["hat"] < policy.probabilities(ARMS)["hat"]
    assert clone.pull(ARMS, None) == "umbrella"
