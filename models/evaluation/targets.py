"""Target policies: what is asked what it would have done."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from ltrr.models.errors import InvalidSettings
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions

SHADOW: Final = "shadow"
"""Asks for what was logged of each version in the shadow, where a policy's name may stand."""


@dataclass(frozen=True, slots=True)
class Target:
    """A policy with its options. label: as it was asked for."""

    label: str
    policy: type[Policy]
    options: PolicyOptions


@dataclass(frozen=True, slots=True)
class LoggedShadow:
    """A version that decided in the shadow of what was served: what it would have done is in the log."""

    version: str

    @property
    def label(self) -> str:
        """Return how it is called beside targets."""
        return f"{SHADOW}:{self.version}"


def parse_target(text: str, options: PolicyOptions, arms: Sequence[str]) -> Target:
    """Read NAME or NAME:KEY=VALUE,KEY=VALUE, such as igw:greed=80 or static:fulltext=10,dense=5.

    A key is an option of policies, or an arm: then its value is the arm's budget in candidates, and arms that are not
    named are off. options: what holds where nothing is said. Raises UnknownName and InvalidSettings.
    """
    name, _, rest = text.partition(":")
    policy = policy_named(name)
    plain = {field.name: type(getattr(options, field.name)) for field in fields(options) if field.name != "budgets"}
    given: dict[str, Any] = {}
    budgets: dict[str, int] = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in plain and key not in arms:
            raise InvalidSettings(f"{text!r}: {key!r} is no option ({', '.join(plain)}) and no arm")
        try:
            if key in plain:
                given[key] = plain[key](value)
            else:
                budgets[key] = int(value)
        except ValueError:
            raise InvalidSettings(f"{text!r}: write {key}=NUMBER, not {part!r}") from None
    if budgets:
        given["budgets"] = budgets
    return Target(text, policy, replace(options, **given))


def described(target: Target | LoggedShadow) -> dict[str, Any]:
    """Return a target's policy and options as JSON values."""
    if isinstance(target, LoggedShadow):
        return {"version": target.version}
    return {"name": target.policy.name, **asdict(target.options), "budgets": dict(target.options.budgets)}
