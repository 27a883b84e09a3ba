"""Settings of the learner: what cannot work is refused."""

import math

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.state.learning import Learning

RULES = PlanRules((Arm("a"),))


def test_defaults_and_edges_work():
    """The defaults are valid; so are weights of 0 and 1, no lateness, no forgetting and free plans."""
    Learning(RULES)
    Learning(RULES, {"click": 0.0, "like": 1.0}, late_s=0.0, half_life_s=math.inf, price_weight=0.0)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"action_weights": {"click": 1.5}}, "click"),
        ({"action_weights": {"click": -0.1}}, "click"),
        ({"action_weights": {"click": math.nan}}, "click"),
        ({"join_window_s": 0.0}, "join_window_s"),
        ({"join_window_s": math.inf}, "join_window_s"),
        ({"late_s": -1.0}, "late_s"),
        ({"late_s": math.nan}, "late_s"),
        ({"half_life_s": 0.0}, "half_life_s"),
        ({"half_life_s": math.nan}, "half_life_s"),
        ({"session_s": 0.0}, "session_s"),
        ({"session_s": math.inf}, "session_s"),
        ({"session_s": math.nan}, "session_s"),
        ({"price_weight": -1.0}, "price_weight"),
        ({"price_weight": math.nan}, "price_weight"),
        ({"reward_precision": 0.0}, "above 0"),
        ({"ranker_precision": math.nan}, "above 0"),
        ({"memory_prior": -1.0}, "above 0"),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object], says: str):
    """Each value out of range is refused by name, NaN as well."""
    with pytest.raises(InvalidSettings, match=says):
        Learning(RULES, **wrong)  # type: ignore[arg-type]
