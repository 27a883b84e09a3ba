"""How blindly is clicked: on whatever stands anywhere, as scripts do, and not by people who look from the top down."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ltrr.models.statistics.decay import DecayedSums, aligned, shift
from ltrr.models.statistics.least_squares import Array, LinearStatistics

_PRIOR_CHANCE = 0.05  # about that of one click on a page of ten: without clicks nobody is blind


class BlindClicks(DecayedSums):
    """Sums over clicked pages that tell how many of the clicks were blind; they can be added.

    Whoever looks from the top down clicks further up than chance would, whatever he likes; a blind click falls on all
    positions alike. Divided by P(looked at), blind clicks make what stands below look better than what stands above,
    and would turn any order.

    blind: what the response of the pages would be if all their clicks were blind, shape (columns,). behind: how much
    further down was clicked than by people who look and to whom all is worth the same; chance: the same if all clicks
    were blind; both in P(looked at), weighted by what was gained. All decayed to `epoch` (see Decay).
    """

    def __init__(self, columns: int) -> None:
        self.blind = np.zeros(columns)
        self.behind = 0.0
        self.chance = 0.0
        self.epoch = 0

    @property
    def share(self) -> float:
        """Return the share of blind clicks: the least at which the others agree with the pages' order as chance would.

        Where people take what stands first, many blind clicks beside theirs are not seen.
        """
        return min(1.0, max(0.0, self.behind / (self.chance + _PRIOR_CHANCE)))

    def add(
        self,
        response: Callable[[Array], Array],
        looks: Array,
        gained: Array,
        starts: Sequence[int] | NDArray[np.intp] = (0,),
    ) -> None:
        """Learn what entities of pages have gained. looks, gained: shape (shown,).

        response: what the order learns where entities gain so much. starts: the first row of each page.
        """
        counts = np.diff([*starts, len(looks)])
        usual = np.add.reduceat(looks * looks, starts) / np.add.reduceat(looks, starts)
        behind = np.repeat(usual, counts) - looks
        total = np.add.reduceat(gained, starts)
        self.blind += response(np.repeat(total / counts, counts))
        self.behind += float(gained @ behind)
        self.chance += float(total @ (np.add.reduceat(behind, starts) / counts))

    def seeing(self, pairs: LinearStatistics) -> tuple[Array, Array]:
        """Return moment and response of the weights by which the others click. pairs: of the same pages.

        A page's clicks have the mean (1 - share) x that of the others + share x that of the blind.
        """
        others = 1.0 - self.share
        blind = self.share * shift(self.epoch, pairs.epoch) * self.blind
        return others**2 * pairs.moment, others * (pairs.response - blind)

    def restore(self, sums: Array, epoch: int) -> None:
        """Take over what `pack` returned. Raises ValueError where it is of another shape."""
        if sums.shape != (len(self.blind) + 2,):
            raise ValueError(f"sums of blind clicks are of {len(self.blind)} columns and two more, not {sums.shape}")
        self.blind, self.behind, self.chance, self.epoch = sums[:-2], float(sums[-2]), float(sums[-1]), epoch

    def pack(self) -> Array:
        """Return the sums as one array; shape (columns + 2,)."""
        return np.array([*self.blind, self.behind, self.chance])

    @classmethod
    def sum(cls, parts: Iterable["BlindClicks"], columns: int) -> "BlindClicks":
        """Return the sums of all, at the latest of their epochs."""
        total = cls(columns)
        total.epoch, known = aligned(parts)
        for factor, part in known:
            total.blind += factor * part.blind
            total.behind += factor * part.behind
            total.chance += factor * part.chance
        return total

    def __add__(self, other: "BlindClicks") -> "BlindClicks":
        """Return the sums of both."""
        return BlindClicks.sum((self, other), len(self.blind))

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not (self.chance or self.blind.any())

    def _scale(self, factor: float) -> None:
        self.blind *= factor
        self.behind *= factor
        self.chance *= factor
