"""Exponential forgetting by event time, so that decayed sums can be added in any order."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Decay:
    """Weights of events against a reference that lies on a grid of half-lives.

    A decayed sum keeps the index of its reference, its *epoch*: the reference time is epoch x half_life_s. An event
    at time t enters with weight 2 ** (t / half_life_s - epoch), whenever it is read; moving a sum to a later epoch
    multiplies it by a power of two, which floating point does exactly. So the order of events, the moment of the
    move and the split into partitions leave no trace beyond the rounding of sums.

    half_life_s: seconds after which an event counts half; infinity never forgets.
    """

    half_life_s: float = math.inf

    def __post_init__(self) -> None:
        if not self.half_life_s > 0:
            raise ValueError(f"half_life_s must be above 0, not {self.half_life_s}")

    def epoch(self, time_s: float) -> int:
        """Return the last grid point at or before `time_s`."""
        return 0 if math.isinf(self.half_life_s) else math.floor(time_s / self.half_life_s)

    def weight(self, time_s: float, epoch: int) -> float:
        """Return the weight of an event at `time_s` in a sum that stands at `epoch`."""
        return 1.0 if math.isinf(self.half_life_s) else float(2.0 ** (time_s / self.half_life_s - epoch))

    def weights(self, times_s: NDArray[np.float64], epoch: int) -> NDArray[np.float64]:
        """Return the weights of events at several times, as `weight` does."""
        return np.ones(len(times_s)) if math.isinf(self.half_life_s) else 2.0 ** (times_s / self.half_life_s - epoch)


def shift(epoch: int, to: int) -> float:
    """Return the factor that takes a sum from `epoch` to a later one."""
    return math.ldexp(1.0, epoch - to)
