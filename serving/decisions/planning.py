"""The plan of a search, and the one that a policy in the shadow would have run instead."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from ltrr.models.records.impression import Decision, Shadow
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.decisions.served_state import ServedState
from ltrr.serving.metrics import Laps, Metrics

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a search runs. chance: P(the reserved arm is on) given the levels of all others."""

    decision: Decision
    chance: float
    shadow: Shadow | None


class Planning:
    """Draws plans, and counts them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def plan(self, serving: Serving, application: str, context: Mapping[str, float], seed: int, laps: Laps) -> Planned:
        """Draw a search's plan from what its application is served from."""
        decision, chance = serving.state.decide(application, context, seed)
        laps("plan")
        shadow = None
        if serving.shadow is not None:
            shadow = self._imagine(serving.shadow, application, context, decision)
            laps("shadow")
        for arm, level, row in zip(decision.arms, decision.levels, decision.probabilities, strict=True):
            self._metrics.arm_level.labels(arm, str(level)).inc()
            self._metrics.propensity.observe(row[level])
        return Planned(decision, chance, shadow)

    def _imagine(
        self, shadow: ServedState, application: str, context: Mapping[str, float], decision: Decision
    ) -> Shadow | None:
        """Return what the policy in the shadow would have done; None where it fails, which costs no search."""
        try:
            imagined = shadow.imagine(application, context, decision)
        except Exception:  # noqa: BLE001  # whatever it is: searches do not depend on it
            _LOG.exception("version %s found no plan in the shadow", shadow.version)
            self._metrics.shadow_failed.inc()
            return None
        for arm, level, run in zip(decision.arms, imagined.levels, decision.levels, strict=True):
            self._metrics.shadow_level.labels(arm, str(level), "yes" if level == run else "no").inc()
        return imagined
