"""The online ranker: it starts as the order of retrieval and leaves it for what pages with an action say."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ltrr.models.memory.query_memory import GROUPS
from ltrr.models.ranking.blind_clicks import BESIDE, blind_sums, seeing
from ltrr.models.ranking.groups import GroupedSums, shares
from ltrr.models.ranking.layout import FREE_GROUPS, RankerLayout
from ltrr.models.ranking.ranked_page import Comparisons, PageRows, RankedPage
from ltrr.models.rewards.credit import MOST_GAIN, counted_share
from ltrr.models.statistics.bounded import solve_rising
from ltrr.models.statistics.decay import Decay, aligned
from ltrr.models.statistics.least_squares import Array, gram, solved

_SCALE: Final = 0.5  # standard deviation of the slope of the clicks, whose mean is 1
_ALONG: Final = 0.25  # that of the slope of the weights, which clicks on some queries are not to turn for all
_USUAL_SLOPE: Final = 0.4  # below it clicks are taken to tell of everything as little as they do of the order
_LEAST_SCALE: Final = 0.025
_POINT_PRECISION: Final = 3.0


@dataclass(frozen=True, slots=True)
class RankedUnion:
    """Scores of a union, best first: order into the input rows, and everything else in that order.

    scores, estimates: shape (n,); contributions: arm -> shape (n,), its additive part of the score;
    groups: the same of features that cost no call, where they are known.
    """

    order: NDArray[np.intp]
    scores: Array
    estimates: Array
    contributions: Mapping[str, Array]
    groups: Mapping[str, Array] = field(default_factory=dict)


class _Learned(NamedTuple):
    """What waits to be learned of a page: that it counts more by `growth`, or what it gained until now, and before."""

    page: RankedPage
    growth: float = 0.0
    values: Mapping[str, float] = MappingProxyType({})
    before: Mapping[str, float] = MappingProxyType({})
    weight: float = 0.0


class Ranker:
    """Two least-squares models of one set of columns, from sums that add up; rankers of the same layout can be added.

    `pair` gives the order. It compares what was taken with what was looked at beside it, within pages that have an
    action: a page without one says nothing of what is better than what. Its weights start as the layout's prior, and
    differences are measured by how far that has them apart (see Comparisons): pages that agree with the order of
    retrieval keep it, whatever they ask for, and to depart from it takes as much data as `prior_precision`, and the
    more of it the firmer the layout holds a column. How far clicks agree with it at all, the slope, the data say soon.
    Where that is little the prior is scaled down as a whole: clicks that agree with the order little more than by
    chance say as little of all else, and their luck must not outweigh what is left of it. What rises with a match or
    with a better rank in a list never has a weight below 0, so that none lowers a score. What a page gained counts up
    to `most_gain` in all, and the less the more of it was taken: a page of which everything was taken says no more of
    what is better than what than one of which nothing was.
    Beside it stands how much of it all was clicked blindly, and that teaches nothing.

    `point` gives the estimate: an entity's value once it is looked at, from targets value / P(looked at) weighted by
    P(looked at), so that it is calibrated. It learns from all pages and has no say in the order.

    Both keep what pages have gained apart for groups of visitors, and do not hear one that says far more than others
    (see `shares`): one visitor does not turn what is learned of all, however often he searches.

    Actions of a page enter as the difference that they make, so that the sums depend on no order of events. What is
    learned waits until somebody asks for the sums, which then take all of it as one matrix product.

    Source: Joachims et al. 2017 (inverse propensity), Pahikkala et al. 2009 (pairwise least squares).
    """

    def __init__(
        self,
        layout: RankerLayout,
        half_life_s: float = math.inf,
        prior_precision: float = 40.0,
        most_gain: float = MOST_GAIN,
    ) -> None:
        self.layout = layout
        self.most_gain = most_gain
        self.decay = Decay(half_life_s)
        self.prior_precision = prior_precision
        columns = len(layout.columns)
        self._sums = GroupedSums(columns), GroupedSums(columns, columns + BESIDE)
        self._waiting: list[_Learned] = []
        self._others: tuple[Ranker, ...] = ()
        self._order: Array | None = None  # weights, where nothing was learned that changes them
        self._point: Array | None = None

    @property
    def point(self) -> GroupedSums:
        """Return the sums of the estimate, weighted by looks."""
        self.settle()
        return self._sums[0]

    @property
    def pair(self) -> GroupedSums:
        """Return the sums of the order, weighted by what was taken; further ones tell how blindly (see blind_sums)."""
        self.settle()
        return self._sums[1]

    @property
    def weights(self) -> Array:
        """Return the weights of the order; shape (columns,)."""
        if self._order is None:
            self._order = self._solved_order()
        return self._order

    def estimates(self, design: Array) -> Array:
        """Return the value in [0, 1] of candidates once they are looked at. design: shape (candidates, columns)."""
        return np.asarray(np.clip(design @ self._estimate(), 0.0, 1.0))

    def rank(self, raw: Array, context: Mapping[str, float]) -> RankedUnion:
        """Sort a union. raw: the layout's features, shape (candidates, features)."""
        design = self.layout.expand(raw, context)
        scores = design @ self.weights
        order = np.argsort(-scores, kind="stable")
        parts = self.layout.contributions(design, self.weights)[order]
        free = self.layout.group_parts(design, self.weights)[order]
        return RankedUnion(
            order=order,
            scores=scores[order],
            estimates=self.estimates(design)[order],
            contributions={arm: parts[:, column] for column, arm in enumerate(self.layout.arms)},
            groups={group: free[:, column] for column, group in enumerate(FREE_GROUPS)},
        )

    def examine(self, page: RankedPage, weight: float = 1.0) -> None:
        """Learn that a page was shown. weight: how much it counts, or what is added to that, in [0, 1]."""
        if weight and page.rows:  # what adds nothing must not move the epoch: that would depend on the reading order
            self._wait(_Learned(page, growth=weight))

    def act(
        self, page: RankedPage, values: Mapping[str, float], before: Mapping[str, float], weight: float = 1.0
    ) -> None:
        """Learn what the entities of a page have gained in actions so far. before: what was learned of it.

        weight: how much the page counts, in [0, 1].
        """
        if weight and any(values.values()):
            self._wait(_Learned(page, 0.0, dict(values), dict(before), weight))

    def _wait(self, learned: _Learned) -> None:
        self._waiting.append(learned)
        self._point = None
        if learned.values:  # pages alone say nothing of what is better than what
            self._order = None

    def settle(self) -> None:
        """Let the sums take what waits."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        point, pair = self._sums
        point.move(self.decay.epoch(max(learned.page.time_s for learned in waiting)))
        acted_s = [learned.page.time_s for learned in waiting if learned.values]
        if acted_s:
            pair.move(self.decay.epoch(max(acted_s)))
        pages = {learned.page.key: learned.page for learned in waiting}
        rows = PageRows(self.layout, list(pages.values()))
        places = {
            key: (place, start) for place, (key, start) in enumerate(zip(pages, rows.starts.tolist(), strict=True))
        }
        shown, acted = [0.0] * len(pages), set[int]()
        valued, ordered = ([0.0] * len(rows.looks) for _ in self._sums)
        for learned in waiting:
            page = pages[learned.page.key]  # one of those that are the same, so that it is looked through once
            _, growth, values, before, weight = learned
            place, start = places[page.key]
            shown[place] += growth * self.decay.weight(page.time_s, point.epoch)
            if not values:
                continue
            acted.add(place)
            to_point, to_pair = (weight * self.decay.weight(page.time_s, sums.epoch) for sums in self._sums)
            (tells, gained), (told, known) = self._taken(page, values), self._taken(page, before)
            for row in gained | known:
                now, then = gained.get(row, 0.0), known.get(row, 0.0)
                # target value / look at weight look: the weight cancels
                valued[start + row] += (now - then) * to_point
                ordered[start + row] += (tells * now - told * then) * to_pair
        groups, looks = np.array([page.group for page in pages.values()]), np.repeat(shown, rows.counts) * rows.looks
        said = np.column_stack([rows.design * np.array(valued)[:, None], looks])
        point.add(gram(rows.design, looks), groups, np.add.reduceat(said, rows.starts))
        if acted:
            at = sorted(acted)
            compared = Comparisons(rows, self.layout.prior, at)
            taken = compared.placed(np.array(ordered))
            said = np.column_stack([compared.responses(taken), taken.sum(axis=1), blind_sums(compared, taken)])
            pair.add(compared.moment(taken), groups[at], said)

    def restore(self, point: GroupedSums, pair: GroupedSums) -> None:
        """Take over sums that were learned before."""
        self._sums, self._waiting = (point, pair), []
        self._order = self._point = None

    def informed(self, others: Sequence["Ranker"]) -> "Ranker":
        """Return this ranker, to be read only, with what others of the same layout have learned as prior mean."""
        view = Ranker(self.layout, self.decay.half_life_s, self.prior_precision, self.most_gain)
        view.restore(self.point, self.pair)
        view._others = tuple(others)
        return view

    def unlearned(self) -> "Ranker":
        """Return this ranker, to be read only, with the order of retrieval alone; the estimates are those learned."""
        view = Ranker(self.layout, self.decay.half_life_s, self.prior_precision, self.most_gain)
        view._order, view._point = self.layout.retrieval, self._estimate()
        return view

    def __add__(self, other: "Ranker") -> "Ranker":
        """Return the ranker that has learned what both have."""
        merged = Ranker(self.layout, self.decay.half_life_s, self.prior_precision, self.most_gain)
        merged.decay = self.decay
        merged.restore(self.point + other.point, self.pair + other.pair)
        return merged

    def _taken(self, page: RankedPage, values: Mapping[str, float]) -> tuple[float, dict[int, float]]:
        """Return how much a page tells of what is better, and what counts of what its rows have gained."""
        gained = {page.rows[one]: value for one, value in values.items() if value and one in page.rows}
        share = counted_share(sum(gained.values()), self.most_gain)
        return _telling(len(gained), len(page.rows)), {row: share * value for row, value in gained.items()}

    def _solved_order(self) -> Array:
        order = self.layout.prior
        for rankers in (self._others, (self,)):
            pairs = GroupedSums.sum(one.pair for one in rankers)
            if pairs is not None:
                moment, said = pairs.heard(_shares(rankers))
                response, _, blind = np.split(said, [len(order), len(order) + 1])
                order = self._ordering(*seeing(moment, response, blind), order)
        return order

    def _estimate(self) -> Array:
        """Return the weights of the estimate."""
        if self._point is None:
            point = np.zeros(len(self.layout.columns))
            for rankers in (self._others, (self,)):
                points = GroupedSums.sum(one.point for one in rankers)
                if points is not None:
                    moment, said = points.heard(_shares(rankers))
                    point = solved(moment, said[: len(point)], _POINT_PRECISION, point)
            self._point = point
        return self._point

    def _ordering(self, moment: Array, response: Array, mean: Array) -> Array:
        """Return the weights of the order. mean: of their prior, which is weaker along the layout's than across."""
        prior, precision = self.layout.prior, self.prior_precision * self.layout.held
        pull = precision * prior
        belief = np.diag(precision) - _ALONG**2 / (1 + _ALONG**2 * float(pull @ prior)) * np.outer(pull, pull)
        slope = (1 / _SCALE**2 + float(response @ mean)) / (1 / _SCALE**2 + float(mean @ moment @ mean))
        scale = min(1.0, max(_LEAST_SCALE, slope / _USUAL_SLOPE))
        belief /= scale**2
        return solve_rising(moment + belief, response + belief @ (scale * mean), self.layout.rising)


def _shares(rankers: Sequence[Ranker]) -> Array:
    """Return the share of each group that counts, by what its pages gained: the response of the estimate's bias."""
    known = aligned(one.point for one in rankers)[1]
    return shares(sum((factor * points.said[:, 0] for factor, points in known), np.zeros(GROUPS)))


def _telling(taken: int, shown: int) -> float:
    """Return how much a page tells of what is better than what: 1 where one entity gained, 0 where none or all did."""
    return (shown - taken) / (shown - 1) if taken and shown > 1 else 0.0
