"""What searches have earned beside what the baseline would have, watched as they are learned."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ltrr.models.baseline.page import BASELINE, COLUMNS
from ltrr.models.statistics.decay import Decay, DecayedSums, aligned
from ltrr.models.statistics.least_squares import Array

LEAST_PAGES: Final = 50.0
LEAST_ACTED: Final = 10.0
"""Effective pages that must tell of the baseline, and that must have actions, for an estimate to be trusted."""

LEAST_SHARE: Final = 0.5
"""Of first pages that must be compared for what they say to be said of all: others left the baseline for good."""

MATTERS: Final = 0.02
"""The smallest difference that matters, as a share of what the baseline earns: the price of exploring is less."""

MOST_GUESSED: Final = 0.5
"""The share of what a page beside would earn that may be a guess of the ranker, of what was not shown."""

UNCOMPARED: Final = np.eye(1, len(COLUMNS), COLUMNS.index("planned"))[0]
"""The row of a planned page that says nothing of the baseline."""

_NORMAL_95: Final = 1.959964


class Standing(StrEnum):
    """What an interval says: more is earned, less that matters, no loss that matters, or nothing yet."""

    BETTER = "better"
    WORSE = "worse"
    ALIKE = "alike"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Difference:
    """Net reward for each page as searches were served, less the baseline's, with the ends of its 95% interval.

    matters: the smallest difference, either way, that is a reason to do anything; >= 0.
    """

    value: float
    low: float
    high: float
    matters: float

    @property
    def standing(self) -> Standing:
        """Return what the whole interval says."""
        if self.low > 0:
            return Standing.BETTER
        if self.high < -self.matters:
            return Standing.WORSE
        return Standing.ALIKE if self.low >= -self.matters else Standing.UNDECIDED


class BaselineRegret(DecayedSums):
    """Sums of the rows of `BaselinePage`, and of their products; they can be added.

    plan: the baseline, arm -> candidates; sums beside another one are not taken over. sums: shape (columns,);
    products: shape (columns, columns); both decayed to `epoch` (see Decay), by the time of the page. An action replaces
    its page's row.

    What was served is a mean over all pages that are compared, the baseline a mean over those that know its page, each
    as often as it speaks for others (self-normalised). Estimates of what was not shown count as far as those of what
    was shown came true, in the mean: of visitors who never act nothing is expected. The interval is that of a function
    of means, to first order (delta method); what pages have in common, most of it where plans hold the baseline, is in
    the products, and leaves it narrow. Source: Swaminathan and Joachims 2015.
    """

    def __init__(self, plan: Mapping[str, int], decay: Decay) -> None:
        self.plan = plan
        self.decay = decay
        self.sums = np.zeros(len(COLUMNS))
        self.products = np.zeros((len(COLUMNS), len(COLUMNS)))
        self.epoch = 0

    def learn_one(self, row: Array, time_s: float, previous: Array | None = None, voice: float = 1.0) -> None:
        """Learn the row of a page, or replace a previous one of the same page. voice: how much it counts, in [0, 1].

        A page that is not compared is `UNCOMPARED`.
        """
        weight = voice * self.reach(self.decay, time_s)  # moves the sums
        now = weight * row
        self.sums += now
        self.products += now * now[:, None]
        if previous is not None:
            then = weight * previous
            self.sums -= then
            self.products -= then * then[:, None]

    @property
    def planned(self) -> float:
        """Return how many first pages of a plan were shown, as an effective number."""
        return self._effective("planned")

    @property
    def pages(self) -> float:
        """Return how many of them are compared, as an effective number."""
        return self._effective("pages")

    @property
    def share(self) -> float:
        """Return the share of a plan's first pages that are compared, in [0, 1]."""
        planned, compared = self.sums[:2].tolist()
        return compared / planned if planned > 0 else 0.0

    def known(self, side: str = BASELINE) -> float:
        """Return how many pages tell of one of SIDES, as an effective number."""
        return self._effective(f"{side}_weight")

    def doubt(self, side: str = BASELINE) -> str | None:
        """Say why there is no verdict on one of SIDES, None where there is one."""
        if not self.plan:
            return "there is no baseline"
        if self.known(side) < LEAST_PAGES:
            return f"not enough pages that tell of the baseline: {math.floor(self.known(side))} of {LEAST_PAGES:.0f}"
        if (acted := self._effective("seen")) < LEAST_ACTED:
            return f"not enough pages that have actions: {math.floor(acted)} of {LEAST_ACTED:.0f}"
        if (guessed := self.guessed(side)) > MOST_GUESSED:
            return f"{guessed:.0%} of what these pages would earn is a guess, of what was not shown"
        return None

    def guessed(self, side: str = BASELINE) -> float:
        """Return the share of what one of SIDES would earn that is a guess, in [0, 1]."""
        _, seen, expected, *_, base_seen, base_guessed = self.sums[_columns(side)].tolist()
        guess = base_guessed * seen / expected if expected > 0 else 0.0
        return guess / (base_seen + guess) if guess > 0 else 0.0

    def difference(self, price_weight: float, side: str = BASELINE) -> Difference | None:
        """Return the estimate beside one of SIDES as of now, None where there is no verdict. price_weight: lambda."""
        if self.doubt(side) is not None:
            return None
        at = _columns(side)
        pages, seen, expected, guessed, price, weight, base_seen, base_guessed = self.sums[at].tolist()
        rate = seen / expected if expected > 0 else 0.0
        served = (seen + rate * guessed - price_weight * price) / pages
        baseline = (base_seen + rate * base_guessed) / weight
        by_rate = (guessed / pages - base_guessed / weight) / expected if expected > 0 else 0.0
        slopes = np.array(
            [
                -served / pages,
                1 / pages + by_rate,
                -rate * by_rate,
                rate / pages,
                -price_weight / pages,
                baseline / weight,
                -1 / weight,
                -rate / weight,
            ]
        )
        reach = _NORMAL_95 * math.sqrt(max(0.0, float(slopes @ self.products[np.ix_(at, at)] @ slopes)))
        difference = served - baseline
        return Difference(difference, difference - reach, difference + reach, MATTERS * max(0.0, baseline))

    def restore(self, plan: Mapping[str, int], sums: Array, products: Array, epoch: int) -> None:
        """Take over sums of the same columns that were learned beside the same plan; others begin anew."""
        if plan == self.plan and sums.shape == self.sums.shape and products.shape == self.products.shape:
            self.sums, self.products, self.epoch = sums, products, epoch

    def __add__(self, other: "BaselineRegret") -> "BaselineRegret":
        """Return the sums of both, at the later of both epochs."""
        merged = BaselineRegret(self.plan, self.decay)
        merged.epoch, known = aligned((self, other))
        for factor, one in known:
            merged.sums += factor * one.sums
            merged.products += factor**2 * one.products
        return merged

    def is_empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self.sums[0]

    def _scale(self, factor: float) -> None:
        self.sums *= factor
        self.products *= factor**2

    def _effective(self, column: str) -> float:
        """Return (sum of a column)^2 / sum of its squares, 0 where all are 0. Source: Kish 1965."""
        at = COLUMNS.index(column)
        squares = float(self.products[at, at])
        return float(self.sums[at] ** 2 / squares) if squares > 0 else 0.0


def _columns(side: str) -> list[int]:
    """Return the places of the columns of what was shown and, behind them, of those of one of SIDES."""
    shown = [at for at, name in enumerate(COLUMNS) if "_" not in name and name != "planned"]
    return [*shown, *(at for at, name in enumerate(COLUMNS) if name.startswith(f"{side}_"))]
