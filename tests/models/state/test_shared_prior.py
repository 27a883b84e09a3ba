"""The shared prior: what others have learned together, in whatever parts, outweighed by what is one's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.rewards.call_history import HISTORY_NAMES
from ltrr.models.state.shared_prior import SharedPrior
from ltrr.models.state.state import ApplicationState, State, merge
from tests.models.learning.test_fold import learned
from tests.models.logs import LEARNING, START_S, impression, partition_log
from tests.models.states import assert_equal

FEATURES = len(LEARNING.context_names) + len(HISTORY_NAMES)


@dataclass
class Parts:
    """Applications in parts of several partitions, as a follower holds them."""

    partitions: list[State]
    order: int = 1
    revision: int = 0
    merged: dict[str, ApplicationState] = field(default_factory=dict)

    def application(self, name: str) -> ApplicationState:
        """Return the sum of an application's parts."""
        if name not in self.merged:
            parts = [state.applications[name] for state in self.partitions if name in state.applications]
            self.merged[name] = reduce(ApplicationState.__add__, parts, ApplicationState.empty(LEARNING))
        return self.merged[name]

    def others(self, name: str) -> Sequence[ApplicationState]:
        """Return the parts of all others."""
        parts = [part for state in self.partitions for other, part in state.applications.items() if other != name]
        return parts[:: self.order]


def partitions(count: int = 3) -> list[State]:
    """Return what partitions have learned for two shops."""
    return [learned(partition_log(seed)).state for seed in range(count)]


def weights(state: ApplicationState) -> np.ndarray:
    """Return the weights of all models of an application, one after the other."""
    return np.concatenate([state.reward_model.weights.ravel(), state.ranker.weights.ravel()])


def test_one_application_alone_is_as_without():
    """Without siblings the application itself is served, bit by bit; so it is with idle siblings."""
    (state,) = partitions(1)
    del state.applications["shop1"]
    assert SharedPrior(state).application("shop0") is state.application("shop0")
    expected = weights(state.application("shop0"))
    state.application("idle")
    assert np.array_equal(weights(SharedPrior(state).application("shop0")), expected)


def test_a_new_application_has_what_the_others_learned_together():
    """Before its first event an application's weights are those of one that has learned what all others have."""
    state = merge(partitions(), LEARNING)
    both = state.application("shop0") + state.application("shop1")
    fresh = SharedPrior(state).application("new")
    np.testing.assert_allclose(weights(fresh), weights(both), rtol=0, atol=1e-9)
    assert np.abs(weights(both)).max() > 0.1
    assert fresh.reward_model.decisions == 0, "how greedy a policy is follows from its own decisions"


def test_an_own_event_counts_once():
    """The prior leaves the application's own statistics out: the mean solves own sums around the others' mean."""
    state = merge(partitions(), LEARNING)
    shown = SharedPrior(state).application("shop0").reward_model
    for arm, steps in state.application("shop0").reward_model.regressors.items():
        others = state.application("shop1").reward_model.regressors[arm]
        for served, step, other in zip(shown.regressors[arm], steps, others, strict=True):
            own = step.statistics
            precision = own.moment + LEARNING.reward_precision * np.eye(FEATURES)
            expected = np.linalg.solve(precision, own.response + LEARNING.reward_precision * other.weights)
            np.testing.assert_allclose(served.weights, expected, rtol=0, atol=1e-9)
            assert np.array_equal(served.spread, step.spread), "the prior is as sure as without others"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_parts_and_their_order_change_nothing(count: int):
    """One state, or its parts in either order, give the same weights to 1e-9."""
    states = partitions(count)
    expected = weights(SharedPrior(merge(states, LEARNING)).application("shop1"))
    for order in (1, -1):
        np.testing.assert_allclose(
            weights(SharedPrior(Parts(states, order)).application("shop1")), expected, rtol=0, atol=1e-9
        )


def test_own_data_outweighs_the_others():
    """With a thousand times its own data an application is as near to what it would be alone as a prior allows."""
    state = merge(partitions(), LEARNING)

    def gap() -> float:
        shown, alone = SharedPrior(state).application("shop0"), state.application("shop0")
        inputs = alone.reward_model.inputs({"bias": 1.0})
        return float(np.abs(shown.reward_model.predict(inputs) - alone.reward_model.predict(inputs)).max())

    before = gap()
    for steps in state.application("shop0").reward_model.regressors.values():
        for step in steps:
            one = step.statistics
            one.moment *= 1000
            one.response *= 1000
            step.restore(one)
    assert before > 1e-3
    assert gap() < before / 20


def test_what_is_learned_is_seen_and_nothing_is_changed():
    """A fold that learns on shows in the next answer, and learns what it does without a shared prior."""
    rng = np.random.default_rng(3)
    fold, plain = Fold(LEARNING), Fold(LEARNING)
    shared = SharedPrior(fold.state)
    seen = []
    for number in range(30):
        page = impression(rng, f"q{number}", START_S + number)
        for one in (fold, plain):
            one.absorb_impressions(number, START_S + number, [page])
        assert shared.revision == number + 1
        seen.append(weights(shared.application("shop0")).tobytes())
        assert shared.application("shop0") is shared.application("shop0")
    assert len(set(seen)) > 20
    assert_equal(fold.state, plain.state, START_S, START_S + 30)


def test_memory_and_profiles_stay_the_applications_own():
    """Nothing of a query, an entity or a user goes from one application to another."""
    state = merge(partitions(), LEARNING)
    shown, own = SharedPrior(state).application("shop0"), state.application("shop0")
    assert shown.memory is own.memory
    assert shown.profiles is own.profiles
    assert not SharedPrior(state).application("new").memory.queries
