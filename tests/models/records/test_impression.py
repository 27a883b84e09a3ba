"""Impressions: what contradicts itself is refused with its reason, each trouble by itself."""

import math
from dataclasses import replace

import pytest
from msgspec import structs

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.impression import Candidate, Decision, Impression, Source

DECISION = Decision(
    policy="igw",
    policy_version="v1",
    revision=3,
    arms=("a", "b"),
    ladder=(0, 5),
    levels=(1, 0),
    probabilities=((0.2, 0.8), (0.9, 0.1)),
    joint=0.72,
    seed=1,
    price=1.0,
    calls=1,
)
SHOWN = Candidate("x", (Source("a", 1, 3.0),), 0.9, {"a": 0.5}, 0.2, position=3, features=(None, 1.0))
UNSHOWN = Candidate("y", (Source("a", 2, 2.0),), 0.4, {"a": 0.1}, 0.1)
GOOD = Impression(
    "q",
    5.0,
    "Love",
    "love",
    page=2,
    page_size=2,
    context={"bias": 1.0},
    decision=DECISION,
    feature_names=("a.gain", "b.gain"),
    candidates=(SHOWN, UNSHOWN),
    curve=(0.5, 0.4),
)


def with_candidate(**changes: object) -> Impression:
    """Return the good impression with a change to its shown candidate."""
    return replace(GOOD, candidates=(structs.replace(SHOWN, **changes), UNSHOWN))  # type: ignore[arg-type]


def with_decision(**changes: object) -> Impression:
    """Return the good impression with a change to its decision."""
    return replace(GOOD, decision=replace(DECISION, **changes))  # type: ignore[arg-type]


def test_good_impression_passes():
    """What contradicts nothing is let through, with a plan or without."""
    GOOD.check()
    replace(GOOD, decision=None).check()
    Impression("q", 0.0, "", "").check()


def test_looks_are_those_of_shown_positions():
    """The curve begins with the page's first position."""
    assert GOOD.looks() == {"x": 0.5}
    assert with_candidate(position=4).looks() == {"x": 0.4}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(GOOD, page=0), "page"),
        (replace(GOOD, page_size=0), "page_size"),
        (replace(GOOD, time_s=math.nan), "time"),
        (with_candidate(position=2), "positions"),
        (with_candidate(position=5), "positions"),
        (replace(GOOD, candidates=(SHOWN, structs.replace(SHOWN, object_id="z"))), "positions"),
        (replace(GOOD, curve=()), "positions"),
        (replace(GOOD, curve=(0.5, 0.0)), "curve"),
        (replace(GOOD, curve=(1.5, 0.5)), "curve"),
        (replace(GOOD, curve=(0.5, math.nan)), "curve"),
        (replace(GOOD, candidates=(SHOWN, structs.replace(UNSHOWN, object_id="x"))), "different object ids"),
        (with_candidate(features=(1.0,)), "feature_names"),
        (with_candidate(features=()), "feature_names"),
        (with_candidate(features=(math.inf, 1.0)), "infinite"),
        (with_candidate(score=math.nan), "finite"),
        (with_candidate(estimate=math.inf), "finite"),
        (with_candidate(contributions={"a": math.nan}), "finite"),
        (replace(GOOD, context={"bias": math.nan}), "finite"),
        (with_decision(arms=("a", "a")), "arms must differ"),
        (with_decision(levels=(1,)), "one of levels"),
        (with_decision(probabilities=((0.2, 0.8),)), "probabilities"),
        (with_decision(ladder=(5, 10)), "ladder"),
        (with_decision(ladder=(0, 5, 5)), "ladder"),
        (with_decision(ladder=()), "ladder"),
        (with_decision(levels=(2, 0)), "levels"),
        (with_decision(levels=(-1, 0)), "levels"),
        (with_decision(probabilities=((1.0,), (0.9, 0.1))), "probabilities"),
        (with_decision(joint=0.0), "joint"),
        (with_decision(joint=math.nan), "joint"),
        (with_decision(joint=1.1), "joint"),
    ],
)
def test_each_trouble_is_told(wrong: Impression, says: str):
    """What contradicts itself is an invalid event that names the query and the trouble."""
    with pytest.raises(InvalidEvent, match=says) as raised:
        wrong.check()
    assert raised.value.reason == "inconsistent"
    assert "'q'" in str(raised.value)
