"""How a first page departs from its ranking at random, so that a position can be told from what stands there."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Placement:
    """The chances with which a page is changed at random; at most one of the two happens.

    slot_share: P(a random candidate from behind the page is put at a random place but the first, and what stood there
    and below moves down by one). swap_share: P(two random neighbours change places).
    """

    slot_share: float
    swap_share: float

    def possible(self, count: int, size: int) -> "Placement":
        """Return what of it can be on a page of `size` places over `count` candidates."""
        slot = self.slot_share if count > size else 0.0
        return Placement(slot, min(self.swap_share, 1 - slot) if min(count, size) > 1 else 0.0)

    def order(self, count: int, size: int, rng: np.random.Generator) -> list[int]:
        """Draw the order in which candidates are shown, as 0-based ranks."""
        order = list(range(count))
        drawn = rng.random()
        if drawn < self.slot_share:
            order.insert(int(rng.integers(min(1, size - 1), size)), order.pop(int(rng.integers(size, count))))
        elif drawn < self.slot_share + self.swap_share:
            upper = int(rng.integers(min(count, size) - 1))
            order[upper], order[upper + 1] = order[upper + 1], order[upper]
        return order

    def chance(self, rank: int, place: int, shown: int) -> float:
        """Return P(the candidate of a rank within the page stands at a place), both 1-based, over `shown` places."""
        if shown < 2 or not 1 <= min(rank, place) <= max(rank, place) <= shown:  # noqa: PLR2004  # a pair
            return float(rank == place == shown)
        swap = self.swap_share / (shown - 1)
        moved = self.slot_share * (rank - 1) / (shown - 1)
        neighbours = (rank > 1) + (rank < shown)
        return {rank - 1: swap, rank: 1 - moved - swap * neighbours, rank + 1: moved + swap}.get(place, 0.0)

    def comparisons(self, rank: int | None, place: int, shown: int) -> Iterator[tuple[int, int, float]]:
        """Yield (pair, side, weight) for each pair of neighbouring places between which chance has decided.

        rank: 1-based, None for what was drawn from behind the page. pair: k for places k and k + 1. side: 0 for the
        upper. weight: P(the other) / P(one of the two), so that both sides hold the same candidates alike, and a page
        on which only one was possible counts for nothing. Source: overlap weights, Li, Morgan and Zaslavsky 2018.
        """
        for other in (place - 1, place + 1):
            if not 1 <= other <= shown:
                continue
            if rank is None:
                here, there = (self.slot_share * (at > 1) for at in (place, other))
            else:
                here, there = (self.chance(rank, at, shown) for at in (place, other))
            if here > 0 and there > 0:
                yield min(place, other), int(place > other), there / (here + there)
