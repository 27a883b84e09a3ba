"""Drift is found where an arm's worth changes, not where queries or the model do, and changes nothing."""

from collections import deque

import numpy as np
import pytest
from river.drift import ADWIN

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.drift import DELTA, Drift, _Detector
from ltrr.models.rewards.reward_model import RewardModel
from tests.models.learning.test_fold import absorb
from tests.models.logs import LEARNING, START_S, partition_log

RULES = PlanRules((Arm("steady"), Arm("switching")), ladder=(0, 10))
NAMES = ("bias", "long")
CHANCE = 0.3
"""Of an action: the other pages are worth nothing, so the noise of one decision is larger than what an arm is worth."""


def watched(seed: int, decisions: int, switch: int | None = None, share_long: float = 0.5) -> dict[str, list[int]]:
    """Return at which decisions drift was found, of a stream in which credit is final 200 decisions later.

    Long queries are worth twice as much. From `switch` on one arm is worth a third, and four of five queries are long.
    """
    rng = np.random.default_rng(seed)
    model, drift = RewardModel(RULES, NAMES, 2.0), Drift()
    waiting: deque[tuple[Credit, dict[str, float]]] = deque()
    found: dict[str, list[int]] = {"steady": [], "switching": []}
    for number in range(decisions):
        switched = switch is not None and number >= switch
        long = float(rng.random() < (0.8 if switched else share_long))
        worth = np.array([0.3, 0.1 if switched else 0.3]) * (1 + long)
        credit = Credit(RULES.names, (1, 1), worth / CHANCE * (rng.random(2) < CHANCE), float(number))
        context = {"bias": 1.0, "long": long}
        waiting.append((credit, drift.expect("shop", model, context, credit)))
        model.learn_one(context, credit)
        if len(waiting) > 200:
            before = drift.changes.copy()
            drift.observe("shop", *waiting.popleft())
            for arm in drift.changes - before:
                found[arm].append(number)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_switch_is_found_once(seed: int) -> None:
    """The arm that loses two thirds of its worth is found within 600 decisions, the other not at all."""
    found = watched(seed, 4000, switch=2000)
    assert len(found["switching"]) == 1
    assert 2200 < found["switching"][0] <= 2600
    assert not found["steady"], "the mix of queries changed, not this arm's worth"


@pytest.mark.whole
def test_a_stationary_stream_raises_no_alarm() -> None:
    """A cold model that learns raises no alarm, nor do 8 streams of 4000 decisions of two arms."""
    alarms = [number for seed in range(8) for at in watched(seed, 4000).values() for number in at]
    assert not alarms


def test_applications_are_watched_apart() -> None:
    """Tenants that differ in what an arm is worth to them are no change."""
    drift, model = Drift(), RewardModel(RULES, NAMES, 2.0)
    for number in range(2000):
        credit = Credit(("steady",), (1,), np.array([float(number % 2)]), 0.0)
        application = f"shop{number % 2}"
        drift.observe(application, credit, drift.expect(application, model, {"bias": 1.0}, credit))
    assert not drift.changes


class Ledger(Drift):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.expected = self.observed = 0

    def expect(self, *told: object) -> dict[str, float]:
        """Count a decision."""
        self.expected += 1
        return super().expect(*told)  # type: ignore[arg-type]

    def observe(self, *told: object) -> None:
        """Count a decision whose credit is final."""
        self.observed += 1
        super().observe(*told)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(2))
def test_a_fold_tells_of_each_decision_once_and_learns_the_same(seed: int) -> None:
    """Each decision is told once it is made, and once more when nothing can come for it; state is bit-equal."""
    log, ledger = partition_log(seed), Ledger()
    plain, told = absorb(Fold(LEARNING), log), absorb(Fold(LEARNING, ledger), log)
    assert plain.state.counts == told.state.counts
    assert {key: plain.write(key) for key in plain.keys()} == {key: told.write(key) for key in told.keys()}  # noqa: SIM118
    decisions = sum(a.reward_model.decisions for a in told.state.applications.values())
    assert ledger.expected == decisions >= ledger.observed > 0  # a log may end with no page open
    told.read_past(START_S + 1e6, START_S + 1e6)
    empty_plans = decisions - ledger.observed
    assert 0 <= empty_plans < decisions / 5, "a plan whose arms were all off has nothing to compare"


def test_a_restart_passes_over_what_it_has_learned() -> None:
    """Pages that were learned before a restart have been learned by the model: they are not compared."""
    log = partition_log(1)[:40]
    before, ledger = absorb(Fold(LEARNING), log), Ledger()
    after = Fold(LEARNING, ledger)
    for key in before.keys():  # noqa: SIM118
        after.read(key, before.write(key))
    after.warm((message.recorded_s, message.events) for message in log)
    assert after.join.open_pages
    after.read_past(START_S + 1e6, START_S + 1e6)
    assert not after.join.open_pages
    assert ledger.observed == ledger.expected == 0


def test_the_detector_is_that_of_river() -> None:
    """What is called without River's package finds what its detector finds, and has the same means."""
    rng = np.random.default_rng(7)
    ours, theirs = _Detector(DELTA), ADWIN(DELTA)
    for number in np.concatenate([rng.normal(mean, 1.0, size=600) for mean in (0.0, 1.0, 1.0, -1.0)]).tolist():
        assert ours.estimation == theirs.estimation
        theirs.update(number)
        assert ours.update(number) == theirs.drift_detected
    assert theirs.n_detections or theirs.width < 1200
