"""How fast a state forgets, as it is shown."""

import math
from typing import Any

from ltrr.models.statistics.decay import Decay
from ltrr.serving.terminal.moments import moment


def described(decay: Decay) -> dict[str, Any]:
    """Return a half-life and its changes as JSON values; one that never forgets is null."""
    return {
        "half_life_s": _finite(decay.half_life_s),
        "changes": [{"from": moment(c.from_s), "half_life_s": _finite(c.half_life_s)} for c in decay.changes],
    }


def _finite(half_life_s: float) -> float | None:
    return half_life_s if math.isfinite(half_life_s) else None
