"""Where the simulated time stands."""

from typing import Final

import numpy as np

START_S: Final = 1_767_225_600.0  # 2026-01-01 00:00 UTC
HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0


def past_s(rng: np.random.Generator, days: float) -> float:
    """Draw a time, in seconds since the epoch, from `days` to 1,500 days before the start."""
    return round(START_S - rng.uniform(days, 1500.0) * DAY_S, 0)
