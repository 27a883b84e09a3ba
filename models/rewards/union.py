"""The union of a logged page as columns, read once for all that compares the page with others."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from ltrr.models.records.impression import Impression
from ltrr.models.statistics.least_squares import Array

_BY_ID = attrgetter("object_id")
_DECIMALS = 6  # of scores; what is left of equal ones after a subtraction is rounding


class Union:
    """The candidates of an impression, in the order of their ids, and what each of some arms has brought of them.

    ids: of the candidates. scores, estimates, shown: shape (candidates,). looks: P(looked at) of what was shown, 1 of
    what was not; shape (candidates,). ranks, parts: the rank at which each arm has each candidate, infinity where it
    has not, and its part of the score; held: whether it has it; shape (candidates, arms). ranked: whether a candidate
    has a source that is not `reserved`, shape (candidates,).
    """

    def __init__(self, impression: Impression, arms: Sequence[str], reserved: str | None = None) -> None:
        candidates = sorted(impression.candidates, key=_BY_ID)
        self.ids = [one.object_id for one in candidates]
        self.scores = np.array([one.score for one in candidates], dtype=np.float64)
        self.estimates = np.array([one.estimate for one in candidates], dtype=np.float64)
        positions = np.array([one.position or 0 for one in candidates], dtype=np.intp)
        self.shown = positions > 0
        curve = np.array(impression.curve, dtype=np.float64)
        self.looks = np.ones(len(candidates))
        self.looks[self.shown] = curve[positions[self.shown] - impression.first_position]
        self._curve = curve[: impression.page_size]
        self._columns = {arm: column for column, arm in enumerate(arms)}
        column, width = self._columns.get, len(arms) + 1  # what other arms brought is in the last one
        brought = [(one.sources, one.contributions.get) for one in candidates]
        cells = np.array([column(source.arm, len(arms)) for sources, _ in brought for source in sources], dtype=np.intp)
        cells += np.repeat(np.arange(0, width * len(brought), width), [len(sources) for sources, _ in brought])
        every, parts = np.full((len(brought), width), np.inf), np.zeros((len(brought), width))
        every.ravel()[cells] = [source.rank for sources, _ in brought for source in sources]
        parts.ravel()[cells] = [part(source.arm, 0.0) for sources, part in brought for source in sources]
        held = np.isfinite(every)
        self.ranks, self.parts, self.held = every[:, :-1], parts[:, :-1], held[:, :-1]
        self.ranked = held[:, [*(name != reserved for name in arms), True]].any(axis=1)

    def brought_by(self, arms: Sequence[str]) -> tuple[Array, Array]:
        """Return ranks and parts of some of the arms; both of shape (candidates, arms)."""
        columns = [self._columns[arm] for arm in arms]
        return self.ranks[:, columns], self.parts[:, columns]

    def exposures(self, variants: Array) -> Array:
        """Return P(looked at) of each candidate when each variant of the scores is sorted; -inf is left out.

        variants: shape (variants, candidates); so is what is returned. Equal scores are sorted by id. That must not be
        the logged order: it still holds what a removed arm contributed, and a cold ranker, which knows ranks alone,
        leaves many scores equal.
        """
        order = np.argsort(-np.round(variants, _DECIMALS), axis=1, kind="stable")[:, : len(self._curve)]
        looks = np.zeros(variants.shape)
        looks[np.arange(len(variants))[:, None], order] = self._curve[: order.shape[1]]
        looks[variants == -np.inf] = 0.0
        return looks
