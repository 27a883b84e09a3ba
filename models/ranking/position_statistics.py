"""What the position curve is estimated from: the actions on pages that chance has changed."""

import numpy as np

from ltrr.models.plans.placement import Placement
from ltrr.models.ranking.position import POSITIONS, PositionCurve, fit_curve
from ltrr.models.records.impression import Impression
from ltrr.models.statistics.decay import Decay, DecayedSums, aligned
from ltrr.models.statistics.least_squares import Array


class PositionStatistics(DecayedSums):
    """Sums over neighbouring positions between which chance has decided (see Placement); they can be added.

    values: of what entities gained at the upper and the lower position of each pair, weighted, shape
    (2, POSITIONS - 1); squares: of each entity's weighted value, squared. Both decayed to `epoch` (see Decay), by the
    time of the page. A page without actions adds nothing, and each action the difference that it makes.
    """

    def __init__(self, decay: Decay) -> None:
        self.decay = decay
        self.values = np.zeros((2, POSITIONS - 1))
        self.squares = np.zeros((2, POSITIONS - 1))
        self.epoch = 0
        self._curve: PositionCurve | None = None

    @property
    def curve(self) -> PositionCurve:
        """Return the curve that these sums tell."""
        if self._curve is None:
            self._curve = fit_curve(self.values, self.squares)
        return self._curve

    def act(self, impression: Impression, object_id: str, gained: float, value: float, weight: float = 1.0) -> bool:
        """Learn that an entity on a page gained something and is worth `value` now.

        weight: how much the page counts, in [0, 1]. Return whether that tells anything about positions.
        """
        if impression.page != 1 or not (impression.slot_share or impression.swap_share):
            return False  # who asks for a further page has chosen to; and chance has to have moved something
        placement = Placement(impression.slot_share, impression.swap_share)
        shown = [c for c in impression.candidates if c.position is not None]
        ranked = [c for c in shown if not c.explored]
        (found,) = (c for c in shown if c.object_id == object_id)
        rank = None if found.explored else 1 + ranked.index(found)
        told = False
        for pair, side, share in placement.comparisons(rank, found.position or 0, len(shown)):
            if pair < POSITIONS:
                decayed = weight * share * self.reach(self.decay, impression.time_s)
                self.values[side, pair - 1] += decayed * gained
                self.squares[side, pair - 1] += decayed**2 * (value**2 - (value - gained) ** 2)
                self._curve, told = None, True
        return told

    def restore(self, values: Array, squares: Array, epoch: int) -> None:
        """Take over sums that were learned before. Raises ValueError where they are of another shape."""
        if not values.shape == squares.shape == self.values.shape:
            raise ValueError(f"sums over positions are of shape {self.values.shape}, not {values.shape}")
        self.values, self.squares, self.epoch, self._curve = values, squares, epoch, None

    def __add__(self, other: "PositionStatistics") -> "PositionStatistics":
        """Return the sums of both, at the later of both epochs."""
        merged = PositionStatistics(self.decay)
        merged.epoch, known = aligned((self, other))
        for factor, one in known:
            merged.values += factor * one.values
            merged.squares += factor**2 * one.squares
        return merged

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.values.any()

    def _scale(self, factor: float) -> None:
        self.values *= factor
        self.squares *= factor**2
