"""Shown pages as the ranker learns from them: the rows of many of them at once."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby

import numpy as np

from ltrr.models.ranking.layout import RankerLayout, context_crosses
from ltrr.models.records.impression import Candidate, Impression


class RankedPage:
    """A shown page; what it looks like in numbers is worked out when it is learned.

    looks: object id -> P(looked at). key: the same for pages of one impression and its looks, while these are held.
    """

    def __init__(self, layout: RankerLayout, impression: Impression, looks: Mapping[str, float]) -> None:
        self.layout = layout
        self.impression = impression
        self.looks = looks
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
    (rows, columns); centred: minus the mean over the row's page weighted by looks.
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
        looked = np.add.reduceat(self.looks, self.starts)[:, None]
        means = np.add.reduceat(self.design * self.looks[:, None], self.starts) / looked
        self.centred = self.design - np.repeat(means, counts, axis=0)
