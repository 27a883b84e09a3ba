"""How a first page departs from its ranking at random, so that a position can be told from what stands there."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Reserve:
    """What the plan has drawn of the reserved arm, which is a part of how the page is drawn.

    chance: P(it is on) given the levels of all other arms, from which the ranking follows. on: whether it is. brought:
    0-based ranks of what it brought; those behind all ranked candidates are of what it alone brought.
    """

    chance: float = 0.0
    on: bool = False
    brought: tuple[int, ...] = ()

    def unseen(self, count: int, size: int) -> list[int]:
        """Return the ranks of what it brought that are on no page of `size` places over `count` ranked candidates."""
        return [rank for rank in self.brought if rank >= min(count, size)]


_NOTHING_RESERVED = Reserve()


@dataclass(frozen=True, slots=True)
class Placement:
    """The chances with which a page is changed at random; at most one of the two happens.

    slot_share: P(a random candidate is put at a random place but the first, and what stood there and below moves down
    by one): one that the reserved arm brought and that is not on the page, or where there is none another one from
    behind the page. swap_share:
    P(two random neighbours change places).
    """

    slot_share: float
    swap_share: float

    def possible(self, count: int, size: int, reserve: Reserve = _NOTHING_RESERVED) -> "Placement":
        """Return what of it can be on a page of `size` places over `count` ranked candidates.

        Where more than a page was found, something is there for the slot whether the reserved arm is on or not: P(slot)
        is taken over its draw, and is slot_share, unless the arm is on more often. On a page that nothing follows only
        what the arm brought can stand there, and nobody knows what it would have brought: its draw is taken as given.
        """
        if min(count, size - 1) < 1:  # it would stand first
            slot = 0.0
        elif count > size:
            slot = max(self.slot_share, reserve.chance)
        else:
            slot = float(reserve.on and bool(reserve.unseen(count, size)))
        return Placement(slot, min(self.swap_share, 1 - slot) if min(count, size) > 1 else 0.0)

    def order(self, count: int, size: int, rng: np.random.Generator, reserve: Reserve = _NOTHING_RESERVED) -> list[int]:
        """Draw the order in which candidates are shown, as 0-based ranks; `self` is what is possible there.

        What the reserved arm alone brought has the ranks behind all others. At most one of them is in the order.
        """
        order = list(range(count))
        drawn = rng.random()
        if count > size and not reserve.on:  # the part of [0, 1) in which it is on has the slot
            drawn = reserve.chance + (1 - reserve.chance) * drawn
        if self.slot_share and (reserve.on or drawn < self.slot_share):
            rows = (reserve.unseen(count, size) if reserve.on else []) or range(size, count)
            row = rows[int(rng.integers(len(rows)))]
            if row < count:
                order.pop(row)
            order.insert(int(rng.integers(1, min(size, count + 1))), row)
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
