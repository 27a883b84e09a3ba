"""The baseline: what the settings name, or the usual arms as far as arms and caps allow."""

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import load_settings


def baseline(**settings: object) -> dict[str, int]:
    """Return the baseline under settings, arm -> candidates."""
    rules = load_settings(**settings).learning(strategy_arms()).rules
    return dict(rules.budgets(rules.baseline)) if rules.baseline else {}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"fuzzy": 20, "fulltext": 20, "structured": 20, "memory": 20}),
        ({"ladder": (0, 3, 7)}, {"fulltext": 7, "structured": 7, "fuzzy": 7, "memory": 7}),
        ({"max_calls": 1}, {"fuzzy": 20, "memory": 20}),
        ({"max_calls": 2}, {"fuzzy": 20, "memory": 20}),
        ({"max_calls": 3}, {"fulltext": 20, "fuzzy": 20, "memory": 20}),
        ({"max_calls": 5}, {"fulltext": 20, "fuzzy": 20, "structured": 20, "memory": 20}),
        ({"max_calls": 2, "max_candidates": 20}, {"fuzzy": 10, "memory": 5}),
        ({"max_candidates": 5}, {"fuzzy": 5}),
        ({"max_candidates": 35}, {"fulltext": 10, "structured": 10, "fuzzy": 10}),
        ({"max_candidates": 40}, {"fulltext": 10, "structured": 10, "fuzzy": 10, "memory": 5}),
        ({"arms": ("dense", "fuzzy")}, {"fuzzy": 20}),
        ({"arms": ("dense", "sparse")}, {}),
        ({"baseline": {"dense": 5}}, {"dense": 5}),
        ({"baseline": {}}, {}),
    ],
    ids=str,
)
def test_a_baseline_fits_the_rules(settings: dict[str, object], expected: dict[str, int]):
    """Without a setting, the first of the usual arms that leave room under the caps, at the largest budget."""
    assert baseline(**settings) == expected


@pytest.mark.parametrize(
    ("budgets", "says"),
    [
        ({"nope": 5}, "nope; there are: dense, "),
        ({"dense": 5, "sparse": 6}, "sparse 6: a budget is a step of the ladder, which has 0, 5, 10, 20"),
        ({"dense": 20, "sparse": 20}, "dense 20, sparse 20 breaks a cap"),
    ],
    ids=["arm", "step", "cap"],
)
def test_a_baseline_that_cannot_be_is_named(budgets: dict[str, int], says: str):
    """An arm, a budget or a cap that does not fit is told with the variable's name."""
    with pytest.raises(InvalidSettings, match=f"LTRR_BASELINE: .*{says}"):
        baseline(baseline=budgets, max_calls=1)
