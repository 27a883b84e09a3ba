"""Reward beside the baseline's: the interval covers the truth, sums are exact, and no verdict is hasty."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.baseline.page import BASELINE, COLUMNS, SIDES, UNLEARNED, BaselinePage
from ltrr.models.baseline.regret import BaselineRegret, Difference, Standing
from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.state.records import RecordKey, read_record, write_record
from ltrr.models.state.state import State
from ltrr.models.statistics.decay import Decay
from ltrr.models.statistics.snapshot import Snapshot
from tests.models.learning.test_fold import learned
from tests.models.logs import LEARNING, START_S, impression, partition_log

KEY = RecordKey("baseline", "default")
RULES = PlanRules((Arm("a", ("t:a",)), Arm("b", ("t:b",))), ladder=(0, 3), baseline=(1, 0))
CURVE = np.array([1.0, 0.6, 0.4])
CHANCES = ((0.3, 0.7), (0.4, 0.6))
PRICE_WEIGHT = 0.02
TOO_LOW = 0.4  # are the estimates of the ranker


def simulate(
    rng: np.random.Generator, pages: int, quality: float, eagerness: float = 1.0, side: str = BASELINE
) -> tuple[Difference | None, float]:
    """Return the estimate and the truth of a world where `b` finds things of some quality, and the ranker is wrong.

    On the first day the order was chance.
    """
    regret, true = BaselineRegret(RULES.budgets(RULES.baseline), Decay()), 0.0
    (days,) = rng.spawn(1)
    for _ in range(pages):
        of = np.concatenate([rng.random(3) * 0.5, rng.random(3) * 0.5 * quality]) * eagerness
        scores = of + rng.normal(0, 0.2, 6) + 0.1 * (np.arange(6) > 2)  # those of b
        levels = tuple(int(rng.random() < chance) for _, chance in CHANCES)
        order = [row for row in np.argsort(-scores) if levels[row // 3]]
        candidates = tuple(
            Candidate(
                f"e{row}",
                (Source("ab"[row // 3], row % 3 + 1, 1.0),),
                float(scores[row]),
                estimate=float(of[row] * TOO_LOW),
                position=place + 1 if place < 3 else None,
            )
            for place, row in enumerate(order)
        )
        price = RULES.price(levels)
        decision = Decision("igw", "v1", 0, ("a", "b"), RULES.ladder, levels, CHANCES, 0.2, 0, price, 2)
        curve = tuple(CURVE.tolist())
        first_day = days.permutation(3)
        page = Impression("q", 0.0, "q", "q", page_size=3, decision=decision, candidates=candidates, curve=curve)
        page = replace(page, unlearned=tuple(f"e{row}" for row in first_day) if levels[0] else ())
        beside = BaselinePage.of(page, decision, RULES)
        assert beside is not None
        looked = rng.random(3) < CURVE
        taken = [row for place, row in enumerate(order[:3]) if looked[place] and rng.random() < of[row]]
        regret.learn_one(beside.row({f"e{row}": 1.0 for row in taken}), 0.0)
        best = np.argsort(-scores[:3]) if side == BASELINE else first_day
        true += CURVE[: len(order[:3])] @ of[order[:3]] - CURVE @ of[best] - PRICE_WEIGHT * (price - 1.0)
    return regret.difference(PRICE_WEIGHT, side), true / pages


@pytest.mark.whole
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("quality", [0.3, 1.5])
def test_the_interval_covers_the_truth(quality: float, side: str):
    """In 95 worlds of 100, whether the plans drawn are worse or better than the baseline, and without bias."""
    rng = np.random.default_rng(5)
    worlds = [simulate(rng, 200, quality, side=side) for _ in range(40)]
    errors = [found.value - true for found, true in worlds if found is not None]
    assert len(errors) == len(worlds)
    covered = np.mean([found.low <= true <= found.high for found, true in worlds if found is not None])
    assert covered >= 0.9
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(len(errors))


def test_nothing_is_said_of_visitors_who_never_act():
    """However good the ranker takes what the baseline would have shown to be."""
    found, _ = simulate(np.random.default_rng(1), 300, 1.0, eagerness=0.0)
    assert found is None


def test_what_was_learned_is_told_from_what_plans_bring():
    """Where all plans hold the baseline's lists, the order that was learned is the difference to the first day."""
    rng = np.random.default_rng(3)
    beside_day, true = simulate(rng, 1_600, 0.3, side=UNLEARNED)
    beside_plan, _ = simulate(rng, 1_600, 0.3)
    assert beside_day is not None
    assert beside_plan is not None
    assert beside_day.low <= true <= beside_day.high
    assert beside_day.low > beside_plan.high


def test_few_pages_have_no_verdict():
    """What would be needed is said; without a baseline, that there is none."""
    assert "not enough pages that tell of the baseline: 0 of 50" in str(BaselineRegret({"a": 3}, Decay()).doubt())
    assert BaselineRegret({}, Decay()).doubt() == "there is no baseline"
    assert simulate(np.random.default_rng(1), 30, 1.0)[0] is None


def test_what_matters_goes_with_what_the_baseline_earns():
    """Twice the reward on each page of the baseline, twice the difference that is a reason to do anything."""
    least = []
    for reward in (0.2, 0.4):
        watched = BaselineRegret({"a": 3}, Decay(half_life_s=1e7))
        told = {"pages": 1.0, "baseline_weight": 1.0, "seen": reward, "baseline_seen": reward, "expected": 1.0}
        for _ in range(60):
            watched.learn_one(np.array([told.get(name, 0.0) for name in COLUMNS]), 0.0)
        least.append(watched.difference(0.0).matters)
    assert least == pytest.approx([0.02 * 0.2, 0.02 * 0.4])


def test_what_is_short_of_enough_is_not_rounded_up():
    """Pages that have faded a little below what is needed are said to be fewer than that."""
    watched = BaselineRegret({"a": 3}, Decay(half_life_s=1e7))
    row = np.array([1.0 if name in ("pages", "baseline_weight") else 0.0 for name in COLUMNS])
    for _ in range(50):
        watched.learn_one(row, 0.0)
    watched.products *= 1.0001
    assert watched.doubt() == "not enough pages that tell of the baseline: 49 of 50"


def regret(fold: Fold, application: str = "default") -> BaselineRegret:
    """Return what a fold has learned beside the baseline."""
    return fold.state.applications[application].regret


@pytest.mark.parametrize("seed", range(3))
def test_the_seeded_logs_tell_of_the_baseline(seed: int):
    """So that the tests of interleavings, restarts and partitions mean something."""
    applications = learned(partition_log(seed)).state.applications.values()
    assert np.any([application.regret.sums for application in applications], axis=0).all()


def test_a_like_after_a_click_adds_the_difference():
    """Whatever came before, the sums are those of the largest weight, and the record goes out."""
    page = replace(impression(np.random.default_rng(3), "q", START_S), application="default")
    (first, *_) = page.looks()
    folds = []
    for names in (("click", "like", "click"), ("like",), ()):
        fold = Fold(LEARNING)
        fold.absorb_impressions(0, START_S, [page])
        fold.changed.clear()
        for offset, name in enumerate(names):
            fold.absorb_actions(offset, START_S + 9, [Action("q", first, name, START_S + 5)])
        assert (KEY in fold.changed) == bool(names)
        folds.append(regret(fold))
    both, alone, silent = folds
    np.testing.assert_allclose(both.sums, alone.sums, rtol=1e-12)
    np.testing.assert_allclose(both.products, alone.products, rtol=1e-12, atol=1e-15)
    at = COLUMNS.index("seen")
    assert alone.sums[at] > silent.sums[at] == 0


def test_planned_pages_that_say_nothing_lower_the_share():
    """An engine did not answer: such a page is planned, and not compared, whatever is done on it."""
    page = replace(impression(np.random.default_rng(3), "q", START_S), application="default")
    fold = Fold(LEARNING)
    failed = replace(page, query_id="r", failures=("text",))
    fold.absorb_impressions(0, START_S, [page, failed, replace(page, query_id="s", decision=None)])
    for offset, query_id in enumerate(("r", "s")):
        fold.absorb_actions(offset, START_S + 9, [Action(query_id, next(iter(page.looks())), "click", START_S + 5)])
    watched = regret(fold)
    assert (watched.planned, watched.pages, watched.share) == (2.0, 1.0, 0.5)


def test_sums_beside_another_baseline_are_not_taken_over():
    """A record comes back as it was, and is left out where the baseline has changed."""
    fold = learned(partition_log(1))
    key = RecordKey("baseline", "shop0")
    record = write_record(fold.state, key)
    other = replace(LEARNING, rules=replace(LEARNING.rules, baseline=(1, 1, 1)))
    for learning, same in ((LEARNING, True), (other, False)):
        state = State(learning)
        read_record(state, key, record)
        read = state.application("shop0").regret
        assert read.is_empty() != same
        assert np.array_equal(read.products, regret(fold, "shop0").products) == same


def test_sums_of_other_columns_are_not_taken_over():
    """What another version has compared costs nothing else of what was learned: the comparison begins anew."""
    fold = learned(partition_log(1))
    key = RecordKey("baseline", "shop0")
    record = write_record(fold.state, key)
    state = State(LEARNING)
    read_record(state, key, Snapshot("baseline", record.meta, [record.arrays[0][:8], record.arrays[1][:8, :8]]))
    assert state.application("shop0").regret.is_empty()


def test_the_baseline_itself_is_exactly_even():
    """Where every plan is the baseline nothing is left to chance: 0, and no more doubt."""
    sums = BaselineRegret({"a": 3}, Decay(3600.0))
    rng = np.random.default_rng(2)
    for number in range(80):
        acted = float(rng.integers(2))
        sums.learn_one(
            np.array([1.0, 1.0, acted, 0.3, 0.1, 0.0, *(1.0, acted, 0.1) * len(SIDES)]), START_S + 60 * number
        )
    found = sums.difference(PRICE_WEIGHT)
    assert found is not None
    assert [found.value, found.low, found.high] == pytest.approx([0, 0, 0], abs=1e-7)


@pytest.mark.parametrize(
    ("low", "high", "standing"),
    [
        (0.01, 0.03, Standing.BETTER),
        (-0.01, 0.03, Standing.ALIKE),
        (-0.02, -0.01, Standing.ALIKE),
        (-0.03, 0.01, Standing.UNDECIDED),
        (-0.04, -0.01, Standing.UNDECIDED),
        (-0.04, -0.03, Standing.WORSE),
    ],
)
def test_the_whole_interval_says_how_searches_stand(low: float, high: float, standing: Standing):
    """Only a loss that surely matters is worse, and one that may is undecided, whatever the estimate."""
    assert Difference((low + high) / 2, low, high, matters=0.02).standing is standing
