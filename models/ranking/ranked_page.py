"""Shown pages as the ranker learns from them: the rows of many of them at once."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Final

import numpy as np

from ltrr.models.ranking.layout import RankerLayout, context_crosses
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.statistics.least_squares import Array

_MARGIN: Final = 0.2  # in scores of the prior, which gives a query's words 1 in all, and a first rank about .06


class RankedPage:
    """A shown page; what it looks like in numbers is worked out when it is learned.

    looks: object id -> P(looked at). group: of its visitor, see group_of. key: the same for pages of one impression and
    its looks, while these are held.
    """

    def __init__(self, layout: RankerLayout, impression: Impression, looks: Mapping[str, float], group: int) -> None:
        self.layout = layout
        self.impression = impression
        self.looks = looks
        self.group = group
        self.time_s = impression.time_s
        self.key = id(impression), id(looks)

    @cached_property
    def shown(self) -> list[Candidate]:
        """Return what can be looked at, one for each row."""
        return [candidate for candidate in self.impression.candidates if candidate.object_id in self.looks]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Return the row of each object id."""
        return {candidate.object_id: row for row, candidate in enumerate(self.shown)}


class PageRows:
    """The rows of pages, one behind the other; each page has some.

    starts, counts: of each page, its first row and how many it has. looks: P(looked at), shape (rows,). design: shape
    (rows, columns).
    """

    def __init__(self, layout: RankerLayout, pages: Sequence[RankedPage]) -> None:
        counts = [len(page.shown) for page in pages]
        self.counts = np.array(counts)
        self.starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.looks = np.array([page.looks[one.object_id] for page in pages for one in page.shown], dtype=np.float64)
        raw = [
            layout.logged(names, [candidate.features for page in alike for candidate in page.shown])
            for names, alike in groupby(pages, lambda page: page.impression.feature_names)
        ]
        crosses = np.array([context_crosses(page.impression.context) for page in pages])
        self.design = layout.crossed(np.concatenate(raw), np.repeat(crosses, counts, axis=0))


class Comparisons:
    """Each row of some pages beside each other row of its page: differences of features, over how far apart they stand.

    What was taken is better, by 1, than what was looked at beside it. The difference of their features is divided by
    that of their scores by the prior, or by `_MARGIN` where these are closer. So the prior has foreseen, to the full 1,
    all that agrees with it, however far apart that is: such a page leaves the weights where they are. What lies close
    together, or is taken against the order, moves them.

    prior: of the weights, shape (columns,). pages: which of those of the rows. inside: which of the places are on a
    page, where each has as many as the longest; looks: P(looked at), 0 outside; shape (pages, places).
    """

    def __init__(self, rows: PageRows, prior: Array, pages: Sequence[int]) -> None:
        counts, starts = rows.counts[pages], rows.starts[pages]
        places = np.arange(counts.max())
        self.inside = places < counts[:, None]
        self._at = np.where(self.inside, starts[:, None] + places, 0)
        self._design = np.where(self.inside[:, :, None], rows.design[self._at], 0.0)
        self.looks = looks = self.placed(rows.looks)
        scores = (rows.design @ prior)[self._at]
        self._apart = np.maximum(np.abs(scores[:, :, None] - scores[:, None, :]), _MARGIN)
        self._beside = (looks / looks.sum(axis=1, keepdims=True))[:, None, :] / self._apart

    def placed(self, of_rows: Array) -> Array:
        """Return numbers of rows at the places of the pages; shape (pages, places)."""
        return np.where(self.inside, of_rows[self._at], 0.0)

    def responses(self, gained: Array) -> Array:
        """Return the sum of differences of each page, weighted by what its places gained; shape (pages, columns).

        gained: shape (pages, places).
        """
        better = gained[:, :, None] * self._beside
        net = better.sum(axis=2) - better.sum(axis=1)
        return np.asarray((net[:, None, :] @ self._design)[:, 0])

    def moment(self, gained: Array) -> Array:
        """Return the sum of the squares of differences of all pages, weighted likewise; shape (columns, columns)."""
        edges = gained[:, :, None] * self._beside / self._apart
        edges += edges.transpose(0, 2, 1)
        apart = edges.sum(axis=2)[:, :, None] * self._design - edges @ self._design
        moment = np.tensordot(self._design, apart, axes=((0, 1), (0, 1)))
        return np.asarray((moment + moment.T) / 2)  # exactly symmetric
