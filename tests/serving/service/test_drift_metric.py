"""The metric `ltrr_drift_total` is there before the first change, and counts each change once."""

from ltrr.serving.commands.worker import _Observer
from ltrr.serving.metrics import Metrics
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.partition_store import LookedAt
from ltrr.streams.workers.learner import KafkaLearner
from tests.models.logs import LEARNING
from tests.serving.shop import Shop


def test_embedded_counts_changes(shop: Shop):
    """Each arm starts at 0; the learner's decisions are watched, and what is found is counted once."""
    shop.search()
    arms = shop.service.views.policy(None)["arms"]
    sample = shop.service.metrics.registry.get_sample_value
    assert {sample("ltrr_drift_total", {"arm": arm["arm"]}) for arm in arms} == {0.0}
    learner = shop.service._learner
    assert learner.fold.drift is learner.drift
    learner.drift.changes["dense"] += 1
    shop.service.poll()
    shop.service.poll()
    assert sample("ltrr_drift_total", {"arm": "dense"}) == 1


def test_a_worker_counts_changes_of_each_partition():
    """The changes that each partition's learner finds add up, and none is counted twice."""
    metrics = Metrics()
    observe = _Observer(metrics)
    learners = [
        KafkaLearner(
            Brokers("none:1"), LEARNING, "v1", partition, 2, store=LookedAt(Brokers("none:1"), None, partition)
        )
        for partition in range(2)
    ]
    for learner in learners:
        assert learner.fold.drift is learner.drift
        learner.drift.changes["alpha"] += 1
        observe(learner)
        observe(learner)
    assert metrics.registry.get_sample_value("ltrr_drift_total", {"arm": "alpha"}) == 2


def test_a_replay_looks_for_no_drift():
    """A rebuild learns the past at full speed: what changed then is no news."""
    store = LookedAt(Brokers("none:1"), None, 0)
    assert KafkaLearner(Brokers("none:1"), LEARNING, "v1", 0, 1, store=store, observed=False).fold.drift is None
