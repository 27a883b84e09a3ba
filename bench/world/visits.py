"""Who comes to the world: the same queries, looks and likes for every policy."""

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.world.arms import TYPES
from ltrr.bench.world.world import CURVE, PAGE, POOL, World

CONTEXT_NAMES = ("bias", *(f"seems_{name}" for name in TYPES), "length", "hour")
LATEST = 300
"""Visits after which no action of a page comes any more."""


class Visits:
    """The random numbers of some visits, drawn before any plan is: common to all policies.

    queries: which query of the world, (visits,). contexts: what is seen of it, its type through noise and two
    features that say nothing, (visits, features). A visitor looks at each position by a chance of its own (the
    position-based model), acts on what is looked at by the entity's appeal, and `delays` visits later.
    """

    def __init__(self, world: World, seed: int, count: int) -> None:
        rng = np.random.default_rng([seed, 3])
        self.queries = rng.choice(len(world.shares), count, p=world.shares)
        seems = (world.type_of[self.queries][:, None] == np.arange(len(TYPES))) + rng.normal(
            0, 0.1, (count, len(TYPES))
        )
        self.contexts = np.column_stack([np.ones(count), seems, rng.uniform(-1, 1, (count, 2))])
        self._looks = rng.random((count, PAGE)) < CURVE
        self._likes = rng.random((count, POOL))
        self.delays = np.minimum(rng.exponential(40.0, (count, PAGE)).astype(np.intp) + 1, LATEST - 1)

    def acted(self, visit: int, world: World, order: NDArray[np.intp]) -> list[int]:
        """Return the 0-based positions of a page that are acted on. order: the entities shown, in order."""
        likes = self._likes[visit, order] < world.appeal[self.queries[visit], order]
        return [int(place) for place in np.flatnonzero(likes & self._looks[visit, : len(order)])]
