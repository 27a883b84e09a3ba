"""Plan rules: prices, caps and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import Arm, PlanRules

RULES = PlanRules(
    (Arm("fulltext", ("t:f",)), Arm("dense", ("v:d",)), Arm("hybrid", ("t:f", "v:d")), Arm("memory")),
    ladder=(0, 5, 10),
    max_calls=2,
    max_candidates=20,
    price_per_call=1.0,
    price_per_candidate=0.1,
)


def test_shared_calls_count_once():
    """A plan's calls are its distinct sub-requests: hybrid beside what it fuses adds none."""
    assert RULES.calls((1, 1, 1, 1)) == 2
    assert RULES.calls((0, 0, 2, 0)) == 2
    assert RULES.calls((0, 0, 0, 2)) == 0


def test_price_is_calls_and_candidates():
    """A plan costs its distinct calls and all its candidates."""
    assert RULES.price((1, 0, 2, 0)) == pytest.approx(2 * 1.0 + 15 * 0.1)
    assert RULES.price((0, 0, 0, 0)) == 0.0


def test_arm_prices_are_those_of_an_arm_alone():
    """Each arm's price at each level is that of the plan that runs it alone."""
    for arm in range(4):
        for level in range(3):
            plan = [0, 0, 0, 0]
            plan[arm] = level
            assert RULES.arm_prices()[arm, level] == pytest.approx(RULES.price(plan))
    assert RULES.arm_prices().dtype == np.float64


@pytest.mark.parametrize(
    ("plan", "feasible"),
    [((1, 1, 1, 0), True), ((0, 0, 0, 0), False), ((2, 2, 1, 0), False), ((0, 0, 0, 1), True)],
)
def test_feasible_plans_run_something_within_the_caps(plan: tuple[int, ...], feasible: bool):  # noqa: FBT001
    """The plan that runs nothing, and one past a cap, are not feasible; a cap may be met exactly."""
    assert RULES.feasible(plan) is feasible


def test_too_many_calls_are_not_feasible():
    """Three distinct calls break a cap of two."""
    rules = PlanRules((Arm("a", ("t:a",)), Arm("b", ("t:b",)), Arm("c", ("t:c",))), max_calls=2)
    assert rules.feasible((1, 1, 0))
    assert not rules.feasible((1, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"arms": ()},
        {"arms": (Arm("a"), Arm("a"))},
        {"ladder": (0,)},
        {"ladder": (5, 10)},
        {"ladder": (0, 10, 5)},
        {"ladder": (0, 5, 5)},
        {"max_calls": 0},
        {"max_candidates": 0},
        {"price_per_call": -1.0},
        {"price_per_candidate": -0.1},
    ],
    ids=str,
)
def test_rules_that_cannot_work_are_refused(wrong: dict[str, object]):
    """No arms, arms of one name, a ladder that does not rise from 0, caps below 1 and negative prices are refused."""
    with pytest.raises(InvalidSettings):
        PlanRules(**{"arms": (Arm("a"), Arm("b")), **wrong})  # type: ignore[arg-type]


def test_caps_may_leave_other_arms_no_room():
    """Beside the whole baseline an arm needs its smallest budget, and those of its calls that the baseline lacks."""
    assert RULES.crowded_out == ()
    assert replace(RULES, baseline=(2, 1, 0, 0)).crowded_out == ()
    assert replace(RULES, baseline=(2, 2, 0, 0)).crowded_out == ("hybrid", "memory")
    assert replace(RULES, baseline=(1, 0, 0, 0), max_calls=1).crowded_out == ("dense", "hybrid")
