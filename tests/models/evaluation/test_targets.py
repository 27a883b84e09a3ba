"""Target policies as text."""

import pytest

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.evaluation.targets import described, parse_target
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.policies.igw import InverseGapWeighting
from ltrr.models.policies.static import Static

OPTIONS = PolicyOptions(exploration=0.1, budgets={"dense": 5})
ARMS = ("fulltext", "dense")


def test_a_name_has_the_options_of_the_settings():
    """Where nothing is said, everything is as the settings say."""
    target = parse_target("igw", OPTIONS, ARMS)
    assert target.policy is InverseGapWeighting
    assert target.options == OPTIONS


def test_options_are_read():
    """Numbers go to options by name; others stay."""
    target = parse_target("igw:greed=80,exploration=0.02", OPTIONS, ARMS)
    assert (target.options.greed, target.options.exploration) == (80.0, 0.02)
    assert target.options.price_weight == OPTIONS.price_weight
    assert target.label == "igw:greed=80,exploration=0.02"


def test_arms_are_budgets():
    """Arms that are named have their budgets, the others are off whatever the settings say."""
    target = parse_target("static:fulltext=10", OPTIONS, ARMS)
    assert target.policy is Static
    assert target.options.budgets == {"fulltext": 10}
    assert described(target)["budgets"] == {"fulltext": 10}
    assert described(target)["name"] == "static"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("igw:speed=3", "no option"),
        ("igw:greed", "write greed=NUMBER"),
        ("igw:greed=fast", "write greed=NUMBER"),
        ("static:dense=2.5", "write dense=NUMBER"),
        ("igw:exploration=2", "exploration must lie"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str):
    """The message names the part and what to write."""
    with pytest.raises(InvalidSettings, match=message):
        parse_target(text, OPTIONS, ARMS)


def test_unknown_policies_are_refused():
    """The message lists those that exist."""
    with pytest.raises(UnknownName, match="igw"):
        parse_target("oracle", OPTIONS, ARMS)
