"""Who decides an application's searches: a state in a mode, and perhaps another one in its shadow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from ltrr.models.errors import InvalidSettings
from ltrr.models.policies.apprentice import Apprentice
from ltrr.models.state.learning import Learning
from ltrr.models.state.shared_prior import SharedPrior, Tenants
from ltrr.serving.decisions.served_state import PlainState, ServedState
from ltrr.serving.rankers.served import TrainedRankers
from ltrr.serving.settings.settings import Settings
from ltrr.streams.versions.active import Active, Mode


class PolicyState(Protocol):
    """What searches are decided and ranked with, which may be something else at the next call."""

    def serving(self, application: str) -> "Serving":
        """Return what an application is served from now."""
        ...


@dataclass(frozen=True, slots=True)
class Serving:
    """What searches are served from.

    shadow: decides too, and is logged instead of run. trouble: why nothing does, though it should.
    """

    state: ServedState
    mode: Mode = Mode.ONLINE
    shadow: ServedState | None = None
    trouble: str | None = None

    def serving(self, application: str) -> Self:
        """Return itself: all applications are served from it, always."""
        del application
        return self

    def given(self, plan: Mapping[str, int]) -> "Serving":
        """Return what serves one plan, arm -> candidates, as if nothing had been learned. Raises InvalidSettings."""
        return Serving(self.state.given(plan), Mode.STATIC)

    def described(self) -> Mapping[str, Any]:
        """Return mode and shadow as JSON values."""
        shadow = self.shadow
        return {
            "mode": self.mode.value,
            "shadow": None
            if shadow is None
            else {"version": shadow.version, "policy": shadow.policy_name, "revision": shadow.revision},
            "shadow_trouble": self.trouble,
        }


@dataclass(frozen=True, slots=True)
class States:
    """A version, decided by its own policy (`online`) or by its baseline (`apprentice`), or not at all (`static`)."""

    online: ServedState
    apprentice: ServedState
    static: ServedState

    @classmethod
    def over(cls, source: Tenants, learning: Learning, settings: Settings, version: str) -> Self:
        """Return both over one source of learned state, with the prior that its tenants share where they do."""
        shown = SharedPrior(source) if settings.shared_prior else source
        options = settings.policy_options
        online = ServedState(shown, learning, settings.policy, options, version)
        apprentice = ServedState(shown, learning, Apprentice.name, options, version, online.rankers)
        return cls(online, apprentice, PlainState(shown, learning, options, version))

    @property
    def rankers(self) -> TrainedRankers:
        """Return the rankers that were trained in batches, which serve in every mode but `static`."""
        return self.online.rankers

    def of(self, mode: Mode) -> ServedState:
        """Return what decides in a mode: the version's own policy in the shadow as well."""
        return {Mode.APPRENTICE: self.apprentice, Mode.STATIC: self.static}.get(mode, self.online)

    def alone(self, active: Active) -> Serving:
        """Return what is served where there is no version but this one."""
        return Serving(self.of(active.mode), active.mode, self.online if active.shadow else None)


def helpless(state: ServedState, application: str) -> str | None:
    """Say why a state's policy cannot decide, None where it can."""
    try:
        state.policy(application)
    except InvalidSettings as error:
        return str(error)
    return None


def misfit(served: ServedState, shadow: ServedState, application: str) -> str | None:
    """Say why a state cannot decide in the shadow of another one, None where it can."""
    ours, its = served.learning, shadow.learning
    if (its.rules.names, its.rules.ladder) != (ours.rules.names, ours.rules.ladder):
        return f"its arms or its ladder are not those of version {served.version}"
    if its.context_names != ours.context_names:
        return f"its context_attributes are not those of version {served.version}"
    return helpless(shadow, application)
