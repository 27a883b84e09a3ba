"""The union of a logged page as columns, read once for all that compares the page with others."""

from collections.abc import Sequence

import numpy as np

from ltrr.models.records.impression import Impression
from ltrr.models.statistics.least_squares import Array

_DECIMALS = 6  # of scores; what is left of equal ones after a subtraction is rounding


class Union:
    """The candidates of an impression, in its order, and what each of some arms has brought of them.

    ids: of the candidates. scores, estimates, shown: shape (candidates,). looks: P(looked at) of what was shown, 1 of
    what was not; shape (candidates,). ranks, parts: the rank at which each arm has each candidate, infinity where it
    has not, and its part of the score; shape (candidates, arms). ranked: whether a candidate has a source that is not
    `reserved`, shape (candidates,).
    """

    def __init__(self, impression: Impression, arms: Sequence[str], reserved: str | None = None) -> None:
        candidates = impression.candidates
        self.ids = [candidate.object_id for candidate in candidates]
        self.scores = np.array([candidate.score for candidate in candidates], dtype=np.float64)
        self.estimates = np.array([candidate.estimate for candidate in candidates], dtype=np.float64)
        looks = impression.looks()
        self.looks = np.array([looks.get(object_id, 1.0) for object_id in self.ids], dtype=np.float64)
        self.shown = np.array([candidate.position is not None for candidate in candidates], dtype=bool)
        self._columns = {arm: column for column, arm in enumerate(arms)}
        self._curve = np.array(impression.curve[: impression.page_size])
        self._by_id = np.array(sorted(range(len(self.ids)), key=self.ids.__getitem__), dtype=np.intp)
        column, width = self._columns.get, len(self._columns) + 1  # what other arms brought is in the last one
        cells, ranks, parts = [], [], []
        for row, candidate in enumerate(candidates):
            contributions = candidate.contributions
            for source in candidate.sources:
                cells.append(row * width + column(source.arm, width - 1))
                ranks.append(source.rank)
                parts.append(contributions.get(source.arm, 0.0))
        shape = len(candidates), width
        every, self.parts = np.full(shape, np.inf), np.zeros(shape)
        every.ravel()[cells], self.parts.ravel()[cells] = ranks, parts
        self.ranks, self.parts = every[:, :-1], self.parts[:, :-1]
        of_ranked = [name != reserved for name in arms] + [True]
        self.ranked = np.isfinite(every[:, of_ranked]).any(axis=1)

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
        scores = variants[:, self._by_id]
        order = np.argsort(-np.round(scores, _DECIMALS), axis=1, kind="stable")[:, : len(self._curve)]
        every = np.arange(len(variants))[:, None]
        looks = np.zeros_like(variants)
        looks[every, self._by_id[order]] = self._curve[: order.shape[1]]
        looks[np.isneginf(variants)] = 0.0
        return looks
