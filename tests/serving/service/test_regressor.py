"""A regressor of River in the place of ours, embedded."""

from pathlib import Path

import numpy as np

from ltrr.streams.embedded.learner import EmbeddedLearner
from tests.serving.shop import Shop

WINDOW_S = {"join_window_s": 60.0, "late_s": 10.0}


def test_a_decision_is_learned_when_no_action_can_come(tmp_path: Path):
    """Not with the click, but window and lateness later; a restart and a new start over the log are bit-equal."""
    chosen = {"regressor": "linear_model.LinearRegression", "policy": "uniform", **WINDOW_S}
    with Shop(tmp_path, **chosen) as shop:
        found = shop.search()
        shop.click(found["query_id"], found["items"][0]["object_id"])
        assert shop.get("/v1/policy")["decisions"] == 0
        assert shop.get("/v1/policy")["forgetting"] == {"half_life_s": 30 * 86400.0, "changes": []}
        shop.clock.now_s += 60.0 + 3 * 10.0 + 1.0
        shop.search()
        told = shop.get("/v1/policy")
        assert told["decisions"] == 1
        assert sum(row["observations"] for row in told["arms"]) > 0
        shop.service.save()
        learning = shop.service.state.learning
    with Shop(tmp_path, **chosen) as shop:
        again = EmbeddedLearner(shop.service._log, learning)
        again.poll(shop.clock.now_s + 60.0 + 3 * 10.0 + 1.0)
        assert shop.get("/v1/policy")["arms"] == told["arms"]
        mine, theirs = (state.application("default").reward_model for state in (shop.service.state, again.fold.state))
        assert np.array_equal(mine.weights, theirs.weights)
