"""Decisions of a served state, and those that it would have made in the place of others."""

from dataclasses import fields, replace

from ltrr.models.records.impression import Shadow
from tests.serving.shop import Shop


def test_a_shadow_is_the_decision_of_its_policy(standing: Shop):
    """In the place of a decision of its own a policy would have decided as it did, with the same seed."""
    state = standing.service.state
    shared = [field.name for field in fields(Shadow) if field.name != "served_joint"]
    decisions = [state.decide("default", {"bias": 1.0}, seed)[0] for seed in range(20)]
    for own in decisions:
        shadow = state.imagine("default", {"bias": 1.0}, own)
        assert [getattr(shadow, name) for name in shared] == [getattr(own, name) for name in shared]
        assert shadow.served_joint == own.joint
    assert len({own.levels for own in decisions}) > 1


def test_a_shadow_knows_how_likely_it_was_to_run_what_was_run(standing: Shop):
    """Its served_joint is its probability of the decision's plan, not of its own."""
    state = standing.service.state
    decision, _ = state.decide("default", {"bias": 1.0}, 1)
    others = (state.decide("default", {"bias": 1.0}, seed)[0] for seed in range(2, 50))
    other = next(one for one in others if one.levels != decision.levels)
    shadow = state.imagine("default", {"bias": 1.0}, replace(decision, levels=other.levels))
    assert shadow.levels == decision.levels
    assert shadow.served_joint == state.policy("default").distribution({"bias": 1.0}, 1).joint(other.levels)
