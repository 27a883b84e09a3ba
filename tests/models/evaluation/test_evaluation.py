"""Targets are asked before anything is learned, know what they may know, and are judged by what the learner saw."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.evaluation.estimators.estimate import Verdict
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.evaluation.evaluation import Evaluation, Result
from ltrr.models.evaluation.targets import parse_target
from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policies
from ltrr.models.policies.base import Policy
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression, Shadow
from tests.models.logs import LEARNING, START_S
from tests.models.traffic import OPTIONS, STEP_S, Traffic, decided, play

pytestmark = pytest.mark.whole

CAPPED = replace(LEARNING.rules, max_calls=1, baseline=())
BARE = replace(LEARNING, rules=replace(LEARNING.rules, baseline=()))
MIDDLE_S = START_S + 60 * STEP_S
every_rules = pytest.mark.parametrize("rules", [LEARNING.rules, CAPPED], ids=["free", "capped"])


def asked(traffic: Traffic, *texts: str, from_s: float = MIDDLE_S, **options: object) -> Evaluation:
    """Return an evaluation that has read some traffic."""
    targets = [parse_target(text, OPTIONS, traffic.learning.rules.names) for text in texts]
    evaluation = Evaluation(traffic.learning, targets, OPTIONS.exploration, from_s, **options)  # type: ignore[arg-type]
    for recorded_s, event in traffic.messages:
        if isinstance(event, Impression):
            evaluation.absorb_impressions(recorded_s, [event])
        else:
            evaluation.absorb_actions(recorded_s, [event])
    return evaluation


def samples(evaluation: Evaluation) -> list[Samples]:
    """Return the samples of each target."""
    rows = list(evaluation._rows.values())
    logged, fits = evaluation._logged(rows)
    fitting = [row for row, fit in zip(rows, fits, strict=True) if fit]
    return [columns for _, columns in evaluation._samples(fitting, logged)]


def result(evaluation: Evaluation) -> Result:
    """Return the result long after the last event."""
    return evaluation.result(START_S + 1e6)


@every_rules
@pytest.mark.parametrize("name", ["igw", "epsilon"])
def test_a_progressive_target_decides_as_the_logged_policy_did(name: str, rules: PlanRules):
    """Asked along the log, the policy that was logged has the logged probabilities: every weight is 1."""
    traffic = play(1, rules=rules, name=name)
    evaluation = asked(traffic, name, from_s=START_S, progressive=True)
    (columns,) = samples(evaluation)
    assert len(columns) == 120
    np.testing.assert_allclose(columns.target_joints, columns.joints, rtol=1e-9)
    np.testing.assert_allclose(columns.target_marginals, columns.marginals, rtol=1e-9)
    np.testing.assert_allclose(columns.additive_weights, 1.0, atol=1e-6)
    found = result(evaluation)
    assert found.targets[0].overlap.plan == pytest.approx(120)
    for estimate in found.targets[0].estimates:
        if estimate.estimator in {"ips", "pi", "snips"}:
            assert estimate.value == pytest.approx(found.reward, abs=1e-6)
            assert estimate.verdict is Verdict.SAME


def test_a_target_is_asked_with_the_prior_that_it_is_served_with():
    """Where tenants share a prior, the logged policy has the logged probabilities with it, and without it others."""
    traffic = play(1, shared=True)
    (columns,) = samples(asked(traffic, "igw", from_s=START_S, progressive=True, shared_prior=True))
    np.testing.assert_allclose(columns.target_joints, columns.joints, rtol=1e-9)
    (without,) = samples(asked(traffic, "igw", from_s=START_S, progressive=True))
    assert np.abs(without.target_joints - without.joints).max() > 0.001
    (frozen,) = samples(asked(traffic, "igw", shared_prior=True))
    (apart,) = samples(asked(traffic, "igw"))
    assert np.abs(frozen.target_marginals - apart.target_marginals).max() > 0.001


@every_rules
def test_a_frozen_target_knows_what_was_learned_before_the_range(rules: PlanRules):
    """Whatever happens in the range, its probabilities are those of the state at the beginning."""
    traffic = play(2, rules=rules)
    before = Traffic(traffic.learning)
    for recorded_s, event in traffic.messages:
        if recorded_s < MIDDLE_S:
            before.add(recorded_s, event)
    evaluation = asked(traffic, "igw")
    rows = list(evaluation._rows.items())
    assert len(rows) == 60
    pages = {e.query_id: e for _, e in traffic.messages if isinstance(e, Impression) and e.page == 1}
    for query_id, row in rows:
        page = pages[query_id]
        model = before.fold.state.application(page.application).reward_model
        policy = policies()["igw"](PlanSpace(rules), model, OPTIONS)
        expected = policy.distribution(page.context, 0)
        np.testing.assert_allclose(row.asked[0][0], expected.marginals, rtol=1e-9)
        assert row.asked[0][1] == pytest.approx(expected.joint(page.decision.levels), rel=1e-9)


def test_rewards_are_those_of_the_learner():
    """A decision's reward is that of its credit in the learner's fold, with the actions on later pages."""
    traffic = play(3)
    evaluation = asked(traffic, "uniform", from_s=START_S)
    rewards = {}
    for query_id in evaluation._rows:
        for page in traffic.fold.join.pages(query_id):
            if page.credit is not None:
                rewards[query_id] = page.credit.reward - LEARNING.price_weight * page.impression.decision.price
    assert len(rewards) > 50
    found = {query_id: row.reward for query_id, row in evaluation._rows.items() if query_id in rewards}
    assert found == pytest.approx(rewards)
    later = [e for _, e in traffic.messages if isinstance(e, Action)]
    assert len({row.reward for row in evaluation._rows.values()}) > 3
    assert later


def test_what_says_nothing_is_counted():
    """Queries without a plan, of another ladder, drawn under other rules, silent or repeated are named with a count."""
    traffic = play(4, queries=30)
    at_s = START_S + 30 * STEP_S
    page = next(e for _, e in traffic.messages if isinstance(e, Impression) and len(e.candidates) > 3)
    plan = page.decision
    wrong = {
        "unplanned": None,
        "ladder": replace(plan, ladder=(0, 3, 6)),
        "arms": replace(plan, arms=("alpha", "beta", "delta")),
        "joint": replace(plan, joint=plan.joint * 0.9),
    }
    for name, decision in wrong.items():
        traffic.add(at_s, replace(page, query_id=name, time_s=at_s, decision=decision))
    traffic.add(at_s, replace(page, query_id="silent", time_s=at_s, learn=False))
    traffic.add(at_s, next(e for _, e in reversed(traffic.messages[:30]) if isinstance(e, Impression) and e.page == 1))
    found = result(asked(traffic, "uniform", from_s=START_S))
    assert found.decisions == 30
    assert found.unusable == {
        "no plan of ours": 1,
        "other arms or another ladder": 2,
        "drawn under other rules": 1,
        "not to be learned": 1,
        "repeated, late or from the future": 1,
    }


def test_one_tenant_alone():
    """With an application given, the decisions of others are learned from and not judged."""
    traffic = play(5)
    both = asked(traffic, "igw")
    one = asked(traffic, "igw", application="shop0")
    of = {e.query_id: e.application for _, e in traffic.messages if isinstance(e, Impression)}
    assert {of[query_id] for query_id in both._rows} == {"shop0", "shop1"}
    assert one._rows.keys() == {query_id for query_id in both._rows if of[query_id] == "shop0"}


def test_only_learning_targets_need_the_whole_log():
    """For policies that do not learn the log is read from where open pages can matter."""
    traffic = play(6, queries=1)
    assert asked(traffic, "igw", "uniform").start_s == 0
    assert asked(traffic, "uniform").start_s == MIDDLE_S - traffic.fold.join.reach_s


def test_the_heaviest_visitor_is_told():
    """Decisions count alike, whoever asked: the share of who made most stands beside that which learning gives them."""
    traffic = play(8)
    bot = {"user_id": "bot", "voice": 0.1}
    bots = {one.query_id for _, one in traffic.messages[:90] if isinstance(one, Impression) and one.page == 1}
    traffic.messages[:] = [
        (at_s, replace(one, **bot) if isinstance(one, Impression) and one.query_id in bots else one)
        for at_s, one in traffic.messages
    ]
    found = result(asked(traffic, "uniform", from_s=START_S))
    count, others = len(bots), found.decisions - len(bots)
    assert found.heaviest.decisions == count
    assert found.heaviest.share == pytest.approx(count / found.decisions)
    assert found.heaviest.voiced == pytest.approx(0.1 * count / (0.1 * count + others))


def test_young_decisions_are_told():
    """Decisions whose actions may still come are counted as unripe."""
    evaluation = asked(play(7), "uniform")
    last_s = START_S + 119 * STEP_S
    assert evaluation.result(last_s + evaluation.ripe_s).unripe == 0
    assert evaluation.result(last_s + evaluation.ripe_s - 1.5 * STEP_S).unripe == 2


def test_a_target_that_cannot_be_made_is_refused_at_once():
    """A static plan without budgets is refused before the log is read."""
    with pytest.raises(InvalidSettings, match="plan runs nothing"):
        Evaluation(BARE, [parse_target("static", OPTIONS, LEARNING.rules.names)], 0.1, 0.0)


def test_an_empty_log_has_no_estimate():
    """Nothing logged: no decisions, values of NaN, no verdicts."""
    found = result(asked(Traffic(LEARNING), "uniform", "igw"))
    assert found.decisions == 0
    assert np.isnan(found.reward)
    assert {e.verdict for target in found.targets for e in target.estimates} == {Verdict.NONE}


def test_the_better_plan_is_found():
    """Logged uniformly where one arm alone earns: its static plan is judged better, that of another worse."""
    rules = LEARNING.rules
    traffic = Traffic(LEARNING)
    rng = np.random.default_rng(0)
    uniform = policies()["uniform"](PlanSpace(rules), traffic.fold.state.application("x").reward_model, OPTIONS)
    template = next(e for _, e in play(8, queries=5).messages if isinstance(e, Impression) and len(e.looks()) == 3)
    for number in range(1500):
        now_s = START_S + number
        page = replace(
            template,
            query_id=f"u{number}",
            time_s=now_s,
            page=1,
            decision=decided(uniform, template.context, int(rng.integers(2**40))),
        )
        traffic.add(now_s, page)
        if page.decision.levels[1] and rng.random() < 0.8:
            traffic.add(now_s + 0.5, Action(page.query_id, next(iter(page.looks())), "like", now_s + 0.5))
    found = result(asked(traffic, "static:beta=2", "static:alpha=4", from_s=START_S))
    assert [target.estimates[0].estimator for target in found.targets] == ["dr_pi", "dr_pi"]
    assert [target.estimates[0].verdict for target in found.targets] == [Verdict.BETTER, Verdict.WORSE]
    assert found.targets[0].estimates[0].value == pytest.approx(0.8 - 0.01, abs=0.1)


def test_a_shadow_is_judged_by_what_it_logged():
    """A version's logged answers give the numbers that its policy gives when it is asked along the log."""
    traffic = play(9, name="uniform")
    fold, shadowed = Fold(traffic.learning), Traffic(traffic.learning)
    for number, (recorded_s, event) in enumerate(traffic.messages):
        page = event
        if isinstance(event, Impression) and event.page == 1:
            model = fold.state.application(event.application).reward_model
            policy = policies()["igw"](PlanSpace(traffic.learning.rules), model, OPTIONS)
            page = replace(event, shadow=unseen(policy, event, "v3" if number % 5 == 0 else "v2"))
        shadowed.add(recorded_s, page)
        if isinstance(event, Impression):
            fold.absorb_impressions(fold.progress.offsets["impressions"], recorded_s, [event])
        else:
            fold.absorb_actions(fold.progress.offsets["actions"], recorded_s, [event])
    same_state(shadowed.fold, traffic.fold)
    both = result(asked(shadowed, "igw", from_s=START_S, progressive=True, shadows=True))
    igw, *shadows = both.targets
    assert [target.target.label for target in shadows] == ["shadow:v2", "shadow:v3"]
    assert sum(target.decisions for target in shadows) == igw.decisions == both.decisions == 120
    evaluation = asked(shadowed, "igw", from_s=START_S, progressive=True, shadows=True)
    own, *parts = samples(evaluation)
    joined, own = (parts[0] + parts[1]).ordered(), own.ordered()
    np.testing.assert_allclose(joined.target_marginals, own.target_marginals, rtol=1e-12)
    np.testing.assert_allclose(joined.target_joints, own.target_joints, rtol=1e-12)
    np.testing.assert_allclose(joined.rewards, own.rewards, rtol=1e-12)


def test_without_a_shadow_there_is_none_to_judge():
    """Asked for shadows on a log that has none, no target is made up."""
    assert result(asked(play(10, queries=5), from_s=START_S, shadows=True)).targets == ()


def unseen(policy: Policy, page: Impression, version: str) -> Shadow:
    """Return what a policy would have decided in the place of a page's decision."""
    distribution = policy.distribution(page.context, page.decision.seed)
    plan = decided(policy, page.context, page.decision.seed)
    served_joint = distribution.joint(page.decision.levels)
    return Shadow(
        policy.name, version, 0, plan.levels, plan.probabilities, plan.joint, served_joint, plan.price, plan.calls
    )


def same_state(one: Fold, other: Fold) -> None:
    """Fail where two folds differ in any record."""
    assert one.changed == other.changed
    assert [one.write(key) for key in sorted(one.changed)] == [other.write(key) for key in sorted(other.changed)]
