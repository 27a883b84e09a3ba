"""What past calls of arms brought: sums that add up, and features of nothing but the past."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.memory.memory import MemoryBounds, stretch_of
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.action import Action
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Decision, Impression
from ltrr.models.records.query import Hit
from ltrr.models.retrieval import Retrieval
from ltrr.models.rewards.call_history import HISTORY_NAMES, LOGGED, MEASURES, NEW_S, CallHistory, measure_calls
from ltrr.models.rewards.reward_model import RewardModel
from tests.models.logs import LEARNING, START_S, absorb, partition_log
from tests.models.states import swept

ARMS = ("alpha", "beta")


def row(*values: float) -> np.ndarray:
    """Return sums: calls, and of each measure; what is left out is 0."""
    return np.array([*values, *[0.0] * (1 + len(MEASURES) - len(values))])


def test_nothing_known_is_no_feature():
    """Before any call there is nothing to say, and nothing to log."""
    assert CallHistory(ARMS).features({}) == {}


def test_features_are_means_and_differences():
    """An arm's mean credit, and how much more its calls brought for the query; both shrunk."""
    history = CallHistory(ARMS)
    history.add({"alpha": row(8, 4)}, 0.0)
    assert history.features({}) == {"alpha.arm_credit": 0.4}
    features = history.features({"alpha": row(2, 2), "beta": row(2)})
    assert features == {
        "alpha.arm_credit": 0.4,
        "alpha.query_known": 0.5,
        "alpha.query_credit": pytest.approx((2 - 2 * 0.4) / 4),
        "beta.query_known": 0.5,
    }
    assert {name.partition(".")[2] for name in features} <= set(HISTORY_NAMES)


def test_past_calls_fade():
    """After a half-life what was brought before counts half."""
    history = CallHistory(ARMS, 100.0)
    history.add({"alpha": row(2, 2)}, 0.0)
    history.add({"alpha": row(2, 0)}, 100.0)
    assert history.features({})["alpha.arm_credit"] == pytest.approx(1 / (3 + 2), abs=1e-4)


def test_a_call_is_measured():
    """Over the budget, by scores, and by what kinds of entities it brought; unknown entities do not count."""
    time_s = 1e9
    cards = {
        "new": Entity("new", "song", "n", created_s=time_s - NEW_S / 2),
        "popular": Entity("popular", "song", "p", popularity=1e9, created_s=time_s - 2 * NEW_S),
        "taken": Entity("taken", "song", "t"),
        "liked": Entity("liked", "song", "l"),
    }
    hits = [Hit(object_id, score) for object_id, score in zip((*cards, "gone"), (5.0, 4.0, 3.0, 2.0, 9.0), strict=True)]
    free = {"affinity.user": {"taken": 0.7}, "affinity.attributes": {"liked": 0.5, "taken": 0.2}}
    free["entity.popularity"] = {object_id: float(np.log1p(card.popularity) / 10) for object_id, card in cards.items()}
    retrieval = Retrieval({"alpha": hits, "beta": []})
    brought = measure_calls(retrieval, {"alpha": 5, "beta": 10}, cards, free, time_s)
    assert brought["alpha"] == pytest.approx(
        {"filled": 4 / 5, "score": np.log1p(5) / 3, "new": 1 / 4, "popular": 1 / 4, "personal": 1.5 / 4}, abs=1e-4
    )
    assert brought["beta"] == dict.fromkeys(LOGGED, 0.0)
    assert cards.keys() == {"new", "popular", "taken", "liked"}


def test_the_fold_keeps_calls_and_their_credit():
    """A page counts one call of each arm that answered; an action raises its credit, altogether and for the query."""
    page = next(
        event
        for message in partition_log(0)
        for event in message.events
        if isinstance(event, Impression) and event.page == 1 and len(event.brought) > 1 and event.looks()
    )
    fold = Fold(LEARNING)
    fold.absorb_impressions(0, page.time_s, [replace(page, engagement=1.0)])
    application = fold.state.application(page.application)
    before = application.memory.calls(page.normalised_query, page.time_s)
    assert before.keys() == page.brought.keys()
    for arm, sums in before.items():
        assert sums[0] == pytest.approx(application.calls.row(arm)[0])
        assert sums[2:] / sums[0] == pytest.approx([page.brought[arm][name] for name in LOGGED])
    for object_id in page.looks():
        fold.absorb_actions(
            fold.progress.offsets["actions"], page.time_s + 1, [Action(page.query_id, object_id, "like", page.time_s)]
        )
    (open_page,) = fold.join.pages(page.query_id)
    assert open_page.credit is not None
    worth = open_page.credit.credit().at_run()
    after = application.memory.calls(page.normalised_query, page.time_s)
    for arm, sums in after.items():
        assert sums[1] / sums[0] == pytest.approx(worth[arm], abs=1e-9)
        assert (sums[[0, *range(2, len(sums))]] == before[arm][[0, *range(2, len(sums))]]).all()
    assert any(after[arm][1] != before[arm][1] for arm in after)


def test_calls_go_with_their_query():
    """A query that was dropped and came again knows nothing of calls before, whenever their actions are read."""
    memory = Fold(LEARNING).state.application("shop0").memory
    memory.bounds = MemoryBounds(queries=2)
    memory.examine("q", {"a": 0.1}, 0.0)
    memory.examine("other", {"a": 1.0}, 0.0)
    assert memory.call("q", {"alpha": row(1, 1)}, 0.0)
    assert swept(memory.sweep(0, 1)) == ["q"]
    assert not memory.call("q", {"alpha": row(0, 1)}, 0.0)
    memory.examine("q", {"a": 1.0}, 60.0, stretch=1)
    assert not memory.call("q", {"alpha": row(0, 1)}, 0.0, stretch=stretch_of(0.0))
    assert memory.calls("q", 60.0) == {}


def test_partitions_add_up():
    """The sums over two partitions are those of both."""
    one, other = (absorb(Fold(LEARNING), partition_log(seed)).state.application("shop0") for seed in (1, 2))
    both = one + other
    now_s = START_S + 1e5
    for query in both.memory.queries:
        calls = both.memory.calls(query, now_s)
        parts = [part.memory.calls(query, now_s) for part in (one, other)]
        assert calls.keys() == parts[0].keys() | parts[1].keys()
        for arm, sums in calls.items():
            assert sums == pytest.approx(sum(part.get(arm, row()) for part in parts), rel=1e-9, abs=1e-15)


def test_an_arm_sees_its_own_history_alone():
    """Where one arm has brought something for a query before and another has not, only the first is expected to."""
    rules = PlanRules((Arm("alpha", ("a",)), Arm("beta", ("b",))), (0, 10))
    model = RewardModel(rules, ("bias",), 2.0, history_names=("query_credit",))
    inputs = model.inputs({"bias": 1.0, "alpha.query_credit": 0.5})
    assert inputs.tolist() == [[1.0, 0.5], [1.0, 0.0]]


def test_what_was_logged_without_calls_counts_none():
    """A page whose log says nothing of what arms brought teaches the reward model as before, and no history."""
    page = next(
        event
        for message in partition_log(0)
        for event in message.events
        if isinstance(event, Impression) and event.page == 1 and isinstance(event.decision, Decision)
    )
    fold = Fold(LEARNING)
    fold.absorb_impressions(0, page.time_s, [replace(page, brought={})])
    application = fold.state.application(page.application)
    assert application.reward_model.decisions == 1
    assert application.calls.is_empty()
