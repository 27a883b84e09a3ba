"""`LTRR_SHARED_PRIOR`: a tenant without queries of its own is served with what the other one has taught."""

import numpy as np
import pytest

from ltrr.models.state.state import State, merge
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.follower import Follower
from tests.models.learning.test_fold import learned
from tests.models.logs import LEARNING, partition_log
from tests.serving.shop import Shop, catalogue, hits


@pytest.mark.parametrize("shared", [True, False])
def test_a_new_tenant_is_served_with_what_others_taught(*, shared: bool):
    """Clicks in one shop change plans and ranking of the other where the prior is shared, not its memory."""
    entities = [*catalogue(), *catalogue(application="new")]
    with Shop(entities=entities, applications=("default", "new"), shared_prior=shared) as shop:
        shop.search(application="new")
        before, weights = (
            shop.get("/v1/policy", application="new"),
            shop.service.state.application("new").ranker.weights,
        )
        for _ in range(6):
            answer = shop.search()
            shop.click(answer["query_id"], hits(answer)[-1])
        after, again = shop.get("/v1/policy", application="new"), shop.service.state.application("new").ranker.weights
        assert after["decisions"] == before["decisions"] == 1
        changed = [a["net_value"] != b["net_value"] for a, b in zip(before["arms"], after["arms"], strict=True)]
        assert any(changed) == shared
        assert (not np.array_equal(weights, again)) == shared
        assert not shop.get("/v1/memory", application="new", query="love night")["pairs"][0]["actions"]


def test_a_follower_hands_out_the_parts_of_all_others():
    """What the partitions of a version have learned for other applications is given part by part, never the own."""
    follower = Follower(Brokers("none:1"), LEARNING, "v1", 2)
    folds = [learned(partition_log(seed)) for seed in range(2)]
    for mine, fold in zip(follower._folds, folds, strict=True):
        for key in fold.keys():  # noqa: SIM118
            mine.read(key, fold.write(key))
    state: State = merge((fold.state for fold in folds), LEARNING)
    parts = follower.others("shop0")
    assert len(parts) == 2
    point = parts[0].ranker.point + parts[1].ranker.point
    np.testing.assert_allclose(point.said, state.application("shop1").ranker.point.said)
    assert len(follower.others("new")) == 4
