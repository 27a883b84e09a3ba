"""What settings are refused for: names that do not exist, and values that do not go together."""

import difflib
from collections.abc import Iterable
from typing import Final

from pydantic import SecretStr

from ltrr.models.errors import InvalidSettings
from ltrr.models.policies import policy_named
from ltrr.models.statistics.regressors import OURS
from ltrr.streams.kafka.brokers import Login, Mechanism

PREFIX: Final = "LTRR_"


def kafka_login(mechanism: Mechanism | None, user: str | None, password: SecretStr | None) -> Login | None:
    """Return how to log in to Kafka, None where nothing says so. Raises InvalidSettings for a part of it."""
    if mechanism is not None and user is not None and password is not None:
        return Login(mechanism, user, password.get_secret_value())
    parts = {"SASL_MECHANISM": mechanism, "USER": user, "PASSWORD": password}
    missing = [f"{PREFIX}KAFKA_{name}" for name, value in parts.items() if value is None]
    if len(missing) < len(parts):
        raise InvalidSettings(
            f"a login to Kafka needs a mechanism, a user and a password: set {' and '.join(missing)} too"
        )
    return None


def check_regressor(regressor: str, policy: str, partitions: int) -> None:
    """Refuse what a regressor of River cannot do. Raises InvalidSettings."""
    if regressor == OURS:
        return
    if partitions > 1:
        raise InvalidSettings(
            f"what {regressor} learns from several partitions cannot be added: set {PREFIX}PARTITIONS to 1, "
            f"or {PREFIX}REGRESSOR to {OURS}"
        )
    if policy_named(policy).draws:
        raise InvalidSettings(
            f"the policy {policy} draws from a posterior, which {regressor} does not have: choose "
            f"another policy, or {PREFIX}REGRESSOR={OURS}"
        )


def refuse_misspelt(variables: Iterable[str], fields: Iterable[str]) -> None:
    """Refuse variables that look like settings and are none. Raises InvalidSettings."""
    known = {f"{PREFIX}{name.upper()}" for name in fields}
    for name in variables:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, 1)
            hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists them"
            raise InvalidSettings(f"there is no setting {name}; {hint}")
